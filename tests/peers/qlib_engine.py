"""Qlib's own expression engine over bars of ours: the files it reads, and the values of its expressions.

    write_provider(folder, {"AAPL": {"close": column, ...}})
    start(folder)
    columns = features("AAPL", ["Mean($close, 5)/$close"])      # float32, one column an expression

Needs pyqlib. Its recorder of experiments, of no use here, imports mlflow with some sixty packages: empty modules stand
in for it.
"""

import logging
import pathlib
import sys
from unittest import mock

import numpy as np

FIRST_DAY = np.datetime64("1990-01-01")

for name in ("", ".entities", ".exceptions", ".store.artifact.azure_blob_artifact_repo"):
    sys.modules.setdefault("mlflow" + name, mock.MagicMock())

import qlib  # noqa: E402
from qlib.contrib.data.loader import Alpha158DL  # noqa: E402
from qlib.data import D  # noqa: E402


def write_provider(folder, bars: dict) -> None:
    """Bars of each symbol as Qlib stores them: float32, after the first row's place in the calendar, here always 0."""
    folder = pathlib.Path(folder)
    lengths = {symbol: len(next(iter(columns.values()))) for symbol, columns in bars.items()}
    days = [str(FIRST_DAY + i) for i in range(max(lengths.values()))]
    for kind in ("calendars", "instruments"):
        (folder / kind).mkdir(parents=True)
    (folder / "calendars" / "day.txt").write_text("".join(f"{day}\n" for day in days))
    (folder / "instruments" / "all.txt").write_text(
        "".join(f"{symbol}\t{days[0]}\t{days[rows - 1]}\n" for symbol, rows in lengths.items()))
    for symbol, columns in bars.items():
        home = folder / "features" / symbol.lower()
        home.mkdir(parents=True)
        for field, column in columns.items():
            np.concatenate(([0.0], column)).astype("<f4").tofile(home / f"{field}.day.bin")


def start(folder) -> None:
    """One process, nothing kept on disk."""
    qlib.init(provider_uri=str(folder), region="us", kernels=1, expression_cache=None, dataset_cache=None,
              logging_level=logging.ERROR)


def alpha158() -> dict:
    """The factors' names and expressions as the installed package has them."""
    expressions, names = Alpha158DL.get_feature_config()
    return dict(zip(names, expressions))


def features(symbol: str, expressions: list) -> list:
    """A float32 column for each expression, over all rows of the symbol."""
    frame = D.features([symbol], expressions, disk_cache=0)
    return [frame[expression].to_numpy() for expression in expressions]
