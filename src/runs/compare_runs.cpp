#include "runs/compare_runs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "core/json.hpp"
#include "market/bar.hpp"
#include "runs/bar_hashes.hpp"
#include "runs/detail/run_settings.hpp"

namespace argosy::runs {

using core::Result;
using ledger::RunTradeRow;

namespace {

std::int64_t key_of(core::Timestamp time) { return time.time_since_epoch().count(); }

bool was_filled(const RunTradeRow& row) { return row.entry_at.has_value(); }
bool was_refused(const RunTradeRow& row) { return row.outcome == "denied" || row.outcome == "rejected"; }

bool is_same(const RunTradeRow& a, const RunTradeRow& b) {
  return a.outcome == b.outcome && a.entry_at == b.entry_at && a.entry_price == b.entry_price &&
         a.quantity == b.quantity && a.exit_reason == b.exit_reason && a.exit_signal == b.exit_signal &&
         a.exit_at == b.exit_at && a.exit_price == b.exit_price && a.fees == b.fees && a.profit == b.profit &&
         a.dividends == b.dividends;
}

// One run as it is compared.
struct Side {
  const StoredRun* run = nullptr;
  BarHashes bars;
  market::Timeframe timeframe;
  market::Timeframe fills;

  [[nodiscard]] std::string decision(core::Timestamp time) const { return market::format_key(key_of(time), timeframe); }
  [[nodiscard]] std::string fill(const std::optional<core::Timestamp>& time) const {
    return time ? market::format_key(key_of(*time), fills) : "never";
  }
};

Result<Side> read_side(const StoredRun& run) {
  Side side{.run = &run};
  ARGOSY_TRY(side.bars, BarHashes::parse(run.run.bar_hashes));
  ARGOSY_TRY(side.timeframe, market::Timeframe::parse(run.run.timeframe));
  ARGOSY_TRY(side.fills, market::Timeframe::parse(run.run.fill_timeframe));
  return side;
}

// The first step at which two rows part, and the key of the bar of that step.
struct Parting {
  Cause cause = Cause::kSize;
  std::int64_t key = 0;
  std::string text;
};

class Comparer {
 public:
  Comparer(Side a, Side b, bool same_formulas) : a_(std::move(a)), b_(std::move(b)), same_formulas_(same_formulas) {}

  void compare(RunComparison& out) {
    for (const auto& [key, rows] : match()) {
      for (std::size_t i = 0; i < std::max(rows.a.size(), rows.b.size()); ++i) {
        const RunTradeRow* a = i < rows.a.size() ? rows.a[i] : nullptr;
        const RunTradeRow* b = i < rows.b.size() ? rows.b[i] : nullptr;
        look_at(a, b, out);
      }
    }
  }

 private:
  struct Rows {
    std::vector<const RunTradeRow*> a;
    std::vector<const RunTradeRow*> b;
  };
  using Key = std::tuple<core::Timestamp, std::string, std::string>;  // decided at, symbol, side
  // What a run last entered in a symbol, and the difference that its row is part of.
  struct Held {
    const RunTradeRow* row = nullptr;
    std::optional<std::size_t> difference;
  };

  [[nodiscard]] std::map<Key, Rows> match() const {
    std::map<Key, Rows> matched;
    for (const RunTradeRow& row : a_.run->trades) matched[{row.entry_signal, row.symbol, row.side}].a.push_back(&row);
    for (const RunTradeRow& row : b_.run->trades) matched[{row.entry_signal, row.symbol, row.side}].b.push_back(&row);
    return matched;
  }

  // The run's row that led to nothing and stands for the same decision, among others.
  [[nodiscard]] static const RunTradeRow* find_idle(const Side& side, const RunTradeRow& wanted) {
    const auto& rows = side.run->trades;
    for (auto at = std::ranges::upper_bound(rows, wanted.entry_signal, {}, &RunTradeRow::entry_signal);
         at != rows.begin();) {
      --at;
      if (at->symbol != wanted.symbol) continue;
      const bool stands_for_it = !was_filled(*at) && at->side == wanted.side && at->last_signal >= wanted.entry_signal;
      return stands_for_it ? &*at : nullptr;
    }
    return nullptr;
  }

