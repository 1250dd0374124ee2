"""The formula language beside the libraries others use, in one run: TA-Lib's C core, pyqlib, polars and pandas.

    ./dev bench --peers --filter formula_peers

Results are compared before anything is timed; other results fail. Times are medians of 11 passes, a pass of theirs after
a pass of ours: on one core the processor's time, which a busy machine changes less; on two the clock's, with the
processors' beside it. Goals are printed with their distance and fail nothing. What is not installed is named and skipped.
"""

import importlib.util
import os
import pathlib
import re
import sys
import tempfile

THREADS = os.environ["POLARS_MAX_THREADS"] = str(min(2, os.cpu_count()))

ROOT = pathlib.Path(__file__).resolve().parents[1]
SYMBOLS, DAYS = 500, 2520
ALPHA158 = ROOT / "samples" / "formulas" / "alpha158.yaml"
FACTORS = 158
QLIB_SECONDS = 48.0  # all symbols, measured on one core of a machine of this kind
QLIB_SYMBOLS = 10
GOAL_TALIB, GOAL_QLIB, GOAL_POLARS = 1.15, 50, 5

SCREEN = {
    "rank_corr": "cs_rank(corr(close, volume, 10))",
    "rank_momentum": "cs_rank(close / close[20] - 1)",
    "selected": "close > sma(close, 50) and sma(close, 20) > sma(close, 50) and volume > 1.5 * sma(volume, 20)"
                " and close > 0.9 * max(high, 60) and close > 60",
}


def installed(module: str) -> bool:
    return importlib.util.find_spec(module) is not None


def goal(value: float, limit: float, text: str) -> str:
    """`value` should be at most `limit`."""
    return f"goal {text}: {'met' if value <= limit else f'missed by {100 * (value / limit - 1):.0f} %'}"


class Failures(list):
    def check(self, name: str, problem: str) -> bool:
        if problem:
            print(f"  {name}: OTHER RESULTS, {problem}", flush=True)
            self.append(name)
        return not problem


def beside_talib(folder: pathlib.Path, failures: Failures) -> None:
    import talib_core
    from worker import Worker, alternating, difference, random_bars, timed
    rows = 1_000_000
    bars = random_bars(1, rows)
    columns = {name: column[0] for name, column in bars.items()}
    cases = {**talib_core.EIGHT, **talib_core.OTHERS, **talib_core.candles()}
    print(f"TA-Lib's C core over {rows:,} rows: ns of the processor a row")
    sums, ratios = {}, []
    with Worker(bars, folder) as worker:
        for formula, case in cases.items():
            theirs = talib_core.Call(columns, *case)
            worker.say("formula", formula)
            worker.run()
            theirs()
            expected = theirs.outputs()
            # Where a value is a small rest of large ones, their last digits are all it has.
            rest = 1e-12 * float(max(1, abs(expected[expected == expected]).max(initial=0)))
            if not failures.check(formula, difference(worker.outputs()[:len(expected)], expected, 1e-9, rest)):
                continue
            mine, other = (used / rows * 1e9 for _, used in alternating(worker.run, timed(theirs)))
            ratios.append(mine / other)
            group = "the eight" if formula in talib_core.EIGHT else "the others"
            for part in (group, "all"):
                sums[part] = [sum(pair) for pair in zip(sums.get(part, (0, 0)), (mine, other))]
            remark = goal(mine / other, GOAL_TALIB, f"{GOAL_TALIB}") if group == "the eight" else ""
            print(f"  {formula:<28} {mine:8.2f}  TA-Lib {other:8.2f}  ratio {mine / other:6.2f}  {remark}", flush=True)
    for part, (mine, other) in sums.items():
        remark = "" if part == "the others" else goal(mine / other, 1, "below")
        print(f"  {'sum of ' + part:<28} {mine:8.2f}  TA-Lib {other:8.2f}  ratio {mine / other:6.2f}  {remark}")
    print(f"  {sum(ratio <= 1 for ratio in ratios)} of {len(ratios)} at most TA-Lib's time, "
          f"{sum(ratio <= GOAL_TALIB for ratio in ratios)} at most {GOAL_TALIB} times", flush=True)


