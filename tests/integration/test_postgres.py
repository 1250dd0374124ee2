"""Trading with the ledger on a real PostgreSQL: from init to orders, a process that is killed, connections that are cut,
a server that is started anew, and what is said of one that does not let us in.

The server is named by ARGOSY_TEST_POSTGRES, as for the tests of the room ledger: `./dev test` starts one, and so does

    python3 tools/postgres.py python3 tests/integration/test_postgres.py
"""

import itertools
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

from program import ROOT, Home, Serves

sys.path.insert(0, str(ROOT / "tools"))
import postgres  # noqa: E402

SERVER = os.environ.get("ARGOSY_TEST_POSTGRES", "")
NUMBERS = itertools.count(1)


def psql(url, statement):
    """The rows of a statement, each a list of texts."""
    done = subprocess.run([postgres.PROGRAMS / "psql", url, "-XAtq", "-v", "ON_ERROR_STOP=1", "-c", statement],
                          capture_output=True, text=True)
    if done.returncode != 0:
        raise AssertionError(f"{statement}: {done.stderr}")
    return [line.split("|") for line in done.stdout.splitlines()]


@unittest.skipUnless(SERVER, os.environ.get("ARGOSY_TEST_NO_POSTGRES") or
                     "ARGOSY_TEST_POSTGRES names no server: ./dev test starts one, tools/postgres.py too")
class Served(Serves, unittest.TestCase):
    """A home whose ledger is a database of its own on the server."""

    def setUp(self):
        self.server = SERVER
        self.make_home()

    def make_home(self):
        name = f"i{os.getpid()}_{next(NUMBERS)}"
        psql(self.server, f"CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE template0")
        self.url = self.server.replace("/postgres?", f"/{name}?")
        self.addCleanup(lambda: psql(self.server, f"DROP DATABASE {name} WITH (FORCE)"))
        self.home = Home()
        self.addCleanup(self.home.remove)
        self.init = self.home.run("init", "--no-samples", "--ledger", self.url).stdout

    def json(self, *arguments, **options):
        return json.loads(self.home.run(*arguments, "--json", **options).stdout)

    def query(self, statement):
        return psql(self.url, f"SET search_path = ledger; {statement}")

    rows = query

    def create(self, *symbols):
        for symbol in symbols:
            self.json("service", "create", "--symbol", symbol, "--balance", 10000, "--interval-seconds", 5)

    def state(self):
        done = self.home.run("health", "--json", check=False)
        return json.loads(done.stdout)["state"]

    def verify(self):
        self.assertTrue(self.json("db", "verify")["ok"])

    def end(self, process):
        process.send_signal(signal.SIGTERM)
        out, error = process.communicate(timeout=20)
        self.assertEqual(process.returncode, 0, out + error)

    def refused(self, message, *arguments, code=None, **options):
        done = self.home.run(*arguments, check=False, **options)
        self.assertNotEqual(done.returncode, 0, done.stdout)
        if code is not None:
            self.assertEqual(done.returncode, code, done.stderr)
        self.assertIn(message, done.stderr)
        return done.stderr


