# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What holds for every module of the collection: its documentation says what it takes, and it is complete."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[4]
MODULES = (ROOT / "plugins" / "modules").glob("[!_]*.py")
# The others do not talk to AWS.
NAMES = sorted(path.stem for path in MODULES if "AnsibleAWSModule" in path.read_text())
TAGS = {
    "tags": {"type": "dict", "aliases": ["resource_tags"]},
    "purge_tags": {"type": "bool", "default": True},
}


class Captured(Exception):
    """Raised instead of making a module, with what it would be made of."""


@pytest.fixture(params=NAMES)
def module(request):
    return importlib.import_module(f"ansible_collections.wellarchitected.aws.plugins.modules.{request.param}")


@pytest.fixture
def documentation(module):
    return yaml.safe_load(module.DOCUMENTATION)


@pytest.fixture
def settings(module, monkeypatch):
    """The arguments with which the module makes its AnsibleAWSModule."""

    def capture(**settings: Any) -> None:
        raise Captured(settings)

    monkeypatch.setattr(module, "AnsibleAWSModule", capture)
    with pytest.raises(Captured) as captured:
        module.main()
    return captured.value.args[0]


def described(options: dict[str, Any], nested: str) -> dict[str, Any]:
    """Options in the terms that documentation and argument spec share."""
    return {
        name: {
            "type": option.get("type", "str"),
            "elements": option.get("elements"),
            "required": option.get("required", False),
            "default": option.get("default"),
            "choices": sorted(option["choices"]) if "choices" in option else None,
            "aliases": sorted(option.get("aliases", [])),
            "options": described(option.get(nested) or {}, nested),
        }
        for name, option in options.items()
    }


def fragment_options(fragments: list[str]) -> dict[str, Any]:
    """The options that a module has from documentation fragments of its collection."""
    plugins = "ansible_collections.wellarchitected.aws.plugins.doc_fragments"
    own = [name.rpartition(".")[2] for name in fragments if name.startswith("wellarchitected.aws.")]
    documents = [importlib.import_module(f"{plugins}.{name}").ModuleDocFragment.DOCUMENTATION for name in own]
    return {name: option for text in documents for name, option in yaml.safe_load(text).get("options", {}).items()}


def test_argument_spec_is_what_is_documented(documentation, settings):
    fragments = documentation["extends_documentation_fragment"]
    options = {**documentation.get("options", {}), **fragment_options(fragments)}
    if "amazon.aws.tags" in fragments:
        options = {**options, **TAGS}
    assert described(settings["argument_spec"], "options") == described(options, "suboptions")


def test_check_mode(settings):
    assert settings["supports_check_mode"] is True


def test_documentation(module, documentation):
    assert documentation["module"] == module.__name__.rpartition(".")[2]
    assert documentation["version_added"] == "0.1.0"
    assert {"amazon.aws.common.modules", "amazon.aws.region.modules", "amazon.aws.boto3"} <= set(
        documentation["extends_documentation_fragment"]
    )
    assert not documentation["short_description"].endswith(".")


def test_every_option_and_value_is_described(module, documentation):
    def undescribed(options, path=""):
        for name, option in (options or {}).items():
            if not option.get("description"):
                yield f"{path}{name}"
            for nested in ("suboptions", "contains"):
                yield from undescribed(option.get(nested), f"{path}{name}.")

    assert not list(undescribed(documentation.get("options")))
    assert not list(undescribed(yaml.safe_load(module.RETURN)))


def test_every_returned_value_has_an_example(module):
    def without(values, path=""):
        for name, value in values.items():
            if "contains" in value:
                yield from without(value["contains"], f"{path}{name}.")
            elif "sample" not in value:
                yield f"{path}{name}"

    assert not list(without(yaml.safe_load(module.RETURN)))


def test_examples_use_options_that_there_are(module, documentation, settings):
    name = f"wellarchitected.aws.{documentation['module']}"
    examples = [task[name] for task in yaml.safe_load(module.EXAMPLES) if name in task]
    assert examples
    for arguments in examples:
        assert (arguments or {}).keys() <= settings["argument_spec"].keys()


def test_in_the_action_group(documentation):
    groups = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text())["action_groups"]
    assert documentation["module"] in groups["aws"]


def test_what_it_supports_is_documented(documentation):
    own = documentation.get("attributes", {})
    assert "check_mode" in own or "wellarchitected.aws.reconciled" in documentation["extends_documentation_fragment"]
