"""Trend, volatility, volume and account operators against TA-Lib, pandas and their definitions.

ARGOSY names the program. Needs numpy, pandas and TA-Lib.
"""

import math
import unittest

import numpy as np
import pandas as pd
import talib

from bar_series import PeerTest, rolled


def hlc(function, *arguments):
    return lambda b: function(b["high"], b["low"], b["close"], *arguments)


def hl(function, *arguments):
    return lambda b: function(b["high"], b["low"], *arguments)


def hlcv(function, *arguments):
    return lambda b: function(b["high"], b["low"], b["close"], b["volume"], *arguments)


def aroon(n: int):
    def function(b):
        down, up = talib.AROON(b["high"], b["low"], n)
        return up, down, talib.AROONOSC(b["high"], b["low"], n)
    return function


def supertrend(n: int, factor: float):
    """Pine's definition, row by row."""
    def function(b):
        high, low, close = b["high"], b["low"], b["close"]
        last = np.concatenate(([np.nan], close[:-1]))
        ranges = np.fmax(high, last) - np.fmin(low, last)
        average = np.full(len(close), np.nan)
        line = np.full(len(close), np.nan)
        direction = np.full(len(close), np.nan)
        upper = lower = 0.0
        for i in range(n - 1, len(close)):
            average[i] = ranges[:n].mean() if i == n - 1 else (average[i - 1] * (n - 1) + ranges[i]) / n
            middle = (high[i] + low[i]) / 2
            last_upper, last_lower = upper, lower
            lower, upper = middle - factor * average[i], middle + factor * average[i]
            lower = lower if lower > last_lower or last[i] < last_lower else last_lower
            upper = upper if upper < last_upper or last[i] > last_upper else last_upper
            if i == n - 1:
                direction[i] = 1
            elif line[i - 1] == last_upper:
                direction[i] = -1 if close[i] > upper else 1
            else:
                direction[i] = 1 if close[i] < lower else -1
            line[i] = lower if direction[i] == -1 else upper
        return line, direction
    return function


def keltner(n: int, width: float, range_n: int):
    def function(b):
        middle = talib.EMA(b["close"], n) if len(b["close"]) >= n else np.full(len(b["close"]), np.nan)
        distance = width * talib.ATR(b["high"], b["low"], b["close"], range_n)
        return middle + distance, np.where(np.isnan(distance), np.nan, middle), middle - distance
    return function


def donchian(n: int):
    def function(b):
        upper, lower = pd.Series(b["high"]).rolling(n).max(), pd.Series(b["low"]).rolling(n).min()
        return upper, (upper + lower) / 2, lower
    return function


def flows(b):
    """Money flow volumes, row by row."""
    high, low, close = b["high"], b["low"], b["close"]
    return np.where(high > low, ((close - low) - (high - close)) / np.where(high > low, high - low, 1), 0) * b["volume"]


def oscillator(fast: int, slow: int):
    """Chaikin's oscillator in arithmetic of 60 digits."""
    from decimal import Decimal, getcontext

    def function(b):
        getcontext().prec = 60
        out = np.full(len(b["close"]), np.nan)
        total = Decimal(0)
        averages = None
        weights = [Decimal(2) / (fast + 1), Decimal(2) / (slow + 1)]
        columns = [map(Decimal, b[name].tolist()) for name in ("high", "low", "close", "volume")]
        for i, (high, low, close, volume) in enumerate(zip(*columns)):
            if high > low:
                total += ((close - low) - (high - close)) / (high - low) * volume
            averages = averages or [total, total]
            averages = [average + weight * (total - average) for average, weight in zip(averages, weights)]
            if i >= max(fast, slow) - 1:
                out[i] = float(averages[0] - averages[1])
        return out
    return function


def streak(b):
    out = np.full(len(b["close"]), np.nan)
    length = 0
    for i in range(1, len(out)):
        step = np.sign(b["close"][i] - b["close"][i - 1])
        length = length + step if step != 0 and length * step >= 0 else step
        out[i] = length
    return out


def exact_variance(ddof: int):
    def function(window):
        mean = math.fsum(window) / len(window)
        squares = math.fsum((x - mean) ** 2 for x in window)
        return (squares - math.fsum(x - mean for x in window) ** 2 / len(window)) / (len(window) - ddof)
    return function


def ratio(above, below):
    return above / below if below > 0 else math.nan


def sharpe(window):
    return ratio(math.fsum(window) / len(window), math.sqrt(exact_variance(1)(window)) if np.ptp(window) else 0)


def sortino(window):
    return ratio(math.fsum(window) / len(window), math.sqrt(math.fsum(min(x, 0) ** 2 for x in window) / len(window)))


def profit_factor(window):
    return ratio(math.fsum(max(x, 0) for x in window), math.fsum(max(-x, 0) for x in window))


def profits(b):
    return b["close"] - b["open"]


