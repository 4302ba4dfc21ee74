#!/usr/bin/python

# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

# This runs on managed hosts, with any Python that ansible-core supports there.

from __future__ import annotations

DOCUMENTATION = r"""
module: signed_package
version_added: 0.1.0
short_description: Install a package from its vendor's download host, if its vendor signed it
description:
  - Installs a C(.deb) or C(.rpm) that stands in no repository, such as those of Amazon's agents, and keeps it current.
  - Nothing is downloaded where the wanted version is installed. Otherwise the package and its detached OpenPGP
    signature are downloaded, and it is installed only if one of the keys named in O(fingerprints) signed it.
  - Neither the host's own keyrings nor any web of trust is asked, and none is changed.
  - Where systemd runs, the installation is a unit of its own. It goes on when it restarts the very service by which the
    host is being reached, as that of the SSM Agent does.
  - A version that is older than the installed one is installed only if it is named in O(version).
author:
  - wellarchitected.aws contributors (@wellarchitected)
options:
  name:
    description: The name of the package.
    type: str
    required: true
  version:
    description:
      - The version to have, without the packager's revision (C(3.3.4624.0) for the package C(3.3.4624.0-1)), or
        V(latest).
    type: str
    default: latest
  version_url:
    description: Where the vendor says the latest version, in a file that has nothing else. Needed for V(latest).
    type: str
  url:
    description:
      - Where the package is. C({version}) in it stands for what O(version) says, V(latest) or the version.
    type: str
    required: true
  signature_url:
    description: Where the detached signature is. By default O(url) with C(.sig) behind it.
    type: str
  public_key:
    description: The vendor's public keys, ASCII-armoured, one block after another. Either this or O(public_key_url).
    type: str
  public_key_url:
    description: Where the vendor's public keys are. They count only if O(fingerprints) has theirs.
    type: str
  fingerprints:
    description: The fingerprints of the keys that are trusted, 40 hexadecimal digits each; spaces do not count.
    type: list
    elements: str
    required: true
  timeout:
    description: For how many seconds a download may give no answer.
    type: int
    default: 30
requirements:
  - On the host C(gpgv) or C(gpg); on hosts with apt, C(gpgv) is installed when there is neither.
notes:
  - On hosts with C(rpm) the signature inside the package is not checked again, as the detached one was.
seealso:
  - name: Verifying the signature of SSM Agent
    description: Where the packages, their signatures and the key of the SSM Agent are.
    link: https://docs.aws.amazon.com/systems-manager/latest/userguide/verify-agent-signature.html
attributes:
  check_mode:
    description: Can run in check mode, and then says what would be installed. It asks O(version_url), too.
    support: full
  diff_mode:
    description: Shows the versions before and after.
    support: full
  platform:
    description: Hosts with dpkg or rpm.
    platforms: linux
    support: full
"""

EXAMPLES = r"""
- name: Keep the CloudWatch Agent
  wellarchitected.aws.signed_package:
    name: amazon-cloudwatch-agent
    version_url: https://amazoncloudwatch-agent.s3.amazonaws.com/info/latest/CWAGENT_VERSION
    url: https://amazoncloudwatch-agent.s3.amazonaws.com/debian/amd64/{version}/amazon-cloudwatch-agent.deb
    public_key_url: https://amazoncloudwatch-agent.s3.amazonaws.com/assets/amazon-cloudwatch-agent.gpg
    fingerprints: ["9376 16F3 450B 7D80 6CBD 9725 D581 6730 3B78 9C72"]
  become: true
"""

RETURN = r"""
version:
  description: The version that is installed, or would be in check mode.
  returned: always
  type: str
  sample: 3.3.4624.0
previous_version:
  description: The version that was installed, empty where there was none.
  returned: always
  type: str
  sample: 3.3.3270.0
signed_by:
  description: The fingerprint of the key that signed what was installed.
  returned: when something was installed
  type: str
  sample: 937616F3450B7D806CBD9725D58167303B789C72
"""

import base64
import os
import re
import shutil
import tempfile

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.urls import open_url

KEY_BLOCK = re.compile(r"-----BEGIN PGP PUBLIC KEY BLOCK-----(.*?)-----END PGP PUBLIC KEY BLOCK-----", re.DOTALL)


class PackageError(Exception):
    """Something that people have to know, as a sentence."""


# What is pure


def plain_version(installed):
    """The vendor's version of an installed package: without the epoch and the packager's revision."""
    return re.sub(r"^\d+:", "", installed.strip()).rpartition("-")[0] or installed.strip()


def order(version):
    """A version as it is compared: numbers by their value, and letters by their order."""
    return [(1, int(part), "") if part.isdigit() else (0, 0, part) for part in re.findall(r"\d+|[A-Za-z]+", version)]


