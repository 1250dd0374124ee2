"""./dev simulate: sets up, builds, and plays trading days with faults until the time is up; docs/concepts/simulation.md."""

import argparse

from build import build
from common import ROOT, main, run
from setup import setup


def work(arguments: list) -> int:
    parser = argparse.ArgumentParser(prog="./dev simulate", description=__doc__)
    parser.add_argument("--hours", type=float, default=1, help="new seeds until then (default: 1)")
    parser.add_argument("--seed", type=int, help="of the first scenario (default: a new one)")
    options = parser.parse_args(arguments)
    setup()
    build(["release"])
    seed = [] if options.seed is None else ["--seed", options.seed]
    return run([ROOT / "argosy", "simulate", "--hours", options.hours, *seed]).returncode


if __name__ == "__main__":
    main(work)
