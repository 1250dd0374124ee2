#include "live/strategy_decisions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/check.hpp"
#include "strategy/confidence.hpp"
#include "strategy/entry_prices.hpp"

namespace argosy::live {

using core::Error;
using core::ErrorCode;
using core::fail;
using core::Price;
using core::Rate;
using core::Result;
using core::Rounding;
using core::Timestamp;
using strategy::Role;
using trading::OrderReason;

Result<void> check_tradable(const strategy::StrategyFile& file, const strategy::CompiledStrategy& compiled) {
  const auto refuse = [&](std::string_view why, const char* hint) {
    return fail(Error(ErrorCode::kUnsupported, fmt::format("{} {}", file.name, why)).with_hint(hint));
  };
  if (file.rebalance || compiled.program.looks_across())
    return refuse("compares many symbols, and a service trades one", "take a strategy with the keys buy and sell");
  if (compiled.has(Role::kShort))
    return refuse("sells short, and a service owns what it trades", "take a strategy without the key short");
  if (!compiled.has(Role::kBuy)) return refuse("never buys", "it needs the key buy");
  if (file.timeframe.nominal() > market::Timeframe().nominal())
    return refuse("decides on bars longer than a day", "take a timeframe up to 1d; formulas may look at on(\"1w\", x)");
  return {};
}

std::vector<std::string> symbols_read(const strategy::CompiledStrategy& compiled, const std::string& symbol) {
  std::vector<std::string> out{symbol};
  for (const formula::RowContext& context : compiled.program.contexts) {
    if (!context.symbol.empty() && std::ranges::find(out, context.symbol) == out.end()) out.push_back(context.symbol);
  }
  return out;
}

StrategyDecisions::StrategyDecisions(strategy::StrategyFile file, strategy::CompiledStrategy compiled)
    : file_(std::move(file)), compiled_(std::move(compiled)) {}

Result<std::unique_ptr<StrategyDecisions>> StrategyDecisions::make(strategy::StrategyFile file,
                                                                   std::vector<data::SymbolData> history) {
  ARGOSY_TRY(strategy::CompiledStrategy compiled, strategy::compile_strategy(file));
  ARGOSY_TRY_VOID(check_tradable(file, compiled));
  return make(std::move(file), std::move(compiled), std::move(history));
}

Result<std::unique_ptr<StrategyDecisions>> StrategyDecisions::make(strategy::StrategyFile file,
                                                                   strategy::CompiledStrategy compiled,
                                                                   std::vector<data::SymbolData> history) {
  ARGOSY_CHECK(!history.empty(), "{} decides for a symbol", file.name);
  const market::Instrument& own = history.front().instrument;
  const std::vector<std::string> symbols = symbols_read(compiled, own.symbol);
  ARGOSY_CHECK(history.size() == symbols.size(), "{} symbols for {} that are read", history.size(), symbols.size());
  // The stream refers to the program, which must not move any more.
  std::unique_ptr<StrategyDecisions> out(new StrategyDecisions(std::move(file), std::move(compiled)));
  ARGOSY_TRY(out->stream_, formula::ProgramStream::make(out->compiled_.program, {{own.symbol, own.sector}}));
  out->signals_.columns.resize(out->compiled_.program.last().outputs().size());
  for (const data::SymbolData& each : history) out->add_source(each);
  std::vector<std::size_t> next(out->sources_.size());
  for (;;) {
    // In the order of closing, so that no more waits than one instant's rows.
    std::optional<std::size_t> first;
    Timestamp least = Timestamp::max();
    for (std::size_t s = 0; s < history.size(); ++s) {
      if (next[s] == history[s].bars.size()) continue;
      const market::Calendar& calendar = **market::find_calendar(out->sources_[s].data.instrument.exchange);
      const Timestamp closing = calendar.closing_instant(history[s].bars.key[next[s]], out->file_.timeframe);
      if (!first || closing < least) first = s, least = closing;
    }
    if (!first) break;
    const std::size_t row = next[*first]++;
    const data::SymbolData& symbol = history[*first];
    out->give(out->sources_[*first], symbol.bars.at(row), {symbol.factors.price[row], symbol.factors.split[row]});
    // Other symbols may close at the same instant: it is over when the next bar closes later.
    out->advance(Timestamp(least - core::Duration(1)));
  }
  out->advance(Timestamp::max());
  return out;
}

void StrategyDecisions::add_source(const data::SymbolData& history) {
  Source& source = sources_.emplace_back();
  source.data.instrument = history.instrument;
  source.data.timeframe = file_.timeframe;
  source.data.actions = history.actions;
  source.data.anchor = history.bars.empty() ? 0 : history.anchor;
  const bool is_own = sources_.size() == 1;
  for (std::uint32_t c = 0; c < compiled_.program.contexts.size(); ++c) {
    const formula::RowContext& context = compiled_.program.contexts[c];
    const bool reads = context.symbol.empty() ? is_own : context.symbol == source.data.instrument.symbol;
    if (!reads) continue;
    std::optional<market::Timeframe> longer;
    if (!context.timeframe.empty()) longer = *market::Timeframe::parse(context.timeframe);
    const auto fields = stream_->fields(c);
    source.readers.push_back(
        {c, data::RowStream(source.data, {fields.begin(), fields.end()}, data::PriceMode::kAdjusted, longer)});
  }
}

data::BarFactors StrategyDecisions::factors_at(const Source& source, std::int64_t key) const {
  if (source.data.actions.empty() || source.keys.empty()) return source.factors;
  const market::Calendar& calendar = **market::find_calendar(source.data.instrument.exchange);
  const bool acts = std::ranges::any_of(source.data.actions, [&](const market::CorporateAction& action) {
    const std::int64_t at = market::ex_key(action.ex_date, source.data.timeframe, calendar);
    return at > source.keys.back() && at <= key;
  });
  if (!acts) return source.factors;
  // All of them anew, in the order of the dates: the same products as over the whole history.
  std::vector<std::int64_t> keys = source.keys;
  std::vector<Price> closes = source.closes;
  keys.push_back(key);
  closes.push_back(closes.back());  // a factor never looks at the close of its own bar
  const auto all = market::adjustment_factors(keys, closes, source.data.actions, source.data.anchor,
                                              source.data.timeframe, calendar);
  // What was wrong with the actions was found when the history was loaded.
  if (!all) return source.factors;
  return {all->price.back(), all->split.back()};
}

void StrategyDecisions::take_action(std::string_view symbol, const market::CorporateAction& action) {
  for (Source& source : sources_) {
    std::vector<market::CorporateAction>& known = source.data.actions;
    if (source.data.instrument.symbol != symbol || std::ranges::find(known, action) != known.end()) continue;
    known.push_back(action);
    market::order_actions(known);
  }
}

void StrategyDecisions::add(std::string_view symbol, const market::Bar& bar) {
  for (Source& source : sources_) {
    if (source.data.instrument.symbol != symbol) continue;
    if (!source.keys.empty() && bar.key <= source.keys.back()) return;
    give(source, bar, factors_at(source, bar.key));
    return;
  }
}

void StrategyDecisions::give(Source& source, const market::Bar& bar, const data::BarFactors& factors) {
  if (source.keys.empty() && source.data.anchor == 0) source.data.anchor = bar.key;
  source.factors = factors;
  source.keys.push_back(bar.key);
  source.closes.push_back(bar.close);
  for (Source::Reader& reader : source.readers) {
    streamed_.clear();
    reader.rows.add(bar, factors, streamed_);
    for (const data::StreamedRow& row : streamed_) {
      stream_->add(reader.context, 0, {.key = row.key, .closing = row.closing, .fields = row.values});
      if (reader.context == 0) bare_.push_back({.closing = row.closing, .factor = factors.price, .high = bar.high});
    }
  }
}

void StrategyDecisions::advance(Timestamp watermark) {
  stream_->advance(watermark.time_since_epoch().count(),
                   [this](const formula::ProgramStream::Result& row) { take(row); });
  if (next_bare_ == bare_.size()) {
    bare_.clear();
    next_bare_ = 0;
  }
}

void StrategyDecisions::take(const formula::ProgramStream::Result& row) {
  const Bare& bare = bare_[next_bare_++];
  std::vector<std::vector<double>> outputs;
  outputs.reserve(row.outputs.size());
  for (const double output : row.outputs) outputs.push_back({output});
  strategy::Signals one = strategy::to_signals(compiled_, std::move(outputs));
  const strategy::ConstantConfidence confidence;
  (void)strategy::keep_confident(confidence, compiled_, file_.minimum_confidence,
                                 sources_.front().data.instrument.symbol, std::span(&row.key, 1), one);
  signals_.bits.push_back(one.bits.front());
  signals_.columns.resize(one.columns.size());
  for (std::size_t c = 0; c < one.columns.size(); ++c) signals_.columns[c].push_back(one.columns[c].front());
  keys_.push_back(row.key);
  closings_.push_back(bare.closing);
  factors_.push_back(bare.factor);
  highs_.push_back(bare.high);
}

std::vector<std::string> StrategyDecisions::symbols() const {
  std::vector<std::string> out;
  for (const Source& source : sources_) out.push_back(source.data.instrument.symbol);
  return out;
}

// --- Answers. ---

double StrategyDecisions::value(Role role, std::size_t row) const {
  const auto column = compiled_.columns[static_cast<std::size_t>(role)];
  return column ? signals_.columns[*column][row] : std::nan("");
}

// An adjusted price, or distance, as it is quoted; zero when there is none above 0.
Price StrategyDecisions::quoted(Role role, std::size_t row) const {
  return strategy::quoted_price(value(role, row), factors_[row]).value_or(Price());
}

std::size_t StrategyDecisions::rows_until(Timestamp time) const {
  return static_cast<std::size_t>(std::ranges::upper_bound(closings_, time.time_since_epoch().count()) -
                                  closings_.begin());
}

EntryWish StrategyDecisions::entry_at(std::size_t row) const {
  const auto given = [&](Role role) {
    return compiled_.has(role) ? std::optional(value(role, row)) : std::optional<double>();
  };
  const strategy::EntryPrices prices = strategy::entry_prices({.order = file_.order,
                                                               .close = sources_.front().closes.back(),
                                                               .factor = factors_[row],
                                                               .limit = given(Role::kLimit),
                                                               .stop = given(Role::kStop)});
  EntryWish out{
      .kind = file_.order.kind, .limit = prices.limit.value_or(Price()), .stop = prices.stop.value_or(Price())};
  if (file_.size.kind == trading::SizeKind::kPercent) {
    // A size by formula is in percent, a constant one is a ratio.
    const double share = compiled_.has(Role::kSize) ? value(Role::kSize, row) / 100 : file_.size.fraction.to_double();
    out.share = Rate::from_double(std::clamp(std::isfinite(share) ? share : 0.0, 0.0, 1.0)).value_or(Rate());
  }
  return out;
}

void StrategyDecisions::look_at(const DecisionQuestion& question, Held& held) const {
  if (held.purchased_at != question.purchased_at) {
    held = {.purchased_at = question.purchased_at,
            .price = question.purchase_price,
            .next = rows_until(question.purchased_at)};
    if (compiled_.exit) held.exit.emplace(*compiled_.exit);
  }
  if (held.price != question.purchase_price && held.exit) held.exit->enlarged();
  held.price = question.purchase_price;
  for (; held.next < signals_.bits.size(); ++held.next) {
    std::uint8_t bits = signals_.bits[held.next];
    if (held.exit)
      bits |= held.exit->at_close(held.price.to_double(), true, factors_[held.next], signals_.columns, held.next);
    ++held.bars;
    if (held.left) continue;
    if ((bits & strategy::kSell) != 0) {
      held.left = true;
    } else if (file_.max_bars > 0 && held.bars >= file_.max_bars) {
      held.left = true;
      held.why = OrderReason::kMaxBars;
    }
  }
}

DecisionAnswer StrategyDecisions::decide(const DecisionQuestion& question) {
  if (question.what == Question::kSell) return answer(question, held_[question.service_id]);
  if (!signals_.bits.empty()) held_.erase(question.service_id);
  Held none{};
  return answer(question, none);
}

DecisionAnswer StrategyDecisions::peek(const DecisionQuestion& question) const {
  Held held{};  // of the bars since the purchase, once more
  return answer(question, held);
}

DecisionAnswer StrategyDecisions::answer(const DecisionQuestion& question, Held& held) const {
  DecisionAnswer out;
  if (signals_.bits.empty()) {
    out.reason = "no bar is complete";
    return out;
  }
  const std::size_t row = signals_.bits.size() - 1;
  for (const Role role : {Role::kConfidence, Role::kSize, Role::kStopDistance, Role::kTargetDistance,
                          Role::kTrailDistance, Role::kLimit, Role::kStop}) {
    if (compiled_.has(role)) out.numbers.emplace_back(strategy::to_string(role), value(role, row));
  }
  const std::int64_t second = closings_[row] / 1'000'000'000;
  out.numbers.emplace_back("bar", static_cast<double>(second));
  if (question.what == Question::kSell) {
    look_at(question, held);
    out.numbers.emplace_back("bars_held", static_cast<double>(held.bars));
    out.yes = held.left;
    out.exit = held.why;
    out.confidence = held.left ? 100 : 0;
    out.reason = !held.left                          ? "no signal to sell"
                 : held.why == OrderReason::kMaxBars ? "held for as long as the strategy allows"
                                                     : "signal to sell";
    return out;
  }
  const double confidence = compiled_.has(Role::kConfidence) ? 100 * value(Role::kConfidence, row) : 100;
  // Where the conditions to enter and to leave hold at once the strategy contradicts itself.
  out.yes = (signals_.bits[row] & (strategy::kBuy | strategy::kSell)) == strategy::kBuy;
  out.confidence = out.yes || compiled_.has(Role::kConfidence) ? confidence : 0;
  out.reason = out.yes ? "signal to buy" : "no signal to buy";
  if (out.yes) out.entry = entry_at(row);
  return out;
}

ExitLevels StrategyDecisions::levels(const DecisionQuestion& question) {
  ExitLevels out;
  const std::size_t rows = rows_until(question.purchased_at);
  if (!question.purchase_price.is_positive()) return out;
  const auto distance = [&](const trading::Distance& constant, Role role) {
    if (compiled_.has(role)) return rows == 0 ? Price() : quoted(role, rows - 1);
    if (constant.amount.is_positive()) return constant.amount;
    return core::multiply(question.purchase_price, constant.ratio, Rounding::kHalfEven);
  };
  const Price stop = distance(compiled_.bracket.stop_loss, Role::kStopDistance);
  const Price target = distance(compiled_.bracket.take_profit, Role::kTargetDistance);
  out.trail = distance(compiled_.bracket.trailing_stop, Role::kTrailDistance);
  if (stop.is_positive() && stop < question.purchase_price) out.stop_loss = question.purchase_price - stop;
  if (target.is_positive()) out.take_profit = question.purchase_price + target;
  out.highest = question.purchase_price;
  // The bar in which it was bought may have had its high before.
  for (std::size_t row = rows + 1; row < highs_.size(); ++row) out.highest = std::max(out.highest, highs_[row]);
  return out;
}

}  // namespace argosy::live
