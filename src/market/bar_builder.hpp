// Bars of a stream of quotes, as live trading saw them: from the last prices, in several timeframes at once, for all
// symbols of one exchange.
//
//   BarBuilder builder(*nyse, {minute, five_minutes, day}, symbols);
//   builder.advance(clock.now(), closed);                          // also at builder.next_close(), from a timer
//   builder.add(symbol, quote, volume);
//   for (const ClosedBar& bar : closed) store(bar);
//
// Intraday bars begin at whole multiples of their length, UTC. A bar is closed at its closing instant
// (Calendar::closing_instant): by the first advance() to then or later. A stretch without a quote gives no bar. Only
// quotes within the session count, its close excluded.
//
// A quote is put into the shortest bar alone; when that is closed, it becomes part of the longer ones. State: 64 bytes
// for each pair of symbol and timeframe. Not safe for threads by itself.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/time.hpp"
#include "market/bar.hpp"
#include "market/calendar.hpp"
#include "market/quote.hpp"
#include "market/session_finder.hpp"
#include "market/timeframe.hpp"

namespace argosy::market {

struct ClosedBar {
  core::Timestamp known;  // its closing instant
  std::uint32_t symbol = 0;
  Timeframe timeframe;
  Bar bar;
};

class BarBuilder {
 public:
  // One timeframe at least, each shorter than a day or a day, and each a multiple of the shortest. The calendar must
  // live longer.
  BarBuilder(const Calendar& calendar, std::vector<Timeframe> timeframes, std::uint32_t symbols = 0);

  // Makes room for symbols 0 to count - 1; never fewer than there are.
  void set_symbols(std::uint32_t count);
  // Closes what is complete at `now` and appends it to `out`: by closing instant, then the shorter timeframe, then the
  // lower symbol. Times must not fall.
  void advance(core::Timestamp now, std::vector<ClosedBar>& out);
  // Counts a quote; `volume`: what was traded since the symbol's quote before, where it is known. False when it is in
  // no bar: outside the session, or too late for one that is closed. Its time counts until the last advance() at most:
  // a quote that is ahead of the clock belongs to the bar in which it came.
  bool add(std::uint32_t symbol, const Quote& quote, double volume = 0);
  // When the next bar that has begun is complete; nothing when none has.
  [[nodiscard]] std::optional<core::Timestamp> next_close() const;
  [[nodiscard]] std::int64_t late() const { return late_; }        // quotes that came after their bar was closed
  [[nodiscard]] std::int64_t outside() const { return outside_; }  // quotes outside the session

 private:
  struct Stretch {
    std::int64_t key = 0;
    core::Timestamp from;  // quotes from here ...
    core::Timestamp to;    // ... to before here are in the bar
    core::Timestamp known;
  };
  // The bars of one timeframe that are being built: all symbols' have the same key.
  struct Building {
    Timeframe timeframe;
    Stretch stretch;
    std::vector<Bar> bars;             // one a symbol; it has begun when its key is that of the stretch
    std::vector<std::uint32_t> order;  // symbols that have begun; empty: none has
  };

  [[nodiscard]] Stretch stretch_at(Timeframe timeframe, core::Timestamp time, const Session& session) const;
  static void put(Building& building, std::uint32_t symbol, const Bar& part);
  void close(Building& building, std::vector<ClosedBar>& out);

  SessionFinder sessions_;
  std::vector<Building> buildings_;  // the shortest first
  core::Timestamp now_ = core::Timestamp::min();
  std::int64_t late_ = 0;
  std::int64_t outside_ = 0;
};

}  // namespace argosy::market
