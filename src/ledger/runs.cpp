#include "ledger/runs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "core/hash.hpp"
#include "ledger/detail/identity.hpp"
#include "ledger/records.hpp"

namespace argosy::ledger {

using core::ErrorCode;
using core::fail;
using core::Result;

namespace {

constexpr std::array kInteger = {ColumnType::kInteger};
constexpr std::string_view kClosed = "closed";

// A condition and its values. A symbol is looked for with its quotation marks, as the list is stored.
std::pair<std::string, std::vector<Value>> where(const RunFilter& filter) {
  std::vector<Value> values;
  std::string condition;
  const auto add = [&](const char* text, std::string value) {
    condition += condition.empty() ? "WHERE " : " AND ";
    condition += text;
    values.emplace_back(std::move(value));
  };
  if (!filter.strategy.empty()) add("strategy = :strategy", filter.strategy);
  if (!filter.symbol.empty()) add("replace(symbols, :symbol, '') <> symbols", "\"" + filter.symbol + "\"");
  return {condition, values};
}

void append_value(std::string& text, const Value& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    text += fmt::format_int(*integer).str();
  } else if (const auto* string = std::get_if<std::string>(&value)) {
    text += *string;
  }
  text += value.index() == 0 ? '\1' : '\0';
}

}  // namespace

Result<RunRow> add_run(Transaction& work, RunRow run, std::span<RunTradeRow> trades) {
  ARGOSY_TRY(run.number, detail::next_number(work, "runs"));
  run.run_id = fmt::format("{}-{}", run.number, run.result_hash.substr(0, 6));
  std::int64_t number = 0;
  for (RunTradeRow& trade : trades) {
    trade.run_id = run.run_id;
    trade.number = ++number;
  }
  run.trades = std::ranges::count(trades, kClosed, &RunTradeRow::outcome);
  run.trades_hash = hash_run_trades(trades);
  ARGOSY_TRY_VOID(insert<RunRow>(work, {&run, 1}));
  ARGOSY_TRY_VOID(insert<RunTradeRow>(work, trades));
  return run;
}

Result<RunRow> find_run(Transaction& work, const std::string& wanted) {
  ARGOSY_TRY(const std::string id, detail::find_identity(work, {"runs", "run_id", "run"}, wanted));
  ARGOSY_TRY(auto found, select<RunRow>(work, "WHERE run_id = :run_id", {id}));
  return std::move(found.front());
}

Result<std::vector<RunListing>> list_runs(Transaction& work, const RunFilter& filter) {
  auto [condition, values] = where(filter);
  condition += " ORDER BY number DESC";
  if (filter.limit > 0) condition += fmt::format(" LIMIT {}", filter.limit);
  return select<RunListing>(work, condition, values);
}

Result<std::int64_t> count_runs(Transaction& work, const RunFilter& filter) {
  const auto [condition, values] = where(filter);
  std::int64_t count = 0;
  ARGOSY_TRY_VOID(
      work.query("SELECT count(*) FROM runs " + condition, kInteger, values, [&](const Row& row) -> Result<void> {
        count = row.integer(0);
        return {};
      }));
  return count;
}

Result<std::vector<RunTradeRow>> load_run_trades(Transaction& work, const std::string& run_id) {
  return select<RunTradeRow>(work, "WHERE run_id = :run_id ORDER BY number", {run_id});
}

Result<void> remove_run(Transaction& work, const std::string& run_id) {
  ARGOSY_TRY(const std::int64_t changed, work.execute("DELETE FROM runs WHERE run_id = :run_id", {run_id}));
  if (changed == 1) return {};
  return fail(ErrorCode::kNotFound, fmt::format("there is no run \"{}\"", run_id));
}

std::string hash_run_trades(std::span<const RunTradeRow> trades) {
  core::Hasher hasher;
  std::string text;
  for (const RunTradeRow& trade : trades) {
    text.clear();
    for (const core::Field& field : core::record_type<RunTradeRow>().fields.subspan(1))
      append_value(text, field_value(field, &trade));
    hasher.update(text);
  }
  return hasher.finish();
}

Result<std::vector<std::string>> verify_runs(Transaction& work) {
  std::vector<std::string> found;
  ARGOSY_TRY(const auto runs, list_runs(work, {}));
  for (const RunListing& listing : runs) {
    ARGOSY_TRY(const RunRow run, find_run(work, listing.run_id));
    ARGOSY_TRY(const auto trades, load_run_trades(work, run.run_id));
    const std::int64_t closed = std::ranges::count(trades, kClosed, &RunTradeRow::outcome);
    if (closed != run.trades)
      found.push_back(fmt::format("run {} says it has {} trades, and {} are stored", run.run_id, run.trades, closed));
    if (hash_run_trades(trades) != run.trades_hash)
      found.push_back(fmt::format("run {}: its trades are not those that were stored", run.run_id));
  }
  return found;
}

}  // namespace argosy::ledger
