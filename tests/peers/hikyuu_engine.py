"""hikyuu's compiled engine, as a program of its own: reads bars and settings as JSON from the first file, writes fills to the
second.

The engine sends a note to its makers when it is loaded, so it runs without a network, in a namespace of its own
(`unavailable` says why where that cannot be), and with a home that is thrown away. Only the compiled part is loaded: the
rest of the package needs a GUI toolkit, a database client and a provider of data.
"""

import datetime
import importlib.util
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import types

SEALED = ("unshare", "--map-root-user", "--net")
NAMES = ("open", "high", "low", "close")


def unavailable() -> str:
    try:
        sealed = subprocess.run([*SEALED, "true"], stderr=subprocess.DEVNULL).returncode == 0
    except FileNotFoundError:
        sealed = False
    return "" if sealed else "hikyuu reports to its makers, and no network namespace can be made here to keep it from that"


def fills(bars: dict, **settings) -> list:
    """Each (bar, signed size, price, fee). `settings` as in `main`."""
    with tempfile.TemporaryDirectory() as folder:
        task, result = pathlib.Path(folder, "task.json"), pathlib.Path(folder, "result.json")
        task.write_text(json.dumps(settings | {name: [int(x) for x in bars[name]] for name in NAMES}))
        subprocess.run([*SEALED, sys.executable, __file__, task, result], check=True, stdout=subprocess.DEVNULL,
                       env=os.environ | {"HOME": folder})
        return [tuple(fill) for fill in json.loads(result.read_text())]


def load():
    package = types.ModuleType("hikyuu")
    package.__path__ = importlib.util.find_spec("hikyuu").submodule_search_locations
    sys.modules["hikyuu"] = package
    from hikyuu.cpp import core311
    return core311


def main(task: dict) -> list:
    """Prices in cents. `slot`, `decides`, `leaves`: the bars of the signals; `shares`, `fees` a ratio, `cash`, and, if not 0,
    `slippage` and `stop_loss`, ratios too."""
    hk = load()
    first = datetime.date.fromisoformat(task["first"])

    class Signals(hk.SignalBase):
        def __init__(self):
            super().__init__("slots")

        def _calculate(self, bars):
            for i in range(len(bars)):
                if i % task["slot"] == task["decides"]:
                    self._add_buy_signal(bars.get(i).datetime)
                if i % task["slot"] == task["leaves"]:
                    self._add_sell_signal(bars.get(i).datetime)

    def date(i):
        day = first + datetime.timedelta(days=i)
        return hk.Datetime(day.year, day.month, day.day)

    stock = hk.Stock("US", "X", "X")
    stock.min_trade_number = 1
    stock.set_krecord_list([hk.KRecord(date(i), *(task[name][i] / 100 for name in NAMES), 0.0, 1e9)
                            for i in range(len(task["open"]))])
    account = hk.crtTM(date(0), task["cash"], hk.TC_FixedA(task["fees"], 0.0, 0.0, 0.0, 0.0))
    account.set_param("precision", 6)
    signals = Signals()  # Held here: the engine does not keep Python's half of it alive.
    system = hk.SYS_Simple(tm=account, mm=hk.MM_FixedCount(task["shares"]), sg=signals)
    if task["slippage"]:
        system.sp = hk.SP_FixedPercent(task["slippage"])
    if task["stop_loss"]:
        system.st = hk.ST_FixedPercent(task["stop_loss"])
    system.run(stock.get_kdata(hk.Query(0)))
    result = []
    for trade in account.get_trade_list()[1:]:
        when = datetime.date(trade.datetime.year, trade.datetime.month, trade.datetime.day)
        size = trade.number if trade.business == hk.BUSINESS.BUY else -trade.number
        result.append(((when - first).days, size, trade.real_price, trade.cost.total))
    return result


if __name__ == "__main__":
    answer = main(json.loads(pathlib.Path(sys.argv[1]).read_text()))
    pathlib.Path(sys.argv[2]).write_text(json.dumps(answer))
