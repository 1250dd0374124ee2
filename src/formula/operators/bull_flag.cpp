#include "formula/operators/bull_flag.hpp"

#include <algorithm>

#include "formula/operators/candle_rows.hpp"

namespace argosy::formula {
namespace {

double between_0_and_1(double x) { return x > 0 ? std::min(x, 1.0) : 0.0; }

struct BullFlag final : Kernel {
  BullFlag(std::size_t pole_length, std::size_t flag_length)
      : pole_rows(pole_length), flag_rows(flag_length), rows(pole_length + flag_length, kNoMean) {}

  void run(const Chunk& chunk) override {
    rows.run(chunk, [&](std::size_t i, std::size_t count, const Candles& first, const double* unknown) {
      for (std::size_t j = 0; j < count; ++j) {
        if (!is_nan(unknown[j])) {
          measure(chunk.out, i + j, first.later(j));
        } else {
          for (std::size_t k = 0; k < 4; ++k) chunk.out[k][i + j] = kNaN;
        }
      }
    });
  }
  void reset() override { rows.reset(); }
  void persist(StateArchive& archive) override { archive(rows); }

  void measure(double* const* out, std::size_t i, const Candles& bars) const {
    double base = bars.low(flag_rows + 1);
    double top = bars.high(flag_rows + 1);
    for (std::size_t k = flag_rows + 2; k <= flag_rows + pole_rows; ++k) {
      base = std::min(base, bars.low(k));
      top = std::max(top, bars.high(k));
    }
    double lowest = bars.low(1);
    double highest = bars.high(1);
    for (std::size_t k = 2; k <= flag_rows; ++k) {
      lowest = std::min(lowest, bars.low(k));
      highest = std::max(highest, bars.high(k));
    }
    const double slope = slope_of_highs(bars);
    double line = bars.high(1) + slope;
    for (std::size_t k = 2; k <= flag_rows; ++k) line = std::max(line, bars.high(k) + slope * static_cast<double>(k));

    const double rise = top - base;
    const double depth = rise == 0 ? 0 : (top - lowest) / rise;
    const double above = rise == 0 ? 1 : (highest - top) / rise;
    const double climb = rise == 0 ? 1 : slope * static_cast<double>(flag_rows) / rise;
    out[0][i] = clean(rise / base);
    out[1][i] = clean(depth);
    out[2][i] = clean(line);
    out[3][i] = clean(straightness(bars) * between_0_and_1(1 - depth) * between_0_and_1(1 - above) *
                      between_0_and_1(1 - climb));
  }

  // Of the least-squares line through the flag's highs, a row. Highs are taken relative to the last one.
  [[nodiscard]] double slope_of_highs(const Candles& bars) const {
    const double middle = 0.5 * static_cast<double>(flag_rows + 1);
    double products = 0;
    double squares = 0;
    for (std::size_t k = 1; k <= flag_rows; ++k) {
      const double x = middle - static_cast<double>(k);
      products += x * (bars.high(k) - bars.high(1));
      squares += x * x;
    }
    return products / squares;
  }

  // The share of the variance of the pole's closes that their least-squares line explains, 0 where it does not rise.
  [[nodiscard]] double straightness(const Candles& bars) const {
    const double n = static_cast<double>(pole_rows);
    const double middle = static_cast<double>(flag_rows) + 0.5 * (n + 1);
    const double reference = bars.close(flag_rows + 1);
    double sum = 0;
    for (std::size_t k = flag_rows + 1; k <= flag_rows + pole_rows; ++k) sum += bars.close(k) - reference;
    double products = 0;
    double squares = 0;
    double deviations = 0;
    for (std::size_t k = flag_rows + 1; k <= flag_rows + pole_rows; ++k) {
      const double x = middle - static_cast<double>(k);
      const double y = bars.close(k) - reference - sum / n;
      products += x * y;
      squares += x * x;
      deviations += y * y;
    }
    if (!(products > 0)) return 0;
    return std::min(products / squares * (products / deviations), 1.0);
  }

  std::size_t pole_rows;
  std::size_t flag_rows;
  CandleRows rows;
};

}  // namespace

Operator bull_flag_operator() {
  using enum ParameterKind;
  return {
      .name = "bull_flag",
      .family = "candle",
      .parameters = {{.name = "pole", .kind = kInteger, .standard = 10, .minimum = 2, .maximum = 1000},
                     {.name = "flag", .kind = kInteger, .standard = 5, .minimum = 2, .maximum = 1000}},
      .fields = {"open", "high", "low", "close"},
      .outputs = {"pole", "flag", "breakout", "quality"},
      .memory = Memory::kWindow,
      .cost = Cost::kWindow,
      .lookback = [](Arguments a) { return static_cast<std::size_t>(a[0] + a[1]); },
      .make = [](Arguments a) -> std::unique_ptr<Kernel> {
        return std::make_unique<BullFlag>(static_cast<std::size_t>(a[0]), static_cast<std::size_t>(a[1]));
      },
      .meaning =
          "A bull flag that this row may leave: the flag is the `flag` rows before this one, the pole the `pole` rows "
          "before these. B is the pole's lowest low, T its highest high, L and H the flag's lowest low and highest "
          "high. pole = (T - B) / B, its rise as a fraction. flag = (T - L) / (T - B), the pull-back as a fraction of "
          "the pole, 0 where T is B. breakout = the level at this row of the flag's upper line: with s the slope of "
          "the least-squares line through the flag's highs, a row, the highest of high[k] + s k over its rows k = 1 to "
          "`flag`; a close above it leaves the flag. quality, from 0 to 1, is a product of four: how straight the pole "
          "rises (the r squared of its closes on their rows, 0 where they fall), 1 - flag (a shallow pull-back), "
          "1 - (H - T) / (T - B) (the flag stays below the pole), 1 - s flag rows / (T - B) (its highs do not rise), "
          "each cut to 0 to 1; 0 where T is B.",
      .warm_up = "pole + flag rows",
      .source =
          "the form as R. D. Edwards and J. Magee describe it, Technical Analysis of Stock Trends; the measures are "
          "defined here"};
}

}  // namespace argosy::formula
