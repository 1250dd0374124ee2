// Each fault that is planted into a ledger that is whole is found, and told with the row that it is in.
#include "ledger/ledger_verify.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ledger/test_trading.hpp"

namespace argosy::ledger {
namespace {

struct Fault {
  const char* statement;
  const char* finding;  // one of them
};

constexpr Fault kFaults[] = {
    Fault{"UPDATE trading_services SET current_balance = current_balance + 1",
          "trading_services 1: current_balance is 7167.000001, its entries add up to 7167"},
    Fault{"UPDATE portfolios SET cash = 0", "portfolios 1: cash is 0, its entries add up to 90000"},
    Fault{"UPDATE portfolios SET money_market = 5000000", "portfolios 1: money_market is 5, its entries add up to 0"},
    Fault{"UPDATE cash_entries SET amount = amount - 1000000 WHERE entry_id = 6",
          "cash_entries: those of journal row 3 add up to -1 USD, not to 0"},
    Fault{"DELETE FROM cash_entries WHERE entry_id = 16",
          "cash_entries: those of journal row 5 add up to -1 USD, not to 0"},
    Fault{"UPDATE cash_entries SET currency = 'EUR' WHERE entry_id IN (9, 10)",
          "cash_entries: service 1 has -3030 EUR that no row of trading_services shows"},
    Fault{"UPDATE cash_entries SET holder_id = 9 WHERE entry_id = 4",
          "cash_entries: service 9 has 10000 USD that no row of trading_services shows"},
    Fault{"DELETE FROM fundings", "fundings: those of broker account 1 add up to 0 USD, their entries to 100000"},
    Fault{"UPDATE positions SET quantity = quantity + 1000000000",
          "positions: broker_account_id 1 has 31 of instrument 1, its services 30 and nobody 0"},
    Fault{"DELETE FROM positions",
          "positions: broker_account_id 1 has 0 of instrument 1, its services 30 and nobody 0"},
    Fault{"UPDATE holdings SET unassigned = 1000000000",
          "holdings: portfolio_id 1 has 30 of instrument 1, its services 30 and nobody 1"},
    Fault{"UPDATE trading_services SET current_shares = 0",
          "trading_services 1: current_shares is 0, its fills make 30, its transactions 30"},
    Fault{"UPDATE orders SET filled_quantity = 0 WHERE order_id = 2",
          "orders 2: filled_quantity is 0, its fills make 20"},
    Fault{"UPDATE orders SET filled_amount = filled_amount + 1 WHERE order_id = 1",
          "orders 1: filled_amount is 5030.000001, its fills make 5030"},
    Fault{"UPDATE orders SET fees = 0 WHERE order_id = 1", "orders 1: fees is 0, its fills make 2"},
    Fault{"DELETE FROM cash_entries WHERE fill_id = 3", "fills 3: its holder was booked 0, not 2199"},
    Fault{"UPDATE trading_transactions SET bought = 0", "trading_transactions 1: bought is 0, its fills make 50"},
    Fault{"UPDATE trading_transactions SET purchase_amount = 0",
          "trading_transactions 1: purchase_amount is 0, its fills make 5030"},
    Fault{"UPDATE trading_transactions SET sold = 30000000000, shares = 20000000000",
          "trading_transactions 1: sold is 30, its fills make 20"},
    Fault{"UPDATE trading_transactions SET sale_amount = 1",
          "trading_transactions 1: sale_amount is 0.000001, its fills make 2200"},
    Fault{"UPDATE trading_transactions SET fees = 0", "trading_transactions 1: fees is 0, its fills make 3"},
    Fault{"UPDATE trading_transactions SET shares = 0", "trading_transactions 1: shares is 0, not 30"},
    Fault{"UPDATE trading_transactions SET gain_loss = 0", "trading_transactions 1: gain_loss is 0, not 188"},
    Fault{"UPDATE trading_transactions SET net_gain_loss = 0", "trading_transactions 1: net_gain_loss is 0, not 185"},
    Fault{"UPDATE trading_services SET total_gain_loss = 1000000",
          "trading_services 1: total_gain_loss is 1, its closed transactions make 0"},
    Fault{"UPDATE fills SET service_id = NULL WHERE fill_id = 3",
          "trading_services 1: its transactions and its fills do not add up to the same"},
    Fault{
        "INSERT INTO booked_actions VALUES (1, 1, 'AAPL', 0, 'split', 2, 1, 0, 0, 30000000000, 60000000000, 0, 'USD', "
        "1, 0, '', 1, 0)",
        "booked_actions: a split of AAPL made 60 of 30, its holders 0 of 0"},
    Fault{"INSERT INTO journal VALUES (7, 0, 'test', NULL, NULL, '', 1)", "journal: row 6 is missing"},
    Fault{"UPDATE journal SET fencing = 2 WHERE seq = 3",
          "journal: row 4 was written by holder 1, after the next one had begun"},
    Fault{"DELETE FROM holder", "holder: the last one's number is 0, and journal row 5 was written by 1"},
    Fault{"UPDATE orders SET decision = 99 WHERE order_id = 2", "orders 2: its decision, journal row 99, is not there"},
    Fault{"UPDATE audit_log SET actor = 'somebody' WHERE seq = 1", "audit_log: row 1 was changed"}};

// Each is planted in a unit of work that is taken back.
TEST_P(TradingTest, EachPlantedFaultIsFound) {
  write_whole(traded());
  ASSERT_EQ(findings(), std::vector<std::string>{});
  for (const Fault& fault : kFaults) {
    std::vector<std::string> found;
    const auto taken_back = database->write([&](Transaction& work) -> core::Result<void> {
      ARGOSY_TRY_VOID(work.execute(fault.statement));
      ARGOSY_TRY(found, verify_ledger(work));
      return core::fail(core::ErrorCode::kLimit, "the next fault begins with what was there");
    });
    EXPECT_EQ(taken_back.error().code, core::ErrorCode::kLimit) << taken_back.error().describe();
    EXPECT_THAT(found, testing::Contains(fault.finding)) << fault.statement;
  }
}

// A transaction that was completed by hand agrees with its fills and the entries of its completion.
TEST_P(TradingTest, ATransactionCompletedByHandIsWhole) {
  Changes changes = traded();
  changes.transactions[0].state = TransactionState::kClosed;
  changes.transactions[0].sold = changes.transactions[0].shares = quantity("50");
  changes.transactions[0].sale_amount = money("5500");
  changes.journal.push_back({.seq = 6, .time = at(6), .kind = "complete", .payload = "{}", .fencing = 1});
  changes.cash_entries.push_back(entry(17, 6, CashHolder::kPortfolio, "-3300", "completion"));
  changes.cash_entries.push_back(entry(18, 6, CashHolder::kService, "3300", "completion"));
  changes.portfolios[0].cash = money("86700");
  changes.services[0].current_balance = money("10467");
  changes.services[0].current_shares = quantity("0");
  changes.services[0].total_gain_loss = money("467");
  changes.transactions[0].gain_loss = money("470");
  changes.transactions[0].net_gain_loss = money("467");
  changes.positions[0].unassigned = changes.holdings[0].unassigned = quantity("30");
  write_whole(changes);
  EXPECT_EQ(findings(), std::vector<std::string>{});
  // Without the entries of the completion the shares have gone nowhere.
  ASSERT_TRUE(run_sql(*database, "DELETE FROM cash_entries WHERE reason = 'completion'"));
  EXPECT_THAT(findings(), testing::Contains("trading_services 1: current_shares is 0, its fills make 30, its "
                                            "transactions 0"));
}

// An order that is filled further after its transaction was closed has fills in two of them.
TEST_P(TradingTest, AnOrderMayBeFilledForTwoTransactions) {
  Changes changes = traded();
  changes.transactions[0].state = TransactionState::kClosed;
  changes.transactions[0].shares = changes.transactions[0].bought = quantity("20");
  changes.transactions[0].purchase_amount = money("2000");
  changes.transactions[0].fees = money("2");
  changes.transactions[0].gain_loss = money("200");
  changes.transactions[0].net_gain_loss = money("198");
  changes.transactions.push_back({.transaction_id = 2,
                                  .service_id = 1,
                                  .instrument_id = 1,
                                  .stock_symbol = "AAPL",
                                  .shares = quantity("30"),
                                  .purchase_price = price("101"),
                                  .bought = quantity("30"),
                                  .purchase_amount = money("3030"),
                                  .fees = money("1")});
  changes.transactions[1].net_gain_loss = money("-1");
  changes.orders[0].transaction_id = 2;
  changes.services[0].total_gain_loss = money("198");
  write_whole(changes);
  EXPECT_EQ(findings(), std::vector<std::string>{});
}

}  // namespace
}  // namespace argosy::ledger
