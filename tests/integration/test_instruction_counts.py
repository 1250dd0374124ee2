"""The instructions a row that ten formulas take stay near those stored: bench/instruction_counts.py."""

import pathlib
import subprocess
import sys
import unittest

BENCH = pathlib.Path(__file__).resolve().parents[2] / "bench"
sys.path.insert(0, str(BENCH))

import instruction_counts  # noqa: E402


class InstructionCounts(unittest.TestCase):
    def test_no_count_grew(self) -> None:
        run = subprocess.run([sys.executable, BENCH / "instruction_counts.py"], capture_output=True, text=True)
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
        self.assertEqual(len(run.stdout.splitlines()), 20, run.stdout)

    def test_what_grew_is_new_or_is_gone_fails(self) -> None:
        before = {"grew": 100.0, "grew a little": 100.0, "fell": 100.0, "gone": 100.0}
        now = {"grew": 116.0, "grew a little": 114.0, "fell": 50.0, "new": 1.0}
        self.assertEqual(instruction_counts.worse(before, now), ["grew", "gone", "new"])

    def test_what_is_written_is_read(self) -> None:
        counts = {"batch sma(close, 20)": 24.4, "streaming macd(close, 12, 26, 9)": 1234.5}
        self.assertEqual(instruction_counts.read(instruction_counts.written(counts)), counts)


if __name__ == "__main__":
    unittest.main()
