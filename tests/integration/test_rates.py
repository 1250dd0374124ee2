"""Exchange rates with the real program: imported, set, shown with source and age."""

import sqlite3
import unittest

from program import HomeTest, Serves


class Rates(HomeTest):
    def test_import_list_show(self):
        path = self.folder / "ecb.csv"
        path.write_text("date,base,quote,rate\n2013-02-27,EUR,USD,1.3120\n2013-02-28,EUR,USD,1.3129\n"
                        "2013-02-28,USD,KRW,1083.5\n")
        self.assertIn("3 added", self.home.run("rate", "import", path).stdout)
        self.assertIn("3 unchanged", self.home.run("rate", "import", path).stdout)
        items = {item["base"]: item for item in self.json("rate", "list")["items"]}
        self.assertEqual((items["EUR"]["rate"], items["EUR"]["source"], items["EUR"]["is_stale"]), ("1.3129", "ecb.csv", True))
        self.assertEqual(items["EUR"]["time"], "2013-03-01T00:00:00Z")
        self.assertGreater(items["EUR"]["age_seconds"], 3e8)
        self.assertEqual(len(self.json("rate", "list", "--all")["items"]), 3)
        self.assertIn("stale", self.home.run("rate", "show", "EUR/USD").stdout)
        self.assertEqual(self.json("rate", "set", "EUR/USD", "1.0825")["is_stale"], False)
        shown = self.home.run("rate", "show", "USD/EUR").stdout
        self.assertIn("1 EUR is 1.0825 USD, from by hand", shown)
        self.home.run("rate", "set", "USD/KRW", "1400", "--source", "bank")
        cross = self.json("rate", "show", "EUR/KRW")
        self.assertEqual((cross["rate"], cross["source"]), ("1515.5", "by hand, bank"))

    def test_bad_input(self):
        self.home.run("rate", "set", "EUR/USD", "1.08")
        self.refused('Did you mean "EUR"?', "rate", "show", "EUX/USD")
        self.refused("no pair", "rate", "show", "euro")
        self.refused("not above zero", "rate", "set", "EUR/USD", "0")
        self.refused("1,08", "rate", "set", "EUR/USD", "1,08")
        path = self.folder / "bad.csv"
        path.write_text("date,base,quote,rate\n2013-02-27,EUR,USD,1.3\n2013-02-28,EUR,EUR,1\n")
        self.refused("bad.csv:3", "rate", "import", path)
        self.assertEqual(len(self.json("rate", "list", "--all")["items"]), 1)

    def test_help_has_an_example(self):
        for command in ("rate import", "rate list", "rate show", "rate set"):
            self.assertIn("argosy " + command, self.home.run(*command.split(), "--help").stdout, command)


class Trading(Serves, HomeTest):
    def query(self, database, sql):
        connection = sqlite3.connect(f"file:{self.folder}/{database}?mode=ro", uri=True)
        try:
            return connection.execute(sql).fetchall()
        finally:
            connection.close()

    def test_a_service_in_another_currency_and_on_another_exchange(self):
        self.home.run("data", "instrument", "set", "SAP", "--exchange", "XETR", "--currency", "EUR")
        self.home.run("rate", "set", "EUR/USD", "1.25")
        self.home.run("service", "create", "--symbol", "SAP", "--balance", 10000)
        self.serve_until(lambda: self.query("ledger.db", "SELECT DISTINCT state FROM orders") == [("filled",)], "--speed", 240)
        fills = self.query("ledger.db", "SELECT side, price, quantity, rate, rate_inverse FROM fills ORDER BY fill_id")
        self.assertTrue(fills)
        for side, price, quantity, rate, inverse in fills:
            self.assertAlmostEqual(rate / 1e9, 1.25, delta=0.02)
            self.assertEqual(inverse, 0)
        _, price, quantity, rate, _ = fills[0]
        amount = price / 1e9 * quantity / 1e9 * rate / 1e9
        self.assertGreater(amount, 9000)  # of 10,000 USD
        self.assertLess(amount, 10000)
        paid = self.query("ledger.db", "SELECT purchase_amount, quoted_amount FROM trading_transactions")[0]
        self.assertAlmostEqual(paid[0] / paid[1], rate / 1e9, places=6)
        ours = self.query("ledger.db", "SELECT sum(amount) FROM cash_entries WHERE currency = 'USD' AND "
                                       "holder IN ('portfolio', 'money_market', 'service')")
        self.assertEqual(ours, self.query("paper.db", "SELECT cash FROM paper_accounts WHERE currency = 'USD'"))
        self.home.run("db", "verify")
        shown = self.json("portfolio", "show", 1)
        self.assertAlmostEqual(float(shown["equity"]), 100000, delta=1000)


if __name__ == "__main__":
    unittest.main()
