#include "ledger/room_changes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include "core/json.hpp"
#include "ledger/records.hpp"
#include "ledger/views.hpp"

namespace argosy::ledger {

using core::Result;
using core::Timestamp;

namespace {

constexpr std::array kInteger = {ColumnType::kInteger};

std::int64_t stored(Timestamp time) { return time.time_since_epoch().count(); }

Result<std::optional<std::int64_t>> find_number(Transaction& work, const std::string& sql,
                                                const std::vector<Value>& values) {
  std::optional<std::int64_t> number;
  ARGOSY_TRY_VOID(work.query(sql, kInteger, values, [&](const Row& row) -> Result<void> {
    if (!row.is_null(0)) number = row.integer(0);
    return {};
  }));
  return number;
}

Result<std::int64_t> number_of(Transaction& work, const std::string& sql, const std::vector<Value>& values = {}) {
  ARGOSY_TRY(const std::optional<std::int64_t> number, find_number(work, sql, values));
  return number.value_or(0);
}

// What is to be told in one unit of work.
class Telling {
 public:
  Telling(Transaction& work, Timestamp now) : work_(work), now_(now) {}

  template <class T>
  void add(std::string_view what, const core::RecordType& type, const T& row, std::vector<std::string> rooms) {
    core::JsonWriter json;
    json.begin_object().key("what").value(what).key("row");
    core::write_json(json, type, &row);
    json.end_object();
    const std::string payload = std::move(json).take();
    for (std::string& room : rooms) told_.push_back({std::move(room), payload});
  }
  template <class T>
  void add(std::string_view what, const T& row, std::vector<std::string> rooms) {
    add(what, core::record_type<T>(), row, std::move(rooms));
  }

  // Numbers are given by the database: only one unit of work writes at a time.
  Result<void> write() {
    static const std::string kInsert =
        "INSERT INTO changes (change_id, room, sequence, payload, made_at) VALUES ((SELECT coalesce(max(change_id), 0) "
        "+ 1 FROM changes), :room, (SELECT coalesce(max(sequence), 0) + 1 FROM changes WHERE room = :of_room), "
        ":payload, :made_at)";
    constexpr std::array kTypes = {ColumnType::kText, ColumnType::kText, ColumnType::kText, ColumnType::kInteger};
    return work_.execute_many(kInsert, kTypes, told_.size(), [&](std::size_t i, std::vector<Value>& values) {
      values = {told_[i].room, told_[i].room, std::move(told_[i].payload), stored(now_)};
    });
  }

 private:
  struct Told {
    std::string room;
    std::string payload;
  };
  Transaction& work_;
  Timestamp now_;
  std::vector<Told> told_;
};

// A list of all, and the one of its owner, where it has one.
std::vector<std::string> lists(std::string_view list, std::optional<std::int64_t> owner) {
  std::vector<std::string> rooms{std::string(list)};
  if (owner) rooms.push_back(owners_room(list, *owner));
  return rooms;
}

// Whose services and portfolios are: as a rule they changed in the same turn.
class Owners {
 public:
  Owners(Transaction& work, const Changes& changes) : work_(work) {
    for (const ServiceRow& row : changes.services) services_[row.service_id] = row.owner_id;
    for (const PortfolioRow& row : changes.portfolios) portfolios_[row.portfolio_id] = row.owner_id;
  }
  Result<std::optional<std::int64_t>> of_service(std::int64_t id) {
    return find(services_, "SELECT owner_id FROM trading_services WHERE service_id = :id", id);
  }
  Result<std::optional<std::int64_t>> of(const OrderRow& order) {
    if (order.service_id) return of_service(*order.service_id);
    if (!order.portfolio_id) return std::optional<std::int64_t>();
    return find(portfolios_, "SELECT owner_id FROM portfolios WHERE portfolio_id = :id", *order.portfolio_id);
  }

 private:
  using Known = std::map<std::int64_t, std::optional<std::int64_t>>;
  Result<std::optional<std::int64_t>> find(Known& known, const std::string& sql, std::int64_t id) {
    if (const auto found = known.find(id); found != known.end()) return found->second;
    ARGOSY_TRY(const std::optional<std::int64_t> owner, find_number(work_, sql, {id}));
    known.emplace(id, owner);
    return owner;
  }

