# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A description with mistakes is refused before anything is touched, in sentences that say where they are.

Every mistake that preflight knows has its fixture in tests/fixtures/descriptions; here it is run as people run it.
"""

from __future__ import annotations

import pytest

DESCRIPTION = """\
---
network_cidrr: 10.10.0.0/16
network_nat: one_per_zoen
estate_tags:
  aws:project: storefront
storage_extra_buckets:
  media: {encryption_key: object}
security_groups_extra_flows:
  - {from: internet, to: web, port: 22}
"""
SENTENCES = """\
network_cidrr ({path}:2) is not an input of the layer network. Did you mean network_cidr?
network_nat ({path}:3) is 'one_per_zoen', and must be one of: none, single, one_per_zone. Did you mean one_per_zone?
estate_tags sets aws:project; AWS keeps names that begin with aws: for itself.
storage_extra_buckets.media.encryption_key is 'object', and encryption_keys has no such key.
security_groups_extra_flows: flow 1 (internet to web) opens a group to the whole internet (0.0.0.0/0).
"""


@pytest.fixture
def refused(estate):
    """Run site.yml with these arguments, which must be refused with nothing written, and return what was said."""

    def run(*arguments):
        before = len(estate.sandbox.requests())
        run = estate.attempt(*arguments)
        assert run.returncode != 0, run.output
        assert not run.changes
        requests = estate.sandbox.requests()[before:]
        assert requests, "AWS was not asked who we are"
        assert not [request for request in requests if request["write"]]
        return run.output

    return run


def test_all_mistakes_are_told_at_once(refused, tmp_path):
    path = tmp_path / "description.yml"
    path.write_text(DESCRIPTION, encoding="utf-8")
    said = refused("-e", f"@{path}")
    assert "Nothing was touched, because 5 things are wrong with the description:" in said
    for sentence in SENTENCES.format(path=path).splitlines():
        assert f"  - {sentence}" in said


def test_the_wrong_account(refused, estate, tmp_path):
    said = refused(estate.described(tmp_path, cell_account_id="111122223333"))
    assert "Nothing was touched, because 3 things are wrong with the description:" in said
    for cell in ("virginia", "tokyo", "osaka"):
        assert (
            f"  - The credentials of the cell {cell} lead to the account 123456789012, and cell_account_id says "
            "111122223333. Nothing is done in an account that the inventory does not name."
        ) in said
