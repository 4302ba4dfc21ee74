# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

from types import SimpleNamespace

import pytest
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.wellarchitected.aws.plugins.module_utils import wafv2


def pages(*answers):
    """A client's operation that answers one page after the other, if it is asked for the right one."""
    asked = []

    def operation(**arguments):
        assert arguments.get("NextMarker") == (str(len(asked)) if asked else None)
        asked.append(arguments)
        more = {"NextMarker": str(len(asked))} if len(asked) < len(answers) else {}
        return {**answers[len(asked) - 1], **more}

    return operation


@pytest.mark.parametrize(("name", "found"), [("a", {"Name": "a"}), ("b", {"Name": "b"}), ("c", None)])
def test_find_by_name(name, found):
    operation = pages({"IPSets": [{"Name": "a"}]}, {"IPSets": [{"Name": "b"}]})
    assert wafv2.find_by_name(operation, "IPSets", name, "REGIONAL") == found


def test_list_tags():
    operation = pages(
        {"TagInfoForResource": {"TagList": [{"Key": "a", "Value": "b"}]}},
        {"TagInfoForResource": {"TagList": [{"Key": "c", "Value": "d"}]}},
    )
    assert wafv2.list_tags(SimpleNamespace(list_tags_for_resource=operation), "arn") == {"a": "b", "c": "d"}


def test_the_region_of_cloudfront():
    waf = SimpleNamespace(meta=SimpleNamespace(region_name="us-east-1"))
    wafv2.require_region_of_cloudfront(waf, "The web ACL test")
    waf.meta.region_name = "ap-northeast-1"
    with pytest.raises(AnsibleAWSError, match=r"The web ACL test is for CloudFront.* it is ap-northeast-1"):
        wafv2.require_region_of_cloudfront(waf, "The web ACL test")
