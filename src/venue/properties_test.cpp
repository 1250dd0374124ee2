// What must hold whatever happens: random orders of every kind, cancels, changes, bars, halts, corporate actions and
// rates against an order manager and an exchange. A seed decides all of it, so that one run can be repeated in another
// order.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>
#include <map>

#include "core/rng.hpp"
#include "market/bar.hpp"
#include "venue/test_desk.hpp"

namespace argosy::venue {
namespace {

using core::Rounding;
using trading::OrderEvent;

std::vector<market::Instrument> instruments() {
  return {{.symbol = "A"},
          {.symbol = "B", .exchange = "XNAS", .fractional = true},
          {.symbol = "C", .currency = "EUR", .lot = shares(5)},
          {.symbol = "D", .exchange = "XNAS"}};
}

// What a run may do; the same seed does the same.
struct Play {
  std::uint64_t seed = 0;
  int steps = 0;
  bool shuffled = false;  // bars are told in another order, also where nothing waits
};

class World : private trading::OrderListener {
 public:
  explicit World(const Play& play)
      : play_(play),
        rng_(play.seed),
        shuffle_(~play.seed),
        settings_(pick_settings()),
        exchange_(settings_, instruments()),
        orders_(settings_.account, instruments(),
                trading::RiskGate(settings_.fees, trading::LimitProfile::backtest(), settings_.account.cash),
                exchange_) {
    exchange_.set_listener(orders_);
    orders_.set_listener(*this);
    set_rate();
    for (InstrumentIndex i = 0; i < 4; ++i) mark(i, price("100"));
  }

  // All that was told, one line an event.
  std::string run() {
    for (int step = 0; step < play_.steps; ++step) {
      act();
      happen();
      trade();
      check();
      if (roll(3) == 0) {
        exchange_.end_of_day(key_, 1 + roll(3));
        check();
      }
      if (exchange_.margin_call() && roll(2) == 0) close_all();
    }
    return log_;
  }

 private:
  [[nodiscard]] int roll(int sides) { return static_cast<int>(rng_.below(static_cast<std::uint64_t>(sides))); }
  [[nodiscard]] InstrumentIndex any() { return static_cast<InstrumentIndex>(roll(4)); }

