"""Runs backtests with the real program: golden results of the sample strategies, and what bad input is answered with."""

import csv
import json
import pathlib
import subprocess
import tempfile
import unittest

from program import ROOT, Home

STRATEGIES = ROOT / "samples" / "strategies"
GOLDEN = ROOT / "tests" / "golden" / "backtests"

# name -> arguments; the result is tests/golden/backtests/<name>.json. To accept a change: delete the file, run the tests
# twice, and read the difference.
RUNS = {
    "golden_cross_aapl": ["golden_cross.yaml", "--symbol", "AAPL"],
    "golden_cross_ibm_fast": ["golden_cross.yaml", "--symbol", "IBM", "--set", "fast=20", "--set", "slow=100"],
    "golden_cross_msft_raw_shares": ["golden_cross.yaml", "--symbol", "MSFT", "--prices", "raw", "--size-shares", "100",
                                     "--to", "2003-02-14", "--commission-percent", "0.2", "--cash", "50000"],
    "breakout_aapl": ["breakout.yaml", "--symbol", "AAPL"],
    "breakout_three": ["breakout.yaml", "--symbol", "AAPL,MSFT,IBM", "--set", "width=2", "--from", "2003-01-02"],
    "rsi_reversion_msft": ["rsi_reversion.yaml", "--symbol", "MSFT"],
    "rsi_reversion_three": ["rsi_reversion.yaml", "--symbol", "AAPL,IBM,MSFT", "--set", "longest=5"],
    "donchian_breakout_ibm": ["donchian_breakout.yaml", "--symbol", "IBM"],
    "donchian_breakout_three": ["donchian_breakout.yaml", "--symbol", "AAPL,IBM,MSFT", "--fees", "ibkr_fixed"],
    "bollinger_squeeze_aapl": ["bollinger_squeeze.yaml", "--symbol", "AAPL"],
    "bollinger_squeeze_three": ["bollinger_squeeze.yaml", "--symbol", "AAPL,IBM,MSFT", "--set", "patience=5"],
    "macd_atr_msft": ["macd_atr.yaml", "--symbol", "MSFT"],
    "macd_atr_aapl_wide": ["macd_atr.yaml", "--symbol", "AAPL", "--set", "stop=3", "--set", "target=8"],
    "momentum_five": ["momentum.yaml", "--symbol", "AAPL,FB,GOOG,IBM,MSFT", "--set", "hold=2", "--cash", "1000000"],
    "hybrid_aapl": ["hybrid.yaml", "--symbol", "AAPL"],
    "hybrid_ibm_sure": ["hybrid.yaml", "--symbol", "IBM", "--set", "sure=0.8"],
    "trend_five": ["trend_five.yaml"],
    "trend_five_from_2005": ["trend_five.yaml", "--from", "2005-01-03"],
}
KEYS = ("strategy symbols timeframe from to bars initial_cash final_equity total_return cagr sharpe max_drawdown trades "
        "win_rate profit_factor fees data_hash result_hash warnings").split()
TRADE_COLUMNS = "symbol,side,entry_time,entry_price,exit_time,exit_price,quantity,fees,profit,exit_reason".split(",")


