# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible_collections.wellarchitected.aws.plugins.modules.route53_query_logging_config import QueryLogging, read

ARN = "arn:aws:logs:us-east-1:123456789012:log-group:/aws/route53/example.com"
STATE = {"query_logging_config_id": "1", "hosted_zone_id": "Z1", "log_group_arn": ARN}


@pytest.mark.parametrize(("zone", "arn"), [("Z1", ARN), ("/hostedzone/Z1", f"{ARN}:*")])
def test_zone_and_log_group_have_one_form(zone, arn):
    assert read({"Id": "1", "HostedZoneId": zone, "CloudWatchLogsLogGroupArn": arn}) == STATE
    logging = QueryLogging({"hosted_zone_id": zone, "log_group_arn": arn}, None)
    assert logging.changes(STATE) == {}
    assert logging.blank()["hosted_zone_id"] == "Z1"


def test_another_log_group_is_another_configuration():
    logging = QueryLogging({"hosted_zone_id": "Z1", "log_group_arn": f"{ARN}2"}, None)
    assert logging.changes(STATE) == {"log_group_arn": f"{ARN}2", "query_logging_config_id": None}


@pytest.mark.parametrize("arn", ["example.com", "arn:aws:s3:::example", ARN.replace("us-east-1", "eu-west-1")])
def test_a_log_group_elsewhere(arn):
    logging = QueryLogging({"hosted_zone_id": "Z1", "log_group_arn": arn}, None)
    assert "must be the ARN of a log group in us-east-1" in logging.refusal(STATE, {"log_group_arn": arn})
