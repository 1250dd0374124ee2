// The world outside of the process: the broker with its gateway, prices, corporate actions, and somebody who trades in
// the same account.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>
#include <variant>

#include "ledger/open.hpp"
#include "market/calendar.hpp"
#include "simulation/detail/world_parts.hpp"
#include "simulation/world.hpp"

namespace argosy::simulation {

using core::ErrorCode;
using core::fail;
using core::Result;

// At the gateway: counts, keeps the history, and ends the process at an order.
class World::Watcher final : public GatewayListener {
 public:
  explicit Watcher(World& world) : world_(world) {}

  void on_question(const brokers::Question& question) override {
    world_.oracle_->on_question(question);
    if (std::holds_alternative<brokers::CancelOrder>(question)) {
      if (world_.settings_.paper.partial_fills > core::Rate()) world_.note_fired(Fault::kCancelRace);
      world_.history_.note("asks to cancel {}", std::get<brokers::CancelOrder>(question).client_order_id);
    }
    const auto* ticket = std::get_if<trading::OrderTicket>(&question);
    if (ticket == nullptr) return;
    world_.history_.note("orders {}: {} {} {}", ticket->client_order_id,
                         ticket->side == trading::Side::kBuy ? "buy" : "sell", ticket->quantity.to_string(),
                         ticket->symbol);
    world_.check_written(ticket->client_order_id);
    if (world_.cancelling_)
      world_.later(std::chrono::milliseconds(world_.rng_.below(12'000)),
                   [&world = world_] { world.cancel_something(); });
    if (!world_.dies_sending_) return;
    if (!*std::exchange(world_.dies_sending_, std::nullopt)) world_.gateway_->swallow();
    world_.note_fired(Fault::kDiesSending);
    world_.die(Death::kKill);
    world_.executor_->stop();
  }
  void on_answer(std::int64_t question, const brokers::Answer& answer) override {
    world_.oracle_->on_answer(question, answer);
    if (!world_.history_.is_on()) return;
    if (const auto* report = std::get_if<trading::OrderReport>(&answer)) {
      world_.history_.note("the broker {} {}: {}, {} of {} filled", question == 0 ? "reports" : "answers",
                           report->client_order_id.empty() ? report->broker_order_id : report->client_order_id,
                           brokers::kReportedStateNames[static_cast<std::size_t>(report->state)],
                           report->filled.to_string(), report->quantity.to_string());
    }
  }

 private:
  World& world_;
};

// All orders; or those of the last one's service, which is off for a while; or all, and then the process dies.
void World::cancel_something() {
  const std::uint64_t luck = rng_.below(16);
  if (process_ == nullptr) return;
  const ledger::OrderRow* order = process_->book().order(process_->book().last().order);
  if (luck < 2 && order != nullptr && order->service_id) {
    const auto service = fmt::format(R"({{"id": {}}})", *order->service_id);
    later(std::chrono::minutes(1), [this, service] { post("service_start", service); });
    return static_cast<void>(ask("service_stop", service));
  }
  static_cast<void>(ask("cancel_all", "{}"));
  if (luck > 2) return;
  later(std::chrono::seconds(1), [this] {
    if (process_ != nullptr && cancelling_) die(Death::kKill);
  });
}

// A second client of the venue's. Whatever it hears is of no account.
class World::Hand final : public net::StreamListener {
 public:
  explicit Hand(net::Network& network) : stream_(network.connect(kVenue)) { stream_->set_listener(*this); }
  void on_bytes(std::string_view) override {}
  void on_closed(const core::Error&) override {}
  void say(const brokers::Question& question) {
    static_cast<void>(stream_->write(brokers::to_line(++last_, question)));
  }

 private:
  std::unique_ptr<net::Stream> stream_;
  std::int64_t last_ = 0;
};

void World::start_venue() {
  settings_.paper.client_ids = settings_.client_ids ? brokers::Switch::kOn : brokers::Switch::kOff;
  terms_ = must(brokers::make_paper_terms(settings_.paper));
  paper_ = must(ledger::open_database({.path = venue_disk_.folder() + "/paper.db"}, brokers::paper_schema(),
                                      venue_disk_.files(), clock_));
  venue_ = must(brokers::PaperVenue::open(
      terms_, *paper_,
      [this](const std::string& symbol) -> Result<market::Instrument> {
        if (!ids_.contains(symbol)) return fail(ErrorCode::kNotFound, symbol);
        return instrument_of(symbol);
      },
      clock_));
  venue_net_ = network_.host(kVenue.host);
  gateway_net_ = network_.host(kBroker.host);
  server_ = std::make_unique<brokers::PaperServer>(*executor_, *venue_);
  must(server_->listen(*venue_net_, kVenue));
  gateway_ = std::make_unique<BrokerGateway>(*executor_, *gateway_net_, kBroker, kVenue, settings_.seed);
  oracle_ = std::make_unique<Oracle>(OracleSettings{.client_ids = settings_.client_ids,
                                                    .funded = core::Money::from_integer(kFunded),
                                                    .limits = settings_.limits,
                                                    .time_goes_back = settings_.clock_steps,
                                                    .forgets_orders = settings_.forgets_orders,
                                                    .cancels_early = settings_.cancels_early},
                                     host_.clock());
  watcher_ = std::make_unique<Watcher>(*this);
  gateway_->set_listener(watcher_.get());
}

// --- Prices. ---

void World::start_feed() {
  validator_ = std::make_unique<market::QuoteValidator>(market::QuoteRules());
  teller_ = std::make_unique<live::ActionTeller>(*executor_,
                                                 [this](const live::ActionTeller::Told& told) { tell_action(told); });
  feed_ = std::make_unique<feeds::DemoFeed>(
      *executor_,
      feeds::DemoStream(market_, **market::find_calendar("XNYS"),
                        {.seed = settings_.seed, .start = clock_.now(), .quote_interval = settings_.quote_interval}),
      [this](const std::string& symbol, const market::Quote& quote) { on_price(symbol, quote); });
  for (const auto& [symbol, id] : ids_) {
    traded_[symbol] = {.instrument_id = id, .instrument = instrument_of(symbol)};
    places_[symbol] = must(validator_->add(instrument_of(symbol)));
    feed_->add(symbol);
  }
}

bool World::draws(FeedFault fault) {
  const auto at = static_cast<std::size_t>(fault);
  if (feed_shares_[at] == 0 || rng_.uniform() >= feed_shares_[at]) return false;
  ++feed_counts_[at];
  return true;
}

void World::on_price(const std::string& symbol, const market::Quote& told) {
  const market::Calendar& calendar = **market::find_calendar("XNYS");
  if (!settings_.without_trades.empty() &&
      std::ranges::find(settings_.without_trades, calendar.local_date(told.time)) != settings_.without_trades.end()) {
    return;
  }
  const market::Quote quote = follow_splits(symbol, told);
  if (!teller_->lets_through(traded_.at(symbol), quote)) return;
  server_->on_quote(symbol, quote);
  pass_on(symbol, quote);
}

// The venue has the truth; the process what the feed makes of it.
void World::pass_on(const std::string& symbol, market::Quote quote) {
  if (draws(FeedFault::kSilent)) return;
  if (draws(FeedFault::kFrozen)) {
    const market::Quote& old = frozen_.try_emplace(symbol, quote).first->second;
    quote = {.time = quote.time, .bid = old.bid, .ask = old.ask, .last = old.last, .source = quote.source};
  } else {
    frozen_[symbol] = quote;
  }
  if (draws(FeedFault::kTenfold)) {
    for (core::Price* price : {&quote.bid, &quote.ask, &quote.last}) *price = *price * 10;
  }
  if (draws(FeedFault::kZero)) quote.bid = quote.ask = quote.last = core::Price();
  if (draws(FeedFault::kNegative)) quote.bid = -quote.bid;
  if (draws(FeedFault::kCrossed)) std::swap(quote.bid, quote.ask);
  if (draws(FeedFault::kNoVolume)) quote.volume = std::numeric_limits<double>::quiet_NaN();
  if (draws(FeedFault::kLate)) quote.time -= std::chrono::minutes(10);
  const int times = draws(FeedFault::kTwice) ? 2 : burst_;
  if (burst_ > 1) note_fired(Fault::kBurst);
  for (int i = 0; i < times; ++i) {
    const bool taken = !validator_->judge(places_.at(symbol), quote, clock_.now()) && process_ != nullptr;
    oracle_->on_quote(symbol, quote, taken);
    if (!taken) continue;
    const std::int64_t id = ids_.at(symbol);
    process_->quotes().push(id, quote);
    paced_.post([this, id, quote] { bars_->on_quote(id, quote); });
  }
}

// --- Corporate actions. ---

// What is simulated knows nothing of splits.
market::Quote World::follow_splits(const std::string& symbol, market::Quote quote) const {
  const auto actions = settings_.actions.find(symbol);
  if (actions == settings_.actions.end()) return quote;
  const core::Date day = (*market::find_calendar("XNYS"))->local_date(quote.time);
  for (const market::CorporateAction& each : actions->second) {
    if (each.kind != market::ActionKind::kSplit || each.ex_date > day) continue;
    for (core::Price* price : {&quote.bid, &quote.ask, &quote.last})
      *price = core::scale(*price, each.denominator, each.numerator, core::Rounding::kHalfEven);
  }
  return quote;
}

void World::tell_action(const live::ActionTeller::Told& told) {
  const market::CorporateAction action = told.action;
  const std::string& symbol = told.traded.instrument.symbol;
  if (told.is_new) {
    note_fired(Fault::kCorporateAction);
    history_.note("{} of {}", market::to_string(action.kind), symbol);
    if (action.kind == market::ActionKind::kSplit) {
      validator_->believe(places_.at(symbol), core::scale(told.last_close, action.denominator, action.numerator,
                                                          core::Rounding::kHalfEven));
      frozen_.erase(symbol);
    }
  }
  server_->on_action(symbol, action, told.last_close,
                     [this, id = told.traded.instrument_id, action](core::Price counts) {
                       if (process_ != nullptr) process_->push_action(id, action, counts);
                     });
}

// --- Orders of people. ---

void World::post_own_order(core::Rng rng) {
  if (process_ == nullptr) return;
  const auto of = std::next(ids_.begin(), static_cast<std::ptrdiff_t>(rng.below(ids_.size())));
  const std::string asked = fmt::format(R"({{"instrument_id": {}, "symbol": "{}", )", of->second, of->first);
  const auto last = frozen_.find(of->first);
  const std::uint64_t kind = rng.below(5);
  const std::uint64_t some = 1 + rng.below(12);
  if (kind == 0) return post("order_place", fmt::format(R"({}"side": "buy", "amount": "{}"}})", asked, 250 * some));
  if (kind == 1 && last != frozen_.end()) {
    // A little below the price: it works for a while.
    const core::Price limit = trading::to_tick(core::scale(last->second.bid, 998, 1000, core::Rounding::kFloor),
                                               core::Price::from_units(10'000'000), core::Rounding::kFloor);
    return post("order_place",
                fmt::format(R"({}"side": "buy", "quantity": "{}", "kind": "limit", "limit_price": "{}"}})", asked, some,
                            limit.to_string()));
  }
  if (kind == 2) {
    // The newest of those that work is to be otherwise.
    const auto& orders = process_->book().orders();
    const auto works = std::find_if(orders.rbegin(), orders.rend(), [](const auto& each) {
      return !each.second.service_id && !each.second.wanted_quantity && each.second.limit_price &&
             (each.second.state == "accepted" || each.second.state == "partially_filled");
    });
    if (works == orders.rend()) return;
    const core::Quantity more = works->second.quantity + core::Quantity::from_integer(static_cast<std::int64_t>(some));
    return post("order_replace",
                fmt::format(R"({{"order_id": {}, "quantity": "{}"}})", works->first, more.to_string()));
  }
  const auto held = process_->book().holdings().find({1, of->second});
  if (held == process_->book().holdings().end() || !held->second.unassigned.is_positive()) return;
  post("order_place",
       fmt::format(R"({}"side": "sell", "quantity": "{}"}})", asked, held->second.unassigned.to_string()));
}

// --- Somebody else. ---

World::Hand& World::hand() {
  if (!hand_) {
    hand_ = std::make_shared<Hand>(*gateway_net_);
    hand_->say(brokers::Login{.account = settings_.paper.account});
  }
  return *hand_;
}

void World::forget_orders() {
  const auto working = paper_->read([](ledger::Transaction& work) -> Result<std::vector<brokers::CancelOrder>> {
    std::vector<brokers::CancelOrder> orders;
    constexpr ledger::ColumnType kTypes[] = {ledger::ColumnType::kText, ledger::ColumnType::kInteger};
    ARGOSY_TRY_VOID(
        work.query("SELECT client_order_id, order_number FROM paper_orders WHERE state IN ('pending', 'working')",
                   kTypes, {}, [&](const ledger::Row& row) -> Result<void> {
                     orders.push_back({.client_order_id = std::string(row.text(0)),
                                       .broker_order_id = fmt::format("P{}", row.integer(1))});
                     return {};
                   }));
    return orders;
  });
  for (const brokers::CancelOrder& each : must(working)) {
    history_.note("the session of {} is over", each.client_order_id);
    hand().say(each);
  }
  gateway_->forget_orders();
}

void World::trade_by_hand(const std::string& symbol, trading::Side side, core::Quantity quantity) {
  note_fired(Fault::kByHand);
  history_.note("somebody {} {} {}", side == trading::Side::kBuy ? "buys" : "sells", quantity.to_string(), symbol);
  hand().say(
      trading::OrderTicket{.client_order_id = fmt::format("hand-{}", fired_[static_cast<std::size_t>(Fault::kByHand)]),
                           .symbol = symbol,
                           .side = side,
                           .quantity = quantity});
}

}  // namespace argosy::simulation