class Trades(Served):
    def test_from_init_to_orders_and_back(self):
        self.assertIn("portfolio default made, with 100000 USD", self.init)
        self.assertFalse((pathlib.Path(self.home.folder) / "ledger.db").exists())
        before = self.query("SELECT seq, payload FROM journal ORDER BY seq")
        for arguments in ((), ("--ledger", self.url)):
            self.assertIn("was there already: kept", self.home.run("init", "--no-samples", *arguments).stdout)
        self.assertEqual(self.query("SELECT seq, payload FROM journal ORDER BY seq"), before)
        self.refused("another one than --ledger names", "init", "--ledger", "ledger.db", code=2)
        self.assertIn("is at version", self.home.run("db", "migrate").stdout)

        self.create("AAPL", "NVDA")
        self.assertEqual(self.json("service", "pause", 1)["state"], "PAUSED")
        self.assertEqual(self.json("service", "start", 1)["state"], "ACTIVE")
        self.assertEqual(self.json("risk", "set", "max_order_value", "20000")["value"], "20000")
        filled = "SELECT 1 FROM orders WHERE state = 'filled'"
        self.assertIn("fills", self.serve_until(lambda: self.query(filled), "--speed", 240))
        self.assertEqual(len(self.json("portfolio", "list")["items"]), 1)
        self.verify()
        self.agrees_with_the_venue()
        orders = self.json("order", "list")["items"]
        self.assertTrue([order for order in orders if order["state"] == "filled"], orders)

        # A backup is a file, which goes back to the server or to a file of another home.
        backup = self.json("db", "backup", f"{self.home.temporary}/b/", "--database", "ledger")["file"]
        whole = self.json("backup", f"{self.home.temporary}/all")
        self.assertIn("ledger.db", whole["files"])
        fills = self.fills()
        fencing, instance = self.query("SELECT fencing, instance FROM holder")[0]
        self.home.run("portfolio", "fund", 5)
        done = self.json("db", "restore", backup, "--database", "ledger")
        self.assertTrue(pathlib.Path(done["set_aside"]).exists())
        after, other = self.query("SELECT fencing, instance FROM holder")[0]
        self.assertGreater(int(after), int(fencing))
        self.assertNotEqual(other, instance)
        self.home.run("portfolio", "fund", 5)
        self.home.run("restore", whole["backup"])
        self.assertEqual(self.fills(), fills)
        self.verify()
        on_file = Home()
        self.addCleanup(on_file.remove)
        on_file.run("init", "--no-samples")
        on_file.run("db", "restore", backup, "--database", "ledger")
        self.assertTrue(json.loads(on_file.run("db", "verify", "--json").stdout)["ok"])
        self.assertEqual(len(json.loads(on_file.run("order", "list", "--json").stdout)["items"]), len(orders))
        # A new home gets its configuration and, by it, its place on the server from the backup.
        shutil.rmtree(self.home.folder)
        psql(self.url, "DROP SCHEMA ledger CASCADE")
        self.home.run("restore", whole["backup"])
        self.assertEqual(self.fills(), fills)
        self.assertFalse((pathlib.Path(self.home.folder) / "ledger.db").exists())


class Survives(Served):
    def test_being_killed(self):
        self.create("AAPL", "MSFT", "NVDA", "TSLA", "META")
        randomness = random.Random(3)
        for _ in range(3):
            process = self.start("--speed", 240)
            self.wait_for(lambda: self.state() != "not running")
            time.sleep(randomness.uniform(0.3, 1.3))
            process.kill()
            process.wait()
            self.verify()
        before = self.fills()
        self.serve_until(lambda: self.fills() > before, "--speed", 240)
        self.verify()
        self.agrees_with_the_venue()

    def test_connections_that_are_cut(self):
        """As a server's administrator does it, at any moment: units of work, their commits and the lock are hit."""
        self.create("AAPL", "MSFT", "NVDA", "TSLA", "META")
        process = self.start("--speed", 240)
        self.wait_for(lambda: self.state() != "not running")
        # A second one is kept out, and requests are taken.
        self.assertIn("argosy serve", self.refused("holds the ledger since", "serve", "--for", 1, code=1))
        self.assertIn("argosy serve", self.refused("holds the ledger", "db", "restore", "no.db", "--database", "ledger",
                                                   code=1))
        self.assertEqual(self.json("service", "pause", 5)["state"], "PAUSED")
        randomness = random.Random(5)
        cut = 0
        until = time.monotonic() + 4
        while time.monotonic() < until:
            time.sleep(randomness.uniform(0.0, 0.25))
            cut += int(psql(self.url, "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
                                      "WHERE application_name = 'argosy' AND datname = current_database()")[0][0])
            self.assertIsNone(process.poll(), process.stderr.read() if process.poll() is not None else "")
        self.assertGreater(cut, 20)
        time.sleep(1.5)
        self.assertIn("holds the ledger", self.refused("argosy serve", "serve", "--for", 1, code=1))
        before = self.fills()
        self.wait_for(lambda: self.fills() > before)
        self.end(process)
        self.verify()
        self.agrees_with_the_venue()


