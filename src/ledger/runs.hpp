// Stored backtests: what was asked, what came out, and each decision to enter with what became of it.
//
//   ARGOSY_TRY(const RunRow run, database->write([&](Transaction& work) { return add_run(work, wanted, trades); }));
//   ARGOSY_TRY(const RunRow found, database->read([&](Transaction& work) { return find_run(work, "last"); }));
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/record.hpp"
#include "ledger/database.hpp"

namespace argosy::ledger {

struct RunRow {
  std::int64_t number = 0;  // by age; given by add_run
  std::string run_id;       // "12-3fa9c1": the number, and how the result hash begins; given by add_run
  core::Timestamp created_at;
  std::string strategy;  // its name
  std::vector<std::string> symbols;
  std::string timeframe;
  std::string fill_timeframe;  // of the bars in which orders were filled
  std::string configuration;   // JSON: everything else that is needed to repeat it
  std::string strategy_text;
  std::string fees;        // JSON: the schedule that was charged by
  std::string bar_hashes;  // JSON: what the bars were at the end of each month
  std::string data_hash;
  std::string code_version;
  std::int64_t seed = 0;  // of random numbers; 0: none were drawn
  std::string result_hash;
  std::string statistics;  // JSON: the headline, as it was printed
  std::string currency;
  core::Money initial_cash;
  core::Money final_equity;
  double total_return = 0;
  double sharpe = 0;
  double max_drawdown = 0;
  std::int64_t trades = 0;    // closed ones
  std::string trades_hash;    // of the rows of run_trades; given by add_run
  std::int64_t owner_id = 0;  // a user of the ledger, who had it run; 0: the operator, on the command line
};

// A decision to enter; or several that led to nothing, of one symbol at consecutive closes, with the same outcome: an
// order renewed at every close would otherwise be a row a bar. Keys are those of bars (market/bar.hpp) as times.
struct RunTradeRow {
  std::string run_id;       // given by add_run
  std::int64_t number = 0;  // within the run, from 1; given by add_run
  std::string symbol;
  std::string side;     // long or short
  std::string outcome;  // closed, open at the end, added to a position, or the order's last state: denied, expired, ...
  std::string entry_reason;
  core::Timestamp entry_signal;             // the bar at whose close it was decided
  core::Timestamp last_signal;              // of the last of several; of one: the same
  std::int64_t decisions = 1;               // how many the row stands for
  std::optional<core::Timestamp> entry_at;  // the bar of the first fill
  std::optional<core::Price> entry_price;   // average of the order that opened it, as it was quoted then
  core::Quantity quantity;                  // closed, held, or asked for
  std::optional<std::string> exit_reason;
  std::optional<core::Timestamp> exit_signal;  // the bar at which the order that closed it was made; none made: null
  std::optional<core::Timestamp> exit_at;
  std::optional<core::Price> exit_price;
  core::Money fees;
  core::Money profit;  // after fees, without dividends; of an open position: unrealised, before fees
  core::Money dividends;
  std::string note;  // why the order was refused
};

// What a list shows of a run.
struct RunListing {
  std::int64_t number = 0;
  std::string run_id;
  core::Timestamp created_at;
  std::string strategy;
  std::vector<std::string> symbols;
  std::string timeframe;
  core::Money final_equity;
  std::string currency;
  double total_return = 0;
  double sharpe = 0;
  double max_drawdown = 0;
  std::int64_t trades = 0;
  std::string data_hash;
  std::string result_hash;
};

struct RunFilter {
  std::string strategy;    // empty: any
  std::string symbol;      // empty: any
  std::int64_t limit = 0;  // 0: all
};

// Stores a run with its rows and returns it with what add_run gives.
[[nodiscard]] core::Result<RunRow> add_run(Transaction& work, RunRow run, std::span<RunTradeRow> trades);
// By id, the beginning of one that only one has, or "last".
[[nodiscard]] core::Result<RunRow> find_run(Transaction& work, const std::string& wanted);
// Newest first.
[[nodiscard]] core::Result<std::vector<RunListing>> list_runs(Transaction& work, const RunFilter& filter);
[[nodiscard]] core::Result<std::int64_t> count_runs(Transaction& work, const RunFilter& filter);
[[nodiscard]] core::Result<std::vector<RunTradeRow>> load_run_trades(Transaction& work, const std::string& run_id);
// With its rows.
[[nodiscard]] core::Result<void> remove_run(Transaction& work, const std::string& run_id);

// Of all columns but the run's id.
[[nodiscard]] std::string hash_run_trades(std::span<const RunTradeRow> trades);
// Recomputes what a run says of its rows: how many are closed, and their hash. What does not agree, in words.
[[nodiscard]] core::Result<std::vector<std::string>> verify_runs(Transaction& work);

}  // namespace argosy::ledger

