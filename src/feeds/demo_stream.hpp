// Quotes of any symbols without a single stored bar: each walks at random from its base price, while its exchange is
// open. For trying trading services; simulated_market.hpp makes bars that look like a market.
//
//   DemoStream stream(market, *calendar, {.seed = 7, .start = opening});
//   const std::uint32_t apple = stream.add("AAPL");
//   while (const auto event = stream.next()) use(stream.symbols()[event->symbol],
//   std::get<market::Quote>(event->what));
//
// A symbol's quotes come every `quote_interval`, each symbol at its own moment within it so that the work is spread,
// from the opening until just before the close. Its luck comes from the seed and its name alone: other symbols, and the
// order in which they are added, change nothing. Prices do not move overnight; the variance of a year is spread over
// the hours in which the exchange is open. There is no drift. Volumes are whole shares, spread evenly over a session.
// Not safe for threads by itself.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/rng.hpp"
#include "core/time.hpp"
#include "feeds/demo_market.hpp"
#include "feeds/event.hpp"
#include "market/calendar.hpp"

namespace argosy::feeds {

struct DemoStreamOptions {
  std::uint64_t seed = 1;
  core::Timestamp start;                                    // no quote is earlier
  core::Duration quote_interval = std::chrono::seconds{1};  // 1 ms at least
  // Where symbols begin, such as their last stored closes; others begin at the base price of their row.
  std::map<std::string, core::Price, std::less<>> start_prices = {};
};

class DemoStream {
 public:
  // The calendar must live longer.
  DemoStream(const DemoMarket& market, const market::Calendar& calendar, DemoStreamOptions options);

  // A symbol's place in FeedEvent::symbol. One that is new has its first quote after the last that was given, within an
  // interval when the exchange is open. Cheapest before the first next().
  std::uint32_t add(std::string_view symbol);
  [[nodiscard]] std::span<const std::string> symbols() const { return symbols_; }

  // The next quote in the order of time, of one time by symbol name. Nothing while there is no symbol; otherwise it has
  // no end.
  [[nodiscard]] std::optional<FeedEvent> next();

 private:
  struct Walk {
    core::Rng rng;
    core::Rng volume_rng;
    core::Duration phase;  // of its quotes within the interval
    double ticks;          // the price, in ticks, not rounded
    double step;           // standard deviation of an interval's return
    double spread;         // share of the price
    double volume;         // of an interval, on average
    std::uint32_t symbol;
  };

  void begin_session(const market::Session& session);
  [[nodiscard]] bool is_before(const Walk& a, const Walk& b) const;
  [[nodiscard]] market::Quote quote(Walk& walk, core::Timestamp time) const;

  DemoMarket market_;
  const market::Calendar& calendar_;
  DemoStreamOptions options_;
  double intervals_a_year_;
  double intervals_a_session_;  // on average
  std::vector<std::string> symbols_;
  std::map<std::string, std::uint32_t, std::less<>> places_;
  std::vector<Walk> walks_;  // in the order of is_before, when `sorted_`
  bool sorted_ = true;
  market::Session session_;
  core::Timestamp round_;  // when the interval began whose quotes are being given
  std::size_t next_ = 0;   // of walks_
};

}  // namespace argosy::feeds
