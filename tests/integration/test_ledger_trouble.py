"""What goes wrong with the ledger's file: damage, a full disk, a database that others keep locked, one of a newer program.
It is told, nothing is lost, and the ledger is sound afterwards."""

import contextlib
import fcntl
import pathlib
import signal
import sqlite3
import subprocess
import threading
import time
import unittest

from test_serve import Serving as ServingCase


class Serving(ServingCase):
    def setUp(self):
        super().setUp()
        self.ledger = pathlib.Path(self.home.folder) / "ledger.db"

    def refused(self, message, *arguments, code=1):
        done = self.home.run(*arguments, check=False)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        self.assertIn(message, done.stderr)
        return done.stderr

    def serving(self, *symbols):
        """A process that trades and has traded."""
        for symbol in symbols:
            self.create(symbol, "--interval-seconds", 5)
        process = self.start("--speed", 240)
        self.wait_for(self.fills)
        return process


class Damage(Serving):
    def damage(self):
        with open(self.ledger, "r+b") as file:
            file.seek(4096)
            file.write(b"\xa5" * 8192)

    def damaged(self):
        return sorted(path.name for path in self.ledger.parent.glob("ledger.db.damaged-*"))

    def test_a_damaged_file_is_set_aside_and_a_backup_offered(self):
        self.create("AAPL")
        older = self.json("db", "backup", f"{self.home.folder}/backups/", "--database", "ledger")["file"]
        self.create("NVDA")
        newest = self.json("db", "backup", f"{self.home.folder}/backups/", "--database", "ledger")["file"]
        self.assertNotEqual(older, newest)
        self.damage()
        damaged = self.ledger.read_bytes()
        offered = f"argosy db restore {newest} --database ledger"
        # Not while somebody has it.
        with open(self.ledger.with_suffix(".lock"), "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self.assertIn("end it first", self.refused("malformed", "serve", "--for", 1))
            self.assertEqual(self.damaged(), [])
        self.assertIn(offered, self.refused("malformed", "serve", "--for", 1))
        [aside] = self.damaged()
        self.assertEqual((self.ledger.parent / aside).read_bytes(), damaged)
        # Whatever is called, none is made in its place.
        for command in (("serve", "--for", 1), ("init", "--no-samples"), ("service", "list"), ("portfolio", "fund", 5),
                        ("db", "verify"), ("db", "migrate")):
            told = self.refused("damaged and set aside", *command)
            self.assertIn(offered, told)
            self.assertIn(aside, told)
            self.assertFalse(self.ledger.exists())
        self.home.run("db", "restore", newest, "--database", "ledger")
        self.verify()
        self.assertEqual(len(self.json("service", "list")["items"]), 2)
        self.home.run("serve", "--for", 2, "--speed", 240)
        self.verify()

    def test_a_backup_that_is_damaged_is_not_offered(self):
        self.create("AAPL")
        good = self.json("db", "backup", f"{self.home.folder}/backups/", "--database", "ledger")["file"]
        bad = self.json("db", "backup", f"{self.home.folder}/backups/", "--database", "ledger")["file"]
        pathlib.Path(bad).write_bytes(pathlib.Path(bad).read_bytes()[:20000])
        self.damage()
        told = self.refused("malformed", "service", "list")
        self.assertIn(f"argosy db restore {good}", told)


class WrongBalance(Serving):
    def test_nothing_is_traded_with_a_wrong_balance(self):
        """A file that SQLite finds nothing wrong with, and whose amounts do not follow from what happened."""
        process = self.serving("AAPL")
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(timeout=12), 0)
        with contextlib.closing(sqlite3.connect(self.ledger)) as connection:
            connection.execute("UPDATE trading_services SET current_balance = current_balance + 1")
            connection.commit()
        fills = self.fills()
        told = self.refused("the ledger contradicts itself: trading_services 1: current_balance is", "serve", "--for", 2)
        self.assertIn("argosy db restore", told)
        self.assertEqual(self.fills(), fills)
        self.assertIn("current_balance is", self.home.run("db", "verify", check=False).stdout)
        with contextlib.closing(sqlite3.connect(self.ledger)) as connection:
            connection.execute("UPDATE trading_services SET current_balance = current_balance - 1")
            connection.commit()
        self.home.run("serve", "--for", 2, "--speed", 240)


