// The risk gate under any sequence of orders, fills, cancels and prices: it says what plain_gate.hpp says, limits hold
// with everything that works, and nothing leaves without a stored decision.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "core/rng.hpp"
#include "trading/plain_gate.hpp"
#include "trading/risk_gate.hpp"

namespace argosy::trading {
namespace {

using namespace std::chrono_literals;
using core::Timestamp;

constexpr InstrumentIndex kInstruments = 6;
const Timestamp kNow = *core::parse_rfc3339("2024-03-04T15:00:00Z");

Quantity shares(std::int64_t count) { return Quantity::from_integer(count); }
Money money(std::int64_t whole) { return Money::from_integer(whole); }
Rate rate(const char* text) { return *Rate::parse(text); }

// All of them, tight enough that each refuses some of the time. Shares are halves of halves: exact as doubles.
RiskLimits tight() {
  RiskLimits limits = unlimited<RiskLimits>();
  limits.messages = Limit<MessageRate>::of({1, 6, 3});
  limits.equal_orders = Limit<Burst>::of({1, 5s});
  limits.restricted = Limit<Symbols>::of({"S5"});
  limits.max_reference_age = Limit<core::Duration>::of(20min);
  limits.price_collar = Limit<Rate>::of(rate("0.0625"));
  limits.max_order_quantity = Limit<Quantity>::of(shares(80));
  limits.max_order_value = Limit<Money>::of(money(7'000));
  limits.self_match = Limit<Refused>::of({});
  limits.max_working_orders = Limit<std::int64_t>::of(12);
  limits.max_position_quantity = Limit<Quantity>::of(shares(150));
  limits.max_position_value = Limit<Money>::of(money(12'000));
  limits.max_open_positions = Limit<std::int64_t>::of(4);
  limits.max_gross_exposure = Limit<Money>::of(money(40'000));
  limits.max_net_exposure = Limit<Money>::of(money(22'000));
  limits.max_leverage = Limit<Leverage>::of({rate("2")});
  limits.correlated_exposure = Limit<CorrelationLimit>::of({rate("0.5"), rate("1")});
  limits.max_daily_loss = Limit<Allowance>::of(Allowance::of_share(rate("0.125")));
  limits.max_drawdown = Limit<Allowance>::of(Allowance::of_money(money(4'000)));
  return limits;
}

struct Step {
  int kind;
  InstrumentIndex instrument;
  std::int64_t count;
  std::int64_t percent;
  int seconds;
};
rc::Gen<std::vector<Step>> steps() {
  // Long ones: it takes a while until a limit is met.
  return rc::gen::scale(4.0, rc::gen::container<std::vector<Step>>(rc::gen::construct<Step>(
                                 rc::gen::inRange(0, 10), rc::gen::inRange<InstrumentIndex>(0, kInstruments),
                                 rc::gen::inRange<std::int64_t>(-90, 90), rc::gen::inRange<std::int64_t>(-8, 9),
                                 rc::gen::weightedElement<int>({{20, 0}, {20, 3}, {2, 400}, {1, 40'000}}))));
}

class World {
 public:
  explicit World(bool forgets = false)
      : forgets_(forgets),
        account_({.cash = money(20'000), .type = AccountType::kMargin, .margin = {.initial = rate("0.1")}},
                 instruments()),
        gate_(FeeSchedule(), profile(), money(20'000)),
        plain_(tight(), kInstruments) {
    gate_.attach(account_);
    // Two months in which the first three move together and the others alone.
    for (int day = 70; day >= 0; --day) {
      set_time(kNow - 24h * day);
      for (InstrumentIndex i = 0; i < kInstruments; ++i) {
        const std::int64_t alone = 3 + std::int64_t{i};
        const std::int64_t wave = i < 3 ? day * 7 % 11 : (day * alone + i) % 13;
        set_price(i, Price::from_integer(90 + wave + i));
      }
    }
    tell_equity();
  }

  void play(const Step& step) {
    set_time(gate_.time() + core::Duration(1s) * step.seconds);
    if (step.seconds > 10'000 || (step.seconds > 100 && step.percent > 0)) {
      for (InstrumentIndex i = 0; i < kInstruments; ++i) set_price(i, account_.mark(i));
    }
    const auto working = account_.working_orders();
    switch (step.kind) {
      case 0:
        set_price(step.instrument,
                  Price::from_integer(std::max<std::int64_t>(
                      20, account_.mark(step.instrument).units() / Price::kUnitsPerOne + step.percent)));
        break;
      case 1:
        if (!working.empty()) cancel(working[static_cast<std::size_t>(step.count + 90) % working.size()]);
        break;
      case 2:
      case 3:
        if (!working.empty()) fill(working[static_cast<std::size_t>(step.count + 90) % working.size()], step);
        break;
      case 4:
        tell_equity();
        break;
      case 5:
        close(step);
        break;
      default:
        open(step);
    }
    if (forgets_) forget();
  }

  [[nodiscard]] const Account& account() const { return account_; }
  [[nodiscard]] const RiskGate& gate() const { return gate_; }
  [[nodiscard]] const std::map<Outcome, int>& seen() const { return seen_; }
  [[nodiscard]] const std::string& problem() const { return problem_; }  // the first thing that was not as it must be

 private:
  static std::vector<market::Instrument> instruments() {
    std::vector<market::Instrument> out;
    for (InstrumentIndex i = 0; i < kInstruments; ++i) out.push_back({.symbol = "S" + std::to_string(i)});
    return out;
  }
  static LimitProfile profile() {
    LimitProfile out = LimitProfile::backtest();
    out.limits = tight();
    return out;
  }

  // All that it may: what is decided later must not change.
  void forget() {
    gate_.forget(0);
    std::size_t count = 0;
    while (count < account_.orders().size() && is_final(account_.orders()[count].state)) ++count;
    account_.forget(count);
  }
  void set_time(Timestamp now) {
    gate_.set_time(now);
    plain_.now = now;
  }
  void set_price(InstrumentIndex i, Price price) {
    account_.set_mark(i, price);
    gate_.on_price(i, price);
    plain_.on_price(i, core::utc_date(gate_.time()), price);
  }
  void tell_equity() {
    gate_.guard().on_equity(gate_.time(), account_.equity());
    update_losses();
  }
  // The guard's own tests say that these are right.
  void update_losses() {
    const auto base = gate_.guard().day_base(gate_.time());
    const auto peak = gate_.guard().peak();
    plain_.day_base = base ? std::optional(base->to_double()) : std::nullopt;
    plain_.peak = peak ? std::optional(peak->to_double()) : std::nullopt;
  }
  void tell(const BrokerEvent& event) {
    account_.apply(event);
    gate_.on_broker_event(account_.order(event.order), event);
  }
  void cancel(OrderId id) { tell({.order = id, .event = OrderEvent::kCancel}); }

  void fill(OrderId id, const Step& step) {
    const Order& order = account_.order(id);
    const Position& position = account_.position(order.instrument);
    // What no longer goes with the position is not filled: the venue keeps closing orders within it.
    const bool closes = position.is_open() && order.side == position.closing_side();
    if (closes != (order.effect == Effect::kClose) || (closes && order.remaining() > position.size()))
      return cancel(id);
    const bool part = step.kind == 2 && order.remaining() > shares(1);
    tell({.order = id,
          .event = part ? OrderEvent::kPartialFill : OrderEvent::kFill,
          .price = account_.mark(order.instrument),
          .quantity = part ? shares(1) : order.remaining()});
  }

  void submit(const Order& order) {
    update_losses();
    const Outcome expected = plain_.judge(order, account_, gate_.decisions());
    const std::size_t before = gate_.decisions().size();
    auto approved = gate_.decide(order, account_);
    require(gate_.decisions().size() == before + 1, "a decision for each order");
    const Decision& decision = gate_.decisions().back();
    require(approved.has_value() == (decision.outcome == Outcome::kApproved), "the decision is what was done");
    ++seen_[decision.outcome];
    if (decision.outcome != expected)
      require(false, fmt::format("{} where {} was expected", to_string(decision.outcome), to_string(expected)));
    if (!approved) return;
    require(approved->decision() == decision.id, "the decision's id");
    account_.apply(approved->value().id, OrderEvent::kSend);
    tell({.order = approved->value().id, .event = OrderEvent::kAccept});
    if (order.effect == Effect::kOpen) check_limits(order.instrument);
  }

  void open(const Step& step) {
    // Mostly on the side of what is held: the other one is refused at once.
    const Position& position = account_.position(step.instrument);
    const bool turns = position.is_open() && step.percent != 0 && position.is_long() != (step.count > 0);
    const std::int64_t size = step.percent % 3 == 0 ? step.count : step.count / 3;
    const std::int64_t count = turns ? -size : size;
    if (count == 0) return;
    Order order{.instrument = step.instrument,
                .side = count > 0 ? Side::kBuy : Side::kSell,
                .quantity = shares(std::abs(count))};
    if (step.kind != 7) {
      order.kind = OrderKind::kLimit;
      order.limit = account_.mark(step.instrument) + Price::from_integer(step.percent);
    }
    submit(order);
  }
  void close(const Step& step) {
    const auto held = account_.open_positions();
    const InstrumentIndex i =
        held.empty() ? step.instrument : held[static_cast<std::size_t>(step.instrument) % held.size()];
    const Position& position = account_.position(i);
    const Quantity most = step.percent > 6 ? shares(90) : shares(40);
    submit({.instrument = i,
            .side = position.closing_side(),
            .effect = Effect::kClose,
            .quantity = step.percent > 7 ? most : std::clamp(position.size(), shares(1), most)});
  }

  // Straight from the limits, after an order that adds was approved.
  void check_limits(InstrumentIndex ordered) {
    const RiskLimits& limits = gate_.profile().limits;
    const auto ranges = PlainGate::ranges(account_, nullptr);
    double gross = 0;
    std::int64_t positions = 0;
    for (const auto& [i, range] : ranges) {
      gross += range.size() * account_.mark(i).to_double();
      positions += range.size() > 0;
    }
    const auto below = [&](double value, double limit, std::string_view what) {
      if (value > limit) require(false, fmt::format("{}: {} of {}", what, value, limit));
    };
    const double size = ranges.at(ordered).size();
    below(static_cast<double>(account_.working_orders().size()), static_cast<double>(limits.max_working_orders.value()),
          "working orders");
    below(size, limits.max_position_quantity.value().to_double(), "position quantity");
    below(size * account_.mark(ordered).to_double(), limits.max_position_value.value().to_double(), "position value");
    below(static_cast<double>(positions), static_cast<double>(limits.max_open_positions.value()), "positions");
    below(gross, limits.max_gross_exposure.value().to_double(), "gross exposure");
    below(gross, account_.equity().to_double() * limits.max_leverage.value().times.to_double(), "leverage");
  }
  void require(bool holds, std::string_view what) {
    if (!holds && problem_.empty()) problem_ = what;
  }

  bool forgets_;
  Account account_;
  RiskGate gate_;
  PlainGate plain_;
  std::map<Outcome, int> seen_;
  std::string problem_;
};

RC_GTEST_PROP(RiskGateProperties, SaysWhatThePlainOneSays, ()) {
  World world;
  for (const Step& step : *steps()) world.play(step);
  RC_ASSERT(world.problem() == "");
}

RC_GTEST_PROP(RiskGateProperties, SaysTheSameWhenItForgets, ()) {
  World all;
  World newest(true);
  for (const Step& step : *steps()) {
    all.play(step);
    newest.play(step);
  }
  RC_ASSERT(newest.problem() == "");
  RC_ASSERT(newest.seen() == all.seen());
  RC_ASSERT(newest.account().equity() == all.account().equity());
  RC_ASSERT(std::ranges::equal(newest.account().working_orders(), all.account().working_orders()));
}

// Long enough that every control is met.
TEST(RiskGateProperties, EveryControlRefusesSometimes) {
  core::Rng rng(5);
  const auto between = [&](std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(rng.below(static_cast<std::uint64_t>(high - low)));
  };
  std::map<Outcome, int> seen;
  for (int run = 0; run < 40; ++run) {  // what is lost too much of does not come back
    World world;
    for (int k = 0; k < 1'000; ++k) {
      const std::int64_t time = between(0, 400);
      world.play({.kind = static_cast<int>(between(0, 10)),
                  .instrument = static_cast<InstrumentIndex>(between(0, kInstruments)),
                  .count = between(-90, 90),
                  .percent = between(-8, 9),
                  .seconds = time == 0    ? 40'000
                             : time < 8   ? 400
                             : time < 250 ? 0
                                          : 2});
      ASSERT_EQ(world.problem(), "") << "run " << run << ", step " << k;
    }
    for (const auto& [outcome, times] : world.seen()) seen[outcome] += times;
  }
  using enum Outcome;
  for (const Outcome outcome :
       {kApproved,           kNothingToClose, kOppositePosition, kRestricted,    kMessages,      kEqualOrders,
        kWorkingOrders,      kStaleReference, kPriceCollar,      kSelfMatch,     kOrderQuantity, kOrderValue,
        kPositionQuantity,   kPositionValue,  kOpenPositions,    kGrossExposure, kNetExposure,   kLeverage,
        kCorrelatedExposure, kDailyLoss,      kDrawdown}) {
    EXPECT_GE(seen[outcome], 5) << to_string(outcome);
  }
}

RC_GTEST_PROP(RiskGateProperties, NoOrderWithoutADecision, ()) {
  World world;
  for (const Step& step : *steps()) world.play(step);
  const auto decisions = world.gate().decisions();
  RC_ASSERT(world.problem() == "");
  RC_ASSERT(decisions.size() == world.account().orders().size());
  for (const Order& order : world.account().orders()) {
    const Decision& decision = decisions[static_cast<std::size_t>(order.decision.value() - 1)];
    RC_ASSERT(decision.id == order.decision);
    RC_ASSERT(decision.instrument == order.instrument);
    RC_ASSERT((decision.outcome == Outcome::kApproved) == (order.state != OrderState::kDenied));
  }
}

// Correlations, beside sums written out.
RC_GTEST_PROP(CorrelationProperties, EqualThePlainOnes, ()) {
  Correlations correlations(4);
  PlainGate plain(RiskLimits(), 4);
  const int days = *rc::gen::inRange(30, 150);
  for (int day = 0; day < days; ++day) {
    const core::Date date = core::Date::from_ymd(2024, 1, 1).plus_days(day);
    for (InstrumentIndex i = 0; i < 4; ++i) {
      if (*rc::gen::inRange(0, 30) == 0) continue;  // no bar that day
      const Price price = Price::from_integer(*rc::gen::inRange<std::int64_t>(80, 120));
      if (*rc::gen::arbitrary<bool>()) correlations.on_price(i, date, Price::from_integer(7));  // only the last counts
      correlations.on_price(i, date, price);
      plain.on_price(i, date, price);
    }
  }
  for (InstrumentIndex i = 0; i < 4; ++i) {
    for (InstrumentIndex j = 0; j < 4; ++j) {
      const double expected = plain.correlation(i, j);
      const double actual = correlations.between(i, j);
      RC_ASSERT(std::isnan(expected) == std::isnan(actual));
      if (!std::isnan(expected)) RC_ASSERT(std::abs(expected - actual) < 1e-9);
    }
  }
}

TEST(Correlation, SplitsAreNotReturns) {
  Correlations correlations(2);
  for (int day = 0; day < 80; ++day) {
    const core::Date date = core::Date::from_ymd(2024, 1, 1).plus_days(day);
    if (day == 70) correlations.on_split(1, 2, 1);
    const std::int64_t price = 100 + day * 7 % 11;
    correlations.on_price(0, date, Price::from_integer(price));
    correlations.on_price(1, date, Price::from_integer(day < 70 ? 2 * price : price));
  }
  EXPECT_NEAR(correlations.between(0, 1), 1, 1e-12);
  EXPECT_TRUE(std::isnan(Correlations(2).between(0, 1)));
}

}  // namespace
}  // namespace argosy::trading
