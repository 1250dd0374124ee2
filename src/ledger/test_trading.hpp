// What the tests of the database `ledger` share: one with a user, a portfolio, a service and what it traded.
#pragma once

#include "ledger/changes.hpp"
#include "ledger/holder.hpp"
#include "ledger/instruments.hpp"
#include "ledger/ledger_schema.hpp"
#include "ledger/maintenance.hpp"
#include "ledger/records.hpp"
#include "ledger/requests.hpp"
#include "ledger/test_ledger.hpp"

namespace argosy::ledger {

inline core::Money money(const char* text) { return *core::Money::parse(text); }
inline core::Price price(const char* text) { return *core::Price::parse(text); }
inline core::Quantity quantity(const char* text) { return *core::Quantity::parse(text); }
inline core::Timestamp at(std::int64_t second) { return core::Timestamp(std::chrono::seconds(1'700'000'000 + second)); }

inline CashEntryRow entry(std::int64_t id, std::int64_t seq, CashHolder holder, const char* amount, const char* reason,
                          std::optional<std::int64_t> fill = {}) {
  return {.entry_id = id,
          .journal_seq = seq,
          .time = at(seq),
          .broker_account_id = 1,
          .holder = holder,
          .holder_id = 1,
          .currency = "USD",
          .amount = money(amount),
          .reason = reason,
          .fill_id = fill};
}

inline OrderRow filled_order(std::int64_t id, const char* side, const char* shares, const char* at_price,
                             const char* amount, const char* fee) {
  return {.order_id = id,
          .client_order_id = "abc123-" + std::to_string(id),
          .broker_order_id = "b" + std::to_string(id),
          .broker_account_id = 1,
          .service_id = 1,
          .transaction_id = 1,
          .instrument_id = 1,
          .symbol = "AAPL",
          .side = side,
          .kind = "market",
          .time_in_force = "day",
          .effect = "open",
          .reason = "buy_signal",
          .state = "filled",
          .resting = "accepted",
          .quantity = quantity(shares),
          .filled_quantity = quantity(shares),
          .fill_price = price(at_price),
          .filled_amount = money(amount),
          .fees = money(fee),
          .decision = 2,
          .created_at = at(2),
          .updated_at = at(3)};
}

inline FillRow fill_of(const OrderRow& order, std::int64_t id, const char* shares, const char* at_price,
                       const char* fee) {
  return {.fill_id = id,
          .broker_account_id = order.broker_account_id,
          .broker_fill_id = "f" + std::to_string(id),
          .order_id = order.order_id,
          .service_id = order.service_id,
          .instrument_id = order.instrument_id,
          .symbol = order.symbol,
          .side = order.side,
          .price = price(at_price),
          .quantity = quantity(shares),
          .fee = money(fee),
          .currency = "USD",
          .filled_at = at(id)};
}

// A portfolio is given 100,000, a service 10,000 of it; it buys 50 shares in two fills, for 100 and 101, and sells 20
// for 110, with 1 of fees a fill.
inline Changes traded() {
  Changes changes;
  for (std::int64_t seq = 1; seq <= 5; ++seq)
    changes.journal.push_back({.seq = seq, .time = at(seq), .kind = "test", .payload = "{}", .fencing = 1});
  changes.journal[4].service_id = 1;
  changes.portfolios = {{.portfolio_id = 1,
                         .owner_id = 1,
                         .broker_account_id = 1,
                         .name = "first",
                         .is_default = true,
                         .cash = money("90000"),
                         .created_at = at(0)}};
  changes.services = {{.service_id = 1,
                       .owner_id = 1,
                       .portfolio_id = 1,
                       .broker_account_id = 1,
                       .instrument_id = 1,
                       .name = "apples",
                       .stock_symbol = "AAPL",
                       .state = ServiceState::kActive,
                       .mode = TradingMode::kSell,
                       .initial_balance = money("10000"),
                       .current_balance = money("7167"),
                       .current_shares = quantity("30"),
                       .buy_count = 1,
                       .created_at = at(2),
                       .updated_at = at(5)}};
  changes.transactions = {{.transaction_id = 1,
                           .service_id = 1,
                           .instrument_id = 1,
                           .stock_symbol = "AAPL",
                           .shares = quantity("30"),
                           .purchase_price = price("100.6"),
                           .sale_price = price("110"),
                           .gain_loss = money("188"),
                           .net_gain_loss = money("185"),
                           .purchase_date = at(3),
                           .bought = quantity("50"),
                           .sold = quantity("20"),
                           .purchase_amount = money("5030"),
                           .sale_amount = money("2200"),
                           .fees = money("3")}};
  changes.orders = {filled_order(1, "buy", "50", "100.6", "5030", "2"),
                    filled_order(2, "sell", "20", "110", "2200", "1")};
  changes.fills = {fill_of(changes.orders[0], 1, "20", "100", "1"), fill_of(changes.orders[0], 2, "30", "101", "1"),
                   fill_of(changes.orders[1], 3, "20", "110", "1")};
  changes.cash_entries = {entry(1, 1, CashHolder::kExternal, "-100000", "funding"),
                          entry(2, 1, CashHolder::kPortfolio, "100000", "funding"),
                          entry(3, 2, CashHolder::kPortfolio, "-10000", "allocation"),
                          entry(4, 2, CashHolder::kService, "10000", "allocation"),
                          entry(5, 3, CashHolder::kService, "-2000", "fill", 1),
                          entry(6, 3, CashHolder::kMarket, "2000", "fill", 1),
                          entry(7, 3, CashHolder::kService, "-1", "fee", 1),
                          entry(8, 3, CashHolder::kFees, "1", "fee", 1),
                          entry(9, 4, CashHolder::kService, "-3030", "fill", 2),
                          entry(10, 4, CashHolder::kMarket, "3030", "fill", 2),
                          entry(11, 4, CashHolder::kService, "-1", "fee", 2),
                          entry(12, 4, CashHolder::kFees, "1", "fee", 2),
                          entry(13, 5, CashHolder::kService, "2200", "fill", 3),
                          entry(14, 5, CashHolder::kMarket, "-2200", "fill", 3),
                          entry(15, 5, CashHolder::kService, "-1", "fee", 3),
                          entry(16, 5, CashHolder::kFees, "1", "fee", 3)};
  changes.fundings = {{.funding_id = 1,
                       .portfolio_id = 1,
                       .broker_account_id = 1,
                       .time = at(1),
                       .currency = "USD",
                       .amount = money("100000"),
                       .note = "to begin with"}};
  changes.positions = {{.broker_account_id = 1,
                        .instrument_id = 1,
                        .symbol = "AAPL",
                        .quantity = quantity("30"),
                        .cost = money("3018"),
                        .price = price("110"),
                        .priced_at = at(5),
                        .updated_at = at(5)}};
  changes.holdings = {{.portfolio_id = 1,
                       .instrument_id = 1,
                       .symbol = "AAPL",
                       .quantity = quantity("30"),
                       .cost = money("3018"),
                       .updated_at = at(5)}};
  changes.audit = {{.time = at(1), .actor = "admin", .action = "portfolio.fund", .subject = "1", .after = "100000"},
                   {.time = at(2), .actor = "admin", .action = "service.create", .subject = "1"}};
  return changes;
}

template <class Store>
class TradingFixture : public Store {
 public:
  TradingFixture() {
    auto opened = open_database({.path = ledger_path()}, ledger_schema(), core::system_files(), this->clock);
    if (!opened) {
      ADD_FAILURE() << opened.error().describe();
      return;
    }
    database = *std::move(opened);
    const auto held = take_ledger(*database, {.process = "the test", .now = at(0), .seed = 7});
    if (!held) ADD_FAILURE() << held.error().describe();
    const auto done = database->write([](Transaction& work) -> core::Result<void> {
      const UserRow user{
          .user_id = 1, .username = "admin", .email = "admin@localhost", .role = Role::kAdmin, .created_at = at(0)};
      ARGOSY_TRY_VOID(insert<UserRow>(work, {&user, 1}));
      const InstrumentRow instrument{
          .instrument_id = 1, .symbol = "AAPL", .exchange = "XNAS", .name = "Apple Inc.", .sector = "Technology"};
      ARGOSY_TRY_VOID(insert<InstrumentRow>(work, {&instrument, 1}));
      const BrokerAccountRow account{
          .broker_account_id = 1, .broker = "paper", .masked_number = "****0001", .owner_id = 1, .created_at = at(0)};
      return insert<BrokerAccountRow>(work, {&account, 1});
    });
    if (!done) ADD_FAILURE() << done.error().describe();
  }

 protected:
  [[nodiscard]] std::string ledger_path() const { return this->location_of("ledger"); }
  [[nodiscard]] core::Result<void> write(const Changes& changes, std::int64_t fencing = 1) const {
    return database->write([&](Transaction& work) { return write_changes(work, changes, fencing, at(100)); });
  }
  void write_whole(const Changes& changes) const {
    const auto done = write(changes);
    EXPECT_TRUE(done) << (done ? "" : done.error().describe());
  }
  [[nodiscard]] std::vector<std::string> findings() const {
    const auto report = verify(*database, ledger_schema());
    EXPECT_TRUE(report);
    return report ? report->findings : std::vector<std::string>{"cannot be verified"};
  }
  template <class T>
  [[nodiscard]] std::vector<T> all(const std::string& condition = "") const {
    const auto rows = database->read([&](Transaction& work) { return select<T>(work, condition); });
    EXPECT_TRUE(rows) << (rows ? "" : rows.error().describe());
    return rows ? *rows : std::vector<T>();
  }

  std::unique_ptr<Database> database;
};

// Its tests, in several files, are run on each kind of database: ledger_schema_test.cpp says so.
class TradingTest : public TradingFixture<StoreTest> {};

}  // namespace argosy::ledger