class Backtest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.home = Home()
        cls.addClassCleanup(cls.home.remove)
        cls.home.run("init")

    def backtest(self, arguments, **options):
        return self.home.run("backtest", str(STRATEGIES / arguments[0]), *arguments[1:], **options)

    def test_golden(self):
        for name, arguments in RUNS.items():
            with self.subTest(name):
                text = self.backtest([*arguments, "--quick", "--json"]).stdout
                result = json.loads(text)
                self.assertEqual([key for key in KEYS if key not in result], [])
                again = json.loads(self.backtest([*arguments, "--quick", "--json", "--no-store"]).stdout)
                self.assertIsNone(again.pop("run"))
                self.assertIsNotNone(result.pop("run"))
                self.assertEqual(again, result, "the same again")
                file = GOLDEN / f"{name}.json"
                if not file.exists():
                    file.write_text(json.dumps(result, indent=2) + "\n")
                    self.fail(f"{file} was missing and is made now: read it and keep it")
                golden = json.loads(file.read_text())
                for key, value in golden.items():
                    if isinstance(value, float):  # logarithms and powers differ in the last bits between processors
                        self.assertAlmostEqual(result[key], value, delta=1e-9 * max(1, abs(value)), msg=key)
                    else:
                        self.assertEqual(result[key], value, key)

    def test_exits_know_the_position(self):
        """Every exit of a strategy on real bars with dividends and splits, found again by a plain loop."""
        text = ("name: x\nbuy: close > max(high, 20)[1]\ncommission_percent: 0.1\n"
                "sell: close < highest_since_entry * 0.9 or profit_pct < -6% or profit_pct > 30% or bars_held >= 60\n")
        with tempfile.TemporaryDirectory() as folder:
            strategy = pathlib.Path(folder) / "x.yaml"
            strategy.write_text(text)
            for symbol in ("AAPL", "IBM"):
                out = f"{folder}/{symbol}.csv"
                self.home.run("backtest", str(strategy), "--symbol", symbol, "--trades", out)
                bars = list(csv.DictReader(self.home.run("formula", "eval", "close=close", "high=high", "raw=raw.close",
                                                         "--symbol", symbol).stdout.splitlines()))
                row_of = {bar["time"]: row for row, bar in enumerate(bars)}
                trades = list(csv.DictReader(pathlib.Path(out).read_text().splitlines()))
                self.assertGreater(len(trades), 20)
                for trade in trades:
                    entry = row_of[trade["entry_time"]]
                    price = self.quoted_entry(symbol, trade) * float(bars[entry]["close"]) / float(bars[entry]["raw"])
                    row, highest = entry, 0.0
                    while True:
                        close, highest = float(bars[row]["close"]), max(highest, float(bars[row]["high"]))
                        gain = close / price - 1
                        if close < highest * 0.9 or gain < -0.06 or gain > 0.3 or row - entry >= 60:
                            break
                        row += 1
                    self.assertEqual(trade["exit_time"], bars[row + 1]["time"], trade)

    def quoted_entry(self, symbol, trade):
        """The entry price as it was quoted: the trades restate it for splits since."""
        ratio = 1.0
        for split in json.loads(self.home.run("data", "actions", "show", symbol, "--json").stdout)["items"]:
            if split["kind"] == "split" and trade["entry_time"] < split["ex_date"] <= trade["exit_time"]:
                ratio *= split["numerator"] / split["denominator"]
        return float(trade["entry_price"]) * ratio

    def test_formulas_may_look_beyond_the_symbol(self):
        """A strategy on weekly bars, on another symbol and across symbols trades where formula eval says so."""
        with tempfile.TemporaryDirectory() as folder:
            strategy = pathlib.Path(folder) / "x.yaml"
            buy = 'on("1w", close > sma(close, 10)) and of("IBM", close > sma(close, 50))'
            strategy.write_text(f"name: x\nbuy: {buy}\nsell: not ({buy})\n")
            out = f"{folder}/trades.csv"
            result = json.loads(self.home.run("backtest", str(strategy), "--symbol", "MSFT", "--trades", out, "--json").stdout)
            signals = list(csv.DictReader(self.home.run("formula", "eval", buy, "--symbol", "MSFT").stdout.splitlines()))
            values = [row["value"] for row in signals]
            times = [row["time"] for row in signals]
            turns = [times[row + 1] for row in range(1, len(values) - 1)
                     if values[row] == "true" and values[row - 1] != "true"]
            self.assertEqual([trade["entry_time"] for trade in csv.DictReader(pathlib.Path(out).read_text().splitlines())], turns[:result["trades"]])
            self.assertGreater(result["trades"], 10)

            strategy.write_text("name: x\nbuy: cs_rank(roc(close, 60)) == 1\nsell: cs_rank(roc(close, 60)) < 0.6\n"
                                "size: {percent: 50}\n")
            several = self.home.run("backtest", str(strategy), "--symbol", "AAPL,MSFT,IBM", "--json")
            self.assertGreater(json.loads(several.stdout)["trades"], 10)
            alone = self.home.run("backtest", str(strategy), "--symbol", "AAPL", check=False)
            self.assertIn("a cross-section needs several symbols", alone.stderr)

    def test_trades_orders_equity_and_report_tell_the_same(self):
        with tempfile.TemporaryDirectory() as folder:
            files = {kind: f"{folder}/{kind}" for kind in ("trades", "orders", "equity", "report")}
            options = [part for kind, path in files.items() for part in (f"--{kind}", path)]
            result = json.loads(self.backtest(["trend_five.yaml", "--json", *options]).stdout)
            rows = {}
            for kind in ("trades", "orders", "equity"):
                with open(files[kind], newline="") as file:
                    rows[kind] = list(csv.DictReader(file))
            report = pathlib.Path(files["report"]).read_text()
        self.assertEqual(list(rows["trades"][0]), TRADE_COLUMNS)
        self.assertEqual(len(rows["trades"]), result["trades"])
        self.assertEqual(len(rows["orders"]), result["orders"])
        self.assertEqual(rows["equity"][-1]["equity"], result["final_equity"])
        wins = sum(float(row["profit"]) > 0 for row in rows["trades"])
        self.assertAlmostEqual(wins / len(rows["trades"]), result["win_rate"])
        self.assertAlmostEqual(sum(float(row["fee"]) for row in rows["orders"]), float(result["fees"]), places=5)
        for row in rows["orders"]:
            self.assertEqual(row["rule"] != "none", float(row["filled"]) > 0, row)
        self.assertNotIn("<script", report)
        self.assertIn(result["result_hash"], report)

    def test_no_trades_says_so_first_and_why(self):
        with tempfile.TemporaryDirectory() as folder:
            report = f"{folder}/r.html"
            done = self.backtest(["golden_cross.yaml", "--symbol", "FB", "--report", report])
            self.assertTrue(done.stdout.startswith("No trades: the formulas need 2"), done.stdout)
            text = pathlib.Path(report).read_text()
            body = text[text.index("<body"):]
            self.assertLess(body.index("No trades:"), body.index("golden_cross"))

    def test_bad_calls(self):
        good = str(STRATEGIES / "golden_cross.yaml")
        with tempfile.TemporaryDirectory() as folder:
            def strategy(text):
                path = pathlib.Path(folder) / f"{abs(hash(text))}.yaml"
                path.write_text(text)
                return str(path)

            cases = [  # what, arguments, exit codes, part of the message
                ("missing file", ["nowhere.yaml"], 2, "nowhere.yaml"),
                ("unknown symbol", [good, "--symbol", "AAPLE"], 2, "Did you mean \"AAPL\"?"),
                ("no symbol", [good], 2, "--symbol"),
                ("unknown timeframe", [good, "--symbol", "AAPL", "--timeframe", "7q"], 2, "7q"),
                ("timeframe without bars", [good, "--symbol", "AAPL", "--timeframe", "1h"], 2, "1d"),
                ("unknown parameter", [good, "--symbol", "AAPL", "--set", "fsat=3"], 2, "Did you mean \"fast\"?"),
                ("not a window", [good, "--symbol", "AAPL", "--set", "fast=2.5"], 2, "2.5"),
                ("unknown option", [good, "--symbl", "AAPL"], 2, "--symbl"),
                ("no cash", [good, "--symbol", "AAPL", "--cash", "0"], 2, "cash"),
                ("cash that is no number", [good, "--symbol", "AAPL", "--cash", "lots"], 2, "lots"),
                ("commission", [good, "--symbol", "AAPL", "--commission-percent", "-1"], 2, "--commission-percent"),
                ("shares", [good, "--symbol", "AAPL", "--size-shares", "0"], 2, "--size-shares"),
                ("dates", [good, "--symbol", "AAPL", "--from", "2005-01-01", "--to", "2004-01-01"], 2, "2004-01-01"),
                ("not a date", [good, "--symbol", "AAPL", "--from", "soon"], 2, "soon"),
                ("no bars in range", [good, "--symbol", "AAPL", "--from", "2020-01-01"], 2, "no 1d bars of AAPL from 2020-01-01"),
                ("unknown key", [strategy("name: x\nbye: close > 1\n"), "--symbol", "AAPL"], 2, ":2:1: unknown key \"bye\""),
                ("duplicate key", [strategy("name: x\nname: y\n"), "--symbol", "AAPL"], 2, ":2:1"),
                ("parentheses", [strategy("name: x\nbuy: (close > 1\nsell: close < 1\n"), "--symbol", "AAPL"], 2, ":2:"),
                ("division by zero", [strategy("name: x\nbuy: close / 0 > 1\nsell: close < 1\n"), "--symbol", "AAPL"], 2, "zero"),
                ("report in a folder that is not there", [good, "--symbol", "AAPL", "--report", f"{folder}/no/r.html"], (1, 2), "no/r.html"),
            ]
            for what, arguments, codes, message in cases:
                with self.subTest(what):
                    done = self.home.run("backtest", *arguments, check=False)
                    self.assertIn(done.returncode, (codes,) if isinstance(codes, int) else codes, done.stderr)
                    self.assertIn(message, done.stderr)
                    self.assertEqual(done.stdout, "")

    def test_without_a_home(self):
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run([self.home.program, "backtest", str(STRATEGIES / "golden_cross.yaml"), "--symbol", "AAPL",
                                   "--home", f"{folder}/none"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 2)
        self.assertIn("argosy init", done.stderr)

    def test_output_that_cannot_be_written(self):
        with open("/dev/full", "w") as full:
            done = subprocess.run([self.home.program, "backtest", str(STRATEGIES / "golden_cross.yaml"), "--symbol", "AAPL",
                                   "--home", self.home.folder, "--json"], stdout=full, stderr=subprocess.PIPE, text=True)
        self.assertEqual(done.returncode, 1)
        self.assertIn("cannot write the output", done.stderr)


if __name__ == "__main__":
    unittest.main()
