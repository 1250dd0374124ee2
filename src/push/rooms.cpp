#include "push/rooms.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/json.hpp"
#include "core/limits.hpp"
#include "ledger/records.hpp"
#include "ledger/room_changes.hpp"

namespace argosy::push {

using core::Error;
using core::ErrorCode;
using core::fail;
using core::Result;
using server::Caller;

namespace {

// A snapshot is one message, of which a client takes some at once.
constexpr std::int64_t kMostRows = 200;
constexpr std::size_t kMostDigits = 18;

std::string_view prefix_of(RoomKind kind) {
  const std::string_view name = kRoomNames[static_cast<std::size_t>(kind)];
  return name.substr(0, name.find('{'));
}

std::optional<std::int64_t> parse_id(std::string_view text) {
  if (text.empty() || text.size() > kMostDigits || text.front() == '0') return std::nullopt;
  std::int64_t id = 0;
  for (const char each : text) {
    if (each < '0' || each > '9') return std::nullopt;
    id = id * 10 + (each - '0');
  }
  return id;
}

bool is_symbol(std::string_view text) {
  return !text.empty() && text.size() <= core::limits::kSymbolLength &&
         std::ranges::all_of(text, [](char each) { return each > ' ' && each <= '~' && each != '"' && each != '\\'; });
}

template <class Row>
std::string shown(std::string_view what, const core::RecordType& type, const Row& row) {
  core::JsonWriter json;
  json.begin_object().key("what").value(what).key("row");
  core::write_json(json, type, &row);
  json.end_object();
  return std::move(json).take();
}

// The newest of the caller's rows that meet the condition.
template <class Row>
Result<void> add_rows(const rest::Store& store, const Caller& caller, std::string_view what,
                      const core::RecordType& type, RoomRows& out, std::string_view within = {},
                      std::vector<ledger::Value> values = {}) {
  server::Listing<Row> listing;
  listing.request.per_page = kMostRows;
  if (const core::Field* key = core::find_field(core::record_type<Row>(), rest::ownership<Row>().key))
    listing.request.sort.push_back({.field = key, .descending = true});
  ARGOSY_TRY(const auto page, store.list(caller, listing, within, std::move(values)));
  for (const Row& row : page.items) out.rows.push_back(shown(what, type, row));
  if (page.total > std::ssize(page.items)) out.is_whole = false;
  return {};
}
template <class Row>
Result<void> add_rows(const rest::Store& store, const Caller& caller, std::string_view what, RoomRows& out,
                      std::string_view within = {}, std::vector<ledger::Value> values = {}) {
  return add_rows<Row>(store, caller, what, core::record_type<Row>(), out, within, std::move(values));
}

}  // namespace

std::optional<RoomName> parse_room(std::string_view text) {
  for (std::size_t i = 0; i < kRoomNames.size(); ++i) {
    const auto kind = static_cast<RoomKind>(i);
    const std::string_view prefix = prefix_of(kind);
    if (prefix.size() == kRoomNames[i].size()) {
      if (text == prefix) return RoomName{.kind = kind};
    } else if (text.starts_with(prefix)) {
      const std::string_view rest = text.substr(prefix.size());
      if (kind == RoomKind::kStock) {
        if (!is_symbol(rest)) return std::nullopt;
        return RoomName{.kind = kind, .symbol = std::string(rest)};
      }
      const auto id = parse_id(rest);
      if (!id) return std::nullopt;
      return RoomName{.kind = kind, .id = *id};
    }
  }
  return std::nullopt;
}

std::string to_string(const RoomName& name) {
  const std::string_view prefix = prefix_of(name.kind);
  if (name.kind == RoomKind::kStock) return fmt::format("{}{}", prefix, name.symbol);
  if (prefix.size() < kRoomNames[static_cast<std::size_t>(name.kind)].size())
    return fmt::format("{}{}", prefix, name.id);
  return std::string(prefix);
}

Error no_such_room(std::string_view name) {
  return Error(ErrorCode::kNotFound, fmt::format("there is no room {}", name.substr(0, 40)))
      .with_hint("asyncapi.json names them");
}

Result<std::string> Rooms::stored(const Caller& caller, const RoomName& name) const {
  std::string room = to_string(name);
  const auto own = [&](const auto& found) -> Result<std::string> {
    if (found) return room;
    if (found.error().code == ErrorCode::kNotFound) return fail(no_such_room(room));
    return fail(found.error());
  };
  switch (name.kind) {
    case RoomKind::kService:
      return own(store_.get<ledger::ServiceRow>(caller, name.id));
    case RoomKind::kPortfolio:
      return own(store_.get<ledger::PortfolioRow>(caller, name.id));
    case RoomKind::kJob:
      return own(store_.get<ledger::JobRow>(caller, name.id));
    case RoomKind::kStock: {
      ARGOSY_TRY(const auto rows, store_.ledger().read([&](ledger::Transaction& work) {
        return ledger::select<ledger::StockRow>(work, "WHERE symbol = :symbol", {name.symbol});
      }));
      if (rows.empty()) return fail(no_such_room(room));
      return room;
    }
    case RoomKind::kServices:
    case RoomKind::kTransactions:
    case RoomKind::kOrders:
    case RoomKind::kJobs:
    case RoomKind::kNotifications:
      return caller.role == ledger::Role::kAdmin ? room : ledger::owners_room(room, caller.user_id);
    case RoomKind::kStocks:
      return room;
    case RoomKind::kPrices:
    case RoomKind::kHealth:
      break;
  }
  return fail(no_such_room(room));
}

Result<RoomRows> Rooms::rows(const Caller& caller, const RoomName& name) const {
  RoomRows out;
  const auto just = [&](std::string_view column) { return fmt::format("{} = :id", column); };
  switch (name.kind) {
    case RoomKind::kServices:
      ARGOSY_TRY_VOID(add_rows<ledger::ServiceRow>(store_, caller, "service", out));
      break;
    case RoomKind::kService:
      ARGOSY_TRY_VOID(add_rows<ledger::ServiceRow>(store_, caller, "service", out, just("service_id"), {name.id}));
      break;
    case RoomKind::kStocks:
      ARGOSY_TRY_VOID(add_rows<ledger::StockRow>(store_, caller, "stock", out));
      break;
    case RoomKind::kStock:
      ARGOSY_TRY_VOID(add_rows<ledger::StockRow>(store_, caller, "stock", out, just("symbol"), {name.symbol}));
      break;
    case RoomKind::kTransactions:
      ARGOSY_TRY_VOID(add_rows<ledger::TransactionRow>(store_, caller, "transaction", out));
      break;
    case RoomKind::kOrders:
      ARGOSY_TRY_VOID(add_rows<ledger::OrderRow>(store_, caller, "order", out));
      break;
    case RoomKind::kPortfolio:
      ARGOSY_TRY_VOID(
          add_rows<ledger::PortfolioRow>(store_, caller, "portfolio", out, just("portfolio_id"), {name.id}));
      ARGOSY_TRY_VOID(add_rows<ledger::HoldingRow>(store_, caller, "holding", out, just("portfolio_id"), {name.id}));
      break;
    case RoomKind::kJobs:
      ARGOSY_TRY_VOID(add_rows<ledger::JobRow>(store_, caller, "job", core::RecordOf<ledger::JobRow>::kSummary, out));
      break;
    case RoomKind::kJob:
      ARGOSY_TRY_VOID(add_rows<ledger::JobRow>(store_, caller, "job", core::RecordOf<ledger::JobRow>::kSummary, out,
                                               just("job_id"), {name.id}));
      break;
    case RoomKind::kNotifications:
      ARGOSY_TRY_VOID(
          add_rows<ledger::OutboxRow>(store_, caller, "notification", core::RecordOf<ledger::OutboxRow>::kTold, out));
      break;
    case RoomKind::kPrices:
    case RoomKind::kHealth:
      break;
  }
  return out;
}

}  // namespace argosy::push
