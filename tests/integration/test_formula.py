"""`argosy formula` with the real program on the sample bars."""

import csv
import io
import json
import math
import pathlib
import tempfile
import unittest

from program import Home


class Formula(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.home = Home()
        cls.addClassCleanup(cls.home.remove)
        cls.home.run("init")

    def evaluate(self, *arguments, symbol="AAPL", **options):
        return self.home.run("formula", "eval", *arguments, "--symbol", symbol, **options)

    def rows(self, *arguments, **options):
        return list(csv.DictReader(io.StringIO(self.evaluate(*arguments, **options).stdout)))

    def test_one_row_a_bar_with_the_warm_up_empty(self):
        rows = self.rows("rsi(close,14)", "--timeframe", "1d")
        self.assertEqual(len(rows), 3270)
        self.assertEqual(list(rows[0]), ["time", "value"])
        self.assertEqual([row["value"] for row in rows[:14]], [""] * 14)
        self.assertTrue(all(0 <= float(row["value"]) <= 100 for row in rows[14:]))
        self.assertEqual(rows[14]["value"], repr(float(rows[14]["value"])), "the shortest text that reads back")

    def test_truth_and_prices(self):
        rows = self.rows("close > close[1]", "--prices", "raw")
        self.assertEqual(rows[0]["value"], "")
        self.assertEqual({row["value"] for row in rows[1:]}, {"true", "false"})
        raw = self.rows("raw.close")
        self.assertEqual(raw[0]["value"], "130.31")
        # The last close is 430.47; two splits of 2:1 and three dividends of 2.65 since the first bar.
        factor = 4 * math.prod(c / (c - 2.65) for c in (619.86, 582.8495, 457.35))
        adjusted = self.rows("close")
        self.assertEqual(adjusted[0]["value"], "130.31")
        self.assertAlmostEqual(float(adjusted[-1]["value"]), 430.47 * factor, places=6)

    def test_stream_writes_the_same_bytes(self):
        formulas = ["a=macd(close,12,26,9).histogram", "b=bbands(close,20,2).lower", "c=cross_above(close, sma(close,50))",
                    "d=atr(14) / close", "e=rma(hl2, 7)", "f=close > open ? log(volume) : -1"]
        whole = self.evaluate(*formulas).stdout
        self.assertEqual(whole, self.evaluate(*formulas, "--stream").stdout)
        self.assertTrue(whole.startswith("time,a,b,c,d,e,f\n"))

    def test_all_outputs_and_out_file(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "macd.csv"
            self.evaluate("macd(close,12,26,9)", "--all-outputs", "--out", path)
            header = path.read_text().splitlines()[0]
        self.assertEqual([name.split(".")[-1] for name in header.split(",")], ["time", "macd", "signal", "histogram"])

    def test_a_range_parameters_and_lets(self):
        rows = self.rows("close - base * k", "--let", "base=sma(close, n)", "--param", "n=2", "--param", "k=0", "--from", "2012-01-03",
                         "--to", "2012-01-05")
        self.assertEqual([row["time"] for row in rows], ["2012-01-03", "2012-01-04", "2012-01-05"])
        self.assertEqual(rows[0]["value"], "")
        self.assertNotEqual(rows[1]["value"], "")

    def test_list_explain_plan(self):
        items = json.loads(self.home.run("formula", "list", "--json").stdout)["items"]
        names = {item["name"] for item in items}
        wanted = "sma ema rma stddev min max rsi atr macd bbands roc cross_above cross_below abs log sqrt".split()
        self.assertEqual([name for name in wanted if name not in names], [])
        self.assertIn("Wilder", self.home.run("formula", "explain", "rsi").stdout)
        plan = self.home.run("formula", "plan", "sma(close,5) + sma(close,5)").stdout
        self.assertEqual(plan.count("sma"), 1, plan)

    def test_bad_formulas(self):
        cases = {
            "rsi(close,14": "1:13",
            "rsi(clsoe,14)": "close",
            "ris(close,14)": "rsi",
            "close +": "1:8",
            "sma(close, 0)": "0",
            "sma(close, open)": "open",
            "close / 0": "zero",
            "close > open > 1": "",
            "(" * 100_000: "1:",
            "close and 1": "",
            "": "",
            "macd(close).histgram": "histogram",
        }
        for text, message in cases.items():
            with self.subTest(text[:30]):
                done = self.evaluate(text, check=False)
                self.assertEqual(done.returncode, 2, done.stderr)
                self.assertIn(message, done.stderr)
                self.assertEqual(done.stdout, "")

    def test_bad_calls(self):
        for arguments, message in ((["close", "--timeframe", "9x"], "9x"), (["close", "--from", "2013-01-02", "--to", "2012-01-01"], "2012"),
                                   (["close", "--param", "n"], "name=value")):
            done = self.evaluate(*arguments, check=False)
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertIn(message, done.stderr)
        unknown = self.evaluate("close", symbol="IMB", check=False)
        self.assertEqual(unknown.returncode, 2)
        self.assertIn("IBM", unknown.stderr)


if __name__ == "__main__":
    unittest.main()
