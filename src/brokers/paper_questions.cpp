#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "brokers/paper_venue.hpp"
#include "core/rng.hpp"

namespace argosy::brokers {

using core::ErrorCode;
using core::Money;
using core::Quantity;
using core::Result;
using core::Timestamp;
using trading::OrderId;
using trading::OrderReport;
using trading::OrderTicket;
using trading::ReportedState;

namespace {

// Of an order, so that its money has room in 64 bits even when prices rise tenfold.
constexpr double kMostShares = 1e8;
constexpr double kMostSharesUnpriced = 1e5;
constexpr double kMostMoney = 1e11;
constexpr std::size_t kReportsAtOnce = 200;  // in one line

trading::Order to_order(const OrderTicket& ticket, std::int64_t number, trading::InstrumentIndex i) {
  trading::Order order;
  order.id = OrderId(number);
  order.instrument = i;
  order.side = ticket.side;
  order.kind = ticket.kind;
  order.time_in_force = ticket.time_in_force;
  order.effect = ticket.closes ? trading::Effect::kClose : trading::Effect::kOpen;
  order.shrink_to_cash = ticket.shrink_to_cash;
  order.quantity = ticket.quantity;
  order.limit = ticket.limit;
  order.stop = ticket.stop;
  return order;
}

bool is_currency(const std::string& text) {
  return text.size() == 3 && std::ranges::all_of(text, [](char c) { return c >= 'A' && c <= 'Z'; });
}

}  // namespace

// --- Sessions. ---

void PaperVenue::connect(PaperSession session) { sessions_.insert_or_assign(session, Session()); }
void PaperVenue::disconnect(PaperSession session) { sessions_.erase(session); }

void PaperVenue::receive(PaperSession session, std::string_view bytes) {
  const auto known = sessions_.find(session);
  if (known == sessions_.end() || known->second.closed) return;
  Session& from = known->second;
  from.reader.feed(bytes);
  while (!from.closed) {
    const auto line = from.reader.next();
    if (!line) return refuse(session, 0, line.error(), true);
    if (!*line) return;
    hear(session, **line);
  }
}

void PaperVenue::hear(PaperSession session, std::string_view line) {
  auto asked = parse_question(line);
  if (!asked) return refuse(session, 0, asked.error(), true);
  if (!asked->question) return refuse(session, asked->id, asked->question.error(), false);
  if (const auto* question = std::get_if<Login>(&*asked->question)) return login(session, asked->id, *question);
  if (!sessions_.at(session).logged_in)
    return refuse(session, asked->id, core::Error(ErrorCode::kInvalidArgument, "nobody has logged in"), true);
  asking_ = {.session = session, .id = asked->id};
  if (!carry_out(session, asked->id, *asked->question)) {
    sessions_.at(session).closed = true;
    drafts_.push_back({.session = session,
                       .id = asked->id,
                       .answer = Refused{.code = "unavailable", .message = "the venue's books do not answer"},
                       .closes = true,
                       .is_silent = true});
  }
  asking_ = {};
}

void PaperVenue::refuse(PaperSession session, std::int64_t id, const core::Error& error, bool closes) {
  drafts_.push_back({.session = session,
                     .id = id,
                     .answer = Refused{.code = std::string(core::to_string(error.code)), .message = error.describe()},
                     .closes = closes});
  if (closes) sessions_.at(session).closed = true;
}

void PaperVenue::answer(PaperSession session, std::int64_t id, Answer answer) {
  drafts_.push_back({.session = session, .id = id, .answer = std::move(answer)});
}

void PaperVenue::login(PaperSession session, std::int64_t id, const Login& login) {
  const PaperSettings& settings = terms_.settings;
  if (login.version != kPaperVersion || login.account != settings.account) {
    const std::string wrong =
        fmt::format("version {} for the account \"{}\" is asked for, version {} for \"{}\" is here", login.version,
                    login.account, kPaperVersion, settings.account);
    return refuse(session, id, core::Error(ErrorCode::kUnsupported, wrong), true);
  }
  sessions_.at(session).logged_in = true;
  answer(session, id,
         Welcome{.account = settings.account, .client_ids = settings.client_ids == Switch::kOn, .fractional = true});
}

Result<void> PaperVenue::carry_out(PaperSession session, std::int64_t id, const Question& question) {
  if (const auto* ticket = std::get_if<OrderTicket>(&question)) return submit(session, id, *ticket);
  if (const auto* cancels = std::get_if<CancelOrder>(&question)) return cancel(session, id, *cancels);
  if (const auto* ask = std::get_if<AskOrder>(&question)) return ask_order(session, id, *ask);
  if (const auto* funds = std::get_if<Fund>(&question)) return fund(session, id, *funds);
  if (std::holds_alternative<AskOpenOrders>(question)) ask_open_orders(session, id);
  if (std::holds_alternative<AskAccount>(question)) ask_account(session, id);
  if (const auto* ask = std::get_if<AskHistory>(&question))
    histories_.emplace_back(Draft{.session = session, .id = id, .answer = History()}, ask->since);
  return {};
}

// --- Orders. ---

OrderReport PaperVenue::snapshot(const Placed& placed) const {
  OrderReport report = to_report(placed.row);
  report.fills = placed.fills;
  report.is_snapshot = true;
  return report;
}

Result<std::optional<OrderReport>> PaperVenue::find(const std::string& client_order_id,
                                                    const std::string& broker_order_id) {
  if (terms_.settings.client_ids == Switch::kOn && !client_order_id.empty()) {
    const auto known = by_client_.find(client_order_id);
    if (known != by_client_.end()) return snapshot(orders_.at(known->second));
    ARGOSY_TRY(auto stored, find_paper_order(database_, client_order_id));
    if (stored) return stored;
  }
  const auto number = order_number(broker_order_id);
  if (!number) return std::nullopt;
  if (const auto known = orders_.find(*number); known != orders_.end()) return snapshot(known->second);
  return find_paper_order(database_, *number);
}

Result<void> PaperVenue::submit(PaperSession session, std::int64_t id, const OrderTicket& ticket) {
  const bool client_ids = terms_.settings.client_ids == Switch::kOn;
  if (!is_client_order_id(ticket.client_order_id)) {
    refuse(session, id, core::Error(ErrorCode::kInvalidArgument, "an order without an id that can be one"), false);
    return {};
  }
  if (client_ids) {
    ARGOSY_TRY(auto known, find(ticket.client_order_id, {}));
    if (known) {
      answer(session, id, *std::move(known));
      return {};
    }
  }
  const std::int64_t number = ++last_order_;
  const Timestamp now = clock_.now();
  orders_.emplace(number, Placed{.row = {.order_number = number,
                                         .client_order_id = ticket.client_order_id,
                                         .client_ids = client_ids,
                                         .symbol = ticket.symbol,
                                         .side = ticket.side,
                                         .kind = ticket.kind,
                                         .time_in_force = ticket.time_in_force,
                                         .quantity = ticket.quantity,
                                         .limit_price = ticket.limit,
                                         .stop_price = ticket.stop,
                                         .closes = ticket.closes,
                                         .shrink_to_cash = ticket.shrink_to_cash,
                                         .received_at = now,
                                         .updated_at = now}});
  if (client_ids) by_client_.emplace(ticket.client_order_id, number);
  changed_orders_.insert(number);
  asking_.order = number;
  place(number, ticket);
  return {};
}

void PaperVenue::place(std::int64_t number, const OrderTicket& ticket) {
  const auto i = find_or_list(ticket.symbol);
  if (!i) return reject(number, i.error().message);
  orders_.at(number).instrument = *i;
  const trading::Order order = to_order(ticket, number, *i);
  if (const auto objection = find_objection(ticket, number, order)) return reject(number, *objection);
  if (terms_.takes_quotes) exchange_.set_time(clock_.now());
  exchange_.place(order);
}

std::optional<std::string> PaperVenue::find_objection(const OrderTicket& ticket, std::int64_t number,
                                                      const trading::Order& order) {
  const Listed& listed = listed_[order.instrument];
  if (ticket.kind == trading::OrderKind::kTrailingStop) return "trailing stops are not taken here";
  if (const auto wrong = trading::find_contradiction(order, listed.instrument)) return std::string(*wrong);
  const double price = std::max({listed.last_price.to_double(), ticket.limit.to_double(), ticket.stop.to_double()});
  const double shares = ticket.quantity.to_double();
  if (shares > (price > 0 ? kMostShares : kMostSharesUnpriced) || shares * price > kMostMoney)
    return "the order is too large";
  if (terms_.settings.closed_market == Switch::kOff && !is_open(listed.instrument, clock_.now()))
    return "the market is closed";
  const core::Rng rng(static_cast<std::uint64_t>(terms_.settings.seed));
  if (rng.fork(2).fork(static_cast<std::uint64_t>(number)).uniform() < terms_.settings.rejections.to_double())
    return "rejected, as some orders are";
  return std::nullopt;
}

void PaperVenue::reject(std::int64_t number, const std::string& note) {
  Placed& placed = orders_.at(number);
  placed.row.state = ReportedState::kRejected;
  placed.row.note = note;
  touch(number);
  report(placed, {});
}

Result<void> PaperVenue::cancel(PaperSession session, std::int64_t id, const CancelOrder& cancel) {
  ARGOSY_TRY(const auto known, find(cancel.client_order_id, cancel.broker_order_id));
  const auto refuse_it = [&](std::string reason) {
    answer(session, id, CancelRefused{.client_order_id = cancel.client_order_id, .reason = std::move(reason)});
  };
  if (!known) {
    refuse_it("there is no such order");
    return {};
  }
  const std::int64_t number = order_number(known->broker_order_id).value();
  if (exchange_.find_order(OrderId(number)) == nullptr) {
    refuse_it(fmt::format("the order is {}", kReportedStateNames[static_cast<std::size_t>(known->state)]));
    return {};
  }
  asking_.order = number;
  touch(number);
  if (terms_.takes_quotes) exchange_.set_time(clock_.now());
  if (exchange_.find_cancel(OrderId(number)) == nullptr) exchange_.cancel(OrderId(number));
  if (!asking_.answered) answer(session, id, snapshot(orders_.at(number)));
  return {};
}

// --- Looking. ---

Result<void> PaperVenue::ask_order(PaperSession session, std::int64_t id, const AskOrder& ask) {
  ARGOSY_TRY(auto known, find(ask.client_order_id, ask.broker_order_id));
  if (known) {
    answer(session, id, *std::move(known));
  } else {
    answer(session, id, NoOrder{.client_order_id = ask.client_order_id});
  }
  return {};
}

namespace {

// Hands out a list in parts that lines have room for.
template <class List, class Say>
void in_parts(std::vector<OrderReport> reports, Say say) {
  List part;
  for (OrderReport& report : reports) {
    if (part.orders.size() == kReportsAtOnce) {
      part.is_last = false;
      say(std::exchange(part, {}));
    }
    part.orders.push_back(std::move(report));
  }
  say(std::move(part));
}

}  // namespace

void PaperVenue::ask_open_orders(PaperSession session, std::int64_t id) {
  std::vector<std::int64_t> numbers;
  for (const auto& [number, placed] : orders_) {
    if (placed.row.state == ReportedState::kWorking) numbers.push_back(number);
  }
  std::ranges::sort(numbers);
  std::vector<OrderReport> reports;
  for (const std::int64_t number : numbers) reports.push_back(snapshot(orders_.at(number)));
  in_parts<OpenOrders>(std::move(reports), [&](OpenOrders part) { answer(session, id, std::move(part)); });
}

Result<void> PaperVenue::answer_history(const Draft& draft, Timestamp since) {
  ARGOSY_TRY(auto reports, find_paper_history(database_, since));
  in_parts<History>(std::move(reports), [&](History part) { answer(draft.session, draft.id, std::move(part)); });
  return {};
}

void PaperVenue::ask_account(PaperSession session, std::int64_t id) {
  trading::AccountReport report{.time = clock_.now()};
  for (const Listed& listed : listed_) {
    const PaperHoldingRow& row = listed.row;
    if (!row.quantity.is_zero())
      report.positions.push_back({.symbol = row.symbol, .quantity = row.quantity, .average_price = row.average_price});
  }
  for (const PaperAccountRow& row : accounts_) report.balances.push_back({.currency = row.currency, .cash = row.cash});
  answer(session, id, std::move(report));
}

// --- Money. ---

Result<void> PaperVenue::fund(PaperSession session, std::int64_t id, const Fund& fund) {
  const auto refuse_it = [&](std::string message) {
    refuse(session, id, core::Error(ErrorCode::kInvalidArgument, std::move(message)), false);
    return Result<void>();
  };
  const auto same_id = std::ranges::find(changes_.fundings, fund.funding_id, &PaperFundingRow::funding_id);
  std::optional<PaperFundingRow> known;
  if (same_id != changes_.fundings.end()) {
    known = *same_id;
  } else {
    ARGOSY_TRY(known, find_paper_funding(database_, fund.funding_id));
  }
  if (known) {
    if (known->currency != fund.currency || known->amount != fund.amount)
      return refuse_it(fmt::format("funding {} was another one", fund.funding_id));
    answer(session, id, Funded{.funding_id = fund.funding_id});
    return {};
  }
  if (!is_currency(fund.currency)) return refuse_it(fmt::format("\"{}\" is no currency", fund.currency));
  auto purse = std::ranges::find(accounts_, fund.currency, &PaperAccountRow::currency);
  const Money before = purse == accounts_.end() ? Money() : purse->cash;
  if (fund.amount.is_zero() || std::abs(fund.amount.to_double()) > kMostMoney ||
      before.to_double() + fund.amount.to_double() > kMostMoney)
    return refuse_it(fmt::format("{} {} is no amount to move", fund.amount.to_string(), fund.currency));
  if ((before + fund.amount).is_negative()) {
    return refuse_it(
        fmt::format("the account has {} {}, not {}", before.to_string(), fund.currency, (-fund.amount).to_string()));
  }
  exchange_.fund(fund.currency, fund.amount);
  if (purse == accounts_.end()) {
    accounts_.push_back({.currency = fund.currency, .cash = {}});
    purse = accounts_.end() - 1;
  }
  (void)take_cash(static_cast<std::size_t>(purse - accounts_.begin()));
  changes_.fundings.push_back(
      {.funding_id = fund.funding_id, .currency = fund.currency, .amount = fund.amount, .time = clock_.now()});
  answer(session, id, Funded{.funding_id = fund.funding_id});
  return {};
}

}  // namespace argosy::brokers
