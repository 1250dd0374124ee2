"""The fills of Argosy, backtrader, vectorbt and hikyuu for the same orders on the same bars, real and random.

Where the rules agree, every trade agrees: the same bars, the same prices, the profit to the cent. Where they do not, each
program's rule is written down here as a small function, and every trade of every program follows its own; so the trades
differ where the rules say so and nowhere else. Fixed shares and a commission in percent leave the rest out.
The table is in docs/concepts/fills.md.

hikyuu is held at 2.5.1: the engine of 2.8.3 needs a newer C++ library than Debian 12 has. It knows orders for the next open
only, and stops that look at closes.
"""

import math
import tempfile
import unittest
from fractions import Fraction

import backtrader as bt

import hikyuu_engine
from fill_series import (LEAVES, RANDOM, SERIES, SHARES, SLOT, Argosy, day, dollars, mirrored, with_backtrader,
                         with_hikyuu, with_vectorbt)

# A level that peers get as a ratio or a distance in doubles lies this much on the near side of the tick that is meant, in
# dollars: a low that equals the level touches it, whatever the last bit says.
INSIDE = 1e-7
STOP, TARGET = 90, 130  # cents from the entry
TRAIL = Fraction(3, 100)
THIN = RANDOM | {"volume": 5000 + RANDOM["volume"] % 15000}


def at_market(strategy, bar):
    (strategy.sell if strategy.p.short else strategy.buy)(size=strategy.p.shares)


def day_after(bar: int):
    return day(bar + 1)


# --- Rules, in cents, for a long position. `first`: the first bar in which the exits work. `last`: the bar whose open
# closes what is left; when `sees_last` the exits see the whole of that bar before. ---


def bracket_exit(bars, first, last, stop, target, target_first_at_open, sees_last):
    for i in range(first, last + sees_last):
        start, high, low = bars["open"][i], bars["high"][i], bars["low"][i]
        if start <= stop or (target_first_at_open and start >= target):
            return i, start
        if low <= stop:
            return i, stop
        if high >= target:
            return i, max(start, target)
    return last, bars["open"][last]


def trailing_exit(bars, first, last, followed, level_of, by_open, by_close, sees_last):
    """`level_of` the price that is followed. An open raises it before the low is tested (`by_open`); after that the high
    does, or only the close (`by_close`)."""
    for i in range(first, last + sees_last):
        start, high, low, close = (bars[name][i] for name in ("open", "high", "low", "close"))
        if by_open:
            followed = max(followed, start)
        level = level_of(followed)
        if start <= level:
            return i, start
        if low <= level:
            return i, level
        followed = max(followed, close if by_close else high)
    return last, bars["open"][last]


def stop_limit_entry(bars, first, last, stop, limit, within):
    """`within(close, stop, limit)`: the price in the bar that reaches the stop after its open, or None. limit >= stop."""
    reached = False
    for i in range(first, last + 1):
        start, high, low, close = (bars[name][i] for name in ("open", "high", "low", "close"))
        if not reached:
            if high < stop:
                continue
            reached = True
            if start < stop:
                price = within(close, stop, limit)
                if price is not None:
                    return i, price
                continue
        if low <= limit:
            return i, min(start, limit)
    return None


def argosy_within(close, stop, limit):
    return limit if close <= limit else None


def backtrader_within(close, stop, limit):
    return stop


def closing_stop_exit(bars, first, last, stop):
    """A close at the stop or below it sells at the next open."""
    for i in range(first, last):
        if bars["close"][i] <= stop:
            return i + 1, bars["open"][i + 1]
    return last, bars["open"][last]


def last_bar(entry):
    """The bar at whose open the slot's position is closed."""
    return entry // SLOT * SLOT + LEAVES + 1


class FillTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.argosy = Argosy(folder.name, SERIES | {"THIN": THIN})

    def same(self, ours, theirs, cents=0.5):
        """Every trade: bars, prices to a ten-thousandth of a cent, profit to `cents`."""
        self.assertEqual(ours.keys(), theirs.keys())
        for slot, our in ours.items():
            their = theirs[slot]
            self.assertEqual((our[0], our[2]), (their[0], their[2]), slot)
            self.assertAlmostEqual(our[1], their[1], delta=1e-6, msg=slot)
            self.assertAlmostEqual(our[3], their[3], delta=1e-6, msg=slot)
            self.assertAlmostEqual(our[4], their[4], delta=cents / 100, msg=slot)

    def follows(self, trades, exit_of, sign=1):
        """Every trade is left in the bar and at the price, in cents, that exit_of(bar and price of the entry) says."""
        for slot, trade in trades.items():
            bar, price = exit_of(trade[0], round(sign * trade[1] * 100))
            self.assertEqual(trade[2], bar, slot)
            self.assertAlmostEqual(sign * trade[3] * 100, price, delta=1e-4, msg=slot)

    def differing(self, ours, theirs):
        self.assertEqual(ours.keys(), theirs.keys())
        return {slot for slot, our in ours.items() if our[2] != theirs[slot][2] or abs(our[3] - theirs[slot][3]) > 1e-6}


