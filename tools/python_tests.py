"""Runs the unittest tests of one file and counts their cases. As a program, in the Python that runs it, it prints them as JSON."""

import json
import sys
import unittest
from pathlib import Path

from common import Stopwatch


class CaseResult(unittest.TestResult):
    """Hands each case to add(name, outcome, seconds, reason); what failed is shown at once, on standard error."""

    def __init__(self, add) -> None:
        super().__init__()
        self.add = add
        self.watch = None

    def startTest(self, test) -> None:
        super().startTest(test)
        self.watch = Stopwatch()
        self.outcome = ("passed", "")

    def addError(self, test, err) -> None:
        super().addError(test, err)
        self.fail(test, self.errors[-1][1])

    def addFailure(self, test, err) -> None:
        super().addFailure(test, err)
        self.fail(test, self.failures[-1][1])

    def addSubTest(self, test, subtest, err) -> None:
        super().addSubTest(test, subtest, err)
        if err is not None:
            self.fail(subtest, self._exc_info_to_string(err, subtest))

    def fail(self, test, text: str) -> None:
        print(f"FAILED {test.id()}\n{text}", file=sys.stderr, flush=True)
        self.outcome = ("failed", "")
        if self.watch is None:  # while loading, or in the set-up of a class
            self.add(test.id(), "failed", 0, "")

    def addSkip(self, test, reason: str) -> None:
        super().addSkip(test, reason)
        self.outcome = ("skipped", reason)
        if self.watch is None:
            self.add(test.id(), "skipped", 0, reason)

    def stopTest(self, test) -> None:
        super().stopTest(test)
        self.add(test.id(), self.outcome[0], self.watch.seconds(), self.outcome[1])
        self.watch = None


def run_file(path: Path, add) -> None:
    folder = str(path.parent)
    unittest.TestLoader().discover(folder, pattern=path.name, top_level_dir=folder).run(CaseResult(add))


if __name__ == "__main__":
    cases = []
    run_file(Path(sys.argv[1]), lambda *case: cases.append(case))
    print(json.dumps(cases))
