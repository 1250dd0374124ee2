// Stored bars as users of stocks know them: rows of `stock_daily_prices` and `stock_intraday_prices`, a page at a time.
// What serves them (commands, a server) needs no more than these.
//
//   ARGOSY_TRY(const auto page, daily_prices(snapshot, {.stock_id = 1, .symbol = "AAPL"}, {.limit = 100}));
//   json: core::write_json(json, page.items[0])
//
// Prices are as they were quoted, adj_close is raw x F(t) / F of the last stored bar (docs/concepts/time-and-price.md).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/record.hpp"
#include "core/result.hpp"
#include "data/symbol_data.hpp"
#include "lake/lake.hpp"
#include "market/bar.hpp"

namespace argosy::data {

inline constexpr std::array<std::string_view, 4> kPriceSources{"REAL_TIME", "DELAYED", "SIMULATED", "HISTORICAL"};
inline constexpr std::array<std::int64_t, 5> kIntradayMinutes{1, 5, 15, 30, 60};

struct StockDailyPrice {
  std::int64_t stock_id = 0;
  core::Date price_date;
  core::Price open_price;
  core::Price high_price;
  core::Price low_price;
  core::Price close_price;
  core::Price adj_close;
  double volume = 0;
  market::PriceSource source = market::PriceSource::kHistorical;
};

struct StockIntradayPrice {
  std::int64_t stock_id = 0;
  core::Timestamp timestamp;  // of the bar's opening
  std::int64_t interval = 0;
  core::Price open_price;
  core::Price high_price;
  core::Price low_price;
  core::Price close_price;
  double volume = 0;
  market::PriceSource source = market::PriceSource::kHistorical;
};

struct Stock {
  std::int64_t stock_id = 0;  // of the ledger's instrument
  std::string symbol;
};

struct PriceQuestion {
  KeyRange range;
  std::size_t limit = 1'000;
  bool newest = false;  // the last `limit` of the range instead of the first
};

// In the order of time.
template <class Row>
struct PricePage {
  std::vector<Row> items;
  std::int64_t total = 0;  // rows of the whole range
  std::string next;        // where the next page begins: `from` of the next question; empty: there is none
};

// Errors: kNotFound for a symbol without such bars (with what there is) and for a range without any; kInvalidArgument
// for a limit of 0.
[[nodiscard]] core::Result<PricePage<StockDailyPrice>> daily_prices(const lake::Snapshot& snapshot, const Stock& stock,
                                                                    const PriceQuestion& question);
// `minutes` is one of kIntradayMinutes, kInvalidArgument otherwise. Where bars of that length are not stored they are
// made of the longest shorter ones that are; a bar is of the worst source of its parts.
[[nodiscard]] core::Result<PricePage<StockIntradayPrice>> intraday_prices(const lake::Snapshot& snapshot,
                                                                          const Stock& stock, std::int64_t minutes,
                                                                          const PriceQuestion& question);

// Bars of `length`, which are within a day and a multiple of those given, by the clock of UTC.
[[nodiscard]] market::BarColumns join_bars(const market::BarColumns& bars, core::Duration length);

}  // namespace argosy::data

template <>
struct argosy::core::RecordOf<argosy::data::StockDailyPrice> {
  using Row = argosy::data::StockDailyPrice;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, stock_id, .text = "of the stock"),
      ARGOSY_FIELD(Row, price_date, .text = "of the session"),
      ARGOSY_FIELD(Row, open_price, .text = "first price, as quoted"),
      ARGOSY_FIELD(Row, high_price, .text = "highest"),
      ARGOSY_FIELD(Row, low_price, .text = "lowest"),
      ARGOSY_FIELD(Row, close_price, .text = "last"),
      ARGOSY_FIELD(Row, adj_close, .text = "last, adjusted to the newest stored price for splits and dividends"),
      ARGOSY_FIELD(Row, volume, .unit = "shares", .text = "traded"),
      ARGOSY_FIELD(Row, source, .limits = {.one_of = argosy::data::kPriceSources}, .text = "where it comes from"),
  };
  static constexpr RecordType kType{"stock_daily_prices", "Prices of stocks by days", kFields};
};

template <>
struct argosy::core::RecordOf<argosy::data::StockIntradayPrice> {
  using Row = argosy::data::StockIntradayPrice;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, stock_id, .text = "of the stock"),
      ARGOSY_FIELD(Row, timestamp, .text = "of the bar's opening"),
      ARGOSY_FIELD(Row, interval, .unit = "minutes", .text = "length of the bar"),
      ARGOSY_FIELD(Row, open_price, .text = "first price, as quoted"),
      ARGOSY_FIELD(Row, high_price, .text = "highest"),
      ARGOSY_FIELD(Row, low_price, .text = "lowest"),
      ARGOSY_FIELD(Row, close_price, .text = "last"),
      ARGOSY_FIELD(Row, volume, .unit = "shares", .text = "traded"),
      ARGOSY_FIELD(Row, source, .limits = {.one_of = argosy::data::kPriceSources}, .text = "where it comes from"),
  };
  static constexpr RecordType kType{"stock_intraday_prices", "Prices of stocks within days", kFields};
};
