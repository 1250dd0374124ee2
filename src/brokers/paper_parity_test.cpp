// The venue behind the protocol fills as the simulated exchange does that a backtest uses: random streams of orders,
// cancels, bars and corporate actions go to both, and the venue is killed and begins again between them.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "brokers/paper_client.hpp"
#include "brokers/test_world.hpp"
#include "core/rng.hpp"
#include "ledger/records.hpp"

namespace argosy::brokers {
namespace {

using trading::BrokerEvent;
using trading::InstrumentIndex;
using trading::OrderEvent;
using trading::OrderId;
using trading::OrderKind;
using trading::TimeInForce;

constexpr std::array<const char*, 3> kSymbols{"A", "B", "C"};

core::Result<market::Instrument> find_instrument(const std::string& symbol) {
  if (symbol == "A") return market::Instrument{.symbol = "A", .exchange = "XNAS"};
  if (symbol == "B") return market::Instrument{.symbol = "B", .exchange = "XNAS", .fractional = true};
  if (symbol == "C") return market::Instrument{.symbol = "C", .lot = Quantity::from_integer(5)};
  return core::fail(core::ErrorCode::kNotFound, "no such symbol");
}

// A fill as both sides say it.
using Filled = std::tuple<std::int64_t, Price, Quantity, Money, std::int64_t, std::string>;

// The exchange alone.
class Alone final : private trading::BrokerListener {
 public:
  Alone(const venue::ExchangeSettings& settings, Money cash) : exchange_(with_cash(settings, cash), {}) {
    exchange_.set_listener(*this);
    for (const char* symbol : kSymbols) exchange_.add_instrument(*find_instrument(symbol));
  }
  [[nodiscard]] venue::SimulatedExchange& exchange() { return exchange_; }

  std::vector<Filled> fills;
  std::map<std::int64_t, ReportedState> states;

 private:
  static venue::ExchangeSettings with_cash(venue::ExchangeSettings settings, Money cash) {
    settings.account.cash = cash;
    return settings;
  }
  void on_broker_event(const BrokerEvent& event) override {
    const std::int64_t number = event.order.value();
    if (trading::is_fill(event.event)) {
      fills.emplace_back(number, event.price, event.quantity, event.fee, event.key, std::string(to_string(event.rule)));
    }
    const auto state = [&]() -> std::optional<ReportedState> {
      switch (event.event) {
        case OrderEvent::kAccept:
          return ReportedState::kWorking;
        case OrderEvent::kReject:
          return ReportedState::kRejected;
        case OrderEvent::kFill:
          return ReportedState::kFilled;
        case OrderEvent::kCancel:
          return ReportedState::kCancelled;
        case OrderEvent::kExpire:
          return ReportedState::kExpired;
        default:
          return std::nullopt;
      }
    }();
    if (state) states[number] = *state;
  }
  void on_cash_event(const trading::CashEvent&) override {}

