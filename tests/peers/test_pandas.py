"""The rolling statistics against pandas, and what pandas lacks against the definition: see bar_series.py for how they
are compared.

pandas subtracts what leaves its sums as well, so that values free of rounding decide where it is wrong.
"""

import fractions
import math
import unittest

import numpy as np
import pandas as pd
import scipy.stats

from bar_series import SERIES, PeerTest, rolled

# A spike passes through powers and their sums: where it stands at the edge of what a double holds is another question.
CALM = {name: bars for name, bars in SERIES.items() if name != "spike"}


def rolling(column, n: int):
    return pd.Series(column).rolling(n)


def powers(x, *degrees: int) -> list:
    """The mean powers of x - mean x, as fractions."""
    values = [fractions.Fraction(float(value)) for value in x]
    mean = sum(values) / len(values)
    return [sum((value - mean) ** degree for value in values) / len(values) for degree in degrees]


def skew(x) -> float:
    n = len(x)
    m2, m3 = powers(x, 2, 3)
    if m2 == 0:
        return 0.0
    return math.sqrt(n * (n - 1)) / (n - 2) * math.copysign(math.sqrt(m3 * m3 / m2 ** 3), m3)


def kurt(x) -> float:
    n = len(x)
    m2, m4 = powers(x, 2, 4)
    ratio = m4 / (m2 * m2) * (n + 1) if m2 != 0 else 0
    return float((n - 1) * (ratio - 3 * (n - 1)) / ((n - 2) * (n - 3))) if m2 != 0 else -3.0


def product(x, y):
    x = [fractions.Fraction(float(value)) for value in x]
    y = [fractions.Fraction(float(value)) for value in y]
    return sum(a * b for a, b in zip(x, y)) - sum(x) * sum(y) / len(x)


def correlation(x, y) -> float:
    scale = product(x, x) * product(y, y)
    both = product(x, y)
    return math.copysign(math.sqrt(both * both / scale), both) if scale != 0 else 0.0


def deviation(x) -> float:
    mean = math.fsum(x) / len(x)
    return math.fsum(abs(value - mean) for value in x) / len(x)


def score(x) -> float:
    values = [fractions.Fraction(float(value)) for value in x]
    distance = values[-1] - sum(values) / len(values)
    square = powers(x, 2)[0]
    return math.copysign(math.sqrt(distance * distance / square), distance) if square != 0 else 0.0


def lagged(column, n: int, lag: int, function):
    out = rolled(n, function, column[lag:], column[:-lag]) if len(column) > lag else np.array([])
    return np.concatenate((np.full(min(lag, len(column)), np.nan), out))


def rsquare(x) -> float:
    return scipy.stats.linregress(np.arange(len(x)), x).rvalue ** 2 if np.ptp(x) > 0 else 0.0


