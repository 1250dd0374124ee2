"""One symbol traded by plain loops over exact decimals: market and day-stop entries on either side, a stop and a target at a
distance, exits at the next open, turns, splits and dividends. It shares no code with the program and follows
docs/concepts/fills.md, so that what the program did can be found again trade by trade."""

import csv
import io
import json
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal

TICK = Decimal("0.01")
MICRO = Decimal("0.000001")
NANO = Decimal("0.000000001")


def to_tick(price, up):
    return price.quantize(TICK, ROUND_CEILING if up else ROUND_FLOOR)


def quoted(adjusted, factor):
    """An adjusted number as it is quoted."""
    return Decimal(adjusted / factor).quantize(NANO, ROUND_HALF_EVEN)


class Bars:
    """Adjusted columns as floats for formulas, raw ones as decimals for fills, and the corporate actions."""

    def __init__(self, home, symbol):
        names = ["close", "high", "low", "ro=raw.open", "rh=raw.high", "rl=raw.low", "rc=raw.close", "volume"]
        text = home.run("formula", "eval", *[n if "=" in n else f"{n}={n}" for n in names], "--symbol", symbol).stdout
        rows = list(csv.DictReader(io.StringIO(text)))
        self.time = [row["time"] for row in rows]
        self.close, self.high, self.low = ([float(row[n]) for row in rows] for n in ("close", "high", "low"))
        self.raw = [tuple(Decimal(row[n]) for n in ("ro", "rh", "rl", "rc")) for row in rows]
        self.factor = [adjusted / float(raw[3]) for adjusted, raw in zip(self.close, self.raw)]
        assert all(float(row["volume"]) > 0 for row in rows), "these loops know nothing of bars without volume"
        self.actions = {}
        for action in json.loads(home.run("data", "actions", "show", symbol, "--json").stdout)["items"]:
            row = next((k for k, time in enumerate(self.time) if time >= action["ex_date"]), None)
            if row:  # not before the second bar: nothing is held then
                self.actions.setdefault(row, []).append(action)


def mean(values, n):
    return [None if k + 1 < n else sum(values[k + 1 - n:k + 1]) / n for k in range(len(values))]


def highest(values, n):
    return [None if k + 1 < n else max(values[k + 1 - n:k + 1]) for k in range(len(values))]


def lowest(values, n):
    return [None if k + 1 < n else min(values[k + 1 - n:k + 1]) for k in range(len(values))]


def smoothed(values, n, weight, first=0):
    """Seeded with the mean of n values from `first` on, then value * weight + before * (1 - weight)."""
    out = [None] * len(values)
    seed = first + n - 1
    out[seed] = sum(values[first:seed + 1]) / n
    for k in range(seed + 1, len(values)):
        out[k] = out[k - 1] + weight * (values[k] - out[k - 1])
    return out


def atr(bars, n):
    ranges = [0.0] + [max(bars.high[k], bars.close[k - 1]) - min(bars.low[k], bars.close[k - 1])
                      for k in range(1, len(bars.close))]
    return smoothed(ranges, n, 1 / n, 1)


def macd(close, fast, slow, signal):
    a = smoothed(close, fast, 2 / (fast + 1), slow - fast)
    b = smoothed(close, slow, 2 / (slow + 1))
    line = [None if y is None else x - y for x, y in zip(a, b)]
    return line, smoothed([0.0 if v is None else v for v in line], signal, 2 / (signal + 1), slow - 1)