  Transaction& work_;
  Known services_;
  Known portfolios_;
};

}  // namespace

std::string owners_room(std::string_view list, std::int64_t user_id) { return fmt::format("{}/{}", list, user_id); }

Result<void> tell_rooms(Transaction& work, const Changes& changes, Timestamp now) {
  Telling telling(work, now);
  Owners owners(work, changes);
  for (const PortfolioRow& row : changes.portfolios)
    telling.add("portfolio", row, {fmt::format("portfolio_{}", row.portfolio_id)});
  for (const ServiceRow& row : changes.services) {
    std::vector<std::string> rooms = lists("services", row.owner_id);
    rooms.push_back(fmt::format("service_{}", row.service_id));
    telling.add("service", row, std::move(rooms));
  }
  for (const TransactionRow& row : changes.transactions) {
    ARGOSY_TRY(const auto owner, owners.of_service(row.service_id));
    telling.add("transaction", row, lists("transactions", owner));
  }
  for (const OrderRow& row : changes.orders) {
    ARGOSY_TRY(const auto owner, owners.of(row));
    telling.add("order", row, lists("orders", owner));
  }
  for (const HoldingRow& row : changes.holdings)
    telling.add("holding", row, {fmt::format("portfolio_{}", row.portfolio_id)});
  for (const OutboxRow& row : changes.outbox)
    telling.add("notification", core::RecordOf<OutboxRow>::kTold, row, lists("notifications", row.owner_id));
  return telling.write();
}

Result<void> tell_rooms(Transaction& work, std::span<const JobRow> jobs, Timestamp now) {
  Telling telling(work, now);
  for (const JobRow& row : jobs) {
    std::vector<std::string> rooms = lists("jobs", row.owner_id);
    rooms.push_back(fmt::format("job_{}", row.job_id));
    telling.add("job", core::RecordOf<JobRow>::kSummary, row, std::move(rooms));
  }
  return telling.write();
}

Result<void> tell_rooms(Transaction& work, std::span<const InstrumentRow> instruments, Timestamp now) {
  Telling telling(work, now);
  for (const InstrumentRow& row : instruments) {
    const StockRow stock{.id = row.instrument_id,
                         .symbol = row.symbol,
                         .name = row.name,
                         .is_active = row.is_active,
                         .sector = row.sector,
                         .description = row.description};
    telling.add("stock", stock, {"stocks", fmt::format("stock_{}", row.symbol)});
  }
  return telling.write();
}

Result<std::int64_t> last_change(Transaction& work) {
  return number_of(work, "SELECT coalesce(max(change_id), 0) FROM changes");
}

Result<std::int64_t> last_of_room(Transaction& work, const std::string& room) {
  return number_of(work, "SELECT coalesce(max(sequence), 0) FROM changes WHERE room = :room", {room});
}

Result<Kept> changes_after(Transaction& work, const std::string& room, std::int64_t after, std::int64_t most) {
  Kept kept;
  ARGOSY_TRY(kept.last, last_of_room(work, room));
  if (after > kept.last) return kept;
  ARGOSY_TRY(kept.rows,
             select<ChangeRow>(work, "WHERE room = :room AND sequence > :after ORDER BY sequence LIMIT :most",
                               {room, after, most}));
  const std::int64_t first = kept.rows.empty() ? kept.last + 1 : kept.rows.front().sequence;
  const std::int64_t end = kept.rows.empty() ? kept.last : kept.rows.back().sequence;
  kept.is_whole = first == after + 1 && end == kept.last;
  return kept;
}

Result<std::vector<ChangeRow>> all_changes_after(Transaction& work, std::int64_t change_id, std::int64_t most) {
  return select<ChangeRow>(work, "WHERE change_id > :change_id ORDER BY change_id LIMIT :most", {change_id, most});
}

// Room by room, up to the first that is young enough: a clock that was set back leaves no gap.
Result<std::int64_t> remove_old_changes(Transaction& work, Timestamp time, std::int64_t most) {
  std::vector<std::string> rooms;
  constexpr std::array kText = {ColumnType::kText};
  ARGOSY_TRY_VOID(work.query("SELECT DISTINCT room FROM changes WHERE made_at < :time", kText, {stored(time)},
                             [&](const Row& row) -> Result<void> {
                               rooms.push_back(row.text(0));
                               return {};
                             }));
  std::int64_t removed = 0;
  for (const std::string& room : rooms) {
    if (removed >= most) break;
    ARGOSY_TRY(const std::int64_t first,
               number_of(work, "SELECT min(sequence) FROM changes WHERE room = :room", {room}));
    ARGOSY_TRY(const std::int64_t keep,
               number_of(work,
                         "SELECT coalesce((SELECT min(sequence) FROM changes WHERE room = :room AND made_at >= :time), "
                         "(SELECT max(sequence) FROM changes WHERE room = :of_room))",
                         {room, stored(time), room}));
    ARGOSY_TRY(const std::int64_t count, work.execute("DELETE FROM changes WHERE room = :room AND sequence < :keep",
                                                      {room, std::min(keep, first + most - removed)}));
    removed += count;
  }
  return removed;
}

}  // namespace argosy::ledger
