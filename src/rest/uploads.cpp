// Bars that are sent: judged line by line as `argosy data import` does.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "market/bar.hpp"
#include "market/instrument.hpp"
#include "rest/answer_schemas.hpp"
#include "rest/resources.hpp"

namespace argosy::rest {

using core::Error;
using core::ErrorCode;
using core::fail;
using core::Result;
using server::Access;
using server::endpoint;
using server::Method;
using server::None;

struct DailyBarsIn {
  std::string csv;
  std::string symbol;
  std::string exchange;
  std::string source = "HISTORICAL";
  bool strict = false;
};
struct IntradayBarsIn {
  DailyBarsIn bars;
  std::int64_t interval = 1;
  std::string timezone;
};

}  // namespace argosy::rest

template <>
struct argosy::core::RecordOf<argosy::rest::DailyBarsIn> {
  using Row = argosy::rest::DailyBarsIn;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, csv, .text = "a header, such as date,open,high,low,close,volume, and a line a bar",
                   .required = true),
      ARGOSY_FIELD(Row, symbol, .limits = {.maximum_length = 20}, .text = "of all bars; empty: the column symbol"),
      ARGOSY_FIELD(Row, exchange, .limits = {.maximum_length = 20}, .text = "whose calendar the symbol follows"),
      ARGOSY_FIELD(Row, source, .limits = {.one_of = argosy::data::kPriceSources}, .text = "where they come from"),
      ARGOSY_FIELD(Row, strict, .text = "quarantine odd lines too"),
  };
  static constexpr RecordType kType{"daily_bars", "Bars of days", kFields};
};
template <>
struct argosy::core::RecordOf<argosy::rest::IntradayBarsIn> {
  using Row = argosy::rest::IntradayBarsIn;
  static constexpr auto kFields =
      extended_fields(RecordOf<argosy::rest::DailyBarsIn>::kFields,
                      ARGOSY_FIELD(Row, interval, .unit = "minutes", .text = "1, 5, 15, 30 or 60"),
                      ARGOSY_FIELD(Row, timezone, .limits = {.maximum_length = 60},
                                   .text = "of times written without one, such as America/New_York"));
  static constexpr RecordType kType{"intraday_bars", "Bars within days", kFields};
};

namespace argosy::rest {
namespace {

constexpr std::size_t kMostFindings = 100;  // that are told

Result<net::HttpResponse> import(const Resources& resources, const server::Caller& caller, DailyBarsIn bars,
                                 market::Timeframe timeframe, std::string timezone) {
  if (!bars.symbol.empty()) {
    if (auto checked = market::check_symbol(bars.symbol); !checked)
      return fail(std::move(checked).error().in_field("symbol", bars.symbol));
  }
  data::ImportRequest request{.path = "csv",
                              .text = std::move(bars.csv),
                              .symbol = bars.symbol,
                              .timeframe = timeframe,
                              .exchange = bars.exchange,
                              .time_zone = std::move(timezone),
                              .strict = bars.strict};
  ARGOSY_TRY(request.source, market::parse_price_source(bars.source));
  ARGOSY_TRY(const data::ImportReport report, resources.import_bars(std::move(request), caller.username));
  core::JsonWriter json;
  data::write_report(json, report, kMostFindings);
  return net::text_response(200, "application/json", std::move(json).take());
}

constexpr std::string_view kText =
    "Each line is added, changed, unchanged, repeated, or quarantined with its reason; nothing is dropped silently. "
    "Answers items (the counts of each symbol) and meta (count, notes, findings: the first 100 with line and reason). "
    "A body has at most 8 MiB, some 150,000 lines; more is imported from a file, as a job. 503 while another process "
    "writes to the lake.";

}  // namespace

void add_price_uploads(server::Api& api, const Resources& resources) {
  api.add(endpoint<None, None, DailyBarsIn, net::HttpResponse>(
      {.method = Method::kPost,
       .path = "/prices/daily/bulk",
       .name = "upload_daily_prices",
       .tag = "prices",
       .summary = "Stores bars of days",
       .access = Access::kAdmin,
       .takes_key = true,
       .text = kText,
       .raw_schema = &kImportReportSchema},
      [&](const auto& call) { return import(resources, *call.caller, call.body, market::Timeframe(), {}); }));
  api.add(endpoint<None, None, IntradayBarsIn, net::HttpResponse>(
      {.method = Method::kPost,
       .path = "/prices/intraday/bulk",
       .name = "upload_intraday_prices",
       .tag = "prices",
       .summary = "Stores bars within days",
       .access = Access::kAdmin,
       .takes_key = true,
       .text = kText,
       .raw_schema = &kImportReportSchema},
      [&](const auto& call) -> Result<net::HttpResponse> {
        const std::int64_t minutes = call.body.interval;
        if (!std::ranges::count(data::kIntradayMinutes, minutes))
          return fail(Error(ErrorCode::kInvalidArgument, fmt::format("there are no intervals of {} minutes", minutes))
                          .with_hint(fmt::format("there are those of {}", fmt::join(data::kIntradayMinutes, ", ")))
                          .in_field("interval"));
        const market::Timeframe timeframe =
            minutes == 60 ? market::Timeframe(1, market::TimeframeUnit::kHour)
                          : market::Timeframe(static_cast<std::int32_t>(minutes), market::TimeframeUnit::kMinute);
        return import(resources, *call.caller, call.body.bars, timeframe, call.body.timezone);
      }));
}

}  // namespace argosy::rest
