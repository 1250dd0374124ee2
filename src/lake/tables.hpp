// The lake's small tables: instruments, corporate actions, quality findings, universes, anchors. Each is one CSV file
// named by its content under the lake's manifest; a transaction replaces a whole table.
//
//   Tables tables = transaction.tables();
//   tables.universes.push_back({"tech", "AAPL", core::Date::from_ymd(2000, 1, 3), std::nullopt});
//   transaction.set_tables(std::move(tables));
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/record.hpp"
#include "core/result.hpp"
#include "market/corporate_actions.hpp"
#include "market/instrument.hpp"

namespace argosy::lake {

// A row that was refused on import, or kept although it is odd.
struct QualityRow {
  std::string symbol;
  std::string timeframe;
  std::string time;    // as format_key writes it, or as the file had it when it could not be read
  std::string rule;    // market::to_string(QualityRule)
  std::string action;  // "quarantined" or "kept"
  std::string detail;
  std::string origin;  // file:line
  std::string text;    // the row as it came

  friend auto operator<=>(const QualityRow&, const QualityRow&) = default;
};

// A symbol's membership of a universe, from a date to a date (both included; none: until today).
struct UniverseRow {
  std::string universe;
  std::string symbol;
  core::Date from;
  std::optional<core::Date> to;

  friend auto operator<=>(const UniverseRow&, const UniverseRow&) = default;
};

struct Tables {
  std::map<std::string, market::Instrument> instruments;                // by symbol
  std::map<std::string, std::vector<market::CorporateAction>> actions;  // by symbol; as sort_actions
  std::map<std::string, std::int64_t> anchors;                          // symbol -> key of the first bar ever imported
  std::vector<UniverseRow> universes;                                   // sorted
  std::vector<QualityRow> quality;                                      // sorted
};

// By ex-date, splits before dividends: the order in which market/ expects them.
void sort_actions(std::vector<market::CorporateAction>& actions);

// The tables' names, in the order in which they are written.
inline constexpr std::string_view kTableNames[] = {"actions", "anchors", "instruments", "quality", "universes"};
// One table as CSV with a header; empty when it has no rows.
[[nodiscard]] std::string format_table(std::string_view name, const Tables& tables);
[[nodiscard]] core::Result<void> parse_table(std::string_view name, std::string_view csv, const std::string& path,
                                             Tables& tables);

}  // namespace argosy::lake

template <>
struct argosy::core::RecordOf<argosy::lake::QualityRow> {
  using QualityRow = argosy::lake::QualityRow;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(QualityRow, symbol, .text = "ticker symbol"),
      ARGOSY_FIELD(QualityRow, timeframe, .text = "length of the bar"),
      ARGOSY_FIELD(QualityRow, time, .text = "of the bar"),
      ARGOSY_FIELD(QualityRow, rule, .text = "the rule it breaks"),
      ARGOSY_FIELD(QualityRow, action, .text = "quarantined or kept"),
      ARGOSY_FIELD(QualityRow, detail, .text = "the values in words"),
      ARGOSY_FIELD(QualityRow, origin, .text = "file and line it came from"),
      ARGOSY_FIELD(QualityRow, text, .text = "the row as it came"),
  };
  static constexpr RecordType kType{"quality", "Rows that are impossible or odd", kFields};
};

template <>
struct argosy::core::RecordOf<argosy::lake::UniverseRow> {
  using UniverseRow = argosy::lake::UniverseRow;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(UniverseRow, universe, .text = "name of the universe", .required = true),
      ARGOSY_FIELD(UniverseRow, symbol, .text = "ticker symbol", .required = true),
      ARGOSY_FIELD(UniverseRow, from, .text = "first date of the membership", .required = true),
      ARGOSY_FIELD(UniverseRow, to, .text = "last date of the membership; empty: until today"),
  };
  static constexpr RecordType kType{"universe", "Dated membership of a universe", kFields};
};
