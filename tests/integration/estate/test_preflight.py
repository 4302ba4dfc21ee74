# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A description with mistakes is refused before anything is touched."""

from __future__ import annotations


def test_all_mistakes_are_told_at_once(estate, tmp_path):
    description = estate.described(
        tmp_path,
        estate_tags={"aws:project": "storefront"},
        network_cidrr="10.10.0.0/16",
        network_nat="one_per_zoen",
        network_zones=["a", "z"],
        network_flow_logs="no",
        security_groups_extra_flows=[{"from": "internet", "to": "web", "port": 22}],
        storage_extra_buckets={"media": {"encryption_key": "object"}},
    )
    run = estate.attempt(description)
    print(run.output)
    assert 0
