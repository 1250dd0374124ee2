"""The set alpha158 against pandas in double precision, on real bars: the 158 columns by their definitions."""

import pathlib
import re
import unittest

import numpy as np
import pandas as pd

from bar_series import PeerTest, sample

ROOT = pathlib.Path(__file__).resolve().parents[2]
FLAT = 2e-5  # Qlib takes a deviation up to this for none


def formulas() -> dict:
    text = (ROOT / "samples" / "formulas" / "alpha158.yaml").read_text()
    return dict(re.findall(r"^  (\w+): (.*\$.*)$", text, re.M))


def flat(x: pd.Series, n: int):
    return np.isclose(x.rolling(n, min_periods=1).std(), 0, atol=FLAT)


def deviation(x: pd.Series, n: int) -> pd.Series:
    """In extended precision, as are those below: pandas' own running sums lose digits."""
    def of(window):
        known = window[~np.isnan(window)].astype(np.longdouble)
        return known.std(ddof=1) if len(known) > 1 else np.nan

    return x.rolling(n, min_periods=1).apply(of, raw=True)


def line(x: pd.Series, n: int, what: str) -> pd.Series:
    """Least squares over the rows there are, row by row."""
    values, out = x.to_numpy(), np.full(len(x), np.nan)
    for i in range(len(values)):
        y = values[max(0, i - n + 1):i + 1].astype(np.longdouble)
        if len(y) < 2:
            continue
        t = np.arange(1, len(y) + 1, dtype=np.longdouble)
        dt, dy = t - t.mean(), y - y.mean()
        slope = (dt * dy).sum() / (dt * dt).sum()
        if what == "slope":
            out[i] = slope
        elif what == "resi":
            out[i] = y[-1] - (y.mean() + slope * dt[-1])
        elif (dy * dy).sum() > 0:
            out[i] = (dt * dy).sum() ** 2 / ((dt * dt).sum() * (dy * dy).sum())
    result = pd.Series(out, x.index)
    return result.mask(flat(x, n)) if what == "rsquare" else result


def correlation(x: pd.Series, y: pd.Series, n: int) -> pd.Series:
    out = np.full(len(x), np.nan)
    a, b = x.to_numpy(), y.to_numpy()
    for i in range(len(a)):
        u, v = (c[max(0, i - n + 1):i + 1].astype(np.longdouble) for c in (a, b))
        known = ~(np.isnan(u) | np.isnan(v))
        u, v = u[known], v[known]
        if len(u) < 2:
            continue
        u, v = u - u.mean(), v - v.mean()
        deviations = np.sqrt((u * u).sum() / (len(u) - 1)), np.sqrt((v * v).sum() / (len(u) - 1))
        if min(deviations) > FLAT:
            out[i] = (u * v).sum() / np.sqrt((u * u).sum() * (v * v).sum())
    return pd.Series(out, x.index)


OPERATORS = {
    "Ref": lambda x, n: x.shift(n),
    "Mean": lambda x, n: x.rolling(n, min_periods=1).mean(),
    "Sum": lambda x, n: x.rolling(n, min_periods=1).sum(),
    "Std": deviation,
    "Max": lambda x, n: x.rolling(n, min_periods=1).max(),
    "Min": lambda x, n: x.rolling(n, min_periods=1).min(),
    "Quantile": lambda x, n, q: x.rolling(n, min_periods=1).quantile(q),
    "Rank": lambda x, n: x.rolling(n, min_periods=1).rank(pct=True),
    "IdxMax": lambda x, n: x.rolling(n, min_periods=1).apply(lambda w: w.argmax() + 1, raw=True),
    "IdxMin": lambda x, n: x.rolling(n, min_periods=1).apply(lambda w: w.argmin() + 1, raw=True),
    "Slope": lambda x, n: line(x, n, "slope"),
    "Rsquare": lambda x, n: line(x, n, "rsquare"),
    "Resi": lambda x, n: line(x, n, "resi"),
    "Corr": correlation,
    "Abs": lambda x: x.abs(),
    "Log": lambda x: np.log(x),
    "Greater": lambda a, b: np.maximum(a, b),
    "Less": lambda a, b: np.minimum(a, b),
}


def peer(formula: str, operators: dict = OPERATORS):
    """The formula as pandas computes it: its text is also an expression of Python."""
    code = compile(re.sub(r"\$(\w+)", r"\1", formula), formula, "eval")

    def compute(bars: dict):
        names = {name: pd.Series(column) for name, column in bars.items()}
        return eval(code, {"__builtins__": {}}, {**operators, **names}).to_numpy(float)  # the project's own file

    return compute


class Alpha158(PeerTest):
    def test_equal_on_real_bars(self):
        cases = {formula: peer(formula) for formula in formulas().values() if "vwap" not in formula}
        self.assertEqual(len(cases), 157)
        # The counts' differences and the residuals are of numbers near 1: 1e-15 is some of their last bits.
        self.compare(cases, series={symbol: sample(symbol) for symbol in ("AAPL", "MSFT")}, absolute=1e-15)


if __name__ == "__main__":
    unittest.main()