  void look_at(const RunTradeRow* a, const RunTradeRow* b, RunComparison& out) {
    if (a != nullptr && b == nullptr && was_filled(*a)) b = find_idle(b_, *a);
    if (b != nullptr && a == nullptr && was_filled(*b)) a = find_idle(a_, *b);
    const bool in_a = a != nullptr && was_filled(*a);
    const bool in_b = b != nullptr && was_filled(*b);
    out.trades_a += in_a ? 1 : 0;
    out.trades_b += in_b ? 1 : 0;
    if (!in_a && !in_b) return;
    std::optional<std::size_t> place;
    if (a != nullptr && b != nullptr && in_a && in_b) ++out.matched;
    if (a != nullptr && b != nullptr && is_same(*a, *b)) {
      ++out.same;
    } else {
      place = out.differences.size();
      out.differences.push_back(explain(a, b, out));
    }
    if (in_a && a->outcome != "added") held_a_[a->symbol] = {a, place};
    if (in_b && b->outcome != "added") held_b_[b->symbol] = {b, place};
  }

  TradeDifference explain(const RunTradeRow* a, const RunTradeRow* b, const RunComparison& out) const {
    const RunTradeRow& row = a != nullptr && was_filled(*a) ? *a : *b;
    TradeDifference difference{.symbol = row.symbol, .side = row.side, .decided_key = key_of(row.entry_signal)};
    if (a != nullptr) difference.a = a->number;
    if (b != nullptr) difference.b = b->number;
    Parting parting;
    if (a != nullptr && b != nullptr) {
      parting = part(*a, *b);
    } else {
      const auto& held = a != nullptr ? held_b_ : held_a_;
      const Side& without = a != nullptr ? b_ : a_;
      parting = {.cause = Cause::kSignal,
                 .key = difference.decided_key,
                 .text = fmt::format("only {} decided to enter", a != nullptr ? "a" : "b")};
      if (const auto found = held.find(row.symbol); found != held.end() && holds(without, *found->second.row, row)) {
        parting.text = fmt::format("{} was still in its trade {}", a != nullptr ? "b" : "a", found->second.row->number);
        if (found->second.difference) {
          difference.follows = found->second.difference;
          difference.cause = out.differences[*found->second.difference].cause;
          difference.text = std::move(parting.text);
          return difference;
        }
      }
    }
    blame_data(row.symbol, parting);
    difference.cause = parting.cause;
    difference.text = std::move(parting.text);
    return difference;
  }

  // Whether the run was in this position at the close at which `other` was decided.
  [[nodiscard]] static bool holds(const Side& side, const RunTradeRow& held, const RunTradeRow& other) {
    if (!held.exit_at) return true;
    // A fill in finer bars lies within the bar of the decision.
    std::int64_t left = key_of(*held.exit_at);
    if (side.fills != side.timeframe && !side.timeframe.is_intraday()) left = market::date_key(market::key_date(left));
    return left > key_of(other.entry_signal);
  }

  // Both decided to enter at the same close.
  [[nodiscard]] Parting part(const RunTradeRow& a, const RunTradeRow& b) const {
    const auto at = [](const std::optional<core::Timestamp>& x, const std::optional<core::Timestamp>& y,
                       core::Timestamp otherwise) {
      return key_of(std::max(x.value_or(otherwise), y.value_or(otherwise)));
    };
    const core::Timestamp decided = std::max(a.entry_signal, b.entry_signal);
    const std::int64_t entered = at(a.entry_at, b.entry_at, decided);
    if (!was_filled(a) || !was_filled(b)) {
      const RunTradeRow& without = was_filled(a) ? b : a;
      const char* name = was_filled(a) ? "b" : "a";
      std::string why = without.note.empty() ? without.outcome : without.outcome + ": " + without.note;
      if (was_refused(without))
        return {Cause::kRisk, key_of(decided), fmt::format("the order of {} was {}", name, why)};
      return {Cause::kTiming, entered, fmt::format("the order of {} was not filled: {}", name, why)};
    }
    if (a.entry_at != b.entry_at)
      return {Cause::kTiming, entered, differ("entered", a_.fill(a.entry_at), b_.fill(b.entry_at))};
    if (a.entry_price != b.entry_price)
      return {Cause::kPrice, entered, differ("entered at", a.entry_price->to_string(), b.entry_price->to_string())};
    return part_at_exit(a, b);
  }

