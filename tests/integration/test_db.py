"""argosy db with the real program: versions, backups while others write, restores, and damage that is found."""

import fcntl
import json
import pathlib
import sqlite3
import subprocess
import time
import unittest

from program import ROOT, Home

CROSS = str(ROOT / "samples" / "strategies" / "golden_cross.yaml")


class Case(unittest.TestCase):
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


class Db(Case):
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
            database.execute("DROP VIEW v_studies")
            database.execute("DROP INDEX IF EXISTS studies_of_owner")
            database.execute("ALTER TABLE studies DROP COLUMN owner_id")
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


class Ledger(Case):
    """The database of trading beside that of runs, and backups of the whole home."""

    def setUp(self):
        super().setUp()
        self.ledger = pathlib.Path(self.home.folder) / "ledger.db"
        for made_by_init in pathlib.Path(self.home.folder).glob("ledger.*"):
            made_by_init.unlink()
        self.home.run("db", "migrate")

    def execute(self, *statements):
        with sqlite3.connect(self.ledger) as database:
            for statement in statements:
                database.execute(statement)

    def query(self, statement):
        with sqlite3.connect(self.ledger) as database:
            return database.execute(statement).fetchall()

    def add_user(self, number):
        self.execute(f"INSERT INTO users VALUES ({number}, 'u{number}', 'u{number}@localhost', '', 'trader', 1, NULL, 0, 0)")

    def users(self):
        return [row[0] for row in self.query("SELECT user_id FROM users ORDER BY 1")]

    def hold(self):
        """Another process has the ledger."""
        self.execute("INSERT INTO holder VALUES (1, 'abcdef', 7, 'argosy serve (host atlas, process 12)', 0)")
        lock = open(pathlib.Path(self.home.folder) / "ledger.lock", "w")
        self.addCleanup(lock.close)
        fcntl.flock(lock, fcntl.LOCK_EX)
        return lock

    def test_migrate_and_schema_of_the_ledger(self):
        schema = {each["database"]: each for each in self.json("db", "schema")["databases"]}["ledger"]
        tables = {table["table"] for table in schema["tables"]}
        self.assertLessEqual({"users", "instruments", "trading_services", "trading_transactions", "orders", "fills",
                              "cash_entries", "journal", "audit_log", "outbox", "risk_limits"}, tables)
        for table in schema["tables"]:
            self.assertEqual([column["name"] for column in table["columns"]],
                             [row[1] for row in self.query(f"PRAGMA table_info({table['table']})")])
            self.query(f"SELECT * FROM v_{table['table']}")
        for view in ("stocks", "trades", "transactions", "cash_balances", "user_roles"):
            self.query(f"SELECT * FROM {view}")

    def test_verify_names_what_is_wrong_with_the_ledger(self):
        self.assertTrue(self.json("db", "verify")["ok"])
        self.add_user(1)
        self.execute("INSERT INTO broker_accounts VALUES (1, 'paper', 'paper', '', 'USD', 1, 0)",
                     "INSERT INTO portfolios VALUES (1, 1, 1, 'first', 1, 'USD', 5000000, 0, 0, NULL)")
        self.refused("portfolios 1: cash is 5, its entries add up to 0", "db", "verify", code=1)

    def test_a_restored_ledger_gives_no_client_order_id_twice(self):
        self.execute("INSERT INTO holder VALUES (1, 'abcdef', 7, 'argosy serve', 0)")
        self.add_user(1)
        backup = self.json("db", "backup", f"{self.home.temporary}/b/", "--database", "ledger")["file"]
        self.add_user(2)
        self.execute("UPDATE holder SET fencing = 9")
        self.assertEqual(self.json("db", "restore", backup, "--database", "ledger")["was_damaged"], False)
        self.assertEqual(self.users(), [1])
        instance, fencing = self.query("SELECT instance, fencing FROM holder")[0]
        self.assertNotEqual(instance, "abcdef")
        self.assertRegex(instance, "^[0-9a-f]{6}$")
        self.assertEqual(fencing, 10, "whoever held the replaced one is kept out")

    def test_what_is_in_use_is_not_replaced(self):
        self.add_user(1)
        backup = f"{self.home.temporary}/all"
        self.home.run("backup", backup)
        self.add_user(2)
        lock = self.hold()
        for arguments in (["db", "restore", f"{backup}/ledger.db", "--database", "ledger"], ["restore", backup]):
            self.refused("argosy serve (host atlas, process 12) holds the ledger", *arguments, code=1)
        self.assertEqual(self.users(), [1, 2])
        lock.close()
        self.home.run("restore", backup)
        self.assertEqual(self.users(), [1])

    def test_backup_and_restore_of_a_home(self):
        home = pathlib.Path(self.home.folder)
        run = self.backtest()
        self.add_user(1)
        (home / "strategies").mkdir()
        (home / "strategies" / "mine.yaml").write_text("name: mine\n")
        made = self.json("backup", f"{self.home.temporary}/backups/")
        self.assertEqual(set(made["files"]), {"ledger.db", "runs.db", "config.yaml", "trading.yaml", "lake-manifest",
                                              "strategies/mine.yaml"})
        again = self.json("backup", f"{self.home.temporary}/backups/")
        self.assertNotEqual(again["backup"], made["backup"])
        self.assertEqual(sorted(path.name for path in pathlib.Path(self.home.temporary, "backups").iterdir()),
                         sorted(pathlib.Path(each["backup"]).name for each in (made, again)), "nothing beside them")

        config = (home / "config.yaml").read_text()
        (home / "config.yaml").write_text(config + "# a note\n")
        (home / "strategies" / "mine.yaml").write_text("name: changed\n")
        manifest = (home / "lake" / "manifest").read_bytes()
        self.backtest()
        self.home.run("data", "remove", "AAPL")
        self.assertNotEqual((home / "lake" / "manifest").read_bytes(), manifest)
        self.add_user(2)
        done = {each["name"]: each for each in self.json("restore", made["backup"])["files"]}
        self.assertEqual({each["restored"] for each in done.values()}, {True})
        self.assertEqual((home / "config.yaml").read_text(), config)
        self.assertEqual((home / "strategies" / "mine.yaml").read_text(), "name: mine\n")
        self.assertEqual((home / "lake" / "manifest").read_bytes(), manifest)
        self.assertEqual(self.users(), [1])
        self.assertEqual(self.runs(), [run])
        self.assertEqual(pathlib.Path(done["strategies/mine.yaml"]["set_aside"]).read_text(), "name: changed\n")
        self.assertIn("# a note", pathlib.Path(done["config.yaml"]["set_aside"]).read_text())
        for name in ("ledger.db", "runs.db"):
            self.assertTrue(pathlib.Path(done[name]["set_aside"]).exists())
        self.assertTrue(self.json("db", "verify")["ok"])

        # To a machine that has nothing: bars are not in a backup, and the manifest that names them is left out.
        other = f"{self.home.temporary}/other"
        done = subprocess.run([self.home.program, "restore", made["backup"], "--home", other], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("lake-manifest: left as it is", done.stdout)
        with sqlite3.connect(f"{other}/ledger.db") as database:
            self.assertEqual(database.execute("SELECT user_id FROM users").fetchall(), [(1,)])

    def test_a_changed_backup_changes_nothing(self):
        self.add_user(1)
        backup = pathlib.Path(self.home.temporary, "all")
        self.home.run("backup", str(backup))
        self.add_user(2)
        self.refused("a file of this name", "backup", f"{backup}/backup.json", code=2)
        (backup / "config.yaml").write_text("log: {}\n")
        self.refused("config.yaml is not what was backed up", "restore", str(backup), code=1)
        (backup / "backup.json").write_text("{")
        self.refused("backup.json", "restore", str(backup), code=1)
        self.refused("no backup of a home", "restore", f"{self.home.temporary}/none", code=2)
        self.assertEqual(self.users(), [1, 2])


if __name__ == "__main__":
    unittest.main()
