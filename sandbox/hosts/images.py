# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What machines are made from: root directories of Debian and Ubuntu, each made once on this computer by mmdebstrap.

They are kept in ``wellarchitected-aws/hosts`` of the user's cache (XDG_CACHE_HOME, or ``~/.cache``), by the hash of
what they are made of. Nothing is installed on this computer: where it has no mmdebstrap, apt downloads that first.

An image is what Amazon's are in what matters here: systemd, Python, sudo, an SSH server, and an SSM agent that is not
the latest. It has its distribution's first packages and knows where the newer ones are, so that there is something to
patch. What leads to the outside leads to the sandbox: names are asked of 169.254.169.253, apt goes through a proxy, and
a certificate authority of this computer's own answers for AWS.
"""

from __future__ import annotations

import contextlib
import datetime
import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from sandbox.hosts import packages
from sandbox.process import SandboxError

# In seconds: a month.
_KEPT = 30 * 86400
# Where what a machine asks for over HTTP is fetched for it, and where all of AWS answers.
PROXY = "169.254.169.252:3128"
NAME_SERVER = "169.254.169.253"
_PACKAGES = (
    "apt,ca-certificates,curl,dbus,gnupg,iproute2,openssh-server,procps,python3,python3-apt,sudo,systemd,systemd-sysv"
)
_SOURCES = "deb {mirror} {suite} {components}\ndeb {mirror} {suite}-updates {components}\ndeb {security}\n"
_CHRONY = """\
# The clock is that of the computer on which this machine runs, and is not to be steered.
[Unit]
ConditionCapability=
"""
_CHRONY_OF_DEBIAN = "[Service]\nExecStart=\nExecStart=!/usr/sbin/chronyd -x $DAEMON_OPTS\n"

# What cloud-init does in Amazon's images.
_SSH = "[Service]\nExecStartPre=\nExecStartPre=/usr/bin/ssh-keygen -A\nExecStartPre=/usr/sbin/sshd -t\n"


@dataclass(frozen=True)
class Distribution:
    """How an image is made; ``keyring`` is a package's URL and SHA-256, where Debian's keys do not do."""

    name: str
    version: str
    suite: str
    mirror: str
    security: str
    components: str
    keyring: tuple[str, str] | None = None

    @property
    def platform(self) -> dict[str, str]:
        """What Systems Manager calls it."""
        return {"PlatformType": "Linux", "PlatformName": self.name, "PlatformVersion": self.version}


DISTRIBUTIONS = {
    "debian": Distribution(
        name="Debian GNU/Linux",
        version="12",
        suite="bookworm",
        mirror="http://deb.debian.org/debian",
        security="http://deb.debian.org/debian-security bookworm-security main",
        components="main",
    ),
    "ubuntu": Distribution(
        name="Ubuntu",
        version="24.04",
        suite="noble",
        mirror="http://archive.ubuntu.com/ubuntu",
        security="http://archive.ubuntu.com/ubuntu noble-security main universe",
        components="main universe",
        keyring=(
            "http://archive.ubuntu.com/ubuntu/pool/main/u/ubuntu-keyring/ubuntu-keyring_2023.11.28.1_all.deb",
            "36de43b15853ccae0028e9a767613770c704833f82586f28eb262f0311adb8a8",
        ),
    ),
}


def home() -> Path:
    """Where all that is made once on this computer is kept."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "wellarchitected-aws" / "hosts"


def root(distribution: str) -> Path:
    """The image of a distribution, whether it is there or not."""
    recipe = "\0".join(map(_code, (Path(__file__), Path(packages.__file__)))) + repr(DISTRIBUTIONS[distribution])
    return home() / f"{distribution}-{hashlib.sha256(recipe.encode()).hexdigest()[:12]}"


def prepare(say: Callable[[str], None]) -> None:
    """Make the images that are not there, one after the other; SandboxError says why one cannot be made."""
    home().mkdir(parents=True, exist_ok=True)
    with _locked(home() / "lock"):
        authority()
        for name, distribution in DISTRIBUTIONS.items():
            if not root(name).exists():
                say(
                    f"Making the machines' image of {distribution.name} {distribution.version}, once on this computer …"
                )
                _make(name, distribution)
            root(name).touch()
        _forget()


def _forget() -> None:
    """Remove the images that no checkout has used for a while; one that is younger may have machines on it."""
    for image in home().glob("*-*"):
        if time.time() - image.stat().st_mtime > _KEPT:
            shutil.rmtree(image)


def downloads() -> dict[tuple[str, str], Path]:
    """What Amazon's hosts for downloads answer, by host and path."""
    with _locked(home() / "lock"):
        return packages.served(home() / "downloads")