  // Both entered in the same bar, at the same price.
  [[nodiscard]] Parting part_at_exit(const RunTradeRow& a, const RunTradeRow& b) const {
    const std::int64_t left =
        key_of(std::max(a.exit_at.value_or(core::Timestamp::max()), b.exit_at.value_or(core::Timestamp::max())));
    if (a.exit_reason != b.exit_reason || a.exit_signal != b.exit_signal) {
      const auto text = [](const Side& side, const RunTradeRow& row) {
        if (!row.exit_reason) return std::string("still held");
        return fmt::format("{}{}", *row.exit_reason,
                           row.exit_signal ? " of " + side.decision(*row.exit_signal) : std::string());
      };
      return {Cause::kSignal, left, differ("left by", text(a_, a), text(b_, b))};
    }
    if (a.exit_at != b.exit_at) return {Cause::kTiming, left, differ("left", a_.fill(a.exit_at), b_.fill(b.exit_at))};
    if (a.exit_price != b.exit_price)
      return {Cause::kPrice, left, differ("left at", a.exit_price->to_string(), b.exit_price->to_string())};
    if (a.fees != b.fees && a_.run->run.fees != b_.run->run.fees)
      return {Cause::kFee, left, differ("fees", a.fees.to_string(), b.fees.to_string())};
    if (a.quantity != b.quantity)
      return {Cause::kSize, left, differ("quantity", a.quantity.to_string(), b.quantity.to_string())};
    if (a.fees != b.fees) return {Cause::kFee, left, differ("fees", a.fees.to_string(), b.fees.to_string())};
    // The fills are equal, and the account was paid or valued differently: parts were sold at other sizes.
    return {Cause::kSize, left, differ("profit", a.profit.to_string(), b.profit.to_string())};
  }

  static std::string differ(std::string_view what, const std::string& a, const std::string& b) {
    return fmt::format("{} {} and {}", what, a, b);
  }

  // Other bars come before everything that is made of them.
  void blame_data(const std::string& symbol, Parting& parting) const {
    const bool known_a = a_.bars.has(symbol);
    const bool known_b = b_.bars.has(symbol);
    if (!known_a || !known_b) {
      parting.cause = Cause::kData;
      parting.text = fmt::format("{} did not trade {}", known_a ? "b" : "a", symbol);
      return;
    }
    if (!a_.bars.equal_until(b_.bars, symbol, parting.key)) {
      parting.cause = Cause::kData;
      parting.text = fmt::format("other bars of {} up to then; {}", symbol, parting.text);
      return;
    }
    // Formulas may read symbols that are not traded.
    if (parting.cause == Cause::kSignal && same_formulas_ && a_.run->run.data_hash != b_.run->run.data_hash) {
      parting.cause = Cause::kData;
      parting.text = fmt::format("other bars of a symbol that formulas read; {}", parting.text);
    }
  }

