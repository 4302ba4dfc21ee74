# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import time

import botocore.exceptions
import pytest
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.wellarchitected.aws.plugins.modules import cloudfront_origin_access_control
from ansible_collections.wellarchitected.aws.plugins.modules.cloudfront_origin_access_control import OriginAccessControl

LISTED = {
    "Id": "E1",
    "Name": "example",
    "Description": "Assets",
    "OriginAccessControlOriginType": "s3",
    "SigningBehavior": "always",
    "SigningProtocol": "sigv4",
}


class CloudFront:
    """CloudFront with one origin access control, which others change while it is being changed."""

    def __init__(self, changes_of_others=0):
        self.version = 1
        self.changes_of_others = changes_of_others
        self.calls = []

    def get_origin_access_control(self, Id):
        return {"ETag": str(self.version)}

    def update_origin_access_control(self, **arguments):
        if self.changes_of_others:
            self.changes_of_others -= 1
            self.version += 1
        if arguments["IfMatch"] != str(self.version):
            error = {"Code": "PreconditionFailed", "Message": "The request failed."}
            raise botocore.exceptions.ClientError({"Error": error}, "UpdateOriginAccessControl")
        self.calls.append(arguments)


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch):
    monkeypatch.setattr(time, "sleep", lambda seconds: None)


def control(cloudfront):
    params = {"name": "example", "description": None, "origin_type": None, "signing_behavior": "never"}
    return OriginAccessControl(params, cloudfront)


def test_read_and_write():
    state = cloudfront_origin_access_control.read(LISTED)
    assert state["origin_type"] == "s3"
    assert {"Id": "E1", **cloudfront_origin_access_control.write(state)} == LISTED


def test_a_change_of_somebody_else_is_no_obstacle():
    cloudfront = CloudFront(changes_of_others=2)
    control(cloudfront).update(cloudfront_origin_access_control.read(LISTED), {"signing_behavior": "never"})
    (call,) = cloudfront.calls
    assert call["IfMatch"] == "3"
    assert call["OriginAccessControlConfig"]["SigningBehavior"] == "never"
    assert call["OriginAccessControlConfig"]["Description"] == "Assets"


def test_given_up_when_somebody_else_changes_it_all_the_time():
    with pytest.raises(AnsibleAWSError, match="change the origin access control example"):
        control(CloudFront(changes_of_others=100)).update(
            cloudfront_origin_access_control.read(LISTED), {"signing_behavior": "never"}
        )
