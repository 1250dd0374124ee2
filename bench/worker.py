"""What the benches in Python share: random bars in a file, and the program formula_worker that runs formulas over them."""

import pathlib
import statistics
import subprocess
import time

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[1]
FIELDS = ("open", "high", "low", "close", "volume", "vwap")
RUNS = 11


def random_bars(entities: int, rows: int, seed: int = 11) -> dict:
    """Walks between 50 and 200 in steps of 1/64: of such prices and of their squares every sum is exact, so that
    libraries which add and subtract what enters and leaves a window give what it holds. [entity, row] by field."""
    random = np.random.default_rng(seed)
    low_tick, span = 50 * 64, 150 * 64
    way = np.cumsum(random.integers(-64, 65, (entities, rows)), axis=1) + random.integers(0, span, (entities, 1))
    close = low_tick + np.abs((way + span) % (2 * span) - span)
    start = np.concatenate((close[:, :1], close[:, :-1]), axis=1) + random.integers(-8, 9, (entities, rows))
    high = np.maximum(start, close) + random.integers(0, 33, (entities, rows))
    low = np.minimum(start, close) - random.integers(0, 33, (entities, rows))
    ticks = {"open": start, "high": high, "low": low, "close": close}
    bars = {name: column / 64 for name, column in ticks.items()}
    bars["volume"] = random.integers(1, 1_000_000, (entities, rows)).astype(float)
    bars["vwap"] = (bars["open"] + bars["high"] + bars["low"] + bars["close"]) / 4
    return bars


class Worker:
    """A running formula_worker over such bars."""

    def __init__(self, bars: dict, folder: pathlib.Path) -> None:
        self.entities, self.rows = bars["close"].shape
        self.file = folder / "outputs"
        data = folder / f"bars-{self.entities}-{self.rows}"
        with open(data, "wb") as out:
            for name in FIELDS:
                bars[name].tofile(out)
        self.process = subprocess.Popen([ROOT / "build" / "release" / "bench" / "formula_worker", data, str(self.entities),
                                         str(self.rows)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self):
        return self

    def __exit__(self, *_) -> None:
        self.process.stdin.close()
        self.process.wait()

    def say(self, *words: object) -> str:
        print(*words, sep="\t", file=self.process.stdin, flush=True)
        status, _, answer = self.process.stdout.readline().rstrip("\n").partition(" ")
        if status != "ok":
            raise RuntimeError(f"{words}: {answer or 'formula_worker ended'}")
        return answer

    def run(self) -> tuple:
        """Seconds of one pass: by the clock, of processors."""
        return tuple(float(seconds) for seconds in self.say("run").split())

    def outputs(self) -> np.ndarray:
        """Of the last pass: a row for each output of each entity, [output x entity, row]."""
        self.say("write", self.file)
        values = np.fromfile(self.file)
        self.file.unlink()
        return values.reshape(-1, self.rows)


def timed(work):
    """A pass of `work`, timed as Worker.run is."""
    def run():
        start, used = time.perf_counter(), time.process_time()
        work()
        return time.perf_counter() - start, time.process_time() - used
    return run


def alternating(*passes, runs: int = RUNS) -> list:
    """The median seconds of each, by the clock and of processors; a pass of one follows a pass of the other, so that all
    meet the same machine."""
    times = [[] for _ in passes]
    for _ in range(runs):
        for each, taken in zip(passes, times):
            taken.append(each())
    return [tuple(statistics.median(seconds) for seconds in zip(*taken)) for taken in times]


def difference(ours: np.ndarray, theirs: np.ndarray, relative: float, absolute: float) -> str:
    """Empty where both have the same empty rows and the others are near; else what differs first."""
    ours, theirs = ours.ravel(), theirs.ravel()
    empty = np.isnan(ours), np.isnan(theirs)
    with np.errstate(invalid="ignore"):
        far = np.abs(ours - theirs) > absolute + relative * np.abs(theirs)
    bad = np.flatnonzero((empty[0] != empty[1]) | far)
    return f"{len(bad):,} rows differ, first {bad[0]:,}: {ours[bad[0]]!r}, theirs {theirs[bad[0]]!r}" if len(bad) else ""
