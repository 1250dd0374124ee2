// The candlestick patterns: each a line in a table, with the words it is made of. Included by candle.cpp alone.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string_view>

#include "formula/operators/candle_rows.hpp"

namespace argosy::formula::candle_patterns {

struct CandlePattern {
  std::string_view name;  // cdl_ and TA-Lib's name
  std::string_view source;
  std::size_t rows;  // before this one that the pattern itself looks at
  unsigned means;
  double penetration;  // its standard; below 0: the pattern has none
  double (*at)(const Candles& bars, double penetration);
  std::string_view meaning;

  // The means of a row k back reach further back than the row.
  [[nodiscard]] constexpr std::size_t lookback() const {
    if ((means & (kBodies | kRanges | kShadows)) != 0) return rows + kMeanRows;
    return rows + ((means & kLastRanges) != 0 ? kLastRows : 0);
  }
};

inline constexpr double kNone = -1;

// Whether all are true, without a branch: for conditions that hold about half the time.
template <class... Conditions>
inline bool all(Conditions... conditions) {
  return ((conditions ? 1U : 0U) & ...) != 0;
}

inline double bull_if(bool is) { return is ? 100 : 0; }
inline double bear_if(bool is) { return is ? -100 : 0; }
inline double color_if(bool is, double color) { return is ? 100 * color : 0; }

inline bool falls_inside(const Candles& b, std::size_t k, std::size_t into) {
  return b.open(k) < b.open(into) && b.open(k) > b.close(into);
}
// The middle candle of a star gaps away from a long one and the last falls (rises) back into the first.
inline bool bear_star(const Candles& b, bool middle, double penetration) {
  return all(b.gap_up(1, 2), b.white(2), b.black(0), b.is_long(2), middle) && b.body(0) > b.mean_body(0) &&
         b.close(0) < b.close(2) - b.body(2) * penetration;
}
inline bool bull_star(const Candles& b, bool middle, double penetration) {
  return all(b.gap_down(1, 2), b.black(2), b.white(0), b.is_long(2), middle) && b.body(0) > b.mean_body(0) &&
         b.close(0) > b.close(2) + b.body(2) * penetration;
}
// 100 where the body lies inside the one before, 80 where an end is the same; its color is the other one's.
inline double inside(const Candles& b, bool small) {
  if (!all(b.is_long(1), small, b.top(0) <= b.top(1), b.bottom(0) >= b.bottom(1))) return 0;
  return (b.top(0) < b.top(1) && b.bottom(0) > b.bottom(1) ? -100 : -80) * b.color(1);
}
inline bool three_white(const Candles& b) {
  return all(b.white(2), b.white(1), b.white(0), b.close(0) > b.close(1), b.close(1) > b.close(2));
}
// Opens above the open of the row before and not far above its close.
inline bool opens_in_or_near(const Candles& b, std::size_t k) {
  return b.open(k) > b.open(k + 1) && b.open(k) <= b.close(k + 1) + b.near(k + 1);
}
inline bool marubozu(const Candles& b, std::size_t k) { return all(b.is_long(k), b.no_upper(k), b.no_lower(k)); }
inline bool kicking(const Candles& b) {
  return !b.same_color(1, 0) && marubozu(b, 1) && marubozu(b, 0) &&
         (b.black(1) ? b.low(0) > b.high(1) : b.high(0) < b.low(1));
}
// A long black candle, then a white one that opens below its low.
inline bool below_long_black(const Candles& b) {
  return all(b.black(1), b.is_long(1), b.white(0), b.open(0) < b.low(1));
}
inline bool within(const Candles& b, double x, std::size_t k) { return x > b.bottom(k) && x < b.top(k); }

inline double hikkake_setup(const Candles& b, std::size_t k) {
  const bool inside = all(b.high(k + 1) < b.high(k + 2), b.low(k + 1) > b.low(k + 2));
  const bool lower = all(inside, b.high(k) < b.high(k + 1), b.low(k) < b.low(k + 1));
  const bool higher = all(inside, b.high(k) > b.high(k + 1), b.low(k) > b.low(k + 1));
  return lower ? 100 : higher ? -100 : 0;
}
inline double modified_setup(const Candles& b, std::size_t k) {
  if (!(b.high(k + 2) < b.high(k + 3) && b.low(k + 2) > b.low(k + 3))) return 0;
  const double setup = hikkake_setup(b, k);
  if (setup > 0 && !(b.close(k + 2) <= b.low(k + 2) + b.near(k + 2))) return 0;
  if (setup < 0 && !(b.close(k + 2) >= b.high(k + 2) - b.near(k + 2))) return 0;
  return setup;
}
// 100 or -100 on the pattern, 200 or -200 on the first close within three rows that confirms the latest one.
template <double (*kSetup)(const Candles&, std::size_t)>
inline double hikkake(const Candles& b, double) {
  if (const double now = kSetup(b, 0); now != 0) return now;
  for (std::size_t k = 1; k <= 3; ++k) {
    const double setup = kSetup(b, k);
    if (setup == 0) continue;
    const auto confirms = [&](std::size_t row) {
      return setup > 0 ? b.close(row) > b.high(k + 1) : b.close(row) < b.low(k + 1);
    };
    for (std::size_t row = k - 1; row > 0; --row) {
      if (confirms(row)) return 0;
    }
    return confirms(0) ? 2 * setup : 0;
  }
  return 0;
}

inline constexpr CandlePattern kCandlePatterns[] = {
    {"cdl_doji", "TA-Lib CDLDOJI", 0, kRanges, kNone, [](const Candles& b, double) { return bull_if(b.is_doji(0)); },
     "Doji: the open and the close are about the same. 100 where it is one."},
    {"cdl_dragonflydoji", "TA-Lib CDLDRAGONFLYDOJI", 0, kRanges, kNone,
     [](const Candles& b, double) { return bull_if(all(b.is_doji(0), b.no_upper(0), b.lower(0) > b.tiny(0))); },
     "Dragonfly doji: a doji with a lower shadow and no upper one. Gives 100."},
    {"cdl_gravestonedoji", "TA-Lib CDLGRAVESTONEDOJI", 0, kRanges, kNone,
     [](const Candles& b, double) { return bull_if(all(b.is_doji(0), b.no_lower(0), b.upper(0) > b.tiny(0))); },
     "Gravestone doji: a doji with an upper shadow and no lower one. Gives 100."},
    {"cdl_longleggeddoji", "TA-Lib CDLLONGLEGGEDDOJI", 0, kRanges, kNone,
     [](const Candles& b, double) { return bull_if(all(b.is_doji(0), std::max(b.lower(0), b.upper(0)) > b.body(0))); },
     "Long-legged doji: a doji with a shadow longer than its body. Gives 100."},
    {"cdl_rickshawman", "TA-Lib CDLRICKSHAWMAN", 0, kRanges | kLastRanges, kNone,
     [](const Candles& b, double) {
       const double middle = b.low(0) + (b.high(0) - b.low(0)) / 2;
       return bull_if(all(b.is_doji(0), b.lower(0) > b.body(0), b.upper(0) > b.body(0),
                          b.bottom(0) <= middle + b.near(0), b.top(0) >= middle - b.near(0)));
     },
     "Rickshaw man: a doji whose shadows are both longer than its body, the body near the middle of the range. Gives "
     "100."},
    {"cdl_takuri", "TA-Lib CDLTAKURI", 0, kRanges, kNone,
     [](const Candles& b, double) { return bull_if(all(b.is_doji(0), b.no_upper(0), b.lower(0) > 2 * b.body(0))); },
     "Takuri: a doji with no upper shadow and a lower one longer than twice its body. Gives 100."},
    {"cdl_hammer", "TA-Lib CDLHAMMER", 1, kBodies | kRanges | kLastRanges, kNone,
     [](const Candles& b, double) {
       return bull_if(all(b.is_short(0), b.lower(0) > b.body(0), b.no_upper(0), b.bottom(0) <= b.low(1) + b.near(1)));
     },
     "Hammer: a short body at or near the low of the row before, a lower shadow longer than the body, no upper shadow. "
     "Gives 100."},
    {"cdl_hangingman", "TA-Lib CDLHANGINGMAN", 1, kBodies | kRanges | kLastRanges, kNone,
     [](const Candles& b, double) {
       return bear_if(all(b.is_short(0), b.lower(0) > b.body(0), b.no_upper(0), b.bottom(0) >= b.high(1) - b.near(1)));
     },
     "Hanging man: the shape of a hammer at or near the high of the row before. Gives -100."},
    {"cdl_invertedhammer", "TA-Lib CDLINVERTEDHAMMER", 1, kBodies | kRanges, kNone,
     [](const Candles& b, double) {
       return bull_if(all(b.is_short(0), b.upper(0) > b.body(0), b.no_lower(0), b.gap_down(0, 1)));
     },
     "Inverted hammer: a short body below the body before, an upper shadow longer than the body, no lower shadow. "
     "Gives 100."},
    {"cdl_shootingstar", "TA-Lib CDLSHOOTINGSTAR", 1, kBodies | kRanges, kNone,
     [](const Candles& b, double) {
       return bear_if(all(b.is_short(0), b.upper(0) > b.body(0), b.no_lower(0), b.gap_up(0, 1)));
     },
     "Shooting star: the shape of an inverted hammer, the body above the one before. Gives -100."},
    {"cdl_engulfing", "TA-Lib CDLENGULFING", 2, kNoMean, kNone,
     [](const Candles& b, double) {
       const bool wraps =
           b.bottom(0) <= b.bottom(1) && b.top(0) >= b.top(1) && (b.bottom(0) < b.bottom(1) || b.top(0) > b.top(1));
       if (b.same_color(0, 1) || !wraps) return 0.0;
       return (b.open(0) != b.close(1) && b.close(0) != b.open(1) ? 100 : 80) * b.color(0);
     },
     "Engulfing: the body covers the one before, of the other color. 100 where it is white, -100 where black; 80 and "
     "-80 where the bodies end at the same price on one side."},
    {"cdl_harami", "TA-Lib CDLHARAMI", 1, kBodies, kNone,
     [](const Candles& b, double) { return inside(b, b.not_long(0)); },
     "Harami: a body that is not long inside the long one before. 100 after a black one, -100 after a white one; 80 "
     "and "
     "-80 where the bodies end at the same price on one side."},
    {"cdl_haramicross", "TA-Lib CDLHARAMICROSS", 1, kBodies | kRanges, kNone,
     [](const Candles& b, double) { return inside(b, b.is_doji(0)); },
     "Harami cross: a doji inside the long body before. 100 after a black one, -100 after a white one; 80 and -80 "
     "where "
     "the bodies end at the same price on one side."},
    {"cdl_morningstar", "TA-Lib CDLMORNINGSTAR", 2, kBodies, 0.3,
     [](const Candles& b, double penetration) { return bull_if(bull_star(b, b.not_long(1), penetration)); },
     "Morning star: a long black body, one that is not long below it, then a white one that is not short and closes "
     "more than the penetration, a fraction of the first body, above the first close. Gives 100."},
    {"cdl_eveningstar", "TA-Lib CDLEVENINGSTAR", 2, kBodies, 0.3,
     [](const Candles& b, double penetration) { return bear_if(bear_star(b, b.not_long(1), penetration)); },
     "Evening star: a long white body, one that is not long above it, then a black one that is not short and closes "
     "more than the penetration, a fraction of the first body, below the first close. Gives -100."},
    {"cdl_morningdojistar", "TA-Lib CDLMORNINGDOJISTAR", 2, kBodies | kRanges, 0.3,
     [](const Candles& b, double penetration) { return bull_if(bull_star(b, b.is_doji(1), penetration)); },
     "Morning doji star: a morning star whose middle candle is a doji. Gives 100."},
    {"cdl_eveningdojistar", "TA-Lib CDLEVENINGDOJISTAR", 2, kBodies | kRanges, 0.3,
     [](const Candles& b, double penetration) { return bear_if(bear_star(b, b.is_doji(1), penetration)); },
     "Evening doji star: an evening star whose middle candle is a doji. Gives -100."},
    {"cdl_dojistar", "TA-Lib CDLDOJISTAR", 1, kBodies | kRanges, kNone,
     [](const Candles& b, double) {
       return color_if(all(b.is_long(1), b.is_doji(0), (b.white(1) ? b.gap_up(0, 1) : b.gap_down(0, 1))), -b.color(1));
     },
     "Doji star: a doji beyond the long body before it. 100 below a black one, -100 above a white one."},
    {"cdl_abandonedbaby", "TA-Lib CDLABANDONEDBABY", 2, kBodies | kRanges, 0.3,
     [](const Candles& b, double penetration) {
       if (!b.is_doji(1)) return 0.0;
       const double back = b.body(2) * penetration;
       const bool top =
           b.white(2) && b.black(0) && b.close(0) < b.close(2) - back && b.low(1) > b.high(2) && b.high(0) < b.low(1);
       const bool bottom =
           b.black(2) && b.white(0) && b.close(0) > b.close(2) + back && b.high(1) < b.low(2) && b.low(0) > b.high(1);
       return color_if(b.is_long(2) && b.body(0) > b.mean_body(0) && (top || bottom), b.color(0));
     },
     "Abandoned baby: a long body, a doji apart from both neighbours by whole candles, then a body of the other color "
     "that closes more than the penetration, a fraction of the first body, back from the first close. 100 where the "
     "last is white, -100 where black."},
    {"cdl_3whitesoldiers", "TA-Lib CDL3WHITESOLDIERS", 2, kBodies | kRanges | kLastRanges, kNone,
     [](const Candles& b, double) {
       return bull_if(three_white(b) && b.no_upper(2) && b.no_upper(1) && b.no_upper(0) && opens_in_or_near(b, 1) &&
                      opens_in_or_near(b, 0) && b.body(1) > b.body(2) - b.far(2) && b.body(0) > b.body(1) - b.far(1) &&
                      b.body(0) > b.mean_body(0));
     },
     "Three white soldiers: three white candles with no upper shadow that close higher each, open in or near the body "
     "before and are not far shorter than it, the last one not short. Gives 100."},
    {"cdl_3blackcrows", "TA-Lib CDL3BLACKCROWS", 3, kRanges, kNone,
     [](const Candles& b, double) {
       return bear_if(b.white(3) && b.black(2) && b.no_lower(2) && b.black(1) && b.no_lower(1) && b.black(0) &&
                      b.no_lower(0) && falls_inside(b, 1, 2) && falls_inside(b, 0, 1) && b.high(3) > b.close(2) &&
                      b.close(2) > b.close(1) && b.close(1) > b.close(0));
     },
     "Three black crows: after a white candle three black ones with no lower shadow that close lower each and open in "
     "the body before, the first closing below the high of the white one. Gives -100."},
    {"cdl_piercing", "TA-Lib CDLPIERCING", 1, kBodies, kNone,
     [](const Candles& b, double) {
       return bull_if(below_long_black(b) && b.is_long(0) && b.close(0) < b.open(1) &&
                      b.close(0) > b.close(1) + b.body(1) * 0.5);
     },
     "Piercing line: a long black candle, then a long white one that opens below its low and closes in the upper half "
     "of its body. Gives 100."},
    {"cdl_darkcloudcover", "TA-Lib CDLDARKCLOUDCOVER", 1, kBodies, 0.5,
     [](const Candles& b, double penetration) {
       return bear_if(all(b.white(1), b.is_long(1), b.black(0), b.open(0) > b.high(1)) && b.close(0) > b.open(1) &&
                      b.close(0) < b.close(1) - b.body(1) * penetration);
     },
     "Dark cloud cover: a long white candle, then a black one that opens above its high and closes in its body, more "
     "than the penetration, a fraction of it, below its close. Gives -100."},
    {"cdl_2crows", "TA-Lib CDL2CROWS", 2, kBodies, kNone,
     [](const Candles& b, double) {
       return bear_if(all(b.white(2), b.black(1), b.black(0), b.gap_up(1, 2)) && b.is_long(2) &&
                      falls_inside(b, 0, 1) && b.close(0) > b.open(2) && b.close(0) < b.close(2));
     },
     "Two crows: a long white body, a black one above it, then a black one that opens in the second and closes in the "
     "first. Gives -100."},
    {"cdl_upsidegap2crows", "TA-Lib CDLUPSIDEGAP2CROWS", 2, kBodies, kNone,
     [](const Candles& b, double) {
       return bear_if(all(b.white(2), b.black(1), b.black(0), b.gap_up(1, 2)) && b.is_long(2) && b.not_long(1) &&
                      b.open(0) > b.open(1) && b.close(0) < b.close(1) && b.close(0) > b.close(2));
     },
     "Upside gap two crows: a long white body, a black one above it that is not long, then a black one that covers the "
     "second and closes above the first. Gives -100."},
    {"cdl_identical3crows", "TA-Lib CDLIDENTICAL3CROWS", 2, kRanges | kLastRanges, kNone,
     [](const Candles& b, double) {
       return bear_if(b.black(2) && b.no_lower(2) && b.black(1) && b.no_lower(1) && b.black(0) && b.no_lower(0) &&
                      b.close(2) > b.close(1) && b.close(1) > b.close(0) && b.equal(b.open(1), b.close(2), 2) &&
                      b.equal(b.open(0), b.close(1), 1));
     },
     "Identical three crows: three black candles with no lower shadow that close lower each and open at about the "
     "close "
     "before. Gives -100."},
    {"cdl_3inside", "TA-Lib CDL3INSIDE", 2, kBodies, kNone,
     [](const Candles& b, double) {
       const auto reverses = [&b] {
         return b.white(2) ? b.black(0) && b.close(0) < b.open(2) : b.white(0) && b.close(0) > b.open(2);
       };
       return color_if(all(b.is_long(2), b.not_long(1), b.top(1) < b.top(2), b.bottom(1) > b.bottom(2)) && reverses(),
                       -b.color(2));
     },
     "Three inside: a long body, one inside it that is not long, then one of the other color that closes beyond the "
     "first open. 100 after a black first, -100 after a white one."},
    {"cdl_3outside", "TA-Lib CDL3OUTSIDE", 3, kNoMean, kNone,
     [](const Candles& b, double) {
       const bool up =
           all(b.white(1), b.black(2), b.close(1) > b.open(2), b.open(1) < b.close(2), b.close(0) > b.close(1));
       const bool down =
           all(b.black(1), b.white(2), b.open(1) > b.close(2), b.close(1) < b.open(2), b.close(0) < b.close(1));
       return color_if(up || down, b.color(1));
     },
     "Three outside: a body that covers the one before, of the other color, then a close further the same way. 100 up, "
     "-100 down."},
    {"cdl_3linestrike", "TA-Lib CDL3LINESTRIKE", 3, kLastRanges, kNone,
     [](const Candles& b, double) {
       if (!all(b.same_color(3, 2), b.same_color(2, 1), !b.same_color(1, 0))) return 0.0;
       const auto opens_at = [&b](std::size_t k) {
         return b.open(k) >= b.bottom(k + 1) - b.near(k + 1) && b.open(k) <= b.top(k + 1) + b.near(k + 1);
       };
       const bool up =
           b.close(1) > b.close(2) && b.close(2) > b.close(3) && b.open(0) > b.close(1) && b.close(0) < b.open(3);
       const bool down =
           b.close(1) < b.close(2) && b.close(2) < b.close(3) && b.open(0) < b.close(1) && b.close(0) > b.open(3);
       return color_if(opens_at(2) && opens_at(1) && (b.white(1) ? up : down), b.color(1));
     },
     "Three-line strike: three candles of one color that close further each and open in or near the body before, then "
     "one of the other color that covers them all. 100 where the three are white, -100 where black."},
    {"cdl_3starsinsouth", "TA-Lib CDL3STARSINSOUTH", 2, kBodies | kRanges, kNone,
     [](const Candles& b, double) {
       return bull_if(b.black(2) && b.black(1) && b.black(0) && b.is_long(2) && b.lower(2) > b.body(2) &&
                      b.body(1) < b.body(2) && b.open(1) > b.close(2) && b.open(1) <= b.high(2) &&
                      b.low(1) < b.close(2) && b.low(1) >= b.low(2) && b.lower(1) > b.tiny(1) && b.is_short(0) &&
                      b.no_lower(0) && b.no_upper(0) && b.low(0) > b.low(1) && b.high(0) < b.high(1));
     },
     "Three stars in the south: a long black candle with a long lower shadow, a smaller black one with a higher low, "
     "then a short black one without shadows inside the range of the second. Gives 100."},
    {"cdl_advanceblock", "TA-Lib CDLADVANCEBLOCK", 2, kBodies | kShadows | kLastRanges, kNone,
     [](const Candles& b, double) {
       const bool smaller = b.body(0) < b.body(1);
       const bool weakens =
           (b.body(1) < b.body(2) - b.far(2) && b.body(0) < b.body(1) + b.near(1)) ||
           b.body(0) < b.body(1) - b.far(1) ||
           (smaller && b.body(1) < b.body(2) && (b.upper(0) > b.short_shadow(0) || b.upper(1) > b.short_shadow(1))) ||
           (smaller && b.upper(0) > b.body(0));
       return bear_if(three_white(b) && opens_in_or_near(b, 1) && opens_in_or_near(b, 0) && b.is_long(2) &&
                      b.upper(2) < b.short_shadow(2) && weakens);
     },
     "Advance block: three white candles that close higher each and open in or near the body before, the first long "
     "with a short upper shadow, the next ones far smaller, or smaller with longer upper shadows. Gives -100."},
    {"cdl_stalledpattern", "TA-Lib CDLSTALLEDPATTERN", 2, kBodies | kRanges | kLastRanges, kNone,
     [](const Candles& b, double) {
       return bear_if(three_white(b) && b.is_long(2) && b.is_long(1) && b.no_upper(1) && opens_in_or_near(b, 1) &&
                      b.is_short(0) && b.open(0) >= b.close(1) - b.body(0) - b.near(1));
     },
     "Stalled pattern: two long white candles and a short one near the second close, closing higher each; the second "
     "has no upper shadow. Gives -100."},
    {"cdl_belthold", "TA-Lib CDLBELTHOLD", 0, kBodies | kRanges, kNone,
     [](const Candles& b, double) {
       return color_if(all(b.is_long(0), (b.white(0) ? b.no_lower(0) : b.no_upper(0))), b.color(0));
     },
     "Belt hold: a long body with no shadow at its open. 100 white, -100 black."},
    {"cdl_closingmarubozu", "TA-Lib CDLCLOSINGMARUBOZU", 0, kBodies | kRanges, kNone,
     [](const Candles& b, double) {
       return color_if(all(b.is_long(0), (b.white(0) ? b.no_upper(0) : b.no_lower(0))), b.color(0));
     },
     "Closing marubozu: a long body with no shadow at its close. 100 white, -100 black."},
    {"cdl_marubozu", "TA-Lib CDLMARUBOZU", 0, kBodies | kRanges, kNone,
     [](const Candles& b, double) { return color_if(marubozu(b, 0), b.color(0)); },
     "Marubozu: a long body with no shadows. 100 white, -100 black."},
    {"cdl_longline", "TA-Lib CDLLONGLINE", 0, kBodies | kShadows, kNone,
     [](const Candles& b, double) {
       return color_if(all(b.is_long(0), b.upper(0) < b.short_shadow(0), b.lower(0) < b.short_shadow(0)), b.color(0));
     },
     "Long line: a long body with short shadows. 100 white, -100 black."},
    {"cdl_shortline", "TA-Lib CDLSHORTLINE", 0, kBodies | kShadows, kNone,
     [](const Candles& b, double) {
       return color_if(all(b.is_short(0), b.upper(0) < b.short_shadow(0), b.lower(0) < b.short_shadow(0)), b.color(0));
     },
     "Short line: a short body with short shadows. 100 white, -100 black."},
    {"cdl_spinningtop", "TA-Lib CDLSPINNINGTOP", 0, kBodies, kNone,
     [](const Candles& b, double) {
       return color_if(all(b.is_short(0), b.upper(0) > b.body(0), b.lower(0) > b.body(0)), b.color(0));
     },
     "Spinning top: a short body, both shadows longer than it. 100 white, -100 black."},
    {"cdl_highwave", "TA-Lib CDLHIGHWAVE", 0, kBodies, kNone,
     [](const Candles& b, double) {
       return color_if(all(b.is_short(0), b.upper(0) > 2 * b.body(0), b.lower(0) > 2 * b.body(0)), b.color(0));
     },
     "High wave: a short body, both shadows longer than twice of it. 100 white, -100 black."},
    {"cdl_breakaway", "TA-Lib CDLBREAKAWAY", 4, kBodies, kNone,
     [](const Candles& b, double) {
       if (!all(b.same_color(4, 3), b.same_color(3, 1), !b.same_color(1, 0))) return 0.0;
       const bool bull = b.black(4) && b.gap_down(3, 4) && b.high(2) < b.high(3) && b.low(2) < b.low(3) &&
                         b.high(1) < b.high(2) && b.low(1) < b.low(2) && b.close(0) > b.open(3) &&
                         b.close(0) < b.close(4);
       const bool bear = b.white(4) && b.gap_up(3, 4) && b.high(2) > b.high(3) && b.low(2) > b.low(3) &&
                         b.high(1) > b.high(2) && b.low(1) > b.low(2) && b.close(0) < b.open(3) &&
                         b.close(0) > b.close(4);
       return color_if(b.is_long(4) && (bull || bear), b.color(0));
     },
     "Breakaway: a long body, a gap the same way, two more candles further that way, then one of the other color that "
     "closes inside the gap. 100 up, -100 down."},
    {"cdl_concealbabyswall", "TA-Lib CDLCONCEALBABYSWALL", 3, kRanges, kNone,
     [](const Candles& b, double) {
       return bull_if(b.black(3) && b.black(2) && b.black(1) && b.black(0) && b.no_lower(3) && b.no_upper(3) &&
                      b.no_lower(2) && b.no_upper(2) && b.gap_down(1, 2) && b.upper(1) > b.tiny(1) &&
                      b.high(1) > b.close(2) && b.high(0) > b.high(1) && b.low(0) < b.low(1));
     },
     "Concealing baby swallow: two black candles without shadows, a black one below whose upper shadow reaches into "
     "the "
     "second, then a black one that covers the third with its shadows. Gives 100."},
    {"cdl_counterattack", "TA-Lib CDLCOUNTERATTACK", 1, kBodies | kLastRanges, kNone,
     [](const Candles& b, double) {
       return color_if(all(!b.same_color(1, 0), b.is_long(1), b.is_long(0), b.equal(b.close(0), b.close(1), 1)),
                       b.color(0));
     },
     "Counterattack: two long bodies of different colors that close at about the same price. 100 where the last is "
     "white, -100 where black."},
    {"cdl_separatinglines", "TA-Lib CDLSEPARATINGLINES", 1, kBodies | kRanges | kLastRanges, kNone,
     [](const Candles& b, double) {
       return color_if(all(!b.same_color(1, 0), b.equal(b.open(0), b.open(1), 1), b.is_long(0),
                           (b.white(0) ? b.no_lower(0) : b.no_upper(0))),
                       b.color(0));
     },
     "Separating lines: two candles of different colors that open at about the same price, the last a belt hold. 100 "
     "where it is white, -100 where black."},
    {"cdl_gapsidesidewhite", "TA-Lib CDLGAPSIDESIDEWHITE", 2, kLastRanges, kNone,
     [](const Candles& b, double) {
       const bool up = all(b.gap_up(1, 2), b.gap_up(0, 2), b.white(1), b.white(0));
       const bool down = all(b.gap_down(1, 2), b.gap_down(0, 2), b.white(1), b.white(0));
       if (!up && !down) return 0.0;
       return color_if(
           b.body(0) >= b.body(1) - b.near(1) && b.body(0) <= b.body(1) + b.near(1) && b.equal(b.open(0), b.open(1), 1),
           up ? 1 : -1);
     },
     "Side-by-side white lines: two white candles of about the same open and near the same body, both on the same side "
     "of a gap from the candle before. 100 above it, -100 below."},
    {"cdl_tasukigap", "TA-Lib CDLTASUKIGAP", 2, kLastRanges, kNone,
     [](const Candles& b, double) {
       const bool up = all(b.gap_up(1, 2), b.white(1), b.black(0)) && b.open(0) < b.close(1) && b.open(0) > b.open(1) &&
                       b.close(0) < b.open(1) && b.close(0) > b.top(2);
       const bool down = all(b.gap_down(1, 2), b.black(1), b.white(0)) && b.open(0) < b.open(1) &&
                         b.open(0) > b.close(1) && b.close(0) > b.open(1) && b.close(0) < b.bottom(2);
       return color_if((up || down) && std::abs(b.body(1) - b.body(0)) < b.near(1), b.color(1));
     },
     "Tasuki gap: a candle beyond a gap, then one of the other color and near its size that opens in its body and "
     "closes "
     "inside the gap. 100 where the gap is upward, -100 where downward."},
    {"cdl_xsidegap3methods", "TA-Lib CDLXSIDEGAP3METHODS", 2, kNoMean, kNone,
     [](const Candles& b, double) {
       return color_if(b.same_color(2, 1) && !b.same_color(1, 0) && within(b, b.open(0), 1) &&
                           within(b, b.close(0), 2) && (b.white(2) ? b.gap_up(1, 2) : b.gap_down(1, 2)),
                       b.color(2));
     },
     "Gap three methods: two candles of one color with a gap between their bodies that way, then one of the other "
     "color "
     "that opens in the second body and closes in the first. 100 up, -100 down."},
    {"cdl_homingpigeon", "TA-Lib CDLHOMINGPIGEON", 1, kBodies, kNone,
     [](const Candles& b, double) {
       return bull_if(
           all(b.black(1), b.black(0), b.is_long(1), b.not_long(0), b.open(0) < b.open(1), b.close(0) > b.close(1)));
     },
     "Homing pigeon: a black body that is not long inside the long black one before. Gives 100."},
    {"cdl_matchinglow", "TA-Lib CDLMATCHINGLOW", 1, kLastRanges, kNone,
     [](const Candles& b, double) { return bull_if(all(b.black(1), b.black(0), b.equal(b.close(0), b.close(1), 1))); },
     "Matching low: two black candles that close at about the same price. Gives 100."},
    {"cdl_sticksandwich", "TA-Lib CDLSTICKSANDWICH", 2, kLastRanges, kNone,
     [](const Candles& b, double) {
       return bull_if(b.black(2) && b.white(1) && b.black(0) && b.low(1) > b.close(2) &&
                      b.equal(b.close(0), b.close(2), 2));
     },
     "Stick sandwich: a white candle that stays above the close before it, between two black ones that close at about "
     "the same price. Gives 100."},
    {"cdl_onneck", "TA-Lib CDLONNECK", 1, kBodies | kLastRanges, kNone,
     [](const Candles& b, double) { return bear_if(below_long_black(b) && b.equal(b.close(0), b.low(1), 1)); },
     "On-neck: a long black candle, then a white one that opens below its low and closes at about its low. Gives "
     "-100."},
    {"cdl_inneck", "TA-Lib CDLINNECK", 1, kBodies | kLastRanges, kNone,
     [](const Candles& b, double) {
       return bear_if(below_long_black(b) && b.equal(b.close(0), b.close(1), 1) && b.close(0) >= b.close(1));
     },
     "In-neck: a long black candle, then a white one that opens below its low and closes at its close or just above. "
     "Gives -100."},
    {"cdl_thrusting", "TA-Lib CDLTHRUSTING", 1, kBodies | kLastRanges, kNone,
     [](const Candles& b, double) {
       return bear_if(below_long_black(b) && b.close(0) > b.close(1) && !b.equal(b.close(0), b.close(1), 1) &&
                      b.close(0) <= b.close(1) + b.body(1) * 0.5);
     },
     "Thrusting: a long black candle, then a white one that opens below its low and closes above its close, but not in "
     "the upper half of its body. Gives -100."},
    {"cdl_kicking", "TA-Lib CDLKICKING", 1, kBodies | kRanges, kNone,
     [](const Candles& b, double) { return color_if(kicking(b), b.color(0)); },
     "Kicking: two long bodies without shadows, of different colors, with a gap away from the first. 100 where the "
     "last "
     "is white, -100 where black."},
    {"cdl_kickingbylength", "TA-Lib CDLKICKINGBYLENGTH", 1, kBodies | kRanges, kNone,
     [](const Candles& b, double) { return color_if(kicking(b), b.color(b.body(0) > b.body(1) ? 0 : 1)); },
     "Kicking by length: kicking, with the sign of the longer body. 100 where that is white, -100 where black."},
    {"cdl_ladderbottom", "TA-Lib CDLLADDERBOTTOM", 4, kRanges, kNone,
     [](const Candles& b, double) {
       return bull_if(b.black(4) && b.black(3) && b.black(2) && b.open(4) > b.open(3) && b.open(3) > b.open(2) &&
                      b.close(4) > b.close(3) && b.close(3) > b.close(2) && b.black(1) && b.upper(1) > b.tiny(1) &&
                      b.white(0) && b.open(0) > b.open(1) && b.close(0) > b.high(1));
     },
     "Ladder bottom: three black candles that open and close lower each, a black one with an upper shadow, then a "
     "white "
     "one that opens above its body and closes above its high. Gives 100."},
    {"cdl_mathold", "TA-Lib CDLMATHOLD", 4, kBodies, 0.5,
     [](const Candles& b, double penetration) {
       const double least = b.close(4) - b.body(4) * penetration;
       return bull_if(all(b.gap_up(3, 4), b.white(4), b.black(3), b.white(0)) && b.is_long(4) && b.is_short(3) &&
                      b.is_short(2) && b.is_short(1) && b.bottom(2) < b.close(4) && b.bottom(1) < b.close(4) &&
                      b.bottom(2) > least && b.bottom(1) > least && b.top(2) < b.open(3) && b.top(1) < b.top(2) &&
                      b.open(0) > b.close(1) && b.close(0) > std::max(std::max(b.high(3), b.high(2)), b.high(1)));
     },
     "Mat hold: a long white candle, three short ones that begin above it and fall into its body by less than the "
     "penetration, a fraction of it, then a white one that closes above them all. Gives 100."},
    {"cdl_risefall3methods", "TA-Lib CDLRISEFALL3METHODS", 4, kBodies, kNone,
     [](const Candles& b, double) {
       const auto inside_first = [&b](std::size_t k) { return b.bottom(k) < b.high(4) && b.top(k) > b.low(4); };
       const double way = b.color(4);
       return color_if(all(!b.same_color(4, 3), b.same_color(3, 2), b.same_color(2, 1), !b.same_color(1, 0)) &&
                           b.is_long(4) && b.is_short(3) && b.is_short(2) && b.is_short(1) && b.is_long(0) &&
                           inside_first(3) && inside_first(2) && inside_first(1) &&
                           b.close(2) * way < b.close(3) * way && b.close(1) * way < b.close(2) * way &&
                           b.open(0) * way > b.close(1) * way && b.close(0) * way > b.close(4) * way,
                       way);
     },
     "Rising and falling three methods: a long body, three short ones of the other color that go back inside its "
     "range, "
     "then a long one of the first color that closes beyond the first. 100 rising, -100 falling."},
    {"cdl_tristar", "TA-Lib CDLTRISTAR", 2, kRanges, kNone,
     [](const Candles& b, double) {
       // All three are measured by the first one's mean.
       if (!all(b.body(2) <= b.tiny(2), b.body(1) <= b.tiny(2), b.body(0) <= b.tiny(2))) return 0.0;
       if (b.gap_up(1, 2) && b.top(0) < b.top(1)) return -100.0;
       return bull_if(b.gap_down(1, 2) && b.bottom(0) > b.bottom(1));
     },
     "Tristar: three dojis, the second beyond a gap, the third less far. 100 where the gap is downward, -100 where "
     "upward."},
    {"cdl_unique3river", "TA-Lib CDLUNIQUE3RIVER", 2, kBodies, kNone,
     [](const Candles& b, double) {
       return bull_if(b.is_long(2) && b.black(2) && b.black(1) && b.close(1) > b.close(2) && b.open(1) <= b.open(2) &&
                      b.low(1) < b.low(2) && b.is_short(0) && b.white(0) && b.open(0) > b.low(1));
     },
     "Unique three river: a long black candle, a black one inside its body with a lower low, then a short white one "
     "that "
     "opens above that low. Gives 100."},
    {"cdl_hikkake", "TA-Lib CDLHIKKAKE", 5, kNoMean, kNone, hikkake<hikkake_setup>,
     "Hikkake: a candle inside the range before it, then one with a lower high and low (100, a rise is awaited) or a "
     "higher high and low (-100). 200 or -200 on the first close within three rows that lies beyond the inside "
     "candle's "
     "high or low and so confirms it."},
    {"cdl_hikkakemod", "TA-Lib CDLHIKKAKEMOD", 5, kLastRanges, kNone, hikkake<modified_setup>,
     "Modified hikkake: a hikkake whose inside candle follows another inside candle that closes near its low (100) or "
     "its high (-100); confirmed as a hikkake, 200 or -200."},
};

}  // namespace argosy::formula::candle_patterns
