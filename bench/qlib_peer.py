"""Qlib's expression engine over the bench's bars: a pass of Alpha158 on some of the symbols, one process, nothing cached."""

import pathlib
import sys

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "peers"))

import qlib_engine  # noqa: E402
from qlib.data import D  # noqa: E402
from qlib.data.cache import H  # noqa: E402


class Alpha158:
    def __init__(self, bars: dict, symbols: int, folder: pathlib.Path) -> None:
        self.symbols = [f"S{number:05}" for number in range(symbols)]
        self.rows = bars["close"].shape[1]
        provider = folder / "qlib"
        qlib_engine.write_provider(provider, {symbol: {field: column[number] for field, column in bars.items()}
                                              for number, symbol in enumerate(self.symbols)})
        qlib_engine.start(provider)
        self.factors = qlib_engine.alpha158()

    def run(self):
        H.clear()
        return D.features(self.symbols, list(self.factors.values()), disk_cache=0)

    def outputs(self, names: list) -> np.ndarray:
        """[factor, symbol, row], in the order of the names."""
        frame = self.run()
        return np.stack([frame[self.factors[name]].to_numpy(float).reshape(len(self.symbols), self.rows) for name in names])
