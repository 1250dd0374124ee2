// Bars that are made while trading: of the quotes of every instrument that somebody decides by bars of, in the
// timeframes that are wanted. Lives on one executor.
//
//   LiveBars bars(market_executor, [](std::vector<LiveBar> closed) { ... });
//   bars.watch(traded, hour);                  // from now on
//   bars.on_quote(instrument_id, quote);
//
// What closes at one instant is given together, by timeframe and instrument, at that instant: a timer sees to it when
// no quote comes. A bar that had begun before it was watched is made of what came after.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/executor.hpp"
#include "live/desk.hpp"
#include "market/bar.hpp"
#include "market/bar_builder.hpp"

namespace argosy::live {

struct LiveBar {
  std::int64_t instrument_id = 0;
  std::string symbol;
  market::Timeframe timeframe;
  market::Bar bar;
  core::Timestamp closing;
};

class LiveBars {
 public:
  using Use = std::function<void(std::vector<LiveBar>)>;

  // `use` is called on the executor, which outlives this.
  LiveBars(core::Executor& executor, Use use);
  ~LiveBars();
  LiveBars(const LiveBars&) = delete;
  LiveBars& operator=(const LiveBars&) = delete;

  // Twice is once. The timeframe is a day or shorter.
  void watch(const TradedInstrument& traded, market::Timeframe timeframe);
  void on_quote(std::int64_t instrument_id, const market::Quote& quote);

 private:
  // All symbols of one calendar in one timeframe.
  struct Series {
    market::BarBuilder builder;
    std::vector<TradedInstrument> instruments;
  };
  void close(core::Timestamp now);
  void plan();

  core::Executor& executor_;
  Use use_;
  std::map<std::pair<std::string, core::Duration>, std::unique_ptr<Series>> series_;  // by exchange, length
  std::unordered_map<std::int64_t, std::vector<std::pair<Series*, std::uint32_t>>> of_;
  std::vector<market::ClosedBar> closed_;
  core::TimerId timer_;
  core::Timestamp planned_ = core::Timestamp::max();
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace argosy::live
