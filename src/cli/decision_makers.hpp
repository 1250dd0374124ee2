// What decides for the services of a home: "probability", by the table of the demo market, or a strategy file.
//
//   live::apply_directly(..., checked_makers(globals), ...);          // where nothing is decided
//
//   TradingMakers makers(globals, seed, {.history = ..., .want = ...});
//   live::Process process(..., makers.source(), ...);
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "cli/command.hpp"
#include "core/result.hpp"
#include "feeds/demo_market.hpp"
#include "ledger/services.hpp"
#include "live/strategy_makers.hpp"
#include "live/trader.hpp"

namespace argosy::cli {

// Only whether they could decide: makers that are never asked. They live as long as the source, or a copy of it, does.
[[nodiscard]] live::MakerSource checked_makers(const Globals& globals);

class TradingMakers {
 public:
  struct Ports {
    decltype(live::StrategyMakers::Ports::history) history;
    decltype(live::StrategyMakers::Ports::want) want;
  };
  // `parameters`: given to every strategy file that has parameters of these names.
  TradingMakers(const Globals& globals, std::uint64_t seed, std::vector<std::pair<std::string, double>> parameters,
                Ports ports);

  // Valid as long as this.
  [[nodiscard]] live::MakerSource source();
  // So that the trading thread need not read files; an error is told when the maker is wanted. Not on that thread.
  void prepare(const std::string& strategy, const std::string& symbol);
  // Whether source() has it ready; on the trading thread.
  [[nodiscard]] bool knows(const std::string& strategy, const std::string& symbol) const;
  // Whose bars these services read (live::StrategyMakers::series_of).
  [[nodiscard]] std::vector<live::SeriesName> series_of(std::span<const ledger::ServiceRow> services) const;
  // Bars that closed; on the trading thread.
  void add(std::span<const live::LiveBar> bars) { strategies_.add(bars); }
  void take_action(const std::string& symbol, const market::CorporateAction& action) {
    strategies_.take_action(symbol, action);
  }

 private:
  [[nodiscard]] core::Result<live::DecisionMaker*> find(const std::string& strategy, const std::string& symbol);

  const Globals& globals_;
  std::uint64_t seed_;
  std::unique_ptr<live::DecisionMaker> probability_;  // answers for every symbol
  live::StrategyMakers strategies_;
};

// samples/demo/market.yaml, or home/demo/market.yaml where there is one.
[[nodiscard]] core::Result<feeds::DemoMarket> load_demo_market(const Globals& globals);

// As a service keeps it: the name, or the whole path of a file, so that it is found from any folder.
[[nodiscard]] std::string strategy_reference(const std::string& given);

}  // namespace argosy::cli
