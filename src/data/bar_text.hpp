// Bars written as text by somebody else: which column is what, and what each line says.
//
//   ARGOSY_TRY(const BarText text, read_bar_text(csv, "F.csv", {.timeframe = timeframe, .time_zone =
//   "America/New_York"})); for (const BarLine& line : text.lines) use(line.symbol, line.bar); for (const BadLine& line
//   : text.bad) report(line.line, line.reason);
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "core/time.hpp"
#include "market/bar.hpp"

namespace argosy::data {

struct BarTextOptions {
  market::Timeframe timeframe;
  std::map<std::string, std::string> columns;  // meaning -> header, before guessing: {"open", "o"}
  std::string time_zone;                       // of times written without a zone; an IANA name
  std::string exchange = "24/7";               // whose wall clock says which date a daily time stamp means
  std::string symbol;                          // of every line; empty: the file's symbol column
  market::PriceSource source = market::PriceSource::kHistorical;
};

struct BarLine {
  std::int64_t line = 0;  // 1-based
  std::string symbol;
  market::Bar bar;
  std::string text;  // as it came
};

struct BadLine {
  std::int64_t line = 0;
  std::string symbol;  // empty when unknown
  std::string time;    // as written; empty when unknown
  std::string reason;
  std::string text;
};

struct BarText {
  std::vector<BarLine> lines;  // in the order of the file
  std::vector<BadLine> bad;
  std::vector<std::string> notes;  // for the user: what was guessed, ignored or rounded
};

// Errors (kInvalidArgument): a header without the columns that are needed, a wrong --columns, times without a zone.
[[nodiscard]] core::Result<BarText> read_bar_text(std::string_view csv, const std::string& file,
                                                  const BarTextOptions& options);

// A moment as files write it: on the wall clock of an unknown place, or with the distance to UTC.
struct WrittenTime {
  core::Date date;
  std::optional<core::Duration> time_of_day;  // none: a date alone
  std::optional<core::Duration> offset;       // none: no zone
};
// "2024-11-29", "2024/11/29", "20241129", each with "T09:30", " 09:30:00.5" and "Z", "+01:00", "+0100", "+01", " UTC";
// seconds, milli-, micro- or nanoseconds since 1970 by their number of digits.
[[nodiscard]] std::optional<WrittenTime> parse_written_time(std::string_view text);

}  // namespace argosy::data
