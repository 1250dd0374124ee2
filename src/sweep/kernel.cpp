#include "sweep/kernel.hpp"

#include <algorithm>
#include <bit>
#include <limits>

#include "market/bar.hpp"
#include "market/instrument.hpp"
#include "trading/order.hpp"
#include "venue/fill_model.hpp"

namespace argosy::sweep {

using core::Money;
using core::Price;
using core::Quantity;
using core::Rate;
using core::Rounding;
using trading::OrderReason;
using trading::Side;

namespace {

// The first row from `from` on whose bit is set, or `end`.
std::size_t next_set(Bits bits, std::size_t from, std::size_t end) {
  if (from >= end) return end;
  std::size_t word = from / 64;
  std::uint64_t rest = bits[word] & (~std::uint64_t{0} << (from % 64));
  const std::size_t words = words_of(end);
  while (rest == 0) {
    if (++word >= words) return end;
    rest = bits[word];
  }
  return std::min(end, word * 64 + static_cast<std::size_t>(std::countr_zero(rest)));
}

// A schedule's fees. The commonest, a share of the amount on both sides, needs no look at the schedule.
class Fees {
 public:
  Fees(const trading::FeeSchedule& schedule, const market::Instrument& instrument)
      : schedule_(schedule), instrument_(instrument) {
    if (schedule.is_free()) percent_ = Rate();
    if (schedule.items().size() == 1 && is_plain(schedule.items()[0])) percent_ = schedule.items()[0].rates[0].ratio;
  }

  // `amount`: price x quantity, rounded half to even.
  [[nodiscard]] Money fee(Side side, Price price, Quantity quantity, Money amount, std::int64_t key) const {
    if (percent_) return percent_->is_zero() ? Money() : core::multiply(amount, *percent_, Rounding::kHalfEven);
    return schedule_.fee({.side = side,
                          .quantity = quantity,
                          .price = price,
                          .date = market::key_date(key),
                          .instrument = &instrument_});
  }

 private:
  static bool is_plain(const trading::FeeItem& item) {
    if (!item.on_buy || !item.on_sell || !item.exchanges.empty() || item.conversion || item.above.is_positive() ||
        item.share_of || item.rounding != trading::FeeRounding::kExact || item.rates.size() != 1)
      return false;
    const trading::FeeRate& rate = item.rates[0];
    return rate.per_share.is_zero() && rate.fixed.is_zero() && rate.minimum.is_zero() && !rate.maximum &&
           !rate.maximum_ratio && !rate.ratio.is_negative();
  }

  const trading::FeeSchedule& schedule_;
  const market::Instrument& instrument_;
  std::optional<Rate> percent_;
};

class Runner {
 public:
  Runner(const KernelBars& bars, const KernelSettings& settings, const KernelSignals& signals, bool wants_equity,
         KernelRun& run, KernelCounts* counts)
      : bars_(bars),
        columns_(bars.data().bars),
        instrument_(bars.data().instrument),
        settings_(settings),
        signals_(signals),
        fees_(*settings.fees, instrument_),
        rows_(bars.size()),
        run_(run),
        counts_(counts),
        wants_equity_(wants_equity),
        cash_(settings.cash) {
    run_.trades.clear();
    run_.equity.clear();
    run_.fees = run_.dividends = Money();
    run_.invested = 0;
    if (wants_equity_) run_.equity.reserve(rows_);
  }

  bool execute() {
    std::size_t row = 0;
    while ((row = next_set(signals_.enter, row, rows_)) < rows_) row = enter(row);
    if (too_large_) return false;
    if (is_open()) {
      count(KernelEvent::kOpenAtEnd);
      run_.invested += static_cast<std::int64_t>(rows_ - entry_row_);
    }
    settle(rows_);
    run_.is_open = is_open();
    run_.final_cash = cash_;
    run_.final_equity = equity_at(rows_ - 1);
    return true;
  }

 private:
  // --- Entries. Each function returns the row from whose close on the next one may be decided. ---

  // A signal at the close of a row, while nothing is held and no order works.
  std::size_t enter(std::size_t row) {
    const Price close = columns_.close[row];
    const std::int64_t key = columns_.key[row];
    const trading::SizeInput input{
        .terms = {.instrument = instrument_, .price = close, .date = market::key_date(key), .fees = *settings_.fees},
        .equity = cash_,
        .available = cash_,
        .value = settings_.size_value};
    const Quantity quantity = trading::size_order(settings_.size, input).value_or(Quantity());
    if (!quantity.is_positive()) return denied(row, KernelEvent::kDeniedQuantity);
    if (is_too_large(quantity, close)) return rows_;
    const Money required =
        core::notional(close, quantity, Rounding::kCeiling) +
        fees_.fee(Side::kBuy, close, quantity, core::notional(close, quantity, Rounding::kHalfEven), key);
    if (required > cash_) return denied(row, KernelEvent::kDeniedCash);
    return wait(row, quantity);
  }