  Side a_;
  Side b_;
  bool same_formulas_;
  std::map<std::string, Held> held_a_;  // by symbol
  std::map<std::string, Held> held_b_;
};

std::string find_note(const StoredRun& a, const StoredRun& b) {
  const auto& other = b.run.symbols;
  const bool common = std::ranges::any_of(
      a.run.symbols, [&](const std::string& symbol) { return std::ranges::find(other, symbol) != other.end(); });
  if (!common) return "The runs have no symbol in common: no trade of one can be a trade of the other.";
  if (a.run.strategy != b.run.strategy)
    return fmt::format(
        "The runs are of different strategies, {} and {}: trades are matched all the same, by symbol, "
        "side and the bar of their decision.",
        a.run.strategy, b.run.strategy);
  if (a.run.timeframe != b.run.timeframe)
    return fmt::format("The runs decide on bars of different length, {} and {}: few decisions can match.",
                       a.run.timeframe, b.run.timeframe);
  return {};
}

void write_values(core::JsonWriter& json, std::string_view key, const std::vector<ComparedValue>& values) {
  json.key(key).begin_array();
  for (const ComparedValue& value : values)
    json.begin_object().key("name").value(value.name).key("a").value(value.a).key("b").value(value.b).end_object();
  json.end_array();
}

void write_number(core::JsonWriter& json, std::string_view key, const std::optional<std::int64_t>& number) {
  json.key(key);
  if (number) {
    json.value(*number);
  } else {
    json.null();
  }
}

}  // namespace

std::string_view to_string(Cause cause) {
  switch (cause) {
    case Cause::kData:
      return "data";
    case Cause::kSignal:
      return "signal";
    case Cause::kTiming:
      return "timing";
    case Cause::kPrice:
      return "price";
    case Cause::kFee:
      return "fee";
    case Cause::kSize:
      return "size";
    case Cause::kRisk:
      return "risk";
  }
  return "unknown";
}

std::int64_t RunComparison::count(Cause cause) const {
  return std::ranges::count(differences, cause, &TradeDifference::cause);
}

Result<RunComparison> compare_runs(const StoredRun& a, const StoredRun& b) {
  RunComparison out{.a = a.run, .b = b.run, .note = find_note(a, b)};
  ARGOSY_TRY(out.configuration, detail::compare_settings(a.run, b.run));
  ARGOSY_TRY(out.headline, detail::compare_headlines(a.run, b.run));
  ARGOSY_TRY(Side side_a, read_side(a));
  ARGOSY_TRY(Side side_b, read_side(b));
  ARGOSY_TRY(const bool same_formulas, detail::have_same_formulas(a.run, b.run));
  Comparer(std::move(side_a), std::move(side_b), same_formulas).compare(out);
  return out;
}

std::string to_json(const RunComparison& comparison) {
  core::JsonWriter json(2);
  json.begin_object().key("a").value(comparison.a.run_id).key("b").value(comparison.b.run_id);
  json.key("same").value(comparison.a.result_hash == comparison.b.result_hash);
  write_values(json, "configuration", comparison.configuration);
  write_values(json, "headline", comparison.headline);
  json.key("trades").begin_object().key("a").value(comparison.trades_a).key("b").value(comparison.trades_b);
  json.key("matched").value(comparison.matched).key("same").value(comparison.same);
  json.key("different").value(comparison.differences.size()).end_object();
  json.key("causes").begin_object();
  for (const Cause cause : kCauses) json.key(to_string(cause)).value(comparison.count(cause));
  json.end_object().key("differences").begin_array();
  const auto timeframe = market::Timeframe::parse(comparison.a.timeframe);
  for (const TradeDifference& each : comparison.differences) {
    json.begin_object().key("symbol").value(each.symbol).key("side").value(each.side);
    json.key("decided").value(timeframe ? market::format_key(each.decided_key, *timeframe) : "");
    write_number(json, "a", each.a);
    write_number(json, "b", each.b);
    json.key("cause").value(to_string(each.cause)).key("text").value(each.text);
    write_number(json, "follows",
                 each.follows ? std::optional(static_cast<std::int64_t>(*each.follows)) : std::nullopt);
    json.end_object();
  }
  json.end_array().key("note");
  if (comparison.note.empty()) {
    json.null();
  } else {
    json.value(comparison.note);
  }
  return std::move(json.end_object()).take() + "\n";
}

}  // namespace argosy::runs
