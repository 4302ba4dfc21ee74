# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What EC2 and Auto Scaling refuse of a description of servers, as sentences for people.

Each function is given an input's name and its value, and answers the sentences.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

TYPE = re.compile(r"[a-z][a-z0-9-]*\.[a-z0-9-]+")
# https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html: a g after the generation is Graviton.
GRAVITON = re.compile(r"(a1|[a-z]+\d+[a-z]*g[a-z]*)\.")
IMAGE_ID = re.compile(r"ami-([0-9a-f]{8}|[0-9a-f]{17})")
OWNER = re.compile(r"self|amazon|aws-marketplace|\d{12}")
# https://docs.aws.amazon.com/ebs/latest/userguide/general-purpose.html
GP3 = {"size_gib": (1, 65536), "iops": (3000, 80000), "throughput_mib_s": (125, 2000)}
GP3_DEFAULTS = {"size_gib": 20, "iops": 3000, "throughput_mib_s": 125}
IOPS_PER_GIB, MIB_PER_IOPS = 500, 0.25
MOST_USER_DATA = 16384  # bytes: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-add-user-data.html
# https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_PutScheduledUpdateGroupAction.html
CRON_FIELDS = {
    "minute": (0, 59),
    "hour": (0, 23),
    "day of the month": (1, 31),
    "month": (1, 12),
    "day of the week": (0, 7),
}
CRON_NAMES = re.compile(r"(?i)\b(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|sun|mon|tue|wed|thu|fri|sat)\b")
CRON_PART = re.compile(r"(\*|\d+(-\d+)?)(/\d+)?")


def out_of_range(where: str, value: float | None, least: float, most: float, whose: str) -> Iterator[str]:
    if value is not None and not least <= value <= most:
        yield f"{where} is {value}; {whose} allows {least} to {most}."


def wrong_type(where: str, instance_type: str, architecture: str) -> Iterator[str]:
    """A type of instances that cannot be, or that runs no image of this architecture."""
    if not TYPE.fullmatch(str(instance_type)):
        yield f"{where} is {instance_type!r}, which is no type of instances, such as t3.micro."
    elif (has := "arm64" if GRAVITON.match(instance_type) else "x86_64") != architecture:
        yield f"{where} is {instance_type}, which is for {has}, and compute_architecture is {architecture}."


def wrong_image(where: str, image: dict) -> Iterator[str]:
    said = [name for name in ("id", "parameter", "name") if name in image] + (["golden"] if image.get("golden") else [])
    if len(said) > 1:
        yield f"{where} has {' and '.join(said)}; one of them says which image."
    if ("name" in image) != ("owner" in image):
        yield f"{where} needs both name and owner, or neither: anybody can publish an image of any name."
    if "owner" in image and not OWNER.fullmatch(str(image["owner"])):
        yield f"{where}.owner is {image['owner']!r}; it must be self, amazon, aws-marketplace or 12 digits."
    if "id" in image and not IMAGE_ID.fullmatch(str(image["id"])):
        yield f"{where}.id is {image['id']!r}, which is no id of an image, such as ami-0123456789abcdef0."


def wrong_volume(where: str, volume: dict) -> Iterator[str]:
    given = [problem for name in volume for problem in out_of_range(f"{where}.{name}", volume[name], *GP3[name], "EBS")]
    if given:
        yield from given
        return
    full = {**GP3_DEFAULTS, **volume}
    most = full["size_gib"] * IOPS_PER_GIB
    # Every volume has its 3000.
    if full["iops"] > max(most, GP3["iops"][0]):
        yield f"{where}.iops is {full['iops']}; EBS allows {IOPS_PER_GIB} for each GiB, {most} for {full['size_gib']}."
    if full["throughput_mib_s"] > max(full["iops"] * MIB_PER_IOPS, GP3["throughput_mib_s"][0]):
        yield (
            f"{where}.throughput_mib_s is {full['throughput_mib_s']}; EBS allows a quarter of the iops, "
            f"{full['iops'] * MIB_PER_IOPS:.0f} for {full['iops']}."
        )


def wrong_user_data(where: str, text: str) -> Iterator[str]:
    size = len(str(text).encode())
    if size > MOST_USER_DATA:
        yield f"{where} has {size} bytes; EC2 allows {MOST_USER_DATA}. Leave configuration to the host roles."


