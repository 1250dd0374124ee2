"""Commands of trading with the real program and no process that trades: what they change is in the ledger, whole; what
is wrong is told and changes nothing."""

import fcntl
import json
import pathlib
import sqlite3
import subprocess
import time
import unittest

from program import PROGRAM, ROOT, Home

SERVICES = str(ROOT / "samples" / "config" / "services.yaml")


class Trading(unittest.TestCase):
    def setUp(self):
        self.home = Home()
        self.addCleanup(self.home.remove)
        self.init = self.home.run("init").stdout
        self.path = pathlib.Path(self.home.folder) / "ledger.db"

    def json(self, *arguments, **options):
        return json.loads(self.home.run(*arguments, "--json", **options).stdout)

    def rows(self, query):
        with sqlite3.connect(self.path) as database:
            return database.execute(query).fetchall()

    def journal(self):
        return self.rows("SELECT seq, kind, payload FROM journal ORDER BY seq")

    def create(self, *arguments):
        return self.json("service", "create", "--symbol", "AAPL", "--balance", "10000", *arguments)

    def verify(self):
        self.assertTrue(self.json("db", "verify")["ok"])

    def refused(self, message, *arguments, code):
        """An error that says so, exits with the code, and leaves the journal and the rows as they were."""
        before = self.journal(), self.rows("SELECT * FROM trading_services"), self.rows("SELECT * FROM portfolios")
        done = self.home.run(*arguments, check=False)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        self.assertIn(message, done.stderr)
        self.assertTrue(done.stderr.startswith("error: "), done.stderr)
        after = self.journal(), self.rows("SELECT * FROM trading_services"), self.rows("SELECT * FROM portfolios")
        self.assertEqual(before, after)
        return done


