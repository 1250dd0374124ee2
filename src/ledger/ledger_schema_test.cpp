// What the tables of the database `ledger` refuse by themselves, whoever writes to them.
#include "ledger/ledger_schema.hpp"

#include <gtest/gtest.h>

#include "ledger/jobs.hpp"
#include "ledger/test_trading.hpp"

namespace argosy::ledger {
namespace {

using core::ErrorCode;

ARGOSY_ON_EACH_STORE(TradingTest);

constexpr const char* kRefused[] = {
    "INSERT INTO users VALUES (2, 'admin', 'b@localhost', '', 'viewer', 1, NULL, 0, 0)",
    "INSERT INTO users VALUES (2, 'b', 'admin@localhost', '', 'viewer', 1, NULL, 0, 0)",
    "UPDATE users SET role = 'king'",
    "UPDATE users SET username = ''",
    "UPDATE users SET is_active = 2",
    R"(INSERT INTO users
VALUES (2, '012345678901234567890123456789012345678901234567890', 'b', '', 'viewer', 1, NULL, 0, 0))",
    "INSERT INTO instruments VALUES (2, 'AAPL', 'XNAS', 'USD', 'stock', 1, 1, 0, 0, '', '', '', 1, 0)",
    "INSERT INTO instruments VALUES (2, 'AAPL.......TOO.LONG.', 'XNAS', 'USD', 'stock', 0, 1, 0, 0, '', '', '', 1, 0)",
    "INSERT INTO instruments VALUES (2, 'AAPLAAPLAAPLAAPLAAPLA', 'X', 'USD', 'stock', 1, 1, 0, 0, '', '', '', 1, 0)",
    "UPDATE instruments SET currency = 'DOLLAR'",
    "UPDATE instruments SET lot = 0",
    "INSERT INTO exchange_rates VALUES ('EUR', 'USD', 0, 0, 'test')",
    "INSERT INTO strategies VALUES (1, 9, 'name', '', 1, 0, 0)",
    "UPDATE broker_accounts SET environment = 'dream'",
    "INSERT INTO portfolios VALUES (2, 1, 1, 'first', 0, 'USD', 0, 0, 0, NULL)",
    "INSERT INTO portfolios VALUES (2, 1, 1, 'second', 1, 'USD', 0, 0, 0, NULL)",
    "INSERT INTO portfolios VALUES (2, 1, 9, 'second', 0, 'USD', 0, 0, 0, NULL)",
    "DELETE FROM portfolios",
    "UPDATE trading_services SET state = 'BROKEN'",
    "UPDATE trading_services SET mode = 'WAIT'",
    "UPDATE trading_services SET minimum_balance = -1",
    "UPDATE trading_services SET initial_balance = -1",
    "UPDATE trading_services SET allocation_percent = 100000000001",
    "UPDATE trading_services SET interval_seconds = 0",
    "UPDATE trading_services SET instrument_id = 9",
    "UPDATE trading_transactions SET state = 'LOST'",
    "UPDATE trading_transactions SET state = 'CANCELLED'",
    R"(INSERT INTO trading_transactions SELECT 2, service_id, instrument_id, stock_symbol, shares, state,
purchase_price, sale_price, gain_loss, net_gain_loss, purchase_date, sale_date, notes, bought, sold,
purchase_amount, sale_amount, fees, currency_digits, quoted_amount FROM trading_transactions)",
    "UPDATE orders SET client_order_id = 'abc123-1' WHERE order_id = 2",
    "UPDATE orders SET client_order_id = ''",
    "UPDATE orders SET state = 'somewhere'",
    "UPDATE orders SET side = 'both'",
    "UPDATE orders SET quantity = -1",
    "UPDATE orders SET service_id = 9",
    "DELETE FROM orders WHERE order_id = 1",
    "UPDATE fills SET broker_fill_id = 'f1' WHERE fill_id = 2",
    "UPDATE fills SET quantity = 0",
    "UPDATE fills SET order_id = 9",
    "UPDATE cash_entries SET journal_seq = 9",
    "UPDATE cash_entries SET holder = 'nobody'",
    "UPDATE cash_entries SET fill_id = 9",
    "UPDATE fundings SET amount = 0",
    "INSERT INTO journal VALUES (5, 0, 'test', NULL, NULL, '', 1)",
    "INSERT INTO journal VALUES (0, 0, 'test', NULL, NULL, '', 1)",
    "UPDATE positions SET instrument_id = 9",
    "UPDATE positions SET rate = 0",
    "UPDATE holdings SET portfolio_id = 9",
    "INSERT INTO booked_actions VALUES (1, 1, 'AAPL', 0, 'merger', 1, 1, 0, 0, 0, 0, 0, 'USD', 1, 0, '', 1, 0)",
    "INSERT INTO booked_actions VALUES (1, 1, 'AAPL', 0, 'split', 0, 1, 0, 0, 0, 0, 0, 'USD', 1, 0, '', 1, 0)",
    "INSERT INTO booked_actions VALUES (1, 1, 'AAPL', 0, 'split', 2, 1, 0, 0, 0, 0, 0, 'USD', 1, 0, '', 9, 0)",
    "INSERT INTO booked_actions VALUES (1, 9, 'AAPL', 0, 'split', 2, 1, 0, 0, 0, 0, 0, 'USD', 1, 0, '', 1, 0)",
    "INSERT INTO action_shares VALUES (1, 1, 0, 'split', 'service', 1, 0, 0, 0, 'USD')",
    "INSERT INTO holder VALUES (2, 'abcdef', 1, '', 0)",
    "UPDATE holder SET fencing = 0",
    "INSERT INTO order_requests VALUES (1, 'k', 'close', '', '', 0, 'NEW', 5, '')",
    "INSERT INTO order_requests VALUES (1, 'k', 'close', '', '', 0, 'DONE', NULL, '')",
    "INSERT INTO service_commands VALUES (1, 'k', 'close', '', '', 0, 'PERHAPS', 5, '')",
    "INSERT INTO outbox VALUES (1, 0, 'log', 'loud', '', '', 0, NULL, '', NULL)",
    "INSERT INTO outbox VALUES (1, 0, 'log', 'info', '', '', 0, NULL, '', 9)",
    "INSERT INTO changes VALUES (900, 'services', 1, '{}', 0)",
    "UPDATE changes SET sequence = 0 WHERE room = 'services'",
    "UPDATE changes SET room = ''",
    "INSERT INTO risk_limits VALUES ('all', 'AAPL', 'max', '1', 0, '', 0)",
    "INSERT INTO risk_limits VALUES ('some', '', 'max', '1', 0, '', 0)",
    "INSERT INTO kill_switches VALUES (1, 'portfolio', '1', 'orders', '', '', 0, 0, 0, NULL, '')",
    "INSERT INTO kill_switches VALUES (1, 'all', '', 'nothing', '', '', 0, 0, 0, NULL, '')",
    "INSERT INTO daily_pnl VALUES ('world', 1, 0, 'USD', 0, 0, 0, 0)",
    "INSERT INTO equity_snapshots VALUES ('service', 1, 0, 'USD', 3, 1, 1)",
    R"(INSERT INTO jobs SELECT 2, owner_id, type, parameters, unique_key, priority, state, progress, progress_text,
       attempts, most_attempts, most_seconds, next_try_at, deadline, cancel_requested, reason, worker, heartbeat,
       created_at, started_at, ended_at, result, log FROM jobs)",
    "UPDATE users SET password_is_once = 2",
    "INSERT INTO sessions VALUES ('s', 99, 0, 0, 0, NULL, '', '')",
    "INSERT INTO refresh_tokens VALUES ('no hash', 's', 0, NULL)",
    "INSERT INTO api_keys VALUES (1, 1, 'k', 'abcd', 'no hash', 'read', 0, NULL, NULL, 0)",
    "INSERT INTO approvals VALUES (1, 'k', '', '', 1, '', 0, 9, 'WAITING', NULL, '', 5, '')",
    "INSERT INTO approvals VALUES (1, 'k', '', '', 1, '', 0, 9, 'APPROVED', 1, '', 5, '')",
    "INSERT INTO approvals VALUES (1, 'k', '', '', 99, '', 0, 9, 'WAITING', NULL, '', NULL, '')",
    "INSERT INTO transaction_notes VALUES (1, 1, 'a', '', 0)",
    "INSERT INTO transaction_notes VALUES (1, 99, 'a', 'text', 0)",
    "UPDATE orders SET replaces = 99",
    "UPDATE orders SET wanted_quantity = 0",
    "UPDATE jobs SET state = 'LOST'",
    "UPDATE jobs SET state = 'RUNNING'",
    "UPDATE jobs SET worker = 'somebody'",
    "UPDATE jobs SET state = 'DONE'",
    "UPDATE jobs SET ended_at = 5",
    "UPDATE jobs SET owner_id = 9",
    "UPDATE jobs SET type = ''",
    "UPDATE jobs SET unique_key = ''",
    "UPDATE jobs SET progress = 1.5",
    "UPDATE jobs SET attempts = 4",
    "UPDATE jobs SET most_seconds = 0"};

TEST_P(TradingTest, WhatCannotBeIsRefusedByTheTables) {
  write_whole(traded());
  JobRow job;
  job.job_id = 1;
  job.owner_id = 1;
  job.type = "backtest";
  job.unique_key = "key";
  job.most_attempts = 3;
  const auto posted = database->write([&](Transaction& work) { return insert<JobRow>(work, {&job, 1}); });
  ASSERT_TRUE(posted) << posted.error().describe();
  for (const char* statement : kRefused) {
    const auto refused = run_sql(*database, statement);
    ASSERT_FALSE(refused) << statement;
    EXPECT_EQ(refused.error().code, ErrorCode::kConflict) << refused.error().describe();
  }
  EXPECT_EQ(findings(), std::vector<std::string>{});
}

}  // namespace
}  // namespace argosy::ledger
