"""The set alpha158 and our capitalised operators against Qlib's own engine.

Qlib keeps, adds and divides prices in float32 and computes windows in doubles, some of them by sums that run along. Both
sides get the same inputs, rounded to float32. A row that differs must be explained by a computation in extended
precision, and such rows are counted and printed.
"""

import collections
import json
import os
import subprocess
import sys
import tempfile
import unittest

import numpy as np
import pandas as pd

import qlib_engine
from bar_series import SERIES, PeerTest, evaluate, near, sample
from test_alpha158 import OPERATORS, formulas, peer

SYMBOLS = ("AAPL", "FB", "GOOG", "IBM", "MSFT")
RELATIVE, ABSOLUTE = 1e-5, 1e-7


def as_stored(bars: dict) -> dict:
    """The bars as float32 holds them, with a vwap."""
    vwap = (bars["open"] + bars["high"] + bars["low"] + bars["close"]) / 4
    return {name: column.astype(np.float32).astype(float) for name, column in {**bars, "vwap": vwap}.items()}


def equal(ours, theirs, absolute: float = ABSOLUTE):
    with np.errstate(invalid="ignore"):
        close = np.abs(ours - theirs) <= RELATIVE * np.abs(theirs) + absolute
    return close | (np.isnan(ours) & np.isnan(theirs))


def finite(column):
    """In float64, without infinities: ours has none."""
    column = np.asarray(column, float)
    return np.where(np.isfinite(column), column, np.nan)


class QlibTest(unittest.TestCase):
    def values(self, bars: dict, expressions: list) -> dict:
        """symbol -> pairs of columns, ours and Qlib's, an expression each."""
        with tempfile.TemporaryDirectory() as folder, np.errstate(all="ignore"):
            qlib_engine.write_provider(folder, bars)
            qlib_engine.start(folder)
            theirs = {symbol: qlib_engine.features(symbol, expressions) for symbol in bars}
        return {symbol: [(own[0], finite(other)) for own, other in zip(evaluate(bars[symbol], expressions), theirs[symbol])]
                for symbol in bars}


class Alpha158(QlibTest):
    """Equal to 1e-5 of the value plus 1e-7; else ours is the exact value, and Qlib's is what float32 makes of it."""

    # What takes logarithms or returns and looks at their small changes: rows in a thousand that may differ.
    ROUNDED = {"CORR": 100, "CORD": 100, "WVMA": 12}

    def test_the_factors_are_those_of_the_package(self):
        packaged = {name: text.replace(" ", "") for name, text in qlib_engine.alpha158().items()}
        self.assertEqual(len(packaged), 158)
        self.assertEqual({name: text.replace(" ", "") for name, text in formulas().items()}, packaged)

    def test_equal_on_real_bars(self):
        bars = {symbol: as_stored(sample(symbol)) for symbol in SYMBOLS}
        factors = qlib_engine.alpha158()
        differing = collections.Counter()
        rows = 0
        for symbol, columns in self.values(bars, list(factors.values())).items():
            rows += len(bars[symbol]["close"])
            for (name, expression), (ours, theirs) in zip(factors.items(), columns):
                with self.subTest(symbol=symbol, factor=name):
                    self.assertGreater(np.isfinite(theirs).sum(), 100, "hardly anything was compared")
                    other = ~equal(ours, theirs)
                    if other.any():
                        differing[name] += int(other.sum())
                        self.explain(expression, bars[symbol], ours, theirs, other)
        for name, count in differing.items():
            share = 1000 * count / rows
            print(f"{name}: {count} of {rows} rows are decided by float32", file=sys.stderr)
            self.assertLessEqual(share, self.ROUNDED.get(name.rstrip("0123456789"), 0), name)

    def explain(self, expression: str, bars: dict, ours, theirs, other) -> None:
        exact = finite(peer(expression)(bars))
        wrong = other & ~near(ours, exact, 1e-9)
        self.assertFalse(wrong.any(), PeerTest.told(wrong, ours, exact, "the exact value"))
        rounded = finite(peer(expression)({name: column.astype(np.float32) for name, column in bars.items()}))
        wrong = other & ~equal(theirs, rounded)
        self.assertFalse(wrong.any(), PeerTest.told(wrong, theirs, rounded, "those of float32, Qlib's first"))


# A column with gaps, in which nothing is rounded.
GAPS = "If($close>$open,$close,Log(-1-$close))"
SHAPES = {
    "Mean Sum Std Var Skew Kurt Max Min Med Mad Rank Count Slope Rsquare Resi WMA EMA IdxMax IdxMin":
        ("$close,5", "$close,20", f"{GAPS},5", f"{GAPS},20"),
    "Quantile": ("$close,5,0.8", "$close,20,0.3", f"{GAPS},5,0", f"{GAPS},20,0.5"),
    "Corr Cov": ("$close,$volume,5", "$close,$volume,20", f"{GAPS},$volume,5", f"$high,{GAPS},20"),
    "Ref Delta": ("$close,1", "$close,7", f"{GAPS},7"),
    "Abs Sign": ("$close-$open", GAPS),
    "Log": ("$close", GAPS),
    "Power": ("$close/($open+1),3", f"{GAPS},2"),
    "Add Sub Mul Greater Less": ("$close,$open", f"$close,{GAPS}", "$close,3"),
    "Div": ("$close,$open+1", f"{GAPS},$high+1"),
    "Gt Ge Lt Le Eq Ne": ("$close,$open", "$close,$high"),
    "And Or": ("$close>$open,$volume>$close",),
    "Not": ("$close>$open",),
    "If": ("$close>$open,$high,$low",),
}
CASES = [(name, f"{name}({operands})") for names, all_operands in SHAPES.items() for name in names.split()
         for operands in all_operands]
