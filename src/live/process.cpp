#include "live/process.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "core/json.hpp"
#include "core/log.hpp"
#include "ledger/load.hpp"
#include "ledger/records.hpp"
#include "ledger/requests.hpp"
#include "live/direct.hpp"

namespace argosy::live {

using core::Error;
using core::Result;
using core::Timestamp;

// --- Prices. ---

void QuoteInbox::push(std::int64_t instrument_id, const market::Quote& quote) {
  bool first = false;
  {
    const std::scoped_lock lock(mutex_);
    first = waiting_.empty() && actions_.empty();
    const auto [at, is_new] = place_.try_emplace(instrument_id, waiting_.size());
    if (is_new) {
      waiting_.emplace_back(instrument_id, quote);
    } else {
      waiting_[at->second].second = quote;
    }
  }
  if (first) wake_();
}

void QuoteInbox::push(const DueAction& action) {
  bool first = false;
  {
    const std::scoped_lock lock(mutex_);
    first = waiting_.empty() && actions_.empty();
    actions_.push_back(action);
  }
  if (first) wake_();
}

void QuoteInbox::take(std::vector<std::pair<std::int64_t, market::Quote>>& out, std::vector<DueAction>& actions) {
  out.clear();
  actions.clear();
  const std::scoped_lock lock(mutex_);
  out.swap(waiting_);
  actions.swap(actions_);
  place_.clear();
}

// --- The process. ---

Process::Process(const ProcessSettings& settings, ledger::HolderRow holder, ledger::Database& database,
                 ledger::Database& request_database, core::Executor& trading, core::Executor& ledger,
                 MakerSource makers, trading::FeeSchedule fees)
    : settings_(settings),
      holder_(std::move(holder)),
      database_(database),
      request_database_(request_database),
      trading_(trading),
      ledger_(ledger),
      recorder_(book_, trading.clock()),
      rates_(settings.rate_age),
      trader_(settings.trader, std::move(fees), recorder_, std::move(makers)),
      quotes_([this] {
        trading_.post([this, alive = alive_] {
          if (*alive) take_quotes();
        });
      }),
      writer_(database,
              {.fencing = holder_.fencing, .retry = settings.writer.retry, .most_rows = settings.writer.most_rows},
              ledger, trading, hooks()),
      alive_(std::make_shared<std::atomic<bool>>(true)) {
  // What a broker says comes outside of the turns that the process begins.
  recorder_.set_on_first([this] { end_turn_soon(); });
}

Process::~Process() { *alive_ = false; }

LedgerWriter::Hooks Process::hooks() {
  return {
      .on_written =
          [this](std::vector<CommittedIntent> intents) { run_turn([&] { trader_.on_written(std::move(intents)); }); },
      .on_stalled =
          [this](const Error* error) {
            if (error != nullptr)
              core::log_error("the ledger cannot be written", {{"why", error->message}});
            else
              core::log_warning("the ledger can be written again");
            trader_.on_ledger(error);
          },
      .on_failed =
          [this](const Error& error) {
            failure_ = error;
            trader_.on_ledger(&error);
            core::log_error("the ledger is lost to this process", {{"why", error.message}});
            if (on_failed_) on_failed_(error);
          },
      .on_answered =
          [this](std::span<const ledger::RequestAnswer> answers) {
            if (on_answered_) on_answered_(answers);
          },
      .on_stored =
          [this] {
            if (on_stored_) on_stored_();
          }};
}

Result<void> Process::load() {
  ARGOSY_TRY(ledger::TradingRows rows,
             database_.read([](ledger::Transaction& work) { return ledger::load_trading_rows(work); }));
  ARGOSY_TRY(fundings_, database_.read([](ledger::Transaction& work) {
    return ledger::select<ledger::FundingRow>(work, "ORDER BY funding_id");
  }));
  instruments_ = traded_instruments(rows.instruments);
  accounts_ = rows.broker_accounts;
  book_.load(std::move(rows));
  return {};
}

void Process::add_account(DeskSettings settings, const trading::LimitProfile& limits, const trading::FeeSchedule& fees,
                          trading::BrokerConnection& connection) {
  std::vector<std::pair<std::int64_t, Money>> told;
  for (const ledger::FundingRow& row : fundings_) {
    if (row.broker_account_id == settings.broker_account_id) told.emplace_back(row.funding_id, row.amount);
  }
  desks_.push_back(
      std::make_unique<Desk>(std::move(settings), limits, fees, instruments_, rates_, recorder_, connection));
  desks_.back()->remember_fundings(std::move(told));
  trader_.add_desk(*desks_.back());
}

void Process::begin() {
  run_turn([&] {
    for (const TradedInstrument& each : instruments_) {
      slots_[each.instrument_id] = trader_.watch(each);
      if (on_instrument_) on_instrument_(each);
    }
    trader_.begin();
  });
  check();
  begun_ = true;
  ledger_.post([this, alive = alive_] {
    if (*alive) look_for_requests();
  });
}

// --- Turns. ---

void Process::run_turn(const std::function<void()>& work) {
  work();
  end_turn_soon();
}

// After what waits already: its work is written with this one's.
void Process::end_turn_soon() {
  if (std::exchange(turn_ends_, true)) return;
  trading_.post([this, alive = alive_] {
    if (*alive) end_turn();
  });
}

void Process::end_turn() {
  turn_ends_ = false;
  if (failure_ || ended_) return;
  if (auto batch = recorder_.take()) writer_.write(*std::move(batch));
  if (const auto forgotten = book_.forget(10'000); !forgotten.empty()) {
    for (const auto& desk : desks_) desk->forget(forgotten);
  }
}

void Process::take_quotes() {
  quotes_.take(taken_quotes_, taken_actions_);
  if (!taken_actions_.empty()) {
    run_turn([&] {
      for (const QuoteInbox::DueAction& each : taken_actions_) {
        const auto slot = slots_.find(each.instrument_id);
        if (slot == slots_.end()) continue;
        if (on_action_) on_action_(trader_.instrument(slot->second).instrument, each.action);
        trader_.on_action(slot->second, each.action, each.last_close);
      }
    });
  }
  // A writer that cannot keep up: prices are not looked at until it has.
  if (static_cast<std::int64_t>(writer_.waiting()) > LedgerWriter::kMostWaiting) return;
  run_turn([&] {
    for (const auto& [instrument, quote] : taken_quotes_) {
      if (const auto slot = slots_.find(instrument); slot != slots_.end()) trader_.on_quote(slot->second, quote);
    }
  });
}

void Process::push_bars(std::vector<LiveBar> bars) {
  trading_.post([this, alive = alive_, closed = std::move(bars)] {
    if (!*alive || failure_) return;
    run_turn([&] {
      if (on_bars_) on_bars_(closed);
      for (const LiveBar& each : closed) {
        if (const auto slot = slots_.find(each.instrument_id); slot != slots_.end())
          trader_.on_bar_closed(slot->second, each.timeframe);
      }
    });
  });
}

void Process::set_rates(std::span<const market::RateQuote> rates) {
  for (const market::RateQuote& rate : rates) rates_.set(rate);
  for (const auto& desk : desks_) desk->on_rates(recorder_.now());
}

void Process::push_rates(std::vector<market::RateQuote> rates) {
  trading_.post([this, alive = alive_, told = std::move(rates)] {
    if (*alive) run_turn([&] { set_rates(told); });
  });
}

void Process::check() {
  if (failure_) return;
  run_turn([&] { trader_.on_time(); });
  trading_.call_at(trading_.clock().now() + settings_.checks_every, [this, alive = alive_] {
    if (*alive) check();
  });
}

// --- Requests. ---

void Process::look_for_requests_soon() {
  if (!begun_ || looks_soon_.exchange(true)) return;
  ledger_.post([this, alive = alive_] {
    if (!*alive) return;
    looks_soon_ = false;
    take_new_requests();
  });
}

void Process::look_for_requests() {
  take_new_requests();
  ledger_.call_at(ledger_.clock().now() + settings_.requests_every, [this, alive = alive_] {
    if (*alive) look_for_requests();
  });
}

namespace {

// Those that orders are asked for, each once; they are few.
Result<std::vector<ledger::InstrumentRow>> instruments_of(ledger::Transaction& work,
                                                          const std::vector<ledger::Request>& requests) {
  std::set<std::int64_t> wanted;
  for (const ledger::Request& each : requests) {
    if (each.kind != "order_place") continue;
    const auto payload = core::parse_json(each.payload);
    if (!payload) continue;  // the trading thread says so
    if (const auto id = answered_number(*payload, "instrument_id")) wanted.insert(*id);
  }
  std::vector<ledger::InstrumentRow> rows;
  for (const std::int64_t id : wanted) {
    ARGOSY_TRY(auto found, ledger::select<ledger::InstrumentRow>(work, "WHERE instrument_id = :instrument_id", {id}));
    std::ranges::move(found, std::back_inserter(rows));
  }
  return rows;
}

}  // namespace

void Process::take_new_requests() {
  struct Found {
    std::vector<ledger::Request> requests;
    std::vector<TradedInstrument> instruments;
  };
  auto found = request_database_.read([&](ledger::Transaction& work) -> Result<Found> {
    Found out;
    ARGOSY_TRY(out.requests, ledger::new_requests(work));
    std::erase_if(out.requests, [&](const ledger::Request& each) { return each.request_id <= last_request_; });
    if (out.requests.empty()) return out;
    // Those that are new, and whether the others may get services and orders.
    const auto asks = [&](std::string_view kind) {
      return std::ranges::any_of(out.requests, [&](const ledger::Request& each) { return each.kind == kind; });
    };
    std::vector<ledger::InstrumentRow> rows;
    if (asks("service_create")) {
      ARGOSY_TRY(rows, ledger::select<ledger::InstrumentRow>(work, "ORDER BY instrument_id"));
    } else if (asks("order_place")) {
      ARGOSY_TRY(rows, instruments_of(work, out.requests));
    }
    out.instruments = traded_instruments(rows);
    return out;
  });
  if (!found) {
    core::log_warning("requests cannot be read", {{"why", found.error().message}});
  } else if (!found->requests.empty()) {
    for (const ledger::Request& each : found->requests) {
      last_request_ = std::max(last_request_, each.request_id);
      if (on_request_) on_request_(each);
    }
    trading_.post([this, alive = alive_, taken = *std::move(found)] {
      if (*alive) take_requests(taken.requests, taken.instruments);
    });
  }
}

void Process::take_requests(const std::vector<ledger::Request>& requests,
                            const std::vector<TradedInstrument>& instruments) {
  run_turn([&] {
    for (const TradedInstrument& each : instruments) {
      const Slot slot = trader_.watch(each);
      if (slots_.try_emplace(each.instrument_id, slot).second && on_instrument_) on_instrument_(each);
    }
    for (const ledger::Request& request : requests) answer(request);
  });
}

void Process::answer(const ledger::Request& request) {
  recorder_.record(RequestTaken{.request_id = request.request_id,
                                .kind = request.kind,
                                .payload = request.payload,
                                .requested_by = request.requested_by});
  const auto done = trader_.take_request(request.kind, request.payload, request.requested_by);
  std::string text;
  if (done) {
    text = *done;
  } else {
    core::JsonWriter json;
    json.begin_object().key("error").begin_object().key("code").value(core::to_string(done.error().code));
    json.key("message").value(done.error().message).key("hint").value(done.error().hint).end_object().end_object();
    text = std::move(json).take();
  }
  recorder_.changes().answers.push_back({.is_order_request = request.is_order_request,
                                         .request_id = request.request_id,
                                         .state = done ? ledger::RequestState::kDone : ledger::RequestState::kFailed,
                                         .time = recorder_.now(),
                                         .answer = std::move(text)});
}

// --- The end. ---

void Process::shut_down(core::Duration patience, const std::function<void()>& done) {
  if (std::exchange(shutting_down_, true)) return;
  run_turn([&] { trader_.stop_entries("the process is ending"); });
  wait_for_end(trading_.clock().now() + patience, done);
}

void Process::wait_for_end(Timestamp until, const std::function<void()>& done) {
  if (failure_) return done();
  const bool quiet = trader_.in_flight() == 0;
  if (!quiet && trading_.clock().now() < until) {
    trading_.call_at(trading_.clock().now() + settings_.checks_every, [this, alive = alive_, until, done] {
      if (*alive) wait_for_end(until, done);
    });
    return;
  }
  if (!quiet)
    recorder_.notify(Severity::kWarning, "the process ended with orders that are not answered",
                     fmt::format("{} orders; they are asked for at the next start", trader_.in_flight()));
  trader_.finish();
  end_turn();
  // Whatever still comes is heard again after the next start; the writer has its last batch.
  ended_ = true;
  // What was handed to the writer before is written before this runs.
  ledger_.post([this, alive = alive_, done] {
    if (*alive) wait_for_writer(done);
  });
}

void Process::wait_for_writer(const std::function<void()>& done) {
  if (writer_.is_idle()) return trading_.post(done);
  ledger_.call_at(ledger_.clock().now() + std::chrono::milliseconds(5), [this, alive = alive_, done] {
    if (*alive) wait_for_writer(done);
  });
}

}  // namespace argosy::live
