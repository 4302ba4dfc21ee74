# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The report of how hosts stand with their patches."""

from __future__ import annotations

from ansible_collections.wellarchitected.aws.plugins.plugin_utils.patches import report

COUNTS = dict.fromkeys(
    ("missing_count", "failed_count", "installed_pending_reboot_count", "critical_non_compliant_count"), 0
)


def host(number: int, **facts) -> dict:
    times = {"operation_start_time": "2026-05-04T03:12:40+00:00", "operation_end_time": "2026-05-04T03:13:20+00:00"}
    state = {"instance_id": f"i-{number}", "scanned": True, "compliant": True, "patch_group": "", "severities": {}}
    return {**state, **COUNTS, **times, **facts}


NEVER = {"scanned": False, "compliant": False, "operation_start_time": None, "operation_end_time": None}
INSTANCES = [
    {"instance_id": "i-1", "tags": {"Name": "web-1", "PatchGroup": "shop"}},
    {"instance_id": "i-2", "tags": {"Name": "web-2"}},
    {"instance_id": "i-3", "tags": {}},
]


def test_no_hosts():
    assert report([], []) == ["There are no hosts."]


def test_the_worst_comes_first_and_what_is_missing_is_told_by_severity():
    lacking = {"compliant": False, "missing_count": 12, "critical_non_compliant_count": 2}
    hosts = [host(1), host(2, **NEVER), host(3, **lacking, severities={"Low": 10, "Critical": 1, "": 1})]
    assert report(hosts, INSTANCES) == [
        "host  name   patch group  missing  failed  pending reboot  last scan",
        "i-3                            12       0               0  2026-05-04 03:13",
        "i-2   web-2                     ?       ?               ?  never",
        "i-1   web-1  shop               0       0               0  2026-05-04 03:13",
        "",
        "Missing or failed, by severity:",
        "host  Critical  Low  unknown",
        "i-3          1   10        1",
        "",
        "Of 3 hosts 1 has all patches; 1 was never scanned.",
    ]


def test_hosts_that_are_as_they_should_be():
    assert report([host(1), host(2)], INSTANCES)[-1] == "Of 2 hosts 2 have all patches."
