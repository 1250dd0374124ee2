"""Bars to compare formulas on, and the comparison: the sample bars, and series made to find what a formula gets wrong.

    class Momentum(PeerTest):
        def test_equal(self):
            self.compare({"mom(close, 10)": lambda b: talib.MOM(b["close"], 10)})

ARGOSY names the program. Needs numpy.
"""

import csv
import os
import pathlib
import subprocess
import tempfile
import unittest

import numpy as np

NAMES = ("open", "high", "low", "close", "volume")
SAMPLES = pathlib.Path(__file__).resolve().parents[2] / "samples" / "bars"
RELATIVE = 1e-9
SOUND = 1e-10  # a peer this near to the exact value is taken as right


def sample(symbol: str) -> dict:
    with open(SAMPLES / f"{symbol}.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    return {name: np.array([float(row[name]) for row in rows]) for name in NAMES}


def walk(seed: int, rows: int, scale: float = 1.0) -> dict:
    """A random walk in hundredths of `scale`; high and low enclose open and close."""
    random = np.random.default_rng(seed)
    close = 100 + np.cumsum(random.integers(-150, 151, rows)) / 100
    close = np.abs(close) + 1
    start = np.concatenate(([100.0], close[:-1])) + random.integers(-20, 21, rows) / 100
    high = np.maximum(start, close) + random.integers(0, 60, rows) / 100
    low = np.minimum(start, close) - random.integers(0, 60, rows) / 100
    volume = random.integers(1, 1_000_000, rows).astype(float)
    return {"open": start * scale, "high": high * scale, "low": low * scale, "close": close * scale, "volume": volume}


def level(value: float, rows: int, volume: float) -> dict:
    return {name: np.full(rows, volume if name == "volume" else value) for name in NAMES}


def spiked() -> dict:
    bars = walk(7, 3000)
    for name in NAMES:
        bars[name][500] = 1e12
    return bars


def steps() -> dict:
    """Long runs without a change, then a jump: windows without any range."""
    bars = walk(9, 1200)
    return {name: np.repeat(bars[name][::40], 40)[:1200] for name in NAMES}


SERIES = {symbol: sample(symbol) for symbol in ("AAPL", "FB", "GOOG", "IBM", "MSFT")} | {
    "constant": level(5.25, 300, 1000.0),
    "zeros": level(0.0, 300, 0.0),
    "huge": walk(1, 600, 1e12),
    "tiny": walk(2, 600, 1e-9),
    "spike": spiked(),
    "steps": steps(),
    "short": walk(3, 7),
    "one bar": walk(4, 1),
}


def evaluate(bars: dict, formulas, *options: str) -> list:
    """For each formula the list of its outputs' columns, empty cells as NaN, truth as 1 and 0."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "bars.csv")
        with open(path, "w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(("time", *bars))
            writer.writerows([i, *map(repr, row)] for i, row in enumerate(zip(*(map(float, bars[name]) for name in bars))))
        named = [f"f{i}={formula}" for i, formula in enumerate(formulas)]
        text = subprocess.run([os.environ["ARGOSY"], "formula", "eval", *named, "--all-outputs", "--bars", path, *options],
                              check=True, capture_output=True, text=True).stdout
    rows = list(csv.reader(text.splitlines()))
    words = {"": np.nan, "true": 1.0, "false": 0.0}
    columns = {name: np.array([words[row[k]] if row[k] in words else float(row[k]) for row in rows[1:]])
               for k, name in enumerate(rows[0]) if k > 0}
    grouped = [[] for _ in named]
    for name, column in columns.items():
        grouped[int(name.partition(".")[0][1:])].append(column)
    return grouped


def rolled(n: int, function, *columns):
    """function of each full window of n rows, NaN before the first; with math.fsum in it, a value free of rounding."""
    out = np.full(len(columns[0]), np.nan)
    for i in range(n - 1, len(out)):
        out[i] = function(*(column[i - n + 1:i + 1] for column in columns))
    return out


def near(a, b, relative: float):
    with np.errstate(invalid="ignore"):
        return np.abs(a - b) <= relative * np.maximum(np.abs(a), np.abs(b))


class PeerTest(unittest.TestCase):
    def compare(self, cases: dict, exact: dict | None = None, series=None, absolute: float = 0.0) -> None:
        """Our outputs against a peer's, on every series: the same rows empty, the others within 1e-9 relative.

        `cases`: formula -> function of the bars' columns giving a column, or a tuple of them in the order of outputs.
        `exact`: formula -> the same with values free of rounding; then ours must be within 1e-9 of these everywhere,
        and of the peer's wherever the peer is itself within 1e-10 of them.
        `absolute`: differences up to this are none, for formulas that subtract numbers near each other.
        """
        exact = exact or {}
        compared = dict.fromkeys(cases, 0)
        for name, bars in (series or SERIES).items():
            rows = len(bars["close"])
            ours = evaluate(bars, cases)
            for (formula, peer), mine in zip(cases.items(), ours):
                with self.subTest(series=name, formula=formula):
                    with np.errstate(all="ignore"):
                        theirs = peer({key: column.copy() for key, column in bars.items()})
                        truth = exact[formula](bars) if formula in exact else None
                    theirs = theirs if isinstance(theirs, tuple) else (theirs,)
                    truth = truth if truth is None or isinstance(truth, tuple) else (truth,)
                    self.assertEqual(len(mine), len(theirs), "another number of outputs")
                    for k, (own, other) in enumerate(zip(mine, theirs)):
                        compared[formula] += self.compare_column(own, np.asarray(other, float), truth and truth[k], rows, absolute)
        for formula, count in compared.items():
            self.assertGreater(count, 500, f"{formula}: hardly anything was compared")

    def compare_column(self, own, other, truth, rows: int, absolute: float) -> int:
        self.assertEqual(len(own), rows)
        other = np.where(np.isinf(other), np.nan, other)
        judged = np.ones(rows, bool)
        if truth is not None:
            known = ~np.isnan(truth)
            bad = known & ~near(own, truth, RELATIVE) & ~(np.isnan(own))
            self.assertFalse(bad.any(), self.told(bad, own, truth, "the exact value"))
            judged = ~known | near(other, truth, SOUND)
        empty = np.isnan(own) != np.isnan(other)
        bad = judged & empty
        self.assertFalse(bad.any(), self.told(bad, own, other, "the peer, empty on one side"))
        with np.errstate(invalid="ignore"):
            close = near(own, other, RELATIVE) | (np.abs(own - other) <= absolute)
        bad = judged & ~np.isnan(own) & ~close
        self.assertFalse(bad.any(), self.told(bad, own, other, "the peer"))
        return int((judged & ~np.isnan(own)).sum())

    @staticmethod
    def told(bad, own, other, whose: str) -> str:
        places = np.flatnonzero(bad)
        lines = [f"row {i}: {own[i]!r} against {other[i]!r}" for i in places[:5]]
        return f"{len(places)} rows differ from {whose}: " + "; ".join(lines)
