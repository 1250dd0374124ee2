#include "live/strategy_makers.hpp"

#include <algorithm>
#include <expected>
#include <optional>
#include <set>

namespace argosy::live {

using core::Result;

namespace {

// More than can close between the reading of a history and its maker's taking in.
constexpr std::size_t kKeptBars = 512;

}  // namespace

Result<StrategyMakers::Made> StrategyMakers::make(const std::string& strategy, const std::string& symbol) const {
  ARGOSY_TRY(strategy::StrategyFile file, ports_.load(strategy));
  ARGOSY_TRY(strategy::CompiledStrategy compiled, strategy::compile_strategy(file));
  ARGOSY_TRY_VOID(check_tradable(file, compiled));
  std::vector<data::SymbolData> history;
  for (const std::string& each : symbols_read(compiled, symbol)) {
    ARGOSY_TRY(data::SymbolData bars, ports_.history(each, file.timeframe));
    history.push_back(std::move(bars));
  }
  return StrategyDecisions::make(std::move(file), std::move(compiled), std::move(history));
}

std::vector<SeriesName> StrategyMakers::series_of(std::span<const Wanted> services) const {
  struct Known {
    market::Timeframe timeframe;
    strategy::CompiledStrategy compiled;
  };
  std::map<std::string, std::optional<Known>> known;
  std::set<std::pair<std::string, core::Duration>> there;
  std::vector<SeriesName> out;
  for (const Wanted& each : services) {
    const auto [found, is_new] = known.try_emplace(each.strategy);
    if (is_new) {
      const auto file = ports_.load(each.strategy);
      auto compiled = file ? strategy::compile_strategy(*file) : std::unexpected(file.error());
      if (compiled && check_tradable(*file, *compiled)) found->second = Known{file->timeframe, *std::move(compiled)};
    }
    if (!found->second) continue;
    const Known& strategy = *found->second;
    for (std::string& symbol : symbols_read(strategy.compiled, each.symbol)) {
      if (there.emplace(symbol, strategy.timeframe.nominal()).second)
        out.push_back({std::move(symbol), strategy.timeframe});
    }
  }
  return out;
}

Result<void> StrategyMakers::prepare(const std::string& strategy, const std::string& symbol) {
  ARGOSY_TRY(Made made, make(strategy, symbol));
  const std::scoped_lock lock(mutex_);
  prepared_[{strategy, symbol}] = std::move(made);
  return {};
}

Result<DecisionMaker*> StrategyMakers::find(const std::string& strategy, const std::string& symbol) {
  const Key key(strategy, symbol);
  if (const auto known = makers_.find(key); known != makers_.end()) return known->second.get();
  Made made;
  {
    const std::scoped_lock lock(mutex_);
    if (auto ready = prepared_.extract(key)) made = std::move(ready.mapped());
  }
  if (!made) {
    ARGOSY_TRY(made, make(strategy, symbol));
  }
  return take_in(key, std::move(made));
}

StrategyDecisions* StrategyMakers::take_in(const Key& key, Made made) {
  const market::Timeframe timeframe = *made->timeframe();
  std::vector<LiveBar> missed;
  for (const std::string& symbol : made->symbols()) {
    const auto [at, is_new] = series_.try_emplace({symbol, timeframe.nominal()});
    if (is_new) ports_.want(symbol, timeframe);
    at->second.readers.push_back(made.get());
    missed.insert(missed.end(), at->second.bars.begin(), at->second.bars.end());
  }
  // What closed after its history was read.
  std::ranges::stable_sort(missed, {}, &LiveBar::closing);
  for (const LiveBar& each : missed) made->add(each.symbol, each.bar);
  if (!missed.empty()) made->advance(missed.back().closing);
  return makers_.emplace(key, std::move(made)).first->second.get();
}

void StrategyMakers::take_action(const std::string& symbol, const market::CorporateAction& action) {
  for (const auto& [key, maker] : makers_) maker->take_action(symbol, action);
  const std::scoped_lock lock(mutex_);
  for (const auto& [key, maker] : prepared_) {
    if (maker) maker->take_action(symbol, action);
  }
}

void StrategyMakers::add(std::span<const LiveBar> bars) {
  for (std::size_t begin = 0; begin < bars.size();) {
    // All of one instant, then what follows from them.
    const core::Timestamp closing = bars[begin].closing;
    std::vector<StrategyDecisions*> fed;
    for (; begin < bars.size() && bars[begin].closing == closing; ++begin) {
      const LiveBar& each = bars[begin];
      const auto series = series_.find({each.symbol, each.timeframe.nominal()});
      if (series == series_.end()) continue;
      series->second.bars.push_back(each);
      if (series->second.bars.size() > kKeptBars) series->second.bars.pop_front();
      for (StrategyDecisions* reader : series->second.readers) {
        reader->add(each.symbol, each.bar);
        fed.push_back(reader);
      }
    }
    for (StrategyDecisions* reader : fed) reader->advance(closing);
  }
}

const StrategyDecisions* StrategyMakers::maker(const std::string& strategy, const std::string& symbol) const {
  const auto known = makers_.find({strategy, symbol});
  return known == makers_.end() ? nullptr : known->second.get();
}

}  // namespace argosy::live
