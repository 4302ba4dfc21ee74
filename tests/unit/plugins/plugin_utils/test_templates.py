# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Templates that are compiled once mean what they mean when they are compiled every time."""

from __future__ import annotations

import os

import pytest
from ansible._internal._datatag._tags import Origin, VaultedValue
from ansible._internal._templating._jinja_bits import AnsibleEnvironment
from ansible.errors import AnsibleError
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template
from ansible_collections.wellarchitected.aws.plugins.plugin_utils.warm import templates

VARIABLES = {"name": "shop", "zones": ["a", "c"], "region": trust_as_template("{{ name }}-region")}
# As they stand in a file: a template, or an expression of a condition.
TEMPLATES = [
    "{{ name }}",
    "{{ region | upper }}-{{ zones | length }}",
    "{{ zones | map('regex_replace', '(.)', 'zone-\\1') | list }}",
    "{% for zone in zones %}{{ zone }}\\n{% endfor %}",
    "#jinja2: variable_start_string:'[[', variable_end_string:']]'\n[[ name ]] {{ name }}",
    "#jinja2: trim_blocks:False\n{% if true %}\nx\n{% endif %}\n",
    "{{ name",
    "{{ missing }}",
    "{{ name | wellarchitected.aws.missing }}",
    "{{ lookup('ansible.builtin.vars', 'region') }}",
]


@pytest.fixture(autouse=True)
def as_before(monkeypatch):
    """Ansible compiles as ever after each test."""
    monkeypatch.setattr(AnsibleEnvironment, "compile", AnsibleEnvironment.compile)
    templates.is_text.cache_clear()


@pytest.fixture
def compiled(monkeypatch):
    """The templates that were really compiled."""
    generate, seen = AnsibleEnvironment._generate, []

    def count(self, source, *arguments, **options):
        seen.append(source)
        return generate(self, source, *arguments, **options)

    monkeypatch.setattr(AnsibleEnvironment, "_generate", count)
    return seen


@pytest.fixture
def written(tmp_path):
    """Makes a template that stands in a file."""
    path = tmp_path / "vars.yml"
    path.write_text("---\n")
    return lambda text, path=path: Origin(path=str(path), line_num=1).tag(trust_as_template(text))


def kept(cache) -> int:
    """How many templates are in a cache."""
    return sum(len(files) for _folder, _folders, files in os.walk(cache))


def render(template, **options):
    """What a template becomes, or the error that it is."""
    try:
        return Templar(DataLoader(), VARIABLES).template(template, **options)
    except AnsibleError as error:
        return str(error)


def test_they_become_what_they_always_do(written, compiled, tmp_path):
    def become():
        return [render(written(text), escape_backslashes=escape) for text in TEMPLATES for escape in (True, False)]

    before = become()
    assert before[:2] == ["shop", "shop"] and "zone-a" in str(before)
    assert templates.remember(str(tmp_path / "cache"))
    assert become() == before
    del compiled[:]
    assert become() == before
    # What cannot be compiled is not kept; all else is, whatever template it was met in.
    assert len(compiled) <= 4


def test_a_later_run_compiles_nothing(written, compiled, tmp_path, monkeypatch):
    with monkeypatch.context() as first:
        first.setattr(AnsibleEnvironment, "compile", AnsibleEnvironment.compile)
        templates.remember(str(tmp_path / "cache"))
        assert render(written("{{ name }}")) == "shop"
    assert (len(compiled), kept(tmp_path / "cache")) == (1, 1)
    templates.remember(str(tmp_path / "cache"))
    assert render(written("{{ name }}")) == "shop"
    assert len(compiled) == 1


def test_chance_is_not_kept(written, tmp_path):
    templates.remember(str(tmp_path / "cache"))
    assert len({render(written("{{ 1000000000 | random }}")) for _time in range(5)}) > 1


def test_what_may_hold_a_secret_does_not_go_to_disk(written, compiled, tmp_path):
    encrypted = tmp_path / "vault.yml"
    encrypted.write_text("$ANSIBLE_VAULT;1.1;AES256\n6162\n")
    templates.remember(str(tmp_path / "cache"))
    for secret in (
        trust_as_template("{{ name }}:given-with-e"),
        VaultedValue(ciphertext="6162").tag(written("{{ name }}:in-a-vault")),
        written("{{ name }}:in-an-encrypted-file", encrypted),
        written("{{ name }}:in-a-file-that-is-gone", tmp_path / "gone.yml"),
    ):
        assert render(secret).startswith("shop:")
        assert render(secret).startswith("shop:")
    assert kept(tmp_path / "cache") == 0
    assert len(compiled) == 4, "in this run they are compiled once, too"


def test_a_torn_file_is_made_again(written, tmp_path, monkeypatch):
    cache = tmp_path / "cache"
    templates.remember(str(cache))
    render(written("{{ name }}"))
    (file,) = (path for path in cache.rglob("*") if path.is_file())
    whole = file.read_bytes()
    file.write_bytes(whole[:-3])
    monkeypatch.undo()
    monkeypatch.setattr(AnsibleEnvironment, "compile", AnsibleEnvironment.compile)
    templates.remember(str(cache))
    assert render(written("{{ name }}")) == "shop"
    assert file.read_bytes() == whole


def test_a_cache_that_others_may_write_to_is_not_used(tmp_path):
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache").chmod(0o777)
    compile_template = AnsibleEnvironment.compile
    assert not templates.remember(str(tmp_path / "cache"))
    assert AnsibleEnvironment.compile is compile_template


def test_where_ansible_compiles_otherwise_it_is_left_alone(tmp_path, monkeypatch):
    monkeypatch.setattr(templates, "AnsibleEnvironment", None)
    assert not templates.remember(str(tmp_path / "cache"))