def is_wanted(installed, wanted, named):
    """Whether the wanted version has to be installed; what is newer stays, unless the older one was asked for."""
    if not installed:
        return True
    return installed != wanted if named else order(installed) < order(wanted)


def fingerprint_of(text):
    """A fingerprint without spaces, in capitals."""
    return re.sub(r"\s", "", text).upper()


def binary_keys(text):
    """The keys of ASCII-armoured blocks as gpgv reads them."""
    blocks = KEY_BLOCK.findall(text)
    if not blocks:
        raise PackageError("The public key is not ASCII-armoured: it has no line BEGIN PGP PUBLIC KEY BLOCK.")
    keys = b""
    for block in blocks:
        # Headers end with an empty line; the checksum, which nobody has to check, begins with an equals sign.
        lines = re.split(r"\n\s*\n", block.strip("\r\n") if ":" in block else "\n\n" + block.strip(), maxsplit=1)[-1]
        keys += base64.b64decode("".join(line.strip() for line in lines.splitlines() if not line.startswith("=")))
    return keys


def signer(status, trusted):
    """The trusted key that signed, by what gpgv or gpg says on its status lines; PackageError if there is none."""
    words = [line.split()[1:] for line in status.splitlines() if line.startswith("[GNUPG:] ")]
    said = {line[0]: line[1:] for line in words if line}
    if "VALIDSIG" not in said:
        if "NO_PUBKEY" in said:
            raise PackageError(
                "It is signed by the key {}, which is not among the public keys. If its vendor has a new key, give "
                "that one and its fingerprint.".format(said["NO_PUBKEY"][0])
            )
        raise PackageError("Its signature is not good. It was changed on its way, or is not its vendor's.")
    # The key itself and, where a subkey signed, the primary key of that.
    keys = {said["VALIDSIG"][0].upper(), said["VALIDSIG"][-1].upper()}
    if "EXPKEYSIG" in said or "REVKEYSIG" in said:
        what = "has expired" if "EXPKEYSIG" in said else "was revoked"
        raise PackageError(
            "It is signed by the key {}, which {}. Give the vendor's new key and its fingerprint.".format(
                said["VALIDSIG"][0], what
            )
        )
    if "GOODSIG" not in said:
        raise PackageError("Its signature is not good. It was changed on its way, or is not its vendor's.")
    found = sorted(keys & trusted)
    if not found:
        raise PackageError(
            "It is signed by the key {}, which is not trusted here. Trusted: {}.".format(
                said["VALIDSIG"][0], ", ".join(sorted(trusted))
            )
        )
    return found[0]


# What asks and changes the host


class Host:
    """The host, with what it uses to install packages."""

    def __init__(self, module):
        self.module = module
        self.dpkg = module.get_bin_path("dpkg")
        self.rpm = None if self.dpkg else module.get_bin_path("rpm")
        if not (self.dpkg or self.rpm):
            raise PackageError("This host has neither dpkg nor rpm.")

    def installed(self, name):
        """The vendor's version of the installed package, or an empty string."""
        if self.dpkg:
            query = [self.module.get_bin_path("dpkg-query", True), "-W", "-f", "${db:Status-Status} ${Version}", name]
            code, out, _err = self.module.run_command(query)
            # A package that was removed, or whose installation was cut short, has its version, too.
            return plain_version(out.split()[1]) if code == 0 and out.startswith("installed ") else ""
        code, out, _err = self.module.run_command([self.rpm, "-q", "--qf", "%{VERSION}-%{RELEASE}", name])
        return plain_version(out) if code == 0 else ""

    def version_of(self, path):
        """The vendor's version of a package file."""
        if self.dpkg:
            query = [self.module.get_bin_path("dpkg-deb", True), "--field", path, "Version"]
        else:
            query = [self.rpm, "-qp", "--nosignature", "--qf", "%{VERSION}-%{RELEASE}", path]
        return plain_version(self.module.run_command(query, check_rc=True)[1])

    def install(self, path, downgrade):
        """Install a package file, in a unit of its own where systemd runs."""
        if self.dpkg:
            # The configuration that stands on the host stays.
            command = [self.dpkg, "--force-confold", "--force-confdef", "--install", path]
        else:
            command = [self.rpm, "--upgrade", "--nosignature", *(["--oldpackage"] if downgrade else []), path]
        run = self.module.get_bin_path("systemd-run") if os.path.isdir("/run/systemd/system") else None
        if run:
            command = [
                *(run, "--quiet", "--collect", "--wait", "--pipe"),
                *("--setenv=DEBIAN_FRONTEND=noninteractive", "--setenv=PATH=/usr/sbin:/usr/bin:/sbin:/bin"),
                *command,
            ]
        environment = {"DEBIAN_FRONTEND": "noninteractive"}
        code, out, err = self.module.run_command(command, environ_update=environment)
        if code:
            raise PackageError(f"It could not be installed: {(err or out).strip()}")

    def verifier(self):
        """gpgv or gpg, as a function of how to be called."""
        for program in ("gpgv", "gpgv2", "gpg", "gpg2"):
            path = self.module.get_bin_path(program)
            if path:
                return program.startswith("gpgv"), path
        apt = self.module.get_bin_path("apt-get") if self.dpkg else None
        if not apt:
            raise PackageError("Its signature cannot be checked: this host has neither gpgv nor gpg. Install gnupg2.")
        environment = {"DEBIAN_FRONTEND": "noninteractive"}
        for command in (["update"], ["install", "--yes", "--no-install-recommends", "gpgv"]):
            code, out, err = self.module.run_command([apt, "--quiet", *command], environ_update=environment)
            if code:
                raise PackageError(f"gpgv, which checks its signature, is not to be had: {err or out}")
        return True, self.module.get_bin_path("gpgv", True)

    def status(self, directory, signature, path, keys):
        """What gpgv or gpg says of a signature, on its status lines."""
        keyring = os.path.join(directory, "keys.gpg")
        with open(keyring, "wb") as target:
            target.write(keys)
        only_verifies, program = self.verifier()
        common = ["--homedir", directory, "--status-fd", "1"]
        if only_verifies:
            command = [program, *common, "--keyring", keyring, signature, path]
        else:
            self.module.run_command([program, "--batch", *common, "--import", keyring])
            command = [program, "--batch", *common, "--verify", signature, path]
        return self.module.run_command(command)[1]


