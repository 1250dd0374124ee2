"""What a backtest assumes of the market: slippage, volume, finer bars, currencies, shorts. Small bars written by hand, so
that every number can be worked out on paper."""

import csv
import json
import pathlib
import tempfile
import unittest

from program import ROOT, Home

STRATEGIES = ROOT / "samples" / "strategies"

HEADER = "time,open,high,low,close,volume\n"
# Bought at the close of the second day, sold at the close of the fourth.
DAYS = ["2024-01-01,10,10,10,10,1000", "2024-01-02,10,12,10,12,1000", "2024-01-03,12,16,8,14,1000",
        "2024-01-04,14,15,13,14,1000", "2024-01-05,13,14,12,13,1000"]
STRATEGY = """name: hand
buy: close > 11 and close[1] < 11
sell: bars_held >= 1
size: {shares: 100}
"""
SHORT = """name: hand_short
account: margin
short: close > 11 and close[1] < 11
cover: bars_held >= 1
size: {shares: 100}
"""


class Market(unittest.TestCase):
    def setUp(self):
        self.home = Home()
        self.home.run("init")
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="argosy-market-", dir=self.home.temporary))
        self.strategy = self.write("hand.yaml", STRATEGY)
        self.data("X", DAYS)

    def tearDown(self):
        self.home.remove()

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text)
        return path

    def data(self, symbol, rows, timeframe="1d"):
        path = self.write(f"{symbol}.csv", HEADER + "\n".join(rows) + "\n")
        self.home.run("data", "import", path, "--symbol", symbol, "--timeframe", timeframe)

    def backtest(self, *arguments, strategy=None):
        """The result and its orders."""
        orders = self.folder / "orders.csv"
        done = self.home.run("backtest", strategy or self.strategy, "--cash", "10000", "--orders", orders, "--json",
                             *arguments)
        with open(orders, newline="") as file:
            return json.loads(done.stdout), list(csv.DictReader(file))

    def fails(self, *arguments, strategy=None):
        done = self.home.run("backtest", strategy or self.strategy, *arguments, check=False)
        self.assertNotEqual(done.returncode, 0)
        return done.stderr

    def test_without_anything(self):
        result, orders = self.backtest("--symbol", "X")
        self.assertEqual([(o["fill_price"], o["fill_time"], o["rule"]) for o in orders],
                         [("12", "2024-01-03", "next_open"), ("13", "2024-01-05", "next_open")])
        self.assertEqual(result["final_equity"], "10100")
        self.assertEqual((result["slippage"], result["latency"], result["volume_cap"], result["account"]),
                         ("none", "none", None, "cash"))

    def test_slippage_is_to_the_worse_side(self):
        result, orders = self.backtest("--symbol", "X", "--slippage", "percent:1")
        self.assertEqual([o["fill_price"] for o in orders], ["12.12", "12.87"])
        self.assertEqual(result["final_equity"], "10075")
        self.assertEqual(result["slippage"], "percent:1")

    def test_a_volume_cap_fills_in_parts(self):
        _, orders = self.backtest("--symbol", "X", "--volume-cap", "5%")
        self.assertEqual((orders[0]["filled"], orders[0]["fill_price"], orders[0]["fill_time"]),
                         ("100", "13", "2024-01-04"))  # 50 at 12, 50 at 14

    def test_latency_waits_a_bar(self):
        _, orders = self.backtest("--symbol", "X", "--latency", "bars:1")
        self.assertEqual((orders[0]["fill_price"], orders[0]["fill_time"]), ("14", "2024-01-04"))

    def test_finer_bars_tell_what_came_first(self):
        strategy = self.write("bracket.yaml", STRATEGY.replace("sell: bars_held >= 1", "stop_loss: 25%\ntake_profit: 25%"))
        result, orders = self.backtest("--symbol", "X", strategy=strategy)
        self.assertEqual([(o["reason"], o["state"]) for o in orders[1:]],
                         [("stop_loss", "filled"), ("take_profit", "cancelled")])
        # In minutes the high of the third day came before its low.
        minutes = ["2024-01-03T14:30:00Z,12,16,12,16,500", "2024-01-03T14:31:00Z,16,16,8,14,500"]
        self.data("X", minutes, "1m")
        result, orders = self.backtest("--symbol", "X", "--detail", "1m", strategy=strategy)
        self.assertEqual([(o["reason"], o["state"], o["fill_price"], o["fill_time"]) for o in orders[1:]],
                         [("stop_loss", "cancelled", "", ""), ("take_profit", "filled", "15", "2024-01-03T14:30:00Z")])
        self.assertEqual(result["detail"], "1m")
        self.assertIn("not finer", self.fails("--symbol", "X", "--detail", "1d", strategy=strategy))
        self.assertIn("no 5m bars", self.fails("--symbol", "X", "--detail", "5m", strategy=strategy))

    def test_a_short_gains_when_the_price_falls(self):
        strategy = self.write("short.yaml", SHORT + "borrow: {rate: 36%}\ninterest: 6%\n")
        self.data("X", ["2024-01-08,11,11,11,11,1000"])
        result, orders = self.backtest("--symbol", "X", strategy=strategy)
        self.assertEqual([(o["side"], o["effect"], o["reason"], o["fill_price"]) for o in orders],
                         [("sell", "open", "short_signal", "12"), ("buy", "close", "cover_signal", "13")])
        # Two nights (of the third to the fifth of January) of 1,400 at 36 % over 360 days.
        self.assertEqual(result["charges"], "-2.8")
        self.assertEqual(result["final_equity"], "9897.2")
        self.assertIn("needs margin", self.fails("--symbol", "X", "--account", "cash", strategy=strategy))
        lent_out = self.write("lent.yaml", SHORT + "borrow: {unavailable: [X]}\n")
        result, _ = self.backtest("--symbol", "X", strategy=lent_out)
        self.assertEqual(result["orders_rejected"], 1)

    def test_another_currency_is_converted_at_the_rate_of_the_day_before(self):
        self.home.run("data", "instrument", "set", "X", "--currency", "EUR")
        self.assertIn("there is no rate from EUR to USD", self.fails("--symbol", "X", "--currency", "USD"))
        rates = [f"2024-01-0{day},1,2,1,{rate},1" for day, rate in enumerate(["1.1", "1.25", "1.3", "1.5", "1.5"], 1)]
        self.data("EURUSD", rates)
        result, _ = self.backtest("--symbol", "X", "--currency", "USD")
        # 100 x 12 x 1.25 are paid, 100 x 13 x 1.5 come back.
        self.assertEqual(result["final_equity"], "10450")
        self.assertEqual(result["currency"], "USD")
        # The same rates, quoted the other way round, and in the instrument's own currency.
        own, _ = self.backtest("--symbol", "X")
        self.assertEqual((own["currency"], own["final_equity"]), ("EUR", "10100"))
        # With a balance in euros nothing is converted but the total.
        both, _ = self.backtest("--symbol", "X", "--currency", "USD", "--balance", "EUR:2000")
        self.assertEqual(both["final_equity"], "13150")  # 10,000 and 2,100 at 1.5

    def test_a_delisting_pays_its_holders(self):
        actions = self.write("actions.csv", "symbol,ex_date,kind,amount\nX,2024-01-04,delisting,2.5\n")
        self.home.run("data", "actions", "import", actions)
        strategy = self.write("hold.yaml", STRATEGY.replace("bars_held >= 1", "bars_held >= 100"))
        trades = self.folder / "trades.csv"
        result, _ = self.backtest("--symbol", "X", "--trades", trades, strategy=strategy)
        self.assertEqual(result["final_equity"], "9050")
        with open(trades, newline="") as file:
            self.assertEqual([(t["exit_reason"], t["exit_price"]) for t in csv.DictReader(file)], [("delisting", "2.5")])

    def test_bad_assumptions_say_what_is_possible(self):
        for arguments, expected in [
                (["--slippage", "percent"], "slippage"), (["--slippage", "wide:1"], "slippage"),
                (["--volume-cap", "0"], "10%"), (["--latency", "ms:-1"], "latency"),
                (["--balance", "5000"], "--balance EUR:5000"), (["--limit-fills", "maybe"], "through")]:
            with self.subTest(arguments):
                self.assertIn(expected, self.fails("--symbol", "X", *arguments))

    def test_a_size_that_is_no_number_is_denied(self):
        strategy = self.write("nan.yaml", STRATEGY.replace("{shares: 100}", "{percent: 100 / (close - close)}"))
        result, orders = self.backtest("--symbol", "X", strategy=strategy)
        self.assertEqual(result["orders_denied"], 1)
        self.assertEqual(orders[0]["note"], "a formula gives no number for its size or prices")

    def test_a_universe_trades_only_its_members(self):
        self.data("Y", DAYS)
        self.write("u.csv", "universe,symbol,from,to\nU,X,2024-01-03,\nU,Y,2024-01-01,2024-01-31\n")
        self.home.run("data", "universe", "import", self.folder / "u.csv")
        result, orders = self.backtest("--universe", "U")
        self.assertEqual(sorted(result["symbols"]), ["X", "Y"])
        self.assertEqual({o["symbol"] for o in orders}, {"Y"})
        self.assertIn("no symbol", self.fails("--universe", "V"))


if __name__ == "__main__":
    unittest.main()