@unittest.skipUnless(SERVER, "there is no PostgreSQL")
class Restarts(Served):
    def setUp(self):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="argosy-restart-", dir="/tmp"))
        self.addCleanup(shutil.rmtree, folder, True)
        port = postgres.free_port()
        postgres.make(folder)
        self.start_server = lambda: postgres.start(folder, port)
        self.running = self.start_server()
        self.addCleanup(lambda: postgres.stop(self.running))
        self.server = f"postgresql:///postgres?host={folder}&port={port}&user=argosy"
        self.make_home()

    def test_a_server_that_is_started_anew(self):
        self.create("AAPL", "NVDA", "TSLA")
        process = self.start("--speed", 240)
        self.wait_for(lambda: self.state() != "not running")
        self.wait_for(lambda: self.fills() > 0)
        postgres.stop(self.running)
        time.sleep(1)
        self.assertIn("look whether the server runs", self.refused("cannot be used", "service", "list", code=1))
        self.running = self.start_server()
        before = self.fills()
        self.wait_for(lambda: self.fills() > before)
        # What it writes is fenced in any case; the lock went with the connection, and comes back a moment later.
        holders = f"SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND classid = {0x6172686F}"
        self.wait_for(lambda: self.query(holders))
        self.assertIn("argosy serve", self.refused("holds the ledger since", "serve", "--for", 1, code=1))
        self.end(process)
        self.verify()
        self.agrees_with_the_venue()


class Refusals(Served):
    def write(self, ledger):
        path = pathlib.Path(self.home.folder) / "trading.yaml"
        path.write_text(path.read_text().replace(self.url, ledger))
        self.url = ledger

    def test_servers_that_do_not_let_us_in(self):
        port = self.url.partition("&port=")[2].partition("&")[0]
        folder = self.url.partition("?host=")[2].partition("&")[0]
        name = self.url.partition(":///")[2].partition("?")[0]
        free = postgres.free_port()
        psql(self.server, "DO $$ BEGIN CREATE ROLE guest LOGIN PASSWORD 'right'; EXCEPTION WHEN OTHERS THEN NULL; END $$")
        environment = {**os.environ, "PGPASSWORD": "wrong"}
        before = self.query("SELECT count(*) FROM journal")
        own = self.url
        every = ("db", "verify"), ("init", "--no-samples"), ("serve", "--for", "1"), ("service", "list")
        for number, (ledger, message, hint, code) in enumerate((
            (f"postgresql://guest@127.0.0.1:{free}/{name}", "Connection refused", "look whether the server runs", 1),
            (f"postgresql://guest@127.0.0.1:{port}/{name}", "password authentication failed", "PGPASSWORD", 1),
            (f"postgresql:///nothing?host={folder}&port={port}&user=argosy", 'database "nothing" does not exist',
             "createdb", 2),
            (f"postgresql:///{name}?host={folder}&port={port}&user=nobody_here", 'role "nobody_here" does not exist',
             "make the user", 2),
            (f"postgresql://guest@127.0.0.2:{port}/{name}", "certificate", "sslrootcert", 1),
            (f"postgresql://guest:{'wrong'}@127.0.0.1:{port}/{name}", "password must not stand in this file", "PGPASSWORD", 2),
            (f"postgresql://guest@127.0.0.1:{port}/", "names no database", "", 2),
        )):
            self.write(ledger)
            for command in every if number == 0 else every[-2:]:
                with self.subTest(ledger=ledger, command=command):
                    told = self.refused(message, *command, code=code, env=environment)
                    self.assertIn(hint, told)
                    self.assertNotIn("wrong@", told)
        self.write(own)
        self.assertEqual(self.query("SELECT count(*) FROM journal"), before)
        self.verify()

    def test_init_makes_nothing_where_the_server_does_not_let_it_in(self):
        other = Home()
        self.addCleanup(other.remove)
        done = other.run("init", "--ledger", self.url.replace("user=argosy", "user=nobody_here"), check=False)
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertIn("does not exist", done.stderr)
        self.assertFalse(pathlib.Path(other.folder).exists())

    def test_a_ledger_of_a_newer_version_and_none(self):
        self.query("INSERT INTO migrations SELECT database_name, 999, 'later', 0 FROM migrations LIMIT 1")
        for command in (("service", "list"), ("serve", "--for", "1"), ("db", "verify"), ("portfolio", "fund", "5")):
            self.assertIn("newer program", self.refused("schema version 999", *command, code=2))
        psql(self.url, "DROP SCHEMA ledger CASCADE")
        self.assertIn("argosy init", self.refused('no database "ledger"', "service", "list", code=2))
        self.assertIn("ledger: nothing is stored yet", self.home.run("db", "verify").stdout)


if __name__ == "__main__":
    unittest.main()
