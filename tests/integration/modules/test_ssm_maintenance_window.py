# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A maintenance window with its targets and tasks."""

from .conftest import REGION, Story

NAME = "example-scan"
TARGET = {"name": "production", "targets": {"tag:PatchGroup": ["production"]}}
TASK = {
    "name": "scan",
    "task_arn": "AWS-RunPatchBaseline",
    "target_names": ["production"],
    "max_concurrency": "20%",
    "max_errors": "10%",
    "run_command": {
        "parameters": {"Operation": "Scan"},
        "timeout_seconds": 600,
        "notification_arn": f"arn:aws:sns:{REGION}:123456789012:example-hosts",
        "notification_events": ["Failed"],
        "notification_type": "Invocation",
        "service_role_arn": "arn:aws:iam::123456789012:role/example-notify",
    },
}
FUNCTION = {
    "name": "tell",
    "task_type": "LAMBDA",
    "task_arn": f"arn:aws:lambda:{REGION}:123456789012:function:example",
    "priority": 5,
    "lambda": {"payload": '{"a": 1}'},
}


def one(ssm):
    (found,) = ssm.describe_maintenance_windows(Filters=[{"Key": "Name", "Values": [NAME]}])["WindowIdentities"]
    return found["WindowId"]


def drift(sandbox):
    ssm = sandbox.client("ssm", REGION)
    window = one(ssm)
    ssm.update_maintenance_window(WindowId=window, Duration=20)
    (task,) = [
        each for each in ssm.describe_maintenance_window_tasks(WindowId=window)["Tasks"] if each["Priority"] == 5
    ]
    ssm.deregister_task_from_maintenance_window(WindowId=window, WindowTaskId=task["WindowTaskId"])
    ssm.register_target_with_maintenance_window(
        WindowId=window, ResourceType="INSTANCE", Targets=[{"Key": "InstanceIds", "Values": ["i-12345678"]}]
    )


def without_ids(state):
    """A window without what AWS chooses."""
    return {
        **{name: value for name, value in state.items() if name != "window_id"},
        "targets": [{**each, "window_target_id": None} for each in state.get("targets", [])],
        "tasks": [{**each, "window_task_id": None} for each in state.get("tasks", [])],
    }


STORY = Story(
    module="ssm_maintenance_window",
    returns="maintenance_window",
    identity={"name": NAME},
    present={
        "schedule": "cron(0 2 * * ? *)",
        "schedule_timezone": "Asia/Tokyo",
        "duration": 3,
        "cutoff": 1,
        "targets": [TARGET],
        "tasks": [TASK],
        "tags": {"Environment": "production"},
    },
    changes=(
        {"schedule_timezone": "", "enabled": False, "tasks": [{**TASK, "max_errors": "5"}, FUNCTION]},
        {"targets": [TARGET, {"name": "other", "targets": {"tag:PatchGroup": ["a", "b"]}, "owner_information": "me"}]},
        {"targets": [TARGET], "tags": {}},
    ),
    drift=drift,
    unpredictable=frozenset({"window_id", "targets", "tasks"}),
)


def test_story(modules):
    modules.tell(STORY)


def test_what_is_in_aws(modules, sandbox):
    arguments = {"name": NAME, **STORY.present}
    foretold = modules.run("ssm_maintenance_window", check=True, **arguments)
    done = modules.run("ssm_maintenance_window", **arguments)
    assert without_ids(foretold["maintenance_window"]) == without_ids(done["maintenance_window"])

    ssm = sandbox.client("ssm", REGION)
    window = one(ssm)
    (target,) = ssm.describe_maintenance_window_targets(WindowId=window)["Targets"]
    (listed,) = ssm.describe_maintenance_window_tasks(WindowId=window)["Tasks"]
    task = ssm.get_maintenance_window_task(WindowId=window, WindowTaskId=listed["WindowTaskId"])
    assert task["Targets"] == [{"Key": "WindowTargetIds", "Values": [target["WindowTargetId"]]}]
    how = task["TaskInvocationParameters"]["RunCommand"]
    assert how["Parameters"] == {"Operation": ["Scan"]}
    assert how["NotificationConfig"]["NotificationEvents"] == ["Failed"]

    refused = modules.attempt("ssm_maintenance_window", name=NAME, targets=[])
    assert "The task scan names the target production, which the window does not have" in refused["msg"]
    assert "Make cutoff less" in modules.attempt("ssm_maintenance_window", name=NAME, cutoff=3)["msg"]
    assert "schedule and duration" in modules.attempt("ssm_maintenance_window", name="example-new")["msg"]
    kept = modules.run("ssm_maintenance_window", name=NAME, tasks=[FUNCTION], purge_tasks=False)
    assert [each["name"] for each in kept["maintenance_window"]["tasks"]] == ["scan", "tell"]
    ssm.create_maintenance_window(
        Name=NAME, Schedule="rate(1 day)", Duration=2, Cutoff=1, AllowUnassociatedTargets=False
    )
    assert "2 have the name of" in modules.attempt("ssm_maintenance_window", name=NAME)["msg"]
