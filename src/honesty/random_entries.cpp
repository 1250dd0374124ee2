#include "honesty/random_entries.hpp"

#include <tbb/parallel_for.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "backtest/market_part.hpp"
#include "backtest/statistics.hpp"
#include "core/rng.hpp"
#include "honesty/bootstrap.hpp"
#include "market/bar.hpp"

namespace argosy::honesty {
namespace {

using backtest::Feed;
using backtest::MarketData;
using backtest::RunSignals;
using backtest::Simulation;
using trading::InstrumentIndex;
using trading::Side;

constexpr std::int64_t kLeastEntries = 5;
constexpr std::size_t kWork = 2'000'000;   // bars that are simulated
constexpr std::size_t kMostBars = 50'000;  // of a run
constexpr std::size_t kMost = 199;
constexpr double kLeastFree = 0.05;
constexpr std::array kSides{Side::kBuy, Side::kSell};
constexpr std::uint8_t kEntries = strategy::kBuy | strategy::kShort;

// What a run is judged by.
double mean_trade_return(const Simulation& run) {
  double sum = 0;
  double count = 0;
  const auto add = [&](core::Price price, core::Quantity quantity, core::Money profit) {
    const double cost = std::abs(price.to_double() * quantity.to_double());
    if (!(cost > 0)) return;
    sum += profit.to_double() / cost;
    count += 1;
  };
  for (const engine::Trade& trade : run.trades) add(trade.entry_price, trade.quantity, trade.profit + trade.dividends);
  for (const Simulation::OpenPosition& open : run.open_positions) add(open.entry_price, open.quantity, open.profit);
  return count > 0 ? sum / count : 0;
}

double total_return(const Simulation& run) { return run.equity.back().to_double() / run.initial_cash.to_double() - 1; }

std::int64_t count_entries(const Simulation& run) {
  return static_cast<std::int64_t>(run.trades.size() + run.open_positions.size());
}

class RandomEntries {
 public:
  explicit RandomEntries(const EntryTestInput& input) : input_(input) {
    ranks_ = input.settings.engine.rebalance.has_value();
    if (ranks_) return;
    for (InstrumentIndex i = 0; i < input.market.symbols.size(); ++i) plans_.push_back(plan(i));
  }
  [[nodiscard]] bool ranks() const { return ranks_; }
  [[nodiscard]] double judge(const Simulation& run) const {
    return ranks_ ? total_return(run) : mean_trade_return(run);
  }

  [[nodiscard]] Simulation simulate_one(core::Rng rng) const {
    RunSignals signals;
    for (std::size_t i = 0; i < input_.market.symbols.size(); ++i) {
      const strategy::Signals& own = input_.signals.symbols[i];
      strategy::Signals other{.bits = own.bits, .columns = {}};
      if (ranks_) {
        other.columns = own.columns;
        shuffle_ranks(other, rng);
      } else {
        enter_at_random(i, other.bits, rng);
      }
      signals.symbols.push_back(std::move(other));
    }
    std::vector<Feed> feeds = make_feeds(input_.market, signals);
    if (!ranks_) {
      for (std::size_t i = 0; i < feeds.size(); ++i) feeds[i].columns = input_.signals.symbols[i].columns;
    }
    return simulate(input_.settings, feeds);
  }

 private:
  // Where a symbol may be entered, and how often.
  struct Plan {
    std::size_t first = 0;  // row
    std::size_t end = 0;
    std::array<std::size_t, 2> wanted{};  // by kSides
  };

  [[nodiscard]] Plan plan(InstrumentIndex i) const {
    const std::vector<std::int64_t>& keys = input_.market.symbols[i].bars.key;
    Plan out{.first = input_.warm ? 0 : std::min(keys.size(), input_.compiled.plan().warm_up()), .end = keys.size()};
    const auto row = [&](std::int64_t key) { return std::ranges::upper_bound(keys, key) - keys.begin(); };
    std::ptrdiff_t held = 0;
    std::array<std::size_t, 2> made{};
    for (const engine::Trade& trade : input_.run.trades) {
      if (trade.instrument != i) continue;
      held += row(trade.exit_key) - row(trade.entry_key);
      ++made[trade.side == Side::kBuy ? 0 : 1];
    }
    for (const Simulation::OpenPosition& open : input_.run.open_positions) {
      if (open.instrument != i) continue;
      held += static_cast<std::ptrdiff_t>(keys.size()) - row(open.entry_key);
      ++made[open.quantity.is_negative() ? 1 : 0];
    }
    const auto rows = static_cast<double>(std::max<std::size_t>(1, out.end - out.first));
    const double free = std::max(kLeastFree, 1 - static_cast<double>(held) / rows);
    for (std::size_t side = 0; side < made.size(); ++side) {
      const auto wanted = static_cast<std::size_t>(std::llround(static_cast<double>(made[side]) / free));
      out.wanted[side] = std::min(wanted, (out.end - out.first) / 4);
    }
    return out;
  }

