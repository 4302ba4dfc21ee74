# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

from .conftest import REGION, Story


def change_behind_its_back(sandbox):
    awslambda = sandbox.client("lambda", REGION)
    awslambda.update_function_configuration(FunctionName="example", Timeout=9, Environment={"Variables": {}})
    arn = awslambda.get_function(FunctionName="example")["Configuration"]["FunctionArn"]
    awslambda.untag_resource(Resource=arn, TagKeys=["Environment"])


def test_story(modules, function_role, function_source, tmp_path):
    other = tmp_path / "other.py"
    other.write_text("ANSWER = 42\n")
    modules.tell(
        Story(
            module="lambda_function",
            returns="function",
            identity={"name": "example"},
            present={
                "source_paths": [str(function_source)],
                "runtime": "python3.13",
                "handler": "report.main.handler",
                "role": function_role,
                "architecture": "arm64",
                "timeout": 60,
                "environment_variables": {"TABLE": "example", "SECONDS": 60},
                "tags": {"Environment": "test", "Owner": "web"},
            },
            changes=(
                {"memory_size": 256, "description": "A report", "environment_variables": {"TABLE": "another"}},
                {"source_paths": [str(function_source), str(other)]},
                {"reserved_concurrent_executions": 2, "tags": {"Environment": "changed"}},
                {"reserved_concurrent_executions": -1},
            ),
            drift=change_behind_its_back,
            unpredictable=frozenset({"function_arn"}),
        )
    )


def test_what_a_new_one_lacks_is_said(modules, function_source):
    said = modules.attempt("lambda_function", name="example", source_paths=[str(function_source)], handler="a.b")
    assert said["msg"].endswith("give runtime and role.")
    said = modules.attempt("lambda_function", name="example", source_paths=[str(function_source / "none")])
    assert "does not exist" in said["msg"]
