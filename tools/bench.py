"""./dev bench: sets up, builds, and runs the benches: every program build/release/bench/*_bench, then bench/*_bench.py."""

import argparse
import os
import sys

from build import build
from common import ROOT, main, run, say
from setup import PEERS_FOLDER, setup


def work(arguments: list) -> int:
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__)
    parser.add_argument("--peers", action="store_true", help="beside the libraries others use (installs them)")
    parser.add_argument("--filter", default="", help="only benches whose name contains this text")
    options = parser.parse_args(arguments)
    setup(peers=options.peers)
    build(["release"])
    python = PEERS_FOLDER / "bin" / "python" if options.peers else sys.executable
    benches = {path.name: [path] for path in sorted((ROOT / "build" / "release" / "bench").glob("*_bench"))}
    # A bench in Python drives the program and, told to, the peers; it names the peers that it skips.
    for path in sorted((ROOT / "bench").glob("*_bench.py")):
        benches[path.name] = [python, path, *(["--peers"] if options.peers else [])]
    benches = {name: command for name, command in benches.items() if options.filter in name}
    failed = []
    environment = {**os.environ, "ARGOSY": str(ROOT / "build" / "release" / "argosy")}
    for name, command in benches.items():
        say(f"\n=== {name}")
        if run(command, env=environment).returncode != 0:
            failed.append(name)
    if not benches:
        say("no bench has that name" if options.filter else "there are no benches yet")
    for name in failed:
        say(f"failed {name}")
    return 1 if failed else 0


if __name__ == "__main__":
    main(work)