template <>
struct argosy::core::RecordOf<argosy::ledger::RunRow> {
  using RunRow = argosy::ledger::RunRow;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(RunRow, number, .text = "by age"),
      ARGOSY_FIELD(RunRow, run_id, .text = "how it is called for: 12-3fa9c1"),
      ARGOSY_FIELD(RunRow, created_at, .text = "when it was run"),
      ARGOSY_FIELD(RunRow, strategy, .text = "name of the strategy"),
      ARGOSY_FIELD(RunRow, symbols, .text = "what was traded, in the order in which cash is shared"),
      ARGOSY_FIELD(RunRow, timeframe, .text = "length of a bar"),
      ARGOSY_FIELD(RunRow, fill_timeframe, .text = "length of the bars in which orders were filled"),
      ARGOSY_FIELD(RunRow, configuration, .text = "JSON: options, and texts of the files they name"),
      ARGOSY_FIELD(RunRow, strategy_text, .text = "the strategy file"),
      ARGOSY_FIELD(RunRow, fees, .text = "JSON: the schedule that was charged by"),
      ARGOSY_FIELD(RunRow, bar_hashes, .text = "JSON: hashes of the bars up to the end of each month"),
      ARGOSY_FIELD(RunRow, data_hash, .text = "of everything that was read of the market"),
      ARGOSY_FIELD(RunRow, code_version, .text = "of the program"),
      ARGOSY_FIELD(RunRow, seed, .text = "of random numbers; 0: none were drawn"),
      ARGOSY_FIELD(RunRow, result_hash, .text = "of trades, orders and equity"),
      ARGOSY_FIELD(RunRow, statistics, .text = "JSON: the headline"),
      ARGOSY_FIELD(RunRow, currency, .text = "the account's"),
      ARGOSY_FIELD(RunRow, initial_cash, .text = "cash at the start"),
      ARGOSY_FIELD(RunRow, final_equity, .text = "cash and positions at the last close"),
      ARGOSY_FIELD(RunRow, total_return, .unit = "ratio", .text = "final equity / initial cash - 1"),
      ARGOSY_FIELD(RunRow, sharpe, .text = "annualised Sharpe ratio"),
      ARGOSY_FIELD(RunRow, max_drawdown, .unit = "ratio", .text = "largest fall below an earlier peak, positive"),
      ARGOSY_FIELD(RunRow, trades, .text = "closed round trips"),
      ARGOSY_FIELD(RunRow, trades_hash, .text = "of its rows in run_trades"),
      ARGOSY_FIELD(RunRow, owner_id, .text = "the user who had it run; 0: the operator"),
  };
  static constexpr RecordType kType{"runs", "Stored backtests", kFields};
};

template <>
struct argosy::core::RecordOf<argosy::ledger::RunTradeRow> {
  using RunTradeRow = argosy::ledger::RunTradeRow;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(RunTradeRow, run_id, .text = "of which run"),
      ARGOSY_FIELD(RunTradeRow, number, .text = "within the run, from 1", .filterable = true),
      ARGOSY_FIELD(RunTradeRow, symbol, .text = "what was traded", .filterable = true),
      ARGOSY_FIELD(RunTradeRow, side, .text = "long or short", .filterable = true),
      ARGOSY_FIELD(RunTradeRow, outcome, .text = "closed, open, added, or the last state of its order",
                   .filterable = true),
      ARGOSY_FIELD(RunTradeRow, entry_reason, .text = "why it was entered"),
      ARGOSY_FIELD(RunTradeRow, entry_signal, .text = "bar at whose close it was decided"),
      ARGOSY_FIELD(RunTradeRow, last_signal, .text = "of several decisions that led to nothing: the last one's bar"),
      ARGOSY_FIELD(RunTradeRow, decisions, .text = "how many the row stands for"),
      ARGOSY_FIELD(RunTradeRow, entry_at, .text = "bar of the first fill; null: not filled"),
      ARGOSY_FIELD(RunTradeRow, entry_price, .text = "average of the order that opened it, as quoted then"),
      ARGOSY_FIELD(RunTradeRow, quantity, .text = "closed, held, or asked for"),
      ARGOSY_FIELD(RunTradeRow, exit_reason, .text = "why it was closed"),
      ARGOSY_FIELD(RunTradeRow, exit_signal, .text = "bar at which the order that closed it was made"),
      ARGOSY_FIELD(RunTradeRow, exit_at, .text = "bar in which it was closed"),
      ARGOSY_FIELD(RunTradeRow, exit_price, .text = "at which it was closed"),
      ARGOSY_FIELD(RunTradeRow, fees, .text = "of both sides"),
      ARGOSY_FIELD(RunTradeRow, profit, .text = "after fees, without dividends"),
      ARGOSY_FIELD(RunTradeRow, dividends, .text = "received; owed by a short position: negative"),
      ARGOSY_FIELD(RunTradeRow, note, .text = "why its order was refused"),
  };
  static constexpr RecordType kType{"run_trades", "Decisions to enter, and what became of them", kFields};
};

template <>
struct argosy::core::RecordOf<argosy::ledger::RunListing> {
  using RunListing = argosy::ledger::RunListing;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(RunListing, number),       ARGOSY_FIELD(RunListing, run_id),
      ARGOSY_FIELD(RunListing, created_at),   ARGOSY_FIELD(RunListing, strategy),
      ARGOSY_FIELD(RunListing, symbols),      ARGOSY_FIELD(RunListing, timeframe),
      ARGOSY_FIELD(RunListing, final_equity), ARGOSY_FIELD(RunListing, currency),
      ARGOSY_FIELD(RunListing, total_return), ARGOSY_FIELD(RunListing, sharpe),
      ARGOSY_FIELD(RunListing, max_drawdown), ARGOSY_FIELD(RunListing, trades),
      ARGOSY_FIELD(RunListing, data_hash),    ARGOSY_FIELD(RunListing, result_hash),
  };
  static constexpr RecordType kType{"runs", "What a list shows of a run", kFields};
};
