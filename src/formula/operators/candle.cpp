// The loop that computes every candlestick pattern of candle_patterns.hpp; and the bull flag.
#include <algorithm>
#include <deque>
#include <string>
#include <utility>

#include "formula/operators/bull_flag.hpp"
#include "formula/operators/candle_patterns.hpp"
#include "formula/operators/candle_rows.hpp"
#include "formula/operators/registry.hpp"
#include "formula/operators/wide.hpp"

namespace argosy::formula {
namespace {

using candle_patterns::kCandlePatterns;

constexpr std::size_t kPatternCount = std::size(kCandlePatterns);

template <std::size_t kIndex>
struct PatternKernel final : Kernel {
  explicit PatternKernel(double limit)
      : rows(kCandlePatterns[kIndex].lookback(), kCandlePatterns[kIndex].means), penetration(limit) {}
  void run(const Chunk& chunk) override {
    constexpr auto kAt = kCandlePatterns[kIndex].at;
    const double limit = penetration;
    double* out = chunk.out[0];
    rows.run(chunk, [out, limit](std::size_t i, std::size_t count, const Candles& first, const double* unknown) {
      // Into a place of its own, which the compiler knows to be apart from the rows.
      double values[CandleRows::kBlock];
      for_rows(count, [&](std::size_t j) { values[j] = kAt(first.later(j), limit) + unknown[j]; });
      std::copy_n(values, count, out + i);
    });
  }
  void reset() override { rows.reset(); }
  void persist(StateArchive& archive) override { archive(rows); }

  CandleRows rows;
  double penetration;
};

// Texts made here live as long as the program, as those of the table do.
std::string_view keep(std::string text) {
  static std::deque<std::string> texts;
  return texts.emplace_back(std::move(text));
}

// The pattern's own words and those of the measures it uses.
std::string_view full_meaning(const candle_patterns::CandlePattern& pattern) {
  std::string text(pattern.meaning);
  text += " Elsewhere 0.";
  if ((pattern.means & kBodies) != 0)
    text += " A body reaches from open to close; it is long above and short below the mean length of the 10 before it.";
  if ((pattern.means & kRanges) != 0)
    text +=
        " A doji's body is at most a tenth of the mean high - low of the 10 rows before; a shadow below that counts as "
        "none.";
  if ((pattern.means & kShadows) != 0)
    text += " A short shadow is below the mean shadow of the 10 rows before, upper and lower ones taken together.";
  if ((pattern.means & kLastRanges) != 0)
    text +=
        " Near, far and about the same are a fifth, three fifths and a twentieth of the mean high - low of the 5 "
        "rows before.";
  return keep(std::move(text));
}

template <std::size_t kIndex>
Operator pattern_operator() {
  const candle_patterns::CandlePattern& pattern = kCandlePatterns[kIndex];
  Operator op{.name = pattern.name,
              .family = "candle",
              .parameters = {},
              .fields = {"open", "high", "low", "close"},
              .memory = Memory::kWindow,
              .lookback = [](Arguments) { return kCandlePatterns[kIndex].lookback(); },
              .make = [](Arguments arguments) -> std::unique_ptr<Kernel> {
                return std::make_unique<PatternKernel<kIndex>>(arguments.empty() ? 0.0 : arguments[0]);
              },
              .meaning = full_meaning(pattern),
              .warm_up = keep(std::to_string(pattern.lookback()) + " rows"),
              .source = pattern.source};
  if (pattern.penetration >= 0) {
    op.parameters.push_back({.name = "penetration",
                             .kind = ParameterKind::kNumber,
                             .standard = pattern.penetration,
                             .minimum = 0,
                             .maximum = 1e6});
  }
  return op;
}

}  // namespace

std::vector<Operator> candle_operators() {
  std::vector<Operator> all;
  [&all]<std::size_t... kIndex>(std::index_sequence<kIndex...>) {
    (all.push_back(pattern_operator<kIndex>()), ...);
  }(std::make_index_sequence<kPatternCount>());
  all.push_back(bull_flag_operator());
  return all;
}

}  // namespace argosy::formula
