// Makes what decides by strategy files, one maker for each pair of strategy and symbol, and feeds it bars.
//
//   StrategyMakers makers({.load = ..., .history = ..., .want = ...});
//   makers.prepare("golden_cross", "AAPL");                        // reads files: not on the trading thread
//   ARGOSY_TRY(DecisionMaker* maker, makers.find("golden_cross", "AAPL"));
//   makers.add(closed_bars);                                       // before services are asked about them
//
// prepare() may be called on any one other thread; the rest belongs to the trading thread. What was not prepared is
// made by find() itself.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "live/live_bars.hpp"
#include "live/seen_bars.hpp"
#include "live/strategy_decisions.hpp"

namespace argosy::live {

class StrategyMakers {
 public:
  struct Ports {
    // The strategy of that name, checked. Any thread.
    std::function<core::Result<strategy::StrategyFile>(const std::string& strategy)> load;
    // All complete bars of a symbol, as live saw them, with what adjusts them; none is no error. Any thread.
    std::function<core::Result<data::SymbolData>(const std::string& symbol, market::Timeframe timeframe)> history;
    // Closed bars of it are wanted from now on. On the trading thread, once for each pair.
    std::function<void(const std::string& symbol, market::Timeframe timeframe)> want;
  };

  explicit StrategyMakers(Ports ports) : ports_(std::move(ports)) {}

  // Whose bars services with these strategies and symbols read, each once; those that find() would refuse add none. Not
  // on the trading thread.
  struct Wanted {
    std::string strategy;
    std::string symbol;
  };
  [[nodiscard]] std::vector<SeriesName> series_of(std::span<const Wanted> services) const;
  // Makes a maker ready that find() takes. An error is what find() would say, too.
  core::Result<void> prepare(const std::string& strategy, const std::string& symbol);
  [[nodiscard]] core::Result<DecisionMaker*> find(const std::string& strategy, const std::string& symbol);
  // Bars that closed, in the order of closing.
  void add(std::span<const LiveBar> bars);
  // A corporate action whose day has come, before the bars of that day.
  void take_action(const std::string& symbol, const market::CorporateAction& action);

  [[nodiscard]] const StrategyDecisions* maker(const std::string& strategy, const std::string& symbol) const;

 private:
  using Key = std::pair<std::string, std::string>;  // strategy, symbol
  using Made = std::unique_ptr<StrategyDecisions>;

  [[nodiscard]] core::Result<Made> make(const std::string& strategy, const std::string& symbol) const;
  StrategyDecisions* take_in(const Key& key, Made made);

  Ports ports_;
  std::map<Key, Made> makers_;
  // By symbol and length: who reads them, and the latest bars, which a history that was read before them lacks.
  struct Series {
    std::vector<StrategyDecisions*> readers;
    std::deque<LiveBar> bars;
  };
  std::map<std::pair<std::string, core::Duration>, Series> series_;
  std::mutex mutex_;
  std::map<Key, Made> prepared_;  // under mutex_
};

}  // namespace argosy::live
