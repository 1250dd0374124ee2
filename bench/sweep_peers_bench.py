"""A sweep beside vectorbt: the 1,000 settings x 100,000 bars of sweep_bench.

    ./dev bench --filter sweep --peers

vectorbt takes the bars of an entry for over before it looks at stops, and a stop before an exit at the same open, so the two
agree where no stop is reached: each pair of averages is first run without stops by both, and its final equity compared.
Then all settings are timed, stops and all. vectorbt gets its indicators, signals and portfolios in chunks of columns: of
all 1,000 at once its portfolio alone would take gigabytes, and no less time.
"""

import importlib.util
import json
import pathlib
import resource
import subprocess
import sys
import tempfile
import time

BUILD = pathlib.Path(__file__).resolve().parents[1] / "build" / "release"
CASH, SHARES, FEE = 10_000_000, 100, 0.001
CHUNK = 100  # settings; fewer or more were slower
GOAL = 50  # times as fast


def final_values(frame, settings, stops):
    """Of each (fast, slow, stop), in their order."""
    import numpy as np
    import pandas
    import vectorbt as vbt
    close = frame["close"]
    arrays = {name: frame[name].to_numpy() for name in ("open", "high", "low", "close")}
    lengths = {length for fast, slow, _ in settings for length in (fast, slow)}
    averages = {length: close.rolling(length).mean().to_numpy() for length in lengths}
    values = []
    for first in range(0, len(settings), CHUNK):
        some = settings[first:first + CHUNK]
        fast = np.column_stack([averages[fast] for fast, _, _ in some])
        slow = np.column_stack([averages[slow] for _, slow, _ in some])
        above, below = np.zeros(fast.shape, bool), np.zeros(fast.shape, bool)
        # A row later: they trade at the next open.
        above[2:] = (fast[1:-1] > slow[1:-1]) & (fast[:-2] <= slow[:-2])
        below[2:] = (fast[1:-1] < slow[1:-1]) & (fast[:-2] >= slow[:-2])
        opens = np.broadcast_to(arrays["open"][:, None], fast.shape)
        levels = {}
        if stops:
            levels = {"sl_stop": np.broadcast_to(np.array([stop for _, _, stop in some]), fast.shape),
                      "open": opens, "high": np.broadcast_to(arrays["high"][:, None], fast.shape),
                      "low": np.broadcast_to(arrays["low"][:, None], fast.shape)}
        portfolio = vbt.Portfolio.from_signals(np.broadcast_to(arrays["close"][:, None], fast.shape), above, below,
                                               price=opens, size=SHARES, fees=FEE, init_cash=CASH, freq="1min", **levels)
        values.extend(np.asarray(portfolio.final_value()))
    return pandas.Series(values)


def ours(folder, *options):
    bars = folder / "bars.csv"
    text = subprocess.run([BUILD / "bench" / "sweep_bench", "--json", "--only", "small", "--bars", bars, *options], check=True,
                          capture_output=True, text=True).stdout
    return bars, json.loads(text)


def equal(frame, plain):
    settings = [(int(each["fast"]), int(each["slow"]), each["stop"]) for each in plain["results"]]
    values = final_values(frame, settings, stops=False)
    wrong = [k for k, each in enumerate(plain["results"]) if abs(values[k] - float(each["final_equity"])) > 1e-3]
    for k in wrong[:3]:
        print(f"  vectorbt: {settings[k]} ends with {values[k]}, Argosy with {plain['results'][k]['final_equity']}")
    if not wrong:
        print(f"  without stops all {len(settings)} final equities are equal to a tenth of a cent")
    return not wrong


def main():
    if "--peers" not in sys.argv[1:]:
        print("run with --peers to compare with vectorbt")
        return 0
    if not all(importlib.util.find_spec(name) for name in ("pandas", "vectorbt")):
        print("  skipped, not installed: vectorbt")
        return 0
    import pandas
    with tempfile.TemporaryDirectory(prefix="argosy-sweep-") as name:
        folder = pathlib.Path(name)
        bars, expected = ours(folder)
        _, plain = ours(folder, "--no-stops")
        frame = pandas.read_csv(bars, parse_dates=["time"], index_col="time")
        count = len(expected["results"])
        print(f"{count:,} settings x {len(frame):,} bars, {expected['trades']:,} trades", flush=True)
        if not equal(frame, plain):
            return 1
        settings = [(int(each["fast"]), int(each["slow"]), each["stop"]) for each in expected["results"]]
        final_values(frame, settings[:CHUNK], stops=True)  # compiles
        seconds = []
        for _ in range(2):
            start = time.perf_counter()
            final_values(frame, settings, stops=True)
            seconds.append(time.perf_counter() - start)
        best = min(seconds)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
        one, two = expected["seconds_one_worker"], expected["seconds_two_workers"]
        print(f"  {'Argosy':<10} {one:8.3f} s, by two workers {two:.3f} s   peak memory {expected['peak_megabytes']:.0f} MB")
        print(f"  {'vectorbt':<10} {best:8.3f} s at best   peak memory {memory:.0f} MB")
        print(f"  Argosy is {best / one:.0f} times as fast by one worker; goal {GOAL}: {best / one / GOAL:.2f} of it")
        return 0


if __name__ == "__main__":
    sys.exit(main())
