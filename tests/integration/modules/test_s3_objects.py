# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest

BUCKET = "example-com-site"
RULES = [{"pattern": "assets/*", "value": "max-age=86400"}, {"pattern": "*", "value": "max-age=300"}]


@pytest.fixture
def s3(sandbox):
    return sandbox.client("s3", "ap-northeast-1")


@pytest.fixture
def bucket(s3):
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "ap-northeast-1"})
    return BUCKET


@pytest.fixture
def site(tmp_path):
    """A folder with a small website in it."""
    for name, content in {"index.html": "<p>Hello", "assets/a b.css": "p {}", "assets/.git/x": "x"}.items():
        path = tmp_path / "site" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return tmp_path / "site"


def test_story_of_a_folder(modules, s3, bucket, site):
    given = {"bucket": bucket, "src": str(site), "exclude": ["*.git/*"], "cache_control": RULES, "purge": True}
    planned = modules.run("s3_objects", check=True, **given)
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)
    answer = modules.run("s3_objects", **given)
    assert answer == planned
    assert answer["changed"]
    assert answer["uploaded"] == ["assets/a b.css", "index.html"]
    assert answer["changed_paths"] == ["/", "/assets/a%20b.css", "/index.html"]
    head = s3.head_object(Bucket=bucket, Key="assets/a b.css")
    assert (head["ContentType"], head["CacheControl"]) == ("text/css; charset=utf-8", "max-age=86400")

    again = modules.run("s3_objects", **given)
    assert not again["changed"]
    assert (again["uploaded"], again["deleted"], again["changed_paths"]) == ([], [], [])

    (site / "index.html").write_text("<p>World")  # as long as before
    (site / "assets/a b.css").unlink()
    s3.put_object(Bucket=bucket, Key="theirs.txt", Body=b"theirs")
    for check in (True, False):
        changed = modules.run("s3_objects", check=check, **given)
        assert changed["uploaded"] == ["index.html"]
        assert changed["deleted"] == ["assets/a b.css", "theirs.txt"]
    assert [item["Key"] for item in s3.list_objects_v2(Bucket=bucket)["Contents"]] == ["index.html"]
    assert s3.get_object(Bucket=bucket, Key="index.html")["Body"].read() == b"<p>World"


def test_contents_headers_and_what_others_uploaded(modules, s3, bucket):
    s3.put_object(Bucket=bucket, Key="theirs.txt", Body=b"theirs")
    s3.put_object(Bucket=bucket, Key="errors/404.html", Body=b"Not here", ContentType="text/html; charset=utf-8")
    given = {"bucket": bucket, "prefix": "errors/", "objects": {"404.html": "Not here"}}
    assert modules.run("s3_objects", **given)["uploaded"] == ["errors/404.html"]
    assert not modules.run("s3_objects", **given)["changed"]
    rules = {"cache_control": [{"pattern": "*", "value": "no-store"}], "content_types": {".html": "text/x-page"}}
    assert modules.run("s3_objects", check=True, **given, **rules)["changed"]
    assert modules.run("s3_objects", **given, **rules)["uploaded"] == ["errors/404.html"]
    head = s3.head_object(Bucket=bucket, Key="errors/404.html")
    assert (head["ContentType"], head["CacheControl"]) == ("text/x-page; charset=utf-8", "no-store")
    assert not modules.run("s3_objects", **given, **rules)["changed"]
    assert s3.get_object(Bucket=bucket, Key="theirs.txt")["Body"].read() == b"theirs"


def test_a_bucket_that_is_not_there_is_planned_or_said(modules):
    given = {"bucket": BUCKET, "objects": {"index.html": "Hello"}}
    assert modules.run("s3_objects", check=True, **given)["uploaded"] == ["index.html"]
    refused = modules.attempt("s3_objects", **given)
    assert refused["failed"]
    assert f"There is no bucket {BUCKET}" in refused["msg"]


def test_a_folder_that_is_not_there_is_said(modules, tmp_path):
    refused = modules.attempt("s3_objects", bucket=BUCKET, src=str(tmp_path / "missing"))
    assert "there is no such folder" in refused["msg"]