def alpha158(worker, bars: dict, folder: pathlib.Path, failures: Failures) -> None:
    """Ours on all symbols; pyqlib, a hundred times slower, on a few: compared by the time a value takes."""
    from worker import alternating, timed
    values = FACTORS * SYMBOLS * DAYS
    print(f"Alpha158 on {SYMBOLS} symbols x {DAYS:,} days, {values / 1e6:.0f} million values")
    worker.say("set", ALPHA158)
    first = worker.run()
    print(f"  {'Argosy, its first pass':<28} {first[0]:8.3f} s ({first[1]:.3f} of processors)")

    def threads(count):
        worker.say("threads", count)
        return worker.run()

    passes, few = [lambda: threads(2), lambda: threads(1)], QLIB_SYMBOLS * values / SYMBOLS
    if installed("qlib"):
        import qlib_peer
        peer = qlib_peer.Alpha158(bars, QLIB_SYMBOLS, folder)
        same_factors(worker, peer, failures)
        passes.append(timed(peer.run))
    else:
        print(f"  skipped, not installed: pyqlib; compared with {QLIB_SECONDS:.0f} s, measured before")
    *ours, theirs = alternating(*passes) if len(passes) == 3 else [*alternating(*passes), (QLIB_SECONDS * few / values,) * 2]
    theirs = [seconds / few for seconds in theirs]
    print(f"  {f'pyqlib, {QLIB_SYMBOLS} symbols':<28} {theirs[0] * few:8.3f} s ({theirs[1] * few:.3f} of processors)  "
          f"{theirs[0] * 1e9:7.2f} ns a value")
    for count, (seconds, used) in zip((2, 1), ours):
        print(f"  {f'Argosy, threads: {count}':<28} {seconds:8.3f} s ({used:.3f} of processors)  {seconds / values * 1e9:7.2f} ns a "
              f"value  {theirs[0] * values / seconds:6.1f} times pyqlib's speed ({theirs[1] * values / used:.1f} by processors)  "
              f"{goal(GOAL_QLIB * seconds, theirs[0] * values, f'{GOAL_QLIB} times')}", flush=True)


def same_factors(worker, peer, failures: Failures) -> None:
    """Qlib computes in float32: where a factor correlates quotients that are nearly 1, few of its digits are left."""
    from worker import difference
    names = re.findall(r"^  (\w+): .*\$", ALPHA158.read_text(), re.M)
    ours = worker.outputs().reshape(len(names), SYMBOLS, DAYS)[:, :QLIB_SYMBOLS]
    for name, mine, other in zip(names, ours, peer.outputs(names)):
        rest = 2e-4 if name.startswith(("CORR", "CORD", "WVMA")) else 1e-7
        failures.check(name, difference(mine, other, 1e-5, rest))


def screen_in_polars(frame):
    """Lazy; `frame` has its rows by symbol, then by day."""
    import polars as pl
    close, high, volume = pl.col("close"), pl.col("high"), pl.col("volume")
    short, long = close.rolling_mean(20), close.rolling_mean(50)
    selected = ((close > long) & (short > long) & (volume > 1.5 * volume.rolling_mean(20)) &
                (close > 0.9 * high.rolling_max(60)) & (close > 60))
    of_symbol = frame.lazy().select(
        "day", corr=pl.rolling_corr(close, volume, window_size=10).over("symbol"),
        momentum=(close / close.shift(20) - 1).over("symbol"), selected=selected.over("symbol"))
    return of_symbol.select(
        *((pl.col(name).rank() / pl.col(name).count()).over("day").alias(f"rank_{name}") for name in ("corr", "momentum")),
        "selected").collect()


def screen_in_pandas(close, high, volume):
    """On frames of a row a day and a column a symbol."""
    short, long = close.rolling(20).mean(), close.rolling(50).mean()
    # The deviations of windows, not pandas' rolling corr, which takes seconds on a frame.
    def mean(x):
        return x.rolling(10).mean()
    cov = mean(close * volume) - mean(close) * mean(volume)
    corr = cov / (close.rolling(10).std(ddof=0) * volume.rolling(10).std(ddof=0))
    selected = ((close > long) & (short > long) & (volume > 1.5 * volume.rolling(20).mean()) &
                (close > 0.9 * high.rolling(60).max()) & (close > 60))
    return corr.rank(axis=1, pct=True), (close / close.shift(20) - 1).rank(axis=1, pct=True), selected


