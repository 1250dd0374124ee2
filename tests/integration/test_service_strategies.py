"""Services that decide by strategy files in the real program: one that the ledger keeps, a file by its path, and what
is refused. The bars that they saw are a lake that other commands read."""

import json
import shutil
import unittest

from program import HomeTest, Serves

MINUTES = """name: minutes
timeframe: 1m
buy: close > 0
sell: bars_held >= 2
"""


class ServiceStrategies(Serves, HomeTest):
    def test_a_strategy_trades_at_each_closed_bar_and_the_bars_are_kept(self):
        file = self.folder / "minutes.yaml"
        file.write_text(MINUTES)
        self.home.run("strategy", "save", file, "--name", "mine")
        self.json("service", "create", "--symbol", "AAPL", "--balance", 10000, "--strategy", "mine")
        self.json("service", "create", "--symbol", "MSFT", "--balance", 10000, "--strategy", file)
        # A purchase at one bar, a sale three bars later.
        told = json.loads(self.serve_until(lambda: self.sold() > 4, "--speed", 300, "--json"))
        self.assertGreater(told["decisions"], 8)
        self.assertGreater(told["fills"], 8)
        self.home.run("db", "verify")
        # The same file again: its bars begin where the last ones ended.
        self.json("serve", "--for", 3, "--speed", 300)
        self.home.run("db", "verify")
        seen = self.look_at_seen()
        for symbol in ("AAPL", "MSFT"):
            rows = [s["rows"] for s in seen if s["symbol"] == symbol and s["timeframe"] == "1m"]
            self.assertGreater(rows[0], 8, seen)

    def sold(self):
        return sum(order["side"] == "sell" and order["state"] == "filled" for order in self.json("order", "list")["items"])

    def look_at_seen(self):
        """What `data list` says of the bars that were seen, as the lake of a home."""
        shutil.rmtree(self.folder / "lake")
        shutil.copytree(self.folder / "seen", self.folder / "lake")
        return self.json("data", "list")["items"]

    def test_what_no_service_can_do_is_refused(self):
        create = ("service", "create", "--symbol", "AAPL", "--balance", 1000, "--strategy")
        self.refused("compares many symbols", *create, "momentum")
        self.refused("sells short", *create, "bollinger_squeeze")
        self.refused("golden_cross", *create, "golden")
        self.assertEqual(self.json("service", "list")["items"], [])


if __name__ == "__main__":
    unittest.main()
