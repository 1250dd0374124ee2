// What the risk gate takes for a decision: a million of them, with every control on, 50 open positions, their stops and
// targets and up to 20 entries at work. Each must be what plain_gate.hpp says.
//
//   gate_bench [--json]
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "core/json.hpp"
#include "core/rng.hpp"
#include "trading/plain_gate.hpp"
#include "trading/risk_gate.hpp"

namespace argosy::trading {
namespace {

using namespace std::chrono_literals;

constexpr InstrumentIndex kInstruments = 100;
constexpr InstrumentIndex kPositions = 50;
constexpr std::size_t kEntries = 20;  // that work at once
constexpr std::size_t kRounds = 10;
constexpr std::size_t kDecisions = 100'000;  // a round
constexpr double kGoalMicroseconds = 10;     // of 99 in 100 decisions
constexpr double kGateMicroseconds = 10;     // the bench fails above it: 6.0 was measured, which is 60 % of it
const core::Timestamp kStart = *core::parse_rfc3339("2024-03-04T15:00:00Z");

Quantity shares(std::int64_t count) { return Quantity::from_integer(count); }
Money money(std::int64_t whole) { return Money::from_integer(whole); }
Rate rate(const char* text) { return *Rate::parse(text); }

// Every control has a number. Most orders get through to the last one.
LimitProfile profile() {
  LimitProfile out = LimitProfile::backtest();
  RiskLimits& limits = out.limits;
  limits.messages = Limit<MessageRate>::of({100, 50, 10});
  limits.equal_orders = Limit<Burst>::of({1, 1s});
  limits.instrument_fills = Limit<Burst>::of({1'000, 1s});
  limits.restricted = Limit<Symbols>::of({"S99"});
  Symbols allowed;
  for (InstrumentIndex i = 0; i < kInstruments - 1; ++i) allowed.push_back(fmt::format("S{}", i));
  limits.allowed = Limit<Symbols>::of(allowed);
  limits.trading_hours = Limit<TradingHours>::of({5min, 5min});
  limits.max_reference_age = Limit<core::Duration>::of(24h);
  limits.price_collar = Limit<Rate>::of(rate("0.0625"));
  limits.max_order_quantity = Limit<Quantity>::of(shares(95));
  limits.max_order_value = Limit<Money>::of(money(10'500));
  limits.self_match = Limit<Refused>::of({});
  limits.max_working_orders = Limit<std::int64_t>::of(2 * kPositions + kEntries + 1);
  limits.max_position_quantity = Limit<Quantity>::of(shares(250));
  limits.max_position_value = Limit<Money>::of(money(26'000));
  limits.max_open_positions = Limit<std::int64_t>::of(kPositions + kEntries - 8);
  limits.max_gross_exposure = Limit<Money>::of(money(620'000));
  limits.max_net_exposure = Limit<Money>::of(money(48'000));
  limits.max_leverage = Limit<Leverage>::of({rate("2")});
  limits.correlated_exposure = Limit<CorrelationLimit>::of({rate("0.5"), rate("0.0625")});
  limits.max_daily_loss = Limit<Allowance>::of(Allowance::of_share(rate("0.125")));
  limits.max_drawdown = Limit<Allowance>::of(Allowance::of_share(rate("0.25")));
  out.breaker.consecutive_losses = Limit<std::int64_t>::of(3);
  out.breaker.daily_loss = Limit<Allowance>::of(Allowance::of_share(rate("0.1")));
  out.breaker.drawdown = Limit<Allowance>::of(Allowance::of_share(rate("0.2")));
  out.breaker.loss_velocity = Limit<LossVelocity>::of({Allowance::of_share(rate("0.1")), 1h});
  out.prop = unlimited<PropLimits>();
  out.prop->daily_loss = Limit<DailyLoss>::of({Allowance::of_share(rate("0.1")), false});
  out.prop->trailing_drawdown = Limit<TrailingLoss>::of({Allowance::of_share(rate("0.2"))});
  out.prop->max_contracts = Limit<Quantity>::of(shares(1'000'000));
  out.prop->flatten = Limit<FlattenRule>::of({.at = 23h});
  return out;
}

std::vector<market::Instrument> instruments() {
  std::vector<market::Instrument> out;
  for (InstrumentIndex i = 0; i < kInstruments; ++i)
    out.push_back({.symbol = fmt::format("S{}", i), .exchange = "XNYS"});
  return out;
}

class Round {
 public:
  explicit Round(std::uint64_t seed)
      : rng_(seed),
        account_({.cash = money(1'000'000), .type = AccountType::kMargin, .margin = {.initial = rate("0.1")}},
                 instruments()),
        gate_(FeeSchedule::percent(rate("0.001")), profile(), money(1'000'000)),
        plain_(profile().limits, kInstruments) {
    gate_.attach(account_);
    gate_.reserve(kDecisions + kInstruments * 3);
    account_.reserve(kDecisions + kInstruments * 3);
    for (int day = 70; day >= 0; --day) give_prices(kStart - 24h * day);
    tell_equity();
    for (InstrumentIndex i = 0; i < kPositions; ++i) hold(i);
    tell_equity();
  }

  // Decides once more, and says how long it took. Nothing when it is not what the plain gate says.
  std::optional<std::int64_t> decide() {
    const core::Timestamp now = gate_.time() + std::chrono::microseconds(5'000 + rng_.below(10'000));
    set_time(now);
    Order order = next_order();
    const Outcome expected = plain_.judge(order, account_, gate_.decisions());
    const auto start = clock_.monotonic();
    const auto approved = gate_.decide(order, account_);
    const auto took = clock_.monotonic() - start;
    const Outcome outcome = gate_.decisions().back().outcome;
    ++outcomes_[static_cast<std::size_t>(outcome)];
    if (outcome != expected) {
      fmt::print(stderr, "{} where {} was expected\n", to_string(outcome), to_string(expected));
      return std::nullopt;
    }
    if (approved) {
      send(approved->value().id);
      if (order.effect == Effect::kClose) {
        tell({.order = approved->value().id, .event = OrderEvent::kCancel});
      } else {
        entries_.push_back(approved->value().id);
        if (entries_.size() > kEntries) cancel_oldest();
      }
    }
    return took.count();
  }
  [[nodiscard]] const std::array<std::size_t, kOutcomeCount>& outcomes() const { return outcomes_; }

 private:
  void set_time(core::Timestamp now) {
    gate_.set_time(now);
    plain_.now = now;
  }
  void give_prices(core::Timestamp now) {
    set_time(now);
    // Ten groups that move together, each a little in its own way.
    std::array<std::int64_t, 10> waves{};
    for (std::int64_t& wave : waves) wave = static_cast<std::int64_t>(rng_.below(9));
    for (InstrumentIndex i = 0; i < kInstruments; ++i) {
      const Price price = Price::from_integer(96 + waves[i % 10] + static_cast<std::int64_t>(rng_.below(3)));
      account_.set_mark(i, price);
      gate_.on_price(i, price);
      plain_.on_price(i, core::utc_date(now), price);
    }
  }
  void tell_equity() {
    gate_.guard().on_equity(gate_.time(), account_.equity());
    plain_.day_base = gate_.guard().day_base(gate_.time())->to_double();
    plain_.peak = gate_.guard().peak()->to_double();
  }
  void tell(const BrokerEvent& event) {
    account_.apply(event);
    gate_.on_broker_event(account_.order(event.order), event);
  }
  void send(OrderId id) {
    account_.apply(id, OrderEvent::kSend);
    tell({.order = id, .event = OrderEvent::kAccept});
  }

  // A position, its stop and its target. It is not the gate that is set up: what works is recorded as it is.
  void hold(InstrumentIndex i) {
    const Side side = i % 2 == 0 ? Side::kBuy : Side::kSell;
    const Order entry{.instrument = i, .side = side, .quantity = shares(80 + std::int64_t{i})};
    const OrderId id = record(entry);
    tell({.order = id, .event = OrderEvent::kFill, .price = account_.mark(i), .quantity = entry.quantity});
    Order exit{.instrument = i, .side = opposite(side), .effect = Effect::kClose, .quantity = entry.quantity};
    const Price away = side == Side::kBuy ? Price::from_integer(20) : Price::from_integer(-20);
    exit.kind = OrderKind::kStop;
    exit.stop = account_.mark(i) - away;
    record(exit);
    exit.kind = OrderKind::kLimit;
    exit.limit = account_.mark(i) + away;
    record(exit);
  }
  OrderId record(const Order& order) {
    const OrderId id = account_.record(order, Money());
    account_.apply(id, OrderEvent::kSubmit);
    send(id);
    return id;
  }
  void cancel_oldest() {
    tell({.order = entries_.front(), .event = OrderEvent::kCancel});
    entries_.erase(entries_.begin());
  }

  // Entries at the market and with a limit, additions, exits; some too large, too far, or of the wrong instrument.
  Order next_order() {
    Order order{.instrument = static_cast<InstrumentIndex>(rng_.below(kInstruments))};
    const Position& position = account_.position(order.instrument);
    const std::uint64_t kind = rng_.below(10);
    order.quantity = shares(1 + static_cast<std::int64_t>(rng_.below(100)));
    if (position.is_open() && kind < 3) {
      order.side = position.closing_side();
      order.effect = Effect::kClose;
      order.quantity = std::min(order.quantity, position.size());
      return order;
    }
    order.side = position.is_open() ? opposite(position.closing_side()) : rng_.below(2) == 0 ? Side::kBuy : Side::kSell;
    if (kind < 6) return order;
    order.kind = OrderKind::kLimit;
    order.limit = account_.mark(order.instrument) + Price::from_integer(static_cast<std::int64_t>(rng_.below(17)) - 8);
    return order;
  }

  core::SystemClock clock_;
  core::Rng rng_;
  Account account_;
  RiskGate gate_;
  PlainGate plain_;
  std::vector<OrderId> entries_;
  std::array<std::size_t, kOutcomeCount> outcomes_{};
};

double percentile(const std::vector<std::int64_t>& sorted, double share) {
  const auto index = static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1));
  return static_cast<double>(sorted[index]) / 1e3;
}

int run(bool as_json) {
  std::vector<std::int64_t> times;
  times.reserve(kRounds * kDecisions);
  std::array<std::size_t, kOutcomeCount> outcomes{};
  for (std::size_t round = 0; round < kRounds; ++round) {
    Round desk(round);
    for (std::size_t k = 0; k < kDecisions; ++k) {
      const auto took = desk.decide();
      if (!took) return 1;
      times.push_back(*took);
    }
    for (std::size_t k = 0; k < kOutcomeCount; ++k) outcomes[k] += desk.outcomes()[k];
  }
  std::ranges::sort(times);
  const double p50 = percentile(times, 0.5);
  const double p99 = percentile(times, 0.99);
  const double p999 = percentile(times, 0.999);
  if (as_json) {
    core::JsonWriter json(2);
    json.begin_object().key("decisions").value(times.size()).key("p50_us").value(p50).key("p99_us").value(p99);
    json.key("p999_us").value(p999).end_object();
    fmt::print("{}\n", std::move(json).take());
    return p99 <= kGateMicroseconds ? 0 : 1;
  }
  fmt::print("{:<58} {:>8.2f} us\n", fmt::format("{} decisions of the risk gate, p50", times.size()), p50);
  fmt::print("{:<58} {:>8.2f} us   goal {:>3} us: {:.2f} of it\n", "  p99", p99, kGoalMicroseconds,
             p99 / kGoalMicroseconds);
  fmt::print("{:<58} {:>8.2f} us\n", "  p99.9", p999);
  for (std::size_t k = 0; k < kOutcomeCount; ++k) {
    if (outcomes[k] != 0) fmt::print("  {:<40} {:>8}\n", to_string(static_cast<Outcome>(k)), outcomes[k]);
  }
  if (p99 > kGateMicroseconds) fmt::print(stderr, "p99 is above its gate of {} us\n", kGateMicroseconds);
  return p99 <= kGateMicroseconds ? 0 : 1;
}

}  // namespace
}  // namespace argosy::trading

int main(int argc, char** argv) { return argosy::trading::run(argc > 1 && std::string_view(argv[1]) == "--json"); }
