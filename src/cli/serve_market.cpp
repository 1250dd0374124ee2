#include "cli/serve_market.hpp"

#include <fmt/format.h>

#include <utility>

#include "core/check.hpp"
#include "core/log.hpp"
#include "market/calendar.hpp"

namespace argosy::cli {

using core::Error;
using core::ErrorCode;
using core::fail;
using core::Result;
using core::Timestamp;

Result<std::unique_ptr<ServedMarket>> ServedMarket::open(ServedMarketSettings settings, core::Executor& executor,
                                                         const core::Clock& real, Ports ports) {
  std::unique_ptr<ServedMarket> made(new ServedMarket(std::move(settings), executor, real, std::move(ports)));
  ARGOSY_TRY_VOID(made->start_rates());
  return made;
}

ServedMarket::ServedMarket(ServedMarketSettings settings, core::Executor& executor, const core::Clock& real,
                           Ports ports)
    : settings_(std::move(settings)),
      executor_(executor),
      real_(real),
      ports_(std::move(ports)),
      validator_(settings_.quotes),
      bars_(executor, [this](std::vector<live::LiveBar> closed) { ports_.bars(std::move(closed)); }),
      teller_(executor, [this](const live::ActionTeller::Told& told) { tell_action(told); }) {
  teller_.set_actions(settings_.actions);
}

void ServedMarket::know(const live::TradedInstrument& traded) {
  const std::string& symbol = traded.instrument.symbol;
  const auto [known, is_new] = known_.try_emplace(symbol, Known{.traded = traded, .place = {}});
  if (!is_new) return;
  if (const auto place = validator_.add(traded.instrument)) known->second.place = *place;
  if (const auto calendar = market::find_calendar(traded.instrument.exchange)) known->second.calendar = *calendar;
  find_splits(known->second);
  if (const auto price = settings_.start_prices.find(symbol); price != settings_.start_prices.end()) {
    teller_.believe(symbol, price->second);
    if (known->second.place) validator_.believe(*known->second.place, price->second);
  }
  currencies_.insert(traded.instrument.currency);
  const std::scoped_lock lock(symbols_mutex_);
  symbols_[symbol] = traded.instrument;
}

Result<market::Instrument> ServedMarket::instrument(const std::string& symbol) const {
  const std::scoped_lock lock(symbols_mutex_);
  if (const auto known = symbols_.find(symbol); known != symbols_.end()) return known->second;
  return fail(Error(ErrorCode::kNotFound, fmt::format("{} is not traded here", symbol))
                  .with_hint("a formula may look at symbols of the ledger's instruments: argosy data instrument list"));
}

// --- The venue. ---

Result<void> ServedMarket::connect(net::MemoryNetwork& memory, const net::Address& address, ledger::Database& books) {
  ARGOSY_TRY(venue_, brokers::PaperVenue::open(
                         settings_.paper, books, [this](const std::string& symbol) { return instrument(symbol); },
                         executor_.clock()));
  net_ = memory.host(executor_);
  server_ =
      std::make_unique<brokers::PaperServer>(executor_, *venue_, [this](const Error& error) { tell_trouble(error); });
  ARGOSY_TRY_VOID(server_->listen(*net_, address));
  executor_.post([this] { pump_rates(); });
  executor_.post([this] { look_at_actions(); });
  return {};
}

// Each price may be in trouble; once in ten seconds says it.
void ServedMarket::tell_trouble(const Error& error) {
  const core::Duration now = real_.monotonic();
  if (trouble_ && now - *trouble_ < std::chrono::seconds(10)) return;
  trouble_ = now;
  core::log_error("the paper venue cannot go on", {{"why", error.message}});
}

// --- Prices. ---

// Each exchange keeps its own hours.
feeds::DemoFeed& ServedMarket::feed_of(const market::Instrument& instrument) {
  std::unique_ptr<feeds::DemoFeed>& feed = feeds_[instrument.exchange];
  if (feed) return *feed;
  const auto calendar = market::find_calendar(instrument.exchange);
  ARGOSY_CHECK(calendar.has_value(), "no calendar of {}", instrument.symbol);
  feed = std::make_unique<feeds::DemoFeed>(
      executor_,
      feeds::DemoStream(settings_.demo, **calendar,
                        {.seed = settings_.seed,
                         .start = std::max(settings_.start, executor_.clock().now()),
                         .quote_interval = settings_.quote_interval,
                         .start_prices = settings_.start_prices}),
      [this](const std::string& symbol, const market::Quote& quote) { on_quote(symbol, quote); });
  return *feed;
}

void ServedMarket::add(const live::TradedInstrument& traded) {
  executor_.post([this, traded] {
    know(traded);
    feed_of(traded.instrument).add(traded.instrument.symbol);
  });
}

void ServedMarket::want_bars(const std::string& symbol, market::Timeframe timeframe) {
  executor_.post([this, symbol, timeframe] {
    if (const auto known = known_.find(symbol); known != known_.end()) bars_.watch(known->second.traded, timeframe);
  });
}

void ServedMarket::on_quote(const std::string& symbol, const market::Quote& told) {
  const auto known = known_.find(symbol);
  if (known == known_.end() || !known->second.place) return;
  const market::Quote quote = follow_splits(known->second, told);
  if (!teller_.lets_through(known->second.traded, quote)) return;
  if (validator_.judge(*known->second.place, quote, executor_.clock().now())) {
    ++quarantined_;
    return;
  }
  server_->on_quote(symbol, quote);
  bars_.on_quote(known->second.traded.instrument_id, quote);
  ports_.quote(known->second.traded.instrument_id, quote);
}

// --- Corporate actions. ---

void ServedMarket::set_actions(live::ActionTeller::Actions actions) {
  executor_.post([this, actions = std::move(actions)]() mutable {
    settings_.actions = actions;
    teller_.set_actions(std::move(actions));
    for (auto& [symbol, known] : known_) find_splits(known);
  });
}

void ServedMarket::find_splits(Known& known) const {
  known.splits.clear();
  const std::string& symbol = known.traded.instrument.symbol;
  const auto actions = settings_.actions.find(symbol);
  if (actions == settings_.actions.end() || known.calendar == nullptr) return;
  const auto priced = settings_.priced_at.find(symbol);
  const core::Date from =
      known.calendar->local_date(priced == settings_.priced_at.end() ? settings_.start : priced->second);
  for (const market::CorporateAction& action : actions->second) {
    if (action.kind == market::ActionKind::kSplit && action.ex_date > from) known.splits.push_back(action);
  }
}

// What is simulated knows nothing of splits.
market::Quote ServedMarket::follow_splits(const Known& known, market::Quote quote) {
  if (known.splits.empty()) return quote;
  const core::Date day = known.calendar->local_date(quote.time);
  for (const market::CorporateAction& split : known.splits) {
    if (split.ex_date > day) continue;
    for (core::Price* each : {&quote.bid, &quote.ask, &quote.last})
      *each = core::scale(*each, split.denominator, split.numerator, core::Rounding::kHalfEven);
  }
  return quote;
}

// The venue books it first, and says by which price.
void ServedMarket::tell_action(const live::ActionTeller::Told& told) {
  const market::CorporateAction action = told.action;
  const std::string& symbol = told.traded.instrument.symbol;
  const auto known = known_.find(symbol);
  if (action.kind == market::ActionKind::kSplit && told.is_new && known->second.place)
    validator_.believe(*known->second.place,
                       core::scale(told.last_close, action.denominator, action.numerator, core::Rounding::kHalfEven));
  server_->on_action(
      symbol, action, told.last_close,
      [this, id = told.traded.instrument_id, action](core::Price counts) { ports_.action(id, action, counts); });
}

// What is delisted gets no price that would tell of it; and at the start the broker's account is seen before a price.
void ServedMarket::look_at_actions() {
  const Timestamp now = executor_.clock().now();
  for (const auto& [symbol, known] : known_) teller_.on_time(known.traded, now);
  executor_.call_at(now + std::chrono::minutes(1), [this] { look_at_actions(); });
}

// --- Exchange rates. ---

Result<void> ServedMarket::start_rates() {
  if (settings_.first_rates.empty()) return {};
  ARGOSY_TRY(simulated_rates_,
             feeds::SimulatedRates::make(
                 {.seed = settings_.seed, .start = settings_.start, .pairs = std::move(settings_.first_rates)}));
  for (const Timestamp first = simulated_rates_->next_time(); simulated_rates_->next_time() == first;)
    rates_.set(simulated_rates_->next());
  return {};
}

void ServedMarket::pump_rates() {
  if (!simulated_rates_) return;
  while (simulated_rates_->next_time() <= executor_.clock().now()) rates_.set(simulated_rates_->next());
  tell_venue_rates();
  ports_.rates(rates_.rates());
  executor_.call_at(simulated_rates_->next_time(), [this] { pump_rates(); });
}

// What the other currencies of instruments are worth in that of the venue's account.
void ServedMarket::tell_venue_rates() {
  const std::string& own = settings_.paper.settings.currency;
  for (const std::string& currency : currencies_) {
    if (currency == own) continue;
    if (const auto rate = rates_.find(currency, own, executor_.clock().now())) server_->on_rate(currency, rate->rate);
  }
}

}  // namespace argosy::cli
