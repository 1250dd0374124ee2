"""./dev test: sets up, builds, and runs the tests: the programs of each preset, the tools', the integration tests, the documents', the dashboard's."""

import argparse
import json
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

import console_blocks
import postgres
from build import build
from common import LABELS, PRESETS, ROOT, Stopwatch, build_folder, cores, main, output, run, say, write_timings
from setup import PEERS_FOLDER, setup
from web_tests import run_web_tests


SIMULATED_SEED = 7
SIMULATED_DAYS = 1000


class Tally:
    """Cases, not programs."""

    def __init__(self) -> None:
        self.passed = 0
        self.failed = 0
        self.skipped = 0
        self.failures = []  # names
        self.skips = []  # names with reasons
        self.timings = []  # (seconds, name)

    def add(self, name: str, outcome: str, seconds: float, reason: str = "") -> None:
        setattr(self, outcome, getattr(self, outcome) + 1)
        if outcome == "failed":
            self.failures.append(name)
        elif outcome == "skipped":
            self.skips.append(f"{name}: {reason}" if reason else name)
        self.timings.append((seconds, name))

    def line(self) -> str:
        skipped = f", {self.skipped} skipped" if self.skipped else ""
        return f"{self.passed} passed, {self.failed} failed{skipped}"


class Program(NamedTuple):
    name: str
    labels: list


def list_programs(preset: str) -> list:
    listing = json.loads(output(["ctest", "--preset", preset, "--show-only=json-v1"]))
    programs = []
    for test in listing["tests"]:
        properties = {entry["name"]: entry["value"] for entry in test.get("properties", [])}
        programs.append(Program(test["name"], [label for label in properties.get("LABELS", []) if label != preset]))
    return programs


def read_gtest_report(path: Path, prefix: str, tally: Tally) -> None:
    for case in ElementTree.parse(path).iter("testcase"):
        name = f"{prefix}{case.get('classname')}.{case.get('name')}"
        seconds = float(case.get("time"))
        skipped = case.find("skipped")
        if case.find("failure") is not None:
            tally.add(name, "failed", seconds)
        elif case.get("status") == "notrun":
            tally.add(name, "skipped", seconds, "disabled")
        elif skipped is not None or case.get("result") == "skipped":
            message = "" if skipped is None else skipped.get("message", "")
            tally.add(name, "skipped", seconds, " ".join(message.split("\n", 1)[-1].split()))
        else:
            tally.add(name, "passed", seconds)


def run_programs(preset: str, labels: list, only_labels: bool, servers: dict, tally: Tally) -> None:
    """Runs a preset's test programs through ctest; each leaves a report of its cases."""
    programs = [program for program in list_programs(preset)
                if any(label in labels for label in program.labels) or not (only_labels or program.labels)]
    if not programs:
        return
    say(f"\n=== {preset}: {len(programs)} test programs")
    reports = ROOT / "build" / preset / "reports"
    shutil.rmtree(reports, ignore_errors=True)
    reports.mkdir(parents=True)
    environment = {
        **os.environ, **servers, "GTEST_OUTPUT": f"xml:{reports}/", "ARGOSY_PEERS_PYTHON": str(PEERS_FOLDER / "bin" / "python"),
        "ARGOSY": str(ROOT / "build" / "release" / "argosy"),
        "ASAN_SYMBOLIZER_PATH": "/usr/bin/llvm-symbolizer-19", "UBSAN_OPTIONS": "print_stacktrace=1",
        "TSAN_OPTIONS": "external_symbolizer_path=/usr/bin/llvm-symbolizer-19"}
    (build_folder(preset) / "Testing" / "Temporary" / "LastTestsFailed.log").unlink(missing_ok=True)
    names = "|".join(program.name for program in programs)
    log = reports / "ctest.log"
    result = run(["ctest", "--preset", preset, "-j", cores(), "-R", f"^({names})$", "--output-log", log],
                 env=environment)
    for program in programs:
        report = reports / f"{program.name}.xml"
        if report.exists():
            failed_before = tally.failed
            read_gtest_report(report, f"{preset}: ", tally)
            ended_badly = f"{program.name}" in failed_programs(preset) and tally.failed == failed_before
        else:
            ended_badly = True
        if ended_badly:  # a crash, a time-out, or a complaint of a sanitizer when the program ended
            tally.add(f"{preset}: {program.name} (the whole program; see {log.relative_to(ROOT)})", "failed", 0)
    if result.returncode != 0 and not tally.failed:
        tally.add(f"{preset}: ctest (see {log.relative_to(ROOT)})", "failed", 0)


