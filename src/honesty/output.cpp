// A result with its honesty as JSON, and in words.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "chart/number.hpp"
#include "core/json.hpp"
#include "honesty/detail/sentences.hpp"

namespace argosy::honesty {

using backtest::BacktestResult;
using backtest::kUndefined;

namespace {

// A summary's name of a role: "stop_loss" is written where the file has a formula of that name.
std::string formula_text(const BacktestResult& result, const std::string& name) {
  for (std::size_t r = 0; r < strategy::kRoleCount; ++r) {
    const auto role = static_cast<strategy::Role>(r);
    if (to_string(role) == name) return result.strategy.formula(role);
  }
  return {};
}

void write_look_ahead(core::JsonWriter& json, const BacktestResult& result, const LookAhead& found) {
  json.begin_object().key("checked").value(found.checked).key("bars").value(found.bars);
  json.key("badge").value(found.leaks.empty() ? "clean" : "leak").key("leaks").begin_array();
  for (const Leak& leak : found.leaks) {
    json.begin_object().key("formula").value(leak.formula).key("text").value(formula_text(result, leak.formula));
    json.key("symbol");
    if (leak.symbol.empty()) {
      json.null();
    } else {
      json.value(leak.symbol);
    }
    json.key("bar")
        .value(market::format_key(leak.key, result.market->timeframe))
        .key("kind")
        .value(leak.kind)
        .end_object();
  }
  json.end_array().end_object();
}

void write_memory(core::JsonWriter& json, const std::vector<MemoryOfFormula>& formulas) {
  json.begin_object().key("tolerable").value(kTolerable).key("formulas").begin_array();
  for (const MemoryOfFormula& formula : formulas) {
    json.begin_object().key("formula").value(formula.formula).key("recursive").value(formula.recursive);
    json.key("bars_needed");
    if (formula.bars_needed) {
      json.value(*formula.bars_needed);
    } else {
      json.null();
    }
    json.key("differences").begin_array();
    for (const MemoryAt& at : formula.differences) {
      json.begin_object().key("bars").value(at.bars).key("difference").value(at.difference).end_object();
    }
    json.end_array().end_object();
  }
  json.end_array().end_object();
}

void write_luck(core::JsonWriter& json, const Honesty& honesty) {
  const Luck& luck = honesty.luck;
  json.begin_object().key("seed").value(static_cast<std::int64_t>(honesty.seed)).key("returns_of").value(luck.unit);
  json.key("returns").value(luck.returns).key("block").value(luck.block);
  json.key("replicates").value(luck.replicates).key("confidence").value(0.95).key("statistics").begin_array();
  for (const Estimate& estimate : luck.estimates) {
    json.begin_object().key("name").value(estimate.name).key("value").value(estimate.value);
    json.key("low").value(estimate.interval.low).key("high").value(estimate.interval.high).end_object();
  }
  json.end_array();
  const DrawdownLuck& drawdown = luck.drawdown;
  json.key("drawdown").begin_object().key("orders").value(drawdown.drawn.size());
  json.key("actual").value(drawdown.actual).key("median").value(drawdown.median).key("high").value(drawdown.high);
  json.key("smaller").value(drawdown.smaller).end_object();
  const SharpeLuck& sharpe = luck.sharpe;
  json.key("sharpe").begin_object().key("of_one_return").value(sharpe.sharpe).key("skew").value(sharpe.skew);
  json.key("kurtosis").value(sharpe.kurtosis).key("probabilistic").value(sharpe.probabilistic);
  json.key("trials").value(sharpe.trials).key("deflated").value(sharpe.deflated);
  json.key("minimum_returns").value(sharpe.minimum_returns);
  json.key("minimum_years").value(sharpe.minimum_years).end_object();
  const EntryTest& entries = honesty.entries;
  json.key("random_entries").begin_object().key("entries").value(entries.entries).key("bars").value(entries.bars);
  json.key("replicates").value(entries.replicates).key("measure").value(entries.measure);
  const auto number = [&](std::string_view name, double value) {
    json.key(name).value(entries.replicates > 0 ? value : kUndefined);
  };
  number("actual", entries.actual);
  number("random_mean", entries.random_mean);
  number("random_low", entries.random_low);
  number("random_high", entries.random_high);
  number("random_entries", entries.random_entries);
  number("p_value", entries.p_value);
  json.end_object().end_object();
}

std::string_view state_name(BreakEven state) {
  switch (state) {
    case BreakEven::kFound:
      return "found";
    case BreakEven::kNever:
      return "loses without costs";
    case BreakEven::kNotBelow:
      return "gains at a hundred times the costs";
    case BreakEven::kBeyond:
      return "gains at all costs tried";
    case BreakEven::kNoTrades:
      return "no trades";
  }
  return "";
}

void write_costs(core::JsonWriter& json, const CostLadder& costs) {
  json.begin_object().key("assumed").value(costs.assumed).key("ladder").begin_array();
  for (const CostRung& rung : costs.rungs) {
    json.begin_object().key("multiple").value(rung.multiple).key("total_return").value(rung.total_return);
    json.key("final_equity").value(rung.final_equity).key("fees").value(rung.fees);
    json.key("trades").value(rung.trades).end_object();
  }
  json.end_array().key("break_even").value(costs.break_even.value_or(kUndefined));
  json.key("break_even_state").value(state_name(costs.state)).end_object();
}

std::string number(double value, int decimals) {
  return std::isnan(value) ? "-" : chart::format_number(value, decimals);
}

const Estimate* find_estimate(const Luck& luck, std::string_view name) {
  const auto found = std::ranges::find(luck.estimates, name, &Estimate::name);
  return found == luck.estimates.end() ? nullptr : &*found;
}

std::string luck_line(const Honesty& honesty) {
  std::string out = "luck: ";
  const Estimate* sharpe = find_estimate(honesty.luck, "sharpe");
  if (sharpe == nullptr || std::isnan(sharpe->value)) {
    out += "too few returns for an interval";
  } else {
    out += fmt::format("Sharpe {} (95 % interval {} to {}), above 0 with a probability of {}", number(sharpe->value, 2),
                       number(sharpe->interval.low, 2), number(sharpe->interval.high, 2),
                       number(honesty.luck.sharpe.probabilistic, 3));
  }
  const EntryTest& entries = honesty.entries;
  if (entries.replicates > 0) {
    out += fmt::format("; entries against random ones: p = {}", number(entries.p_value, 3));
  } else {
    out += fmt::format("; {} entries are too few to compare with random ones", entries.entries);
  }
  return out;
}

void write_honesty(core::JsonWriter& json, const BacktestResult& result, const std::optional<Honesty>& honesty) {
  json.key("quick").value(!honesty.has_value());
  if (!honesty) {
    for (const char* name : {"look_ahead", "warm_up", "luck", "costs"}) json.key(name).null();
    return;
  }
  json.key("look_ahead");
  write_look_ahead(json, result, honesty->look_ahead);
  json.key("warm_up");
  write_memory(json, honesty->memory);
  json.key("luck");
  write_luck(json, *honesty);
  json.key("costs");
  write_costs(json, honesty->costs);
}

}  // namespace

namespace detail {

std::string look_ahead_sentence(const LookAhead& found, market::Timeframe timeframe) {
  const auto count = [](std::int64_t value) { return chart::format_number(static_cast<double>(value), 0); };
  if (found.leaks.empty()) {
    return found.checked == found.bars
               ? fmt::format("none at any of {} bars", count(found.bars))
               : fmt::format("none at {} of {} bars (--prove looks at all)", count(found.checked), count(found.bars));
  }
  std::string out;
  for (const Leak& leak : found.leaks) {
    out += fmt::format("{}{} knows later bars, first at {}{}", out.empty() ? "" : "; ", leak.formula,
                       leak.symbol.empty() ? "" : leak.symbol + " ", market::format_key(leak.key, timeframe));
  }
  return out;
}

std::string break_even_sentence(const CostLadder& costs) {
  switch (costs.state) {
    case BreakEven::kFound:
      return costs.assumed ? fmt::format("{} times the assumed costs take all the gain", number(*costs.break_even, 2))
                           : fmt::format("no costs were assumed; {} % of each fill would take all the gain",
                                         number(*costs.break_even / 10, 3));
    case BreakEven::kNever:
      return "it loses without any costs";
    case BreakEven::kNotBelow:
      return "it gains at a hundred times the assumed costs";
    case BreakEven::kBeyond:
      return "it gains at all costs that were tried";
    case BreakEven::kNoTrades:
      return "nothing was traded";
  }
  return {};
}

}  // namespace detail

std::string to_json(const BacktestResult& result, const std::optional<Honesty>& honesty) {
  core::JsonWriter json(2);
  json.begin_object();
  core::write_json_fields(json, core::record_type<backtest::Summary>(), &result.summary);
  write_honesty(json, result, honesty);
  json.end_object();
  return std::move(json).take() + "\n";
}

std::vector<std::string> honesty_lines(const BacktestResult& result, const std::optional<Honesty>& honesty) {
  if (!honesty) return {"quick: look-ahead, luck and costs were not looked at"};
  return {fmt::format("look-ahead: {}{}", honesty->look_ahead.leaks.empty() ? "" : "LEAK: ",
                      detail::look_ahead_sentence(honesty->look_ahead, result.market->timeframe)),
          luck_line(*honesty), "costs: " + detail::break_even_sentence(honesty->costs)};
}

}  // namespace argosy::honesty
