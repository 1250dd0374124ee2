"""argosy db with the real program: versions, backups while others write, restores, and damage that is found."""

import json
import pathlib
import sqlite3
import subprocess
import time
import unittest

from program import ROOT, Home

CROSS = str(ROOT / "samples" / "strategies" / "golden_cross.yaml")


class Db(unittest.TestCase):
    def setUp(self):
        self.home = Home()
        self.addCleanup(self.home.remove)
        self.home.run("init")
        self.path = pathlib.Path(self.home.folder) / "runs.db"

    def json(self, *arguments, **options):
        return json.loads(self.home.run(*arguments, "--json", **options).stdout)

    def backtest(self):
        return self.json("backtest", CROSS, "--symbol", "AAPL")["run"]

    def runs(self):
        return [item["run_id"] for item in self.json("run", "list")["items"]]

    def refused(self, message, *arguments, code=None):
        done = self.home.run(*arguments, check=False)
        self.assertNotEqual(done.returncode, 0, done.stdout)
        if code is not None:
            self.assertEqual(done.returncode, code, done.stderr)
        self.assertIn(message, done.stderr + done.stdout)
        return done

    def test_migrate_and_schema(self):
        made = self.json("db", "migrate")["databases"][0]
        self.assertEqual((made["database"], made["from"]), ("runs", 0))
        self.assertGreaterEqual(made["to"], 2)
        self.assertIn("already", self.home.run("db", "migrate").stdout)
        schema = self.json("db", "schema")["databases"][0]
        self.assertEqual({table["table"] for table in schema["tables"]}, {"runs", "run_trades", "studies", "trials"})
        with sqlite3.connect(self.path) as database:
            for table in schema["tables"]:
                self.assertEqual([column["name"] for column in table["columns"]],
                                 [row[1] for row in database.execute(f"PRAGMA table_info({table['table']})")])
        self.assertIn("v_run_trades for people", self.home.run("db", "schema").stdout)

    def test_an_older_file_is_brought_up_to_date(self):
        run = self.backtest()
        with sqlite3.connect(self.path) as database:
            for name in ("runs", "run_trades"):
                database.execute(f"DROP VIEW v_{name}")
                database.execute(f"DROP TABLE {name}")
            database.execute("DELETE FROM migrations WHERE number > 1")
        self.refused("needs", "db", "verify")
        migrated = self.json("db", "migrate")["databases"][0]
        self.assertEqual(migrated["from"], 1)
        self.assertTrue(self.json("db", "verify")["ok"])
        self.assertEqual(self.backtest(), run, "numbers begin anew")

    def test_a_newer_file_is_refused_and_left(self):
        self.backtest()
        with sqlite3.connect(self.path) as database:
            database.execute("INSERT INTO migrations VALUES ('runs', 99, 'of the future', 0)")
        for arguments in (["run", "list"], ["db", "verify"], ["db", "migrate"]):
            self.refused("schema version 99", *arguments)
        done = self.home.run("backtest", CROSS, "--symbol", "AAPL")
        self.assertIn("warning: the run is not stored", done.stderr)
        self.assertIn("newer program", done.stderr)

    def test_types_and_views(self):
        """Amounts are integers in the tables and decimals in the views; REAL is for statistics."""
        self.backtest()
        with sqlite3.connect(self.path) as database:
            for table in ("runs", "run_trades"):
                columns = [(row[1], row[2]) for row in database.execute(f"PRAGMA table_info({table})")]
                for column, declared in columns:
                    found = {row[0] for row in database.execute(f"SELECT DISTINCT typeof({column}) FROM {table}")}
                    self.assertLessEqual(found, {declared.lower(), "null"}, f"{table}.{column}")
            real = [row[1] for row in database.execute("PRAGMA table_info(runs)") if row[2] == "REAL"]
            self.assertEqual(real, ["total_return", "sharpe", "max_drawdown"])
            shown = database.execute("SELECT final_equity, created_at FROM v_runs").fetchone()
            price, when = database.execute("SELECT entry_price, entry_at FROM v_run_trades").fetchone()
        self.assertEqual(shown[0], self.json("run", "show", "last")["statistics"]["final_equity"])
        self.assertRegex(shown[1], r"^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$")
        self.assertEqual((price, when), ("23.83", "2001-06-27T00:00:00Z"))

    def test_backup_while_others_write_and_restore(self):
        first = self.backtest()
        folder = pathlib.Path(self.home.temporary) / "backups"
        writers = [subprocess.Popen([self.home.program, "backtest", CROSS, "--symbol", "AAPL", "--home", self.home.folder],
                                    stdout=subprocess.DEVNULL) for _ in range(4)]
        made = [self.json("db", "backup", f"{folder}/") for _ in range(3)]
        self.assertEqual([writer.wait() for writer in writers], [0] * 4)
        self.assertEqual(len({each["file"] for each in made}), 3)
        self.assertEqual(sorted(path.name for path in folder.iterdir()),
                         sorted(pathlib.Path(each["file"]).name for each in made), "nothing beside them")
        before = self.runs()
        self.assertEqual(len(before), 5)
        self.refused("already", "db", "backup", made[0]["file"], code=2)

        done = self.json("db", "restore", made[0]["file"])
        self.assertFalse(done["was_damaged"])
        self.assertIn(first, self.runs())
        again = self.json("db", "restore", done["set_aside"])
        self.assertEqual(self.runs(), before, "what was set aside is a backup itself")
        self.assertTrue(pathlib.Path(again["set_aside"]).exists())
        self.assertTrue(self.json("db", "verify")["ok"])

    def test_damage_is_found_and_a_backup_brings_it_back(self):
        run = self.backtest()
        backup = f"{self.home.temporary}/b.db"
        self.home.run("db", "backup", backup)
        whole = self.path.read_bytes()
        for name, bytes in [("empty", b""), ("cut", whole[:len(whole) // 2]),
                            ("overwritten", whole[:8192] + b"\xa5" * 4096 + whole[12288:]), ("text", b"hello\n" * 1000)]:
            with self.subTest(name):
                self.path.write_bytes(bytes)
                failed = self.refused("error", "run", "list", code=1)
                self.assertIn("argosy db", failed.stderr)
                self.assertIn("runs.db", failed.stderr)
                self.assertTrue(self.json("db", "restore", backup)["was_damaged"])
                self.assertEqual(self.runs(), [run])
        self.path.unlink()
        self.home.run("db", "restore", backup)
        self.assertEqual(self.runs(), [run])

    def test_a_bad_backup_changes_nothing(self):
        run = self.backtest()
        bad = pathlib.Path(self.home.temporary) / "bad.db"
        for bytes in (b"", b"hello\n" * 1000, self.path.read_bytes()[:20480]):
            bad.write_bytes(bytes)
            self.refused("bad.db", "db", "restore", str(bad), code=1)
        self.refused("none.db", "db", "restore", f"{self.home.temporary}/none.db", code=2)
        self.refused("this is a folder", "db", "restore", self.home.folder, code=2)
        self.assertEqual(self.runs(), [run])
        self.assertEqual([path.name for path in self.path.parent.glob("runs.db.*") if path.name != "runs.db.lock"], [])

    def test_verify_recomputes(self):
        self.backtest()
        self.assertTrue(self.json("db", "verify")["ok"])
        with sqlite3.connect(self.path) as database:
            database.execute("UPDATE run_trades SET profit = profit + 1 WHERE number = 1")
        found = json.loads(self.home.run("db", "verify", "--json", check=False).stdout)
        self.assertFalse(found["ok"])
        self.assertIn("not those that were stored", found["databases"][0]["findings"][0])
        self.refused("not those that were stored", "db", "verify", code=1)

    def test_a_writer_waits_for_another(self):
        self.backtest()
        with sqlite3.connect(self.path, isolation_level=None) as database:
            database.execute("BEGIN IMMEDIATE")
            waiting = subprocess.Popen([self.home.program, "backtest", CROSS, "--symbol", "AAPL", "--home",
                                        self.home.folder], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
            time.sleep(1)
            self.assertIsNone(waiting.poll(), "it waits")
            self.assertEqual(len(self.runs()), 1, "readers do not")
            database.execute("COMMIT")
            self.assertEqual(waiting.communicate()[1], "")
        self.assertEqual(len(self.runs()), 2)

    def test_wrong_calls(self):
        self.refused("yet", "db", "backup", f"{self.home.temporary}/b.db", code=2)
        self.refused("no database", "db", "backup", "x", "--database", "trading", code=2)
        self.assertIn("nothing is stored yet", self.home.run("db", "verify").stdout)


if __name__ == "__main__":
    unittest.main()