CASES += [("Mean", f"Mean({name}({GAPS},Ref({GAPS},1)),5)") for name in ("Gt", "Ge", "Lt", "Le", "Eq")]  # unknown counts 0
QLIB_ONLY = {"ChangeInstrument", "Feature", "Mask", "PFeature", "Rolling", "TResample"}  # files, instruments, a base class
OURS_ONLY = {"Line"}  # whose outputs are Slope, Rsquare and Resi
# Where Qlib's running sums lose their digits: after a spike of 1e12 for ever, and in windows of equal rows.
LOST = {("spike", "Slope"), ("spike", "Rsquare"), ("spike", "Resi"), ("steps", "Resi"), ("steps", "Std"), ("steps", "Var"),
        ("IBM", "Std")}
EXACT = {**OPERATORS, "Var": lambda x, n: OPERATORS["Std"](x, n) ** 2, "If": lambda condition, a, b: a.where(condition, b)}


def meant(name: str, expression: str, bars: dict):
    """Rows in which we mean something else: see the test below."""
    if name not in ("IdxMax", "IdxMin", "Skew", "Kurt"):
        return False
    column, _, rows = expression[len(name) + 1:-1].rpartition(",")
    x = pd.Series(bars["close"] if column == "$close" else peer(column, EXACT)(bars))
    windows = x.rolling(int(rows), min_periods=1)
    if name in ("Skew", "Kurt"):
        return (windows.max() == windows.min()).to_numpy()
    return x.isna().astype(float).rolling(int(rows), min_periods=1).max().to_numpy() > 0


class Operators(QlibTest):
    """Equal to 1e-5 of the value plus 1e-7 of what the column usually is; else ours is the exact value."""

    def test_every_shared_operator_is_compared(self):
        text = subprocess.run([os.environ["ARGOSY"], "formula", "list", "--json"], check=True, capture_output=True).stdout
        ours = {item["name"] for item in json.loads(text)["items"] if item["family"] == "Qlib"} - OURS_ONLY
        theirs = {operator.__name__ for operator in qlib_engine.OpsList} - QLIB_ONLY
        self.assertEqual(ours, theirs)
        self.assertEqual({name for name, _ in CASES}, theirs)

    def test_equal_on_every_series(self):
        bars = {name.replace(" ", "_"): as_stored(columns) for name, columns in SERIES.items()}
        compared, lost = collections.Counter(), collections.Counter()
        for series, columns in self.values(bars, [expression for _, expression in CASES]).items():
            for (name, expression), (ours, theirs) in zip(CASES, columns):
                with self.subTest(series=series, expression=expression), np.errstate(all="ignore"):
                    usual = float(np.nanmedian(np.abs(theirs))) if np.isfinite(theirs).any() else 0.0
                    judged = ~np.full(len(ours), meant(name, expression, bars[series]))
                    compared[expression] += int((judged & ~np.isnan(ours)).sum())
                    other = judged & ~equal(ours, theirs, ABSOLUTE * usual)
                    if other.any():
                        self.assertIn((series, name), LOST, PeerTest.told(other, ours, theirs, "Qlib's"))
                        lost[series, expression] += int(other.sum())
                        exact = finite(peer(expression, EXACT)(bars[series]))
                        largest = pd.Series(bars[series]["close"]).rolling(20, min_periods=1).max().to_numpy()
                        right = near(ours, exact, 1e-9) | (np.abs(ours - exact) <= 1e-14 * largest)
                        self.assertTrue(right[other].all(), "ours is not the exact value")
        for (series, expression), count in lost.items():
            print(f"{expression}: Qlib's running sums are wrong in {count} rows of {series}", file=sys.stderr)
        for expression, count in compared.items():
            self.assertGreater(count, 400, f"{expression}: hardly anything was compared")

    def test_what_is_meant_differently(self):
        gap = [1.0, 5.0, -4.0, 3.0, 2.0]
        bars = {"A": as_stored({name: np.array(gap) for name in ("open", "high", "low", "close", "volume")})}
        known = "If($close>0,$close,Log($close))"
        nan = np.nan
        cases = {
            # A row that is NaN is no extreme. numpy takes it for one.
            f"IdxMax({known},3)": ([1, 2, 2, 1, 2], [1, 2, 3, 2, 1]),
            f"IdxMin({known},3)": ([1, 1, 1, 3, 3], [1, 1, 3, 2, 1]),
            # Of equal rows: pandas up to 2 said 0 and -3, as we do.
            "Skew($close-$close,3)": ([nan, nan, 0, 0, 0], [nan] * 5),
            "Kurt($close-$close,4)": ([nan, nan, nan, -3, -3], [nan] * 5),
            # What is compared with NaN is unknown.
            "And($close>0,$close>Ref($close,1))": ([nan, 1, 0, 1, 0], [0, 1, 0, 1, 0]),
            "Not($close>Ref($close,1))": ([nan, 0, 1, 0, 1], [1, 0, 1, 0, 1]),
        }
        found = self.values(bars, list(cases))["A"]
        for (expression, wanted), columns in zip(cases.items(), found):
            for own, expected in zip(columns, wanted):
                np.testing.assert_array_equal(own, expected, expression)


if __name__ == "__main__":
    unittest.main()
