"""./dev run: sets up, builds, backtests the sample strategies and writes their reports, then trades them on paper until it is told to end."""

import argparse
import json
import os
import subprocess
from pathlib import Path

from build import build
from common import ROOT, Failure, main, output, run, say
from setup import setup

PROGRAM = ROOT / "argosy"
# The sample strategies, and the symbol for those whose file names none.
STRATEGIES = [("golden_cross", "AAPL"), ("trend_five", None), ("breakout", "AAPL")]
# Those that trade on paper, each with money of its own.
SERVICES = [("probability", "AAPL"), ("hybrid", "MSFT"), ("golden_cross", "NVDA"), ("breakout", "TSLA"), ("macd_atr", "AMZN")]
BALANCE = 10_000
SPEED = 60  # a minute of the simulated market in a second


def argosy(arguments: list) -> None:
    say("\n$ argosy " + " ".join(str(argument) for argument in arguments))
    if run([PROGRAM, *arguments]).returncode != 0:
        raise Failure("argosy failed: its message above says why")


def make_services(home: Path) -> None:
    """Once: what somebody has made or removed stays as it is."""
    if json.loads(output([PROGRAM, "service", "list", "--home", home, "--json"]))["items"]:
        return
    for strategy, symbol in SERVICES:
        argosy(["service", "create", "--symbol", symbol, "--strategy", strategy, "--balance", BALANCE,
                "--name", f"{strategy} {symbol}", "--home", home])


def serve(home: Path, port: str, speed: float) -> int:
    command = [PROGRAM, "serve", "--home", home, "--speed", speed, *(["--port", port] if port else [])]
    say("\n$ argosy " + " ".join(str(part) for part in command[1:]))
    say("It trades play money on a simulated market. Open the address of the dashboard below in a browser and log in as admin,\n"
        "with the one-time password or your own. Ctrl-C ends it; ./dev run goes on where it ended.\n")
    process = subprocess.Popen([str(part) for part in command], cwd=ROOT, stdin=subprocess.DEVNULL)
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:  # it has had the same signal, and ends by itself
            continue


def work(arguments: list) -> int:
    parser = argparse.ArgumentParser(prog="./dev run", description=__doc__)
    parser.add_argument("--home", help="where bars, reports and the ledger go (default: ARGOSY_HOME, else build/home)")
    parser.add_argument("--no-serve", action="store_true", help="end after the reports")
    parser.add_argument("--port", default="", help="of the dashboard (default: trading.yaml's, 8080)")
    parser.add_argument("--speed", type=float, default=SPEED, help=f"times real time (default: {SPEED})")
    options = parser.parse_args(arguments)
    setup()
    build(["release"])
    if not PROGRAM.exists():
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
    say("\nReports, to open in a browser:")
    for report in written:
        say(f"  {(ROOT / report).resolve()}")
    if options.no_serve:
        return 0
    make_services(home)
    if serve(home, options.port, options.speed) != 0:
        raise Failure("argosy serve ended: its message above says why. ./dev run --port N names another port")
    return 0


if __name__ == "__main__":
    main(work)
