#include "runs/stored_run.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <span>
#include <utility>

#include "core/json.hpp"
#include "market/bar.hpp"
#include "runs/bar_hashes.hpp"

namespace argosy::runs {

using backtest::BacktestResult;
using backtest::Simulation;
using backtest::Summary;
using core::Result;
using ledger::RunTradeRow;
using trading::Order;

namespace {

const char* side_name(trading::Side side) { return side == trading::Side::kBuy ? "long" : "short"; }

// The decisions of one instrument: its orders in the order in which they were made, joined with its trades.
class Decisions {
 public:
  explicit Decisions(std::string symbol) : symbol_(std::move(symbol)) {}

  void add(const Order& order) {
    if (order.effect == trading::Effect::kOpen) {
      openings_.push_back(&order);
    } else if (!order.filled.is_zero()) {
      closings_.push_back(&order);
    }
  }

  // Trades come in the order in which they ended. What was decided before them led to no trade of its own.
  void add(const engine::Trade& trade, std::vector<RunTradeRow>& rows) {
    const Order* opening = take_opening(trade.side, trade.entry_key, rows);
    RunTradeRow& row = rows.emplace_back(begin(opening, trade.side, trade.entry_key, trade.entry_reason));
    row.outcome = "closed";
    if (opening == nullptr) row.entry_price = trade.entry_price;
    row.quantity = trade.quantity;
    row.exit_reason = to_string(trade.exit_reason);
    row.exit_at = market::key_instant(trade.exit_key);
    row.exit_price = trade.exit_price;
    row.fees = trade.fees;
    row.profit = trade.profit;
    row.dividends = trade.dividends;
    if (const Order* closing = take_closing(trade)) row.exit_signal = market::key_instant(closing->created_key);
  }

  void add(const Simulation::OpenPosition& open, std::vector<RunTradeRow>& rows) {
    const trading::Side side = open.quantity.is_negative() ? trading::Side::kSell : trading::Side::kBuy;
    const Order* opening = take_opening(side, open.entry_key, rows);
    RunTradeRow& row = rows.emplace_back(begin(opening, side, open.entry_key, open.entry_reason));
    row.outcome = "open";
    if (opening == nullptr) row.entry_price = open.entry_price;
    row.quantity = open.quantity.is_negative() ? -open.quantity : open.quantity;
    row.profit = open.profit;
    if (opening != nullptr) row.fees = opening->fee;
  }

  // What is left when all trades are known.
  void finish(std::vector<RunTradeRow>& rows) {
    while (next_opening_ < openings_.size()) pass(rows);
  }

 private:
  [[nodiscard]] RunTradeRow begin(const Order* opening, trading::Side side, std::int64_t entry_key,
                                  trading::OrderReason reason) const {
    RunTradeRow row{.symbol = symbol_,
                    .side = side_name(side),
                    .entry_reason = std::string(to_string(reason)),
                    .entry_signal = market::key_instant(opening == nullptr ? entry_key : opening->created_key),
                    .entry_at = market::key_instant(entry_key)};
    if (opening != nullptr) row.entry_price = opening->fill_price;
    return row;
  }

  // The next opening order as one that led to no trade of its own.
  void pass(std::vector<RunTradeRow>& rows) {
    const Order& order = *openings_[next_opening_++];
    const bool filled = !order.filled.is_zero();
    RunTradeRow& row = rows.emplace_back(RunTradeRow{.symbol = symbol_,
                                                     .side = side_name(order.side),
                                                     .outcome = filled ? "added" : std::string(to_string(order.state)),
                                                     .entry_reason = std::string(to_string(order.reason)),
                                                     .entry_signal = market::key_instant(order.created_key),
                                                     .quantity = filled ? order.filled : order.quantity,
                                                     .fees = order.fee,
                                                     .note = std::string(order.note)});
    if (!filled) return;
    row.entry_at = market::key_instant(order.filled_key);
    row.entry_price = order.fill_price;
  }

  // The order whose first fill was at this key. Null for a position that no order opened.
  const Order* take_opening(trading::Side side, std::int64_t entry_key, std::vector<RunTradeRow>& rows) {
    while (next_opening_ < openings_.size()) {
      const Order& order = *openings_[next_opening_];
      if (order.created_key > entry_key) return nullptr;
      if (!order.filled.is_zero() && order.side == side && order.filled_key >= entry_key) {
        ++next_opening_;
        return &order;
      }
      pass(rows);
    }
    return nullptr;
  }

  // Null where a split, a delisting or the like closed it.
  const Order* take_closing(const engine::Trade& trade) {
    while (next_closing_ < closings_.size() && closings_[next_closing_]->filled_key < trade.exit_key) ++next_closing_;
    for (std::size_t i = next_closing_; i < closings_.size() && closings_[i]->created_key <= trade.exit_key; ++i) {
      if (closings_[i]->filled_key == trade.exit_key && closings_[i]->reason == trade.exit_reason) return closings_[i];
    }
    return nullptr;
  }

