"""The rolling statistics against pandas, and what pandas lacks against the definition: see bar_series.py for how they
are compared.

pandas subtracts what leaves its sums as well, so that values free of rounding decide where it is wrong.
"""

import math
import unittest

import numpy as np
import pandas as pd

from bar_series import SERIES, PeerTest, rolled

# Where half the rows stand at one price and half at another, the skewness is 0 and its value all rounding.
LOPSIDED = {name: bars for name, bars in SERIES.items() if name != "steps"}


def rolling(column, n: int):
    return pd.Series(column).rolling(n)


def deviations(column, n: int):
    """x - mean x of each window, in 80 bits; a window of equal rows has none at all."""
    if len(column) < n:
        return np.zeros((0, n), np.longdouble)
    windows = np.lib.stride_tricks.sliding_window_view(column.astype(np.longdouble), n)
    windows = windows - windows[:, :1]
    return windows - windows.mean(axis=1, keepdims=True)


def column_of(values, rows: int):
    """The values of the last rows in a column, NaN before."""
    return np.concatenate((np.full(rows - len(values), np.nan), values.astype(float)))


def skew(column, n: int):
    d = deviations(column, n)
    m2, m3 = (d ** 2).mean(axis=1), (d ** 3).mean(axis=1)
    ratio = np.where(m2 == 0, 0, m3 / np.where(m2 == 0, 1, m2) ** 1.5)
    return column_of(np.sqrt(np.longdouble(n * (n - 1))) / (n - 2) * ratio, len(column))


def kurt(column, n: int):
    d = deviations(column, n)
    m2, m4 = (d ** 2).mean(axis=1), (d ** 4).mean(axis=1)
    value = ((n + 1) * m4 / np.where(m2 == 0, 1, m2) ** 2 - 3 * (n - 1)) * (n - 1) / ((n - 2) * (n - 3))
    return column_of(np.where(m2 == 0, -3, value), len(column))


def mad(column, n: int):
    return column_of(np.abs(deviations(column, n)).mean(axis=1), len(column))


def zscore(column, n: int):
    d = deviations(column, n)
    scale = np.sqrt((d ** 2).mean(axis=1))
    return column_of(np.where(scale == 0, 0, d[:, -1] / np.where(scale == 0, 1, scale)), len(column))


def cov(x, y, n: int, ddof: int = 0):
    return column_of((deviations(x, n) * deviations(y, n)).sum(axis=1) / (n - ddof), len(x))


def corr(x, y, n: int):
    a, b = deviations(x, n), deviations(y, n)
    scale = np.sqrt((a ** 2).sum(axis=1)) * np.sqrt((b ** 2).sum(axis=1))
    return column_of(np.where(scale == 0, 0, (a * b).sum(axis=1) / np.where(scale == 0, 1, scale)), len(x))


def autocorr(column, n: int, lag: int):
    return column_of(corr(column[lag:], column[:-lag], n), len(column))


def rsquare(column, n: int):
    return corr(column, np.arange(len(column)), n) ** 2


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
            "kurt(close, 20)": lambda b: rolling(b["close"], 20).kurt(),
            "kurt(volume, 5)": lambda b: rolling(b["volume"], 5).kurt(),
            "mad(close, 20)": lambda b: mad(b["close"], 20),
            "mad(volume, 7)": lambda b: mad(b["volume"], 7),
            "sum(close, 20)": lambda b: rolling(b["close"], 20).sum(),
            "mean(volume, 60)": lambda b: rolling(b["volume"], 60).mean(),
            "zscore(close, 20)":
                lambda b: (b["close"] - rolling(b["close"], 20).mean()) / rolling(b["close"], 20).std(ddof=0),
            "count(close > open, 10)": lambda b: rolling((b["close"] > b["open"]).astype(float), 10).sum(),
        }, exact={
            "kurt(close, 20)": lambda b: kurt(b["close"], 20),
            "kurt(volume, 5)": lambda b: kurt(b["volume"], 5),
            "sum(close, 20)": lambda b: rolled(20, math.fsum, b["close"]),
            "mean(volume, 60)": lambda b: rolled(60, lambda x: math.fsum(x) / 60, b["volume"]),
            "zscore(close, 20)": lambda b: zscore(b["close"], 20),
        })

    def test_skew(self) -> None:
        self.compare({
            "skew(close, 20)": lambda b: rolling(b["close"], 20).skew(),
            "skew(volume, 5)": lambda b: rolling(b["volume"], 5).skew(),
        }, exact={
            "skew(close, 20)": lambda b: skew(b["close"], 20),
            "skew(volume, 5)": lambda b: skew(b["volume"], 5),
        }, series=LOPSIDED)

    def test_pairs(self) -> None:
        self.compare({
            "cov(close, volume, 20)": lambda b: rolling(b["close"], 20).cov(pd.Series(b["volume"]), ddof=0),
            "cov(high, low, 9, 1)": lambda b: rolling(b["high"], 9).cov(pd.Series(b["low"])),
            "autocorr(close, 20, 1)": lambda b: rolling(b["close"], 20).corr(pd.Series(b["close"]).shift(1)),
            "autocorr(volume, 10, 12)": lambda b: rolling(b["volume"], 10).corr(pd.Series(b["volume"]).shift(12)),
            # The correlation with the row number, squared.
            "rsquare(close, 14)":
                lambda b: rolling(b["close"], 14).corr(pd.Series(np.arange(len(b["close"])))) ** 2,
            "rsquare(volume, 60)":
                lambda b: rolling(b["volume"], 60).corr(pd.Series(np.arange(len(b["close"])))) ** 2,
        }, exact={
            "cov(close, volume, 20)": lambda b: cov(b["close"], b["volume"], 20),
            "cov(high, low, 9, 1)": lambda b: cov(b["high"], b["low"], 9, 1),
            "autocorr(close, 20, 1)": lambda b: autocorr(b["close"], 20, 1),
            "autocorr(volume, 10, 12)": lambda b: autocorr(b["volume"], 10, 12),
            "rsquare(close, 14)": lambda b: rsquare(b["close"], 14),
            "rsquare(volume, 60)": lambda b: rsquare(b["volume"], 60),
        })


if __name__ == "__main__":
    unittest.main()