  void enter_at_random(std::size_t i, std::vector<std::uint8_t>& bits, core::Rng& rng) const {
    const data::SymbolData& symbol = input_.market.symbols[i];
    const Plan& plan = plans_[i];
    for (std::uint8_t& bit : bits) bit = static_cast<std::uint8_t>(bit & ~kEntries);
    const bool always = !input_.request.members.times.contains(symbol.instrument.symbol);
    for (std::size_t side = 0; side < kSides.size(); ++side) {
      const std::uint8_t entry = side == 0 ? strategy::kBuy : strategy::kShort;
      // A universe may have the symbol for a short time only.
      std::size_t tries = 100 * plan.wanted[side];
      for (std::size_t left = plan.wanted[side]; left > 0 && tries > 0; --tries) {
        const std::size_t row = plan.first + rng.below(plan.end - plan.first);
        if ((bits[row] & kEntries) != 0) continue;
        if (!always && !input_.request.members.has(symbol.instrument.symbol, market::key_date(symbol.bars.key[row])))
          continue;
        bits[row] = static_cast<std::uint8_t>(bits[row] | entry);
        --left;
      }
    }
  }

  void shuffle_ranks(strategy::Signals& signals, core::Rng& rng) const {
    const auto rank = input_.compiled.columns[static_cast<std::size_t>(strategy::Role::kRank)];
    if (!rank) return;
    for (double& value : signals.columns[*rank]) value = std::isnan(value) ? value : rng.uniform();
  }

  const EntryTestInput& input_;
  bool ranks_ = false;
  std::vector<Plan> plans_;
};

}  // namespace

std::size_t random_entry_replicates(std::size_t bars) {
  return std::clamp(kWork / std::max<std::size_t>(bars, 1), kWork / kMostBars, kMost);
}

namespace {

std::size_t count_bars(const MarketData& market) {
  std::size_t bars = 0;
  for (const data::SymbolData& symbol : market.symbols) bars += symbol.bars.size();
  return bars;
}

// As keep_part(), of signals that others still need.
strategy::Signals part_of(const strategy::Signals& whole, const backtest::RowRange& rows) {
  const auto first = static_cast<std::ptrdiff_t>(rows.first);
  const auto end = first + static_cast<std::ptrdiff_t>(rows.count);
  strategy::Signals out{.bits = {whole.bits.begin() + first, whole.bits.begin() + end}, .columns = {}};
  for (const std::vector<double>& column : whole.columns)
    out.columns.emplace_back(column.begin() + first, column.begin() + end);
  return out;
}

EntryTest try_all(const EntryTestInput& input, std::uint64_t seed) {
  const std::size_t bars = count_bars(input.market);
  EntryTest out{.entries = count_entries(input.run), .bars = static_cast<std::int64_t>(bars)};
  const RandomEntries random(input);
  out.measure = random.ranks() ? "total return" : "mean return of a trade";
  if (out.entries < kLeastEntries) return out;
  const std::size_t replicates = random_entry_replicates(bars);
  const core::Rng rng = core::Rng(seed).fork(20);
  std::vector<double> drawn(replicates);
  std::vector<double> entries(replicates);
  tbb::parallel_for(std::size_t{0}, replicates, [&](std::size_t r) {
    const Simulation run = random.simulate_one(rng.fork(r));
    drawn[r] = random.judge(run);
    entries[r] = static_cast<double>(count_entries(run));
  });
  out.replicates = static_cast<std::int64_t>(replicates);
  out.actual = random.judge(input.run);
  const auto as_good = std::ranges::count_if(drawn, [&](double value) { return value >= out.actual; });
  out.p_value = static_cast<double>(1 + as_good) / static_cast<double>(1 + replicates);
  for (std::size_t r = 0; r < replicates; ++r) {
    out.random_mean += drawn[r] / static_cast<double>(replicates);
    out.random_entries += entries[r] / static_cast<double>(replicates);
  }
  std::ranges::sort(drawn);
  out.random_low = quantile(drawn, 0.05);
  out.random_high = quantile(drawn, 0.95);
  return out;
}

}  // namespace

EntryTest try_random_entries(const EntryTestInput& input, std::uint64_t seed) {
  const std::size_t bars = count_bars(input.market);
  const std::vector<std::int64_t>& keys = input.run.keys;
  if (bars <= kMostBars || keys.empty()) return try_all(input, seed);
  const std::size_t instants = std::max<std::size_t>(1, kMostBars * keys.size() / bars);
  const std::shared_ptr<const MarketData> whole(std::shared_ptr<void>(), &input.market);
  const auto part = take_part(whole, {.from = keys[keys.size() - instants], .to = std::nullopt});
  if (!part) return try_all(input, seed);  // a symbol has no bars then
  RunSignals signals;
  for (std::size_t i = 0; i < part->rows.size(); ++i)
    signals.symbols.push_back(part_of(input.signals.symbols[i], part->rows[i]));
  const Simulation run = simulate(input.settings, make_feeds(*part->market, signals));
  return try_all({.request = input.request,
                  .compiled = input.compiled,
                  .settings = input.settings,
                  .market = *part->market,
                  .signals = signals,
                  .run = run,
                  .warm = true},
                 seed);
}

}  // namespace argosy::honesty