  std::size_t denied(std::size_t row, KernelEvent event) {
    count(event);
    return row + 1;
  }

  // From the close at which it was decided to the bar that fills it.
  std::size_t wait(std::size_t row, Quantity quantity) {
    const std::size_t fills = bars_.next_trading(row + 1);
    const std::size_t cancels = next_set(signals_.leave, row + 1, fills);
    if (fills > row + 1) count(KernelEvent::kWaits);
    pass_actions(row);
    const auto actions = bars_.actions();
    for (; action_ < actions.size() && actions[action_].row <= std::min(fills, cancels); ++action_) {
      const market::CorporateAction& action = actions[action_].action;
      if (action.kind != market::ActionKind::kSplit) continue;
      quantity = market::round_to_lot(
          instrument_, core::scale(quantity, action.numerator, action.denominator, Rounding::kTowardZero));
      if (quantity.is_positive()) continue;
      count(KernelEvent::kCancelledBySplit);
      return actions[action_].row;
    }
    if (cancels < fills) {
      count(KernelEvent::kCancelledBySell);
      return cancels + 1;
    }
    if (fills < rows_) return fill_entry(fills, quantity);
    count(KernelEvent::kPendingAtEnd);
    return rows_;
  }

  std::size_t fill_entry(std::size_t row, Quantity quantity) {
    const Price open = columns_.open[row];
    if (cost(row, quantity) > cash_) {
      if (settings_.size.may_shrink()) quantity = shrunk(row, quantity);
      if (!settings_.size.may_shrink() || quantity.is_zero()) {
        count(KernelEvent::kRejected);
        return row;
      }
      count(KernelEvent::kShrunk);
    }
    settle(row);
    quantity_ = quantity;
    cost_ = core::notional(open, quantity, Rounding::kHalfEven);
    position_fees_ = fees_.fee(Side::kBuy, open, quantity, cost_, columns_.key[row]);
    cash_ -= cost_ + position_fees_;
    run_.fees += position_fees_;
    entry_row_ = row;
    entry_price_ = open;
    realised_ = dividends_ = Money();
    set_levels();
    if (is_too_large(quantity, std::max({open, columns_.close[row - 1], target_.value_or(open)}))) return rows_;
    return hold();
  }

  [[nodiscard]] Money cost(std::size_t row, Quantity quantity) const {
    const Price open = columns_.open[row];
    const Money amount = core::notional(open, quantity, Rounding::kHalfEven);
    return amount + fees_.fee(Side::kBuy, open, quantity, amount, columns_.key[row]);
  }

  // What the cash pays at the open.
  [[nodiscard]] Quantity shrunk(std::size_t row, Quantity quantity) const {
    const std::int64_t step = instrument_.fractional ? 1 : instrument_.lot.units();
    std::int64_t fits = 0;
    std::int64_t fails = quantity.units() / step;
    while (fails - fits > 1) {
      const std::int64_t middle = fits + (fails - fits) / 2;
      (cost(row, Quantity::from_units(middle * step)) <= cash_ ? fits : fails) = middle;
    }
    return Quantity::from_units(fits * step);
  }

  // --- What leaves a position. ---

  void set_levels() {
    const Rate one = Rate::from_integer(1);
    const trading::Bracket& bracket = settings_.bracket;
    const auto level = [&](Rate ratio, Rounding away) {
      return trading::to_tick(core::multiply(entry_price_, ratio, away), instrument_.tick, away);
    };
    stop_.reset();
    target_.reset();
    if (bracket.stop_loss.is_set()) {
      const Price stop = level(one - bracket.stop_loss.ratio, Rounding::kFloor);
      if (stop.is_positive()) stop_ = stop;
      if (!stop_) count(KernelEvent::kNoStop);  // the gate denies it
    }
    if (bracket.take_profit.is_set()) target_ = level(one + bracket.take_profit.ratio, Rounding::kCeiling);
    trails_ = bracket.trailing_stop.is_set();
    follow(entry_price_);
  }

  // The trailing stop follows a price.
  void follow(Price price) {
    followed_ = price;
    if (trails_)
      trail_ = venue::trailing_level(Side::kSell, price, {.amount = {}, .ratio = settings_.bracket.trailing_stop.ratio},
                                     instrument_.tick);
  }

