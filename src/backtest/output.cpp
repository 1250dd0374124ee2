// A result as CSV.
#include <fmt/format.h>

#include "backtest/backtest.hpp"
#include "core/csv.hpp"

namespace argosy::backtest {

std::string trades_csv(const BacktestResult& result) {
  std::string out = "symbol,side,entry_time,entry_price,exit_time,exit_price,quantity,fees,profit,exit_reason\n";
  for (const engine::Trade& t : result.run.trades) {
    core::append_csv_cell(out, result.market->symbols[t.instrument].instrument.symbol);
    fmt::format_to(std::back_inserter(out), ",{},{},{},{},{},{},{},{},{}\n",
                   t.side == trading::Side::kBuy ? "long" : "short",
                   market::format_key(t.entry_key, result.market->fill_timeframe), t.entry_price.to_string(),
                   market::format_key(t.exit_key, result.market->fill_timeframe), t.exit_price.to_string(),
                   t.quantity.to_string(), t.fees.to_string(), t.profit.to_string(), to_string(t.exit_reason));
  }
  return out;
}

std::string orders_csv(const BacktestResult& result) {
  std::string out =
      "id,decision,symbol,side,effect,kind,time_in_force,reason,state,quantity,limit,stop,decided_time,filled,"
      "fill_price,fill_time,fee,rule,note\n";
  for (const trading::Order& o : result.run.orders) {
    const bool filled = !o.filled.is_zero();
    fmt::format_to(std::back_inserter(out), "{},{},", o.id.value(), o.decision.value());
    core::append_csv_cell(out, result.market->symbols[o.instrument].instrument.symbol);
    fmt::format_to(std::back_inserter(out), ",{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},", to_string(o.side),
                   o.effect == trading::Effect::kOpen ? "open" : "close", to_string(o.kind), to_string(o.time_in_force),
                   to_string(o.reason), to_string(o.state), o.quantity.to_string(),
                   o.limit.is_zero() ? "" : o.limit.to_string(), o.stop.is_zero() ? "" : o.stop.to_string(),
                   market::format_key(o.created_key, result.market->timeframe), o.filled.to_string(),
                   filled ? o.fill_price.to_string() : "",
                   filled ? market::format_key(o.filled_key, result.market->fill_timeframe) : "", o.fee.to_string(),
                   to_string(o.rule));
    core::append_csv_cell(out, o.note);
    out += "\n";
  }
  return out;
}

std::string equity_csv(const BacktestResult& result) {
  std::string out = "time,equity,buy_and_hold\n";
  for (std::size_t i = 0; i < result.run.keys.size(); ++i) {
    fmt::format_to(std::back_inserter(out), "{},{},{}\n",
                   market::format_key(result.run.keys[i], result.market->timeframe), result.run.equity[i].to_string(),
                   result.buy_and_hold.equity[i].to_string());
  }
  return out;
}

}  // namespace argosy::backtest
