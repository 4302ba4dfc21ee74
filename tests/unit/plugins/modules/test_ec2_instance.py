# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible_collections.wellarchitected.aws.plugins.modules import ec2_instance

INSTANCE = {
    "InstanceId": "i-1",
    "ImageId": "ami-1",
    "InstanceType": "t3.micro",
    "State": {"Code": 16, "Name": "running"},
    "SubnetId": "subnet-1",
    "PrivateIpAddress": "192.0.2.1",
    "SecurityGroups": [{"GroupId": "sg-2"}, {"GroupId": "sg-1"}],
    "Tags": [{"Key": "Name", "Value": "jobs"}, {"Key": "aws:ec2launchtemplate:version", "Value": "1"}],
}


def changes(state="running", **options):
    """What these options change of an instance that is in this state."""
    params = {**dict.fromkeys(ec2_instance.FIELDS), "launch_template": None, **options}
    params |= {"name": "jobs", "purge_tags": True, "wait_timeout": 1}
    return ec2_instance.build(params, None).changes(ec2_instance.read({**INSTANCE, "State": {"Name": state}}))


def test_what_is_not_given_stays():
    assert changes() == {}


def test_order_does_not_matter():
    assert changes(security_group_ids=["sg-1", "sg-2", "sg-1"]) == {}


def test_the_name_and_the_tags_of_aws_stay():
    assert changes(tags={}) == {}
    assert changes(tags={"Name": "other", "a": 1})["tags"] == {"Name": "jobs", "a": "1"}


@pytest.mark.parametrize(
    ("state", "expected"), [("pending", {}), ("stopping", {"running": True}), ("stopped", {"running": True})]
)
def test_a_stopped_instance_is_started(state, expected):
    assert changes(state) == expected