  // The level below which something is sold by a stop.
  [[nodiscard]] Price worst_level() const {
    const Price stop = stop_.value_or(kNone);
    return trails_ ? std::max(stop, trail_) : stop;
  }

  // From the fill of the entry until the position is closed.
  std::size_t hold() {
    if (close_within(entry_row_)) {
      count(KernelEvent::kStoppedAtEntry);
      return entry_row_;
    }
    if (trails_ && columns_.high[entry_row_] > followed_) follow(columns_.high[entry_row_]);
    std::size_t decides = next_set(signals_.leave, entry_row_, rows_);
    OrderReason reason = OrderReason::kSellSignal;
    if (const auto most = static_cast<std::size_t>(settings_.max_bars); most > 0 && decides - entry_row_ > most) {
      decides = std::min(rows_, entry_row_ + most);
      reason = OrderReason::kMaxBars;
    }
    prefetch(decides);
    prefetch(next_set(signals_.enter, decides, rows_));
    if (const auto closed = pass(entry_row_ + 1, std::min(rows_, decides + 1))) return *closed;
    if (decides >= rows_) return rows_;
    if (is_too_large(quantity_, columns_.close[decides])) return rows_;
    const std::size_t sells = bars_.next_trading(decides + 1);
    auto closed = pass(decides + 1, sells);
    if (!closed && sells < rows_) closed = apply_actions(sells);
    if (!closed && sells < rows_ && close_at_open(sells)) closed = sells;
    if (closed) {
      count(KernelEvent::kExitOvertaken);
      return *closed;
    }
    if (sells >= rows_) return rows_;
    count(reason == OrderReason::kMaxBars ? KernelEvent::kMaxBars : KernelEvent::kSold);
    sell(sells, columns_.open[sells], reason);
    return sells;
  }

  // What is decided at the close of a row is filled in the next one: their prices are fetched while the bars between
  // are searched.
  void prefetch(std::size_t row) const {
    if (row + 1 >= rows_) return;
    __builtin_prefetch(columns_.close.data() + row);
    __builtin_prefetch(columns_.open.data() + row + 1);
    __builtin_prefetch(columns_.low.data() + row + 1);
    __builtin_prefetch(columns_.key.data() + row + 1);
  }

  // Bars in which only the levels and corporate actions can close the position. The row that did, if one did.
  std::optional<std::size_t> pass(std::size_t row, std::size_t end) {
    while (row < end) {
      if (const auto closed = apply_actions(row)) return closed;
      const auto actions = bars_.actions();
      const std::size_t until = action_ < actions.size() ? std::min(end, actions[action_].row) : end;
      row = stop_ || target_ || trails_ ? find_touch(row, until) : until;
      if (row == until) continue;
      const bool closed = close_at_open(row) || close_within(row);
      ARGOSY_CHECK(closed, "row {} was to close the position", row);
      return row;
    }
    return std::nullopt;
  }

  // The first row whose low or high reaches a level, or `end`.
  std::size_t find_level(std::size_t row, std::size_t end, Price level, Price target) {
    const Price* lows = bars_.lows();
    const Price* highs = bars_.highs();
    while (row < end) {
      if (row % KernelBars::kBlock == 0 && row + KernelBars::kBlock <= end) {
        const std::size_t block = row / KernelBars::kBlock;
        if (bars_.block_low(block) > level && bars_.block_high(block) < target) {
          count(KernelEvent::kBlockPassed);
          row += KernelBars::kBlock;
          continue;
        }
      }
      const std::size_t stretch = std::min(end, (row / KernelBars::kBlock + 1) * KernelBars::kBlock);
      for (; row < stretch; ++row) {
        if (lows[row] <= level || highs[row] >= target) return row;
      }
    }
    return end;
  }

  // The first row in which a level is reached, or `end`. No corporate action takes effect between the two.
  std::size_t find_touch(std::size_t row, std::size_t end) {
    const Price* lows = bars_.lows();
    const Price* highs = bars_.highs();
    const Price target = target_.value_or(kBeyond);
    if (!trails_) return find_level(row, end, worst_level(), target);
    Price level = worst_level();
    while (row < end) {
      if (row % KernelBars::kBlock == 0 && row + KernelBars::kBlock <= end && pass_block(row, target)) {
        row += KernelBars::kBlock;
        level = worst_level();
        continue;
      }
      const std::size_t stretch = std::min(end, (row / KernelBars::kBlock + 1) * KernelBars::kBlock);
      for (; row < stretch; ++row) {
        if (highs[row] > followed_) {
          if (columns_.open[row] > followed_ && touches_risen(row, target)) return row;
          if (lows[row] <= level || highs[row] >= target) return row;
          follow(highs[row]);
          level = worst_level();
          continue;
        }
        if (lows[row] <= level || highs[row] >= target) return row;
      }
    }
    return end;
  }