def wrong_sizes(where: str, sizes: dict) -> Iterator[str]:
    least, most, desired = sizes["min"], sizes["max"], sizes.get("desired")
    if least < 0 or least > most:
        yield f"{where} has the least size {least} and the largest size {most}; it must be 0 <= min <= max."
    elif desired is not None and not least <= desired <= most:
        yield f"{where}.desired is {desired}, which is not between min and max, {least} and {most}."


def wrong_cron(where: str, recurrence: str) -> Iterator[str]:
    """What is wrong with five fields of cron; names stand for numbers."""
    fields = str(recurrence).split()
    if len(fields) != len(CRON_FIELDS):
        yield (
            f"{where} is {recurrence!r}, which has {len(fields)} fields; cron has 5: minute, hour, day of the month, "
            "month and day of the week."
        )
        return
    for text, (name, (least, most)) in zip(fields, CRON_FIELDS.items(), strict=True):
        parts = CRON_NAMES.sub(str(most), text).split(",")
        numbers = [int(number) for part in parts for number in re.findall(r"\d+", part.partition("/")[0])]
        if not all(map(CRON_PART.fullmatch, parts)) or not all(least <= number <= most for number in numbers):
            yield f"{where} is {recurrence!r}, in which {text!r} is no {name}, {least} to {most}."


def wrong_schedules(where: str, schedules: list[dict]) -> Iterator[str]:
    yield from twice(where, schedules)
    for schedule in schedules:
        name = f"{where} {schedule['name']}"
        yield from wrong_cron(f"{name}: recurrence", schedule["recurrence"])
        sizes = {size: schedule[size] for size in ("min_size", "max_size", "desired_capacity") if size in schedule}
        if not sizes:
            yield f"{name} changes nothing. Give it min_size, max_size or desired_capacity."
        elif min(sizes.values()) < 0 or sizes.get("min_size", 0) > sizes.get("max_size", max(sizes.values())):
            listed = ", ".join(f"{size} {value}" for size, value in sizes.items())
            yield f"{name} has {listed}; it must be 0 <= min_size <= max_size."


def twice(where: str, items: list[dict]) -> Iterator[str]:
    names = [item["name"] for item in items]
    yield from (f"{where} has {name} more than once." for name in dict.fromkeys(names) if names.count(name) > 1)


def wrong_mixed_instances(where: str, mixed: dict, architecture: str) -> Iterator[str]:
    if not mixed:
        return
    overrides = mixed.get("overrides") or []
    if not overrides:
        yield f"{where} needs overrides, the types of instances."
    for number, override in enumerate(overrides):
        yield from wrong_type(f"{where}.overrides[{number}].instance_type", override["instance_type"], architecture)
        weight = override.get("weighted_capacity")
        yield from out_of_range(f"{where}.overrides[{number}].weighted_capacity", weight, 1, 999, "Auto Scaling")
    weighted = sum("weighted_capacity" in override for override in overrides)
    if 0 < weighted < len(overrides):
        yield f"{where}.overrides gives a weighted_capacity to some types; Auto Scaling wants it of all or of none."
    yield from out_of_range(f"{where}.on_demand_percent", mixed.get("on_demand_percent"), 0, 100, "Auto Scaling")
    if mixed.get("on_demand_base", 0) < 0:
        yield f"{where}.on_demand_base is {mixed['on_demand_base']}; it cannot be less than 0."


def wrong_refresh(where: str, refresh: dict) -> Iterator[str]:
    least, most = refresh.get("min_healthy_percent", 100), refresh.get("max_healthy_percent", 150)
    yield from out_of_range(f"{where}.min_healthy_percent", least, 0, 100, "Auto Scaling")
    yield from out_of_range(f"{where}.max_healthy_percent", most, 100, 200, "Auto Scaling")
    yield from out_of_range(f"{where}.bake_seconds", refresh.get("bake_seconds"), 0, 172800, "Auto Scaling")
    if least == most == 100:
        yield f"{where} has 100 for the least and for the most, so no server could be replaced. Allow more."
    elif most - least > 100:
        yield f"{where} has {least} for the least and {most} for the most; Auto Scaling allows a difference of 100."
