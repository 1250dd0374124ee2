// What users ask for. Everything is checked before the first event is recorded: a request is done whole or not at all.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/json.hpp"
#include "core/text.hpp"
#include "live/order_text.hpp"
#include "live/request_answer.hpp"
#include "live/trader.hpp"
#include "trading/soft_limits.hpp"

namespace argosy::live {

using core::Error;
using core::ErrorCode;
using core::fail;
using core::Result;
using ledger::ServiceState;
using ledger::TradingMode;

namespace {

template <class T>
Result<T> read(const core::JsonValue& payload) {
  T asked;
  auto errors = core::read_json(payload, core::record_type<T>(), &asked);
  if (!errors.empty()) return fail(std::move(errors.front()));
  return asked;
}

}  // namespace

Result<std::string> Trader::take_request(std::string_view kind, std::string_view payload,
                                         const std::string& requested_by) {
  if (!ledger_down_.empty())
    return fail(Error(ErrorCode::kUnavailable, "the ledger cannot be written: " + ledger_down_));
  ARGOSY_TRY(const core::JsonValue json, core::parse_json(payload));
  return dispatch(kind, json, requested_by);
}

Trader::Answer Trader::dispatch(std::string_view kind, const core::JsonValue& payload, const std::string& by) {
  if (kind == "service_create") {
    ARGOSY_TRY(const CreateService asked, read<CreateService>(payload));
    return create_service(asked, by);
  }
  if (kind == "service_set") {
    ARGOSY_TRY(const SetService asked, read<SetService>(payload));
    return set_service(asked, by);
  }
  if (kind == "complete") {
    ARGOSY_TRY(const CompleteTransaction asked, read<CompleteTransaction>(payload));
    return complete(asked, by);
  }
  if (kind == "portfolio_create") {
    ARGOSY_TRY(const CreatePortfolio asked, read<CreatePortfolio>(payload));
    return create_portfolio(asked, by);
  }
  if (kind == "portfolio_set") {
    ARGOSY_TRY(const SetPortfolio asked, read<SetPortfolio>(payload));
    return set_portfolio(asked, by);
  }
  if (kind == "portfolio_fund" || kind == "portfolio_withdraw") {
    ARGOSY_TRY(const MovePortfolioMoney asked, read<MovePortfolioMoney>(payload));
    return move_money(asked, kind == "portfolio_withdraw", by);
  }
  if (kind == "tell_user") {
    ARGOSY_TRY(const TellUser asked, read<TellUser>(payload));
    return tell_user(asked);
  }
  if (kind == "risk_kill") {
    ARGOSY_TRY(const ThrowSwitch asked, read<ThrowSwitch>(payload));
    return throw_switch(asked, by);
  }
  if (kind == "risk_release") {
    ARGOSY_TRY(const ReleaseSwitch asked, read<ReleaseSwitch>(payload));
    return release_switch(asked, by);
  }
  if (kind == "risk_set") {
    ARGOSY_TRY(const SetLimit asked, read<SetLimit>(payload));
    return set_limit(asked, by);
  }
  if (kind == "order_place") {
    ARGOSY_TRY(const PlaceOrder asked, read<PlaceOrder>(payload));
    return place_order(asked, by);
  }
  if (kind == "order_replace") {
    ARGOSY_TRY(const ReplaceOrder asked, read<ReplaceOrder>(payload));
    return replace_order(asked, by);
  }
  ARGOSY_TRY(const OneSubject asked, read<OneSubject>(payload));
  if (kind == "service_start") return start_service(asked.id, by);
  if (kind == "service_pause") return pause_service(asked.id, by);
  if (kind == "service_stop") return stop_service(asked.id, by);
  if (kind == "close_position") return close_position(asked.id, by);
  if (kind == "service_remove") return remove_service(asked.id, by);
  if (kind == "portfolio_remove") return remove_portfolio(asked.id, by);
  if (kind == "order_cancel") return cancel_order(asked.id);
  if (kind == "cancel_all") return cancel_all();
  if (kind == "risk_try") return try_switches(asked.id);
  if (kind == "breaker_reset") return reset_breakers(asked.id, by);
  return fail(ErrorCode::kUnsupported, fmt::format("\"{}\" is nothing that can be asked for", kind));
}

// --- Looking up. ---

// One that was removed is not there any more.
const ledger::ServiceRow* Trader::find_row(std::int64_t service) const {
  const ledger::ServiceRow* row = book().service(service);
  return row == nullptr || row->removed_at ? nullptr : row;
}

Result<Trader::Runtime*> Trader::find_service(std::int64_t id) {
  const ledger::ServiceRow* row = find_row(id);
  if (Runtime* found = runtime_of(id); row != nullptr && found != nullptr) return found;
  if (row != nullptr)
    return fail(Error(ErrorCode::kConflict, fmt::format("service {} cannot decide: {}", id, row->error))
                    .with_hint("mend its strategy and start again"));
  return fail(Error(ErrorCode::kNotFound, fmt::format("there is no service {}", id))
                  .with_hint("argosy service list shows what there is"));
}

// What a purchase that works may still take is not free.
Money Trader::free_balance(const Runtime& service) const {
  return service.order != 0 && !service.selling ? Money() : service.row->current_balance;
}

// --- Services. ---

Trader::Answer Trader::create_service(const CreateService& asked, const std::string& by) {
  ARGOSY_TRY(const ledger::PortfolioRow* portfolio, find_portfolio(asked.portfolio_id));
  const auto slot = find(asked.instrument_id);
  if (!slot || instrument(*slot).instrument.symbol != asked.symbol)
    return fail(Error(ErrorCode::kNotFound, fmt::format("there is no instrument {}", asked.symbol))
                    .with_hint("argosy data list shows what there is; argosy data import adds more"));
  if (!instrument(*slot).is_active)
    return fail(Error(ErrorCode::kConflict, fmt::format("{} is not active: no new service trades it", asked.symbol))
                    .with_hint(fmt::format("argosy stock set {} --is-active true makes it so again", asked.symbol)));
  if (asked.balance < asked.minimum_balance)
    return fail(
        Error(ErrorCode::kInvalidArgument, fmt::format("a balance of {} lies under the minimum of {}",
                                                       asked.balance.to_string(), asked.minimum_balance.to_string())));
  if (asked.balance.is_zero()) return fail(ErrorCode::kInvalidArgument, "a service needs a balance above 0");
  if (const Money free = free_cash(*portfolio); asked.balance > free)
    return fail(too_little("portfolio", free, asked.balance, portfolio->currency));
  // Whether it can decide at all.
  ARGOSY_TRY_VOID(makers_(asked.strategy, asked.symbol));
  ledger::ServiceRow row;
  row.service_id = book().last().service + 1;
  row.owner_id = portfolio->owner_id;
  row.portfolio_id = portfolio->portfolio_id;
  row.broker_account_id = portfolio->broker_account_id;
  row.instrument_id = asked.instrument_id;
  row.name = asked.name.empty() ? fmt::format("{} {}", asked.symbol, row.service_id) : asked.name;
  row.description = asked.description;
  row.stock_symbol = asked.symbol;
  row.state = asked.starts ? ServiceState::kActive : ServiceState::kInactive;
  row.currency = portfolio->currency;
  row.initial_balance = asked.balance;
  row.minimum_balance = asked.minimum_balance;
  row.allocation_percent = asked.allocation_percent;
  row.buy_threshold = asked.buy_threshold;
  row.sell_threshold = asked.sell_threshold;
  row.stop_loss_percent = asked.stop_loss_percent;
  row.take_profit_percent = asked.take_profit_percent;
  row.strategy = asked.strategy;
  row.interval_seconds = asked.interval_seconds;
  row.fractional = asked.fractional;
  const std::int64_t id = row.service_id;
  recorder_.record(ServiceMade{std::move(row)});
  const ledger::ServiceRow* made = book().service(id);
  recorder_.audit(by, "service.create", fmt::to_string(id), {}, row_text(*made));
  ARGOSY_TRY_VOID(take_up(*made));
  Runtime& service = *runtime_of(id);
  if (service.desk != nullptr) {
    for (const auto& [switch_id, thrown] : book().switches()) {
      if (thrown.scope == "strategy" && thrown.subject == made->strategy && !thrown.released_at)
        service.halt = thrown.halts == "entries" ? trading::Halt::kEntries : trading::Halt::kOrders;
    }
  }
  if (!asked.starts) release_rest(service);
  return answer_with("service_id", id);
}

Trader::Answer Trader::set_service(const SetService& asked, const std::string& by) {
  const ledger::ServiceRow* row = find_row(asked.service_id);
  if (row == nullptr) return fail(ErrorCode::kNotFound, fmt::format("there is no service {}", asked.service_id));
  const auto mode = [&]() -> TradingMode {
    if (!asked.mode) return row->mode;
    const auto found = std::ranges::find(ledger::kTradingModes, *asked.mode);
    return static_cast<TradingMode>(found - ledger::kTradingModes.begin());
  }();
  const bool holds = row->current_shares.is_positive();
  if (asked.mode && ((mode == TradingMode::kBuy && holds) || (mode == TradingMode::kSell && !holds)))
    return fail(Error(ErrorCode::kConflict, fmt::format("service {} holds {} shares and cannot be set to {}",
                                                        row->service_id, row->current_shares.to_string(), *asked.mode))
                    .with_hint("BUY is for services without shares, SELL for those with; HOLD stops both"));
  ServiceSet set{.service_id = row->service_id,
                 .name = asked.name.value_or(row->name),
                 .description = asked.description.value_or(row->description),
                 .mode = mode,
                 .minimum_balance = asked.minimum_balance.value_or(row->minimum_balance),
                 .allocation_percent = asked.allocation_percent.value_or(row->allocation_percent),
                 .buy_threshold = asked.buy_threshold.value_or(row->buy_threshold),
                 .sell_threshold = asked.sell_threshold.value_or(row->sell_threshold),
                 .stop_loss_percent = asked.stop_loss_percent.value_or(row->stop_loss_percent),
                 .take_profit_percent = asked.take_profit_percent.value_or(row->take_profit_percent),
                 .strategy = asked.strategy.value_or(row->strategy),
                 .interval_seconds = asked.interval_seconds.value_or(row->interval_seconds),
                 .fractional = asked.fractional.value_or(row->fractional)};
  ARGOSY_TRY(DecisionMaker * maker, makers_(set.strategy, row->stock_symbol));
  const Money more = asked.add_balance.value_or(Money());
  const ledger::PortfolioRow* portfolio = book().portfolio(row->portfolio_id);
  Runtime* service = runtime_of(row->service_id);
  if (const Money free = free_cash(*portfolio); more.is_positive() && more > free)
    return fail(too_little("portfolio", free, more, portfolio->currency));
  const Money there = service == nullptr ? row->current_balance : free_balance(*service);
  if (-more > there) return fail(too_little("service", there, -more, row->currency));
  const std::string before = row_text(*row);
  recorder_.record(std::move(set));
  if (!more.is_zero())
    recorder_.record(ServiceMoved{
        .service_id = row->service_id, .state = row->state, .reason = row->error, .amount = more, .initial = true});
  recorder_.audit(by, "service.set", fmt::to_string(row->service_id), before, row_text(*row));
  if (service == nullptr) {
    ARGOSY_TRY_VOID(take_up(*row));
    return answer_with("service_id", row->service_id);
  }
  service->maker = maker;
  service->timed = !maker->timeframe().has_value();
  service->next = service->timed ? recorder_.now() : core::Timestamp::max();
  release_rest(*service);
  return answer_with("service_id", row->service_id);
}

Trader::Answer Trader::start_service(std::int64_t id, const std::string& by) {
  const ledger::ServiceRow* row = find_row(id);
  if (row != nullptr && runtime_of(id) == nullptr) ARGOSY_TRY_VOID(take_up(*row));
  ARGOSY_TRY(Runtime * service, find_service(id));
  row = service->row;
  const Money amount = row->state == ServiceState::kInactive ? row->returned_balance : Money();
  const ledger::PortfolioRow* portfolio = book().portfolio(row->portfolio_id);
  if (const Money free = free_cash(*portfolio); amount.is_positive() && amount > free)
    return fail(too_little("portfolio", free, amount, portfolio->currency));
  const std::string before(to_string(row->state));
  move_state(*service, ServiceState::kActive, {}, amount);
  recorder_.audit(by, "service.start", fmt::to_string(id), before, std::string(to_string(row->state)));
  service->next = recorder_.now();
  return answer_with("service_id", id);
}

Trader::Answer Trader::pause_service(std::int64_t id, const std::string& by) {
  ARGOSY_TRY(Runtime * service, find_service(id));
  if (service->row->state == ServiceState::kInactive)
    return fail(Error(ErrorCode::kConflict, fmt::format("service {} is off", id))
                    .with_hint("argosy service start begins it again"));
  const std::string before(to_string(service->row->state));
  move_state(*service, ServiceState::kPaused, {}, {});
  if (service->order != 0 && !service->selling) service->desk->cancel(service->order);
  recorder_.audit(by, "service.pause", fmt::to_string(id), before, "PAUSED");
  return answer_with("service_id", id);
}

Trader::Answer Trader::stop_service(std::int64_t id, const std::string& by) {
  const ledger::ServiceRow* row = find_row(id);
  Runtime* service = runtime_of(id);
  if (row == nullptr) {
    ARGOSY_TRY_VOID(find_service(id));
  }
  const std::string before(to_string(row->state));
  recorder_.record(ServiceMoved{.service_id = id, .state = ServiceState::kInactive, .reason = {}, .amount = {}});
  if (service != nullptr) {
    if (service->order != 0 && service->desk != nullptr) service->desk->cancel(service->order);
    release_rest(*service);
  }
  recorder_.audit(by, "service.stop", fmt::to_string(id), before, "INACTIVE");
  return answer_with("service_id", id);
}

// Its transactions, orders and entries stay; nobody is asked about it any more.
Trader::Answer Trader::remove_service(std::int64_t id, const std::string& by) {
  const ledger::ServiceRow* row = find_row(id);
  if (row == nullptr)
    return fail(Error(ErrorCode::kNotFound, fmt::format("there is no service {}", id))
                    .with_hint("argosy service list shows what there is"));
  if (row->current_shares.is_positive())
    return fail(Error(ErrorCode::kConflict,
                      fmt::format("service {} holds {} {}", id, row->current_shares.to_string(), row->stock_symbol))
                    .with_hint("sell them first: close-position; or pass them to the portfolio: complete its "
                               "transaction"));
  const auto works = std::ranges::find_if(book().orders(), [&](const auto& each) {
    return each.second.service_id == id && !trading::is_final(parse_order_state(each.second.state));
  });
  if (works != book().orders().end())
    return fail(Error(ErrorCode::kConflict, fmt::format("order {} of service {} still works", works->first, id))
                    .with_hint("stop the service, and wait until the order has ended"));
  const std::string before = row_text(*row);
  recorder_.record(
      ServiceMoved{.service_id = id, .state = ServiceState::kInactive, .reason = {}, .amount = -row->current_balance});
  recorder_.record(ServiceRemoved{.service_id = id});
  recorder_.audit(by, "service.remove", fmt::to_string(id), before, {});
  return answer_with("service_id", id);
}

// --- By hand. ---

Trader::Answer Trader::close_position(std::int64_t id, const std::string& by) {
  ARGOSY_TRY(Runtime * service, find_service(id));
  const ledger::ServiceRow& row = *service->row;
  if (!row.current_shares.is_positive())
    return fail(ErrorCode::kConflict, fmt::format("service {} holds no shares", id));
  if (service->halt == trading::Halt::kOrders)
    return fail(Error(ErrorCode::kConflict, fmt::format("a kill switch lets no order of service {} leave", id))
                    .with_hint("argosy risk show tells which; release it first"));
  if (service->desk == nullptr || !service->desk->is_ready())
    return fail(Error(ErrorCode::kUnavailable, "the broker is not connected").with_hint("try again in some seconds"));
  if (service->order != 0 && service->selling)
    return fail(ErrorCode::kConflict, fmt::format("order {} is selling them already", service->order));
  if (service->order != 0) {
    service->desk->cancel(service->order);
    return fail(
        Error(ErrorCode::kUnavailable, fmt::format("order {} still buys; it is being cancelled", service->order))
            .with_hint("ask again in some seconds"));
  }
  if (!slots_[service->slot].quoted || !slots_[service->slot].hours.is_open(recorder_.now()))
    return fail(Error(ErrorCode::kUnavailable, fmt::format("{} is not traded at the moment", row.stock_symbol))
                    .with_hint("ask again while its exchange is open and prices come"));
  DecisionMade made = describe(*service, Question::kSell, "by hand");
  made.yes = true;
  made.confidence = 100;
  made.reason = "asked by " + by;
  const Desk::Placed placed = sell(*service, trading::OrderReason::kManual, made);
  recorder_.audit(by, "service.close_position", fmt::to_string(id), {}, {});
  if (!placed.approved)
    return fail(Error(ErrorCode::kConflict, fmt::format("the risk gate refused to sell: {}", placed.note))
                    .with_hint("argosy risk show tells the limits"));
  return answer_with("order_id", placed.order_id);
}

Trader::Answer Trader::complete(const CompleteTransaction& asked, const std::string& by) {
  const ledger::TransactionRow* row = book().transaction(asked.transaction_id);
  if (row == nullptr || row->state != ledger::TransactionState::kOpen)
    return fail(Error(ErrorCode::kNotFound, fmt::format("there is no open transaction {}", asked.transaction_id))
                    .with_hint("argosy service show SERVICE tells its transactions"));
  if (!asked.price.is_positive()) return fail(ErrorCode::kInvalidArgument, "a price must be above 0");
  Runtime* service = runtime_of(row->service_id);
  if (service != nullptr && service->order != 0)
    return fail(
        Error(ErrorCode::kConflict, fmt::format("order {} of service {} still works", service->order, row->service_id))
            .with_hint("cancel it first: argosy order cancel"));
  const ledger::ServiceRow& owner = *book().service(row->service_id);
  const Money amount = core::notional(asked.price, row->shares, core::Rounding::kHalfEven);
  const ledger::PortfolioRow* portfolio = book().portfolio(owner.portfolio_id);
  if (const Money free = free_cash(*portfolio); amount > free)
    return fail(too_little("portfolio, which takes over the shares,", free, amount, portfolio->currency));
  recorder_.audit(by, "transaction.complete", fmt::to_string(asked.transaction_id), row_text(*row),
                  asked.price.to_string());
  recorder_.record(TransactionCompleted{.transaction_id = asked.transaction_id, .price = asked.price});
  if (service != nullptr) release_rest(*service);
  return answer_with("transaction_id", asked.transaction_id);
}

Trader::Answer Trader::cancel_order(std::int64_t id) {
  const ledger::OrderRow* row = book().order(id);
  if (row == nullptr)
    return fail(Error(ErrorCode::kNotFound, fmt::format("there is no order {} that works", id))
                    .with_hint("argosy order list --working shows those that do"));
  // One that is being changed is being cancelled: nothing takes its place.
  if (row->wanted_quantity) {
    keep_order(*row, {});
    return answer_with("order_id", id);
  }
  Desk* desk = desk_of(row->broker_account_id);
  if (desk == nullptr || !desk->cancel(id))
    return fail(ErrorCode::kConflict, fmt::format("order {} is {} and cannot be cancelled", id, row->state));
  return answer_with("order_id", id);
}

Trader::Answer Trader::cancel_all() {
  std::int64_t count = 0;
  for (Desk* desk : desks_) {
    count += static_cast<std::int64_t>(desk->working_orders());
    cancel_own(*desk, [](const ledger::OrderRow&) { return true; });
    desk->cancel_all();
  }
  return answer_with("orders", count);
}

// --- What others have to say. ---

Trader::Answer Trader::tell_user(const TellUser& asked) {
  const Severity severity = asked.severity == "error"     ? Severity::kError
                            : asked.severity == "warning" ? Severity::kWarning
                                                          : Severity::kInfo;
  recorder_.notify(severity, asked.subject, asked.text,
                   asked.owner_id == 0 ? std::nullopt : std::optional(asked.owner_id));
  return answer_with("owner_id", asked.owner_id);
}

// --- Switches. ---

Trader::Answer Trader::throw_switch(const ThrowSwitch& asked, const std::string& by) {
  if (asked.scope != "all" && asked.subject.empty())
    return fail(ErrorCode::kInvalidArgument, fmt::format("which {}? Name it", asked.scope));
  if (asked.scope == "order") {
    std::int64_t id = 0;
    const auto number = core::parse_integer(asked.subject);
    if (!number) return fail(ErrorCode::kInvalidArgument, fmt::format("\"{}\" is no order's number", asked.subject));
    id = *number;
    return cancel_order(id);
  }
  ledger::KillSwitchRow row{.switch_id = book().last().kill_switch + 1,
                            .scope = asked.scope,
                            .subject = asked.subject,
                            .halts = asked.halts,
                            .reason = asked.reason.empty() ? "thrown by " + by : asked.reason,
                            .set_by = by,
                            .set_at = recorder_.now(),
                            .flatten = asked.flatten};
  const std::int64_t id = row.switch_id;
  recorder_.audit(by, "risk.kill", fmt::format("{} {}", row.scope, row.subject), {}, row_text(row));
  recorder_.notify(Severity::kWarning, fmt::format("the kill switch was thrown: {} {}", row.scope, row.subject),
                   row.reason);
  recorder_.record(SwitchChanged{std::move(row)});
  apply_switches();
  return answer_with("switch_id", id);
}

Trader::Answer Trader::release_switch(const ReleaseSwitch& asked, const std::string& by) {
  std::vector<ledger::KillSwitchRow> released;
  for (const auto& [id, row] : book().switches()) {
    if (row.released_at) continue;
    const bool meant =
        asked.switch_id != 0 ? id == asked.switch_id : row.scope == asked.scope && row.subject == asked.subject;
    if (meant) released.push_back(row);
  }
  if (released.empty())
    return fail(
        Error(ErrorCode::kNotFound, "no switch of that kind is thrown").with_hint("argosy risk show tells which are"));
  for (ledger::KillSwitchRow& row : released) {
    row.released_at = recorder_.now();
    row.released_by = by;
    recorder_.audit(by, "risk.release", fmt::format("{} {}", row.scope, row.subject), row.reason, {});
    recorder_.record(SwitchChanged{std::move(row)});
  }
  apply_switches();
  return answer_with("released", static_cast<std::int64_t>(released.size()));
}

Trader::Answer Trader::try_switches(std::int64_t account) {
  std::int64_t tried = 0;
  std::string wrong;
  for (Desk* desk : desks_) {
    if (account != 0 && desk->settings().broker_account_id != account) continue;
    ++tried;
    if (desk->try_switch()) continue;
    wrong = desk->account_blocks().at("kill switch");
  }
  if (tried == 0) return fail(ErrorCode::kNotFound, fmt::format("there is no broker account {}", account));
  if (!wrong.empty()) return fail(Error(ErrorCode::kConflict, wrong).with_hint("nothing is bought until it works"));
  return answer_with("tried", tried);
}

Trader::Answer Trader::reset_breakers(std::int64_t account, const std::string& by) {
  std::int64_t count = 0;
  for (Desk* desk : desks_) {
    if (account != 0 && desk->settings().broker_account_id != account) continue;
    const std::string before(to_string(desk->gate().guard().breaker().state(recorder_.now())));
    desk->reset_breaker();
    recorder_.audit(by, "breaker.reset", fmt::to_string(desk->settings().broker_account_id), before, "closed");
    ++count;
  }
  if (count == 0) return fail(ErrorCode::kNotFound, fmt::format("there is no broker account {}", account));
  return answer_with("accounts", count);
}

// --- Limits. ---

// In force at once, in every desk; the hard limits stay on top.
Trader::Answer Trader::set_limit(const SetLimit& asked, const std::string& by) {
  const trading::SoftLimit wanted{.name = asked.name, .value = asked.value};
  ARGOSY_TRY_VOID(trading::check_soft_limit(settings_.limits, wanted));
  const auto known = book().soft_limits().find(asked.name);
  if (asked.tighter_only && known != book().soft_limits().end() &&
      trading::loosens({.name = asked.name, .value = known->second.value}, wanted))
    return fail(
        Error(ErrorCode::kForbidden, fmt::format("{} is {}, and would be looser then", asked.name, known->second.value))
            .with_hint("another admin must approve it"));
  recorder_.book().set_soft_limit(
      {.scope = "all", .name = asked.name, .value = asked.value, .set_by = by, .set_at = recorder_.now()});
  std::vector<trading::SoftLimit> soft;
  for (const auto& [name, row] : book().soft_limits()) soft.push_back({.name = name, .value = row.value});
  const trading::LimitProfile in_force = trading::tighten(settings_.limits, soft);
  for (Desk* desk : desks_) desk->set_limits(in_force.limits);
  recorder_.audit(by, "risk.set", asked.name, {}, asked.value);
  core::JsonWriter json;
  json.begin_object().key("name").value(asked.name).key("value").value(asked.value).end_object();
  return std::move(json).take();
}

}  // namespace argosy::live