def screen(worker, bars: dict, failures: Failures) -> None:
    import numpy as np
    from worker import alternating, difference, timed
    print(f"Screen of {SYMBOLS} symbols x {DAYS:,} days: two ranks across symbols and five conditions, threads: {THREADS}")
    worker.say("threads", THREADS)
    worker.say("program", *(f"{name}={text}" for name, text in SCREEN.items()))
    worker.run()
    ours = worker.outputs().reshape(len(SCREEN), SYMBOLS, DAYS)
    known = np.where(np.isnan(ours[2]), 0, ours[2])  # where a condition is unknown, polars and pandas say no

    def same(name, theirs):
        # Two symbols whose correlations differ in the last digits change places: a few rows may be a place off.
        near = [np.abs(mine - other) > 1e-9 for mine, other in zip(ours[:2], theirs)]
        swapped = sum(int(far.sum()) for far in near)
        problem = difference(known, theirs[2], 0, 0)
        for mine, other in zip(ours[:2], theirs):
            problem = problem or difference(mine, other, 0, 1.01 / SYMBOLS if swapped < 50 else 1e-9)
        return failures.check(name, problem)

    peers = {}
    if installed("polars"):
        import polars as pl
        frame = pl.DataFrame({
            "symbol": np.repeat(np.arange(SYMBOLS), DAYS), "day": np.tile(np.arange(DAYS), SYMBOLS),
            **{name: bars[name].ravel() for name in ("close", "high", "volume")}})
        result = screen_in_polars(frame)
        theirs = [result[name].cast(pl.Float64).fill_null(np.nan if name != "selected" else 0).to_numpy()
                  .reshape(SYMBOLS, DAYS) for name in SCREEN]
        if same("polars", theirs):
            peers["polars"] = lambda: screen_in_polars(frame)
    if installed("pandas"):
        import pandas as pd
        wide = [pd.DataFrame(bars[name].T.copy()) for name in ("close", "high", "volume")]
        if same("pandas", [part.to_numpy(float).T for part in screen_in_pandas(*wide)]):
            peers["pandas"] = lambda: screen_in_pandas(*wide)
    if missing := [name for name in ("polars", "pandas") if not installed(name)]:
        print(f"  skipped, not installed: {', '.join(missing)}")
    mine, *others = alternating(worker.run, *(timed(work) for work in peers.values()))
    print(f"  {'Argosy':<28} {mine[0] * 1e3:8.1f} ms ({mine[1] * 1e3:.1f} of processors)")
    for name, (seconds, used) in zip(peers, others):
        remark = goal(GOAL_POLARS * mine[0], seconds, f"{GOAL_POLARS} times") if name == "polars" else ""
        print(f"  {name:<28} {seconds * 1e3:8.1f} ms ({used * 1e3:.1f} of processors)  Argosy is {seconds / mine[0]:6.2f} times as "
              f"fast ({used / mine[1]:.2f} by processors)  {remark}", flush=True)


def main() -> int:
    if "--peers" not in sys.argv[1:]:
        print("run with --peers to compare with TA-Lib, pyqlib, polars and pandas")
        return 0
    if not installed("numpy"):
        print("peers are not installed; ./dev bench --peers installs them")
        return 0
    from worker import Worker, random_bars
    failures = Failures()
    with tempfile.TemporaryDirectory(prefix="argosy-bench-") as name:
        folder = pathlib.Path(name)
        if installed("talib"):
            beside_talib(folder, failures)
        else:
            print("skipped, not installed: TA-Lib")
        bars = random_bars(SYMBOLS, DAYS)
        with Worker(bars, folder) as worker:
            alpha158(worker, bars, folder, failures)
            screen(worker, bars, failures)
    for name in failures:
        print(f"other results: {name}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
