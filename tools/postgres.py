"""A PostgreSQL 15 server for tests: made in a temporary folder, reached through a Unix socket and 127.0.0.1, and gone
when the tests are.

    python3 tools/postgres.py build/release/src/ledger/ledger_test --gtest_filter='*Postgres*'
"""

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from common import Failure, main, run

PROGRAMS = Path("/usr/lib/postgresql/15/bin")
START_SECONDS = 60
ENVIRONMENT = {"PATH": os.environ["PATH"], "LC_ALL": "C"}
# A second address of the loopback stands for a server that is not local: it must show a certificate for it.
ADDRESSES = ("127.0.0.1", "127.0.0.2")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((ADDRESSES[0], 0))
        return probe.getsockname()[1]


def owner() -> dict:
    """Options of subprocess for who runs the server: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    raise Failure("PostgreSQL does not run as root, and there is no user postgres or nobody")


def make_certificate(folder: Path) -> None:
    result = run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=argosy tests",
                  "-addext", f"subjectAltName=IP:{ADDRESSES[1]}", "-keyout", folder / "server.key",
                  "-out", folder / "server.crt"], capture_output=True, text=True)
    if result.returncode != 0:
        raise Failure(f"openssl made no certificate: {result.stderr.strip()[-300:]}")
    (folder / "server.key").chmod(0o600)


def wait_until_ready(server: subprocess.Popen, folder: Path, port: int) -> None:
    for _ in range(START_SECONDS * 20):
        ready = run([PROGRAMS / "pg_isready", "-q", "-h", folder, "-p", port], env={"PATH": os.environ["PATH"]})
        if ready.returncode == 0:
            return
        if server.poll() is not None:
            break
        time.sleep(0.05)
    raise Failure(f"the server did not start: {(folder / 'log').read_text()[-500:]}")


def make(folder: Path) -> None:
    """The files of a server, within a folder that is there."""
    who = owner()
    folder.chmod(0o755)
    make_certificate(folder)
    if who:
        for path in (folder, *folder.iterdir()):
            os.chown(path, who["user"], who["group"])
    # Sorted as people sort, unlike bytes: what the program gives must not depend on it.
    made = run([PROGRAMS / "initdb", "-D", folder / "data", "-U", "argosy", "--auth-local=trust",
                "--auth-host=scram-sha-256", "--encoding=UTF8", "--locale-provider=icu", "--icu-locale=en-US", "--no-sync"],
               cwd=folder, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **who)
    if made.returncode != 0:
        raise Failure(f"initdb failed: {made.stdout.strip()[-500:]}")


def start(folder: Path, port: int) -> subprocess.Popen:
    # Nothing of it outlives the tests, so nothing is synced.
    settings = {"listen_addresses": ",".join(ADDRESSES), "port": port, "unix_socket_directories": folder, "fsync": "off",
                "ssl": "on", "ssl_cert_file": folder / "server.crt", "ssl_key_file": folder / "server.key"}
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    with (folder / "log").open("a") as log:
        server = subprocess.Popen([str(PROGRAMS / "postgres"), "-D", str(folder / "data"), *options], cwd=folder,
                                  env=ENVIRONMENT, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                  start_new_session=True, **owner())
    try:
        wait_until_ready(server, folder, port)
    except Failure:
        stop(server)
        raise
    return server


def stop(server: subprocess.Popen) -> None:
    server.send_signal(signal.SIGQUIT)  # at once: nothing is kept
    try:
        server.wait(20)
    except subprocess.TimeoutExpired:
        server.kill()


@contextlib.contextmanager
def server_for_tests():
    """Starts a server and yields what tests find in their environment; without one, why there is none."""
    folder = Path(tempfile.mkdtemp(prefix="argosy-postgres-", dir="/tmp"))
    server = None
    try:
        try:
            if not (PROGRAMS / "postgres").exists():
                raise Failure(f"there is no {PROGRAMS}/postgres: run ./dev setup")
            port = free_port()
            make(folder)
            server = start(folder, port)
            found = {"ARGOSY_TEST_POSTGRES": f"postgresql:///postgres?host={folder}&port={port}&user=argosy",
                     "ARGOSY_TEST_POSTGRES_CA": str(folder / "server.crt")}
        except (Failure, OSError) as problem:
            found = {"ARGOSY_TEST_NO_POSTGRES": " ".join(str(problem).split())}
        yield found
    finally:
        if server is not None:
            stop(server)
        shutil.rmtree(folder, ignore_errors=True)


def work(arguments: list) -> int:
    if not arguments:
        raise Failure("name a command to run beside a server: python3 tools/postgres.py COMMAND...")
    with server_for_tests() as found:
        if "ARGOSY_TEST_NO_POSTGRES" in found:
            raise Failure(found["ARGOSY_TEST_NO_POSTGRES"])
        return run(arguments, cwd=Path.cwd(), env={**os.environ, **found}).returncode


if __name__ == "__main__":
    main(work)
