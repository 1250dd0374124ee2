// Random formulas and columns for properties and fuzzers, made of bytes: the same bytes always give the same, so that
// a failure can be kept in a file, repeated and made smaller byte by byte.
//
//   Choices choices(bytes);
//   const std::string text = AnyFormula(choices).number(4);
//   const Columns columns = any_columns(plan.fields(), any_row_count(choices), choices);
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/rng.hpp"
#include "core/text.hpp"
#include "formula/detail/parser.hpp"
#include "formula/operators/barrier.hpp"
#include "formula/operators/registry.hpp"

namespace argosy::formula::properties {

// Decisions read from bytes; behind their end they are drawn from a generator that the bytes seed, so that few bytes
// make whole formulas and panels too.
class Choices {
 public:
  explicit Choices(std::span<const std::uint8_t> bytes) : bytes_(bytes), rest_(hash(bytes)) {}

  // One of 0 to count - 1; count from 1 to 65,536.
  std::size_t below(std::size_t count) {
    if (count <= 1) return 0;
    std::size_t value = byte();
    if (count > 256) value = value << 8U | byte();
    return value % count;
  }
  bool one_in(std::size_t count) { return below(count) + 1 == count; }
  template <class T, std::size_t kCount>
  const T& of(const std::array<T, kCount>& all) {
    return all[below(kCount)];
  }
  std::uint64_t seed() { return below(65'536); }

 private:
  std::uint8_t byte() {
    if (bytes_.empty()) return static_cast<std::uint8_t>(rest_.below(256));
    const std::uint8_t first = bytes_.front();
    bytes_ = bytes_.subspan(1);
    return first;
  }
  static std::uint64_t hash(std::span<const std::uint8_t> bytes) {
    std::uint64_t state = 0;
    for (const std::uint8_t each : bytes) state = (state + each + 1) * 0x9E37'79B9'7F4A'7C15U;
    return state;
  }

  std::span<const std::uint8_t> bytes_;
  core::Rng rest_;
};

// What a formula may hold besides plain operators.
struct AnyFormulaOptions {
  bool barriers = false;  // cross-sections, on("1w", ...), of("B", ...)
  bool labels = false;    // ahead(x, n)
};

// Formulas of the whole operator table, `depth` levels deep.
class AnyFormula {
 public:
  explicit AnyFormula(Choices& choices, AnyFormulaOptions options = {}) : choices_(choices), options_(options) {}

  std::string number(int depth) {
    if (depth <= 0) return std::string(choices_.of(kNumbers));
    switch (choices_.below(options_.barriers ? 9 : 7)) {
      case 0:
        return fmt::format("({} {} {})", number(depth - 1), choices_.of(kArithmetic), number(depth - 1));
      case 1:
        return fmt::format("({} ? {} : {})", truth(depth - 1), number(depth - 1), number(depth - 1));
      case 2:
        return fmt::format("({})[{}]", number(depth - 1), 1 + choices_.below(30));
      case 7:
      case 8:
        return barrier(depth);
      default:
        return call(depth, false);
    }
  }

  std::string truth(int depth) {
    if (depth <= 0) return std::string(choices_.of(kTruths));
    switch (choices_.below(7)) {
      case 0:
        return fmt::format("({} {} {})", number(depth - 1), choices_.of(kComparisons), number(depth - 1));
      case 1:
        return fmt::format("(not {})", truth(depth - 1));
      case 2:
        return fmt::format("({} {} {})", truth(depth - 1), choices_.below(2) == 0 ? "and" : "or", truth(depth - 1));
      case 3:
        return fmt::format("({})[{}]", truth(depth - 1), 1 + choices_.below(30));
      default:
        return call(depth, true);
    }
  }

 private:
  static constexpr std::array<std::string_view, 14> kNumbers = {"close", "open",      "high",   "low",    "volume",
                                                                "hl2",   "raw.close", "vwap",   "close",  "3",
                                                                "0.5",   "1e300",     "1e-300", "weekday"};
  static constexpr std::array<std::string_view, 4> kTruths = {"close > open", "true", "is_month_end", "close == low"};
  static constexpr std::array<std::string_view, 4> kArithmetic = {"+", "-", "*", "/"};
  static constexpr std::array<std::string_view, 6> kComparisons = {"<", "<=", ">", ">=", "==", "!="};

  // A call of any operator there is that gives a number, or a truth value.
  std::string call(int depth, bool truth_wanted) {
    const std::vector<const Operator*>& fitting = truth_wanted ? truths() : numbers();
    const Operator& op = *fitting[choices_.below(fitting.size())];
    std::vector<std::string> arguments;
    for (const Parameter& parameter : op.parameters) {
      if (!is_series(parameter.kind)) {
        arguments.push_back(constant(parameter));
      } else {
        arguments.push_back(parameter.kind == ParameterKind::kTruthSeries ? truth(depth - 1) : number(depth - 1));
      }
    }
    std::string text = fmt::format("{}({})", op.name, core::join(arguments, ", "));
    if (!op.outputs.empty()) text += fmt::format(".{}", op.outputs[choices_.below(op.outputs.size())]);
    return text;
  }

  std::string barrier(int depth) {
    const auto all = barrier_operators();
    const BarrierOperator& op = all[choices_.below(all.size())];
    const std::string inner = number(depth - 1);
    switch (op.kind) {
      case BarrierKind::kOther:
        return op.name == "on" ? fmt::format("on(\"{}\", {})", choices_.below(2) == 0 ? "1w" : "1M", inner)
                               : fmt::format("of(\"{}\", {})", choices_.below(2) == 0 ? "B" : "C", inner);
      case BarrierKind::kAhead:
        return options_.labels ? fmt::format("ahead({}, {})", inner, 1 + choices_.below(20)) : inner;
      case BarrierKind::kCrossSection:
        break;
    }
    std::string text = fmt::format("{}({}", op.name, inner);
    for (const Parameter& parameter : op.parameters) text += ", " + constant(parameter);
    return text + (choices_.one_in(3) ? ", by: sector)" : ")");
  }

  // Near the least that is allowed; one in eight is far from it.
  std::string constant(const Parameter& parameter) {
    const double most = std::min(parameter.maximum - parameter.minimum, choices_.one_in(8) ? 400.0 : 20.0);
    double value = parameter.minimum + most * static_cast<double>(choices_.below(201)) / 200.0;
    if (parameter.kind == ParameterKind::kInteger) value = std::floor(value);
    return core::format_double(value);
  }

  // The operators that are called by a name.
  static std::vector<const Operator*> named(bool truth_wanted) {
    std::vector<const Operator*> fitting;
    for (const Operator& op : all_operators()) {
      const bool word = std::isalpha(static_cast<unsigned char>(op.name[0])) != 0;
      if (word && !is_keyword(op.name) && op.name != "negate" && (op.result == ResultType::kTruth) == truth_wanted)
        fitting.push_back(&op);
    }
    return fitting;
  }
  static const std::vector<const Operator*>& numbers() {
    static const auto kAll = named(false);
    return kAll;
  }
  static const std::vector<const Operator*>& truths() {
    static const auto kAll = named(true);
    return kAll;
  }

  Choices& choices_;
  AnyFormulaOptions options_;
};

using Columns = std::map<std::string, std::vector<double>, std::less<>>;

inline std::size_t any_row_count(Choices& choices) { return 1 + choices.below(choices.one_in(8) ? 900 : 250); }

// Prices, walks, ties, constants, tiny and huge values, and such that are hard to compute with.
inline std::vector<double> any_column(std::size_t rows, Choices& choices) {
  constexpr double kHuge = std::numeric_limits<double>::max();
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  static constexpr std::array<double, 16> kHard = {0,     -0.0,   1,     -1,     0.1,       1e12,       -1e12,  1e-12,
                                                   1e300, -1e300, kHuge, -kHuge, kInfinity, -kInfinity, 5e-324, 1e-308};
  static constexpr std::array<double, 6> kGaps = {0, 0, 0, 0.02, 0.1, 0.4};
  const std::size_t kind = choices.below(10);
  const double gaps = choices.of(kGaps);
  const std::size_t gap_at_start = choices.one_in(4) ? choices.below(60) : 0;
  core::Rng rng(choices.seed());
  std::vector<double> column(rows);
  double level = 10'000;
  for (std::size_t i = 0; i < rows; ++i) {
    double& value = column[i];
    const auto draw = [&rng](std::uint64_t count) { return static_cast<double>(rng.below(count)); };
    level += draw(9) - 4;
    switch (kind) {
      case 0:  // a walk in cents
        value = level / 100;
        break;
      case 1:  // prices without memory
        value = (100 + draw(20'000)) / 100;
        break;
      case 2:  // one value
        value = 0.1;
        break;
      case 3:  // few values: ties
        value = draw(3);
        break;
      case 4:  // few values, of both signs
        value = (draw(5) - 2) / 3;
        break;
      case 5:  // products and squares below the least double
        value = draw(1000) * 1e-310;
        break;
      case 6:  // sums and products beyond the greatest
        value = (draw(3) - 1) * (rng.below(4) == 0 ? 1.7e308 : 1e307);
        break;
      case 7:  // volumes with days of none
        value = rng.below(4) == 0 ? 0 : draw(1'000'000'000);
        break;
      case 8:  // a walk with spikes
        value = rng.below(40) == 0 ? 1e12 : level / 100;
        break;
      default:
        value = kHard.at(rng.below(kHard.size()));
        break;
    }
    if (i < gap_at_start || rng.uniform() < gaps) value = std::numeric_limits<double>::quiet_NaN();
  }
  return column;
}

// A column for each field; one time in two the bars fit together: no price is above the high or below the low.
inline Columns any_columns(std::span<const std::string> fields, std::size_t rows, Choices& choices) {
  Columns columns;
  for (const std::string& field : fields) {
    std::vector<double>& column = columns[field] = any_column(rows, choices);
    if (field != "is_month_end") continue;
    for (double& value : column) value = std::isnan(value) ? value : (value > 1 ? 1.0 : 0.0);
  }
  if (choices.below(2) == 0) return columns;
  for (const char* extreme : {"high", "low"}) {
    const auto found = columns.find(extreme);
    if (found == columns.end()) continue;
    for (const auto& [name, column] : columns) {
      if (name != "open" && name != "high" && name != "low" && name != "close") continue;
      for (std::size_t i = 0; i < rows; ++i) {
        double& value = found->second[i];
        if (found->first == "high" ? value < column[i] : value > column[i]) value = column[i];
      }
    }
  }
  return columns;
}

}  // namespace argosy::formula::properties
