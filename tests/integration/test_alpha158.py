"""The set alpha158 on bars that every language makes alike, against values of a reference in double precision."""

import csv
import pathlib
import unittest

from program import Home

ROOT = pathlib.Path(__file__).resolve().parents[2]


def bars() -> list:
    """80 bars of integer cents from a linear congruential generator."""
    state = 12345

    def draw() -> int:
        nonlocal state
        state = (1664525 * state + 1013904223) % 2**32
        return state >> 16

    rows, last = [], 10000
    for time in range(80):
        draws = [draw() for _ in range(5)]
        start = last + draws[0] % 81 - 40
        close = start + draws[1] % 301 - 150
        high = max(start, close) + draws[2] % 61
        low = min(start, close) - draws[3] % 61
        volume = 100000 + 10 * (draws[4] % 40001)
        rows.append((time, start / 100, high / 100, low / 100, close / 100, volume, (start + high + low + close) / 400))
        last = close
    return rows


class Alpha158(unittest.TestCase):
    def setUp(self):
        self.home = Home()
        self.addCleanup(self.home.remove)
        self.bars = f"{self.home.temporary}/bars.csv"
        with open(self.bars, "w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(("time", "open", "high", "low", "close", "volume", "vwap"))
            writer.writerows(bars())

    def evaluate(self, *options: str) -> str:
        return self.home.run("formula", "eval", "--set", "alpha158", "--bars", self.bars, *options).stdout

    def test_equal_to_the_reference(self):
        self.assertEqual(bars()[79][1:], (95.90, 96.03, 94.06, 94.43, 174310, 95.105))
        rows = list(csv.DictReader(self.evaluate().splitlines()))
        with open(ROOT / "tests" / "data" / "alpha158.csv", newline="") as file:
            expected = list(csv.DictReader(file))
        self.assertEqual(list(rows[0])[1:], [each["factor"] for each in expected])
        self.assertEqual(len(expected), 158)
        for each in expected:
            for row in (79, 30):
                value, wanted = rows[row][each["factor"]], each[f"row_{row}"]
                with self.subTest(factor=each["factor"], row=row):
                    if wanted == "NaN":
                        self.assertEqual(value, "")
                    else:  # the reference is given with nine digits
                        self.assertAlmostEqual(float(value), float(wanted), delta=max(2e-9, 2e-8 * abs(float(wanted))))

    def test_bar_by_bar_the_same_bytes(self):
        self.assertEqual(self.evaluate(), self.evaluate("--stream"))


if __name__ == "__main__":
    unittest.main()
