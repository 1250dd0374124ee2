"""Trades the golden cross with backtrader and with Argosy on the same raw bars: the same dates, prices and profit to the
cent. Fixed shares and a commission in percent, so that nothing but the rules of fills decides.

ARGOSY names the program. Needs backtrader.
"""

import csv
import datetime
import os
import pathlib
import subprocess
import tempfile
import unittest

import backtrader as bt

SAMPLES = pathlib.Path(__file__).resolve().parents[2] / "samples"
SHARES = 100
# MSFT ends before its split of 2003-02-18: raw prices fall in half there.
CASES = {"IBM": None, "GOOG": None, "MSFT": "2003-02-14"}


class GoldenCross(bt.Strategy):
    params = {"fast": 50, "slow": 200}

    def __init__(self):
        cross = bt.indicators.CrossOver(bt.indicators.SMA(period=self.p.fast), bt.indicators.SMA(period=self.p.slow))
        self.cross = cross
        self.trades = []
        self.entry = None

    def next(self):
        if not self.position and self.cross > 0:
            self.buy(size=SHARES)
        elif self.position and self.cross < 0:
            self.close()

    def notify_order(self, order):
        if order.status != order.Completed:
            return
        when = bt.num2date(order.executed.dt).date().isoformat()
        if order.isbuy():
            self.entry = (when, order.executed.price)
        else:
            self.exit = (when, order.executed.price)

    def notify_trade(self, trade):
        if trade.isclosed:
            self.trades.append((*self.entry, *self.exit, trade.pnlcomm))


def with_backtrader(symbol, last):
    cerebro = bt.Cerebro(stdstats=False)
    todate = datetime.datetime.fromisoformat(last) + datetime.timedelta(days=1) if last else None
    data = bt.feeds.GenericCSVData(dataname=str(SAMPLES / "bars" / f"{symbol}.csv"), dtformat="%Y-%m-%d", datetime=0,
                                   open=1, high=2, low=3, close=4, volume=5, openinterest=-1,
                                   **({"todate": todate} if todate else {}))
    cerebro.adddata(data)
    cerebro.addstrategy(GoldenCross)
    cerebro.broker.setcash(100_000)
    cerebro.broker.setcommission(commission=0.001)
    return cerebro.run()[0].trades


def with_argosy(symbol, last, home, folder):
    trades = pathlib.Path(folder) / f"{symbol}.csv"
    command = [os.environ["ARGOSY"], "backtest", str(SAMPLES / "strategies" / "golden_cross.yaml"), "--symbol", symbol,
               "--home", home, "--prices", "raw", "--size-shares", str(SHARES), "--commission-percent", "0.1",
               "--trades", str(trades), "--json"]
    subprocess.run(command + (["--to", last] if last else []), check=True, stdout=subprocess.DEVNULL)
    with open(trades, newline="") as file:
        return [(row["entry_time"], float(row["entry_price"]), row["exit_time"], float(row["exit_price"]), float(row["profit"]))
                for row in csv.DictReader(file)]


class Backtrader(unittest.TestCase):
    def test_the_same_trades(self):
        with tempfile.TemporaryDirectory() as folder:
            home = f"{folder}/home"
            subprocess.run([os.environ["ARGOSY"], "init", "--home", home], check=True, stdout=subprocess.DEVNULL)
            for symbol, last in CASES.items():
                with self.subTest(symbol):
                    theirs = with_backtrader(symbol, last)
                    ours = with_argosy(symbol, last, home, folder)
                    self.assertGreater(len(theirs), 0)
                    self.assertEqual(len(ours), len(theirs))
                    for our, their in zip(ours, theirs):
                        self.assertEqual((our[0], our[2]), (their[0], their[2]))
                        self.assertAlmostEqual(our[1], their[1], places=9)
                        self.assertAlmostEqual(our[3], their[3], places=9)
                        self.assertAlmostEqual(our[4], their[4], delta=0.005)


if __name__ == "__main__":
    unittest.main()
