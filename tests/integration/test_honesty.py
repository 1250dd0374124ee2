"""What backtests say of themselves: look-ahead, luck and costs, with the real program on the sample bars."""

import json
import pathlib
import tempfile
import unittest

from program import ROOT, Home

STRATEGIES = ROOT / "samples" / "strategies"
UNIVERSES = {"momentum": "AAPL,MSFT,IBM,GOOG,FB", "trend_five": "AAPL,MSFT,IBM,GOOG,FB"}

# Formulas that look beyond the symbol's own rows, and runs in which timing is less simple.
BEYOND = {
    "weeks": 'buy: "close > on(\\"1w\\", sma(close, 4))"\nsell: "close < on(\\"1w\\", sma(close, 4))"\n',
    "months": 'buy: "close > on(\\"1mo\\", sma(close, 3))"\nsell: "close < on(\\"1mo\\", sma(close, 3))"\n',
    "another": 'buy: "close / close[5] > of(\\"GOOG\\", close / close[5])"\nsell: "close < sma(close, 10)"\n',
    "ranks": 'buy: "cs_rank(close / close[20]) > 0.6"\nsell: "cs_rank(close / close[20]) < 0.4"\n',
    "exits": "buy: close > max(high, 20)[1]\nsell: close < highest_since_entry * 0.9 or bars_held >= 30\n",
    "late": "buy: close > ema(close, 20)\nsell: close < ema(close, 20)\nlatency: bars:1\nvolume_cap: 1%\n"
            "slippage: volume:0.1\n",
    "closes": "buy: rsi(close) < 40\nsell: rsi(close) > 55\norder: {type: market, time_in_force: at_close}\n"
              "trailing_stop: 5%\n",
    "margin": "account: margin\nbuy: close > sma(close, 20)\nsell: close < sma(close, 20)\n"
              "short: close < sma(close, 20)\ncover: close > sma(close, 20)\ninterest: 6%\nborrow: {rate: 1%}\n",
}


