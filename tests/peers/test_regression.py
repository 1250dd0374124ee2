"""The window sums, extremes and regressions that TA-Lib has, against it: see bar_series.py for how they are compared.

TA-Lib subtracts what leaves its sums, so a spike stays in them; where it is wrong the values free of rounding decide.
"""

import fractions
import math
import unittest

import numpy as np
import talib

from bar_series import SERIES, PeerTest, rolled


def total(x) -> float:
    return math.fsum(x)


def centred(x, y) -> float:
    """The sum of (x - mean x) (y - mean y) as the fraction it is, rounded once."""
    x = [fractions.Fraction(float(value)) for value in x]
    y = [fractions.Fraction(float(value)) for value in y]
    return sum(a * b for a, b in zip(x, y)) - sum(x) * sum(y) / len(x)


def line(x) -> tuple:
    """Mean and slope of the least-squares line, as fractions."""
    n = len(x)
    values = [fractions.Fraction(float(value)) for value in x]
    slope = sum((2 * i - n + 1) * value for i, value in enumerate(values)) * 6 / (n * (n * n - 1))
    return sum(values) / n, slope


def level(x, ahead: float = 0) -> float:
    mean, slope = line(x)
    return float(mean + slope * fractions.Fraction(len(x) - 1 + 2 * ahead) / 2)


def correlation(x, y) -> float:
    scale = centred(x, x) * centred(y, y)
    if scale == 0:
        return 0.0
    product = centred(x, y)
    square = float(product * product / scale)
    return math.copysign(math.sqrt(square), product)


def beta(x, y) -> float:
    spread = centred(x, x)
    return float(centred(x, y) / spread) if spread != 0 else 0.0


def returns(x):
    with np.errstate(all="ignore"):
        change = x[1:] / x[:-1] - 1
    return np.concatenate(([np.nan], np.where(x[:-1] == 0, 0.0, change)))


def exact_beta(b):
    x, y = returns(b["high"]), returns(b["low"])
    out = rolled(5, beta, x[1:], y[1:])
    return np.concatenate(([np.nan], out))


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
            "sum(close, 20)": lambda b: rolled(20, total, b["close"]),
            "sum(volume, 7)": lambda b: rolled(7, total, b["volume"]),
            "mean(close, 30)": lambda b: rolled(30, lambda x: total(x) / len(x), b["close"]),
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
        }, exact={
            "linreg(close, 15).value": lambda b: rolled(15, level, b["close"]),
            "slope(close, 14)": lambda b: rolled(14, lambda x: float(line(x)[1]), b["close"]),
            "linreg_slope(volume, 2)": lambda b: rolled(2, lambda x: float(line(x)[1]), b["volume"]),
            "intercept(close, 15)": lambda b: rolled(15, lambda x: level(x, 1 - len(x)), b["close"]),
            "tsf(close, 14)": lambda b: rolled(14, lambda x: level(x, 1), b["close"]),
            "tsf(high, 50)": lambda b: rolled(50, lambda x: level(x, 1), b["high"]),
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
            "corr(high, low, 30)": lambda b: rolled(30, correlation, b["high"], b["low"]),
            "corr(close, volume, 10)": lambda b: rolled(10, correlation, b["close"], b["volume"]),
            "beta(high, low, 5)": exact_beta,
            "cov(close, close, 20)": lambda b: rolled(20, lambda x: float(centred(x, x) / 20), b["close"]),
            "stddev(close, 20)": lambda b: rolled(20, lambda x: math.sqrt(centred(x, x) / 20), b["close"]),
        })


if __name__ == "__main__":
    unittest.main()
