"""Functions of one row and of the row n before: the same values as numpy, pandas and TA-Lib give. Needs pandas, TA-Lib."""

import unittest

import numpy as np
import pandas as pd
import talib

from bar_series import PeerTest


def change(x, n):
    """(x - x[n]) / x[n]: pandas takes 1 from the quotient and so loses the digits of small changes."""
    out = np.full(len(x), np.nan)
    with np.errstate(all="ignore"):
        out[n:] = (x[n:] - x[:-n]) / x[:-n]
    return out


def log_change(x, n):
    ratio = change(x, n)
    quotient = np.append(np.full(min(n, len(x)), np.nan), x[n:] / x[:-n]) if len(x) > n else np.full(len(x), np.nan)
    with np.errstate(all="ignore"):
        return np.where((quotient > 0.5) & (quotient < 2), np.log1p(ratio), np.log(quotient))


class Math(PeerTest):
    def test_one_row(self) -> None:
        self.compare({
            "exp(close / 100)": lambda b: np.exp(b["close"] / 100),
            "exp(0 - close)": lambda b: talib.EXP(-b["close"]),
            "pow(close, 2)": lambda b: np.power(b["close"], 2.0),
            "pow(close, 0.3)": lambda b: np.power(b["close"], 0.3),
            "pow(close - open, 3)": lambda b: np.power(b["close"] - b["open"], 3.0),
            "pow(close - open, open / close)": lambda b: np.power(b["close"] - b["open"], b["open"] / b["close"]),
            "sqrt(close)": lambda b: talib.SQRT(b["close"]),
            "abs(close - open)": lambda b: np.abs(b["close"] - b["open"]),
            "sign(close - open)": lambda b: np.sign(b["close"] - b["open"]),
            "floor(close - open)": lambda b: talib.FLOOR(b["close"] - b["open"]),
            "ceil(close - open)": lambda b: talib.CEIL(b["close"] - b["open"]),
            "greater(close, open)": lambda b: np.maximum(b["close"], b["open"]),
            "less(close, 100)": lambda b: np.minimum(b["close"], 100),
            "clip(close, 90, 110)": lambda b: np.clip(b["close"], 90, 110),
            "clip(close, low, open)": lambda b: np.clip(b["close"], b["low"], b["open"]),
            # numpy rounds halves to the even one: no halves among the thirds.
            "round(close / 3)": lambda b: np.where(np.abs(b["close"]) < 1e11, np.round(b["close"] / 3), b["close"] / 3),
        }, exact={"round(close / 3)": lambda b: np.where(np.modf(b["close"] / 3)[0] == 0.5, np.ceil(b["close"] / 3),
                                                         np.round(b["close"] / 3))})

    def test_against_an_earlier_row(self) -> None:
        self.compare({
            "delta(close, 10)": lambda b: talib.MOM(b["close"], 10),
            "delta(volume)": lambda b: pd.Series(b["volume"]).diff().to_numpy(),
            "pct_change(close, 1)": lambda b: pd.Series(b["close"]).pct_change().to_numpy(),
            "pct_change(close, 20)": lambda b: pd.Series(b["close"]).pct_change(20).to_numpy(),
            "log_return(close, 1)": lambda b: np.log(pd.Series(b["close"]) / pd.Series(b["close"]).shift(1)).to_numpy(),
            "log_return(volume, 5)": lambda b: np.log(pd.Series(b["volume"]) /
                                                      pd.Series(b["volume"]).shift(5)).to_numpy(),
        }, exact={
            "pct_change(close, 1)": lambda b: change(b["close"], 1),
            "pct_change(close, 20)": lambda b: change(b["close"], 20),
            "log_return(close, 1)": lambda b: log_change(b["close"], 1),
            "log_return(volume, 5)": lambda b: log_change(b["volume"], 5),
        })

    def test_crossings(self) -> None:
        def rising(x, n):
            return (x > x.shift(1).rolling(n).max()).where(x.shift(n).notna()).astype(float).to_numpy()

        def since(condition):
            last = np.maximum.accumulate(np.where(condition, np.arange(len(condition)), -1))
            return np.where(last < 0, np.nan, np.arange(len(condition)) - last)

        def groups(b):
            condition = b["close"] > b["open"]
            return condition, pd.Series(np.cumsum(condition))

        def extreme(b, name, function):
            condition, group = groups(b)
            running = getattr(pd.Series(b[name]).groupby(group), function)()
            return running.where(group > 0).to_numpy()

        self.compare({
            "rising(close, 5)": lambda b: rising(pd.Series(b["close"]), 5),
            "falling(close, 3)": lambda b: rising(-pd.Series(b["close"]), 3),
            "bars_since(close > open)": lambda b: since(b["close"] > b["open"]),
            "value_when(close > open, high)":
                lambda b: pd.Series(b["high"]).where(b["close"] > b["open"]).ffill().to_numpy(),
            "highest_since(close > open, high)": lambda b: extreme(b, "high", "cummax"),
            "lowest_since(close > open, low)": lambda b: extreme(b, "low", "cummin"),
        })


if __name__ == "__main__":
    unittest.main()
