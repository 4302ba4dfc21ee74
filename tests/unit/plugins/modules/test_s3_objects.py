# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible_collections.wellarchitected.aws.plugins.modules import s3_objects


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("index.html", "text/html; charset=utf-8"),
        ("LOGO.PNG", "image/png"),
        ("app.mjs", "text/javascript; charset=utf-8"),
        ("feed.geojson", "application/geo+json"),
        ("LICENSE", "application/octet-stream"),
        ("old.txt", "text/plain; charset=shift_jis"),
    ],
)
def test_content_type(key, expected):
    more = {".geojson": "application/geo+json", ".txt": "text/plain; charset=shift_jis"}
    assert s3_objects.content_type(key, more) == expected


def test_the_first_cache_rule_that_matches_decides():
    rules = [{"pattern": "assets/*", "value": "long"}, {"pattern": "*.html", "value": "short"}]
    assert s3_objects.cache_control("assets/deep/page.html", rules) == "long"
    assert s3_objects.cache_control("page.html", rules) == "short"
    assert s3_objects.cache_control("robots.txt", rules) is None


def test_checksum_of_bytes_and_of_a_file(tmp_path):
    path = tmp_path / "empty"
    path.write_bytes(b"")
    assert s3_objects.checksum(b"") == s3_objects.checksum(path) == "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="


def test_files_of_a_folder(tmp_path):
    for name in ("b/c.txt", "a.txt", ".git/config", "a.map"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    assert list(s3_objects.files_of(tmp_path, [".git*", "*.map"])) == ["a.txt", "b/c.txt"]


def test_paths_for_invalidation():
    keys = ["docs/index.html", "index.html", "ä b.txt", "myindex.html"]
    expected = ["/", "/%C3%A4%20b.txt", "/docs/", "/docs/index.html", "/index.html", "/myindex.html"]
    assert s3_objects.paths_of(keys) == expected


def test_headers_of_an_upload():
    state = {"sha256": "x", "content_type": "text/css", "cache_control": None}
    assert s3_objects.upload_headers(state) == {"ChecksumAlgorithm": "SHA256", "ContentType": "text/css"}
    assert s3_objects.upload_headers({**state, "cache_control": "no-store"})["CacheControl"] == "no-store"


def test_what_is_written_in_base64():
    assert s3_objects.decoded("a.zip", "UEsFBg==") == b"PK\x05\x06"
    with pytest.raises(s3_objects.AnsibleAWSError, match=r"The content of a\.zip is no base64"):
        s3_objects.decoded("a.zip", "PK..")