  venue::SimulatedExchange exchange_;
};

// The same behind lines of text.
class Behind {
 public:
  explicit Behind(const PaperTerms& terms) : terms_(terms), client_("paper", std::chrono::seconds(5)) {
    client_.set_listener(notes);
    begin();
    ask(Fund{.funding_id = 1, .currency = "USD", .amount = Money::from_integer(20'000)});
    for (const char* symbol : kSymbols) EXPECT_TRUE(venue_->list(symbol));
    talk();
  }

  void begin() {
    database_ = open_paper(folder_.path(), clock_);
    venue_ = std::move(PaperVenue::open(terms_, *database_, find_instrument, clock_).value());
    venue_->connect(kSession);
    client_.start(clock_.now());
    talk();
  }
  void restart() {
    client_.leave();
    venue_.reset();
    database_.reset();
    begin();
  }
  void talk() {
    venue_->receive(kSession, client_.take_output());
    ASSERT_TRUE(venue_->flush());
    for (const PaperOutput& output : venue_->take_output()) ASSERT_TRUE(client_.receive(output.bytes, clock_.now()));
  }
  void ask(const Question& question) {
    EXPECT_TRUE(client_.ask(question, clock_.now()));
    talk();
  }
  void submit(const OrderTicket& ticket) {
    EXPECT_TRUE(client_.submit(live::LedgerWriter::commit(ticket), clock_.now()));
    talk();
  }
  [[nodiscard]] PaperVenue& venue() { return *venue_; }
  [[nodiscard]] std::vector<PaperFillRow> fills() {
    return database_->read([](ledger::Transaction& work) { return ledger::select<PaperFillRow>(work, "ORDER BY 1"); })
        .value();
  }
  [[nodiscard]] std::vector<PaperOrderRow> orders() {
    return database_->read([](ledger::Transaction& work) { return ledger::select<PaperOrderRow>(work, "ORDER BY 1"); })
        .value();
  }
  [[nodiscard]] std::vector<std::string> faults() { return verify_paper(*database_).value(); }

  BrokerNotes notes;

 private:
  static constexpr PaperSession kSession{1};
  PaperTerms terms_;
  TestFolder folder_;
  core::SimulatedClock clock_{core::Timestamp(std::chrono::seconds(1'700'000'000))};
  std::unique_ptr<ledger::Database> database_;
  std::unique_ptr<PaperVenue> venue_;
  PaperClient client_;
};

class Stream {
 public:
  explicit Stream(std::uint64_t seed)
      : rng_(seed), terms_(pick_terms()), alone_(terms_.exchange, Money::from_integer(20'000)), behind_(terms_) {}

  void play(int steps) {
    for (int step = 0; step < steps; ++step) {
      for (int k = roll(3); k > 0; --k) submit();
      if (roll(3) == 0) cancel();
      if (roll(4) == 0) behind_.restart();
      if (roll(12) == 0) act();
      trade();
    }
    compare();
  }

 private:
  [[nodiscard]] int roll(int sides) { return static_cast<int>(rng_.below(static_cast<std::uint64_t>(sides))); }
  [[nodiscard]] Price near(std::size_t i) {
    return Price::from_units((close_[i].units() / 10'000'000 + roll(400) - 200) * 10'000'000);
  }

  PaperTerms pick_terms() {
    const char* const slippages[] = {"none", "fixed:0.02", "percent:0.05", "volume:0.5", "range:0.1"};
    const char* const latencies[] = {"none", "none", "bars:1", "bars:2", "ms:250"};
    is_daily_ = roll(2) == 0;
    PaperSettings settings{.prices = is_daily_ ? "1d" : "1h",
                           .fees = roll(2) == 0 ? "percent:0.1" : "per_share:0.005",
                           .slippage = slippages[roll(5)],
                           .latency = latencies[roll(5)],
                           .limit_fills = roll(2) == 0 ? venue::LimitTouch::kTouch : venue::LimitTouch::kThrough};
    if (roll(2) == 0) settings.volume_cap = *core::Rate::parse("0.1");
    return make_paper_terms(settings).value();
  }

  void submit() {
    const auto i = static_cast<std::size_t>(roll(3));
    OrderTicket ticket{.client_order_id = "t-" + std::to_string(++last_),
                       .symbol = kSymbols[i],
                       .side = roll(2) == 0 ? Side::kBuy : Side::kSell,
                       .kind = static_cast<OrderKind>(roll(4)),
                       .quantity = Quantity::from_integer(5 * (1 + roll(8))),
                       .shrink_to_cash = roll(3) == 0};
    if (i == 1) ticket.quantity += Quantity::from_units(roll(1'000'000'000));
    ticket.closes = ticket.side == Side::kSell;
    if (ticket.kind == OrderKind::kMarket || ticket.kind == OrderKind::kLimit) {
      ticket.time_in_force = static_cast<TimeInForce>(roll(6));
    } else {
      ticket.time_in_force = static_cast<TimeInForce>(roll(2));
    }
    if (ticket.kind != OrderKind::kMarket) ticket.stop = ticket.limit = near(i);
    if (ticket.kind == OrderKind::kLimit) ticket.stop = {};
    if (ticket.kind == OrderKind::kStop) ticket.limit = {};
    behind_.submit(ticket);
    trading::Order order{.id = OrderId(last_),
                         .decision = {},
                         .instrument = static_cast<InstrumentIndex>(i),
                         .side = ticket.side,
                         .kind = ticket.kind,
                         .time_in_force = ticket.time_in_force,
                         .effect = ticket.closes ? trading::Effect::kClose : trading::Effect::kOpen,
                         .shrink_to_cash = ticket.shrink_to_cash,
                         .group = {},
                         .quantity = ticket.quantity,
                         .limit = ticket.limit,
                         .stop = ticket.stop,
                         .trail_amount = {},
                         .trail_ratio = {},
                         .filled = {},
                         .fill_price = {},
                         .fee = {}};
    if (trading::find_contradiction(order, *find_instrument(ticket.symbol))) {
      alone_.states[last_] = ReportedState::kRejected;
    } else {
      alone_.exchange().place(order);
    }
  }

  void cancel() {
    if (last_ == 0) return;
    const std::int64_t number = 1 + roll(static_cast<int>(last_));
    // A venue that was asked already leaves it at that.
    if (alone_.exchange().find_cancel(OrderId(number)) == nullptr) alone_.exchange().cancel(OrderId(number));
    behind_.ask(CancelOrder{.client_order_id = "t-" + std::to_string(number), .broker_order_id = {}});
  }

  void act() {
    const auto i = static_cast<InstrumentIndex>(roll(3));
    const core::Date day = market::key_date(key_).plus_days(1);
    market::CorporateAction action{.ex_date = day, .kind = market::ActionKind::kDividend, .amount = {}};
    const bool is_dividend = roll(2) == 0;
    if (!acted_.emplace(i, day, is_dividend).second) return;  // one of a kind a day
    if (is_dividend) {
      action.amount = Price::from_units((1 + roll(100)) * 10'000'000);
      alone_.exchange().dividend(i, action.amount);
    } else {
      action.kind = market::ActionKind::kSplit;
      (roll(2) == 0 ? action.numerator : action.denominator) = 2 + roll(2);
      alone_.exchange().split(i, action.numerator, action.denominator, close_[i]);
    }
    // Twice is once.
    ASSERT_TRUE(behind_.venue().apply(kSymbols[i], action, close_[i]));
    ASSERT_TRUE(behind_.venue().apply(kSymbols[i], action, close_[i]));
    behind_.talk();
    if (roll(2) == 0) behind_.restart();
    ASSERT_TRUE(behind_.venue().apply(kSymbols[i], action, close_[i]));
  }

  void trade() {
    // New York opens at 14:30 UTC: hours are those of the session or not.
    key_ += is_daily_ ? 86'400'000'000'000 : 3'600'000'000'000;
    for (std::size_t i = 0; i < kSymbols.size(); ++i) {
      if (roll(5) == 0) continue;
      const Price open = std::max(near(i), Price::from_integer(5));
      close_[i] = std::max(near(i), Price::from_integer(5));
      const auto more = [&] { return Price::from_units(roll(200) * 10'000'000); };
      const market::Bar bar{.key = key_,
                            .open = open,
                            .high = std::max(open, close_[i]) + more(),
                            .low = std::max(std::min(open, close_[i]) - more(), Price::from_integer(1)),
                            .close = close_[i],
                            .volume = roll(6) == 0 ? 0.0 : 100.0 * roll(20)};
      alone_.exchange().on_bar(static_cast<InstrumentIndex>(i), {.key = bar.key,
                                                                 .open = bar.open,
                                                                 .high = bar.high,
                                                                 .low = bar.low,
                                                                 .close = bar.close,
                                                                 .volume = bar.volume});
      ASSERT_TRUE(behind_.venue().on_bar(kSymbols[i], bar));
    }
    alone_.exchange().match();
    behind_.venue().match();
    behind_.talk();
  }

  void compare() {
    std::vector<Filled> fills;
    for (const PaperFillRow& row : behind_.fills()) {
      const Quantity quantity = row.quantity.is_negative() ? -row.quantity : row.quantity;
      fills.emplace_back(row.order_number, row.price, quantity, row.fee, row.bar_key, row.rule);
    }
    RC_ASSERT(fills == alone_.fills);
    std::map<std::int64_t, ReportedState> states;
    for (const PaperOrderRow& row : behind_.orders()) states[row.order_number] = row.state;
    RC_ASSERT(states == alone_.states);
    for (InstrumentIndex i = 0; i < kSymbols.size(); ++i)
      RC_ASSERT(behind_.venue().exchange().holding(i).to_string() == alone_.exchange().holding(i).to_string());
    RC_ASSERT(behind_.venue().exchange().cash() == alone_.exchange().cash());
    RC_ASSERT(behind_.faults() == std::vector<std::string>());
    RC_TAG(fills.size() > 20 ? "more than 20 fills" : fills.empty() ? "no fills" : "some fills");
  }

  core::Rng rng_;
  bool is_daily_ = true;
  PaperTerms terms_;
  Alone alone_;
  Behind behind_;
  std::int64_t last_ = 0;
  std::set<std::tuple<InstrumentIndex, core::Date, bool>> acted_;
  std::int64_t key_ = market::date_key(core::Date::from_ymd(2024, 3, 1));
  std::array<Price, 3> close_{Price::from_integer(100), Price::from_integer(50), Price::from_integer(20)};
};

RC_GTEST_PROP(PaperParity, TheVenueFillsAsTheExchangeAlone, (std::uint64_t seed)) {
  Stream(seed).play(*rc::gen::inRange(1, 60));
}

}  // namespace
}  // namespace argosy::brokers
