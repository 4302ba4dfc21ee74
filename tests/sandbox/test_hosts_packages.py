# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The stand-ins of Amazon's agents: packages that dpkg takes, and signatures that gpg believes."""

import shutil
import subprocess

import pytest

from sandbox.hosts.packages import (
    CLOUDWATCH_AGENT,
    LATEST,
    OLDER,
    SSM_AGENT,
    deb,
    fingerprint,
    public_key,
    served,
)


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    return tmp_path_factory.mktemp("packages")


@pytest.fixture(scope="module")
def answers(directory):
    return served(directory, ["eu-west-1"])


@pytest.mark.parametrize("name", [SSM_AGENT, CLOUDWATCH_AGENT])
def test_the_same_package_is_the_same_file(tmp_path, name):
    first = deb(tmp_path / "one", name, LATEST[name])
    second = deb(tmp_path / "two", name, LATEST[name])
    assert first.read_bytes() == second.read_bytes()
    assert first.read_bytes() != deb(tmp_path, name, OLDER[name]).read_bytes()


@pytest.mark.skipif(not shutil.which("dpkg-deb"), reason="there is no dpkg-deb to judge the package")
@pytest.mark.parametrize("name", [SSM_AGENT, CLOUDWATCH_AGENT])
def test_dpkg_reads_the_package(tmp_path, name):
    package = deb(tmp_path, name, OLDER[name])
    fields = subprocess.check_output(["dpkg-deb", "--field", package, "Package", "Version"], text=True)
    assert fields == f"Package: {name}\nVersion: {OLDER[name]}-1\n"
    subprocess.check_call(["dpkg-deb", "--extract", package, tmp_path / "root"])
    for program in [*(tmp_path / "root").glob("usr/bin/*"), *(tmp_path / "root").glob("opt/aws/*/bin/*")]:
        text = program.read_text()
        if text.startswith("#!/bin/sh"):
            subprocess.run(["sh", "-n"], input=text, text=True, check=True)
        elif text.startswith("#!/usr/bin/python3"):
            compile(text, program, "exec")


def test_agents_are_served_where_amazon_serves_them(answers):
    for address in (
        ("s3.amazonaws.com", "/ec2-downloads-windows/SSMAgent/latest/debian_amd64/amazon-ssm-agent.deb"),
        ("s3.eu-west-1.amazonaws.com", "/amazon-ssm-eu-west-1/latest/debian_arm64/amazon-ssm-agent.deb.sig"),
        ("amazoncloudwatch-agent.s3.amazonaws.com", "/ubuntu/amd64/latest/amazon-cloudwatch-agent.deb"),
        (
            "amazoncloudwatch-agent-eu-west-1.s3.eu-west-1.amazonaws.com",
            f"/debian/amd64/{OLDER[CLOUDWATCH_AGENT]}/amazon-cloudwatch-agent.deb",
        ),
        ("amazoncloudwatch-agent.s3.amazonaws.com", "/assets/amazon-cloudwatch-agent.gpg"),
    ):
        assert answers[address].is_file(), address
    version = answers["s3.eu-west-1.amazonaws.com", "/amazon-ssm-eu-west-1/latest/VERSION"]
    assert version.read_text() == LATEST[SSM_AGENT]


@pytest.mark.skipif(not shutil.which("gpg"), reason="there is no gpg to judge the signatures")
@pytest.mark.parametrize(
    ("name", "path"),
    [
        (SSM_AGENT, "/ec2-downloads-windows/SSMAgent/latest/debian_amd64/amazon-ssm-agent.deb"),
        (CLOUDWATCH_AGENT, "/amazoncloudwatch-agent/ubuntu/amd64/latest/amazon-cloudwatch-agent.deb"),
    ],
)
def test_gpg_believes_the_signatures(directory, answers, tmp_path, name, path):
    def gpg(*arguments):
        command = ["gpg", "--batch", "--homedir", tmp_path, "--status-fd", "1", *arguments]
        return subprocess.run(command, capture_output=True, text=True)

    tmp_path.chmod(0o700)
    gpg("--import", public_key(directory, name))
    signature, package = answers["s3.amazonaws.com", f"{path}.sig"], answers["s3.amazonaws.com", path]
    assert f"VALIDSIG {fingerprint(directory, name)}" in gpg("--verify", signature, package).stdout
    other = tmp_path / "other.deb"
    other.write_bytes(package.read_bytes() + b"\n")
    assert "BADSIG" in gpg("--verify", signature, other).stdout