class FullDisk(Serving):
    def setUp(self):
        super().setUp()
        small = pathlib.Path(self.home.temporary) / "small"
        small.mkdir()
        made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(small)], capture_output=True, text=True)
        if made.returncode != 0:
            self.skipTest("mounting a tmpfs is not allowed here: " + made.stderr.strip())
        self.addCleanup(subprocess.run, ["umount", "--lazy", str(small)])
        self.home.folder = str(small / "home")
        self.filler = small / "filler"
        self.home.run("init", "--no-samples")

    def fill(self):
        with open(self.filler, "ab", buffering=0) as file:
            try:
                while True:
                    file.write(b"x" * 4096)
            except OSError:
                pass

    def test_trading_waits_for_space(self):
        process = self.serving("AAPL", "MSFT", "NVDA", "TSLA", "META")
        self.fill()
        time.sleep(2)
        before = self.fills()
        self.fill()
        time.sleep(1)
        self.assertEqual(self.fills(), before)
        self.assertIsNone(process.poll(), "it waits")
        self.assertIn("free some space", self.refused("full", "portfolio", "fund", 5))
        self.filler.unlink()
        self.wait_for(lambda: self.fills() > before)
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(timeout=12), 0)
        self.verify()
        self.agrees_with_the_venue()

    def test_it_ends_although_nothing_can_be_written(self):
        process = self.serving("AAPL", "MSFT", "NVDA", "TSLA", "META")
        told = []
        reader = threading.Thread(target=lambda: told.extend(process.stderr), daemon=True)
        reader.start()

        def is_told():
            # The log of the database takes some rows in room that it has already, and frees room when it is moved.
            self.fill()
            return any("the ledger cannot be written" in line for line in told)

        self.wait_for(is_told)
        started = time.monotonic()
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(timeout=20), 1)
        reader.join(timeout=5)
        self.assertIn("the ledger could not be written to the end", "".join(told))
        self.assertLess(time.monotonic() - started, 12)
        self.filler.unlink()
        self.verify()
        before = self.fills()
        self.serve_until(lambda: self.fills() > before, "--speed", 240)
        self.verify()
        self.agrees_with_the_venue()


class Locked(Serving):
    def test_a_ledger_that_another_program_keeps_locked(self):
        process = self.serving("AAPL", "NVDA")
        with sqlite3.connect(self.ledger, isolation_level=None) as database:
            database.execute("BEGIN IMMEDIATE")
            before = self.fills()
            self.wait_for(lambda: self.home.run("health", check=False).stdout.startswith("halted"))
            self.assertIn("ledger", self.home.run("health", check=False).stdout)
            self.assertIn("another process is writing", self.refused("cannot be used", "portfolio", "fund", 5))
            self.assertEqual(self.fills(), before)
            database.execute("ROLLBACK")
        self.wait_for(lambda: self.fills() > before)
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(timeout=12), 0)
        self.verify()
        self.agrees_with_the_venue()

    def test_a_command_that_holds_it_for_a_moment_is_waited_for(self):
        self.create("AAPL")
        with open(self.ledger.with_suffix(".lock"), "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            process = self.start("--for", 1, "--speed", 240)
            time.sleep(0.7)
            self.assertIsNone(process.poll())
            fcntl.flock(lock, fcntl.LOCK_UN)
        self.assertEqual(process.wait(timeout=20), 0)
        self.verify()


class Newer(Serving):
    def execute(self, statement):
        with contextlib.closing(sqlite3.connect(self.ledger)) as database, database:
            database.execute(statement)

    def test_a_ledger_of_a_newer_program_is_left(self):
        self.create("AAPL")
        self.execute("INSERT INTO migrations VALUES ('ledger', 999, 'later', 0)")
        before = self.ledger.read_bytes()
        for command in (("serve", "--for", 1), ("service", "list"), ("init", "--no-samples"), ("db", "migrate")):
            self.assertIn("newer program", self.refused("schema version 999", *command, code=2))
        self.assertEqual(self.ledger.read_bytes(), before)
        self.execute("DELETE FROM migrations WHERE number = 999")
        self.verify()


del ServingCase

if __name__ == "__main__":
    unittest.main()
