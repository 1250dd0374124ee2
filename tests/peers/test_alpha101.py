"""The set alpha101 against pandas, on a universe of random walks: alphas written anew in the paper's words, over frames of a
column a symbol."""

import csv
import os
import pathlib
import subprocess
import tempfile
import unittest

import numpy as np
import pandas as pd

import exact_windows as exact
from bar_series import walk

ROWS, FIELDS = 420, ("open", "high", "low", "close", "volume", "vwap")
START = pd.Timestamp("2020-01-01")


def universe() -> dict:
    bars = {symbol: walk(20 + k, ROWS) for k, symbol in enumerate(("AA", "BB", "CC", "DD", "EE", "FF", "GG"))}
    for symbol, columns in bars.items():
        share = np.random.default_rng(len(symbol) + ord(symbol[0])).uniform(0.1, 0.9, ROWS)
        columns["vwap"] = columns["low"] + (columns["high"] - columns["low"]) * share
    # Rounded, as decimals are what is imported.
    return {field: pd.DataFrame({symbol: columns[field].round(4) for symbol, columns in bars.items()}) for field in FIELDS}


def each(function, *frames):
    """Of each symbol's columns."""
    return pd.DataFrame({symbol: function(*(frame[symbol].to_numpy(float) for frame in frames)) for symbol in frames[0]})


def rank(x): return x.rank(axis=1, pct=True)
def scale(x): return x.div(x.abs().sum(axis=1, min_count=1), axis=0)
def delay(x, d): return x.shift(d)
def delta(x, d): return x - x.shift(d)
def ts_min(x, d): return x.rolling(d).min()
def ts_max(x, d): return x.rolling(d).max()
def ts_rank(x, d): return x.rolling(d).rank(pct=True)
def ts_argmax(x, d): return x.rolling(d).apply(lambda a: d - a[::-1].argmax(), raw=True)  # of equal ones the newest
def total(x, d): return x.rolling(d).apply(np.sum, raw=True)
def stddev(x, d): return each(lambda a: exact.stddev(a, d) * np.sqrt(d / (d - 1)), x)
def correlation(x, y, d): return each(lambda a, b: exact.corr(a, b, d), x, y)
def decay_linear(x, d): return x.rolling(d).apply(lambda a: (a * np.arange(1, d + 1)).sum() / (d * (d + 1) / 2), raw=True)


def choose(condition, yes, no, *known):
    """condition ? yes : no, without a value where one of `known` has none."""
    out = pd.DataFrame(np.where(condition, yes, no), columns=condition.columns).astype(float)
    for frame in known:
        out = out.where(frame.notna())
    return out


def alphas(open, high, low, close, volume, vwap) -> dict:
    returns = close / delay(close, 1) - 1
    adv20, adv40, adv180 = (volume.rolling(d).mean() for d in (20, 40, 180))
    change, middle = delta(close, 1), (high + low) / 2
    base = choose(returns < 0, stddev(returns, 20), close, returns)
    momentum = total(open, 5) * total(returns, 5)
    bend = (delay(close, 20) - delay(close, 10)) / 10 - (delay(close, 10) - close) / 10
    mean8, mean2, wide8 = total(close, 8) / 8, total(close, 2) / 2, stddev(close, 8)
    left = rank(vwap - ts_min(vwap, 16))
    right = rank(correlation(vwap, adv180, 17))
    power = ts_rank(vwap - ts_max(vwap, 15), 20)
    return {
        1: rank(ts_argmax(np.sign(base) * base ** 2, 5)) - 0.5,
        2: -correlation(rank(delta(np.log(volume), 2)), rank((close - open) / open), 6),
        4: -ts_rank(rank(low), 9),
        5: rank(open - total(vwap, 10) / 10) * -rank(close - vwap).abs(),
        7: choose(adv20 < volume, -ts_rank(delta(close, 7).abs(), 60) * np.sign(delta(close, 7)), -1, adv20),
        8: -rank(momentum - delay(momentum, 10)),
        12: np.sign(delta(volume, 1)) * -change,
        18: -rank(stddev((close - open).abs(), 5) + (close - open) + correlation(close, open, 10)),
        21: choose(mean8 + wide8 < mean2, -1, choose(mean2 < mean8 - wide8, 1, choose(volume >= adv20, 1, -1, adv20)), mean8),
        28: scale(correlation(adv20, low, 5) + middle - close),
        32: scale(total(close, 7) / 7 - close) + 20 * scale(correlation(vwap, delay(close, 5), 230)),
        34: rank(1 - rank(stddev(returns, 2) / stddev(returns, 5)) + (1 - rank(change))),
        41: (high * low) ** 0.5 - vwap,
        43: ts_rank(volume / adv20, 20) * ts_rank(-delta(close, 7), 8),
        46: choose(bend > 0.25, -1, choose(bend < 0, 1, -change), bend),
        52: (-ts_min(low, 5) + delay(ts_min(low, 5), 5)) * rank((total(returns, 240) - total(returns, 20)) / 220)
        * ts_rank(volume, 5),
        53: -delta(((close - low) - (high - close)) / (close - low), 9),
        61: choose(left < right, 1, 0, left, right),
        72: rank(decay_linear(correlation(middle, adv40, 8), 10))
        / rank(decay_linear(correlation(ts_rank(vwap, 3), ts_rank(volume, 18), 6), 2)),
        84: np.sign(power) * power.abs() ** delta(close, 4),
        101: (close - open) / (high - low + 0.001),
    }


class Alpha101(unittest.TestCase):
    def test_equal_on_a_universe(self):
        fields = universe()
        with tempfile.TemporaryDirectory() as folder:
            home = pathlib.Path(folder) / "home"

            def argosy(*arguments) -> str:
                return subprocess.run([os.environ["ARGOSY"], *map(str, arguments), "--home", home], check=True,
                                      capture_output=True, text=True).stdout

            with open(home.with_name("bars.csv"), "w", newline="") as file:
                writer = csv.writer(file)
                writer.writerow(("symbol", "time", *FIELDS))
                for symbol in fields["close"]:
                    for i in range(ROWS):
                        day = (START + pd.Timedelta(days=i)).date()
                        writer.writerow((symbol, day, *(repr(float(fields[field][symbol][i])) for field in FIELDS)))
            argosy("init", "--no-samples")
            argosy("data", "import", home.with_name("bars.csv"), "--timeframe", "1d", "--exchange", "24/7")
            argosy("formula", "eval", "--set", "alpha101", "--universe", "all", "--out", home / "out.csv")
            ours = pd.read_csv(home / "out.csv")
        self.assertEqual(len([name for name in ours if name.startswith("alpha")]), 86)
        with np.errstate(all="ignore"):
            wanted = alphas(**fields)
        for number, frame in wanted.items():
            with self.subTest(alpha=number):
                mine = ours.pivot(index="time", columns="symbol", values=f"alpha{number:03d}").to_numpy()
                other = frame.replace([np.inf, -np.inf], np.nan).to_numpy(float)
                self.assertGreater(np.isfinite(other).sum(), 1000, "hardly anything was compared")
                np.testing.assert_allclose(mine, other, rtol=1e-9, atol=1e-12)


if __name__ == "__main__":
    unittest.main()
