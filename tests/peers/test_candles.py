"""Candlestick patterns against TA-Lib: real bars, and random bars on a grid of ticks where every pattern occurs.

TA-Lib carries its means from row to row as running sums. While prices stay in one order of magnitude these are exact, and
ours must equal TA-Lib in every row. After a bar of a wild range they keep its rounding; then the judge of a row is TA-Lib
on that row's window alone: ours must equal it in all rows, and TA-Lib on the whole column but where it differs from itself.
"""

import unittest

import numpy as np
import talib
from talib import abstract

from bar_series import SERIES, evaluate

PATTERNS = talib.get_function_groups()["Pattern Recognition"]


def ours(pattern: str) -> str:
    return pattern.lower().replace("cdl", "cdl_", 1) + "()"


def prices(bars: dict) -> tuple:
    return tuple(bars[name] for name in ("open", "high", "low", "close"))


def on_windows(pattern: str, bars: dict) -> np.ndarray:
    """TA-Lib on each row's window alone."""
    function = getattr(talib, pattern)
    back = abstract.Function(pattern).lookback
    columns = prices(bars)
    out = np.full(len(columns[0]), np.nan)
    for row in range(back, len(out)):
        out[row] = function(*(column[row - back:row + 1] for column in columns))[-1]
    return out


def whole(pattern: str, bars: dict, **options) -> np.ndarray:
    out = getattr(talib, pattern)(*prices(bars), **options).astype(float)
    out[:abstract.Function(pattern).lookback] = np.nan
    return out


# Open and close of patterns that chance hardly ever makes, in ticks above the last close: mat hold, its like with a
# deeper flag, two crows, upside gap two crows, two abandoned babies.
RARE = (
    ((0, 60), (66, 64), (62, 58), (58, 55), (56, 80)),
    ((0, 60), (66, 64), (40, 36), (34, 24), (29, 90)),
    ((0, 60), (70, 65), (67, 30)),
    ((0, 60), (70, 66), (73, 63)),
    ((0, 60), (95, 95), (75, 50)),
    ((0, 60), (95, 95), (55, 25)),
)


def candles(seed: int, rows: int, tick: float) -> dict:
    """Runs of candles made of few kinds, so that bodies, shadows and gaps often match those of a pattern."""
    random = np.random.default_rng(seed)
    last = 4000
    bars = {name: np.empty(rows) for name in ("open", "high", "low", "close", "volume")}
    drift = 0
    planned = []
    for i in range(rows):
        if i % 100 == 50:
            planned = [(last + begin, last + end) for begin, end in RARE[int(random.integers(len(RARE)))]]
        if i % 6 == 0:
            drift = int(random.integers(-1, 2))
        scale = int(random.choice((2, 8, 8, 30, 60)))
        start = last + int(random.choice((0, 0, 1, -1, drift * scale, -drift * scale, drift * 2 * scale)))
        color = drift if drift != 0 and random.random() < 0.6 else int(random.choice((-1, 1)))
        end = start + color * int(random.choice((0, 1, scale, scale, 2 * scale)))
        upper, lower = (int(random.choice((0, 0, 0, 1, scale // 2, scale, 3 * scale))) for _ in range(2))
        if planned:
            start, end = (value + int(random.integers(-2, 3)) for value in planned.pop(0))
        for name, value in (("open", start), ("close", end), ("high", max(start, end) + upper),
                            ("low", min(start, end) - lower), ("volume", 1000)):
            bars[name][i] = value * (1 if name == "volume" else tick)
        last = end if 2000 < end < 8000 else 4000
    return bars


def wild_bar() -> dict:
    """Prices in cents, and one bar whose range leaves its rounding in every running sum."""
    bars = candles(5, 6_000, 0.01)
    bars["close"][3000] = 1e14 / 3
    bars["high"][3000] = 1e14
    return bars


class Candles(unittest.TestCase):
    def compare(self, bars: dict) -> tuple:
        """How often each pattern was seen, and the rows where TA-Lib on the whole column says something else."""
        seen, other = {}, {}
        for pattern, (mine,) in zip(PATTERNS, evaluate(bars, [ours(pattern) for pattern in PATTERNS])):
            theirs = whole(pattern, bars)
            np.testing.assert_array_equal(np.isnan(mine), np.isnan(theirs), pattern)
            known = ~np.isnan(mine)
            seen[pattern] = int(np.count_nonzero(mine[known]))
            rows = np.flatnonzero(known & (mine != theirs))
            if len(rows) > 0:
                other[pattern] = rows.tolist()
        return seen, other

    def test_all_of_them_are_here(self) -> None:
        self.assertEqual(len(PATTERNS), 61)

    def test_real_and_hostile_bars(self) -> None:
        for name, bars in SERIES.items():
            with self.subTest(series=name):
                self.assertEqual(self.compare(bars)[1], {})

    def test_every_pattern_on_exact_prices(self) -> None:
        total = dict.fromkeys(PATTERNS, 0)
        for seed in range(12):
            seen, other = self.compare(candles(seed, 20_000, 1 / 64))
            self.assertEqual(other, {})
            for pattern in PATTERNS:
                total[pattern] += seen[pattern]
        self.assertEqual({pattern: count for pattern, count in total.items() if count < 5}, {}, "hardly ever seen")

    def test_windows_remember_nothing(self) -> None:
        bars = wild_bar()
        _, other = self.compare(bars)
        self.assertGreater(len(other), 0, "no row where a running sum's rounding decides")
        for pattern, (mine,) in zip(PATTERNS, evaluate(bars, [ours(pattern) for pattern in PATTERNS])):
            with self.subTest(pattern=pattern):
                alone = on_windows(pattern, bars)
                np.testing.assert_array_equal(mine, alone)
                differs = np.flatnonzero((whole(pattern, bars) != alone) & ~np.isnan(alone)).tolist()
                self.assertEqual(other.get(pattern, []), differs)

    def test_penetration(self) -> None:
        bars = candles(11, 20_000, 1 / 64)
        for pattern, penetrations in {"CDLMORNINGSTAR": (0, 0.6), "CDLEVENINGSTAR": (0, 0.6), "CDLDARKCLOUDCOVER": (0, 0.9),
                                      "CDLABANDONEDBABY": (0, 0.9), "CDLMATHOLD": (0.9,), "CDLMORNINGDOJISTAR": (0.1,),
                                      "CDLEVENINGDOJISTAR": (0.1,)}.items():
            for penetration in penetrations:
                formula = ours(pattern).replace("()", f"({penetration})")
                (mine,), = evaluate(bars, [formula])
                theirs = whole(pattern, bars, penetration=penetration)
                np.testing.assert_array_equal(mine, theirs, formula)
                other = whole(pattern, bars)
                self.assertTrue((mine[20:] != other[20:]).any(), f"{formula} is as without the penetration")


if __name__ == "__main__":
    unittest.main()