  // Whether the level that the open has raised the trailing stop to is reached in the same bar.
  [[nodiscard]] bool touches_risen(std::size_t row, Price target) {
    const Price before = followed_;
    follow(columns_.open[row]);
    const bool touches = columns_.low[row] <= worst_level() || columns_.high[row] >= target;
    follow(before);
    return touches;
  }

  // Nothing in this block is reached, whatever the order of its prices: then it is behind us.
  bool pass_block(std::size_t row, Price target) {
    const std::size_t block = row / KernelBars::kBlock;
    if (bars_.block_high(block) >= target || bars_.block_low(block) <= worst_level()) return false;
    const Price before = followed_;
    if (bars_.block_high(block) > followed_) {
      follow(bars_.block_high(block));
      if (bars_.block_low(block) <= worst_level()) {
        follow(before);
        return false;
      }
    }
    count(KernelEvent::kBlockPassed);
    return true;
  }

  // In the opening stops stand before the target, and all of them before an order of the strategy's own.
  bool close_at_open(std::size_t row) {
    const Price open = columns_.open[row];
    if (stop_ && open <= *stop_) return close(row, open, OrderReason::kStopLoss, KernelEvent::kStopAtOpen);
    if (trails_ && open <= trail_) return close(row, open, OrderReason::kTrailingStop, KernelEvent::kTrailAtOpen);
    if (target_ && open >= *target_) return close(row, open, OrderReason::kTakeProfit, KernelEvent::kTargetAtOpen);
    return false;
  }

  // After the open the worse is assumed: stops, then the target.
  bool close_within(std::size_t row) {
    const Price open = columns_.open[row];
    const Price low = columns_.low[row];
    if (stop_ && low <= *stop_) return close(row, *stop_, OrderReason::kStopLoss, KernelEvent::kStopWithin);
    if (trails_) {
      if (open > followed_) follow(open);
      if (low <= trail_) return close(row, trail_, OrderReason::kTrailingStop, KernelEvent::kTrailWithin);
    }
    if (target_ && columns_.high[row] >= *target_)
      return close(row, *target_, OrderReason::kTakeProfit, KernelEvent::kTargetWithin);
    return false;
  }

  bool close(std::size_t row, Price price, OrderReason reason, KernelEvent event) {
    count(event);
    sell(row, price, reason);
    return true;
  }

  void sell(std::size_t row, Price price, OrderReason reason) {
    settle(row);
    const Money amount = core::notional(price, quantity_, Rounding::kHalfEven);
    const Money fee = fees_.fee(Side::kSell, price, quantity_, amount, columns_.key[row]);
    position_fees_ += fee;
    run_.fees += fee;
    cash_ += amount - fee;
    realised_ += amount - cost_;
    record(row, price, quantity_, reason);
  }

  void record(std::size_t row, Price price, Quantity quantity, OrderReason reason) {
    run_.trades.push_back({.entry_key = columns_.key[entry_row_],
                           .entry_price = entry_price_,
                           .exit_key = columns_.key[row],
                           .exit_price = price,
                           .quantity = quantity,
                           .fees = position_fees_,
                           .profit = realised_ - position_fees_,
                           .dividends = dividends_,
                           .exit_reason = reason});
    run_.invested += static_cast<std::int64_t>(row - entry_row_);
    quantity_ = Quantity();
  }

  // --- Corporate actions. ---

  // Those up to the close of a row changed nothing: nothing was held.
  void pass_actions(std::size_t row) {
    while (action_ < bars_.actions().size() && bars_.actions()[action_].row <= row) ++action_;
  }

  // Those of a row, on the position held. The row, when they end it.
  std::optional<std::size_t> apply_actions(std::size_t row) {
    const auto actions = bars_.actions();
    if (action_ >= actions.size() || actions[action_].row > row) return std::nullopt;
    settle(row);
    Price mark = columns_.close[row - 1];
    for (; action_ < actions.size() && actions[action_].row == row; ++action_) {
      const market::CorporateAction& action = actions[action_].action;
      if (!is_open()) continue;
      if (action.kind == market::ActionKind::kSplit) {
        split(row, action.numerator, action.denominator, mark);
      } else {
        const Money received = core::notional(action.amount, quantity_, Rounding::kHalfEven);
        dividends_ += received;
        run_.dividends += received;
        cash_ += received;
        count(KernelEvent::kDividend);
      }
    }
    return is_open() ? std::nullopt : std::optional(row);
  }

