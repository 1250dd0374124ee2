#include "simulation/oracle.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>
#include <variant>

#include "core/hash.hpp"
#include "core/text.hpp"
#include "ledger/records.hpp"
#include "ledger/schema.hpp"
#include "simulation/detail/oracle_gate.hpp"
#include "simulation/detail/oracle_ledger.hpp"
#include "simulation/detail/oracle_rows.hpp"
#include "simulation/detail/oracle_venue.hpp"

namespace argosy::simulation {

using core::Result;
using detail::LedgerAction;
using detail::LedgerFill;
using detail::LedgerFold;
using detail::LedgerOrder;
using detail::money;
using detail::shares;
using detail::VenueAction;
using detail::VenueFill;
using detail::VenueOrder;

std::string to_string(const Violation& violation) {
  return fmt::format("I{}: {}", violation.invariant, violation.what);
}

struct Oracle::State {
  State(OracleSettings wanted, const core::Clock& world)
      : settings(std::move(wanted)), clock(world), venue(settings), ledger(settings), gate(settings) {}

  // One that is set back is noticed.
  [[nodiscard]] std::int64_t now() {
    const std::int64_t time = clock.now().time_since_epoch().count();
    settings.time_goes_back = settings.time_goes_back || time < last_time;
    last_time = time;
    return time;
  }
  void check(ledger::Database& database, ledger::Database& venue_database, Moment moment);
  void match_orders();
  void match_given_up();
  // By which the venue knows an order of the ledger.
  [[nodiscard]] const std::string& client_id_of(const LedgerOrder& order) const;
  void match_fill(const LedgerFill& fill);
  void check_quiet();
  void check_order(const LedgerOrder& order);
  void check_actions();
  void check_positions();
  void check_cash();
  void check_services();
  void check_secret(ledger::Database& database);
  [[nodiscard]] bool has_alarm(const std::string& about) const;

