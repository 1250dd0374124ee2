"""./dev run: sets up, builds, then backtests the sample strategies on the sample bars and writes their reports."""

import argparse
import os
from pathlib import Path

from build import build
from common import ROOT, Failure, main, run, say
from setup import setup

# The sample strategies, and the symbol for those whose file names none.
STRATEGIES = [("golden_cross", "AAPL"), ("trend_five", None), ("breakout", "AAPL")]


def argosy(arguments: list) -> None:
    say("\n$ argosy " + " ".join(str(argument) for argument in arguments))
    if run([ROOT / "argosy", *arguments]).returncode != 0:
        raise Failure("argosy failed: its message above says why")


def work(arguments: list) -> None:
    parser = argparse.ArgumentParser(prog="./dev run", description=__doc__)
    parser.add_argument("--home", help="where bars and reports go (default: ARGOSY_HOME, else build/home)")
    options = parser.parse_args(arguments)
    setup()
    build(["release"])
    if not (ROOT / "argosy").exists():
        raise Failure("the build made no program: is src/cli/main.cpp there?")
    home = Path(options.home or os.environ.get("ARGOSY_HOME") or "build/home")
    reports = home / "reports"
    argosy(["init", "--home", home])
    (ROOT / reports).mkdir(parents=True, exist_ok=True)
    written = []
    for name, symbol in STRATEGIES:
        report = reports / f"{name}.html"
        argosy(["backtest", f"samples/strategies/{name}.yaml", *(["--symbol", symbol] if symbol else []),
                "--home", home, "--report", report])
        written.append(report)
    say("\nOpen in a browser:")
    for report in written:
        say(f"  {(ROOT / report).resolve()}")


if __name__ == "__main__":
    main(work)
