// Bars as charts show them, with formulas evaluated beside.
#include <cmath>
#include <utility>

#include "core/text.hpp"
#include "market/bar.hpp"
#include "rest/answer_schemas.hpp"
#include "rest/formulas.hpp"

namespace argosy::rest {

using core::fail;
using core::Result;
using server::Access;
using server::endpoint;
using server::None;

struct CandlesQuery {
  CandleRequest range;
  std::string formula;
};

}  // namespace argosy::rest

template <>
struct argosy::core::RecordOf<argosy::rest::CandlesQuery> {
  using Row = argosy::rest::CandlesQuery;
  static constexpr auto kFields =
      extended_fields(RecordOf<argosy::rest::CandleRequest>::kFields,
                      ARGOSY_FIELD(Row, formula, .limits = {.maximum_length = 4'000},
                                   .text = "formulas, separated by semicolons; + is written %2B"));
  static constexpr RecordType kType{"candles_query", "Which bars, and what beside them", kFields};
};

namespace argosy::rest {
namespace {

std::vector<std::string> formulas_of(const std::string& text) {
  std::vector<std::string> out;
  for (const std::string_view each : core::split(text, ';')) {
    if (!core::trim(each).empty()) out.emplace_back(each);
  }
  return out;
}

// So that "the newest" are read without all that came before them.
constexpr std::int64_t kDay = 86'400'000'000'000;

}  // namespace

Result<data::Candles> read_candles(const Resources& resources, const CandleRequest& request,
                                   const formula::Program* program) {
  const auto in_field = [](const char* name, core::Error error) {
    error.line = 0;
    error.column = 0;
    return fail(std::move(error).in_field(name));
  };
  auto timeframe = market::Timeframe::parse(request.timeframe);
  if (!timeframe) return in_field("timeframe", std::move(timeframe).error());
  auto range = data::parse_range(request.from, request.to, *timeframe);
  if (!range) return in_field(request.from.empty() ? "to" : "from", std::move(range).error());
  ARGOSY_TRY_VOID(find_stock(resources, request.symbol));
  if (!range->to) range->to = resources.clock.now().time_since_epoch().count() + kDay;
  if (range->from && *range->from > *range->to) range->to = range->from;
  ARGOSY_TRY(const lake::Snapshot snapshot, resources.snapshot());
  return data::load_candles(snapshot,
                            {.symbol = request.symbol,
                             .timeframe = *timeframe,
                             .range = *range,
                             .limit = static_cast<std::size_t>(request.limit),
                             .prices = request.prices == "raw" ? data::PriceMode::kRaw : data::PriceMode::kAdjusted,
                             .program = program});
}

void write_columns(core::JsonWriter& json, const CandleRequest& request, const data::Candles& candles) {
  const auto key = [&](const char* name, const std::optional<std::int64_t>& at) {
    json.key(name);
    if (at) {
      json.value(market::format_key(*at, candles.timeframe));
    } else {
      json.null();
    }
  };
  json.key("symbol").value(request.symbol).key("timeframe").value(candles.timeframe.to_string());
  json.key("made_of").value(candles.made_of.to_string()).key("prices").value(request.prices);
  key("earlier", candles.earlier);
  json.key("warm_up").value(candles.warm_up);
  key("formulas_from", candles.formulas_from);
  json.key("columns").begin_array();
  for (const data::CandleColumn& column : candles.columns) {
    const bool is_truth = column.output.type == formula::ValueType::kTruth;
    json.begin_object().key("name").value(column.output.name);
    json.key("type").value(is_truth ? "truth" : "number").key("values").begin_array();
    for (const double value : column.values) {
      if (is_truth && !std::isnan(value)) {
        json.value(value != 0);
      } else {
        json.value(value);  // NaN is null
      }
    }
    json.end_array().end_object();
  }
  json.end_array();
}

void add_candles(server::Api& api, const Resources& resources) {
  api.add(endpoint<None, CandlesQuery, None, net::HttpResponse>(
      {.path = "/prices/candles",
       .name = "get_candles",
       .tag = "prices",
       .summary = "Bars for charts, in any timeframe, with formulas beside",
       .access = Access::kViewer,
       .has_etag = true,
       .text = "Answers symbol, timeframe, made_of (the stored bars), prices, items (time, open, high, low, close, "
               "volume, as numbers, oldest first), columns (one a formula: name, type, values, one a bar, null where "
               "there is none), earlier (the last bar before these: the next `to`), warm_up, and formulas_from: null "
               "where formulas ran from the symbol's first bar on, as they should; otherwise the bar at which they "
               "began, because a symbol has more than 200,000 stored bars before the end of the range.",
       .raw_schema = &kCandlesSchema,
       .parts_schemas = {&kFormulaColumnSchema, 1}},
      [&](const auto& call) -> Result<net::HttpResponse> {
        const std::vector<std::string> formulas = formulas_of(call.query.formula);
        std::optional<formula::Program> program;
        if (!formulas.empty()) {
          ARGOSY_TRY(program, read_formulas(formulas, {.name = "formula"}));
        }
        ARGOSY_TRY(const data::Candles candles,
                   read_candles(resources, call.query.range, program ? &*program : nullptr));
        core::JsonWriter json;
        write_columns(json.begin_object(), call.query.range, candles);
        json.key("items").begin_array();
        for (std::size_t i = 0; i < candles.keys.size(); ++i) {
          json.begin_object().key("time").value(market::format_key(candles.keys[i], candles.timeframe));
          json.key("open").value(candles.open[i]).key("high").value(candles.high[i]).key("low").value(candles.low[i]);
          json.key("close").value(candles.close[i]).key("volume").value(candles.volume[i]).end_object();
        }
        return net::text_response(200, "application/json", std::move(json.end_array().end_object()).take());
      }));
}

}  // namespace argosy::rest
