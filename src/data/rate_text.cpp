#include "data/rate_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

#include "core/csv.hpp"
#include "core/text.hpp"
#include "data/bar_text.hpp"
#include "market/bar.hpp"

namespace argosy::data {
namespace {

using core::Error;
using core::ErrorCode;
using core::Result;
using Cells = std::vector<std::string_view>;

enum Column : std::uint8_t { kDate, kTime, kBase, kQuote, kRate, kColumns };
constexpr std::array<std::string_view, kColumns> kNames = {"date", "time", "base", "quote", "rate"};

// The place of each column in a line.
using Places = std::array<std::optional<std::size_t>, kColumns>;

Result<Places> read_header(const Cells& cells) {
  Places places;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::string name = core::to_lower(core::trim(cells[i]));
    const auto found = std::ranges::find(kNames, name);
    if (found == kNames.end()) {
      return core::fail(Error(ErrorCode::kInvalidArgument, fmt::format("unknown column \"{}\"", name))
                            .with_hint(core::did_you_mean(name, kNames)));
    }
    auto& place = places[static_cast<std::size_t>(found - kNames.begin())];
    if (place) return core::fail(ErrorCode::kInvalidArgument, fmt::format("the column \"{}\" is there twice", name));
    place = i;
  }
  for (const Column needed : {kBase, kQuote, kRate}) {
    if (!places[needed])
      return core::fail(ErrorCode::kInvalidArgument, fmt::format("the header has no column \"{}\"", kNames[needed]));
  }
  if (places[kDate].has_value() == places[kTime].has_value())
    return core::fail(ErrorCode::kInvalidArgument, "the header needs either a column \"date\" or a column \"time\"");
  return places;
}

Result<core::Timestamp> read_time(const Places& places, const Cells& cells) {
  if (places[kTime]) {
    const std::string_view text = core::trim(cells[*places[kTime]]);
    const auto written = parse_written_time(text);
    if (!written || !written->time_of_day || !written->offset) {
      return core::fail(Error(ErrorCode::kInvalidArgument, fmt::format("\"{}\" is no time with a zone", text))
                            .with_hint("write RFC 3339, for example 2024-11-29T18:00:00Z"));
    }
    return core::utc_midnight(written->date) + *written->time_of_day - *written->offset;
  }
  ARGOSY_TRY(const core::Date date, core::Date::parse(core::trim(cells[*places[kDate]])));
  if (!market::has_key(date) || !market::has_key(date.plus_days(1)))
    return core::fail(ErrorCode::kInvalidArgument, fmt::format("the date {} is out of range", date.to_string()));
  return core::utc_midnight(date.plus_days(1));
}

Result<market::RateQuote> read_line(const Places& places, const Cells& cells, const std::string& file) {
  const auto text = [&](Column column) { return core::trim(cells[*places[column]]); };
  market::RateQuote rate;
  ARGOSY_TRY(rate.time, read_time(places, cells));
  rate.base = text(kBase);
  rate.quote = text(kQuote);
  ARGOSY_TRY(rate.rate, core::Price::parse(text(kRate)));
  rate.source = file;
  ARGOSY_TRY_VOID(market::check_rate(rate));
  return rate;
}

}  // namespace

Result<std::vector<market::RateQuote>> read_rates(std::string_view csv, const std::string& file) {
  core::CsvReader reader(csv);
  Cells cells;
  if (!reader.next(cells)) return core::fail(Error(ErrorCode::kInvalidArgument, "the file is empty").at(file));
  const std::size_t columns = cells.size();
  auto places = read_header(cells);
  if (!places) return core::fail(std::move(places).error().at(file, reader.line()));
  std::vector<market::RateQuote> rates;
  std::map<std::tuple<core::Timestamp, std::string, std::string>, std::int64_t> lines;  // by time and pair
  while (reader.next(cells)) {
    const auto refuse = [&](Error error) { return core::fail(std::move(error).at(file, reader.line())); };
    if (cells.size() != columns)
      return refuse(Error(ErrorCode::kInvalidArgument, fmt::format("{} cells instead of {}", cells.size(), columns)));
    auto rate = read_line(*places, cells, file);
    if (!rate) return refuse(std::move(rate).error());
    const auto pair = std::minmax(rate->base, rate->quote);
    const auto [first, is_new] = lines.emplace(std::tuple(rate->time, pair.first, pair.second), reader.line());
    if (!is_new) {
      return refuse(Error(
          ErrorCode::kInvalidArgument,
          fmt::format("{} in {} has a rate of this time in line {} already", rate->base, rate->quote, first->second)));
    }
    rates.push_back(*std::move(rate));
  }
  std::ranges::stable_sort(rates, {}, &market::RateQuote::time);
  return rates;
}

}  // namespace argosy::data
