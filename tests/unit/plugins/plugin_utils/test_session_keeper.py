# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Which sessions are kept for later tasks, and which are ended."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from ansible_collections.wellarchitected.aws.plugins.plugin_utils.session_manager import server
from botocore.exceptions import ClientError


class Session:
    """A session that runs until it is ended, or dies."""

    def __init__(self):
        self.runs = True
        self.ended = False
        self.idle_since = 0.0

    def is_alive(self):
        return self.runs

    def exit(self):
        self.runs = False

    def end(self, deadline):
        self.ended = True


@pytest.fixture
def keeper():
    return server.Keeper(most=2)


def test_the_one_that_was_given_back_last_is_taken_first(keeper):
    first, second = Session(), Session()
    keeper.keep("host", first)
    keeper.keep("host", second)
    assert [keeper.take("host"), keeper.take("host"), keeper.take("host")] == [second, first, None]
    assert keeper.take("another host") is None


def test_one_that_has_died_is_not_taken(keeper):
    alive, dead = Session(), Session()
    keeper.keep("host", alive)
    keeper.keep("host", dead)
    dead.runs = False
    assert keeper.take("host") is alive
    assert dead.ended


def test_the_oldest_goes_where_there_are_too_many(keeper):
    sessions = [Session(), Session(), Session()]
    for number, session in enumerate(sessions):
        keeper.keep(f"host{number}", session)
    assert [session.ended for session in sessions] == [True, False, False]
    assert keeper.take("host0") is None and keeper.take("host2") is sessions[2]


def test_what_is_idle_goes(keeper):
    old, new = Session(), Session()
    keeper.keep("host", old)
    keeper.keep("host", new)
    old.idle_since, new.idle_since = 100, 200
    keeper.prune(150)
    assert (old.ended, new.ended) == (True, False)
    keeper.prune(float("inf"))
    assert new.ended


@pytest.mark.parametrize(("header", "region"), [({"x-amz-bucket-region": "eu-west-1"}, "eu-west-1"), ({}, "here")])
def test_the_region_of_a_bucket_is_what_it_says_or_the_one_that_was_asked(header, region):
    answer = {"ResponseMetadata": {"HTTPHeaders": header}}
    client = SimpleNamespace(head_bucket=lambda Bucket: answer, meta=SimpleNamespace(region_name="here"))
    assert server.region_of(client, "example") == region


@pytest.mark.parametrize("header", [{"x-amz-bucket-region": "eu-west-1"}, {}])
def test_a_bucket_elsewhere_refuses_and_says_where_it_is(header):
    def head_bucket(Bucket):
        raise ClientError({"Error": {"Code": "301"}, "ResponseMetadata": {"HTTPHeaders": header}}, "HeadBucket")

    client = SimpleNamespace(head_bucket=head_bucket, meta=SimpleNamespace(region_name="here"))
    if header:
        assert server.region_of(client, "example") == "eu-west-1"
    else:
        with pytest.raises(ClientError):
            server.region_of(client, "example")