class Fills(FillTest):
    # --- Entries. ---

    def test_market_orders_agree(self):
        for name, bars in SERIES.items():
            for short in (False, True):
                with self.subTest(name, short=short):
                    ours = self.argosy.trades(name, short=short)
                    self.assertEqual(len(ours), len(bars["close"]) // SLOT)
                    self.same(ours, with_backtrader(bars, at_market, short=short))
                    self.same(ours, with_vectorbt(bars, short=short))

    def test_limit_and_stop_entries_agree(self):
        for name, bars in SERIES.items():
            for short in (False, True) if name == "RANDOM" else (False,):
                for kind in ("limit", "stop"):
                    for valid in ("day", "gtc"):
                        with self.subTest(name, short=short, kind=kind, valid=valid):
                            self.check_waiting(name, bars, short, kind, valid)

    def check_waiting(self, name, bars, short, kind, valid):
        """Entries 70 cents from the close: some at the level, some at an open beyond it, some never."""
        above = (kind == "stop") != short
        theirs = {"limit": bt.Order.Limit, "stop": bt.Order.Stop}[kind]

        def level(decided):
            return bars["close"][decided] + (70 if above else -70)

        def enter(strategy, bar):
            (strategy.sell if short else strategy.buy)(size=SHARES, exectype=theirs, price=dollars(level(bar)),
                                                       valid=day_after(bar) if valid == "day" else None)

        ours = self.argosy.trades(
            name, f"order: {{type: {kind}, {kind}: close {'+' if above else '-'} 0.7, time_in_force: {valid}}}\n", short=short)
        self.same(ours, with_backtrader(bars, enter, short=short))
        gaps = sum(round(trade[1] * 100) != level(slot * SLOT) for slot, trade in ours.items())
        self.assertGreater(gaps, 20)
        self.assertGreater(len(ours) - gaps, 20)
        self.assertLess(len(ours), len(bars["close"]) // SLOT)

    def test_stop_limits_differ_in_the_bar_that_reaches_the_stop(self):
        for name, bars in SERIES.items():
            for limit in (70, 90):  # at the stop, which is 70 above the close, and above it
                for valid in ("day", "gtc"):
                    with self.subTest(name, limit=limit, valid=valid):
                        self.check_stop_limit(name, bars, limit, valid)

    def check_stop_limit(self, name, bars, limit, valid):
        def enter(strategy, bar):
            close = bars["close"][bar]
            strategy.buy(size=SHARES, exectype=bt.Order.StopLimit, price=dollars(close + 70), plimit=dollars(close + limit),
                         valid=day_after(bar) if valid == "day" else None)

        ours = self.argosy.trades(name, "order: {type: stop_limit, stop: close + 0.7, limit: close + "
                                  f"{limit / 100}, time_in_force: {valid}}}\n")
        theirs = with_backtrader(bars, enter)
        differ, agree = 0, 0
        for slot in range(len(bars["close"]) // SLOT):
            decided = slot * SLOT
            close = bars["close"][decided]
            last = decided + (1 if valid == "day" else LEAVES)
            rules = [stop_limit_entry(bars, decided + 1, last, close + 70, close + limit, rule)
                     for rule in (argosy_within, backtrader_within)]
            for trades, expected in zip((ours, theirs), rules):
                trade = trades.get(slot)
                self.assertEqual(trade and (trade[0], round(trade[1] * 100)), expected and (expected[0], expected[1]), slot)
            differ += rules[0] != rules[1]
            agree += rules[0] == rules[1] is not None
        self.assertGreater(differ, 10)
        self.assertGreater(agree, 10)

    def test_a_stop_limit_whose_limit_cannot_be_had_is_denied(self):
        """A buy whose limit is below its stop: backtrader takes it and waits for the price to come back."""
        bars = RANDOM
        def enter(strategy, bar):
            close = bars["close"][bar]
            strategy.buy(size=SHARES, exectype=bt.Order.StopLimit, price=dollars(close + 70), plimit=dollars(close + 50))

        self.assertEqual(self.argosy.trades("RANDOM", "order: {type: stop_limit, stop: close + 0.7, limit: close + 0.5, "
                                            "time_in_force: gtc}\n"), {})
        self.assertGreater(len(with_backtrader(bars, enter)), 100)

    # --- Exits. ---

    def test_brackets_differ_in_the_bar_of_the_entry_and_where_both_are_reached(self):
        keys = f"stop_loss: {{distance: '{STOP / 100}'}}\ntake_profit: {{distance: '{TARGET / 100}'}}\n"
        for name, bars in SERIES.items():
            for short in (False, True):
                with self.subTest(name, short=short):
                    self.check_brackets(name, bars, short, keys)

    def check_brackets(self, name, bars, short, keys):
        sign = -1 if short else 1
        seen = mirrored(bars) if short else bars

        def rule(start, target_first_at_open, sees_last):
            return lambda entry, price: bracket_exit(seen, entry + start, last_bar(entry), price - STOP,
                                                     price + TARGET, target_first_at_open, sees_last)

        # The levels hang on the price of the entry, the next open.
        def enter(strategy, bar):
            price = bars["open"][bar + 1]
            bracket = strategy.sell_bracket if short else strategy.buy_bracket
            bracket(size=SHARES, exectype=bt.Order.Market, stopprice=dollars(price - sign * STOP),
                    limitprice=dollars(price + sign * TARGET))

        ours = self.argosy.trades(name, keys, short=short)
        theirs = with_backtrader(bars, enter, short=short)
        entry_prices = bars["open"] / 100
        vector = with_vectorbt(bars, short=short, sl_stop=(STOP / 100 - INSIDE) / entry_prices,
                               tp_stop=(TARGET / 100 - INSIDE) / entry_prices)
        self.follows(ours, rule(0, True, False), sign)
        self.follows(theirs, rule(1, False, False), sign)
        self.follows(vector, rule(1, False, True), sign)

        # Said directly: which trades differ.
        at_once, at_target, looks_ahead = set(), set(), set()
        for slot, (entry, price, left, price_left, _) in ours.items():
            cents = round(sign * price * 100)
            stop, target = cents - STOP, cents + TARGET
            if left == entry:
                at_once.add(slot)
            elif seen["open"][left] >= target and seen["low"][left] <= stop and left % SLOT != LEAVES + 1:
                at_target.add(slot)
            elif left % SLOT == LEAVES + 1 and stop < seen["open"][left] and (
                    seen["low"][left] <= stop or seen["open"][left] < target <= seen["high"][left]):
                looks_ahead.add(slot)
        self.assertEqual(self.differing(ours, theirs), at_once | at_target)
        self.assertEqual(self.differing(ours, vector), at_once | at_target | looks_ahead)
        self.assertGreater(len(at_once), 20)
        self.assertGreater(len(looks_ahead), 0)
        self.assertGreater(len(ours) - len(at_once | at_target | looks_ahead), 20)

    def test_trailing_stops_differ_in_what_raises_them(self):
        for name, bars in SERIES.items():
            for short in (False, True) if name == "RANDOM" else (False,):
                with self.subTest(name, short=short):
                    self.check_trailing(name, bars, short)

    def check_trailing(self, name, bars, short):
        sign = -1 if short else 1
        seen = mirrored(bars) if short else bars

        def ticks(followed):  # Rounded away from the price, exactly.
            return math.floor(followed - abs(followed) * TRAIL)

        def ratio(followed):
            return sign * (float(abs(followed)) / 100 * (1 - sign * float(TRAIL)) * 100)

        def rule(start, level_of, by_open, by_close, sees_last):
            return lambda entry, price: trailing_exit(seen, entry + start, last_bar(entry),
                                                      seen["close"][entry] if by_close else price, level_of, by_open,
                                                      by_close, sees_last)

        def follow(strategy, bar, price):
            (strategy.buy if short else strategy.sell)(size=SHARES, exectype=bt.Order.StopTrail, trailpercent=float(TRAIL))

        ours = self.argosy.trades(name, f"trailing_stop: {float(TRAIL):.0%}\n", short=short)
        theirs = with_backtrader(bars, at_market, after_entry=follow, short=short)
        vector = with_vectorbt(bars, short=short, sl_stop=float(TRAIL), sl_trail=True)
        self.follows(ours, rule(0, ticks, True, False, False), sign)
        self.follows(theirs, rule(1, ratio, False, True, False), sign)
        self.follows(vector, rule(1, ratio, False, False, True), sign)
        for other in (theirs, vector):
            self.assertGreater(len(self.differing(ours, other)), 20)
            self.assertLess(len(self.differing(ours, other)), len(ours))

    # --- Slippage and volume. ---

    def test_slippage_differs_by_the_tick(self):
        """Argosy rounds to the next tick on the worse side. vectorbt does not round, nor does backtrader, which stops at
        the bar's high or low unless slip_out says otherwise."""
        worse = Fraction(1, 2000)
        for name, bars in SERIES.items():
            with self.subTest(name):
                ours = self.argosy.trades(name, "slippage: percent:0.05\n")
                free = with_backtrader(bars, at_market, lambda b: b.set_slippage_perc(float(worse), slip_out=True))
                held = with_backtrader(bars, at_market, lambda b: b.set_slippage_perc(float(worse)))
                vector = with_vectorbt(bars, slippage=float(worse))
                self.same(free, vector)
                capped = 0
                for slot, our in ours.items():
                    entry, left = our[0], our[2]
                    dear = int(bars["open"][entry]) * (1 + worse)
                    cheap = int(bars["open"][left]) * (1 - worse)
                    self.assertEqual((round(our[1] * 100, 6), round(our[3] * 100, 6)), (math.ceil(dear), math.floor(cheap)))
                    self.assertEqual(free[slot][::2][:2], (entry, left))
                    self.assertAlmostEqual(free[slot][1] * 100, float(dear), delta=1e-6)
                    self.assertAlmostEqual(free[slot][3] * 100, float(cheap), delta=1e-6)
                    bound = (min(dear, int(bars["high"][entry])), max(cheap, int(bars["low"][left])))
                    self.assertAlmostEqual(held[slot][1] * 100, float(bound[0]), delta=1e-6)
                    self.assertAlmostEqual(held[slot][3] * 100, float(bound[1]), delta=1e-6)
                    capped += bound != (dear, cheap)
                self.assertGreater(capped, 5)

    def test_a_volume_cap_agrees(self):
        """A tenth of each bar's volume, rounded down; the rest at the next open. Thin bars: orders take up to two bars."""
        bars = THIN
        ours = self.argosy.trades("THIN", "volume_cap: 10%\n", shares=1000)
        theirs = with_backtrader(bars, at_market, lambda b: b.set_filler(bt.broker.fillers.FixedBarPerc(perc=10)), shares=1000)
        self.same(ours, theirs)
        split = sum(bars["volume"][trade[0]] < 10_000 for trade in ours.values())
        self.assertGreater(split, 100)
        self.assertGreater(len(ours) - split, 100)


@unittest.skipIf(hikyuu_engine.unavailable(), hikyuu_engine.unavailable())
class Hikyuu(FillTest):
    def test_market_orders_agree(self):
        """hikyuu rounds each fee to the cent, so a profit may lie a cent away."""
        for name, bars in SERIES.items():
            with self.subTest(name):
                self.same(self.argosy.trades(name), with_hikyuu(bars), cents=1.001)

    def test_slippage_is_not_rounded(self):
        for name, bars in SERIES.items():
            with self.subTest(name):
                self.same(with_vectorbt(bars, slippage=0.0005), with_hikyuu(bars, slippage=0.0005), cents=1.001)

    def test_a_stop_loss_waits_for_the_close_and_the_next_open(self):
        for name, bars in SERIES.items():
            with self.subTest(name):
                ours = self.argosy.trades(name, "stop_loss: 2%\n")
                theirs = with_hikyuu(bars, stop_loss=0.02)
                self.follows(ours, lambda bar, price: bracket_exit(bars, bar, last_bar(bar), price * 98 // 100, math.inf,
                                                                   False, False))
                # Its level is rounded to the cent.
                self.follows(theirs, lambda bar, price: closing_stop_exit(bars, bar, last_bar(bar), round(price * 0.98)))
                reached = {slot for slot, trade in ours.items() if bars["low"][trade[0]:last_bar(trade[0])].min()
                           <= round(trade[1] * 100) * 98 // 100}
                self.assertLessEqual(self.differing(ours, theirs), reached)
                self.assertGreater(len(self.differing(ours, theirs)), 100)


if __name__ == "__main__":
    unittest.main()
