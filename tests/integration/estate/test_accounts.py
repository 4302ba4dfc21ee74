# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""One more account is one more host, and a role to assume is one more line."""

from __future__ import annotations

import json

import pytest

ACCOUNT = "210987654321"
SEOUL = {
    "cell_region": "ap-northeast-2",
    "cell_account_id": ACCOUNT,
    "network_cidr": "10.40.0.0/16",
    "network_zones": ["a", "b"],
    "seoul_credentials": (
        "{{ lookup('wellarchitected.aws.cell_connection', region=cell_region, endpoint_url=sandbox_endpoint, "
        f"role_arn='arn:aws:iam::{ACCOUNT}:role/example-deployer') }}}}"
    ),
    "cell_connection": "{{ seoul_credentials | combine({'endpoint_url': sandbox_endpoint}) }}",
}


@pytest.fixture
def inventory(tmp_path):
    """A cell in a second account, reached by assuming a role there, for use beside the sandbox's inventory."""
    path = tmp_path / "seoul.yml"
    path.write_text(json.dumps({"recovery": {"hosts": {"seoul": SEOUL}}}))
    return path


def test_a_cell_in_another_account_is_built_there(estate, inventory, tmp_path, monkeypatch):
    # Whose roles were assumed before is remembered where the AWS CLI remembers it.
    for name, value in {**estate.sandbox.environment, "HOME": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)
    arguments = ("-i", str(inventory), "--limit", "seoul", "--tags", "encryption")
    assert {change.cell for change in estate.run(*arguments).changes} == {"seoul"}
    assert estate.run(*arguments).changes == set()
    aliases = {
        account: [
            alias["AliasName"]
            for alias in estate.sandbox.client("kms", "ap-northeast-2", account).list_aliases()["Aliases"]
        ]
        for account in (ACCOUNT, None)
    }
    assert "alias/shop-sandbox-database" in aliases[ACCOUNT]
    assert "alias/shop-sandbox-database" not in aliases[None]
    assumed = [request for request in estate.sandbox.requests() if request["operation"] == "AssumeRole"]
    assert len(assumed) == 1, "the role's credentials are kept from task to task and run to run"
