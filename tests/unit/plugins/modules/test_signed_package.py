# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""When a signed package is installed, and when it is not."""

from __future__ import annotations

import hashlib
from pathlib import Path
from types import SimpleNamespace

import pytest
from ansible_collections.wellarchitected.aws.plugins.modules import signed_package
from ansible_collections.wellarchitected.aws.plugins.modules.signed_package import (
    PackageError,
    binary_keys,
    ensure,
    fingerprint_of,
    is_wanted,
    order,
    plain_version,
    signer,
)

ROLE = Path(__file__).parents[4] / "roles/host_ssm_agent"
TRUSTED, OTHER = "A" * 40, "B" * 40
GOOD = f"""\
[GNUPG:] NEWSIG
[GNUPG:] GOODSIG AAAAAAAAAAAAAAAA Vendor
[GNUPG:] VALIDSIG {TRUSTED} 2026-01-01 1767225600 0 4 0 1 8 00 {TRUSTED}
"""


@pytest.mark.parametrize(
    ("installed", "plain"),
    [("3.3.4624.0-1", "3.3.4624.0"), ("1:2.0-3.amzn2023", "2.0"), ("1.300073.2b1889-1", "1.300073.2b1889"), ("7", "7")],
)
def test_plain_version(installed, plain):
    assert plain_version(installed) == plain


def test_versions_have_an_order():
    versions = ["3.3.99.0", "3.3.345.0", "3.3.1345.0", "3.10.0.0"]
    assert sorted(versions, key=order) == versions
    assert order("1.300064.1b1344") < order("1.300073.2b1889")
    assert order("1.300073.2b100") < order("1.300073.2b1889")


@pytest.mark.parametrize(
    ("installed", "wanted", "named", "expected"),
    [
        ("", "2.0", False, True),
        ("1.0", "2.0", False, True),
        ("2.0", "2.0", False, False),
        ("3.0", "2.0", False, False),
        ("3.0", "2.0", True, True),
        ("2.0", "2.0", True, False),
    ],
)
def test_is_wanted(installed, wanted, named, expected):
    assert is_wanted(installed, wanted, named) is expected


def test_amazons_key_is_the_one_that_the_role_trusts():
    packets = binary_keys((ROLE / "files/amazon-ssm-agent.gpg").read_text())
    length = int.from_bytes(packets[1:3], "big")
    digest = hashlib.sha1(b"\x99" + packets[1:3] + packets[3 : 3 + length], usedforsecurity=False).hexdigest()
    assert fingerprint_of("1C5B 395C BE5E 74E2 F1CA 2159 2784 DBF3 88D1 9D46") == digest.upper()
    assert "1C5B 395C BE5E 74E2 F1CA 2159 2784 DBF3 88D1 9D46" in (ROLE / "defaults/main.yml").read_text()


@pytest.mark.parametrize("header", ["", "Version: GnuPG v2\nComment: a key\n"])
def test_binary_keys_takes_blocks_with_and_without_headers(header):
    block = f"-----BEGIN PGP PUBLIC KEY BLOCK-----\n{header}\nAAEC\nAwQ=\n=abcd\n-----END PGP PUBLIC KEY BLOCK-----\n"
    assert binary_keys(block) == b"\x00\x01\x02\x03\x04"
    assert binary_keys(block + "\n" + block) == b"\x00\x01\x02\x03\x04" * 2


def test_a_key_that_is_none():
    with pytest.raises(PackageError, match="not ASCII-armoured"):
        binary_keys("<html>Not found</html>")


def test_a_trusted_key_signed():
    assert signer(GOOD, {TRUSTED}) == TRUSTED