  // What cannot be held is paid out at the last close, restated. `mark` becomes that.
  void split(std::size_t row, std::int64_t numerator, std::int64_t denominator, Price& mark) {
    count(KernelEvent::kSplit);
    const auto restate = [&](Price price) { return core::scale(price, denominator, numerator, Rounding::kHalfEven); };
    const Quantity exact = core::scale(quantity_, numerator, denominator, Rounding::kTowardZero);
    const Quantity kept = market::round_to_lot(instrument_, exact);
    mark = restate(mark);
    entry_price_ = restate(entry_price_);
    if (stop_) stop_ = restate(*stop_);
    if (target_) target_ = restate(*target_);
    if (trails_) follow(restate(followed_));
    if (exact.is_zero()) {
      realised_ -= cost_;
      cost_ = Money();
    } else if (exact != kept) {
      count(KernelEvent::kSplitFraction);
      const Quantity fraction = exact - kept;
      const Money paid = core::notional(mark, fraction, Rounding::kHalfEven);
      const Money share = core::scale(cost_, fraction.units(), exact.units(), Rounding::kHalfEven);
      realised_ += paid - share;
      cost_ -= share;
      cash_ += paid;
    }
    quantity_ = kept;
    if (kept.is_positive()) return;
    count(KernelEvent::kSplitToNothing);
    record(row, mark, exact, OrderReason::kCorporateAction);
  }

  // --- Equity. ---

  [[nodiscard]] bool is_open() const { return !quantity_.is_zero(); }
  [[nodiscard]] Money equity_at(std::size_t row) const {
    return cash_ + core::notional(columns_.close[row], quantity_, Rounding::kHalfEven);
  }
  // What is held and the cash change in this row: those before it have the equity of before.
  void settle(std::size_t row) {
    if (!wants_equity_) return;
    if (!is_open()) return run_.equity.resize(row, cash_);
    for (std::size_t at = run_.equity.size(); at < row; ++at) run_.equity.push_back(equity_at(at));
  }

  // The risk gate refuses orders of more than 4e9 shares with what is held and what works, or worth more than 1e12. A
  // position has at most four orders' worth beside it: far below nothing is refused, and else the core decides.
  bool is_too_large(Quantity quantity, Price price) {
    constexpr auto kMostShares = Quantity::from_units(400'000'000 * Quantity::kUnitsPerOne);
    constexpr std::int64_t kMostMoney = 100'000'000'000;
    constexpr auto kMostUnits = static_cast<__int128>(kMostMoney) * Price::kUnitsPerOne * Quantity::kUnitsPerOne;
    const bool fits = quantity <= kMostShares && static_cast<__int128>(quantity.units()) * price.units() <= kMostUnits;
    if (fits) return false;
    count(KernelEvent::kTooLarge);
    too_large_ = true;
    return true;
  }

  void count(KernelEvent event) {
    if (counts_ != nullptr) ++(*counts_)[static_cast<std::size_t>(event)];
  }

  static constexpr Price kNone = Price::from_units(std::numeric_limits<std::int64_t>::min());
  static constexpr Price kBeyond = Price::from_units(std::numeric_limits<std::int64_t>::max());

  const KernelBars& bars_;
  const market::BarColumns& columns_;
  const market::Instrument& instrument_;
  const KernelSettings& settings_;
  const KernelSignals& signals_;
  Fees fees_;
  std::size_t rows_;
  KernelRun& run_;
  KernelCounts* counts_;
  bool wants_equity_;
  bool too_large_ = false;
  std::size_t action_ = 0;  // the next corporate action

  Money cash_;
  // The position, where there is one.
  Quantity quantity_;
  Money cost_;
  Money position_fees_;
  Money realised_;
  Money dividends_;
  Price entry_price_;
  std::size_t entry_row_ = 0;
  std::optional<Price> stop_;
  std::optional<Price> target_;
  bool trails_ = false;
  Price followed_;  // by the trailing stop
  Price trail_;     // its level
};

}  // namespace

bool run_kernel(const KernelBars& bars, const KernelSettings& settings, const KernelSignals& signals, bool wants_equity,
                KernelRun& run, KernelCounts* counts) {
  return Runner(bars, settings, signals, wants_equity, run, counts).execute();
}

}  // namespace argosy::sweep
