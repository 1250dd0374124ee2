#include "market/bar.hpp"

#include <fmt/format.h>

#include <cmath>

#include "core/check.hpp"

namespace argosy::market {

std::string_view to_string(PriceSource source) {
  switch (source) {
    case PriceSource::kRealTime:
      return "REAL_TIME";
    case PriceSource::kDelayed:
      return "DELAYED";
    case PriceSource::kSimulated:
      return "SIMULATED";
    case PriceSource::kHistorical:
      return "HISTORICAL";
  }
  ARGOSY_CHECK(false, "price source {}", static_cast<int>(source));
}

core::Result<PriceSource> parse_price_source(std::string_view text) {
  for (const PriceSource source :
       {PriceSource::kRealTime, PriceSource::kDelayed, PriceSource::kSimulated, PriceSource::kHistorical}) {
    if (text == to_string(source)) return source;
  }
  return core::fail(core::Error(core::ErrorCode::kInvalidArgument, fmt::format("\"{}\" is not a price source", text))
                        .with_hint("write REAL_TIME, DELAYED, SIMULATED or HISTORICAL"));
}

bool operator==(const Bar& a, const Bar& b) {
  const bool same_vwap = a.vwap == b.vwap || (std::isnan(a.vwap) && std::isnan(b.vwap));
  return a.key == b.key && a.open == b.open && a.high == b.high && a.low == b.low && a.close == b.close &&
         a.volume == b.volume && same_vwap && a.source == b.source;
}

void BarColumns::reserve(std::size_t rows) {
  key.reserve(rows);
  open.reserve(rows);
  high.reserve(rows);
  low.reserve(rows);
  close.reserve(rows);
  volume.reserve(rows);
  source.reserve(rows);
}

void BarColumns::push_back(const Bar& bar) {
  if (!vwap.empty() || !std::isnan(bar.vwap)) {
    vwap.resize(key.size(), std::numeric_limits<double>::quiet_NaN());
    vwap.push_back(bar.vwap);
  }
  key.push_back(bar.key);
  open.push_back(bar.open);
  high.push_back(bar.high);
  low.push_back(bar.low);
  close.push_back(bar.close);
  volume.push_back(bar.volume);
  source.push_back(bar.source);
}

Bar BarColumns::at(std::size_t row) const {
  ARGOSY_CHECK(row < size(), "row {} of {} bars", row, size());
  return {.key = key[row],
          .open = open[row],
          .high = high[row],
          .low = low[row],
          .close = close[row],
          .volume = volume[row],
          .vwap = vwap.empty() ? std::numeric_limits<double>::quiet_NaN() : vwap[row],
          .source = source[row]};
}

std::string format_key(std::int64_t key, Timeframe timeframe) {
  return timeframe.is_intraday() ? core::format_rfc3339(key_instant(key)) : key_date(key).to_string();
}

core::Result<std::int64_t> parse_key(std::string_view text, Timeframe timeframe) {
  constexpr std::size_t kDateLength = 10;
  if (timeframe.is_intraday() && text.size() > kDateLength) {
    ARGOSY_TRY(const core::Timestamp time, core::parse_rfc3339(text));
    return time.time_since_epoch().count();
  }
  if (text.size() > kDateLength && core::parse_rfc3339(text)) {
    return core::fail(
        core::Error(core::ErrorCode::kInvalidArgument,
                    fmt::format("\"{}\" is a time, but {} bars are keyed by a date", text, timeframe.to_string()))
            .with_hint("write YYYY-MM-DD"));
  }
  ARGOSY_TRY(const core::Date date, core::Date::parse(text));
  if (!has_key(date)) {
    return core::fail(core::ErrorCode::kInvalidArgument,
                      fmt::format("\"{}\" lies outside the years {} to {}", text, kFirstKeyYear, kLastKeyYear));
  }
  return date_key(date);
}

}  // namespace argosy::market
