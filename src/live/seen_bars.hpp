// The bars that live trading decided by, exactly as it saw them, in a lake of their own: what a strategy reads when it
// starts, and every bar that closed while it ran. A backtest over this lake computes the very signals that were traded;
// the lake of the home may be cleaned, corrected or imported anew without changing it.
//
//   ARGOSY_TRY(auto seen, SeenBars::open({.folder = home + "/seen"}, core::system_files(), clock, sources));
//   ARGOSY_TRY(const data::SymbolData bars, seen->history("AAPL", timeframe, clock.now()));
//   ARGOSY_TRY_VOID(seen->append(closed));
//
// A bar that was seen is never replaced. Instruments and corporate actions are those of the home's lake when a series
// is read; an action that becomes known later makes other factors from its date on. May be used by any thread; one at a
// time.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "core/clock.hpp"
#include "core/files.hpp"
#include "core/result.hpp"
#include "data/symbol_data.hpp"
#include "lake/lake.hpp"
#include "live/live_bars.hpp"

namespace argosy::live {

struct SeriesName {
  std::string symbol;
  market::Timeframe timeframe;
};

class SeenBars {
 public:
  struct Sources {
    // The home's lake as it is now.
    std::function<core::Result<lake::Snapshot>()> snapshot;
    // What is traded, for symbols that the lake does not know.
    std::function<core::Result<market::Instrument>(const std::string& symbol)> instrument;
  };

  // Makes the lake where there is none.
  [[nodiscard]] static core::Result<std::unique_ptr<SeenBars>> open(lake::LakeOptions options, core::Files& files,
                                                                    const core::Clock& clock, Sources sources);

  // What the home's lake has behind the last bar that was seen counts as seen from now on: of many series, read by
  // history() soon, in few commits rather than one each.
  [[nodiscard]] core::Result<void> take_over(std::span<const SeriesName> series, core::Timestamp now);
  // All bars of a series that are complete at `now`: those seen before, then those of the home's lake behind them,
  // which count as seen from now on. No bars at all is no error.
  [[nodiscard]] core::Result<data::SymbolData> history(const std::string& symbol, market::Timeframe timeframe,
                                                       core::Timestamp now);
  // Bars that closed. All of them are durable when it returns; after an error they are tried again with the next ones.
  [[nodiscard]] core::Result<void> append(std::span<const LiveBar> bars);
  // The closing instant of the last bar of all; nothing when there is none.
  [[nodiscard]] core::Result<std::optional<core::Timestamp>> last_closing();
  [[nodiscard]] core::Result<lake::Snapshot> snapshot() const { return lake_.snapshot(); }

 private:
  using Key = std::pair<std::string, core::Duration>;  // symbol and length

  SeenBars(lake::Lake lake, Sources sources) : lake_(std::move(lake)), sources_(std::move(sources)) {}
  [[nodiscard]] core::Result<void> take_some(const lake::Snapshot& home, std::span<const SeriesName> series,
                                             core::Timestamp now);
  [[nodiscard]] core::Result<market::BarColumns> missing(const lake::Snapshot& home, const SeriesName& series,
                                                         const market::Calendar& calendar, core::Timestamp now) const;
  [[nodiscard]] core::Result<market::Instrument> instrument_of(const lake::Tables& home,
                                                               const std::string& symbol) const;

  std::mutex mutex_;
  lake::Lake lake_;
  Sources sources_;
  std::map<Key, std::int64_t> last_;         // the key of each series' last bar
  std::map<Key, market::Instrument> taken_;  // by take_over(), and not read yet
  std::optional<lake::Snapshot> snapshot_;   // of what is there; nothing: it was written to since
  // What is to be written, by length.
  struct Waiting {
    market::Timeframe timeframe;
    std::map<std::string, market::BarColumns> bars;
  };
  std::map<core::Duration, Waiting> waiting_;
};

}  // namespace argosy::live
