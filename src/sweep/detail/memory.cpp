#include "sweep/detail/memory.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/engine.hpp"
#include "trading/decision.hpp"
#include "trading/order.hpp"

namespace argosy::sweep {

using backtest::MarketData;
using backtest::MarketPart;

namespace {

constexpr std::size_t kMebibyte = 1024 * 1024;
// The program itself, its libraries, and what allocators keep.
constexpr std::size_t kProgram = 40 * kMebibyte;

std::size_t bytes_of(const data::SymbolData& symbol) {
  const market::BarColumns& bars = symbol.bars;
  return bars.size() * (sizeof(std::int64_t) + 4 * sizeof(core::Price)) +
         (bars.volume.size() + bars.vwap.size() + symbol.factors.price.size() + symbol.factors.split.size()) *
             sizeof(double) +
         bars.source.size();
}

std::size_t bytes_of(const MarketData& market) {
  std::size_t total = 0;
  for (const auto* list : {&market.symbols, &market.detail}) {
    for (const data::SymbolData& symbol : *list) total += bytes_of(symbol);
  }
  return total;
}

std::size_t rows_of(const MarketData& market) {
  std::size_t total = 0;
  for (const data::SymbolData& symbol : market.symbols) total += symbol.bars.size();
  return total;
}

// At most as many as there are bars.
std::size_t days_of(const MarketData& market, const MarketPart& part) {
  constexpr std::int64_t kDay = 86'400'000'000'000;
  std::size_t days = 0;
  for (std::size_t i = 0; i < market.symbols.size(); ++i) {
    if (part.rows[i].count == 0) continue;
    const auto& keys = market.symbols[i].bars.key;
    const std::int64_t span = keys[part.rows[i].first + part.rows[i].count - 1] - keys[part.rows[i].first];
    days += std::min(part.rows[i].count, static_cast<std::size_t>(span / kDay) + 2);
  }
  return days;
}

std::size_t mebibytes(std::size_t bytes) { return (bytes + kMebibyte - 1) / kMebibyte; }

}  // namespace

SweepMemory common_memory(const MarketData& market, const MarketPart& part, std::size_t settings, std::size_t columns,
                          const SweepWants& wants) {
  SweepMemory out;
  out.fixed = kProgram + bytes_of(market) + (part.whole ? 0 : bytes_of(*part.market)) +
              columns * rows_of(market) * sizeof(double) +
              settings * (sizeof(SweepResult) + sizeof(SweepSetting) + 10 * sizeof(double));
  if (wants.returns) out.fixed += settings * days_of(market, part) * sizeof(double);
  return out;
}

std::size_t kernel_worker_bytes(std::size_t rows, const SweepWants& wants) {
  const bool equity = wants.statistics || wants.returns;
  return rows * (sizeof(engine::Trade) + (equity ? sizeof(core::Money) + 2 * sizeof(double) : 0));
}

std::size_t core_worker_bytes(std::size_t rows, std::size_t columns) {
  // An order, its decision and its trade, where there is room for as many as the engine asks for.
  constexpr std::size_t kOrders = 65'536;
  constexpr std::size_t kOrder = sizeof(trading::Order) + sizeof(trading::Decision) + sizeof(engine::Trade);
  return rows * (1 + columns * sizeof(double) + sizeof(std::int64_t) + sizeof(core::Money) + 2 * sizeof(double)) +
         2 * std::min(rows, kOrders) * kOrder;
}

core::Result<std::size_t> SweepMemory::groups_a_chunk(std::size_t settings) const {
  const std::size_t least = fixed + workers * (worker + group);
  if (least > budget) {
    return core::fail(
        core::Error(core::ErrorCode::kLimit,
                    fmt::format("{} settings need at least {} MiB of memory, the budget is {} MiB", settings,
                                mebibytes(least), mebibytes(budget)))
            .with_hint(fmt::format("write --memory {}M, use fewer workers, or a shorter range", mebibytes(least))));
  }
  return 1 + (budget - least) / (workers * group);
}

}  // namespace argosy::sweep
