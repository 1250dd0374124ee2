"""Orders that are the same for everybody, to compare fills: series of bars, and what each program makes of them.

Every seventh bar decides an entry, and five bars later what is held is closed and what waits is cancelled. So a trade that
one program ends earlier than another changes none that follows, and trades are compared one by one, by their slot.

ARGOSY names the program. Needs backtrader, hikyuu, numpy, pandas and vectorbt.
"""

import csv
import datetime
import os
import pathlib
import subprocess

import backtrader as bt
import numpy as np
import pandas as pd
import vectorbt as vbt

import hikyuu_engine
from bar_series import NAMES, sample, walk

SLOT = 7
DECIDES, LEAVES = 0, 5  # within a slot; these are a Monday and a Saturday
FIRST = datetime.date(1970, 1, 5)
SHARES = 100
CASH = 100_000_000
FEES = 0.001


def whole_slots(bars: dict) -> dict:
    rows = len(bars["close"]) // SLOT * SLOT
    return {name: bars[name][:rows] for name in NAMES}


def in_cents(bars: dict) -> dict:
    """Prices as whole cents: quotes of 2000 have fractions of them, and are rounded."""
    return {name: np.rint(bars[name] * (1 if name == "volume" else 100)).astype(np.int64) for name in NAMES}


def joined(series: list) -> dict:
    return {name: np.concatenate([bars[name] for bars in series]) for name in NAMES}


def gapping(bars: dict, seed: int) -> dict:
    """The same closes, but opens that lie up to a dollar from where they lay."""
    start = bars["open"] + np.random.default_rng(seed).integers(-100, 101, len(bars["open"]))
    return bars | {"open": start, "high": np.maximum(bars["high"], start), "low": np.minimum(bars["low"], start)}


# The sample bars one after the other, on days of our own, so that every slot has its seven; and random ones.
REAL = joined([in_cents(whole_slots(sample(symbol))) for symbol in ("GOOG", "IBM")])
RANDOM = gapping(in_cents(whole_slots(walk(20, 4000))), 21)
SERIES = {"REAL": REAL, "RANDOM": RANDOM}


def day(bar: int) -> datetime.date:
    return FIRST + datetime.timedelta(days=int(bar))


def mirrored(bars: dict) -> dict:
    """Bars in which what held for a long position holds for a short one."""
    return bars | {"open": -bars["open"], "high": -bars["low"], "low": -bars["high"], "close": -bars["close"]}


# --- Argosy. ---


class Argosy:
    """A home with the series, in `folder`."""

    def __init__(self, folder: str, series: dict) -> None:
        self.folder = pathlib.Path(folder)
        self.run("init")
        for name, bars in series.items():
            file = self.folder / f"{name}.csv"
            rows = zip(*(bars[column] / (1 if column == "volume" else 100) for column in NAMES))
            file.write_text("date," + ",".join(NAMES) + "\n" +
                            "".join(f"{day(i)}," + ",".join(f"{x:.12g}" for x in row) + "\n" for i, row in enumerate(rows)))
            self.run("data", "import", str(file), "--symbol", name, "--timeframe", "1d", "--exchange", "24/7")

    def run(self, *arguments: str) -> None:
        subprocess.run([os.environ["ARGOSY"], *arguments, "--home", str(self.folder / "home")], check=True,
                       stdout=subprocess.DEVNULL)

    def trades(self, name: str, keys: str = "", short: bool = False, shares: int = SHARES) -> dict:
        sides = ("short", "cover") if short else ("buy", "sell")
        strategy = self.folder / "strategy.yaml"
        strategy.write_text(f"name: slots\n{sides[0]}: weekday == {DECIDES + 1}\n{sides[1]}: weekday == {LEAVES + 1}\n"
                            f"size: {{shares: {shares}}}\ncommission_percent: {100 * FEES}\n"
                            + ("account: margin\n" if short else "") + keys)
        trades = self.folder / "trades.csv"
        self.run("backtest", str(strategy), "--symbol", name, "--cash", str(CASH), "--trades", str(trades))
        result = {}
        with open(trades, newline="") as file:
            for row in csv.DictReader(file):
                bars = [(datetime.date.fromisoformat(row[key]) - FIRST).days for key in ("entry_time", "exit_time")]
                result[bars[0] // SLOT] = (bars[0], float(row["entry_price"]), bars[1], float(row["exit_price"]),
                                           float(row["profit"]))
        return result


