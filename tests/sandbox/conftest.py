# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""One server for all tests of the sandbox; every test has an AWS account of its own in it."""

import contextlib
import itertools
import json
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from sandbox import Sandbox

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = sorted((ROOT / "sandbox" / "events").glob("*.json"))
# The empty handler keeps loopback away from a proxy of the environment.
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))

_accounts = itertools.count(200000000000)


def post(url, message, timeout=10):
    """Status, headers and text of the answer to a POST."""
    data = message if isinstance(message, bytes) else json.dumps(message).encode()
    try:
        with OPENER.open(urllib.request.Request(url, data), timeout=timeout) as answer:
            return answer.status, answer.headers, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read().decode()


@pytest.fixture(scope="session")
def sandbox():
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def own_sandbox(sandbox):
    with sandbox.copy() as own_sandbox:
        yield own_sandbox


@pytest.fixture
def own(own_sandbox):
    """An empty sandbox, whose faults, orders and resets disturb no test of another module."""
    own_sandbox.reset()
    return own_sandbox


@pytest.fixture
def client(sandbox):
    """Make boto3 clients for an account that no other test uses."""
    account = str(next(_accounts))

    def make(service, region="ap-northeast-1"):
        return sandbox.client(service, region, account)

    make.account = account
    return make


@pytest.fixture
def refused():
    """A context in which AWS must answer an error of this code; its ``.message`` can be read afterwards."""

    @contextlib.contextmanager
    def expect(code):
        with pytest.raises(ClientError) as error:
            yield error
        assert error.value.response["Error"]["Code"] == code, error.value

    return expect


@pytest.fixture
def publish():
    """Puts a validation record of a certificate into a hosted zone of its own, as an owner of the name does."""

    def publish(route53, record, **zone):
        zone = route53.create_hosted_zone(Name="example.com", CallerReference=record["Name"], **zone)["HostedZone"]
        changed = {"Name": record["Name"], "Type": "CNAME", "TTL": 60, "ResourceRecords": [{"Value": record["Value"]}]}
        changes = [{"Action": "UPSERT", "ResourceRecordSet": changed}]
        route53.change_resource_record_sets(HostedZoneId=zone["Id"], ChangeBatch={"Changes": changes})

    return publish
