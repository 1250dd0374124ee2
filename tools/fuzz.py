"""./dev fuzz: runs a fuzzer on its saved corpus and on what it makes of it, or makes the saved corpus small again.

New inputs and what made the program fail lie below build/debug/fuzz; see fuzz/README.md.
"""

import argparse
import os
import shutil
import subprocess
from pathlib import Path
from xml.sax.saxutils import quoteattr

from build import build
from common import ROOT, Failure, Stopwatch, main, run, say

CORPUS = ROOT / "fuzz" / "corpus"
PRESET = "debug"
SECONDS_AN_INPUT = 20  # longer is a hang
MEMORY_MB = 4096
SEED = 1
MERGE_FILES = 100  # of the saved corpus
MERGE_BYTES = 200_000


def names() -> list:
    return sorted(path.name for path in CORPUS.iterdir() if path.is_dir())


def limits(artifacts: Path) -> list:
    return [f"-artifact_prefix={artifacts}/", f"-timeout={SECONDS_AN_INPUT}", f"-rss_limit_mb={MEMORY_MB}",
            f"-seed={SEED}", "-print_final_stats=1", "-verbosity=0", "-print_funcs=0"]


def fuzz(program: Path, corpus: Path, folder: Path, seconds: int) -> bool:
    """True when nothing was found. With 0 seconds the saved corpus is only repeated."""
    found, artifacts = folder / "found", folder / "failed"
    for path in (found, artifacts):
        path.mkdir(parents=True, exist_ok=True)
    before = set(artifacts.iterdir())
    how = [f"-max_total_time={seconds}", found, corpus] if seconds else ["-runs=0", corpus]
    result = run([program, *limits(artifacts), *how], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                 errors="replace")
    if result.returncode == 0:
        say("\n".join(line for line in result.stdout.splitlines() if line.startswith("stat::")))
        return True
    say(result.stdout)
    failed = sorted(set(artifacts.iterdir()) - before)
    for path in failed:
        say(f"FAILED on {path}\nrepeat it: {program} {path}\nwhen it is repaired: cp {path} {corpus}/")
    if not failed:
        say("FAILED without an input: see above")
    return False


def merge(program: Path, corpus: Path, folder: Path) -> None:
    """The inputs, of the saved ones and those found, that reach the most together; the one that adds most comes first."""
    merged = folder / "merged"
    shutil.rmtree(merged, ignore_errors=True)
    merged.mkdir(parents=True)
    result = run([program, "-set_cover_merge=1", "-use_counters=0", *limits(folder), merged, corpus, folder / "found"], stdout=subprocess.PIPE,
                 stderr=subprocess.STDOUT, text=True, errors="replace")
    if result.returncode != 0:
        raise Failure(f"the corpus could not be merged:\n{result.stdout}")
    kept = total = 0
    shutil.rmtree(corpus)
    corpus.mkdir()
    for path in sorted(merged.iterdir(), key=lambda path: path.stat().st_mtime_ns):  # as they were written
        if kept == MERGE_FILES or total + path.stat().st_size > MERGE_BYTES:
            break
        shutil.copy(path, corpus / path.name)
        kept += 1
        total += path.stat().st_size
    say(f"{corpus.relative_to(ROOT)}: {kept} inputs, {total} bytes")


def report(name: str, seconds: float, passed: bool) -> None:
    """As a GoogleTest program does, so that `./dev test` counts it."""
    place = os.environ.get("GTEST_OUTPUT", "")
    if not place.startswith("xml:"):
        return
    failure = "" if passed else '<failure message="an input made it fail"/>'
    (Path(place.removeprefix("xml:")) / f"{name}.xml").write_text(
        f'<testsuites><testsuite name="Fuzz"><testcase classname="Fuzz" name={quoteattr(name)} status="run" '
        f'time="{seconds:.3f}">{failure}</testcase></testsuite></testsuites>\n')


def work(arguments: list) -> int:
    parser = argparse.ArgumentParser(prog="./dev fuzz", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("name", choices=names())
    parser.add_argument("--seconds", type=int, default=60, help="how long; 0: only the saved corpus")
    parser.add_argument("--merge", action="store_true", help="keep of the saved corpus and what was found what is needed")
    parser.add_argument("--program", type=Path, help="a fuzzer that is built already, as the tests name it")
    options = parser.parse_args(arguments)
    corpus = CORPUS / options.name
    program = options.program
    if program is None:
        build([PRESET])
        program = ROOT / "build" / PRESET / "fuzz" / f"fuzz_{options.name}"
    folder = program.parent / options.name
    if options.merge:
        merge(program, corpus, folder)
        return 0
    test = f"{program.name}_long" if options.seconds > 60 else program.name
    if options.program:  # a test: not with what was found before, which takes ever longer
        folder = program.parent / "tests" / test
        shutil.rmtree(folder / "found", ignore_errors=True)
    watch = Stopwatch()
    passed = fuzz(program, corpus, folder, options.seconds)
    report(test, watch.seconds(), passed)
    return 0 if passed else 1


if __name__ == "__main__":
    main(work)