  OracleSettings settings;
  const core::Clock& clock;
  detail::Findings findings;
  detail::VenueBooks venue;
  LedgerFold ledger;
  detail::GateBook gate;
  OracleCounts counts;
  std::int64_t last_time = 0;
  std::size_t matched_fills = 0;
  std::map<std::string, core::Timestamp> newest_quotes;
  std::set<std::int64_t> booked;                  // fills of the venue that the ledger has
  std::map<std::int64_t, std::string> exchanged;  // client order ids, by orders of the ledger that have another one's
  std::int64_t matched_order = 0;
  bool restored = false;
};

Oracle::Oracle(OracleSettings settings, const core::Clock& clock)
    : state_(std::make_unique<State>(std::move(settings), clock)) {}
Oracle::~Oracle() = default;

// --- What it hears. ---

void Oracle::on_question(const brokers::Question& question) {
  const auto* ticket = std::get_if<trading::OrderTicket>(&question);
  if (ticket == nullptr) return;
  ++state_->counts.tickets;
  state_->gate.on_ticket(state_->now(), *ticket, state_->findings);
}

void Oracle::on_answer(std::int64_t /*question*/, const brokers::Answer& /*answer*/) { ++state_->counts.answers; }

void Oracle::on_started() { state_->gate.on_started(state_->now()); }
void Oracle::on_died() { state_->gate.on_died(state_->now()); }

void Oracle::on_request(std::string_view kind, std::string_view payload, const Result<std::string>& answer,
                        std::optional<core::Timestamp> done_at) {
  ++state_->counts.requests;
  const std::int64_t time = done_at ? done_at->time_since_epoch().count() : state_->now();
  if (answer) state_->gate.on_asked(time, kind, payload, *answer, false);
}

void Oracle::on_quote(const std::string& symbol, const market::Quote& quote, bool taken) {
  if (!taken) return;
  core::Timestamp& newest = state_->newest_quotes[symbol];
  if (!quote.bid.is_positive() || !quote.last.is_positive() || quote.bid > quote.ask || quote.time <= newest)
    state_->findings.add(
        12, fmt::format("a price of {} was believed that cannot be: {} to {} at {}", symbol, quote.bid.to_string(),
                        quote.ask.to_string(), core::format_rfc3339(quote.time)));
  newest = std::max(newest, quote.time);
  state_->gate.on_quote(state_->now(), symbol, quote);
}

void Oracle::on_hand(const std::string& symbol, core::Quantity quantity, core::Money cash) {
  state_->venue.on_hand(symbol, quantity.units(), cash.units());
}

void Oracle::on_restored() {
  state_->ledger.forget();
  state_->gate.on_restored();
  state_->matched_fills = 0;
  state_->booked.clear();
  state_->restored = true;
}

const OracleCounts& Oracle::counts() const { return state_->counts; }

// --- Looking. ---

std::vector<Violation> Oracle::check(ledger::Database& ledger, ledger::Database& venue, Moment moment) {
  ++state_->counts.checks;
  state_->check(ledger, venue, moment);
  return state_->findings.take();
}

void Oracle::State::check(ledger::Database& database, ledger::Database& venue_database, Moment moment) {
  const bool all = moment == Moment::kEnd;
  static_cast<void>(now());  // looks whether it was set back
  // The venue first: what the ledger knows, it knows from there.
  if (const auto read = venue.read(venue_database, all, findings); !read) {
    ++counts.unreadable;
    return findings.add(18, "the venue's books cannot be read: " + read.error().message);
  }
  const std::size_t orders_before = ledger.journal_hashes().size();
  const auto read = ledger.read(
      database, all, [&] { gate.confirm(ledger, moment != Moment::kRunning, findings); },
      [&](const LedgerOrder& order, const detail::LedgerDecision* decision) {
        ++counts.orders_judged;
        gate.judge(order, decision, ledger, findings);
      },
      findings);
  if (!read) {
    ++counts.unreadable;
    gate.on_look(now(), nullptr);
    if (moment != Moment::kRunning) findings.add(18, "the ledger cannot be read: " + read.error().message);
    return;
  }
  // What was lost is told of; from here on the ledger is what it is now.
  if (ledger.journal_hashes().size() < orders_before) {
    matched_fills = 0;
    booked.clear();
  }
  counts.journal_rows = ledger.journal_rows();
  gate.on_look(now(), &ledger);
  gate.match(ledger, findings);
  gate.forget_prices(ledger.last_time());
  match_orders();
  match_given_up();
  for (; matched_fills < ledger.fills().size(); ++matched_fills) match_fill(ledger.fills()[matched_fills]);
  if (!restored && ledger.funded() != settings.funded.units() + gate.funded())
    findings.add(3, fmt::format("{} were funded, and {} were asked for", money(ledger.funded()),
                                money(settings.funded.units() + gate.funded())));
  if (moment != Moment::kRunning) check_quiet();
  if (all) check_secret(database);
}

// The venue's orders that are ours are the ledger's.
void Oracle::State::match_orders() {
  for (auto it = venue.orders().upper_bound(matched_order); it != venue.orders().end(); ++it) {
    matched_order = it->first;
    const VenueOrder& order = it->second;
    if (!detail::VenueBooks::is_ours(order.client_id) || restored) continue;
    if (ledger.find(order.client_id) == nullptr)
      findings.add(
          1, fmt::format("the venue has {} as P{}, and the ledger does not have it", order.client_id, order.number));
    if (!gate.passed(order.client_id))
      findings.add(5,
                   fmt::format("the venue has {} as P{}, which never passed the gate", order.client_id, order.number));
  }
}

namespace {

std::optional<std::int64_t> number_after(char letter, const std::string& text) {
  if (text.empty() || text.front() != letter) return std::nullopt;
  return core::parse_integer(std::string_view(text).substr(1));
}

// A fill of before a split that was booked after it is restated; of before which, cannot be seen.
bool is_restated(const LedgerFill& fill, const VenueFill& there, const std::vector<LedgerAction>& actions) {
  for (auto first = actions.begin(); first != actions.end(); ++first) {
    std::int64_t quantity = there.quantity < 0 ? -there.quantity : there.quantity;
    std::int64_t price = there.price;
    for (auto it = first; it != actions.end(); ++it) {
      if (it->symbol != fill.symbol || it->kind != "split" || !it->skipped.empty()) continue;
      quantity = static_cast<std::int64_t>(static_cast<__int128>(quantity) * it->numerator / it->denominator);
      price = detail::half_even(static_cast<__int128>(price) * it->denominator, it->numerator);
    }
    if (quantity == fill.quantity && price == fill.price) return true;
  }
  return false;
}

}  // namespace

const std::string& Oracle::State::client_id_of(const LedgerOrder& order) const {
  const auto found = exchanged.find(order.order_id);
  return found == exchanged.end() ? order.client_id : found->second;
}

// Of two orders that are alike, one given up and the other given up or not answered, nobody can say without client ids
// which came late.
void Oracle::State::match_given_up() {
  exchanged.clear();
  if (settings.client_ids) return;
  const auto alike = [](const LedgerOrder& one, const LedgerOrder& other) {
    return one.symbol == other.symbol && one.buys == other.buys && one.quantity == other.quantity &&
           (other.broker_id.empty() || other.came_late);
  };
  for (const auto& [id, order] : ledger.orders()) {
    if (!order.came_late) continue;
    const auto number = number_after('P', order.broker_id);
    const VenueOrder* there = number ? venue.find(*number) : nullptr;
    if (there == nullptr || there->client_id == client_id_of(order)) continue;
    const auto other = std::ranges::find_if(ledger.orders(), [&](const auto& each) {
      return alike(order, each.second) && client_id_of(each.second) == there->client_id;
    });
    if (other == ledger.orders().end()) continue;
    const std::string own = client_id_of(order);
    exchanged[id] = there->client_id;
    exchanged[other->first] = own;
  }
}

void Oracle::State::match_fill(const LedgerFill& fill) {
  const auto number = number_after('F', fill.broker_id);
  const VenueFill* there = number ? venue.fill(*number) : nullptr;
  if (there == nullptr)
    return findings.add(4,
                        fmt::format("fill {} is {} of the venue, which has none such", fill.fill_id, fill.broker_id));
  ++counts.fills_matched;
  if (!booked.insert(*number).second)
    findings.add(4, fmt::format("the venue's fill {} is booked twice, the second time as fill {}", fill.broker_id,
                                fill.fill_id));
  const auto order = ledger.orders().find(fill.order_id);
  const VenueOrder* placed = venue.find(there->order);
  if (order == ledger.orders().end() || placed == nullptr || placed->client_id != client_id_of(order->second))
    findings.add(4, fmt::format("fill {} is booked for order {}, and is one of {} at the venue", fill.broker_id,
                                fill.order_id, placed == nullptr ? "nothing" : placed->client_id));
  const std::int64_t quantity = there->quantity < 0 ? -there->quantity : there->quantity;
  const bool same =
      (fill.price == there->price && fill.quantity == quantity) || is_restated(fill, *there, ledger.actions());
  if (!same || fill.fee != there->fee || fill.symbol != there->symbol || fill.buys != (there->quantity > 0))
    findings.add(4, fmt::format("fill {} is booked as {} {} {} at {} with {} of fees, and was {} {} at {} with {}",
                                fill.broker_id, fill.buys ? "bought" : "sold", shares(fill.quantity), fill.symbol,
                                detail::price_text(fill.price), money(fill.fee), shares(there->quantity), there->symbol,
                                detail::price_text(there->price), money(there->fee)));
}

// --- Quiet points. ---

bool Oracle::State::has_alarm(const std::string& about) const {
  return std::ranges::any_of(
      ledger.alarms(), [&](const detail::LedgerAlarm& alarm) { return alarm.text.find(about) != std::string::npos; });
}

void Oracle::State::check_quiet() {
  for (const auto& [id, order] : ledger.orders()) check_order(order);
  for (const auto& [number, order] : venue.orders()) {
    const LedgerOrder* ours = order.works() ? ledger.find(order.client_id) : nullptr;
    if (ours != nullptr && ours->has_ended())
      findings.add(9, fmt::format("{} works at the venue, and is {} in the ledger", order.client_id, ours->state));
  }
  for (const auto& [number, fill] : venue.fills()) {
    const VenueOrder* order = venue.find(fill.order);
    if (order == nullptr || !detail::VenueBooks::is_ours(order->client_id) || booked.contains(number)) continue;
    if (restored && ledger.find(order->client_id) == nullptr) continue;
    findings.add(4, fmt::format("the venue's fill F{} of {} is not booked", number, order->client_id));
  }
  check_actions();
  check_positions();
  check_cash();
  check_services();
}

void Oracle::State::check_order(const LedgerOrder& order) {
  const VenueOrder* there = venue.find(client_id_of(order));
  const auto wrong = [&](int invariant) {
    findings.add(invariant, fmt::format("order {} is {}, and the venue says that it is {}", order.order_id, order.state,
                                        there == nullptr ? "nothing" : there->state));
  };
  if (const auto number = number_after('P', order.broker_id); number && (there == nullptr || there->number != *number))
    findings.add(
        5, fmt::format("order {} follows {} of the venue, which is another one", order.order_id, order.broker_id));
  if (order.state == "unknown") {
    if (!has_alarm(fmt::format("order {} ", order.order_id)))
      findings.add(8, fmt::format("order {} is unknown, and nobody was told", order.order_id));
    return;
  }
  if (!order.has_ended()) {
    const bool works = order.state == "accepted" || order.state == "partially_filled" || order.state == "triggered";
    if (!works) return findings.add(8, fmt::format("order {} is still {}", order.order_id, order.state));
    if (there == nullptr || !there->works()) wrong(9);
    return;
  }
  if (there == nullptr) {
    if (order.state != "rejected" && order.state != "denied") wrong(8);
    return;
  }
  // What is not among the open orders of a broker that hides them may work there, and end later.
  const bool too_early = order.cancelled_at != 0 && !restored && !settings.time_goes_back && !settings.cancels_early &&
                         (there->works() || there->updated_at > order.cancelled_at);
  if (too_early)
    findings.add(8, fmt::format("order {} was taken for cancelled, and worked at the venue", order.order_id));
  // One that works there is told of with the venue's orders.
  const bool ended_there = order.came_late && order.state == "rejected" && there->filled == order.filled;
  const bool forgotten = settings.forgets_orders && order.state == "expired" && there->state == "cancelled";
  if (!there->works() && order.state != there->state && !ended_there && !forgotten) wrong(8);
}

void Oracle::State::check_actions() {
  for (const VenueAction& action : venue.actions()) {
    if (action.quantity == 0 && action.cash == 0) continue;
    const bool is_booked = std::ranges::any_of(ledger.actions(), [&](const LedgerAction& ours) {
      return ours.symbol == action.symbol && ours.ex_date == action.ex_date && ours.kind == action.kind &&
             ours.skipped.empty() && ours.after - ours.before == action.quantity && ours.cash == action.cash;
    });
    if (!is_booked && !restored && venue.foreign_shares(action.symbol) == 0)
      findings.add(3, fmt::format("the venue's {} of {} gave {} shares and {} of cash, and is not booked so",
                                  action.kind, action.symbol, shares(action.quantity), money(action.cash)));
  }
}

void Oracle::State::check_positions() {
  std::set<std::string> symbols;
  for (const auto& [symbol, quantity] : venue.holdings()) symbols.insert(symbol);
  for (const auto& [symbol, quantity] : ledger.positions()) symbols.insert(symbol);
  for (const std::string& symbol : symbols) {
    const std::int64_t difference = venue.held(symbol) - ledger.held(symbol);
    if (difference == 0) continue;
    const std::int64_t foreign = venue.foreign_shares(symbol);
    const bool is_told = restored || (foreign != 0 && difference == foreign - ledger.adopted_shares(symbol));
    const bool is_known = is_told && has_alarm(symbol);
    if (!is_known)
      findings.add(9, fmt::format("the venue holds {} {}, and the ledger {}", shares(venue.held(symbol)), symbol,
                                  shares(ledger.held(symbol))));
  }
}

void Oracle::State::check_cash() {
  const std::int64_t there = venue.cash(settings.currency);
  const std::int64_t difference = there - ledger.cash();
  const std::int64_t foreign = venue.foreign_cash() + settings.initial_cash.units();
  if (!restored && venue.funded(settings.currency) != ledger.funded())
    findings.add(9, fmt::format("{} were funded, and {} at the venue", money(ledger.funded()),
                                money(venue.funded(settings.currency))));
  if (difference == 0) return;
  const bool is_told = restored || (foreign != 0 && difference == foreign - ledger.adopted_cash());
  // While it is asked what became of an order cash cannot be compared; of that order people were told.
  const bool waits =
      std::ranges::any_of(ledger.orders(), [](const auto& each) { return each.second.state == "unknown"; });
  const bool is_known = is_told && (waits || has_alarm("cash"));
  if (!is_known)
    findings.add(9, fmt::format("the venue has {} {} in cash, and the ledger {}", money(there), settings.currency,
                                money(ledger.cash())));
}

void Oracle::State::check_services() {
  if (ledger.waiting_requests() > 0) findings.add(18, fmt::format("{} requests wait", ledger.waiting_requests()));
  for (const auto& [id, wanted] : gate.wanted_states()) {
    const auto service = ledger.services().find(id);
    const std::string is = service == ledger.services().end() ? "not there" : service->second.state;
    if (is != wanted && !has_alarm(fmt::format("service {} ", id)))
      findings.add(18, fmt::format("service {} is {}, and was asked to be {}", id, is, wanted));
  }
}

// Every text that somebody may read.
void Oracle::State::check_secret(ledger::Database& database) {
  if (settings.secret.empty()) return;
  constexpr std::pair<const char*, const char*> kTexts[] = {
      {"journal", "payload"},         {"audit_log", "before"},      {"audit_log", "after"},
      {"audit_log", "subject"},       {"outbox", "subject"},        {"outbox", "text"},
      {"order_requests", "payload"},  {"order_requests", "answer"}, {"service_commands", "payload"},
      {"service_commands", "answer"}, {"orders", "note"},           {"trading_services", "error"}};
  const auto looked = database.read([&](ledger::Transaction& work) -> Result<void> {
    for (const auto& [table, column] : kTexts) {
      ARGOSY_TRY_VOID(detail::each_row(work, fmt::format("SELECT count(*) FROM {} WHERE {} LIKE :text", table, column),
                                       detail::columns("i"), {"%" + settings.secret + "%"},
                                       [&](const ledger::Row& row) {
                                         if (row.integer(0) > 0)
                                           findings.add(19, fmt::format("a secret stands in {}.{}", table, column));
                                       }));
    }
    return {};
  });
  if (!looked) findings.add(18, "the ledger cannot be read: " + looked.error().message);
}

// --- Backups, and the hash of everything. ---

std::vector<Violation> Oracle::check_backup(ledger::Database& backup) {
  detail::Findings findings;
  LedgerFold fold(state_->settings);
  if (const auto read = fold.read(backup, true, {}, {}, findings); !read) {
    findings.add(18, "the backup cannot be read: " + read.error().message);
    return findings.take();
  }
  const auto& ours = state_->ledger.journal_hashes();
  const auto& theirs = fold.journal_hashes();
  const std::size_t both = std::min(ours.size(), theirs.size());
  if (both > 0 && ours[both - 1] != theirs[both - 1])
    findings.add(1, "the backup is no moment of the ledger: its journal is another");
  for (const LedgerFill& fill : fold.fills()) {
    const auto number = number_after('F', fill.broker_id);
    const VenueFill* there = number ? state_->venue.fill(*number) : nullptr;
    const bool is_new = number && (state_->venue.fills().empty() || *number > state_->venue.fills().rbegin()->first);
    if (there == nullptr && !is_new)
      findings.add(4, fmt::format("the backup has fill {}, which is none of the venue", fill.broker_id));
  }
  return findings.take();
}

namespace {

// Such that no value can flow into the next.
std::string text_of(const ledger::Value& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) return fmt::format("i{};", *number);
  if (const auto* real = std::get_if<double>(&value)) return fmt::format("r{};", *real);
  if (const auto* text = std::get_if<std::string>(&value)) return fmt::format("t{}:{};", text->size(), *text);
  return "n;";
}

}  // namespace

Result<std::string> state_hash(ledger::Database& database, const ledger::Schema& schema) {
  core::Hasher hasher;
  ARGOSY_TRY_VOID(database.read([&](ledger::Transaction& work) -> Result<void> {
    hasher = core::Hasher();
    for (const core::RecordType* table : schema.tables) {
      std::string columns;
      std::vector<ledger::ColumnType> types;
      for (const core::Field& field : table->fields) {
        columns += fmt::format("{}{}", columns.empty() ? "" : ", ", field.name);
        types.push_back(ledger::column_type(field.type));
      }
      hasher.update(fmt::format("{}\n", table->name));
      ARGOSY_TRY_VOID(work.query(fmt::format("SELECT {0} FROM {1} ORDER BY {0}", columns, table->name), types, {},
                                 [&](const ledger::Row& row) -> Result<void> {
                                   for (const ledger::Value& value : row.values()) hasher.update(text_of(value));
                                   return {};
                                 }));
    }
    return {};
  }));
  return hasher.finish();
}

}  // namespace argosy::simulation