def failed_programs(preset: str) -> set:
    log = build_folder(preset) / "Testing" / "Temporary" / "LastTestsFailed.log"
    return {line.partition(":")[2] for line in log.read_text().splitlines()} if log.exists() else set()


def run_python_tests(folder: Path, python: Path, servers: dict, tally: Tally, at_once: int = 1) -> None:
    """The folder's tests written with unittest, so many files at a time: most of them wait for the program."""
    files = sorted(folder.glob("test_*.py"))
    if not files:
        return
    shown = folder.relative_to(ROOT)
    say(f"\n=== {shown}")
    environment = {**os.environ, **servers, "ARGOSY": str(ROOT / "build" / "release" / "argosy")}

    def run_file(path: Path) -> subprocess.CompletedProcess:
        return run([python, ROOT / "tools" / "python_tests.py", path], stdout=subprocess.PIPE, text=True, env=environment)

    with ThreadPoolExecutor(at_once) as pool:
        results = list(pool.map(run_file, files))
    for path, result in zip(files, results):
        if result.returncode != 0:
            tally.add(f"{shown}: {path.name} (it could not be run)", "failed", 0)
            continue
        for name, outcome, seconds, reason in json.loads(result.stdout.splitlines()[-1]):
            tally.add(f"{shown}: {name}", outcome, seconds, reason)


def run_simulation(days: int, tally: Tally) -> None:
    """Days with all faults, always the same ones; `./dev simulate` looks for new ones."""
    say(f"\n=== simulation: {days} days")
    watch = Stopwatch()
    result = run([ROOT / "build" / "release" / "argosy", "simulate", "--seed", SIMULATED_SEED, "--days", days])
    tally.add(f"simulation: {days} days of seed {SIMULATED_SEED}", "failed" if result.returncode else "passed",
              watch.seconds())


def run_console_blocks(tally: Tally) -> None:
    blocks = [block for path in console_blocks.documents() for block in console_blocks.read_blocks(path)]
    say(f"\n=== {len(blocks)} console blocks of the documents")
    for block in blocks:
        watch = Stopwatch()
        problem = console_blocks.run_block(block, ROOT / "build" / "release")
        if problem:
            say(f"FAILED {block.name}\n{problem}")
        tally.add(f"documents: {block.name}", "failed" if problem else "passed", watch.seconds())


def work(arguments: list) -> int:
    parser = argparse.ArgumentParser(prog="./dev test", description=__doc__)
    parser.add_argument("--label", action="append", choices=LABELS, help="only tests with this label; repeatable")
    parser.add_argument("--all", action="store_true", help=f"also the labelled tests: {', '.join(LABELS)}")
    parser.add_argument("--preset", action="append", choices=PRESETS, help="only this preset's programs; repeatable")
    options = parser.parse_args(arguments)
    labels = list(LABELS) if options.all else options.label or []
    only_labels = bool(options.label) and not options.all
    # Labelled tests take long or need other programs: the release build runs them, with sanitizers the fuzzers, and
    # the planted bugs are looked for.
    labelled = ["release", "debug", "planted"] if "long" in labels else ["release"]
    presets = options.preset or (labelled if only_labels else list(PRESETS))
    setup(peers="peers" in labels)
    build(presets)
    tally = Tally()
    with postgres.server_for_tests() as servers:
        for preset in presets:
            run_programs(preset, labels, only_labels, servers, tally)
        for label in labels:
            python = PEERS_FOLDER / "bin" / "python" if label == "peers" else sys.executable
            run_python_tests(ROOT / "tests" / label, python, servers, tally)
        if not only_labels and not options.preset:
            for folder in ("tools", "integration"):
                run_python_tests(ROOT / "tests" / folder, sys.executable, servers, tally, cores())
            run_simulation(10 * SIMULATED_DAYS if options.all else SIMULATED_DAYS, tally)
            run_console_blocks(tally)
        if "browser" in labels or not (only_labels or options.preset):
            run_web_tests("browser" in labels, not only_labels, tally)
    write_timings("tests", tally.timings)
    (ROOT / "build" / "timings" / "result.txt").write_text(tally.line() + "\n")
    say()
    for name in tally.skips:
        say(f"skipped {name}")
    for name in tally.failures:
        say(f"failed  {name}")
    if not tally.passed and not tally.failed:
        say("no test was run: no program carries that label yet")
    say(tally.line())
    return 1 if tally.failed else 0


if __name__ == "__main__":
    main(work)
