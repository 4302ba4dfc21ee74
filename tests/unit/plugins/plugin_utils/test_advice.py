# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

from ansible_collections.wellarchitected.aws.plugins.plugin_utils.advice import report, summary


def check(category, name, status, *resources, savings=0.0):
    return {
        "category": category,
        "name": name,
        "status": status,
        "estimated_monthly_savings": savings,
        "flagged_resources": list(resources),
    }


def resource(cost=None, status="warning", region="eu-west-1", **details):
    named = {name.replace("_", " "): value for name, value in details.items()}
    return {"resource_id": "hash", "status": status, "region": region, "monthly_cost": cost, "details": named}


COSTS = [
    check("cost_optimizing", "Idle Load Balancers", "warning", resource(18.0, Load_Balancer_Name="old"), savings=18.0),
    check("cost_optimizing", "Low Utilization Amazon EC2 Instances", "warning", resource(1234.5, Instance_ID="i-1")),
    check(
        "cost_optimizing", "Unassociated Elastic IP Addresses", "warning", resource(IP_Address="192.0.2.7"), savings=3.6
    ),
    check("cost_optimizing", "Amazon RDS Idle DB Instances", "ok"),
]
SECURITY = [
    check("security", "MFA on Root Account", "error"),
    check("security", "IAM Password Policy", "warning", resource(region="", Reason="Not enabled")),
    check("security", "Open Ports", "error", resource(status="error", Security_Group_ID="sg-1 (vpc-1)")),
    check("security", "IAM Use", "ok"),
    check("security", "Exposed Access Keys", "not_available"),
]


def told(*checks):
    return {"subscribed": True, "reason": "", "checks": list(checks)}


def test_a_report():
    assert report(told(*COSTS, *SECURITY)) == [
        "Idle or underused, and what it costs a month:",
        "  Low Utilization Amazon EC2 Instances  eu-west-1  i-1        $1,234.50",
        "  Idle Load Balancers                   eu-west-1  old           $18.00",
        "  Unassociated Elastic IP Addresses     eu-west-1  192.0.2.7          ?",
        "  together                                                    $1,256.10",
        "",
        "Of 4 checks of security 3 are not fine:",
        "  ERROR  MFA on Root Account",
        "  ERROR  Open Ports           eu-west-1  sg-1 (vpc-1)",
        "  WARN   IAM Password Policy             Not enabled",
    ]


def test_the_short_form():
    assert summary(told(*COSTS, *SECURITY[:2])) == (
        "Trusted Advisor finds 3 idle or underused resources, which cost $1,256.10 a month. 2 checks of security are "
        "not fine: MFA on Root Account, IAM Password Policy."
    )


def test_nothing_to_say():
    assert report(told(COSTS[3], SECURITY[3])) == [
        "Nothing is idle or underused.",
        "",
        "Every check of security is fine.",
    ]
    assert report(told(SECURITY[4]))[2] == "No check of security has been made."
    assert summary(told()) == (
        "Trusted Advisor finds 0 idle or underused resources, which cost $0.00 a month. 0 checks of security are not "
        "fine."
    )


def test_without_a_plan_it_says_so():
    answer = {"subscribed": False, "reason": "There is no plan.", "checks": []}
    assert report(answer) == ["There is no plan."]
    assert summary(answer) == "There is no plan."
