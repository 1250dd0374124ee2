"""The real program, started by tests. ARGOSY names it; otherwise the release build is taken."""

import contextlib
import json
import os
import pathlib
import shutil
import sqlite3
import subprocess
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("ARGOSY", str(ROOT / "build" / "release" / "argosy"))


class Home:
    """A fresh home in a temporary folder, and the program that works in it."""

    def __init__(self):
        self.program = PROGRAM
        self.temporary = tempfile.mkdtemp(prefix="argosy-test-")
        self.folder = f"{self.temporary}/home"

    def remove(self):
        shutil.rmtree(self.temporary, ignore_errors=True)

    def run(self, *arguments, check=True, **options):
        """Runs `argosy ARGUMENTS --home ...`; with check, a failure raises with what was written."""
        if arguments[0] == "serve" and "--port" not in arguments:
            arguments = (*arguments, "--port", 0)  # several tests run at once
        command = [self.program, *map(str, arguments), "--home", self.folder]
        done = subprocess.run(command, capture_output=True, text=True, **options)
        if check and done.returncode != 0:
            raise AssertionError(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        return done


class HomeTest(unittest.TestCase):
    """Each test in a home of its own."""

    def setUp(self):
        self.home = Home()
        self.addCleanup(self.home.remove)
        self.home.run("init")
        self.folder = pathlib.Path(self.home.folder)

    def json(self, *arguments):
        return json.loads(self.home.run(*arguments, "--json").stdout)

    def refused(self, message, *arguments, code=2):
        done = self.home.run(*arguments, check=False)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        self.assertIn(message, done.stderr)
        self.assertTrue(done.stderr.startswith("error: "), done.stderr)


class Serves:
    """For tests with a home: `argosy serve` beside them."""

    def start(self, *arguments):
        """A process that trades; it is killed when the test ends before it."""
        if "--port" not in arguments:
            arguments = (*arguments, "--port", 0)
        process = subprocess.Popen([self.home.program, "serve", "--home", self.home.folder, *map(str, arguments)],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def serve_until(self, what, *arguments, seconds=90):
        """Trades until `what` answers, and ends; what was printed. How long that takes is the machine's affair."""
        process = self.start(*arguments)
        self.wait_for(lambda: process.poll() is not None or what(), seconds)
        process.terminate()
        out, error = process.communicate(timeout=30)
        self.assertEqual(process.returncode, 0, out + error)
        return out

    def wait_for(self, what, seconds=60):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if found := what():
                return found
            time.sleep(0.05)
        self.fail(f"nothing came in {seconds} s")

    def fills(self):
        return int(self.rows("SELECT count(*) FROM fills")[0][0])

    def agrees_with_the_venue(self):
        """Each order once at the venue, and filled here as there. The venue goes on while a process ends: what it filled
        then is of an order that is still open here, and the next process hears of it."""
        self.assertEqual(self.at_the_venue("SELECT count(*) - count(DISTINCT client_order_id) FROM paper_orders"), [(0,)])
        late = self.unlike_the_venue()
        if late:
            self.assertLessEqual(late, self.open_here())
            self.serve_until(lambda: not late & self.unlike_the_venue(), "--speed", 240)

    def at_the_venue(self, statement):
        with contextlib.closing(sqlite3.connect(f"file:{self.home.folder}/paper.db?mode=ro", uri=True)) as database:
            return database.execute(statement).fetchall()

    def unlike_the_venue(self):
        ours = {name: int(filled) for name, filled in self.rows(
            "SELECT client_order_id, sum(fills.quantity) FROM fills JOIN orders USING (order_id) GROUP BY 1")}
        theirs = dict(self.at_the_venue("SELECT client_order_id, filled FROM paper_orders WHERE filled > 0"))
        return {name for name in ours.keys() | theirs.keys() if ours.get(name) != theirs.get(name)}

    def open_here(self):
        return {name for name, in self.rows(
            "SELECT client_order_id FROM orders WHERE state NOT IN ('filled', 'cancelled', 'rejected', 'expired')")}
