"""Splits, dividends and delistings in the real program: imported while nothing runs and while it trades, booked on their
day in the ledger and at the paper venue alike."""

import sqlite3
import time
import unittest

from program import HomeTest, Serves

HOLDS = """name: holds
timeframe: 1m
buy: close > 0
sell: close < 0
"""


class Actions(Serves, HomeTest):
    def setUp(self):
        super().setUp()
        config = self.folder / "trading.yaml"
        text = config.read_text()
        self.assertIn("quote_interval_ms: 1000", text)
        config.write_text(text.replace("quote_interval_ms: 1000", "quote_interval_ms: 20000"))
        (self.folder / "holds.yaml").write_text(HOLDS)
        self.home.run("strategy", "save", self.folder / "holds.yaml", "--name", "holds")

    def rows(self, database, sql):
        connection = sqlite3.connect(f"file:{self.folder}/{database}?mode=ro", uri=True)
        self.addCleanup(connection.close)
        return connection.execute(sql).fetchall()

    def held(self):
        """Shares by symbol, in the ledger, compared with the venue's."""
        held = dict(self.rows("ledger.db", "SELECT symbol, quantity FROM positions ORDER BY symbol"))
        venue = dict(self.rows("paper.db", "SELECT symbol, quantity FROM paper_holdings"))
        for symbol, quantity in held.items():
            self.assertEqual(quantity, venue[symbol], symbol)
        cash = self.rows("ledger.db", "SELECT (SELECT sum(cash) FROM portfolios) + sum(current_balance) "
                                      "FROM trading_services")
        self.assertEqual(cash, self.rows("paper.db", "SELECT cash FROM paper_accounts"))
        return held

    def bought(self, count):
        """Whether so many orders are filled, and none is open."""
        return self.rows("ledger.db", "SELECT state, count(*) FROM orders GROUP BY 1") == [("filled", count)]

    def bring(self, *lines):
        file = self.folder / "actions.csv"
        file.write_text("symbol,ex_date,kind,numerator,denominator,amount\n" + "".join(f"{each}\n" for each in lines))
        self.home.run("data", "actions", "import", file)

    def test_what_is_imported_is_booked_on_its_day(self):
        for symbol, balance in (("AAPL", 9000), ("AAPL", 5500), ("MSFT", 8000), ("NVDA", 3000)):
            self.json("service", "create", "--symbol", symbol, "--balance", balance, "--strategy", "holds")
        self.serve_until(lambda: self.bought(4), "--speed", 300)
        before = self.held()
        self.assertEqual(sorted(before), ["AAPL", "MSFT", "NVDA"])
        self.bring("AAPL,2013-03-05,split,3,2,", "MSFT,2013-03-05,dividend,,,0.25", "NVDA,2013-03-05,delisting,,,5")
        # A session is 6.5 seconds; the delisting is settled the day after.
        self.serve_until(lambda: self.rows("ledger.db", "SELECT 1 FROM trading_services WHERE state = 'INACTIVE'"),
                         "--speed", 3600)
        after = self.held()
        self.assertEqual(after["AAPL"], before["AAPL"] * 3 // 2 // 10**9 * 10**9)
        self.assertEqual(after["MSFT"], before["MSFT"])
        self.assertEqual(after["NVDA"], 0)
        booked = self.rows("ledger.db", "SELECT symbol, kind, skipped FROM booked_actions ORDER BY symbol")
        self.assertEqual(booked, [("AAPL", "split", ""), ("MSFT", "dividend", ""), ("NVDA", "delisting", "")])
        states = dict(self.rows("ledger.db", "SELECT stock_symbol, state FROM trading_services"))
        self.assertEqual(states, {"AAPL": "ACTIVE", "MSFT": "ACTIVE", "NVDA": "INACTIVE"})
        # Prices follow the split: nothing was won by it.
        price, cost, quantity = self.rows(
            "ledger.db", "SELECT price, cost, quantity FROM positions WHERE symbol = 'AAPL'")[0]
        self.assertLess(price * quantity // 10**12, cost * 1.25)
        self.home.run("db", "verify")
        told = self.rows("ledger.db", "SELECT subject FROM outbox WHERE subject LIKE '%block%'")
        self.assertEqual(told, [])

    def test_an_import_is_seen_by_a_process_that_trades(self):
        self.json("service", "create", "--symbol", "AAPL", "--balance", 9000, "--strategy", "holds")
        self.serve_until(lambda: self.bought(1), "--speed", 300)
        before = self.held()["AAPL"]
        process = self.start("--speed", 1800)
        time.sleep(1)
        self.bring("AAPL,2013-03-06,split,4,1,")
        self.wait_for(lambda: self.rows("ledger.db", "SELECT 1 FROM booked_actions"), seconds=60)
        process.terminate()
        self.assertEqual(process.wait(timeout=20), 0)
        self.assertEqual(self.held()["AAPL"], before * 4)
        self.home.run("db", "verify")


if __name__ == "__main__":
    unittest.main()