class Honesty(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.home = Home()
        cls.addClassCleanup(cls.home.remove)
        cls.home.run("init")

    def backtest(self, strategy, symbols, *more):
        return json.loads(self.home.run("backtest", strategy, "--symbol", symbols, "--json", "--no-store", *more).stdout)

    def expect_proved_clean(self, result, name):
        found = result["look_ahead"]
        self.assertEqual(found["leaks"], [], name)
        self.assertEqual(found["checked"], result["bars"], name)
        self.assertEqual(found["badge"], "clean", name)

    def test_every_sample_strategy_is_clean(self):
        for file in sorted(STRATEGIES.glob("*.yaml")):
            runs = [UNIVERSES[file.stem]] if file.stem in UNIVERSES else ["AAPL", "IBM", "MSFT,GOOG"]
            for symbols in runs:
                self.expect_proved_clean(self.backtest(file, symbols, "--prove"), (file.stem, symbols))

    def test_what_looks_beyond_its_rows_is_clean(self):
        with tempfile.TemporaryDirectory() as folder:
            for name, text in BEYOND.items():
                file = pathlib.Path(folder) / f"{name}.yaml"
                file.write_text(f"name: {name}\n{text}commission_percent: 0.1\n")
                result = self.backtest(file, "AAPL,MSFT,IBM", "--prove")
                self.expect_proved_clean(result, name)
                self.assertGreater(result["orders"], 0, name)

    def test_minutes_are_clean(self):
        self.home.run("data", "simulate", "--symbols", "2", "--days", "6", "--timeframe", "1m")
        listed = json.loads(self.home.run("data", "list", "--json").stdout)["items"]
        minutes = [item["symbol"] for item in listed if item["timeframe"] == "1m"]
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "m.yaml"
            file.write_text('name: m\ntimeframe: 1m\nbuy: "close > on(\\"15m\\", sma(close, 4))"\n'
                            'sell: "close < on(\\"1h\\", sma(close, 2))"\nlatency: ms:250\n')
            self.expect_proved_clean(self.backtest(file, ",".join(minutes), "--prove"), "minutes")
            file.write_text("name: m\ntimeframe: 1m\nbuy: cross_above(sma(close, 5), sma(close, 20))\n"
                            "sell: cross_below(sma(close, 5), sma(close, 20))\nstop_loss: 1%\n")
            result = self.backtest(file, minutes[0], "--prove", "--timeframe", "1m")
            self.expect_proved_clean(result, "own minutes")
            self.assertEqual(result["luck"]["returns_of"], "bar", "days are few")

    def test_the_members(self):
        result = self.backtest(STRATEGIES / "macd_atr.yaml", "AAPL")
        self.assertFalse(result["quick"])
        names = [estimate["name"] for estimate in result["luck"]["statistics"]]
        self.assertEqual(names, ["total_return", "cagr", "volatility", "sharpe", "sortino", "calmar", "max_drawdown",
                                 "win_rate", "profit_factor", "expectancy"])
        for estimate in result["luck"]["statistics"]:
            self.assertAlmostEqual(estimate["value"], result[estimate["name"]], delta=1e-6 * abs(estimate["value"]),
                                   msg="of days the estimates are the headline's")
            self.assertLess(estimate["low"], estimate["value"])
            self.assertGreater(estimate["high"], estimate["value"])
        self.assertEqual([rung["multiple"] for rung in result["costs"]["ladder"]], [0, 1, 2, 3])
        self.assertEqual(result["costs"]["ladder"][1]["final_equity"], result["final_equity"])
        returns = [rung["total_return"] for rung in result["costs"]["ladder"]]
        self.assertEqual(returns, sorted(returns, reverse=True))
        self.assertGreater(result["costs"]["break_even"], 1)
        entries = result["luck"]["random_entries"]
        self.assertEqual(entries["entries"], result["trades"])
        self.assertTrue(0 < entries["p_value"] <= 1)
        recursive = {formula["formula"] for formula in result["warm_up"]["formulas"] if formula["recursive"]}
        self.assertIn("atr(14)", recursive)
        self.assertNotIn("sma(close, 200)", recursive)
        self.assertEqual(result["luck"]["sharpe"]["deflated"], result["luck"]["sharpe"]["probabilistic"])

    def test_the_break_even_is_one(self):
        """At so many times the costs the gain is gone."""
        file = STRATEGIES / "macd_atr.yaml"
        multiple = self.backtest(file, "AAPL")["costs"]["break_even"]
        result = self.backtest(file, "AAPL", "--quick", "--commission-percent", f"{multiple * 0.1:.4f}")
        self.assertLess(abs(result["total_return"]), 0.003)

    def test_quick_says_so(self):
        file = STRATEGIES / "golden_cross.yaml"
        whole, quick = self.backtest(file, "AAPL"), self.backtest(file, "AAPL", "--quick")
        self.assertTrue(quick["quick"])
        for key, value in quick.items():
            if key in ("look_ahead", "warm_up", "luck", "costs"):
                self.assertIsNone(value)
            elif key != "quick":
                self.assertEqual(value, whole[key], key)
        self.assertIn("were not looked at", self.home.run("backtest", file, "--symbol", "AAPL", "--quick").stdout)
        both = self.home.run("backtest", file, "--symbol", "AAPL", "--quick", "--prove", check=False)
        self.assertEqual(both.returncode, 2, both.stderr)

    def test_seeds_move_luck_alone(self):
        file = STRATEGIES / "macd_atr.yaml"
        first, second = self.backtest(file, "IBM"), self.backtest(file, "IBM", "--seed", "2")
        self.assertEqual(first["luck"], self.backtest(file, "IBM")["luck"], "the same seed, the same luck")
        self.assertNotEqual(first["luck"], second["luck"])
        self.assertEqual(first["result_hash"], second["result_hash"])
        self.assertEqual(first["costs"], second["costs"])

    def test_report_and_text(self):
        with tempfile.TemporaryDirectory() as folder:
            report = pathlib.Path(folder) / "r.html"
            file = STRATEGIES / "hybrid.yaml"
            text = self.home.run("backtest", file, "--symbol", "AAPL", "--report", report).stdout
            for line in ("look-ahead: none at any of 3,270 bars", "95 % interval", "times the assumed costs"):
                self.assertIn(line, text)
            body = report.read_text()
            for part in ("Look-ahead: none at any of 3,270 bars", "Luck or skill", "Other costs", "Drawdown by luck",
                         "Bars that formulas need", "Random entries"):
                self.assertIn(part, body)
            self.home.run("backtest", file, "--symbol", "AAPL", "--report", report, "--quick")
            body = report.read_text()
            self.assertIn("were not looked at", body)
            self.assertNotIn("Luck or skill", body)


if __name__ == "__main__":
    unittest.main()
