// A simulated market into the lake: instruments, bars, corporate actions and a universe, all in one change.
//
//   SimulateRequest request{.market = {.seed = 7, .symbols = 500, .days = 2520}, .universe = "U500"};
//   ARGOSY_TRY(const SimulateReport report, simulate(lake, request));
//
// The same request twice changes nothing the second time; more days or symbols of the same market add what is missing.
#pragma once

#include <cstdint>
#include <string>

#include "core/record.hpp"
#include "core/result.hpp"
#include "feeds/simulated_settings.hpp"
#include "lake/lake.hpp"

namespace argosy::data {

struct SimulateRequest {
  feeds::SimulatedMarketSettings market;
  std::string universe;  // empty: none
  bool replace = false;  // what the lake holds of these symbols, or in this universe, gives way
};

struct SimulateReport {
  std::string universe;
  std::string timeframe;
  std::int64_t symbols = 0;
  std::int64_t days = 0;
  std::string first;  // keys of bars
  std::string last;
  std::int64_t added = 0;
  std::int64_t unchanged = 0;
  std::int64_t replaced = 0;
  std::int64_t splits = 0;
  std::int64_t dividends = 0;
};

// Errors: kInvalidArgument for settings, a universe's name, more than limits::kSimulatedBars; kAlreadyExists when the
// lake holds other data under one of these names; those of the lake.
[[nodiscard]] core::Result<SimulateReport> simulate(const lake::Lake& lake, const SimulateRequest& request,
                                                    const lake::Progress& progress = {},
                                                    const lake::BeforeCommit& before_commit = {});

}  // namespace argosy::data

template <>
struct argosy::core::RecordOf<argosy::data::SimulateReport> {
  using SimulateReport = argosy::data::SimulateReport;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(SimulateReport, universe, .text = "name of the universe; empty: none"),
      ARGOSY_FIELD(SimulateReport, timeframe, .text = "length of a bar"),
      ARGOSY_FIELD(SimulateReport, symbols, .text = "how many symbols"),
      ARGOSY_FIELD(SimulateReport, days, .unit = "sessions", .text = "how many sessions"),
      ARGOSY_FIELD(SimulateReport, first, .text = "the first bar"),
      ARGOSY_FIELD(SimulateReport, last, .text = "the last bar"),
      ARGOSY_FIELD(SimulateReport, added, .unit = "bars", .text = "new in the lake"),
      ARGOSY_FIELD(SimulateReport, unchanged, .unit = "bars", .text = "were there already"),
      ARGOSY_FIELD(SimulateReport, replaced, .unit = "symbols", .text = "had other data, which is gone"),
      ARGOSY_FIELD(SimulateReport, splits, .text = "corporate actions of this kind"),
      ARGOSY_FIELD(SimulateReport, dividends, .text = "corporate actions of this kind"),
  };
  static constexpr RecordType kType{"simulate", "A simulated market that was stored", kFields};
};
