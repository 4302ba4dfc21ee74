# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Whether the values of a description have the types that argument specifications demand.

Ansible's own validation converts what it can, and the role goes on with the original: "no" passes for false, and is
then true in a condition; "a,c" passes for a list, and is then three letters in a loop. So nothing is converted here.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from ansible_collections.wellarchitected.aws.plugins.module_utils import hints

# Names of variables resemble one another more than other names do.
did_you_mean = partial(hints.did_you_mean, cutoff=0.8)
# What a type is called, and the Python types of its values. Text that is a number, such as a port, needs no quotes.
TYPES = {
    "str": ("a text", (str, int, float)),
    "int": ("a whole number", (int,)),
    "float": ("a number", (int, float)),
    "bool": ("true or false", (bool,)),
    "list": ("a list", (list,)),
    "dict": ("a dictionary", (dict,)),
    "raw": ("a number or a text", (str, int)),
}


def wrong_values(value: Any, spec: dict, path: str = "") -> Iterator[tuple[str, str]]:
    """What is wrong with a value: each time the path below it (``.public[0]``) and the rest of the sentence.

    ``spec`` is an argument specification. Beyond Ansible's own, ``entries`` is the specification of each value of a
    dictionary whose keys are names that the user chooses.
    """
    word, types = TYPES[spec["type"]]
    if value is None:
        yield path, "has no value. Give it one" + ("." if spec.get("required") else ", or leave it out.")
    elif not isinstance(value, types) or (isinstance(value, bool) and spec["type"] != "bool"):
        given = "the text " if isinstance(value, str) else ""
        yield path, f"is {given}{value!r}, and must be {word}."
    elif isinstance(value, list):
        item = {**spec, "type": spec.get("elements", "str")}
        for number, element in enumerate(value):
            yield from wrong_values(element, item, f"{path}[{number}]")
    elif "choices" in spec and value not in spec["choices"]:
        listed = ", ".join(map(str, spec["choices"]))
        yield path, f"is {value!r}, and must be one of: {listed}.{did_you_mean(value, spec['choices'])}"
    elif "options" in spec:
        yield from _wrong_options(value, spec["options"], path)
    elif "entries" in spec:
        for name, entry in value.items():
            yield from wrong_values(entry, spec["entries"], f"{path}.{name}")


def _wrong_options(value: dict, options: dict, path: str) -> Iterator[tuple[str, str]]:
    for name in value.keys() - options.keys():
        yield f"{path}.{name}", f"is not an option. There are: {', '.join(options)}.{did_you_mean(name, options)}"
    for name, option in options.items():
        if name in value:
            yield from wrong_values(value[name], option, f"{path}.{name}")
        elif option.get("required"):
            yield f"{path}.{name}", "is missing."
