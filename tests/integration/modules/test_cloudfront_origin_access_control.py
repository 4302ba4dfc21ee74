# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

from .conftest import Story


def test_story(modules):
    def drift(sandbox):
        cloudfront = sandbox.client("cloudfront", "us-east-1")
        (control,) = cloudfront.list_origin_access_controls()["OriginAccessControlList"]["Items"]
        found = cloudfront.get_origin_access_control(Id=control["Id"])
        config = {**found["OriginAccessControl"]["OriginAccessControlConfig"], "SigningBehavior": "never"}
        cloudfront.update_origin_access_control(
            Id=control["Id"], IfMatch=found["ETag"], OriginAccessControlConfig=config
        )

    modules.tell(
        Story(
            module="cloudfront_origin_access_control",
            returns="origin_access_control",
            identity={"name": "example"},
            present={"signing_behavior": "always"},
            changes=(
                {"description": "Assets", "origin_type": "lambda"},
                {"signing_behavior": "no-override"},
                {"description": ""},
            ),
            drift=drift,
            unpredictable=frozenset({"id"}),
        )
    )


def test_what_is_not_given_stays(modules):
    given = {"description": "Assets", "origin_type": "lambda", "signing_behavior": "never"}
    before = modules.run("cloudfront_origin_access_control", name="example", **given)["origin_access_control"]
    after = modules.run("cloudfront_origin_access_control", name="example", signing_behavior="always")
    assert after["origin_access_control"] == {**before, "signing_behavior": "always"}
