"""The window sums, extremes and regressions that TA-Lib has, against it: see bar_series.py for how they are compared.

TA-Lib subtracts what leaves its sums, so a spike stays in them; where it is wrong the values free of rounding decide.
"""

import math
import unittest

import numpy as np
import talib

from bar_series import SERIES, PeerTest, rolled
from exact_windows import beta, column_of, corr, cov, line, slope, stddev


def since(places, column, n: int):
    """How many rows ago a place was that TA-Lib gives from the first row on; its leading zeros are no places."""
    out = np.arange(len(column)) - places.astype(float)
    out[:n - 1] = np.nan
    return out


def without_ties(bars: dict) -> dict:
    """TA-Lib takes now the first, now the last of equal ones: a little added makes all rows differ."""
    return {name: column * (1 + np.arange(len(column)) * 1e-12) for name, column in bars.items()}


class Regression(PeerTest):
    def test_sums_and_extremes(self) -> None:
        self.compare({
            "sum(close, 20)": lambda b: talib.SUM(b["close"], 20),
            "sum(volume, 7)": lambda b: talib.SUM(b["volume"], 7),
            "mean(close, 30)": lambda b: talib.SMA(b["close"], 30),
            "min(low, 2)": lambda b: talib.MIN(b["low"], 2),
            "max(high, 100)": lambda b: talib.MAX(b["high"], 100),
            "range(close, 14)": lambda b: talib.MAX(b["close"], 14) - talib.MIN(b["close"], 14),
        }, exact={
            "sum(close, 20)": lambda b: rolled(20, math.fsum, b["close"]),
            "sum(volume, 7)": lambda b: rolled(7, math.fsum, b["volume"]),
            "mean(close, 30)": lambda b: rolled(30, lambda x: math.fsum(x) / len(x), b["close"]),
        })

    def test_places(self) -> None:
        self.compare({
            "argmax(high, 20)": lambda b: since(talib.MAXINDEX(b["high"], 20), b["high"], 20),
            "argmin(low, 20)": lambda b: since(talib.MININDEX(b["low"], 20), b["low"], 20),
            "argmax(close, 2)": lambda b: since(talib.MAXINDEX(b["close"], 2), b["close"], 2),
            "argmin(close, 5)": lambda b: since(talib.MININDEX(b["close"], 5), b["close"], 5),
        }, series={name: without_ties(bars) for name, bars in SERIES.items() if name not in ("zeros", "one bar", "short")})

    def test_lines(self) -> None:
        # With 15 rows, not 14: of 14 the line's end does not depend on the fifth at all, so that a spike there leaves
        # nothing but its rounding, in every way of computing it.
        self.compare({
            "linreg(close, 15).value": lambda b: talib.LINEARREG(b["close"], 15),
            "slope(close, 14)": lambda b: talib.LINEARREG_SLOPE(b["close"], 14),
            "linreg_slope(volume, 2)": lambda b: talib.LINEARREG_SLOPE(b["volume"], 2),
            "intercept(close, 15)": lambda b: talib.LINEARREG_INTERCEPT(b["close"], 15),
            "tsf(close, 14)": lambda b: talib.TSF(b["close"], 14),
            "tsf(high, 50)": lambda b: talib.TSF(b["high"], 50),
            "close - resid(close, 15)": lambda b: talib.LINEARREG(b["close"], 15),
        }, exact={
            "linreg(close, 15).value": lambda b: line(b["close"], 15, 0),
            "slope(close, 14)": lambda b: column_of(slope(b["close"], 14), len(b["close"])),
            "linreg_slope(volume, 2)": lambda b: column_of(slope(b["volume"], 2), len(b["close"])),
            "intercept(close, 15)": lambda b: line(b["close"], 15, -14),
            "tsf(close, 14)": lambda b: line(b["close"], 14, 1),
            "tsf(high, 50)": lambda b: line(b["high"], 50, 1),
            "close - resid(close, 15)": lambda b: line(b["close"], 15, 0),
        })

    def test_pairs(self) -> None:
        self.compare({
            "corr(high, low, 30)": lambda b: talib.CORREL(b["high"], b["low"], 30),
            "corr(close, volume, 10)": lambda b: talib.CORREL(b["close"], b["volume"], 10),
            "corr(close, volume, 1)": lambda b: talib.CORREL(b["close"], b["volume"], 1),
            "beta(high, low, 5)": lambda b: talib.BETA(b["high"], b["low"], 5),
            "cov(close, close, 20)": lambda b: talib.VAR(b["close"], 20),
            "stddev(close, 20)": lambda b: talib.STDDEV(b["close"], 20),
        }, exact={
            "corr(high, low, 30)": lambda b: corr(b["high"], b["low"], 30),
            "corr(close, volume, 10)": lambda b: corr(b["close"], b["volume"], 10),
            "beta(high, low, 5)": lambda b: beta(b["high"], b["low"], 5),
            "cov(close, close, 20)": lambda b: cov(b["close"], b["close"], 20),
            "stddev(close, 20)": lambda b: stddev(b["close"], 20),
        })


if __name__ == "__main__":
    unittest.main()
