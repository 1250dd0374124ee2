"""Argosy beside the libraries others use, in one run: the work of backtest_bench, and loading a million bars.

    ./dev bench --peers

Results are compared before anything is timed. What is not installed is named and skipped; a slow peer runs on fewer bars
and is compared by bars a second.
"""

import importlib.util
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
BUILD = ROOT / "build" / "release"
CASH, SHARES, FEE = 10_000_000, 100, 0.001


def installed(module):
    return importlib.util.find_spec(module) is not None


def median_seconds(work, runs):
    work()  # compile, fill caches
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def report(name, bars, seconds, ours):
    speed = bars / seconds
    print(f"  {name:<28} {speed / 1e6:10.3f} million bars a second   Argosy is {ours / speed:8.1f} times as fast", flush=True)


def crossings(frame):
    """Entries and exits a row after the averages cross, so that they trade at the next open."""
    import numpy as np
    close = frame["close"]
    fast, slow = close.rolling(10).mean(), close.rolling(30).mean()
    above = (fast > slow) & (fast.shift(1) <= slow.shift(1))
    below = (fast < slow) & (fast.shift(1) >= slow.shift(1))
    return above.shift(1, fill_value=False).to_numpy(np.bool_), below.shift(1, fill_value=False).to_numpy(np.bool_)


def with_vectorbt(frame, expected, ours):
    import vectorbt as vbt
    close, opens = frame["close"].to_numpy(), frame["open"].to_numpy()  # with a pandas index it takes fifty times as long

    def work():
        entries, exits = crossings(frame)
        portfolio = vbt.Portfolio.from_signals(close, entries, exits, price=opens, size=SHARES, fees=FEE, init_cash=CASH,
                                               freq="1min")
        return portfolio, portfolio.final_value()

    portfolio, value = work()
    closed = int((portfolio.trades.records["status"] == 1).sum())
    same = closed == expected["trades"] and abs(value - float(expected["final_equity"])) < 1e-3
    if not same:
        print(f"  vectorbt: other results ({closed} trades, {value}), not timed")
        return False
    report("vectorbt", len(frame), median_seconds(work, 5), ours)
    return True


def with_backtrader(frame, ours):
    import backtrader as bt
    few = frame.iloc[:50_000]

    class Cross(bt.Strategy):
        def __init__(self):
            self.cross = bt.indicators.CrossOver(bt.indicators.SMA(period=10), bt.indicators.SMA(period=30))

        def next(self):
            if not self.position and self.cross > 0:
                self.buy(size=SHARES)
            elif self.position and self.cross < 0:
                self.close()

    start = time.perf_counter()
    cerebro = bt.Cerebro(stdstats=False)
    cerebro.adddata(bt.feeds.PandasData(dataname=few))
    cerebro.addstrategy(Cross)
    cerebro.broker.setcash(CASH)
    cerebro.broker.setcommission(commission=FEE)
    cerebro.run()
    report(f"backtrader ({len(few):,} bars)", len(few), time.perf_counter() - start, ours)


def backtests(bars, expected):
    ours = expected["bars_a_second"]
    print(f"Backtest of {expected['bars']:,} minute bars, SMA(10)/SMA(30) cross, {expected['trades']:,} trades")
    print(f"  {'Argosy':<28} {ours / 1e6:10.3f} million bars a second   peak memory {expected['peak_megabytes']:.0f} MB")
    fine = True
    if not installed("pandas"):
        print("  peers are not installed; ./dev bench --peers installs them")
        return fine
    import pandas
    frame = pandas.read_csv(bars, parse_dates=["time"], index_col="time")
    if installed("vectorbt"):
        fine = with_vectorbt(frame, expected, ours)
    if installed("backtrader"):
        with_backtrader(frame, ours)
    missing = [name for name in ("vectorbt", "backtrader", "backtesting", "hikyuu", "nautilus_trader") if not installed(name)]
    if missing:
        print(f"  skipped, not installed: {', '.join(missing)}")
    return fine


def loading(bars, folder):
    home = folder / "home"
    subprocess.run([BUILD / "argosy", "init", "--home", home], check=True, stdout=subprocess.DEVNULL)
    start = time.perf_counter()
    subprocess.run([BUILD / "argosy", "data", "import", bars, "--symbol", "WALK", "--timeframe", "1m", "--home", home], check=True,
                   stdout=subprocess.DEVNULL)
    imported = time.perf_counter() - start
    loaded = json.loads(subprocess.run([BUILD / "bench" / "load_bench", "--json", home / "lake", "WALK"], check=True,
                                       capture_output=True, text=True).stdout)
    print(f"Loading {loaded['rows']:,} minute bars (imported from CSV in {imported:.2f} s)")
    print(f"  {'Argosy':<28} {loaded['seconds'] * 1e3:8.1f} ms")
    if not installed("polars"):
        print("  skipped, not installed: polars")
        return True
    import polars
    files = sorted((home / "lake" / "bars" / "1m").rglob("*.parquet"))
    closes = polars.read_parquet(files)["close"]
    units = int((closes * 1000).cast(polars.Int64).sum())
    if len(closes) != loaded["rows"] or units != loaded["close_units"]:
        print(f"  polars reads other bars: {len(closes)} rows, {units} against {loaded['close_units']}")
        return False
    seconds = median_seconds(lambda: polars.read_parquet(files), 11)
    ratio = loaded["seconds"] / seconds
    print(f"  {'polars, the same files':<28} {seconds * 1e3:8.1f} ms   Argosy takes {ratio:.2f} times as long; goal at most 2")
    return True


def main():
    if "--peers" not in sys.argv[1:]:
        print("run with --peers to compare with vectorbt, backtrader and polars")
        return 0
    with tempfile.TemporaryDirectory(prefix="argosy-bench-") as name:
        folder = pathlib.Path(name)
        bars = folder / "bars.csv"
        expected = json.loads(subprocess.run([BUILD / "bench" / "backtest_bench", "--json", "--bars", bars], check=True,
                                             capture_output=True, text=True).stdout)
        fine = backtests(bars, expected)
        return 0 if loading(bars, folder) and fine else 1


if __name__ == "__main__":
    sys.exit(main())