def test_a_subkey_signed():
    assert signer(GOOD.replace(f"VALIDSIG {TRUSTED}", f"VALIDSIG {OTHER}"), {TRUSTED}) == TRUSTED


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("", "not good"),
        ("[GNUPG:] BADSIG AAAAAAAAAAAAAAAA Vendor\n", "not good"),
        ("[GNUPG:] ERRSIG BB 1 8 00 1 9\n[GNUPG:] NO_PUBKEY BB\n", "key BB, which is not among the public keys"),
        (GOOD.replace("GOODSIG", "EXPKEYSIG"), "has expired"),
        (GOOD.replace("GOODSIG", "REVKEYSIG"), "was revoked"),
        (GOOD.replace("GOODSIG", "EXPSIG"), "not good"),
        (GOOD.replace(TRUSTED, OTHER), "not trusted here"),
        # What a package's user name says is no status.
        ("gpgv: [GNUPG:] VALIDSIG " + TRUSTED + "\n", "not good"),
    ],
)
def test_nobody_trusted_signed(status, said):
    with pytest.raises(PackageError, match=said):
        signer(status, {TRUSTED})


class Host:
    """A host, with what is done to it."""

    def __init__(self, installed="", offered="2.0", status=GOOD):
        self.version, self.offered, self.said, self.done = installed, offered, status, []

    def installed(self, name):
        return self.version

    def version_of(self, path):
        return self.offered

    def status(self, directory, signature, path, keys):
        return self.said

    def install(self, path, downgrade):
        self.done.append((Path(path).name, downgrade))
        self.version = self.offered


@pytest.fixture
def run(monkeypatch, tmp_path):
    """Ensure a package on a host; what was downloaded stands in the result, too."""

    def run(host, version="latest", latest="2.0", check_mode=False):
        fetched = []

        def download(url, path, timeout):
            fetched.append(url.rpartition("/")[2] if "example" in url else url)
            Path(path).write_text(latest)
            return path

        monkeypatch.setattr(signed_package, "download", download)
        monkeypatch.setattr(signed_package, "binary_keys", lambda text: b"")
        parameters = {
            "name": "agent",
            "version": version,
            "version_url": "https://example.com/VERSION",
            "url": "https://example.com/{version}.deb",
            "signature_url": None,
            "public_key": "key",
            "public_key_url": None,
            "fingerprints": [TRUSTED.lower()],
            "timeout": 1,
        }
        module = SimpleNamespace(params=parameters, check_mode=check_mode)
        return {**ensure(module, host, str(tmp_path)), "fetched": fetched}

    return run


def test_a_new_host(run):
    host = Host()
    result = run(host)
    assert result["changed"]
    assert (result["version"], result["previous_version"], result["signed_by"]) == ("2.0", "", TRUSTED)
    assert result["diff"] == {"before": "", "after": "agent 2.0\n"}
    assert host.done == [("latest.deb", False)]
    assert result["fetched"] == ["VERSION", "latest.deb", "latest.deb.sig"]


def test_what_is_current_is_not_downloaded(run):
    host = Host(installed="2.0")
    result = run(host)
    assert not result["changed"]
    assert result["fetched"] == ["VERSION"]
    assert not host.done


def test_check_mode_downloads_nothing(run):
    host = Host(installed="1.0")
    result = run(host, check_mode=True)
    assert result["changed"]
    assert result["diff"] == {"before": "agent 1.0\n", "after": "agent 2.0\n"}
    assert result["fetched"] == ["VERSION"]
    assert not host.done


def test_an_older_version_that_is_named(run):
    host = Host(installed="2.0", offered="1.0")
    assert run(host, version="1.0")["fetched"] == ["1.0.deb", "1.0.deb.sig"]
    assert host.done == [("1.0.deb", True)]


def test_a_place_that_has_not_the_latest_yet(run):
    host = Host(installed="1.9", offered="1.9")
    assert not run(host)["changed"]
    assert not host.done


def test_a_bad_signature_installs_nothing(run):
    host = Host(status="[GNUPG:] BADSIG AAAAAAAAAAAAAAAA Vendor\n")
    with pytest.raises(PackageError, match="not good"):
        run(host)
    assert not host.done


def test_another_version_than_the_one_named(run):
    host = Host(offered="3.0")
    with pytest.raises(PackageError, match=r"is the version 3\.0, not 2\.0"):
        run(host, version="2.0")
    assert not host.done


def test_a_version_that_is_none(run):
    with pytest.raises(PackageError, match="is no version"):
        run(Host(), latest="<html>Access denied</html>")
