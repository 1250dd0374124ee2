// What every plan promises, tried on one plan over one panel; for properties and fuzzers.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "formula/any_formula.hpp"
#include "formula/formula.hpp"

namespace argosy::formula::properties {

inline bool same_bits(double a, double b) {
  return (std::isnan(a) && std::isnan(b)) || std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
}

using Outputs = std::vector<std::vector<double>>;

// Runs of one plan over one panel, and what is wrong with them: an empty text when nothing is.
class PlanRuns {
 public:
  PlanRuns(const Plan& plan, Columns columns, std::size_t rows)
      : plan_(plan), columns_(std::move(columns)), rows_(rows), whole_(run(columns_)) {}

  [[nodiscard]] const Outputs& whole() const { return whole_; }

  // Finite or NaN, no -0, truth values 0 or 1.
  [[nodiscard]] std::string impossible_value() const {
    for (std::size_t k = 0; k < whole_.size(); ++k) {
      const bool truth = plan_.outputs()[k].type == ValueType::kTruth;
      for (std::size_t i = 0; i < rows_; ++i) {
        const double value = whole_[k][i];
        if (std::isinf(value) || (value == 0 && std::signbit(value)) ||
            (truth && !std::isnan(value) && value != 0 && value != 1))
          return fmt::format("{} is {} in row {}", plan_.outputs()[k].name, value, i);
      }
    }
    return {};
  }

  // The lengths of the chunks are used in turn.
  [[nodiscard]] std::string differs_in_chunks(const std::vector<std::size_t>& lengths) const {
    Evaluator evaluator(plan_);
    Outputs out = empty();
    for (std::size_t at = 0, k = 0; at < rows_; ++k) {
      const std::size_t count = std::min(lengths[k % lengths.size()], rows_ - at);
      step(evaluator, columns_, out, at, count);
      at += count;
    }
    return difference(out, rows_, fmt::format("in chunks of {}", fmt::join(lengths, " ")));
  }

  [[nodiscard]] std::string differs_after_restart(std::size_t row) const {
    Evaluator before(plan_);
    Outputs out = empty();
    step(before, columns_, out, 0, row);
    Evaluator after(plan_);
    if (!after.restore(before.save())) return fmt::format("the state saved after {} rows is refused", row);
    step(after, columns_, out, row, rows_ - row);
    return difference(out, rows_, fmt::format("after a restart in row {}", row));
  }

  // A changed bit, a missing end or something behind it: refused, and the evaluator begins anew.
  [[nodiscard]] std::string takes_damaged_state(std::size_t row, Choices& choices) const {
    Evaluator evaluator(plan_);
    Outputs out = empty();
    step(evaluator, columns_, out, 0, row);
    std::string state = evaluator.save();
    switch (choices.below(3)) {
      case 0: {
        char& byte = state[choices.below(std::min<std::size_t>(state.size(), 65'536))];
        byte = static_cast<char>(byte ^ (1 << choices.below(8)));
        break;
      }
      case 1:
        state.resize(choices.below(std::min<std::size_t>(state.size(), 65'536)));
        break;
      default:
        state += state.back();
        break;
    }
    if (evaluator.restore(state)) return fmt::format("a damaged state of row {} is taken", row);
    step(evaluator, columns_, out, 0, rows_);
    return difference(out, rows_, "after a damaged state was refused");
  }

  // Rows from `known` on become others.
  [[nodiscard]] std::string looks_ahead(std::size_t known, Choices& choices) const {
    Columns other = columns_;
    for (auto& [name, column] : other) {
      const std::vector<double> future = any_column(rows_, choices);
      for (std::size_t i = known; i < rows_; ++i)
        column[i] = name == "is_month_end" ? (future[i] > 1 ? 1.0 : 0.0) : future[i];
    }
    return difference(run(other), known, fmt::format("when rows from {} on are others", known));
  }

  // Nothing when the first rows of `out` have the bits of the whole run.
  [[nodiscard]] std::string difference(const Outputs& out, std::size_t rows, const std::string& when) const {
    for (std::size_t k = 0; k < out.size(); ++k) {
      for (std::size_t i = 0; i < rows; ++i) {
        if (!same_bits(out[k][i], whole_[k][i]))
          return fmt::format("{} row {} is {} and {} {}", plan_.outputs()[k].name, i, whole_[k][i], out[k][i], when);
      }
    }
    return {};
  }

 private:
  [[nodiscard]] Outputs empty() const { return Outputs(plan_.outputs().size(), std::vector<double>(rows_, -77.0)); }
  [[nodiscard]] Outputs run(const Columns& columns) const {
    Evaluator evaluator(plan_);
    Outputs out = empty();
    step(evaluator, columns, out, 0, rows_);
    return out;
  }
  void step(Evaluator& evaluator, const Columns& columns, Outputs& out, std::size_t at, std::size_t count) const {
    std::vector<std::span<const double>> in;
    std::vector<std::span<double>> to;
    for (const std::string& field : plan_.fields())
      in.push_back(std::span(columns.find(field)->second).subspan(at, count));
    for (std::vector<double>& column : out) to.push_back(std::span(column).subspan(at, count));
    evaluator.evaluate(in, to, count);
  }

  const Plan& plan_;
  Columns columns_;
  std::size_t rows_;
  Outputs whole_;
};

// Two formulas and a panel made of choices. Empty, or what is broken and by which formulas.
inline std::string broken_promise(Choices& choices) {
  AnyFormula formulas(choices);
  const Output outputs[] = {{"a", formulas.number(static_cast<int>(1 + choices.below(4)))},
                            {"b", formulas.truth(static_cast<int>(1 + choices.below(3)))}};
  const auto plan = compile(outputs);
  if (!plan) return {};  // a constant part without a value
  const std::size_t rows = any_row_count(choices);
  Columns columns = any_columns(plan->fields(), rows, choices);
  const auto any_row = [&] { return choices.below(rows + 1); };
  const auto any_length = [&] { return 1 + choices.below(choices.below(2) == 0 ? 12 : 200); };
  const PlanRuns runs(*plan, columns, rows);
  std::string broken = runs.impossible_value();
  const auto hold = [&](std::string found) {
    if (broken.empty()) broken = std::move(found);
  };
  hold(runs.differs_in_chunks({1}));
  hold(runs.differs_in_chunks({any_length(), any_length(), any_length()}));
  hold(runs.differs_after_restart(any_row()));
  hold(runs.takes_damaged_state(any_row(), choices));
  hold(runs.looks_ahead(any_row(), choices));
  // Alone a formula has columns of its own; together they share them.
  const auto alone = compile({{outputs[0]}});
  if (!alone) return "the first formula does not compile alone";
  hold(runs.difference({PlanRuns(*alone, std::move(columns), rows).whole()}, rows, "without the other formula"));
  if (broken.empty()) return {};
  return fmt::format("{}\n  a: {}\n  b: {}\n  {} rows", broken, outputs[0].text, outputs[1].text, rows);
}

}  // namespace argosy::formula::properties
