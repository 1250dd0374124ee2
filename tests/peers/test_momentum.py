"""Averages, momentum and oscillators against TA-Lib, on the sample bars and on hostile series.

ARGOSY names the program. Needs numpy and TA-Lib. The exact values are computed here in extended precision, from the
definitions.
"""

import unittest

import numpy as np
import talib

from bar_series import SERIES, PeerTest

L = np.longdouble


def shares(part, whole, least=0):
    """part / whole, 0 where there is no whole."""
    none = np.abs(whole) <= least
    return np.where(none, L(0), part / np.where(none, L(1), whole)) + (whole - whole)


def mean(x, n):
    return rolled_exactly(n, lambda w: w.sum() / n, x)


def rolled_exactly(n, function, *columns):
    columns = [np.asarray(column, L) for column in columns]
    out = np.full(len(columns[0]), np.nan, L)
    for i in range(n - 1, len(out)):
        out[i] = function(*(column[i - n + 1:i + 1] for column in columns))
    return out


def smooth(x, n, weight=None):
    """Exponential smoothing of the numbers of x, seeded by the mean of the first n."""
    x = np.asarray(x, L)
    weight = L(2) / (n + 1) if weight is None else weight
    out = np.full(len(x), np.nan, L)
    known = np.flatnonzero(~np.isnan(x))
    if len(known) < n:
        return out
    start = known[0] + n - 1
    out[start] = x[known[0]:start + 1].sum() / n
    for i in range(start + 1, len(x)):
        out[i] = out[i - 1] + weight * (x[i] - out[i - 1])
    return out


def shifted(x, n):
    return np.concatenate((np.full(min(n, len(x)), np.nan, L), np.asarray(x, L)[:max(0, len(x) - n)]))


def strength(x, n, net):
    change = np.asarray(x, L) - shifted(x, 1)
    gain, loss = (smooth(np.where(np.isnan(change), np.nan, np.maximum(s * change, 0)), n, L(1) / n) for s in (1, -1))
    return 100 * shares(gain - loss if net else gain, gain + loss)


def weighted(x, weights):
    weights = np.asarray(weights, L)
    return rolled_exactly(len(weights), lambda w: (w * weights).sum() / weights.sum(), x)


