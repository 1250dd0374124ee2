"""The dashboard's tests: its logic by Vitest, and a browser that uses the real program."""

import os
import subprocess
from pathlib import Path
from xml.etree import ElementTree

from common import ROOT, Stopwatch, run, say
from web import WEB, WORK, environment, node, tool

E2E = WEB / "e2e"
FIRST = E2E / "first.test.mjs"  # what each ./dev test tries; the others carry the label browser


def read_junit(path: Path, prefix: str, tally) -> int:
    """Adds the cases of a report as Vitest and Node write it; how many there were."""
    if not path.exists():
        return 0
    cases = list(ElementTree.parse(path).iter("testcase"))
    for case in cases:
        skipped = case.find("skipped")
        outcome = "failed" if case.find("failure") is not None or case.find("error") is not None else \
            "passed" if skipped is None else "skipped"
        reason = "" if skipped is None else skipped.get("message") or ""
        tally.add(f"{prefix}{case.get('name')}", outcome, float(case.get("time") or 0), reason)
    return len(cases)


def run_reported(name: str, command: list, report: Path, tally) -> None:
    """Runs what leaves a report. A program that ends badly, or without one, is a failure besides its cases."""
    say(f"\n=== {name}")
    report.parent.mkdir(parents=True, exist_ok=True)
    report.unlink(missing_ok=True)
    watch = Stopwatch()
    failed_before = tally.failed
    result = run(command, cwd=WEB, env={**environment(), "ARGOSY": os.environ.get("ARGOSY", str(ROOT / "build/release/argosy"))},
                 stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    cases = read_junit(report, f"{name}: ", tally)
    if result.returncode != 0 or not cases:
        say(result.stdout)
    if tally.failed == failed_before and (result.returncode != 0 or not cases):
        tally.add(f"{name} (as a whole)", "failed", watch.seconds())
    for line in result.stdout.splitlines():
        if result.returncode == 0 and line.lstrip().startswith("ℹ") and "measured" in line:
            say(f"  {line.lstrip(' ℹ')}")


def run_logic(tally) -> None:
    report = WORK / "vitest.xml"
    run_reported("web logic", [*tool("vitest", "vitest.mjs"), "run", "--reporter=default", "--reporter=junit",
                               f"--outputFile.junit={report}"], report, tally)


def run_browser(files: list, tally) -> None:
    report = WORK / "browser.xml"
    run_reported("browser", [node(), "--test", "--test-concurrency=1", "--test-timeout=300000",
                             "--test-reporter=spec", "--test-reporter-destination=stdout",
                             "--test-reporter=junit", f"--test-reporter-destination={report}", *files], report, tally)


def run_web_tests(all_of_browser: bool, logic: bool, tally) -> None:
    if logic:
        run_logic(tally)
    run_browser(sorted(E2E.glob("*.test.mjs")) if all_of_browser else [FIRST], tally)
