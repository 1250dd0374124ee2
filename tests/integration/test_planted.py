"""Bugs on purpose are in the test programs of the preset planted, and nowhere else."""

import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / "build" / "release"
# Of the function that asks whether a bug is on, and of the bugs' names.
SYMBOL = b"7planted5is_on"
NAMES = re.findall(rb'\{k\w+, "([a-z-]+)"', (ROOT / "tests" / "planted" / "bugs.cpp").read_bytes())


TRACE = re.compile(b"|".join([SYMBOL, *(re.escape(name) + rb"\0" for name in NAMES)]))


def traces(program: pathlib.Path) -> set:
    return {found.rstrip(b"\0") for found in TRACE.findall(program.read_bytes())}


class Planted(unittest.TestCase):
    def test_they_are_in_their_own_programs(self) -> None:
        self.assertGreaterEqual(len(NAMES), 30)
        for name in ("planted_test", "planted_all_test"):
            self.assertEqual({SYMBOL, *NAMES}, traces(BUILD / "tests" / "planted" / name), name)

    def test_they_are_in_no_other(self) -> None:
        programs = [BUILD / "argosy", *BUILD.glob("src/*/*.a")]
        self.assertGreater(len(programs), 20)
        for program in programs:
            self.assertEqual(set(), traces(program), program)


if __name__ == "__main__":
    unittest.main()