def hull(x, n):
    root = int(n ** 0.5)
    return weighted(2 * weighted(x, range(1, n // 2 + 1)) - weighted(x, range(1, n + 1)), range(1, root + 1))


def triangle(n):
    return [min(i + 1, n - i) for i in range(n)]


def cascade(x, n):
    first = smooth(x, n)
    second = smooth(first, n)
    return first, second, smooth(second, n)


def trix(x, n):
    third = cascade(x, n)[2]
    before = shifted(third, 1)
    return 100 * shares(third - before, before)


def adaptive(x, n):
    x = np.asarray(x, L)
    change = np.abs(x - shifted(x, 1))
    way = rolled_exactly(n, np.sum, change)
    out = np.full(len(x), np.nan, L)
    for i in range(n, len(x)):
        efficiency = L(1) if way[i] == 0 else abs(x[i] - x[i - n]) / way[i]
        step = (efficiency * (L(2) / 3 - L(2) / 31) + L(2) / 31) ** 2
        last = x[i - 1] if i == n else out[i - 1]
        out[i] = last + step * (x[i] - last)
    return out


def oscillator(x, fast, slow, percent):
    slow_mean = mean(x, slow)
    difference = mean(x, fast) - slow_mean
    return 100 * shares(difference, slow_mean) if percent else difference


def stochastic(high, low, close, n, smoothing, signal, least=0):
    lowest = rolled_exactly(n, np.min, low)
    fast = 100 * shares(close - lowest, rolled_exactly(n, np.max, high) - lowest, least)
    k = mean(fast, smoothing)
    d = mean(k, signal)
    return k + (d - d), d


def stochastic_strength(b, n, window, signal):
    values = strength(b["close"], n, False)
    return stochastic(values, values, values, window, 1, signal, 1e-10)


def channel(b, n):
    typical = (b["high"] + b["low"] + b["close"]) / 3

    def one(w):
        d = w - w[-1]
        away = -d.sum() / n
        distance = np.abs(d + away).sum() / n
        return L(0) if abs(away) <= 1e-15 * abs(w[-1]) else away / (L(15) / 1000 * distance)
    return rolled_exactly(n, one, typical)


def flow(b, n):
    typical = (b["high"] + b["low"] + b["close"]) / 3
    before = np.concatenate(([np.nan], typical[:-1]))
    change = np.where(np.abs(typical - before) <= 1e-14 * (np.abs(typical) + np.abs(before)), 0, typical - before)
    money = np.asarray(typical, L) * b["volume"]
    known = ~np.isnan(change)
    up = rolled_exactly(n, np.sum, np.where(known, np.where(change > 0, money, 0), np.nan))
    down = rolled_exactly(n, np.sum, np.where(known, np.where(change < 0, money, 0), np.nan))
    return 100 * shares(up, up + down)


def ultimate(b, *windows):
    high, low, close = (np.asarray(b[name], L) for name in ("high", "low", "close"))
    last = shifted(close, 1)
    floor = np.minimum(low, last)
    total = 0
    for n, times in zip(sorted(windows), (4, 2, 1)):
        total = total + times * shares(rolled_exactly(n, np.sum, close - floor),
                                       rolled_exactly(n, np.sum, np.maximum(high, last) - floor))
    return 100 * total / 7


def balance(b):
    body, height = (np.asarray(b[p], L) - b[q] for p, q in (("close", "open"), ("high", "low")))
    return shares(body, height)


def bars(b):
    return b["high"], b["low"], b["close"]


def volume_mean(b, n):
    volume = np.asarray(b["volume"], L)
    top = rolled_exactly(n, np.sum, b["close"] * volume)
    bottom = rolled_exactly(n, np.sum, volume)
    return np.where(bottom == 0, np.nan, top / np.where(bottom == 0, 1, bottom))


# Formula -> (TA-Lib's value, the exact one).
AVERAGES = {
    "sma(close, 20)": (lambda b: talib.SMA(b["close"], 20), lambda b: mean(b["close"], 20)),
    "ema(close, 20)": (lambda b: talib.EMA(b["close"], 20), lambda b: smooth(b["close"], 20)),
    "rma(close, 14)": (lambda b: talib.RMA(b["close"], 14), lambda b: smooth(b["close"], 14, L(1) / 14)),
    "wma(close, 20)": (lambda b: talib.WMA(b["close"], 20), lambda b: weighted(b["close"], range(1, 21))),
    "wma(high, 2)": (lambda b: talib.WMA(b["high"], 2), lambda b: weighted(b["high"], (1, 2))),
    "trima(close, 20)": (lambda b: talib.TRIMA(b["close"], 20), lambda b: weighted(b["close"], triangle(20))),
    "trima(close, 7)": (lambda b: talib.TRIMA(b["close"], 7), lambda b: weighted(b["close"], triangle(7))),
    "hma(close, 16)": (lambda b: talib.HMA(b["close"], 16), lambda b: hull(b["close"], 16)),
    "hma(close, 9)": (lambda b: talib.HMA(b["close"], 9), lambda b: hull(b["close"], 9)),
    "vwma(close, 20)": (lambda b: talib.VWMA(b["close"], b["volume"], 20), lambda b: volume_mean(b, 20)),
    "tema(close, 10)": (lambda b: talib.TEMA(b["close"], 10),
                        lambda b: (lambda e: 3 * (e[0] - e[1]) + e[2])(cascade(b["close"], 10))),
    "kama(close, 30)": (lambda b: talib.KAMA(b["close"], 30), lambda b: adaptive(b["close"], 30)),
    "kama(close, 5)": (lambda b: talib.KAMA(b["close"], 5), lambda b: adaptive(b["close"], 5)),
}

MOMENTUM = {
    "rsi(close, 14)": (lambda b: talib.RSI(b["close"], 14), lambda b: strength(b["close"], 14, False)),
    "cmo(close, 14)": (lambda b: talib.CMO(b["close"], 14), lambda b: strength(b["close"], 14, True)),
    "cmo(close, 3)": (lambda b: talib.CMO(b["close"], 3), lambda b: strength(b["close"], 3, True)),
    # Differences that cross zero: compared from a level, so that 1e-9 of a value that is nearly 0 is not asked for.
    "apo(close, 12, 26) + 0.1% * close": (
        lambda b: talib.APO(b["close"], 12, 26, matype=0) + 0.001 * b["close"],
        lambda b: oscillator(b["close"], 12, 26, False) + L(0.001) * b["close"]),
    "ppo(close, 12, 26) + 1": (lambda b: talib.PPO(b["close"], 12, 26, matype=0) + 1,
                                  lambda b: oscillator(b["close"], 12, 26, True) + 1),
    "ppo(close, 10, 3) + 1": (lambda b: talib.PPO(b["close"], 10, 3, matype=0) + 1,
                                 lambda b: oscillator(b["close"], 3, 10, True) + 1),
    "trix(close, 30) + 1": (lambda b: talib.TRIX(b["close"], 30) + 1, lambda b: trix(b["close"], 30) + 1),
    "trix(close, 5) + 1": (lambda b: talib.TRIX(b["close"], 5) + 1, lambda b: trix(b["close"], 5) + 1),
    "mom(close, 10)": (lambda b: talib.MOM(b["close"], 10), lambda b: b["close"] - shifted(b["close"], 10)),
}

# Small differences of values that carry a spike on for long: a double cannot hold them near one.
LONG_MEMORY = {
    "dema(close, 10)": (lambda b: talib.DEMA(b["close"], 10),
                        lambda b: (lambda e: 2 * e[0] - e[1])(cascade(b["close"], 10))),
    "stochrsi(close, 14, 5, 3).k + 100": (
        lambda b: talib.STOCHRSI(b["close"], 14, 5, 3)[0] + 100, lambda b: stochastic_strength(b, 14, 5, 3)[0] + 100),
    "stochrsi(close, 14, 5, 3).d + 100": (
        lambda b: talib.STOCHRSI(b["close"], 14, 5, 3)[1] + 100, lambda b: stochastic_strength(b, 14, 5, 3)[1] + 100),
    "stochrsi(close, 9, 14, 1).k + 100": (
        lambda b: talib.STOCHRSI(b["close"], 9, 14, 1)[0] + 100, lambda b: stochastic_strength(b, 9, 14, 1)[0] + 100),
}

# From 0 there is no rate: these are empty there, and 0 in TA-Lib.
RATES = {
    "roc(close, 10)": (lambda b: talib.ROC(b["close"], 10),
                       lambda b: (lambda p: 100 * (b["close"] - p) / p)(shifted(b["close"], 10))),
    "rocr(close, 10)": (lambda b: talib.ROCR(b["close"], 10), lambda b: b["close"] / shifted(b["close"], 10)),
}

OSCILLATORS = {
    "stoch(14, 3, 3)": (lambda b: talib.STOCH(*bars(b), 14, 3, 0, 3, 0), lambda b: stochastic(*bars(b), 14, 3, 3)),
    "stoch(5, 1, 4)": (lambda b: talib.STOCH(*bars(b), 5, 1, 0, 4, 0), lambda b: stochastic(*bars(b), 5, 1, 4)),
    "stochf(14, 3)": (lambda b: talib.STOCHF(*bars(b), 14, 3, 0), lambda b: stochastic(*bars(b), 14, 1, 3)),
    "willr(14)": (lambda b: talib.WILLR(*bars(b), 14),
                  lambda b: stochastic(*bars(b), 14, 1, 1)[0] -
                  100 * (rolled_exactly(14, np.max, b["high"]) != rolled_exactly(14, np.min, b["low"]))),
    "cci(14)": (lambda b: talib.CCI(*bars(b), 14), lambda b: channel(b, 14)),
    "cci(2)": (lambda b: talib.CCI(*bars(b), 2), lambda b: channel(b, 2)),
    "mfi(14)": (lambda b: talib.MFI(*bars(b), b["volume"], 14), lambda b: flow(b, 14)),
    "mfi(2)": (lambda b: talib.MFI(*bars(b), b["volume"], 2), lambda b: flow(b, 2)),
    "bop()": (lambda b: talib.BOP(b["open"], *bars(b)), balance),
    "ultosc(7, 14, 28)": (lambda b: talib.ULTOSC(*bars(b), 7, 14, 28), lambda b: ultimate(b, 7, 14, 28)),
    "ultosc(9, 2, 5)": (lambda b: talib.ULTOSC(*bars(b), 9, 2, 5), lambda b: ultimate(b, 9, 2, 5)),
}


class Momentum(PeerTest):
    def equal(self, cases: dict, series=None) -> None:
        self.compare({formula: peer for formula, (peer, _) in cases.items()},
                     {formula: exact for formula, (_, exact) in cases.items()}, series)

    def test_averages(self) -> None:
        self.equal(AVERAGES)

    def test_momentum(self) -> None:
        self.equal(MOMENTUM)

    def test_long_memory(self) -> None:
        self.equal(LONG_MEMORY, {name: columns for name, columns in SERIES.items() if name != "spike"})

    def test_rates(self) -> None:
        self.equal(RATES, {name: columns for name, columns in SERIES.items() if name != "zeros"})

    def test_oscillators(self) -> None:
        self.equal(OSCILLATORS)


if __name__ == "__main__":
    unittest.main()
