# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible_collections.wellarchitected.aws.plugins.plugin_utils.golden_images import input_hash, retirement, uses

INPUTS = {
    "base": "ami-0123456789abcdef0",
    "commands": ["one", "two"],
    "host_inputs": {"host_baseline_time_zone": "UTC", "host_time_sync_extra_sources": []},
}
NOW = "2030-06-30T12:00:00+00:00"


def test_the_hash_is_one_of_what_is_in_it_and_not_of_how_it_is_written():
    backwards = dict(reversed(INPUTS.items()))
    assert input_hash(INPUTS) == input_hash(backwards)
    assert len(input_hash(INPUTS)) == 64


@pytest.mark.parametrize(
    "change",
    [
        {"base": "ami-0123456789abcdef1"},
        {"commands": ["two", "one"]},
        {"commands": ["onetwo"]},
        {"host_inputs": {"host_baseline_time_zone": "Asia/Tokyo", "host_time_sync_extra_sources": []}},
        {"revision": "2"},
    ],
)
def test_the_hash_is_another_when_anything_is(change):
    assert input_hash({**INPUTS, **change}) != input_hash(INPUTS)


def image(number, created, state="available"):
    return {"id": f"ami-{number}", "created": created, "state": state}


IMAGES = [
    image(1, "2030-01-01T00:00:00.000Z"),
    image(4, "2030-06-29T00:00:00.000Z"),
    image(2, "2030-02-01T00:00:00.000Z"),
    image(3, "2030-03-01T00:00:00.000Z"),
]


def ids(images):
    return [image["id"] for image in images]


@pytest.mark.parametrize(
    ("keep", "keep_days", "gone"),
    [
        (1, 90, ["ami-3", "ami-2", "ami-1"]),
        (3, 90, ["ami-1"]),
        (4, 0, []),
        (1, 140, ["ami-2", "ami-1"]),
        (0, 0, ["ami-4", "ami-3", "ami-2", "ami-1"]),
        (0, 365, []),
    ],
)
def test_what_is_neither_new_nor_young_goes(keep, keep_days, gone):
    assert retirement(IMAGES, keep, keep_days, NOW) == {
        "retired": [found for wanted in gone for found in IMAGES if found["id"] == wanted],
        "in_use": [],
    }


def test_what_is_used_stays_and_takes_the_place_of_no_other():
    answer = retirement(IMAGES, 1, 90, NOW, {"ami-2": "the instance i-1", "ami-9": "nothing of ours"})
    assert ids(answer["retired"]) == ["ami-3", "ami-1"]
    assert answer["in_use"] == [{**IMAGES[2], "used_by": "the instance i-1"}]


def test_what_is_on_its_way_or_failed_neither_goes_nor_counts():
    images = [*IMAGES, image(5, "2030-06-30T11:59:00.000Z", "pending"), image(0, "2029-01-01T00:00:00.000Z", "failed")]
    assert ids(retirement(images, 3, 90, NOW)["retired"]) == ["ami-1"]


def test_the_day_on_which_it_is_old_enough():
    images = [image(1, "2030-06-20T12:00:00.000Z"), image(2, "2030-06-20T12:00:01.000Z")]
    assert ids(retirement(images, 0, 10, NOW)["retired"]) == ["ami-1"]


def test_all_that_can_use_an_image_is_seen():
    template = {
        "launch_template_name": "shop-production-web",
        "versions": [
            {"version_number": 1, "launch_template_data": {"image_id": "ami-1"}},
            {"version_number": 2, "launch_template_data": {}},
        ],
    }
    assert uses(
        [template],
        [{"instance_id": "i-1", "image_id": "ami-2"}],
        [{"launch_configuration_name": "old", "image_id": "ami-3"}],
        {"/shop-production/golden-image/web": "ami-4"},
    ) == {
        "ami-1": "version 1 of the launch template shop-production-web",
        "ami-2": "the instance i-1",
        "ami-3": "the launch configuration old",
        "ami-4": "the parameter /shop-production/golden-image/web",
    }
    assert uses() == {}
