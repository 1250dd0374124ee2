#include "lake/detail/bar_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
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

std::string columns_text(const BarFileQuery& query) {
  std::string columns =
      fmt::format("file_index, file_row_number, {}, open, high, low, close, volume", key_column(query.timeframe));
  if (query.has_vwap) columns += ", vwap";
  if (query.source < 0) {
    columns +=
        ", CASE source WHEN 'REAL_TIME' THEN 0 WHEN 'DELAYED' THEN 1 WHEN 'SIMULATED' THEN 2 ELSE 3 END::UTINYINT";
  }
  return columns;
}

std::string from_text(const BarFileQuery& query) {
  std::vector<std::string> paths;
  for (const BarFilePart& part : query.parts) paths.push_back(part.path);
  std::string sql = fmt::format("FROM read_parquet({}, hive_partitioning = false)", quote_list(paths));
  std::string where;
  const auto add = [&](const std::string& condition) { where += (where.empty() ? " WHERE " : " AND ") + condition; };
  const std::string_view key = key_column(query.timeframe);
  if (!query.only_symbol) add("symbol = " + quote(query.symbol));
  if (query.from) add(fmt::format("{} >= {}", key, key_literal(*query.from, query.timeframe)));
  if (query.to) add(fmt::format("{} <= {}", key, key_literal(*query.to, query.timeframe)));
  return sql + where;
}

// Puts rows in their places, from several threads at once.
class BarPlaces {
 public:
  explicit BarPlaces(const BarFileQuery& query) : query_(query) {
    for (const BarFilePart& part : query.parts) {
      offsets_.push_back(static_cast<std::int64_t>(rows_) - static_cast<std::int64_t>(part.first_row));
      rows_ += part.rows;
    }
    bars_.key.resize(rows_, kNoKey);
    for (auto* prices : {&bars_.open, &bars_.high, &bars_.low, &bars_.close}) prices->resize(rows_);
    bars_.volume.resize(rows_);
    if (query.has_vwap) bars_.vwap.resize(rows_);
    bars_.source.resize(rows_, static_cast<market::PriceSource>(std::max(query.source, 0)));
  }

  void take(const Chunk& chunk) {
    const auto* file = chunk.column<std::int64_t>(0);
    const auto* row = chunk.column<std::int64_t>(1);
    for (std::size_t begin = 0; begin < chunk.size();) {
      std::size_t end = begin + 1;
      while (end < chunk.size() && file[end] == file[begin] && row[end] == row[end - 1] + 1) ++end;
      take_run(chunk, begin, end, file[begin], row[begin]);
      begin = end;
    }
  }

  // Cuts off what lies outside the query's range. Empty when a row had no place.
  std::optional<market::BarColumns> finish() {
    if (misplaced_) return std::nullopt;
    const auto empty = [](std::int64_t key) { return key == kNoKey; };
    const auto first = std::ranges::find_if_not(bars_.key, empty) - bars_.key.begin();
    const auto last = std::find_if_not(bars_.key.rbegin(), bars_.key.rend() - first, empty).base() - bars_.key.begin();
    if (first == 0 && last == std::ssize(bars_.key)) return std::move(bars_);
    return slice(bars_, static_cast<std::size_t>(first), static_cast<std::size_t>(last));
  }

 private:
  static constexpr std::int64_t kNoKey = std::numeric_limits<std::int64_t>::min();

  void take_run(const Chunk& chunk, std::size_t begin, std::size_t end, std::int64_t file, std::int64_t row) {
    const std::int64_t place = offsets_[static_cast<std::size_t>(file)] + row;
    if (place < 0 || place + static_cast<std::int64_t>(end - begin) > static_cast<std::int64_t>(rows_)) {
      misplaced_ = true;
      return;
    }
    const auto to = static_cast<std::size_t>(place);
    const auto copy = [&](auto& column, std::size_t index) {
      const auto* values = chunk.column<typename std::remove_reference_t<decltype(column)>::value_type>(index);
      std::copy(values + begin, values + end, column.data() + to);
    };
    const auto copy_reals = [&](std::vector<double>& column, std::size_t index) {
      copy(column, index);
      if (!chunk.has_nulls(index)) return;
      for (std::size_t i = begin; i < end; ++i) {
        if (chunk.is_null(index, i)) column[to + i - begin] = std::numeric_limits<double>::quiet_NaN();
      }
    };
    if (query_.timeframe.is_intraday()) {
      copy(bars_.key, 2);
    } else {
      const auto* days = chunk.column<std::int32_t>(2);
      for (std::size_t i = begin; i < end; ++i) bars_.key[to + i - begin] = days[i] * kDay;
    }
    copy(bars_.open, 3);
    copy(bars_.high, 4);
    copy(bars_.low, 5);
    copy(bars_.close, 6);
    copy_reals(bars_.volume, 7);
    std::size_t next = 8;
    if (query_.has_vwap) copy_reals(bars_.vwap, next++);
    if (query_.source < 0) copy(bars_.source, next);
  }

  const BarFileQuery& query_;
  std::vector<std::int64_t> offsets_;  // of a file's row numbers among all rows
  std::size_t rows_ = 0;
  market::BarColumns bars_;
  std::atomic<bool> misplaced_ = false;
};

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
  BarPlaces places(query);
  ARGOSY_TRY_VOID(
      database.visit(columns_text(query), from_text(query), [&](const Chunk& chunk) { places.take(chunk); }));
  auto placed = places.finish();
  if (!placed) {
    return core::fail(core::ErrorCode::kCorrupt,
                      fmt::format("rows of {} are not where the manifest says", query.symbol));
  }
  market::BarColumns bars = *std::move(placed);
  if (query.all_symbols) return bars;
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