def authority() -> tuple[Path, Path]:
    """The certificate and the key of the authority that the machines trust, made when they are not there."""
    certificate, key_file = home() / "authority.pem", home() / "authority.key"
    if not certificate.exists():
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Sandbox of wellarchitected.aws")])
        signed = _certificate(name, name, key.public_key(), 3650).add_extension(
            x509.BasicConstraints(ca=True, path_length=0), critical=True
        )
        key_file.touch(mode=0o600)
        key_file.write_bytes(_pem(key))
        certificate.write_bytes(signed.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    return certificate, key_file


def certify(name: str, directory: Path) -> Path:
    """A file with a certificate for a name and its key, signed by the authority, in a directory."""
    bundle = directory / f"{name}.pem"
    if not bundle.exists():
        certificate, key_file = authority()
        issuer = x509.load_pem_x509_certificate(certificate.read_bytes())
        issuer_key = serialization.load_pem_private_key(key_file.read_bytes(), None)
        key = ec.generate_private_key(ec.SECP256R1())
        # A common name has at most 64 characters; what counts is the alternative one.
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64])])
        signed = _certificate(subject, issuer.subject, key.public_key(), 30).add_extension(
            x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False
        )
        content = signed.sign(issuer_key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM) + _pem(key)
        # Another thread may read it at once.
        with tempfile.NamedTemporaryFile(dir=directory, delete=False) as file:
            file.write(content)
        os.replace(file.name, bundle)
    return bundle


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, days: int
) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=days))
    )


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _make(name: str, distribution: Distribution) -> None:
    with tempfile.TemporaryDirectory(dir=home()) as directory:
        work = Path(directory)
        made = work / "root"
        command = [*_mmdebstrap(work), "--variant=minbase", f"--include={_PACKAGES}"]
        command.append(f"--components={distribution.components.replace(' ', ',')}")
        if distribution.keyring:
            keys = _unpacked(_fetched(*distribution.keyring, work), work / "keys")
            command.append(f"--keyring={keys / 'usr/share/keyrings/ubuntu-archive-keyring.gpg'}")
        # Its packages are checked with the distribution's own keys.
        _run([*command, distribution.suite, str(made), distribution.mirror])
        _finish(name, distribution, made, work)
        os.rename(made, root(name))


def _finish(name: str, distribution: Distribution, made: Path, work: Path) -> None:
    """Make of a plain system one that the sandbox is all around of."""
    files = {
        "etc/apt/sources.list": _SOURCES.format(**distribution.__dict__),
        "etc/apt/apt.conf.d/90sandbox": f'Acquire::http::Proxy "http://{PROXY}";\n',
        "etc/systemd/system/chrony.service.d/sandbox.conf": _CHRONY + (_CHRONY_OF_DEBIAN if name == "debian" else ""),
        "etc/systemd/system/ssh.service.d/keys.conf": _SSH,
        "usr/local/share/ca-certificates/sandbox.crt": authority()[0].read_text(),
        "etc/sudoers.d/ssm-agent-users": "ssm-user ALL=(ALL) NOPASSWD:ALL\n",
        "etc/machine-id": "",
    }
    for path, content in files.items():
        made.joinpath(path).parent.mkdir(parents=True, exist_ok=True)
        made.joinpath(path).write_text(content)
    agent = packages.deb(work, packages.SSM_AGENT, packages.OLDER[packages.SSM_AGENT])
    shutil.copy(agent, made / "root")
    for command in (
        ["update-ca-certificates"],
        ["useradd", "--create-home", "--shell", "/bin/bash", "ssm-user"],
        ["dpkg", "--install", f"/root/{agent.name}"],
        ["rm", f"/root/{agent.name}"],
        # Whoever asks apt for how old its lists are gets an answer.
        ["touch", "--date=@0", "/var/lib/apt/lists"],
        # A machine makes its own.
        ["sh", "-c", "rm -f /etc/ssh/ssh_host_*"],
        ["systemctl", "mask", "systemd-networkd.service", "systemd-resolved.service", "getty.target"],
    ):
        _run(["chroot", str(made), *command])


def _mmdebstrap(work: Path) -> list[str]:
    """The command, from this computer's or from Debian's package."""
    if shutil.which("mmdebstrap"):
        return ["mmdebstrap"]
    # With lists of its own: those of this computer may be old, or none, and are not ours to touch.
    options = ["APT::Sandbox::User=root", f"Dir::State::lists={work / 'lists'}", f"Dir::Cache={work / 'cache'}"]
    apt = ["apt-get", "--quiet", *(word for option in options for word in ("--option", option))]
    for folder in ("lists/partial", "cache/archives/partial"):
        (work / folder).mkdir(parents=True)
    _run([*apt, "update"])
    _run([*apt, "download", "mmdebstrap"], cwd=work)
    [package] = work.glob("mmdebstrap_*.deb")
    return ["perl", str(_unpacked(package, work / "mmdebstrap") / "usr/bin/mmdebstrap")]


def _unpacked(package: Path, directory: Path) -> Path:
    _run(["dpkg-deb", "--extract", str(package), str(directory)])
    return directory


def _fetched(url: str, digest: str, directory: Path) -> Path:
    with urllib.request.urlopen(url, timeout=60) as answer:
        content = answer.read()
    if hashlib.sha256(content).hexdigest() != digest:
        raise SandboxError(f"{url} is not what it was: its SHA-256 should be {digest}.")
    fetched = directory / url.rpartition("/")[2]
    fetched.write_bytes(content)
    return fetched


def _run(command: list[str], **options: object) -> None:
    environment = {"PATH": f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin", "LC_ALL": "C.UTF-8"}
    environment["DEBIAN_FRONTEND"] = "noninteractive"
    done = subprocess.run(command, capture_output=True, text=True, env=environment, **options)  # type: ignore[call-overload]
    if done.returncode:
        last = "\n".join(f"  {line}" for line in (done.stderr or done.stdout).splitlines()[-10:])
        raise SandboxError(f"The machines' image cannot be made: {' '.join(command[:2])} failed.\n{last}")


def _code(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Two sandboxes that come up side by side make one image."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