# --- backtrader. ---


class Slots(bt.Strategy):
    params = {"enter": None, "after_entry": None, "short": False, "shares": SHARES}

    def __init__(self):
        self.orders = {}

    def next(self):
        bar = len(self) - 1
        if bar % SLOT == DECIDES:
            self.p.enter(self, bar)
        if bar % SLOT == LEAVES:
            for order in list(self.orders.values()):
                if order.alive():
                    self.cancel(order)
            if self.position:
                self.close()

    def notify_order(self, order):
        self.orders[order.ref] = order
        entered = order.status == order.Completed and order.isbuy() != self.p.short
        if entered and self.p.after_entry:
            self.p.after_entry(self, len(self) - 1, order.executed.price)


def dollars(cents: int) -> float:
    return int(cents) / 100


def frame(bars: dict) -> pd.DataFrame:
    columns = {name: bars[name] / (1 if name == "volume" else 100) for name in NAMES}
    return pd.DataFrame(columns, index=pd.date_range(FIRST, periods=len(bars["close"])))


def with_backtrader(bars: dict, enter, broker=lambda broker: None, **params) -> dict:
    cerebro = bt.Cerebro(stdstats=False)
    cerebro.adddata(bt.feeds.PandasData(dataname=frame(bars)))
    cerebro.addstrategy(Slots, enter=enter, **params)
    cerebro.broker.setcash(CASH)
    cerebro.broker.setcommission(commission=FEES)
    broker(cerebro.broker)
    fills = []
    for order in cerebro.run()[0].orders.values():
        for bit in order.executed.exbits:
            bar = (bt.num2date(bit.dt).date() - FIRST).days
            fills.append((bar, bit.size, bit.price, bit.closedcomm + bit.openedcomm))
    return trades_of(sorted(fills))


def trades_of(fills: list) -> dict:
    """Fills, each (bar, signed size, price, fee), as trades: from flat to flat, at the average prices of both sides."""
    result = {}
    trade = []
    for fill in fills:
        trade.append(fill)
        if sum(size for _, size, _, _ in trade) != 0:
            continue
        sides = [[f for f in trade if (f[1] > 0) == (trade[0][1] > 0)], [f for f in trade if (f[1] > 0) != (trade[0][1] > 0)]]
        prices = [sum(f[1] * f[2] for f in side) / sum(f[1] for f in side) for side in sides]
        profit = sum(-size * price - fee for _, size, price, fee in trade)
        result[trade[0][0] // SLOT] = (trade[0][0], prices[0], sides[1][-1][0], prices[1], profit)
        trade = []
    return result


# --- vectorbt. ---


def with_vectorbt(bars: dict, short: bool = False, **settings) -> dict:
    """Signals for the next open: vectorbt fills in the bar of a signal, so they stand one bar later, at its open."""
    rows = len(bars["close"])
    place = np.arange(rows) % SLOT
    data = frame(bars)
    portfolio = vbt.Portfolio.from_signals(
        data["close"], pd.Series(place == DECIDES + 1, data.index), pd.Series(place == LEAVES + 1, data.index),
        open=data["open"], high=data["high"], low=data["low"], price=data["open"], size=SHARES, fees=FEES,
        init_cash=CASH, direction="shortonly" if short else "longonly", stop_entry_price="fillprice",
        **({"stop_exit_price": "stoplimit"} | settings))
    records = portfolio.order_records
    return trades_of([(int(r["idx"]), float(r["size"]) * (1 if r["side"] == 0 else -1), float(r["price"]), float(r["fees"]))
                      for r in records])


# --- hikyuu. ---


def with_hikyuu(bars: dict, slippage: float = 0, stop_loss: float = 0) -> dict:
    return trades_of(hikyuu_engine.fills(bars, first=str(FIRST), slot=SLOT, decides=DECIDES, leaves=LEAVES, shares=SHARES,
                                         fees=FEES, cash=CASH, slippage=slippage, stop_loss=stop_loss))
