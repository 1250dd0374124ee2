"""The rolling statistics against pandas, and what pandas lacks against the definition: see bar_series.py for how they
are compared.

pandas subtracts what leaves its sums as well, so that values free of rounding decide where it is wrong.
"""

import math
import unittest

import numpy as np
import pandas as pd

from bar_series import SERIES, PeerTest, rolled
from exact_windows import autocorr, cov, kurt, mad, rsquare, skew, zscore

# Where half the rows stand at one price and half at another, the skewness is 0 and its value all rounding.
LOPSIDED = {name: bars for name, bars in SERIES.items() if name != "steps"}


def rolling(column, n: int):
    return pd.Series(column).rolling(n)


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