class Trader:
    """`decide(row)` gives (enters, leaves_long, leaves_short): "buy", "short" or None, and two truths.
    `entry(row, side)` gives the stop to enter at, or None for the next open, and the distances of stop and target and of the
    risk, all as quoted."""

    def __init__(self, bars, decide, entry, *, risk, power, interest=Decimal(0), borrow=Decimal(0), cash=Decimal(100000),
                 fee=Decimal("0.001")):
        self.bars, self.decide, self.entry = bars, decide, entry
        self.interest, self.borrow = interest, borrow
        self.risk, self.power, self.cash, self.fee = risk, power, cash, fee
        self.quantity, self.trades, self.equity = Decimal(0), [], []
        self.waiting = self.turn = self.leaving = None
        for row in range(len(bars.time)):
            for action in bars.actions.get(row, []):
                self.apply(action)
            self.trade(row)
            self.at_close(row)
            self.charge(row)
            self.equity.append(self.cash + self.quantity * bars.raw[row][3])

    def charge(self, row):
        """Interest and borrow fee until the next bar's day, by actual days over 360."""
        days = 1
        if row + 1 < len(self.bars.time):
            days = (date.fromisoformat(self.bars.time[row + 1]) - date.fromisoformat(self.bars.time[row])).days
        short = max(-self.quantity, 0) * self.bars.raw[row][3]
        owed = max(-self.cash, 0) * self.interest + short * self.borrow
        self.cash -= (owed * days / 360).quantize(MICRO, ROUND_HALF_EVEN)

    def apply(self, action):
        if action["kind"] == "dividend":
            self.cash += (self.quantity * Decimal(action["amount"])).quantize(MICRO, ROUND_HALF_EVEN)
            return
        assert action["numerator"] % action["denominator"] == 0, "no fractions"
        ratio = Decimal(action["numerator"] // action["denominator"])
        self.quantity *= ratio
        for order in filter(None, (self.waiting, self.turn)):
            order["quantity"] *= ratio
            for key in ("level", "stop", "target"):
                if order[key] is not None:
                    order[key] = (order[key] / ratio).quantize(NANO, ROUND_HALF_EVEN)
        if self.quantity:
            for key in ("price", "stop", "target"):
                if self.position[key] is not None:
                    self.position[key] = (self.position[key] / ratio).quantize(NANO, ROUND_HALF_EVEN)

    def pay(self, price, quantity):
        """Buys a positive quantity, sells a negative one; returns the fee."""
        amount = (price * quantity).quantize(MICRO, ROUND_HALF_EVEN)
        fee = (abs(amount) * self.fee).quantize(MICRO, ROUND_HALF_EVEN)
        self.cash -= amount + fee
        self.quantity += quantity
        return fee

    def open(self, row, order, price):
        sign = 1 if order["side"] == "buy" else -1
        quantity = order["quantity"]
        while sign > 0 and price * quantity * (1 + self.fee) > self.cash * self.power:
            quantity -= 1  # the open is above the close that sized it
        fee = self.pay(price, sign * quantity)
        self.position = {"row": row, "sign": sign, "price": price, "fees": fee, "stop": None, "target": None}
        for key, side in (("stop", -sign), ("target", sign)):
            if order[key] is not None:
                self.position[key] = to_tick(price + side * order[key], side > 0)

    def close(self, row, price, reason):
        held, quantity = self.position, self.quantity
        fees = held["fees"] + self.pay(price, -quantity)
        self.trades.append({"side": "long" if held["sign"] > 0 else "short", "entry_time": self.bars.time[held["row"]],
                            "entry_price": held["price"], "exit_time": self.bars.time[row], "exit_price": price,
                            "quantity": abs(quantity), "exit_reason": reason, "fees": fees,
                            "profit": (price - held["price"]) * quantity - fees})
        self.leaving = None

    def trade(self, row):
        at_open, high, low, _ = self.bars.raw[row]
        if self.quantity:
            sign, stop, target = (self.position[key] for key in ("sign", "stop", "target"))
            if stop is not None and sign * (at_open - stop) <= 0:
                self.close(row, at_open, "stop_loss")
            elif target is not None and sign * (at_open - target) >= 0:
                self.close(row, at_open, "take_profit")
            elif self.leaving:
                self.close(row, at_open, self.leaving)
            if not self.quantity:
                self.waiting, self.turn = self.turn, None
        if self.waiting:  # for this session only
            order, self.waiting = self.waiting, None
            sign = 1 if order["side"] == "buy" else -1
            level = order["level"]
            if level is None or sign * (at_open - level) >= 0:
                self.open(row, order, at_open)
            elif (high >= level if sign > 0 else low <= level):
                self.open(row, order, level)
        if self.quantity:
            sign, stop, target = (self.position[key] for key in ("sign", "stop", "target"))
            if stop is not None and (low <= stop if sign > 0 else high >= stop):
                self.close(row, stop, "stop_loss")
            elif target is not None and (high >= target if sign > 0 else low <= target):
                self.close(row, target, "take_profit")

    def at_close(self, row):
        close = self.bars.raw[row][3]
        equity = self.cash + self.quantity * close
        enters, leaves_long, leaves_short = self.decide(row)
        if self.quantity:
            is_long = self.quantity > 0
            if leaves_long if is_long else leaves_short:
                self.leaving = "sell_signal" if is_long else "cover_signal"
                if enters == ("short" if is_long else "buy"):
                    self.turn = self.make(row, enters, equity)
        elif enters:
            self.waiting = self.make(row, enters, equity)

    def make(self, row, side, equity):
        level, stop, target, distance = self.entry(row, side)
        if level is not None:
            level = to_tick(level, side == "buy")
        price = max(self.bars.raw[row][3], level or 0)
        most = int(equity * self.power / (price * (1 + self.fee)))
        quantity = Decimal(min(int((equity * self.risk).quantize(MICRO, ROUND_FLOOR) / distance), most))
        return {"side": side, "level": level, "stop": stop, "target": target, "quantity": quantity}
