// Conditions of many settings over one symbol's bars, as bits: what several settings have in common is computed once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "backtest/market_part.hpp"
#include "core/result.hpp"
#include "data/symbol_data.hpp"
#include "formula/formula.hpp"
#include "strategy/strategy_file.hpp"
#include "sweep/kernel.hpp"

namespace argosy::sweep {

// The columns of doubles that formulas read, made when first asked for. May be used from several threads at once.
class SharedColumns {
 public:
  SharedColumns(const data::SymbolData& symbol, data::PriceMode prices) : symbol_(&symbol), prices_(prices) {}
  // It stays where it is.
  [[nodiscard]] std::span<const double> column(const std::string& field);

 private:
  const data::SymbolData* symbol_;
  data::PriceMode prices_;
  std::mutex mutex_;
  std::map<std::string, std::vector<double>> columns_;
};

// The signals of several strategies over the rows of a part.
class SignalBits {
 public:
  SignalBits(std::size_t count, backtest::RowRange rows)
      : words_(words_of(rows.count)), rows_(rows), bits_(2 * count * words_) {}

  [[nodiscard]] KernelSignals of(std::size_t k) const {
    const Bits all(bits_);
    return {.enter = all.subspan(2 * k * words_, words_), .leave = all.subspan((2 * k + 1) * words_, words_)};
  }
  // What it holds, in bytes.
  [[nodiscard]] static std::size_t bytes(std::size_t count, std::size_t rows) {
    return 2 * count * words_of(rows) * sizeof(std::uint64_t);
  }
  [[nodiscard]] backtest::RowRange rows() const { return rows_; }
  // Two spans of words a strategy: buys, then sells.
  [[nodiscard]] std::span<std::uint64_t> words(std::size_t column) {
    return std::span(bits_).subspan(column * words_, words_);
  }

 private:
  std::size_t words_;
  backtest::RowRange rows_;
  std::vector<std::uint64_t> bits_;
};

// One plan of the buy and the sell conditions of all strategies, in their order; kFalse stands for one that is missing.
// Errors: a formula that is wrong or no condition, looks beyond the symbol's rows, or depends on the position.
[[nodiscard]] core::Result<formula::Plan> compile_conditions(std::span<const strategy::StrategyFile> strategies);
// Over all rows up to the end of the part.
void evaluate_conditions(const formula::Plan& plan, SharedColumns& columns, SignalBits& out);
// What evaluate_conditions() holds beside the bits, in bytes; `count` strategies.
[[nodiscard]] std::size_t evaluation_bytes(std::size_t count);

}  // namespace argosy::sweep
