"""What the tools behind ./dev share."""

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DEPS = ROOT / ".deps"
PRESETS = ("release", "debug", "tsan", "planted")
LABELS = ("peers", "long", "servers", "browser")


class Failure(Exception):
    """Work that could not be done; its text says what to do about it."""


def say(text: str = "") -> None:
    print(text, flush=True)


def main(work) -> None:
    """Runs a tool's work(arguments), turning a Failure into a message and exit code 1."""
    try:
        sys.exit(work(sys.argv[1:]) or 0)
    except Failure as failure:
        print(f"\nerror: {failure}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


def cores() -> int:
    return len(os.sched_getaffinity(0))


def run(command: list, **options) -> subprocess.CompletedProcess:
    """Runs a command at the project's root without standard input; never raises for its exit code."""
    options.setdefault("cwd", ROOT)
    options.setdefault("stdin", subprocess.DEVNULL)
    return subprocess.run([str(part) for part in command], **options)


def output(command: list, **options) -> str:
    """A command's standard output; a Failure with what it said when it fails."""
    result = run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)
    if result.returncode != 0:
        raise Failure(f"`{' '.join(map(str, command))}` failed:\n{(result.stderr or result.stdout).strip()}")
    return result.stdout


def build_folder(preset: str) -> Path:
    """Where a preset is built. The planted bugs are a test program more, of the release preset's libraries."""
    return ROOT / "build" / ("release" if preset == "planted" else preset)


def write_timings(stage: str, timings: list) -> None:
    """Leaves (seconds, name) pairs where .ci/run looks for the slowest of a stage."""
    folder = ROOT / "build" / "timings"
    folder.mkdir(parents=True, exist_ok=True)
    lines = [f"{seconds:.2f} {name}" for seconds, name in sorted(timings, reverse=True)]
    (folder / f"{stage}.txt").write_text("\n".join(lines) + "\n")


class Stopwatch:
    def __init__(self) -> None:
        self.started = time.monotonic()

    def seconds(self) -> float:
        return time.monotonic() - self.started
