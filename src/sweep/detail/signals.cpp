#include "sweep/detail/signals.hpp"

#include <algorithm>
#include <bit>
#include <utility>

#include "strategy/compiled_strategy.hpp"

namespace argosy::sweep {

using strategy::Role;

namespace {

// Rows evaluated at once: what some hundred conditions need of so many stays in the cache.
constexpr std::size_t kRows = 256;
// Columns do not begin at the same offset within a page: a store to one would stall loads from the others.
constexpr std::size_t kStride = kRows + 40;
static_assert(kRows % 64 == 0);

// The bits of up to 64 conditions: set where one is 1, not where it is 0 or unknown.
std::uint64_t pack(const double* values, std::size_t count) {
  std::uint64_t word = 0;
  for (std::size_t k = 0; k < count; ++k) word |= std::uint64_t{values[k] == 1.0} << k;
  return word;
}

// Adds the bits of `count` rows to those of a column, from a row of the part on.
void store(std::span<std::uint64_t> words, std::size_t row, const double* values, std::size_t count) {
  for (std::size_t done = 0; done < count;) {
    const std::size_t shift = (row + done) % 64;
    const std::size_t some = std::min(64 - shift, count - done);
    words[(row + done) / 64] |= pack(values + done, some) << shift;
    done += some;
  }
}

}  // namespace

std::span<const double> SharedColumns::column(const std::string& field) {
  const std::scoped_lock lock(mutex_);
  const auto found = columns_.find(field);
  if (found != columns_.end()) return found->second;
  const core::Panel panel = data::make_panel({symbol_, 1}, {&field, 1}, prices_);
  const auto values = panel.entity(0).fields[0];
  return columns_.emplace(field, std::vector<double>(values.begin(), values.end())).first->second;
}

core::Result<formula::Plan> compile_conditions(std::span<const strategy::StrategyFile> strategies) {
  std::vector<formula::OutputGroup> groups;
  groups.reserve(strategies.size());
  for (const strategy::StrategyFile& strategy : strategies) {
    const std::string& sell = strategy.formula(Role::kSell);
    groups.push_back({.outputs = {{.name = "buy", .text = strategy.formula(Role::kBuy)},
                                  {.name = "sell", .text = sell.empty() ? "false" : sell}},
                      .options = strategy::formula_options(strategy)});
  }
  ARGOSY_TRY(formula::Plan plan, formula::compile_groups(groups));
  for (const formula::OutputColumn& output : plan.outputs()) {
    if (output.type != formula::ValueType::kTruth)
      return core::fail(core::ErrorCode::kInvalidArgument, output.name + " is no condition");
  }
  return plan;
}

void evaluate_conditions(const formula::Plan& plan, SharedColumns& columns, SignalBits& out) {
  const backtest::RowRange part = out.rows();
  const std::size_t end = part.first + part.count;
  std::vector<std::span<const double>> whole;
  for (const std::string& field : plan.fields()) whole.push_back(columns.column(field));
  std::vector<double> values(plan.outputs().size() * kStride);
  std::vector<std::span<const double>> fields(whole.size());
  std::vector<std::span<double>> outputs;
  for (std::size_t k = 0; k < plan.outputs().size(); ++k)
    outputs.push_back(std::span(values).subspan(k * kStride, kRows));
  formula::Evaluator evaluator(plan);
  for (std::size_t from = 0; from < end; from += kRows) {
    const std::size_t count = std::min(kRows, end - from);
    for (std::size_t f = 0; f < fields.size(); ++f) fields[f] = whole[f].subspan(from, count);
    evaluator.evaluate(fields, outputs, count);
    if (from + count <= part.first) continue;  // before the part the formulas only warm up
    const std::size_t skip = from < part.first ? part.first - from : 0;
    for (std::size_t k = 0; k < outputs.size(); ++k)
      store(out.words(k), from + skip - part.first, outputs[k].data() + skip, count - skip);
  }
  // Where both hold at once the strategy contradicts itself, and stays out.
  for (std::size_t k = 0; k < outputs.size(); k += 2) {
    const auto buys = out.words(k);
    const auto sells = out.words(k + 1);
    for (std::size_t w = 0; w < buys.size(); ++w) buys[w] &= ~sells[w];
  }
}

std::size_t evaluation_bytes(std::size_t count) {
  // Of each condition a column of results, about as many of values between, and the operators' state and steps.
  constexpr std::size_t kState = 4'096;
  return count * 2 * (3 * kStride * sizeof(double) + kState);
}

}  // namespace argosy::sweep
