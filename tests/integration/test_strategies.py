"""Sample strategies against plain loops: every trade and every day's equity is found again without the program's code."""

import csv
import pathlib
import subprocess
import tempfile
import unittest
from decimal import Decimal

from plain_run import Bars, Trader, atr, highest, lowest, macd, mean, quoted
from program import ROOT, Home

STRATEGIES = ROOT / "samples" / "strategies"


def macd_atr(bars):
    line, average = macd(bars.close, 12, 26, 9)
    trend, width = mean(bars.close, 200), atr(bars, 14)

    def decide(row):
        if row < 34:
            return None, False, False
        above, was_above = line[row] > average[row], line[row - 1] > average[row - 1]
        below, was_below = line[row] < average[row], line[row - 1] < average[row - 1]
        buys = above and not was_above and trend[row] is not None and bars.close[row] > trend[row]
        return "buy" if buys else None, below and not was_below, False

    def entry(row, side):
        distances = [quoted(multiple * width[row], bars.factor[row]) for multiple in (2, 4)]
        return None, distances[0], distances[1], distances[0]

    return Trader(bars, decide, entry, risk=Decimal("0.01"), power=1)


def donchian_breakout(bars):
    upper, lower = highest(bars.high, 55), lowest(bars.low, 55)
    high, low, width = highest(bars.high, 20), lowest(bars.low, 20), atr(bars, 20)

    def decide(row):
        if row < 21:
            return None, False, False
        sells, covers = bars.close[row] < low[row - 1], bars.close[row] > high[row - 1]
        if upper[row] is None:
            return None, sells, covers
        middle = (upper[row] + lower[row]) / 2
        buys, shorts = bars.close[row] > middle and not sells, bars.close[row] < middle and not covers
        return "buy" if buys else "short" if shorts else None, sells, covers

    def entry(row, side):
        distance = quoted(2 * width[row], bars.factor[row])
        return quoted(upper[row] if side == "buy" else lower[row], bars.factor[row]), distance, None, distance

    return Trader(bars, decide, entry, risk=Decimal("0.01"), power=2, interest=Decimal("0.06"), borrow=Decimal("0.005"))


class Strategies(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.home = Home()
        cls.addClassCleanup(cls.home.remove)
        cls.home.run("init")

    def expect_same(self, strategy, plain, symbol, least):
        with tempfile.TemporaryDirectory() as folder:
            trades, equity = f"{folder}/trades", f"{folder}/equity"
            self.home.run("backtest", str(STRATEGIES / f"{strategy}.yaml"), "--symbol", symbol, "--trades", trades,
                          "--equity", equity)
            trades = list(csv.DictReader(pathlib.Path(trades).read_text().splitlines()))
            equity = list(csv.DictReader(pathlib.Path(equity).read_text().splitlines()))
        run = plain(Bars(self.home, symbol))
        self.assertGreater(len(trades), least)
        for mine, theirs in zip(run.trades, trades):
            for key in ("side", "entry_time", "exit_time", "exit_reason"):
                self.assertEqual(mine[key], theirs[key], (mine, theirs))
            for key in ("entry_price", "exit_price", "quantity", "fees", "profit"):
                self.assertAlmostEqual(mine[key], Decimal(theirs[key]), delta=Decimal("0.00001"), msg=(key, mine, theirs))
        self.assertEqual(len(run.trades), len(trades))
        for mine, theirs in zip(run.equity, equity):
            self.assertAlmostEqual(mine, Decimal(theirs["equity"]), delta=Decimal("0.001"), msg=theirs)

    def test_macd_atr(self):
        for symbol in ("AAPL", "IBM", "MSFT"):
            with self.subTest(symbol):
                self.expect_same("macd_atr", macd_atr, symbol, 50)

    def test_donchian_breakout(self):
        for symbol in ("AAPL", "IBM", "MSFT"):
            with self.subTest(symbol):
                self.expect_same("donchian_breakout", donchian_breakout, symbol, 40)

    def test_a_strategy_in_cpp(self):
        """The sample in C++ trades the turn of every month, found again from the dates of the bars alone."""
        program = pathlib.Path(self.home.program).parent / "samples" / "cpp" / "turn_of_month"
        done = subprocess.run([program, self.home.folder, "IBM"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        lines = done.stdout.splitlines()
        days = Bars(self.home, "IBM").time
        months = {}
        for day in days:
            months.setdefault(day[:7], []).append(day)
        last_sessions = [dates[-1] for dates in months.values()][:-2]  # the last turn is not over when the bars end
        entries = [line.split()[0] for line in lines[1:lines.index("")]]
        self.assertEqual(entries, last_sessions)
        fourth = {dates[3] for dates in months.values() if len(dates) > 3}
        exits = [line.split()[2] for line in lines[1:lines.index("")]]
        self.assertGreater(sum(exit in fourth for exit in exits), 0.8 * len(exits), "but for those stopped out")
        self.assertIn(f"{len(entries)} trades", done.stdout)
        for arguments, code, message in (([], 2, "usage"), ([self.home.folder, "IBN"], 1, "no bars of"), (["nowhere", "IBM"], 1, "")):
            bad = subprocess.run([program, *arguments], capture_output=True, text=True)
            self.assertEqual(bad.returncode, code, bad.stderr)
            self.assertIn(message, bad.stderr)


if __name__ == "__main__":
    unittest.main()