  ExchangeSettings pick_settings() {
    const char* const slippages[] = {"none", "fixed:0.02", "percent:0.05", "volume:0.5", "range:0.1"};
    const char* const latencies[] = {"none", "none", "bars:1", "bars:2", "ms:250"};
    ExchangeSettings settings;
    settings.slippage = *parse_slippage(slippages[roll(5)]);
    settings.latency = *parse_latency(latencies[roll(5)]);
    settings.limit_touch = roll(2) == 0 ? LimitTouch::kTouch : LimitTouch::kThrough;
    if (roll(2) == 0) settings.volume_cap = rate("0.1");
    if (roll(2) == 0) settings.timeframe = market::Timeframe(1, market::TimeframeUnit::kHour);
    settings.fees =
        trading::FeeSchedule("fees", "",
                             {{.name = "commission", .rates = {{.ratio = rate("0.0013"), .minimum = money("0.35")}}},
                              {.name = "exchange", .conversion = true, .rates = {{.ratio = rate("0.0015")}}}});
    settings.account.cash = Money::from_integer(500 + roll(20'000));
    const int type = roll(3);
    if (type == 0) settings.account.type = trading::AccountType::kMargin;
    if (type == 1) settings.account.balances = {{"EUR", Money::from_integer(roll(5'000))}};
    settings.interest = rate("0.07");
    settings.borrow = {.rate = rate("0.03"), .rates = {{"B", rate("0.5")}}, .unavailable = {"D"}};
    return settings;
  }

  // A price around the mark, on the tick.
  Price around(InstrumentIndex i, int percent) {
    const Price mark = std::max(account().mark(i), price("0.1"));
    const Price moved = core::scale(mark, 1000 + 10 * percent - roll(20 * percent + 1), 1000, Rounding::kHalfEven);
    return std::max(trading::to_tick(moved, price("0.01"), Rounding::kFloor), price("0.01"));
  }

  Order any_order(InstrumentIndex i) {
    using enum TimeInForce;
    const TimeInForce times[] = {kGoodTillCancelled, kDay,    kGoodTillCancelled, kImmediateOrCancel,
                                 kFillOrKill,        kAtOpen, kAtClose,           kGoodTillCancelled};
    Order order{.instrument = i, .kind = static_cast<OrderKind>(roll(5)), .created_key = key_};
    const trading::Position& position = account().position(i);
    order.side = roll(3) == 0 ? Side::kSell : Side::kBuy;
    order.quantity = market::round_to_lot(account().instruments()[i],
                                          Quantity::from_units(5'000'000'000LL * (1 + roll(roll(4) == 0 ? 40 : 8))));
    if (position.is_open() && roll(2) == 0) {
      order.side = position.closing_side();
      order.effect = Effect::kClose;
      order.quantity = position.size();
    }
    order.time_in_force = times[roll(order.kind == OrderKind::kMarket || order.kind == OrderKind::kLimit ? 8 : 3)];
    order.shrink_to_cash = roll(2) == 0;
    order.limit = order.stop = around(i, 5);
    if (order.kind == OrderKind::kTrailingStop) {
      order.trail_amount = price("1");
      if (roll(2) == 0) order.stop = Price();
    }
    return order;
  }

  void act() {
    for (int n = roll(4); n > 0; --n) {
      switch (roll(5)) {
        case 0:
          cancel_or_change();
          break;
        case 1:
          orders_.submit_bracket(any_order(any()), {.stop_loss = {.ratio = rate("0.02")},
                                                    .take_profit = {.amount = price("2")},
                                                    .trailing_stop = {.ratio = rate("0.03")}});
          break;
        case 2: {
          const InstrumentIndex i = any();
          const Order pair[] = {any_order(i), any_order(i)};
          orders_.submit_group(pair);
          break;
        }
        default:
          orders_.submit(any_order(any()));
      }
    }
  }

  void cancel_or_change() {
    const auto working = account().working_orders();
    if (working.empty()) return;
    const OrderId id = working[static_cast<std::size_t>(roll(static_cast<int>(working.size())))];
    const Order& order = account().order(id);
    if (roll(2) == 0) return orders_.cancel(id);
    const Quantity lot = account().instruments()[order.instrument].lot;
    const Quantity quantities[] = {order.quantity, order.quantity + lot, order.filled + lot};
    const Price level = around(order.instrument, 5);
    orders_.replace({.order = id, .quantity = quantities[roll(3)], .limit = level, .stop = level});
  }

  void close_all() {
    for (InstrumentIndex i = 0; i < 4; ++i) {
      const trading::Position& position = account().position(i);
      if (!position.is_open()) continue;
      orders_.submit({.instrument = i,
                      .side = position.closing_side(),
                      .effect = Effect::kClose,
                      .reason = trading::OrderReason::kMarginCall,
                      .quantity = position.size()});
    }
  }

  void set_rate() {
    const market::ExchangeRate rate{.quote = Price::from_units(700'000'000 + 1'000 * roll(600'000)),
                                    .inverse = roll(2) == 0};
    account().set_rate("EUR", rate);
    exchange_.set_rate("EUR", rate);
  }

  void happen() {
    const InstrumentIndex i = any();
    switch (roll(12)) {
      case 0: {
        const std::int64_t numerator = 1 + roll(4);
        const std::int64_t denominator = 1 + roll(4);
        const Price close = account().mark(i);
        orders_.split(i, numerator, denominator);
        exchange_.split(i, numerator, denominator, close);
        exchange_.on_close(i, account().mark(i));
        break;
      }
      case 1:
        account().dividend(i, price("0.123456789"));
        exchange_.dividend(i, price("0.123456789"));
        break;
      case 2:
        set_rate();
        break;
      case 3:
        halted_[i] = !halted_[i];
        if (halted_[i]) {
          exchange_.halt(i);
        } else {
          exchange_.resume(i);
        }
        break;
      case 4:
        if (roll(10) != 0) break;
        exchange_.cash_out(i, key_, price("7.77"));
        account().cash_out(i, key_, price("7.77"));
        exchange_.on_close(i, price("7.77"));
        break;
      default:
        break;
    }
    check();
  }

  BarView any_bar(InstrumentIndex i) {
    BarView bar{.key = key_, .open = around(i, 4), .volume = roll(6) == 0 ? 0.0 : 20.0 + roll(500)};
    bar.close = around(i, 4);
    bar.high = std::max({bar.open, bar.close, around(i, 5)});
    bar.low = std::min({bar.open, bar.close, around(i, 5)});
    return bar;
  }

  void trade() {
    // 2024-11-27 and after: two sessions and a half one in New York.
    constexpr std::int64_t kFirst = 1'732'665'600'000'000'000;
    key_ = (key_ == 0 ? kFirst : key_) + (settings_.timeframe.is_intraday() ? 60 * kOneMinute : kOneDay);
    bars_.clear();
    filled_.clear();
    std::vector<InstrumentIndex> order;
    for (InstrumentIndex i = 0; i < 4; ++i) {
      if (roll(5) == 0) continue;
      bars_[i] = any_bar(i);
      order.push_back(i);
    }
    if (play_.shuffled) {
      for (std::size_t n = order.size(); n > 1; --n) std::swap(order[n - 1], order[shuffle_.below(n)]);
    }
    for (const InstrumentIndex i : order) {
      if (play_.shuffled || exchange_.is_waiting(i)) exchange_.on_bar(i, bars_[i]);
    }
    exchange_.match();
    for (const InstrumentIndex i : order) mark(i, bars_[i].close);
    account().begin_session(market::date_key(market::key_date(key_)));
  }

  void mark(InstrumentIndex i, Price close) {
    account().set_mark(i, close);
    if (exchange_.needs_marks()) exchange_.on_close(i, close);
  }

  void on_order_event(OrderId id, const trading::BrokerEvent& event) override {
    log_ += fmt::format("{} {} {} {} {} {}\n", key_, id.value(), to_string(event.event), event.quantity.to_string(),
                        event.price.to_string(), event.note);
    if (!event.quantity.is_positive()) return;
    const Order order = account().order(id);
    check_fill(order, event);
    // A strategy that acts on fills, here and elsewhere.
    if (roll(3) == 0) orders_.submit(any_order(roll(2) == 0 ? order.instrument : any()));
    if (roll(6) == 0) cancel_or_change();
  }

  void check_fill(const Order& order, const trading::BrokerEvent& event) {
    const InstrumentIndex i = order.instrument;
    RC_ASSERT(bars_.contains(i));
    const BarView& bar = bars_[i];
    RC_ASSERT(bar.volume > 0 && !halted_[i]);
    RC_ASSERT(event.key == key_);
    if (settings_.slippage.kind == SlippageKind::kNone || event.rule == FillRule::kLimitLevel)
      RC_ASSERT(event.price >= bar.low && event.price <= bar.high);
    // Slippage is only ever to the worse side.
    RC_ASSERT((order.side == Side::kBuy ? event.price >= bar.low : event.price <= bar.high));
    const bool has_limit = order.kind == OrderKind::kLimit || order.kind == OrderKind::kStopLimit;
    if (has_limit) RC_ASSERT(!is_better(order.side, order.limit, event.price));
    RC_ASSERT(market::round_to_lot(account().instruments()[i], event.quantity) == event.quantity);
    filled_[i] += event.quantity;
    if (settings_.volume_cap.is_positive()) RC_ASSERT(filled_[i].to_double() <= 0.1 * bar.volume + 1e-9);
  }

  void check() {
    exchange_.verify(account());
    std::vector<Money> cost(account().wallet().balances().size());
    const bool one_rate = settings_.account.balances.empty();
    for (InstrumentIndex i = 0; i < 4; ++i) {
      const trading::Position& position = account().position(i);
      if (!account().is_converted(i)) cost[i == 2 && !one_rate ? 1 : 0] += position.cost();
      RC_ASSERT(settings_.account.type == trading::AccountType::kMargin || !position.is_short());
    }
    for (std::size_t k = 0; k < cost.size(); ++k) {
      const trading::Balance& balance = account().wallet()[k];
      RC_ASSERT(balance.current == balance.initial + balance.profit - balance.invested);
      if (!one_rate) RC_ASSERT(balance.invested == cost[k]);
      if (settings_.account.type == trading::AccountType::kCash) RC_ASSERT(!balance.current.is_negative());
    }
  }

  [[nodiscard]] trading::Account& account() { return orders_.account(); }

  Play play_;
  core::Rng rng_;
  core::Rng shuffle_;
  ExchangeSettings settings_;
  SimulatedExchange exchange_;
  trading::OrderManager orders_;
  std::int64_t key_ = 0;
  std::map<InstrumentIndex, BarView> bars_;
  std::map<InstrumentIndex, Quantity> filled_;
  std::array<bool, 4> halted_{};
  std::string log_;
};

RC_GTEST_PROP(Exchange, ItsBooksAreTheAccountsAndTheOrderOfBarsChangesNothing, ()) {
  const auto seed = *rc::gen::arbitrary<std::uint64_t>();
  const int steps = *rc::gen::inRange(1, 80);
  RC_LOG() << "seed " << seed << ", " << steps << " steps\n";
  const std::string told = World({.seed = seed, .steps = steps}).run();
  RC_ASSERT(World({.seed = seed, .steps = steps, .shuffled = true}).run() == told);
}

// The play must really trade, or the properties would hold of nothing.
TEST(Exchange, ThePlayReachesEveryKindOfEvent) {
  std::string told;
  for (std::uint64_t seed = 0; seed < 200; ++seed) told += World({.seed = seed, .steps = 80}).run();
  for (const OrderEvent event :
       {OrderEvent::kAccept, OrderEvent::kReject, OrderEvent::kTrigger, OrderEvent::kPartialFill, OrderEvent::kFill,
        OrderEvent::kCancel, OrderEvent::kReplace, OrderEvent::kRefuseReplace, OrderEvent::kExpire})
    EXPECT_TRUE(told.contains(fmt::format(" {} ", to_string(event)))) << to_string(event);
  for (const char* note : {"nothing is held to close", "shrunk to what the cash paid", "shrunk to what the margin",
                           "the margin does not", "the cash does not", "cannot be filled whole", "not filled at once",
                           "the split left", "delisted", "its session is over", "not filled in the opening", "borrow"})
    EXPECT_TRUE(told.contains(note)) << note;
}

}  // namespace
}  // namespace argosy::venue
