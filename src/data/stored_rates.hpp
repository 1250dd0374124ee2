// Exchange rates as the ledger keeps them: every rate with its time and source, so that it can be told later which one
// a conversion used.
//
//   ARGOSY_TRY(const auto rates, read_rates(csv, "ecb.csv"));
//   ARGOSY_TRY(const RateImport done, store_rates(*ledger, rates, {.actor = "admin", .time = now}));
//   ARGOSY_TRY(const market::RateTable table, load_rate_table(*ledger, 96h));
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/record.hpp"
#include "core/result.hpp"
#include "feeds/simulated_rates.hpp"
#include "ledger/audit.hpp"
#include "ledger/database.hpp"
#include "market/rate_table.hpp"

namespace argosy::data {

struct RateImport {
  std::int64_t added = 0;
  std::int64_t changed = 0;  // had another value at this time, from this source
  std::int64_t unchanged = 0;
};

// In one unit of work. A rate that market::check_rate() refuses, or whose source is longer than 40 bytes:
// kInvalidArgument, and nothing is stored. The audit log gets a row for each rate that was another, and one for all
// that are new: they stand in the table with their source.
[[nodiscard]] core::Result<RateImport> store_rates(ledger::Database& ledger, std::span<const market::RateQuote> rates,
                                                   const ledger::ChangedBy& by);
// All of them, in the order of time.
[[nodiscard]] core::Result<std::vector<market::RateQuote>> load_rates(ledger::Database& ledger);
// The latest of each pair that is known at `now`, which may be none.
[[nodiscard]] market::RateTable make_rate_table(std::span<const market::RateQuote> rates, core::Duration max_age,
                                                core::Timestamp now);
// Where a simulated feed of rates begins: `usual` with the rates of the table in place of its own, in the direction in
// which they are stored, and the pairs that only the table has. Ages do not matter.
[[nodiscard]] std::vector<feeds::SimulatedRate> first_rates(std::vector<feeds::SimulatedRate> usual,
                                                            const market::RateTable& stored);

// A rate as it is shown.
struct RateView {
  std::string base;
  std::string quote;
  core::Price rate;
  core::Timestamp time;
  std::string source;
  std::int64_t age_seconds = 0;  // below 0: it is not known yet
  bool is_stale = false;         // too old to convert by
};
[[nodiscard]] RateView view_of(const market::RateQuote& rate, core::Timestamp now, core::Duration max_age);

}  // namespace argosy::data

template <>
struct argosy::core::RecordOf<argosy::data::RateView> {
  using Row = argosy::data::RateView;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, base, .text = "ISO 4217"),
      ARGOSY_FIELD(Row, quote, .text = "ISO 4217"),
      ARGOSY_FIELD(Row, rate, .text = "what one unit of base costs in quote"),
      ARGOSY_FIELD(Row, time, .text = "since when it is known"),
      ARGOSY_FIELD(Row, source, .text = "who says so"),
      ARGOSY_FIELD(Row, age_seconds, .unit = "seconds", .text = "below 0: it is not known yet"),
      ARGOSY_FIELD(Row, is_stale, .text = "too old to convert by"),
  };
  static constexpr RecordType kType{"exchange_rate", "What a currency is worth", kFields};
};