class Trend(PeerTest):
    def test_direction(self) -> None:
        self.compare({
            "aroon(14)": aroon(14),
            "aroon(2)": aroon(2),
            "aroon(55)": aroon(55),
            "aroonosc(14)": hl(talib.AROONOSC, 14),
            "aroonosc(25)": hl(talib.AROONOSC, 25),
            "plus_dm(14)": hl(talib.PLUS_DM, 14),
            "minus_dm(14)": hl(talib.MINUS_DM, 14),
            "plus_dm(1)": hl(talib.PLUS_DM, 1),
            "minus_dm(1)": hl(talib.MINUS_DM, 1),
            "plus_di(14)": hlc(talib.PLUS_DI, 14),
            "minus_di(14)": hlc(talib.MINUS_DI, 14),
            "plus_di(2)": hlc(talib.PLUS_DI, 2),
            "dx(14)": hlc(talib.DX, 14),
            "dx(3)": hlc(talib.DX, 3),
            "adx(14)": hlc(talib.ADX, 14),
            "adx(2)": hlc(talib.ADX, 2),
            "adx(30)": hlc(talib.ADX, 30),
            "adxr(14)": hlc(talib.ADXR, 14),
            "adxr(2)": hlc(talib.ADXR, 2),
        })

    def test_stops(self) -> None:
        self.compare({
            "sar()": hl(talib.SAR, 0.02, 0.2),
            "sar(0.05, 0.05)": hl(talib.SAR, 0.05, 0.05),
            "sar(0.5, 0.1)": hl(talib.SAR, 0.5, 0.1),
            "sar(0, 0.2)": hl(talib.SAR, 0, 0.2),
            "supertrend()": supertrend(10, 3),
            "supertrend(3, 1)": supertrend(3, 1),
            "supertrend(1, 2)": supertrend(1, 2),
            "supertrend(20, 0)": supertrend(20, 0),
        })


class Volatility(PeerTest):
    def test_ranges(self) -> None:
        self.compare({
            "true_range()": hlc(talib.TRANGE),
            "atr(14)": hlc(talib.ATR, 14),
            "atr(1)": hlc(talib.ATR, 1),
            "atr(100)": hlc(talib.ATR, 100),
            "natr(14)": hlc(talib.NATR, 14),
            "natr(3)": hlc(talib.NATR, 3),
            "keltner()": keltner(20, 2, 10),
            "keltner(5, 1.5, 30)": keltner(5, 1.5, 30),
            "donchian()": donchian(20),
            "donchian(1)": donchian(1),
            "donchian(55)": donchian(55),
        })

    def test_deviations(self) -> None:
        peers = {}
        exact = {}
        for n in (2, 5, 20):
            for ddof in (0, 1):
                peers[f"var(close, {n}, {ddof})"] = lambda b, n=n, d=ddof: pd.Series(b["close"]).rolling(n).var(ddof=d)
                peers[f"stddev(close, {n}, {ddof})"] = lambda b, n=n, d=ddof: pd.Series(b["close"]).rolling(n).std(ddof=d)
                exact[f"var(close, {n}, {ddof})"] = lambda b, n=n, d=ddof: rolled(n, exact_variance(d), b["close"])
                exact[f"stddev(close, {n}, {ddof})"] = lambda b, n=n, d=ddof: np.sqrt(
                    rolled(n, exact_variance(d), b["close"]))
            peers[f"var(close, {n})"] = lambda b, n=n: talib.VAR(b["close"], n)
            exact[f"var(close, {n})"] = exact[f"var(close, {n}, 0)"]
        self.compare(peers, exact)


class Volume(PeerTest):
    def test_volume(self) -> None:
        self.compare({
            "obv()": lambda b: talib.OBV(b["close"], b["volume"]),
            "ad()": hlcv(talib.AD),
            "adosc()": hlcv(talib.ADOSC, 3, 10),
            "adosc(10, 3)": hlcv(talib.ADOSC, 10, 3),
            "adosc(2, 50)": hlcv(talib.ADOSC, 2, 50),
            "vwap(20)": lambda b: rolled(20, lambda p, v: ratio(math.fsum(p * v), math.fsum(v)),
                                         (b["high"] + b["low"] + b["close"]) / 3, b["volume"]),
            "cmf(20)": lambda b: rolled(20, lambda f, v: ratio(math.fsum(f), math.fsum(v)), flows(b), b["volume"]),
        }, {
            "adosc()": oscillator(3, 10),
            "adosc(10, 3)": oscillator(10, 3),
            "adosc(2, 50)": oscillator(2, 50),
        })


class Account(PeerTest):
    def test_account(self) -> None:
        self.compare({
            "drawdown(close, 20)": lambda b: rolled(20, lambda x: ratio(max(x) - x[-1], max(x)), b["close"]),
            "drawdown(close, 250)": lambda b: rolled(250, lambda x: ratio(max(x) - x[-1], max(x)), b["close"]),
            "streak(close)": streak,
            # A mean that is nearly 0 would be rounding only, so these are never below 0.
            "sharpe(high - low, 20)": lambda b: rolled(20, sharpe, b["high"] - b["low"]),
            "sharpe(high - low, 2)": lambda b: rolled(2, sharpe, b["high"] - b["low"]),
            "sortino(close - open, 20)": lambda b: rolled(20, sortino, profits(b)),
            "profit_factor(close - open, 20)": lambda b: rolled(20, profit_factor, profits(b)),
        })


if __name__ == "__main__":
    unittest.main()
