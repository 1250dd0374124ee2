"""Compares `argosy formula eval` with TA-Lib on the sample bars: the same rows empty, the others within 1e-9 relative.

ARGOSY names the program. Needs numpy and TA-Lib.
"""

import csv
import os
import subprocess
import tempfile
import unittest

import numpy as np
import talib

SYMBOLS = ("AAPL", "FB", "GOOG", "IBM", "MSFT")

# Formula -> TA-Lib on the bars. A formula with several outputs gives a tuple in their order.
CASES = {
    "sma(close, 20)": lambda b: talib.SMA(b["close"], 20),
    "sma(volume, 200)": lambda b: talib.SMA(b["volume"], 200),
    "ema(close, 20)": lambda b: talib.EMA(b["close"], 20),
    "ema(open, 2)": lambda b: talib.EMA(b["open"], 2),
    "stddev(close, 20)": lambda b: talib.STDDEV(b["close"], 20),
    "stddev(close, 5)": lambda b: talib.STDDEV(b["close"], 5),
    "min(low, 20)": lambda b: talib.MIN(b["low"], 20),
    "max(high, 55)": lambda b: talib.MAX(b["high"], 55),
    "rsi(close, 14)": lambda b: talib.RSI(b["close"], 14),
    "rsi(close, 2)": lambda b: talib.RSI(b["close"], 2),
    "atr(14)": lambda b: talib.ATR(b["high"], b["low"], b["close"], 14),
    "atr(5)": lambda b: talib.ATR(b["high"], b["low"], b["close"], 5),
    "macd(close, 12, 26, 9)": lambda b: talib.MACD(b["close"], 12, 26, 9),
    "macd(close, 5, 34, 5)": lambda b: talib.MACD(b["close"], 5, 34, 5),
    "bbands(close, 20, 2)": lambda b: talib.BBANDS(b["close"], 20, 2, 2),
    "bbands(close, 5, 1.5)": lambda b: talib.BBANDS(b["close"], 5, 1.5, 1.5),
    "roc(close, 10)": lambda b: talib.ROC(b["close"], 10),
    "hlc3": lambda b: talib.TYPPRICE(b["high"], b["low"], b["close"]),
    "hl2": lambda b: talib.MEDPRICE(b["high"], b["low"]),
    "ohlc4": lambda b: talib.AVGPRICE(b["open"], b["high"], b["low"], b["close"]),
    "log(close)": lambda b: talib.LN(b["close"]),
    "sqrt(close)": lambda b: talib.SQRT(b["close"]),
    # Wilder's smoothing of the true range from the second bar on is the average true range.
    "rma((max(high, 1) > close[1] ? high : close[1]) - (low < close[1] ? low : close[1]), 14)":
        lambda b: talib.ATR(b["high"], b["low"], b["close"], 14),
}


def run(*arguments: str) -> str:
    return subprocess.run([os.environ["ARGOSY"], *arguments], check=True, capture_output=True, text=True).stdout


class TaLib(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.folder = tempfile.TemporaryDirectory()
        cls.home = cls.folder.name + "/home"
        run("init", "--home", cls.home)

    @classmethod
    def tearDownClass(cls) -> None:
        cls.folder.cleanup()

    def evaluate(self, symbol: str, *formulas: str) -> list:
        """The columns of `formula eval` on raw prices, empty cells as NaN."""
        text = run("formula", "eval", *formulas, "--all-outputs", "--symbol", symbol, "--timeframe", "1d",
                   "--prices", "raw", "--home", self.home)
        rows = list(csv.reader(text.splitlines()))
        self.assertEqual(rows[0][0], "time")
        return [np.array([float(row[k]) if row[k] else np.nan for row in rows[1:]]) for k in range(1, len(rows[0]))]

    def bars(self, symbol: str) -> dict:
        names = ("open", "high", "low", "close", "volume")
        return dict(zip(names, self.evaluate(symbol, *(f"raw.{name}" if name != "volume" else name for name in names))))

    def test_equal_on_real_bars(self) -> None:
        for symbol in SYMBOLS:
            bars = self.bars(symbol)
            for formula, peer in CASES.items():
                theirs = peer(bars)
                theirs = theirs if isinstance(theirs, tuple) else (theirs,)
                ours = self.evaluate(symbol, formula)
                self.assertEqual(len(ours), len(theirs), formula)
                for output, (mine, other) in enumerate(zip(ours, theirs)):
                    with self.subTest(symbol=symbol, formula=formula, output=output):
                        np.testing.assert_array_equal(np.isnan(mine), np.isnan(other), "other rows are empty")
                        self.assertFalse(np.isnan(mine).all() and len(mine) > 200, "nothing was compared")
                        np.testing.assert_allclose(mine, other, rtol=1e-9, atol=0)

    def test_streaming_writes_the_same_bytes(self) -> None:
        formulas = [f"v{i}={formula}" for i, formula in enumerate(CASES)]
        arguments = ("formula", "eval", *formulas, "--all-outputs", "--symbol", "IBM", "--home", self.home)
        self.assertEqual(run(*arguments), run(*arguments, "--stream"))


if __name__ == "__main__":
    unittest.main()
