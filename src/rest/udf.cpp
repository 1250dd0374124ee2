// The feed of charting libraries: the UDF protocol, by which TradingView's library reads bars. Errors of a question are
// told in its own form, with status 200; times are seconds since 1970.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

#include "core/text.hpp"
#include "ledger/instruments.hpp"
#include "ledger/records.hpp"
#include "market/bar.hpp"
#include "market/calendar.hpp"
#include "rest/answer_schemas.hpp"
#include "rest/formulas.hpp"

namespace argosy::rest {

using core::ErrorCode;
using core::fail;
using core::JsonWriter;
using core::Result;
using market::Timeframe;
using market::TimeframeUnit;
using server::Access;
using server::endpoint;
using server::None;

struct UdfSymbolQuery {
  std::string symbol;
  std::string currency_code;
  std::string unit_id;
};
struct UdfSearchQuery {
  std::string query;
  std::string type;
  std::string exchange;
  std::int64_t limit = 30;
};
struct UdfHistoryQuery {
  UdfSymbolQuery of;
  std::string resolution;
  std::int64_t from = 0;
  std::int64_t to = 0;
  std::int64_t countback = 0;
};
struct UdfQuotesQuery {
  std::string symbols;
};

}  // namespace argosy::rest

template <>
struct argosy::core::RecordOf<argosy::rest::UdfSymbolQuery> {
  using Row = argosy::rest::UdfSymbolQuery;
  static constexpr FieldLimits kShort{.maximum_length = 20};
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, symbol, .limits = {.maximum_length = 60}, .text = "AAPL, or NASDAQ:AAPL", .required = true),
      {"currencyCode", FieldType::kText, false, offsetof(Row, currency_code), {.limits = kShort, .text = "not used"}},
      {"unitId", FieldType::kText, false, offsetof(Row, unit_id), {.limits = kShort, .text = "not used"}},
  };
  static constexpr RecordType kType{"udf_symbol_query", "Which symbol", kFields};
};
template <>
struct argosy::core::RecordOf<argosy::rest::UdfSearchQuery> {
  using Row = argosy::rest::UdfSearchQuery;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, query, .limits = {.maximum_length = 60}, .text = "part of the symbol or of the name"),
      ARGOSY_FIELD(Row, type, .limits = {.maximum_length = 20}, .text = "not used"),
      ARGOSY_FIELD(Row, exchange, .limits = {.maximum_length = 20}, .text = "not used"),
      ARGOSY_FIELD(Row, limit, .limits = {.minimum = 1, .maximum = 200}, .text = "how many"),
  };
  static constexpr RecordType kType{"udf_search_query", "Which symbols", kFields};
};
template <>
struct argosy::core::RecordOf<argosy::rest::UdfHistoryQuery> {
  using Row = argosy::rest::UdfHistoryQuery;
  using Of = argosy::rest::UdfSymbolQuery;
  static constexpr FieldLimits kSeconds{.minimum = -9'000'000'000, .maximum = 9'000'000'000};
  static constexpr auto kFields = extended_fields(
      RecordOf<Of>::kFields,
      ARGOSY_FIELD(Row, resolution, .limits = {.maximum_length = 10}, .text = "1 ... 240 minutes, 1D, 1W, 1M",
                   .required = true),
      ARGOSY_FIELD(Row, from, .unit = "s", .limits = kSeconds, .text = "first bar, since 1970"),
      ARGOSY_FIELD(Row, to, .unit = "s", .limits = kSeconds, .text = "before this", .required = true),
      ARGOSY_FIELD(Row, countback, .limits = {.minimum = 0, .maximum = 1'000'000}, .text = "so many instead of from"));
  static constexpr RecordType kType{"udf_history_query", "Which bars", kFields};
};
template <>
struct argosy::core::RecordOf<argosy::rest::UdfQuotesQuery> {
  using Row = argosy::rest::UdfQuotesQuery;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, symbols, .limits = {.maximum_length = 2'000}, .text = "between commas", .required = true)};
  static constexpr RecordType kType{"udf_quotes_query", "Which symbols", kFields};
};

namespace argosy::rest {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kDay = 86'400 * kSecond;
constexpr std::string_view kResolutions[] = {"1", "5", "15", "30", "60", "240", "1D", "1W", "1M"};

net::HttpResponse as_json(JsonWriter&& json) {
  return net::text_response(200, "application/json", std::move(json).take());
}

net::HttpResponse udf_error(std::string_view why) {
  JsonWriter json;
  json.begin_object().key("s").value("error").key("errmsg").value(why).end_object();
  return as_json(std::move(json));
}

// What the client did wrong, in the protocol's form; all else as everywhere.
Result<net::HttpResponse> told(Result<net::HttpResponse> answer) {
  if (answer) return answer;
  const ErrorCode code = answer.error().code;
  if (code == ErrorCode::kNotFound) return udf_error("unknown_symbol");
  if (code == ErrorCode::kInvalidArgument) return udf_error(answer.error().message);
  return answer;
}

Result<Timeframe> timeframe_of(const std::string& resolution) {
  if (resolution == "D" || resolution == "1D") return Timeframe();
  if (resolution == "W" || resolution == "1W") return Timeframe(1, TimeframeUnit::kWeek);
  if (resolution == "M" || resolution == "1M") return Timeframe(1, TimeframeUnit::kMonth);
  const auto minutes = core::parse_integer(resolution);
  if (!minutes || *minutes < 1 || *minutes > 720)
    return fail(ErrorCode::kInvalidArgument, fmt::format("there is no resolution {}", resolution));
  return Timeframe::parse(*minutes % 60 == 0 ? fmt::format("{}h", *minutes / 60) : fmt::format("{}m", *minutes));
}

// "NASDAQ:AAPL" is AAPL.
std::string symbol_of(std::string_view text) {
  return std::string(text.substr(text.find(':') == std::string_view::npos ? 0 : text.rfind(':') + 1));
}

Result<ledger::InstrumentRow> find(const Resources& resources, std::string_view text) {
  ARGOSY_TRY(auto rows, resources.store.ledger().read([&](ledger::Transaction& work) {
    return ledger::select<ledger::InstrumentRow>(work, "WHERE symbol = :symbol ORDER BY instrument_id LIMIT 1",
                                                 {symbol_of(text)});
  }));
  if (rows.empty()) return fail(ErrorCode::kNotFound, "there is no such stock");
  return std::move(rows.front());
}

std::string full_name(const ledger::InstrumentRow& row) { return row.exchange + ":" + row.symbol; }

std::string clock_time(core::Duration since_midnight) {
  const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(since_midnight).count();
  return fmt::format("{:02}{:02}", minutes / 60 % 24, minutes % 60);
}

// "0930-1600", as on the next day of trade; "24x7" where it never closes.
std::string session_of(const market::Calendar& calendar, core::Timestamp now) {
  const market::Session session = calendar.session_from(now);
  if (session.close - session.open >= std::chrono::days(1)) return "24x7";
  const core::Timestamp midnight = calendar.local_midnight(session.date);
  return clock_time(session.open - midnight) + "-" + clock_time(session.close - midnight);
}

net::HttpResponse config() {
  JsonWriter json;
  json.begin_object().key("supports_search").value(true).key("supports_group_request").value(false);
  json.key("supports_marks").value(false).key("supports_timescale_marks").value(false);
  json.key("supports_time").value(true).key("exchanges").begin_array().begin_object();
  json.key("value").value("").key("name").value("All").key("desc").value("").end_object().end_array();
  json.key("symbols_types").begin_array().begin_object().key("name").value("All").key("value").value("");
  json.end_object().end_array().key("supported_resolutions").begin_array();
  for (const std::string_view each : kResolutions) json.value(each);
  json.end_array().end_object();
  return as_json(std::move(json));
}

Result<net::HttpResponse> symbol(const Resources& resources, const std::string& text) {
  ARGOSY_TRY(const ledger::InstrumentRow row, find(resources, text));
  ARGOSY_TRY(const market::Calendar* calendar, market::find_calendar(row.exchange));
  ARGOSY_TRY(const lake::Snapshot snapshot, resources.snapshot());
  const auto stored = snapshot.timeframes(row.symbol);
  const bool has_intraday = std::ranges::any_of(stored, &Timeframe::is_intraday);
  // A tick of 0.01 is 1 / 100, one of 0.25 is 25 / 100.
  std::int64_t scale = 1;
  while (scale < 1'000'000'000 && row.tick.units() * scale % kSecond != 0) scale *= 10;
  JsonWriter json;
  json.begin_object().key("name").value(row.symbol).key("ticker").value(row.symbol);
  json.key("full_name").value(full_name(row)).key("description").value(row.name.empty() ? row.symbol : row.name);
  json.key("type").value(row.asset_type).key("session").value(session_of(*calendar, resources.clock.now()));
  json.key("timezone").value(calendar->time_zone() == "UTC" ? "Etc/UTC" : calendar->time_zone());
  json.key("exchange").value(row.exchange).key("listed_exchange").value(row.exchange);
  json.key("minmov").value(row.tick.units() * scale / kSecond).key("pricescale").value(scale);
  json.key("minmov2").value(0).key("pointvalue").value(1).key("has_intraday").value(has_intraday);
  json.key("has_daily").value(true).key("has_weekly_and_monthly").value(true);
  json.key("visible_plots_set").value("ohlcv").key("volume_precision").value(row.fractional ? 6 : 0);
  json.key("data_status").value(has_intraday ? "streaming" : "endofday").key("currency_code").value(row.currency);
  json.key("supported_resolutions").begin_array();
  std::vector<std::string_view> intraday;
  for (const std::string_view each : kResolutions) {
    ARGOSY_TRY(const Timeframe timeframe, timeframe_of(std::string(each)));
    const bool is_made = std::ranges::any_of(stored, [&](Timeframe from) { return data::makes(from, timeframe); });
    if (!is_made) continue;
    json.value(each);
    if (timeframe.is_intraday()) intraday.push_back(each);
  }
  json.end_array().key("intraday_multipliers").begin_array();
  for (const std::string_view each : intraday) json.value(each);
  return as_json(std::move(json.end_array().end_object()));
}

Result<net::HttpResponse> search(const Resources& resources, const UdfSearchQuery& query) {
  const std::string text = core::to_lower(core::trim(query.query));
  ARGOSY_TRY(const auto rows, resources.store.ledger().read([&](ledger::Transaction& work) {
    const std::string order = fmt::format("ORDER BY symbol LIMIT {}", query.limit);
    if (text.empty()) return ledger::select<ledger::InstrumentRow>(work, order);
    return ledger::select<ledger::InstrumentRow>(work,
                                                 "WHERE replace(lower(symbol), :symbol, '') <> lower(symbol) OR "
                                                 "replace(lower(name), :name, '') <> lower(name) " +
                                                     order,
                                                 {text, text});
  }));
  JsonWriter json;
  json.begin_array();
  for (const ledger::InstrumentRow& row : rows) {
    json.begin_object().key("symbol").value(row.symbol).key("full_name").value(full_name(row));
    json.key("description").value(row.name).key("exchange").value(row.exchange).key("ticker").value(row.symbol);
    json.key("type").value(row.asset_type).end_object();
  }
  return as_json(std::move(json.end_array()));
}

// By what adjusted prices are divided so that the newest is as quoted, as charts show it.
Result<double> newest_factor(const Resources& resources, const lake::Snapshot& snapshot, const std::string& symbol,
                             Timeframe timeframe) {
  if (!snapshot.tables().actions.contains(symbol)) return 1.0;
  const std::int64_t now = resources.clock.now().time_since_epoch().count();
  data::CandleQuestion question{
      .symbol = symbol, .timeframe = timeframe, .range = {.from = {}, .to = now + kDay}, .limit = 1};
  ARGOSY_TRY(const data::Candles adjusted, data::load_candles(snapshot, question));
  question.prices = data::PriceMode::kRaw;
  ARGOSY_TRY(const data::Candles quoted, data::load_candles(snapshot, question));
  if (adjusted.close.empty() || quoted.close.empty() || quoted.close.back() == 0) return 1.0;
  return adjusted.close.back() / quoted.close.back();
}

Result<net::HttpResponse> history(const Resources& resources, const UdfHistoryQuery& query) {
  ARGOSY_TRY(const Timeframe timeframe, timeframe_of(query.resolution));
  ARGOSY_TRY(const ledger::InstrumentRow row, find(resources, query.of.symbol));
  ARGOSY_TRY(const lake::Snapshot snapshot, resources.snapshot());
  data::CandleQuestion question{.symbol = row.symbol, .timeframe = timeframe};
  question.range.to = query.to * kSecond - 1;
  question.limit = static_cast<std::size_t>(kMostCandles);
  if (query.countback > 0) {
    question.limit = std::min(question.limit, static_cast<std::size_t>(query.countback));
  } else {
    question.range.from = query.from * kSecond;
  }
  ARGOSY_TRY(const data::Candles candles, data::load_candles(snapshot, question));
  ARGOSY_TRY(const double factor, newest_factor(resources, snapshot, row.symbol, candles.made_of));
  JsonWriter json;
  json.begin_object().key("s").value(candles.keys.empty() ? "no_data" : "ok");
  if (candles.keys.empty()) {
    if (candles.earlier) json.key("nextTime").value(*candles.earlier / kSecond);
    return as_json(std::move(json.end_object()));
  }
  json.key("t").begin_array();
  for (const std::int64_t key : candles.keys) json.value(key / kSecond);
  json.end_array();
  // To the least digit of a price, so that division leaves no tail.
  const auto write = [&](const char* name, const std::vector<double>& column) {
    json.key(name).begin_array();
    for (const double value : column) json.value(factor == 1 ? value : std::round(value / factor * 1e6) / 1e6);
    json.end_array();
  };
  write("o", candles.open);
  write("h", candles.high);
  write("l", candles.low);
  write("c", candles.close);
  json.key("v").begin_array();
  for (const double volume : candles.volume) json.value(volume);
  return as_json(std::move(json.end_array().end_object()));
}

Result<void> write_quote(JsonWriter& json, const Resources& resources, const lake::Snapshot& snapshot,
                         const std::string& text) {
  ARGOSY_TRY(const ledger::InstrumentRow row, find(resources, text));
  ARGOSY_TRY(const data::Candles days,
             data::load_candles(snapshot, {.symbol = row.symbol, .limit = 2, .prices = data::PriceMode::kRaw}));
  if (days.keys.empty()) return fail(ErrorCode::kNotFound, "there are no bars");
  const double last = days.close.back();
  json.key("s").value("ok").key("n").value(text).key("v").begin_object();
  if (days.keys.size() == 2 && days.close.front() != 0) {
    json.key("ch").value(last - days.close.front()).key("chp").value((last / days.close.front() - 1) * 100);
    json.key("prev_close_price").value(days.close.front());
  }
  json.key("short_name").value(row.symbol).key("exchange").value(row.exchange);
  json.key("original_name").value(full_name(row)).key("description").value(row.name).key("lp").value(last);
  json.key("open_price").value(days.open.back()).key("high_price").value(days.high.back());
  json.key("low_price").value(days.low.back()).key("volume").value(days.volume.back()).end_object();
  return {};
}

Result<net::HttpResponse> quotes(const Resources& resources, const std::string& symbols) {
  constexpr std::size_t kMostQuotes = 50;
  const auto texts = core::split(symbols, ',');
  if (texts.size() > kMostQuotes)
    return fail(ErrorCode::kInvalidArgument, fmt::format("at most {} symbols", kMostQuotes));
  ARGOSY_TRY(const lake::Snapshot snapshot, resources.snapshot());
  JsonWriter json;
  json.begin_object().key("s").value("ok").key("d").begin_array();
  for (const std::string_view each : texts) {
    json.begin_object();
    if (auto written = write_quote(json, resources, snapshot, std::string(each)); !written) {
      if (written.error().code != ErrorCode::kNotFound) return fail(std::move(written).error());
      json.key("s").value("error").key("n").value(each).key("v").begin_object().end_object();
    }
    json.end_object();
  }
  return as_json(std::move(json.end_array().end_object()));
}

}  // namespace

void add_udf(server::Api& api, const Resources& resources) {
  using Answer = net::HttpResponse;
  const auto notes = [](std::string_view path, std::string_view name, std::string_view summary,
                        const RawSchema* schema = nullptr) {
    return server::EndpointNotes{.path = path,
                                 .name = name,
                                 .tag = "udf",
                                 .summary = summary,
                                 .access = Access::kFeed,
                                 .raw_schema = schema,
                                 .parts_schemas = {&kUdfErrorSchema, 1}};
  };
  api.add(endpoint<None, None, None, Answer>(
      notes("/udf/config", "get_udf_config", "What the feed of charts can do", &kUdfConfigSchema),
      [](const auto&) -> Result<Answer> { return config(); }));
  api.add(endpoint<None, None, None, Answer>(
      notes("/udf/time", "get_udf_time", "The server's time, in seconds since 1970"),
      [&](const auto&) -> Result<Answer> {
        const auto seconds = std::chrono::floor<std::chrono::seconds>(resources.clock.now().time_since_epoch());
        return net::text_response(200, "text/plain; charset=utf-8", fmt::to_string(seconds.count()));
      }));
  api.add(endpoint<None, UdfSymbolQuery, None, Answer>(
      notes("/udf/symbols", "get_udf_symbol", "One symbol", &kUdfSymbolSchema),
      [&](const auto& call) { return told(symbol(resources, call.query.symbol)); }));
  api.add(endpoint<None, UdfSearchQuery, None, Answer>(
      notes("/udf/search", "search_udf_symbols", "Symbols by a part of name", &kUdfFoundSchema),
      [&](const auto& call) { return told(search(resources, call.query)); }));
  api.add(endpoint<None, UdfHistoryQuery, None, Answer>(
      notes("/udf/history", "get_udf_history", "Bars, adjusted so that the newest is as quoted", &kUdfHistorySchema),
      [&](const auto& call) { return told(history(resources, call.query)); }));
  api.add(endpoint<None, UdfQuotesQuery, None, Answer>(
      notes("/udf/quotes", "get_udf_quotes", "The last stored day of several symbols", &kUdfQuotesSchema),
      [&](const auto& call) { return told(quotes(resources, call.query.symbols)); }));
}

}  // namespace argosy::rest
