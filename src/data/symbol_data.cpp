#include "data/symbol_data.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <numeric>

#include "core/check.hpp"
#include "core/hash.hpp"
#include "core/text.hpp"
#include "data/time_columns.hpp"
#include "lake/lake.hpp"
#include "market/calendar.hpp"

namespace argosy::data {

namespace {

core::Error unknown_symbol(const lake::Snapshot& snapshot, const std::string& symbol) {
  const auto symbols = snapshot.symbols();
  core::Error error(core::ErrorCode::kNotFound, fmt::format("the lake has no bars of \"{}\"", symbol));
  if (symbols.empty()) {
    return std::move(error).with_hint("it is empty: argosy data import FILE --symbol " + symbol + " --timeframe 1d");
  }
  const std::vector<std::string_view> names(symbols.begin(), symbols.end());
  return std::move(error).with_hint(std::string(core::trim(core::did_you_mean(symbol, names))) +
                                    " argosy data list shows what there is");
}

core::Error unknown_timeframe(const std::string& symbol, market::Timeframe timeframe,
                              std::span<const market::Timeframe> known) {
  std::vector<std::string> names;
  for (const auto other : known) names.push_back(other.to_string());
  return core::Error(core::ErrorCode::kNotFound,
                     fmt::format("the lake has no {} bars of {}", timeframe.to_string(), symbol))
      .with_hint(fmt::format("there are bars of {}: {}", symbol, core::join(names, ", ")));
}

std::string hash_of(const SymbolData& data, const std::string& bars_hash) {
  std::string text = core::csv_row(core::record_type<market::Instrument>(), &data.instrument) + "\n";
  text += data.timeframe.to_string() + " " + bars_hash + "\n";
  for (const auto& action : data.actions) {
    const std::int64_t key = market::date_key(action.ex_date);
    // Intraday bars of the ex-date lie after its midnight.
    if (key > data.bars.key.back() || market::key_date(data.bars.key.front()) > action.ex_date) continue;
    text += fmt::format("{} {} {} {} {}\n", action.ex_date.to_string(), static_cast<int>(action.kind), action.numerator,
                        action.denominator, action.amount.to_string());
  }
  return core::sha256_hex(text);
}

// Factors run from the anchor, so they need every close between it and the range.
core::Result<market::AdjustmentFactors> factors_of(const lake::Snapshot& snapshot, const SymbolData& data) {
  if (data.actions.empty()) {
    const std::vector<double> ones(data.bars.size(), 1.0);
    return market::AdjustmentFactors{ones, ones};
  }
  const std::int64_t first = std::min(data.anchor, data.bars.key.front());
  const std::int64_t last = std::max(data.anchor, data.bars.key.back());
  ARGOSY_TRY(const auto all, snapshot.load(data.instrument.symbol, data.timeframe, first, last));
  ARGOSY_TRY(const market::Calendar* calendar, market::find_calendar(data.instrument.exchange));
  ARGOSY_TRY(auto factors,
             market::adjustment_factors(all.key, all.close, data.actions, data.anchor, data.timeframe, *calendar));
  if (all.size() == data.bars.size()) return factors;
  const auto at = std::lower_bound(all.key.begin(), all.key.end(), data.bars.key.front()) - all.key.begin();
  const auto cut = [&](std::vector<double>& values) {
    const auto begin = values.begin() + at;
    values = std::vector<double>(begin, begin + static_cast<std::ptrdiff_t>(data.bars.size()));
  };
  cut(factors.price);
  cut(factors.split);
  return factors;
}

enum class Kind : std::uint8_t { kPrice, kVolume, kVwap };
struct FieldSource {
  std::string_view name;
  Kind kind;
  const std::vector<core::Price> market::BarColumns::* prices;
};
constexpr std::array kSources{
    FieldSource{"open", Kind::kPrice, &market::BarColumns::open},
    FieldSource{"high", Kind::kPrice, &market::BarColumns::high},
    FieldSource{"low", Kind::kPrice, &market::BarColumns::low},
    FieldSource{"close", Kind::kPrice, &market::BarColumns::close},
    FieldSource{"volume", Kind::kVolume, nullptr},
    FieldSource{"vwap", Kind::kVwap, nullptr},
};

// The instrument's calendar was found when its factors were made.
const market::Calendar& calendar_of(const SymbolData& data) {
  const auto calendar = market::find_calendar(data.instrument.exchange);
  ARGOSY_CHECK(calendar.has_value(), "exchange {}", data.instrument.exchange);
  return **calendar;
}

std::vector<double> make_column(const SymbolData& data, std::string_view field, PriceMode mode) {
  if (auto column = time_column(field, data.bars.key, data.timeframe, calendar_of(data))) return *std::move(column);
  const bool quoted = field.starts_with("raw.");
  const std::string_view name = quoted ? field.substr(4) : field;
  const auto* source =
      std::find_if(kSources.begin(), kSources.end(), [&](const auto& known) { return known.name == name; });
  ARGOSY_CHECK(source != kSources.end(), "no field {}", field);
  const bool raw = quoted || mode == PriceMode::kRaw;
  const std::size_t rows = data.bars.size();
  std::vector<double> out(rows, std::numeric_limits<double>::quiet_NaN());
  const double* factor = raw ? nullptr : data.factors.price.data();
  switch (source->kind) {
    case Kind::kPrice: {
      const auto& prices = data.bars.*(source->prices);
      for (std::size_t i = 0; i < rows; ++i) out[i] = prices[i].to_double();
      break;
    }
    case Kind::kVolume:
      for (std::size_t i = 0; i < rows; ++i) out[i] = data.bars.volume[i] / (raw ? 1.0 : data.factors.split[i]);
      return out;
    case Kind::kVwap:
      if (!data.bars.vwap.empty()) out = data.bars.vwap;
      break;
  }
  for (std::size_t i = 0; factor != nullptr && i < rows; ++i) out[i] *= factor[i];
  return out;
}

// How the values of the bars that make up a longer one become its value.
double joined(std::string_view field, std::span<const double> values, std::span<const double> weights) {
  if (field.starts_with("raw.")) field.remove_prefix(4);
  const auto add = [](double sum, double value) { return sum + value; };
  if (field == "high") return std::ranges::max(values);
  if (field == "low") return std::ranges::min(values);
  if (field == "volume") return std::accumulate(values.begin(), values.end(), 0.0, add);
  if (field == "vwap") {
    const double volume = std::accumulate(weights.begin(), weights.end(), 0.0, add);
    return std::inner_product(values.begin(), values.end(), weights.begin(), 0.0) / volume;
  }
  return field == "close" ? values.back() : values.front();
}

}  // namespace

std::int64_t longer_key(std::int64_t key, market::Timeframe from, market::Timeframe to,
                        const market::Calendar& calendar) {
  if (to.is_intraday()) {
    const std::int64_t length = to.nominal().count();
    return key - ((key % length) + length) % length;
  }
  const core::Date date = from.is_intraday() ? calendar.local_date(market::key_instant(key)) : market::key_date(key);
  if (to.unit() == market::TimeframeUnit::kWeek)
    return market::date_key(date.plus_days(-static_cast<std::int32_t>(date.weekday())));
  if (to.unit() == market::TimeframeUnit::kMonth)
    return market::date_key(core::Date::from_ymd(date.year(), date.month(), 1));
  return market::date_key(date);
}

core::Result<KeyRange> parse_range(const std::string& from, const std::string& to, market::Timeframe timeframe) {
  KeyRange range;
  if (!from.empty()) {
    ARGOSY_TRY(range.from, market::parse_key(from, timeframe));
  }
  if (!to.empty()) {
    ARGOSY_TRY(std::int64_t key, market::parse_key(to, timeframe));
    constexpr std::int64_t kDay = 86'400'000'000'000;
    if (timeframe.is_intraday() && core::Date::parse(to)) key += kDay - 1;
    range.to = key;
  }
  if (range.from && range.to && *range.from > *range.to)
    return core::fail(core::ErrorCode::kInvalidArgument,
                      fmt::format("the beginning {} lies after the end {}", from, to));
  return range;
}

core::Result<SymbolRows> make_rows(const SymbolData& symbol, std::span<const std::string> fields, PriceMode mode) {
  SymbolRows rows{.keys = symbol.bars.key, .closing = {}, .columns = {}};
  const market::Calendar& calendar = calendar_of(symbol);
  rows.closing.reserve(rows.keys.size());
  for (const std::int64_t key : rows.keys)
    rows.closing.push_back(calendar.closing_instant(key, symbol.timeframe).time_since_epoch().count());
  for (const std::string& field : fields) rows.columns.push_back(make_column(symbol, field, mode));
  return rows;
}

core::Result<SymbolRows> make_rows(const SymbolData& symbol, std::span<const std::string> fields, PriceMode mode,
                                   market::Timeframe timeframe) {
  if (timeframe.nominal() <= symbol.timeframe.nominal()) {
    return core::fail(
        core::Error(core::ErrorCode::kInvalidArgument, fmt::format("bars of {} cannot be made of bars of {}",
                                                                   timeframe.to_string(), symbol.timeframe.to_string()))
            .with_hint("on(\"1w\", x) needs a timeframe longer than that of the bars"));
  }
  const market::Calendar& calendar = calendar_of(symbol);
  SymbolRows rows;
  std::vector<std::size_t> starts;
  for (std::size_t i = 0; i < symbol.bars.size(); ++i) {
    const std::int64_t key = longer_key(symbol.bars.key[i], symbol.timeframe, timeframe, calendar);
    if (!rows.keys.empty() && rows.keys.back() == key) continue;
    starts.push_back(i);
    rows.keys.push_back(key);
    rows.closing.push_back(calendar.closing_instant(key, timeframe).time_since_epoch().count());
  }
  starts.push_back(symbol.bars.size());
  const std::vector<double> volume = make_column(symbol, "volume", mode);
  for (const std::string& field : fields) {
    if (auto column = time_column(field, rows.keys, timeframe, calendar)) {
      rows.columns.push_back(*std::move(column));
      continue;
    }
    const std::vector<double> values = make_column(symbol, field, mode);
    std::vector<double>& out = rows.columns.emplace_back();
    out.reserve(rows.keys.size());
    for (std::size_t k = 0; k < rows.keys.size(); ++k) {
      const auto part = [&](const std::vector<double>& column) {
        return std::span(column).subspan(starts[k], starts[k + 1] - starts[k]);
      };
      out.push_back(joined(field, part(values), part(volume)));
    }
  }
  return rows;
}

namespace {

core::Result<void> check_series(const lake::Snapshot& snapshot, const std::string& symbol,
                                market::Timeframe timeframe) {
  const auto timeframes = snapshot.timeframes(symbol);
  if (timeframes.empty()) return core::fail(unknown_symbol(snapshot, symbol));
  if (std::find(timeframes.begin(), timeframes.end(), timeframe) != timeframes.end()) return {};
  return core::fail(unknown_timeframe(symbol, timeframe, timeframes));
}

// What belongs to bars that were loaded.
core::Result<SymbolData> complete(const lake::Snapshot& snapshot, const std::string& symbol,
                                  market::Timeframe timeframe, const KeyRange& range, market::BarColumns bars) {
  const lake::Tables& tables = snapshot.tables();
  SymbolData data;
  data.timeframe = timeframe;
  data.instrument.symbol = symbol;
  if (const auto it = tables.instruments.find(symbol); it != tables.instruments.end()) data.instrument = it->second;
  if (const auto it = tables.actions.find(symbol); it != tables.actions.end()) data.actions = it->second;
  data.bars = std::move(bars);
  if (data.bars.empty()) {
    const auto text = [&](std::optional<std::int64_t> key) {
      return key ? market::format_key(*key, timeframe) : "the beginning";
    };
    return core::fail(core::Error(core::ErrorCode::kNotFound,
                                  fmt::format("there are no {} bars of {} from {} to {}", timeframe.to_string(), symbol,
                                              text(range.from), range.to ? text(range.to) : "the end"))
                          .with_hint("argosy data list shows the first and last bar of each symbol"));
  }
  const auto anchor = tables.anchors.find(symbol);
  data.anchor = anchor == tables.anchors.end() ? data.bars.key.front() : anchor->second;
  ARGOSY_TRY(data.factors, factors_of(snapshot, data));
  data.content_hash = hash_of(data, snapshot.content_hash(symbol, timeframe, data.bars));
  return data;
}

}  // namespace

core::Result<SymbolData> load_symbol(const lake::Snapshot& snapshot, const std::string& symbol,
                                     market::Timeframe timeframe, const KeyRange& range) {
  ARGOSY_TRY_VOID(check_series(snapshot, symbol, timeframe));
  ARGOSY_TRY(market::BarColumns bars, snapshot.load(symbol, timeframe, range.from, range.to));
  return complete(snapshot, symbol, timeframe, range, std::move(bars));
}

core::Result<std::vector<SymbolData>> load_symbols(const lake::Snapshot& snapshot, std::span<const std::string> symbols,
                                                   market::Timeframe timeframe, const KeyRange& range) {
  for (const std::string& symbol : symbols) ARGOSY_TRY_VOID(check_series(snapshot, symbol, timeframe));
  ARGOSY_TRY(std::vector<market::BarColumns> bars, snapshot.load_all(symbols, timeframe, range.from, range.to));
  std::vector<SymbolData> out;
  for (std::size_t k = 0; k < symbols.size(); ++k) {
    ARGOSY_TRY(SymbolData data, complete(snapshot, symbols[k], timeframe, range, std::move(bars[k])));
    out.push_back(std::move(data));
  }
  return out;
}

core::Panel make_panel(std::span<const SymbolData> symbols, std::span<const std::string> fields, PriceMode mode) {
  core::Panel panel({fields.begin(), fields.end()});
  for (const SymbolData& data : symbols) {
    std::vector<std::vector<double>> columns;
    columns.reserve(fields.size());
    for (const std::string& field : fields) columns.push_back(make_column(data, field, mode));
    panel.add_entity(data.instrument.symbol, data.bars.key, std::move(columns));
  }
  return panel;
}

}  // namespace argosy::data