class Pandas(PeerTest):
    def test_order(self) -> None:
        self.compare({
            "median(close, 20)": lambda b: rolling(b["close"], 20).median(),
            "median(close, 5)": lambda b: rolling(b["close"], 5).median(),
            "median(volume, 301)": lambda b: rolling(b["volume"], 301).median(),
            "quantile(close, 20, 0.8)": lambda b: rolling(b["close"], 20).quantile(0.8),
            "quantile(close, 60, 0.2)": lambda b: rolling(b["close"], 60).quantile(0.2),
            "quantile(volume, 7, 0)": lambda b: rolling(b["volume"], 7).quantile(0),
            "quantile(volume, 7, 1)": lambda b: rolling(b["volume"], 7).quantile(1),
            "quantile(close, 300, 0.33)": lambda b: rolling(b["close"], 300).quantile(0.33),
            "rank(close, 5)": lambda b: rolling(b["close"], 5).rank(pct=True),
            "rank(close, 60)": lambda b: rolling(b["close"], 60).rank(pct=True),
            "rank(close, 270)": lambda b: rolling(b["close"], 270).rank(pct=True),
        })

    def test_long_windows(self) -> None:
        random = np.random.default_rng(5)
        close = np.round(np.cumsum(random.normal(size=9000)), 2)
        bars = {"open": close, "high": close, "low": close, "close": close, "volume": np.ones(9000)}
        self.compare({
            "median(close, 3000)": lambda b: rolling(b["close"], 3000).median(),
            "quantile(close, 2100, 0.9)": lambda b: rolling(b["close"], 2100).quantile(0.9),
            "rank(close, 2500)": lambda b: rolling(b["close"], 2500).rank(pct=True),
        }, series={"walk": bars})

    def test_moments(self) -> None:
        self.compare({
            "skew(close, 20)": lambda b: rolling(b["close"], 20).skew(),
            "skew(volume, 5)": lambda b: rolling(b["volume"], 5).skew(),
            "kurt(close, 20)": lambda b: rolling(b["close"], 20).kurt(),
            "kurt(volume, 5)": lambda b: rolling(b["volume"], 5).kurt(),
            "mad(close, 20)": lambda b: rolled(20, deviation, b["close"]),
            "mad(volume, 7)": lambda b: rolled(7, deviation, b["volume"]),
            "sum(close, 20)": lambda b: rolling(b["close"], 20).sum(),
            "mean(volume, 60)": lambda b: rolling(b["volume"], 60).mean(),
            "zscore(close, 20)": lambda b: (b["close"] - rolling(b["close"], 20).mean()) / rolling(b["close"], 20).std(ddof=0),
            "count(close > open, 10)": lambda b: rolling((b["close"] > b["open"]).astype(float), 10).sum(),
        }, exact={
            "skew(close, 20)": lambda b: rolled(20, skew, b["close"]),
            "skew(volume, 5)": lambda b: rolled(5, skew, b["volume"]),
            "kurt(close, 20)": lambda b: rolled(20, kurt, b["close"]),
            "kurt(volume, 5)": lambda b: rolled(5, kurt, b["volume"]),
            "sum(close, 20)": lambda b: rolled(20, math.fsum, b["close"]),
            "mean(volume, 60)": lambda b: rolled(60, lambda x: math.fsum(x) / 60, b["volume"]),
            "zscore(close, 20)": lambda b: rolled(20, score, b["close"]),
        })

    def test_pairs(self) -> None:
        self.compare({
            "cov(close, volume, 20)": lambda b: rolling(b["close"], 20).cov(pd.Series(b["volume"]), ddof=0),
            "cov(high, low, 9, 1)": lambda b: rolling(b["high"], 9).cov(pd.Series(b["low"])),
            "autocorr(close, 20, 1)": lambda b: rolling(b["close"], 20).corr(pd.Series(b["close"]).shift(1)),
            "autocorr(volume, 10, 12)": lambda b: rolling(b["volume"], 10).corr(pd.Series(b["volume"]).shift(12)),
        }, exact={
            "cov(close, volume, 20)": lambda b: rolled(20, lambda x, y: float(product(x, y) / 20), b["close"], b["volume"]),
            "cov(high, low, 9, 1)": lambda b: rolled(9, lambda x, y: float(product(x, y) / 8), b["high"], b["low"]),
            "autocorr(close, 20, 1)": lambda b: lagged(b["close"], 20, 1, correlation),
            "autocorr(volume, 10, 12)": lambda b: lagged(b["volume"], 10, 12, correlation),
        })

    def test_rsquare(self) -> None:
        self.compare({
            "rsquare(close, 14)": lambda b: rolled(14, rsquare, b["close"]),
            "rsquare(volume, 60)": lambda b: rolled(60, rsquare, b["volume"]),
        }, exact={
            "rsquare(close, 14)": lambda b: rolled(14, lambda x: correlation(np.arange(14), x) ** 2, b["close"]),
            "rsquare(volume, 60)": lambda b: rolled(60, lambda x: correlation(np.arange(60), x) ** 2, b["volume"]),
        })


if __name__ == "__main__":
    unittest.main()
