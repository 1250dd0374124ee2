#include "lake/detail/bar_file.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <cstring>
#include <limits>

#include "core/check.hpp"

namespace argosy::lake::detail {

namespace {

constexpr std::int64_t kDay = 86'400'000'000'000;
// Rows of one group: small enough that a symbol among hundreds is found by the groups' statistics, large enough that
// a long series is decoded in big runs.
constexpr int kRowGroupRows = 65'536;

static_assert(sizeof(core::Price) == sizeof(std::int64_t));

const std::int64_t* units(const std::vector<core::Price>& prices) {
  return reinterpret_cast<const std::int64_t*>(prices.data());
}

std::string key_literal(std::int64_t key, market::Timeframe timeframe) {
  if (timeframe.is_intraday()) return fmt::format("make_timestamp_ns({})", key);
  return fmt::format("DATE {}", quote(market::key_date(key).to_string()));
}

std::string select_text(const BarFileQuery& query) {
  const std::string_view key = key_column(query.timeframe);
  std::string sql = fmt::format("SELECT {}, open, high, low, close, volume", key);
  if (query.has_vwap) sql += ", vwap";
  if (query.source < 0) {
    sql += ", CASE source WHEN 'REAL_TIME' THEN 0 WHEN 'DELAYED' THEN 1 WHEN 'SIMULATED' THEN 2 ELSE 3 END::UTINYINT";
  }
  sql += fmt::format(" FROM read_parquet({}, hive_partitioning = false)", quote_list(query.paths));
  std::string where;
  const auto add = [&](const std::string& condition) { where += (where.empty() ? " WHERE " : " AND ") + condition; };
  if (!query.only_symbol) add("symbol = " + quote(query.symbol));
  if (query.from) add(fmt::format("{} >= {}", key, key_literal(*query.from, query.timeframe)));
  if (query.to) add(fmt::format("{} <= {}", key, key_literal(*query.to, query.timeframe)));
  return sql + where;
}

template <class T>
void take(std::vector<T>& out, const void* values, std::size_t rows) {
  const auto* first = static_cast<const T*>(values);
  out.insert(out.end(), first, first + rows);
}

void take_reals(std::vector<double>& out, const Rows& rows, std::size_t column) {
  take(out, rows.column<double>(column), rows.size());
  if (!rows.has_nulls(column)) return;
  const std::size_t first = out.size() - rows.size();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows.is_null(column, i)) out[first + i] = std::numeric_limits<double>::quiet_NaN();
  }
}

void take_chunk(const Rows& rows, const BarFileQuery& query, market::BarColumns& bars) {
  const std::size_t count = rows.size();
  if (query.timeframe.is_intraday()) {
    take(bars.key, rows.column<std::int64_t>(0), count);
  } else {
    const auto* days = rows.column<std::int32_t>(0);
    for (std::size_t i = 0; i < count; ++i) bars.key.push_back(days[i] * kDay);
  }
  take(bars.open, rows.column<core::Price>(1), count);
  take(bars.high, rows.column<core::Price>(2), count);
  take(bars.low, rows.column<core::Price>(3), count);
  take(bars.close, rows.column<core::Price>(4), count);
  take_reals(bars.volume, rows, 5);
  std::size_t next = 6;
  if (query.has_vwap) take_reals(bars.vwap, rows, next++);
  if (query.source < 0) take(bars.source, rows.column<market::PriceSource>(next), count);
}

}  // namespace

std::string_view key_column(market::Timeframe timeframe) { return timeframe.is_intraday() ? "time" : "date"; }

core::Result<void> create_bar_table(Database& database, const std::string& table, market::Timeframe timeframe) {
  return database.execute(fmt::format(
      "CREATE OR REPLACE TABLE {} (symbol VARCHAR, {}, open DECIMAL(18,9), high DECIMAL(18,9), low DECIMAL(18,9), "
      "close DECIMAL(18,9), volume DOUBLE, vwap DOUBLE, source VARCHAR)",
      table, timeframe.is_intraday() ? "time TIMESTAMP_NS" : "date DATE"));
}

core::Result<void> append_bars(Database& database, const std::string& table, const std::string& symbol,
                               const market::BarColumns& bars, market::Timeframe timeframe) {
  const std::size_t rows = bars.size();
  std::vector<std::int32_t> days;
  if (!timeframe.is_intraday()) {
    days.reserve(rows);
    for (const std::int64_t key : bars.key) {
      ARGOSY_CHECK(key % kDay == 0, "{}: {} is no date's key", symbol, key);
      days.push_back(static_cast<std::int32_t>(key / kDay));
    }
  }
  std::vector<double> vwap = bars.vwap;
  vwap.resize(rows, std::numeric_limits<double>::quiet_NaN());
  std::vector<std::string_view> source;
  source.reserve(rows);
  for (const market::PriceSource value : bars.source) source.push_back(market::to_string(value));
  const std::string_view name = symbol;
  const std::array columns{
      ColumnInput::constant(name),
      timeframe.is_intraday() ? ColumnInput::timestamp(bars.key) : ColumnInput::date(days),
      ColumnInput::decimal(units(bars.open)),
      ColumnInput::decimal(units(bars.high)),
      ColumnInput::decimal(units(bars.low)),
      ColumnInput::decimal(units(bars.close)),
      ColumnInput::real(bars.volume),
      ColumnInput::real(vwap),
      ColumnInput::text(source),
  };
  return database.append(table, rows, columns);
}

core::Result<void> write_bar_file(Database& database, const std::string& table, const std::vector<std::string>& older,
                                  const std::vector<std::string>& replaced, market::Timeframe timeframe,
                                  const std::string& path) {
  std::string rows = "SELECT * FROM " + table;
  if (!older.empty()) {
    rows += fmt::format(
        " UNION ALL SELECT symbol, {}, open, high, low, close, volume, vwap, source "
        "FROM read_parquet({}, hive_partitioning = false) WHERE NOT list_contains({}::VARCHAR[], symbol)",
        key_column(timeframe), quote_list(older), quote_list(replaced));
  }
  return database.execute(
      fmt::format("COPY (SELECT * FROM ({}) ORDER BY symbol, {}) TO {} "
                  "(FORMAT parquet, PARQUET_VERSION v2, COMPRESSION zstd, ROW_GROUP_SIZE {})",
                  rows, key_column(timeframe), quote(path), kRowGroupRows));
}

core::Result<market::BarColumns> read_bar_files(Database& database, const BarFileQuery& query) {
  market::BarColumns bars;
  bars.reserve(query.rows);
  if (query.has_vwap) bars.vwap.reserve(query.rows);
  ARGOSY_TRY(Rows rows, database.query(select_text(query)));
  while (rows.next()) take_chunk(rows, query, bars);
  if (query.source >= 0) bars.source.assign(bars.size(), static_cast<market::PriceSource>(query.source));
  for (std::size_t i = 1; i < bars.size(); ++i) {
    if (bars.key[i] > bars.key[i - 1]) continue;
    return core::fail(core::Error(core::ErrorCode::kCorrupt,
                                  fmt::format("bars of {} are not in the order of time at {}", query.symbol,
                                              market::format_key(bars.key[i], query.timeframe)))
                          .with_hint("run: argosy data check"));
  }
  return bars;
}

}  // namespace argosy::lake::detail
