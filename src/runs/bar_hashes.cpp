#include "runs/bar_hashes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <utility>

#include "core/json.hpp"
#include "core/text.hpp"
#include "market/bar.hpp"

namespace argosy::runs {

using backtest::MarketData;
using core::ErrorCode;
using core::fail;
using core::JsonValue;
using core::Result;

namespace {

constexpr std::size_t kMostSymbolsByMonth = 20;

std::int32_t month_of(std::int64_t key) {
  const core::Date date = market::key_date(key);
  return (date.year() - 1970) * 12 + static_cast<std::int32_t>(date.month()) - 1;
}

// The first key of the month after this one.
std::int64_t end_of_month(std::int32_t month) {
  const std::int32_t next = month + 1;
  const std::int32_t year = 1970 + (next >= 0 ? next / 12 : (next - 11) / 12);
  return market::date_key(core::Date::from_ymd(year, static_cast<unsigned>(next - (year - 1970) * 12) + 1, 1));
}

std::int32_t end_of_year(std::int32_t month) { return month - ((month % 12) + 12) % 12 + 11; }

void mix(std::uint64_t& hash, std::uint64_t value) {
  hash = (hash ^ value) * 0x9e3779b97f4a7c15ULL;
  hash ^= hash >> 32;
}
void mix(std::uint64_t& hash, std::int64_t value) { mix(hash, static_cast<std::uint64_t>(value)); }
void mix(std::uint64_t& hash, double value) { mix(hash, std::bit_cast<std::uint64_t>(value)); }

std::uint64_t hash_at(const BarHashes::Series& series, std::int32_t month) {
  const auto after = std::ranges::upper_bound(series.marks, month, {}, &BarHashes::Mark::month);
  return after == series.marks.begin() ? 0 : std::prev(after)->hash;
}

Result<std::uint64_t> parse_hash(const std::string& text) {
  std::uint64_t hash = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), hash, 16);
  if (error == std::errc() && end == text.data() + text.size()) return hash;
  return fail(ErrorCode::kCorrupt, fmt::format("\"{}\" is no hash of bars", text));
}

Result<BarHashes::Series> parse_series(const JsonValue& json) {
  const JsonValue* symbol = json.find("symbol");
  const JsonValue* timeframe = json.find("timeframe");
  const JsonValue* months = json.find("months");
  const JsonValue* hashes = json.find("hashes");
  const auto wrong = [] { return fail(ErrorCode::kCorrupt, "hashes of bars are not written as they should be"); };
  if (symbol == nullptr || symbol->string() == nullptr || timeframe == nullptr || timeframe->string() == nullptr ||
      months == nullptr || months->array() == nullptr || hashes == nullptr || hashes->array() == nullptr ||
      months->array()->size() != hashes->array()->size())
    return wrong();
  BarHashes::Series series{.symbol = *symbol->string(), .timeframe = *timeframe->string()};
  for (std::size_t i = 0; i < months->array()->size(); ++i) {
    const JsonValue& month = (*months->array())[i];
    const JsonValue& hash = (*hashes->array())[i];
    if (month.number() == nullptr || hash.string() == nullptr) return wrong();
    const auto number = core::parse_integer(month.number()->text);
    if (!number) return wrong();
    ARGOSY_TRY(const std::uint64_t value, parse_hash(*hash.string()));
    series.marks.push_back({.month = static_cast<std::int32_t>(*number), .hash = value});
  }
  return series;
}

}  // namespace

void BarHashes::add(const data::SymbolData& symbol, bool yearly) {
  yearly_ = yearly_ || yearly;
  Series& series =
      series_.emplace_back(Series{.symbol = symbol.instrument.symbol, .timeframe = symbol.timeframe.to_string()});
  const market::BarColumns& bars = symbol.bars;
  const bool adjusted = symbol.factors.price.size() == bars.size();
  std::uint64_t hash = 0;
  std::int32_t month = 0;
  std::int64_t end = 0;
  for (std::size_t row = 0; row < bars.size(); ++row) {
    if (row == 0 || bars.key[row] >= end) {
      if (row > 0) series.marks.push_back({.month = month, .hash = hash});
      month = month_of(bars.key[row]);
      if (yearly) month = end_of_year(month);
      end = end_of_month(month);
    }
    mix(hash, bars.key[row]);
    mix(hash, bars.open[row].units());
    mix(hash, bars.high[row].units());
    mix(hash, bars.low[row].units());
    mix(hash, bars.close[row].units());
    mix(hash, bars.volume[row]);
    if (!bars.vwap.empty()) mix(hash, bars.vwap[row]);
    if (adjusted) mix(hash, symbol.factors.price[row]);
  }
  if (!bars.empty()) series.marks.push_back({.month = month, .hash = hash});
}

bool BarHashes::has(std::string_view symbol) const {
  return std::ranges::find(series_, symbol, &Series::symbol) != series_.end();
}

bool BarHashes::equal_until(const BarHashes& other, std::string_view symbol, std::int64_t key) const {
  std::int32_t month = month_of(key);
  if (yearly_ || other.yearly_) month = end_of_year(month);
  // What only one run has of a timeframe (finer bars to fill in) is a way to run, not a difference of data.
  bool met = false;
  for (const Series& mine : series_) {
    if (mine.symbol != symbol) continue;
    for (const Series& theirs : other.series_) {
      if (theirs.symbol != symbol || theirs.timeframe != mine.timeframe) continue;
      if (hash_at(mine, month) != hash_at(theirs, month)) return false;
      met = true;
    }
  }
  return met;
}

std::string BarHashes::to_json() const {
  core::JsonWriter json;
  json.begin_object().key("yearly").value(yearly_).key("series").begin_array();
  for (const Series& series : series_) {
    json.begin_object().key("symbol").value(series.symbol).key("timeframe").value(series.timeframe);
    json.key("months").begin_array();
    for (const Mark& mark : series.marks) json.value(std::int64_t{mark.month});
    json.end_array().key("hashes").begin_array();
    for (const Mark& mark : series.marks) json.value(fmt::format("{:x}", mark.hash));
    json.end_array().end_object();
  }
  json.end_array().end_object();
  return std::move(json).take();
}

Result<BarHashes> BarHashes::parse(const std::string& text) {
  ARGOSY_TRY(const JsonValue json, core::parse_json(text));
  const JsonValue* yearly = json.find("yearly");
  const JsonValue* series = json.find("series");
  if (yearly == nullptr || yearly->boolean() == nullptr || series == nullptr || series->array() == nullptr)
    return fail(ErrorCode::kCorrupt, "hashes of bars are not written as they should be");
  BarHashes hashes;
  hashes.yearly_ = *yearly->boolean();
  for (const JsonValue& each : *series->array()) {
    ARGOSY_TRY(Series parsed, parse_series(each));
    hashes.series_.push_back(std::move(parsed));
  }
  return hashes;
}

BarHashes hash_bars(const MarketData& market) {
  BarHashes hashes;
  const bool yearly = market.symbols.size() > kMostSymbolsByMonth;
  for (const data::SymbolData& symbol : market.symbols) hashes.add(symbol, yearly);
  for (const data::SymbolData& symbol : market.detail) hashes.add(symbol, yearly);
  return hashes;
}

}  // namespace argosy::runs