class Init(Trading):
    def test_makes_a_user_an_account_and_a_portfolio(self):
        self.assertIn("portfolio default made, with 100000 USD", self.init)
        self.assertEqual((pathlib.Path(self.home.folder) / "trading.yaml").read_text(),
                         (ROOT / "samples" / "config" / "trading.yaml").read_text())
        self.assertEqual(self.rows("SELECT username, role, password_hash FROM users"), [("admin", "admin", "")])
        self.assertEqual(self.rows("SELECT broker, environment, base_currency FROM broker_accounts"),
                         [("paper", "paper", "USD")])
        [portfolio] = self.json("portfolio", "list")["items"]
        self.assertEqual((portfolio["name"], portfolio["cash"], portfolio["equity"]), ("default", "100000", "100000"))
        self.assertTrue(portfolio["is_default"])
        self.assertEqual([kind for _, kind, _ in self.journal()],
                         ["request", "portfolio", "request", "funding"])
        exchanges = dict(self.rows("SELECT symbol, exchange FROM instruments"))
        self.assertEqual(exchanges["AAPL"], "XNAS")   # of the lake
        self.assertEqual(exchanges["IBM"], "XNYS")
        self.assertEqual(exchanges["NVDA"], "XNAS")   # of the demo market
        self.assertEqual(exchanges["JPM"], "XNYS")
        self.verify()

    def test_twice_is_harmless(self):
        before = self.journal(), self.rows("SELECT * FROM instruments")
        again = self.home.run("init").stdout
        self.assertIn("ledger.db was there already: kept", again)
        self.assertEqual(before, (self.journal(), self.rows("SELECT * FROM instruments")))

    def test_goes_on_where_it_was_cut_off(self):
        # A portfolio without its money is what a crash between the two leaves.
        other = Home()
        self.addCleanup(other.remove)
        other.run("init")
        path = f"{other.folder}/ledger.db"
        with sqlite3.connect(path) as database:
            database.execute("DELETE FROM fundings")
            database.execute("DELETE FROM cash_entries")
            database.execute("DELETE FROM journal WHERE seq > 2")
            database.execute("DELETE FROM audit_log WHERE action = 'portfolio.fund'")
            database.execute("UPDATE portfolios SET cash = 0")
        other.run("init")
        self.assertTrue(json.loads(other.run("db", "verify", "--json").stdout)["ok"])
        [portfolio] = json.loads(other.run("portfolio", "list", "--json").stdout)["items"]
        self.assertEqual(portfolio["cash"], "100000")

    def test_a_home_of_before_gets_its_ledger(self):
        self.path.unlink()
        done = self.home.run("service", "list", check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn('there is no database "ledger" yet', done.stderr)
        self.assertIn("argosy init", done.stderr)
        self.home.run("init")
        self.assertEqual(self.json("service", "list")["items"], [])


class Services(Trading):
    def test_from_create_to_stop(self):
        made = self.create("--name", "apple", "--stop-loss-percent", "4")
        self.assertEqual((made["service_id"], made["state"], made["mode"]), (1, "ACTIVE", "BUY"))
        self.assertTrue(made["is_active"])
        self.assertEqual((made["current_balance"], made["stop_loss_percent"]), ("10000", "4"))
        # By the configuration.
        self.assertEqual((made["take_profit_percent"], made["interval_seconds"]), ("10", 10))
        [portfolio] = self.json("portfolio", "list")["items"]
        self.assertEqual((portfolio["cash"], portfolio["services_cash"], portfolio["equity"]),
                         ("90000", "10000", "100000"))
        self.assertEqual(self.json("service", "pause", "apple")["state"], "PAUSED")
        self.assertEqual(self.json("service", "start", "1")["state"], "ACTIVE")
        changed = self.json("service", "set", "1", "--take-profit-percent", "4", "--fractional", "--add-balance", "500.5")
        self.assertEqual((changed["take_profit_percent"], changed["fractional"]), ("4", True))
        self.assertEqual((changed["current_balance"], changed["initial_balance"]), ("10500.5", "10500.5"))
        stopped = self.json("service", "stop", "1")
        self.assertEqual((stopped["state"], stopped["current_balance"]), ("INACTIVE", "0"))
        self.assertEqual(self.json("portfolio", "show")["cash"], "100000")
        self.assertEqual(self.json("service", "start", "1")["current_balance"], "10500.5")
        self.verify()

    def test_lists_and_shows(self):
        self.create()
        self.json("service", "create", "--symbol", "NVDA", "--balance", "2500", "--stopped")
        listed = self.json("service", "list")
        self.assertEqual(listed["meta"]["count"], 2)
        self.assertEqual([item["name"] for item in listed["items"]], ["AAPL 1", "NVDA 2"])
        self.assertEqual([item["service_id"] for item in self.json("service", "list", "--state", "ACTIVE")["items"]], [1])
        self.assertEqual([item["service_id"] for item in self.json("service", "list", "--symbol", "NVDA")["items"]], [2])
        shown = self.json("service", "show", "AAPL 1")
        self.assertIsNone(shown["open_transaction"])
        self.assertEqual((shown["transactions"], shown["orders"], shown["decisions"]), ([], [], []))
        text = self.home.run("service", "list").stdout
        self.assertIn("10000.00", text)
        self.assertIn("INACTIVE", text)
        self.assertIn("No transactions yet", self.home.run("service", "show", "1").stdout)
        self.assertEqual(self.json("order", "list"), {"items": [], "meta": {"count": 0, "total": 0}})

    def test_a_file_of_services(self):
        first = self.json("service", "apply", SERVICES)
        self.assertEqual([item["made"] for item in first["items"]], [True, True, True])
        states = {item["name"]: item["state"] for item in self.json("service", "list")["items"]}
        self.assertEqual(states, {"apple": "ACTIVE", "microsoft": "ACTIVE", "tesla": "INACTIVE"})
        journal = self.journal()
        again = self.json("service", "apply", SERVICES)
        self.assertEqual(again["meta"], {"count": 3, "changed": 0})
        self.assertEqual(journal, self.journal())
        file = pathlib.Path(self.home.temporary) / "mine.yaml"
        file.write_text("services:\n"
                        "  - {name: apple, symbol: AAPL, balance: 9000, state: PAUSED, stop_loss_percent: 7.5}\n"
                        "  - {name: tesla, symbol: TSLA, balance: 2500, state: PAUSED}\n")
        changed = self.json("service", "apply", file)
        self.assertEqual(changed["items"][0]["changes"],
                         [{"what": "stop_loss_percent", "from": "5", "to": "7.5"},
                          {"what": "balance", "from": "10000", "to": "9000"},
                          {"what": "state", "from": "ACTIVE", "to": "PAUSED"}])
        self.assertEqual(changed["items"][1]["changes"], [{"what": "state", "from": "INACTIVE", "to": "PAUSED"}])
        self.assertEqual(self.json("service", "apply", file)["meta"]["changed"], 0)
        self.assertEqual(self.json("portfolio", "show")["cash"], "83500")
        self.verify()

    def test_a_file_that_is_wrong(self):
        file = pathlib.Path(self.home.temporary) / "wrong.yaml"
        for text, message in (
            ("services:\n  - {name: a, symbol: AAPL, balance: 1, stop_los_percent: 5}\n",
             'wrong.yaml:2:41: a service has no key "stop_los_percent". Did you mean "stop_loss_percent"?'),
            ("service: []\n", 'Did you mean "services"?'),
            ("services:\n  - {name: a, symbol: AAPL, balance: ten}\n", "wrong.yaml:2:38"),
            ("services:\n  - {name: a, symbol: AAPL, balance: -1}\n", "wrong.yaml:2:38"),
            ("services:\n  - {name: a, symbol: AAPL}\n", 'needs the key "balance"'),
            ("services:\n  - {name: a, symbol: AAPL, balance: 5}\n  - {name: a, symbol: MSFT, balance: 5}\n",
             'the name "a" stands here for the second time'),
            ("services:\n  - {name: a, symbol: AAPL, balance: 5}\n  - {name: b, symbol: MSTF, balance: 5}\n",
             'wrong.yaml:3:5: there is no instrument "MSTF". Did you mean "MSFT"?'),
            ("services:\n  - {name: a, symbol: AAPL, balance: 5, state: RUNNING}\n", "ACTIVE, PAUSED or INACTIVE"),
        ):
            with self.subTest(text):
                file.write_text(text)
                self.refused(message, "service", "apply", file, code=2)


class BadInput(Trading):
    def test_services_that_cannot_be(self):
        create = "service", "create", "--symbol", "AAPL", "--balance"
        wrong = pathlib.Path(self.home.temporary) / "wrong.yaml"
        wrong.write_text("name: wrong\nbuy: cross_above(sma(clos, 3), sma(close, 5))\n"
                         "sell: close < 1\n")
        for message, arguments, code in (
            ('there is no instrument "APPL". Did you mean "AAPL"?', ("service", "create", "--symbol", "APPL", "--balance", "1"), 2),
            ("balance", (*create, "-5"), 2),
            ("needs a balance above 0", (*create, "0"), 2),
            ("--balance", (*create, "ten"), 2),
            ("lies under the minimum of 500", (*create, "400", "--minimum-balance", "500"), 2),
            ("the portfolio has 100000 USD, less than 100000.01", (*create, "100000.01"), 1),
            ('there are no strategies called "golden_gross". Did you mean "golden_cross"?',
             (*create, "5", "--strategy", "golden_gross"), 2),
            ("wrong.yaml:2:", (*create, "5", "--strategy", wrong), 2),
            ("allocation_percent", (*create, "5", "--allocation-percent", "101"), 2),
            ('there is no portfolio "pension"', (*create, "5", "--portfolio", "pension"), 2),
            ("there is no service 7", ("service", "show", "7"), 2),
            ("there is no service 7", ("service", "start", "7"), 2),
            ('there is no service "apple"', ("service", "stop", "apple"), 2),
            ("there is no order 9", ("order", "show", "9"), 2),
            ("less than 100001", ("portfolio", "withdraw", "100001"), 1),
            ("above 0", ("portfolio", "fund", "0"), 2),
            ("amount", ("portfolio", "fund", "-5"), 2),
        ):
            with self.subTest(arguments):
                self.refused(message, *arguments, code=code)
        self.verify()

    def test_settings_that_cannot_be(self):
        self.create()
        for message, arguments, code in (
            ("nothing to set", (), 2),
            ("cannot be set to SELL", ("--mode", "SELL"), 1),
            ("mode", ("--mode", "WAIT"), 2),
            ("less than 90000.5", ("--add-balance", "90000.5"), 1),
            ("the service has 10000 USD, less than 10001", ("--add-balance", "-10001"), 1),
            ("interval_seconds", ("--interval-seconds", "0"), 2),
            ("no open transaction", None, 1),
        ):
            with self.subTest(arguments):
                if arguments is None:
                    self.refused(message, "service", "complete", "1", "--price", "5", code=code)
                else:
                    self.refused(message, "service", "set", "1", *arguments, code=code)
        self.verify()

    def test_what_needs_a_running_process(self):
        self.create()
        for arguments in (("service", "close-position", "1"), ("order", "cancel-all")):
            done = self.refused("nothing is running", *arguments, code=1)
            self.assertIn("argosy serve", done.stderr)
        done = self.home.run("health", check=False)
        self.assertEqual((done.returncode, done.stdout.splitlines()[0]), (1, "not running"))
        done = self.home.run("health", "--json", check=False)
        self.assertEqual(json.loads(done.stdout)["state"], "not running")

    def test_a_ledger_that_cannot_be_opened(self):
        self.create()
        with sqlite3.connect(self.path) as database:
            database.execute("INSERT INTO migrations SELECT database_name, 999, 'later', 0 FROM migrations LIMIT 1")
        done = self.refused("schema version 999", "service", "list", code=2)
        self.assertIn("newer program", done.stderr)

    def test_a_ledger_that_is_locked(self):
        self.create()
        with sqlite3.connect(self.path, isolation_level=None) as database:
            database.execute("BEGIN IMMEDIATE")
            done = self.home.run("portfolio", "fund", "5", check=False)
            self.assertEqual(done.returncode, 1)
            self.assertIn("error: ", done.stderr)
            database.execute("ROLLBACK")
        self.assertEqual(self.json("portfolio", "show")["equity"], "100000")
        self.verify()


class Portfolios(Trading):
    def test_money_in_and_out(self):
        self.assertEqual(self.json("portfolio", "fund", "5000.25", "--note", "salary")["cash"], "105000.25")
        self.assertEqual(self.json("portfolio", "withdraw", "0.25")["cash"], "105000")
        parked = self.json("portfolio", "fund", "10", "--money-market", "--portfolio", "default")
        self.assertEqual((parked["cash"], parked["money_market"], parked["equity"]), ("105000", "10", "105010"))
        self.create()
        shown = self.json("portfolio", "show", "1")
        self.assertEqual([row["service_id"] for row in shown["services"]], [1])
        self.assertEqual((shown["holdings"], shown["equity_snapshots"]), ([], []))
        self.assertIn("95000.00", self.home.run("portfolio", "show").stdout)
        self.verify()


class Risk(Trading):
    def test_soft_limits(self):
        self.assertEqual(self.json("risk", "set", "max_order_value", "250.5"),
                         {"name": "max_order_value", "value": "250.5"})
        [soft] = self.json("risk", "show")["soft"]
        self.assertEqual((soft["scope"], soft["name"], soft["value"], soft["set_by"]),
                         ("all", "max_order_value", "250.5", "admin"))
        self.home.run("risk", "set", "max_order_value", "none")
        self.assertEqual(self.json("risk", "show")["soft"], [])
        for message, name, value in (('Did you mean "max_order_value"?', "max_order_valeu", "5"),
                                     ("max_order_value", "max_order_value", "many")):
            self.refused(message, "risk", "set", name, value, code=2)
        self.refused("max_order_value may not be 25000.01: the hard limit is 25000", "risk", "set", "max_order_value",
                     "25000.01", code=1)
        self.verify()

    def test_the_kill_switch(self):
        self.create()
        thrown = self.json("risk", "kill", "--reason", "prices look wrong")
        self.assertEqual(thrown, {"switch_id": 1})
        self.home.run("risk", "kill", "--scope", "service", "--subject", "AAPL 1", "--entries-only", "--reason", "late")
        switches = self.json("risk", "show")["kill_switches"]
        self.assertEqual([(row["scope"], row["subject"], row["halts"]) for row in switches],
                         [("all", "", "orders"), ("service", "1", "entries")])
        self.assertEqual(self.json("risk", "release"), {"released": 1})
        self.assertEqual(self.json("risk", "release", "--switch", "2"), {"released": 1})
        self.assertEqual(self.json("risk", "show")["kill_switches"], [])
        self.refused("no switch", "risk", "release", code=2)
        self.refused("Name it", "risk", "kill", "--scope", "instrument", "--reason", "x", code=2)
        self.verify()


class Requests(Trading):
    """With a process that holds the ledger, as argosy serve does; the test is that process."""

    def setUp(self):
        super().setUp()
        self.create()
        self.lock = open(f"{self.home.folder}/ledger.lock", "w")  # noqa: SIM115
        self.addCleanup(self.lock.close)
        fcntl.flock(self.lock, fcntl.LOCK_EX)
        with sqlite3.connect(self.path) as database:
            database.execute("UPDATE holder SET process = 'argosy serve (host test, process 1)'")

    def ask(self, *arguments):
        asked = subprocess.Popen([PROGRAM, *arguments, "--home", self.home.folder], text=True,
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(asked.communicate)
        return asked

    def wait_for(self, table):
        until = time.monotonic() + 20
        while time.monotonic() < until:
            rows = self.rows(f"SELECT request_id, kind, payload, requested_by FROM {table} WHERE state = 'NEW'")
            if rows:
                return rows[0]
            time.sleep(0.01)
        raise AssertionError("no request came")

    def answer(self, table, number, state, answer):
        with sqlite3.connect(self.path) as database:
            database.execute(f"UPDATE {table} SET state = ?, answered_at = 1, answer = ? WHERE request_id = ?",
                             (state, json.dumps(answer), number))

    def test_what_is_done_and_what_is_refused(self):
        asked = self.ask("service", "pause", "1")
        number, kind, payload, user = self.wait_for("service_commands")
        self.assertEqual((kind, json.loads(payload), user), ("service_pause", {"id": 1}, "admin"))
        self.answer("service_commands", number, "DONE", {"service_id": 1})
        out, error = asked.communicate(timeout=20)
        self.assertEqual(asked.returncode, 0, error)
        self.assertIn("service 1 (AAPL 1)", out)

        asked = self.ask("service", "close-position", "1")
        number, kind, _, _ = self.wait_for("order_requests")
        self.assertEqual(kind, "close_position")
        for_code = {"code": "not_found", "message": "there is nothing to sell", "hint": "wait for a purchase"}
        self.answer("order_requests", number, "FAILED", {"error": for_code})
        _, error = asked.communicate(timeout=20)
        self.assertEqual((asked.returncode, error),
                         (2, "error: there is nothing to sell\n  wait for a purchase\n"))

    def test_a_process_that_ends_meanwhile(self):
        asked = self.ask("service", "pause", "1")
        self.wait_for("service_commands")
        fcntl.flock(self.lock, fcntl.LOCK_UN)
        out, error = asked.communicate(timeout=20)
        self.assertEqual(asked.returncode, 0, error)
        self.assertIn("PAUSED", out)
        self.assertEqual(self.rows("SELECT * FROM service_commands"), [])
        self.verify()

    def test_a_process_that_does_not_answer(self):
        asked = self.ask("service", "pause", "1")
        number = self.wait_for("service_commands")[0]
        _, error = asked.communicate(timeout=30)
        self.assertEqual(asked.returncode, 1)
        self.assertIn(f"request {number} is stored and will be done", error)
        self.assertEqual(self.wait_for("service_commands")[0], number)


class Health(Trading):
    def test_what_it_says_and_for_how_long(self):
        path = pathlib.Path(self.home.folder) / "health.json"
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        report = {"state": "degraded", "reasons": [{"state": "degraded", "what": "feed", "text": "the feed is stale"}], "time": now,
                  "ledger": {"waiting": 3, "last_ms": 1.5}}
        path.write_text(json.dumps(report))
        self.assertEqual(self.json("health"), report)
        text = self.home.run("health").stdout
        self.assertTrue(text.startswith("degraded\n  the feed is stale\n"), text)
        self.assertIn("ledger.waiting", text)
        for state, at, code in (("halted", now, 1), ("healthy", "2020-01-01T00:00:00Z", 1)):
            path.write_text(json.dumps({**report, "state": state, "time": at}))
            self.assertEqual(self.home.run("health", check=False).returncode, code, state)
        self.assertIn("not running", self.home.run("health", check=False).stdout)


if __name__ == "__main__":
    unittest.main()