def download(url, path, timeout):
    """Put what stands at a URL into a file."""
    try:
        with open_url(url, timeout=timeout) as answer, open(path, "wb") as target:
            shutil.copyfileobj(answer, target)
    except Exception as error:
        raise PackageError(f"{url} cannot be had: {error}") from error
    return path


def text_of(path):
    """What a file says."""
    with open(path, "rb") as source:
        return source.read().decode("utf-8", "replace").strip()


def ensure(module, host, directory):
    """Install what has to be, and say the result."""
    given = module.params

    def fetch(url, name):
        return download(url, os.path.join(directory, name), given["timeout"])

    named = given["version"] != "latest"
    wanted = given["version"] if named else text_of(fetch(given["version_url"], "version"))
    if not re.match(r"\d[\w.+~]*$", wanted):
        raise PackageError(f"{wanted[:60]!r} is no version.")
    before = host.installed(given["name"])
    result = {"changed": is_wanted(before, wanted, named), "version": before, "previous_version": before}
    if not result["changed"]:
        return result
    if not module.check_mode:
        path, result["signed_by"] = verified(module, host, directory, fetch)
        # For some hours after a release, not every place has it.
        wanted = host.version_of(path)
        if named and wanted != given["version"]:
            raise PackageError(f"The package from {given['url']} is the version {wanted}, not {given['version']}.")
        result["changed"] = is_wanted(before, wanted, named)
        if not result["changed"]:
            return result
        host.install(path, downgrade=bool(before) and order(wanted) < order(before))
        if host.installed(given["name"]) != wanted:
            raise PackageError(f"It was installed, and still is not there in the version {wanted}.")
    result["version"] = wanted
    result["diff"] = {
        side: f"{given['name']} {version}\n" if version else ""
        for side, version in (("before", before), ("after", wanted))
    }
    return result


def verified(module, host, directory, fetch):
    """The downloaded package, which a trusted key has signed, and that key's fingerprint."""
    given = module.params
    url = given["url"].replace("{version}", given["version"])
    path = fetch(url, os.path.basename(url))
    signature = fetch((given["signature_url"] or f"{given['url']}.sig").replace("{version}", given["version"]), "sig")
    armoured = given["public_key"] or text_of(fetch(given["public_key_url"], "public_key"))
    trusted = {fingerprint_of(text) for text in given["fingerprints"]}
    return path, signer(host.status(directory, signature, path, binary_keys(armoured)), trusted)


def main():
    module = AnsibleModule(
        argument_spec={
            "name": {"type": "str", "required": True},
            "version": {"type": "str", "default": "latest"},
            "version_url": {"type": "str"},
            "url": {"type": "str", "required": True},
            "signature_url": {"type": "str"},
            "public_key": {"type": "str", "no_log": False},
            "public_key_url": {"type": "str", "no_log": False},
            "fingerprints": {"type": "list", "elements": "str", "required": True},
            "timeout": {"type": "int", "default": 30},
        },
        mutually_exclusive=[["public_key", "public_key_url"]],
        required_one_of=[["public_key", "public_key_url"]],
        required_if=[["version", "latest", ["version_url"]]],
        supports_check_mode=True,
    )
    # Short, because gpg puts sockets there.
    directory = tempfile.mkdtemp(prefix="signed-")
    try:
        result = ensure(module, Host(module), directory)
    except PackageError as error:
        module.fail_json(msg="{}: {}".format(module.params["name"], error))
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