  std::string symbol_;
  std::vector<const Order*> openings_;
  std::vector<const Order*> closings_;  // only those that were filled
  std::size_t next_opening_ = 0;
  std::size_t next_closing_ = 0;
};

// Rows of one symbol that led to nothing become one where the closes of their decisions follow one another. `rows` are
// in the order of their decisions, `keys` are all closes.
std::vector<RunTradeRow> join_idle(std::vector<RunTradeRow> rows, const std::vector<std::int64_t>& keys) {
  struct Last {
    std::size_t place = 0;
    std::size_t close = 0;
  };
  std::map<std::string, Last> last;  // by symbol
  std::vector<RunTradeRow> joined;
  joined.reserve(rows.size());
  for (RunTradeRow& row : rows) {
    row.last_signal = row.entry_signal;
    const std::int64_t key = row.entry_signal.time_since_epoch().count();
    const auto close = static_cast<std::size_t>(std::ranges::lower_bound(keys, key) - keys.begin());
    const auto [found, is_new] = last.try_emplace(row.symbol);
    if (!is_new && !row.entry_at && close == found->second.close + 1) {
      RunTradeRow& before = joined[found->second.place];
      if (!before.entry_at && before.side == row.side && before.outcome == row.outcome &&
          before.entry_reason == row.entry_reason && before.note == row.note) {
        before.last_signal = row.entry_signal;
        ++before.decisions;
        found->second.close = close;
        continue;
      }
    }
    found->second = {.place = joined.size(), .close = close};
    joined.push_back(std::move(row));
  }
  return joined;
}

}  // namespace

std::vector<RunTradeRow> decisions_to_enter(const Simulation& run, const std::vector<std::string>& symbols) {
  std::vector<Decisions> decisions;
  decisions.reserve(symbols.size());
  for (const std::string& symbol : symbols) decisions.emplace_back(symbol);
  for (const Order& order : run.orders) decisions[order.instrument].add(order);
  std::vector<RunTradeRow> rows;
  rows.reserve(run.trades.size());
  for (const engine::Trade& trade : run.trades) decisions[trade.instrument].add(trade, rows);
  for (const Simulation::OpenPosition& open : run.open_positions) decisions[open.instrument].add(open, rows);
  for (Decisions& each : decisions) each.finish(rows);
  std::ranges::stable_sort(rows, {}, &RunTradeRow::entry_signal);
  return join_idle(std::move(rows), run.keys);
}

std::string describe_fees(const trading::FeeSchedule& fees) {
  core::JsonWriter json;
  json.begin_object().key("name").value(fees.name()).key("currency").value(fees.currency());
  json.key("items").begin_array();
  for (const trading::FeeItem& item : fees.items()) {
    json.begin_object().key("name").value(item.name).key("on_buy").value(item.on_buy);
    json.key("on_sell").value(item.on_sell).key("exchanges").begin_array();
    for (const std::string& exchange : item.exchanges) json.value(exchange);
    json.end_array().key("conversion").value(item.conversion).key("above").value(item.above);
    if (item.share_of) json.key("share_of").value(*item.share_of);
    json.key("rounding").value(static_cast<int>(item.rounding)).key("rates").begin_array();
    for (const trading::FeeRate& rate : item.rates) {
      json.begin_object().key("from").value(rate.from.to_string()).key("ratio").value(rate.ratio);
      json.key("per_share").value(rate.per_share).key("fixed").value(rate.fixed).key("minimum").value(rate.minimum);
      if (rate.maximum) json.key("maximum").value(*rate.maximum);
      if (rate.maximum_ratio) json.key("maximum_ratio").value(*rate.maximum_ratio);
      json.end_object();
    }
    json.end_array().end_object();
  }
  json.end_array().end_object();
  return std::move(json).take();
}

StoredRun make_stored_run(const BacktestResult& result, const RunOrigin& origin) {
  const Summary& summary = result.summary;
  core::JsonWriter statistics;
  core::write_json(statistics, summary);
  std::vector<std::string> symbols;
  for (const data::SymbolData& symbol : result.market->symbols) symbols.push_back(symbol.instrument.symbol);
  StoredRun stored{.run = {.created_at = origin.created_at,
                           .strategy = summary.strategy,
                           .symbols = summary.symbols,
                           .timeframe = summary.timeframe,
                           .fill_timeframe = result.market->fill_timeframe.to_string(),
                           .configuration = origin.configuration,
                           .strategy_text = result.strategy.text,
                           .fees = describe_fees(result.strategy.fees),
                           .bar_hashes = hash_bars(*result.market).to_json(),
                           .data_hash = summary.data_hash,
                           .code_version = origin.code_version,
                           .seed = origin.seed,
                           .result_hash = summary.result_hash,
                           .statistics = std::move(statistics).take(),
                           .currency = summary.currency,
                           .initial_cash = summary.initial_cash,
                           .final_equity = summary.final_equity,
                           .total_return = summary.total_return,
                           .sharpe = summary.sharpe,
                           .max_drawdown = summary.max_drawdown,
                           .owner_id = origin.owner_id},
                   .trades = decisions_to_enter(result.run, symbols)};
  return stored;
}

Result<ledger::RunRow> store_run(ledger::Database& database, StoredRun& stored) {
  return database.write([&](ledger::Transaction& work) { return ledger::add_run(work, stored.run, stored.trades); });
}

Result<StoredRun> load_run(ledger::Database& database, const std::string& wanted) {
  return database.read([&](ledger::Transaction& work) -> Result<StoredRun> {
    StoredRun stored;
    ARGOSY_TRY(stored.run, ledger::find_run(work, wanted));
    ARGOSY_TRY(stored.trades, ledger::load_run_trades(work, stored.run.run_id));
    return stored;
  });
}

}  // namespace argosy::runs
