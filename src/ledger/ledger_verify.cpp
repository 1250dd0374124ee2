#include "ledger/ledger_verify.hpp"

#include <fmt/format.h>

#include <array>
#include <functional>
#include <map>
#include <utility>

#include "ledger/audit.hpp"
#include "ledger/orders.hpp"
#include "ledger/records.hpp"
#include "ledger/services.hpp"

namespace argosy::ledger {

using core::Money;
using core::Quantity;
using core::Result;

namespace {

using Findings = std::vector<std::string>;

Money money(const Row& row, std::size_t column) { return Money::from_units(row.integer(column)); }
Quantity shares(const Row& row, std::size_t column) { return Quantity::from_units(row.integer(column)); }

// Each row of the query is a finding, put in words by `say`.
template <std::size_t kColumns>
Result<void> find(Transaction& work, const std::string& sql, const std::array<ColumnType, kColumns>& types,
                  Findings& findings, const std::function<std::string(const Row&)>& say) {
  return work.query(sql, types, {}, [&](const Row& row) -> Result<void> {
    findings.push_back(say(row));
    return {};
  });
}

// A row's balance and the sum of the entries of its holder, in its currency.
Result<void> check_balance(Transaction& work, std::string_view table, std::string_view key, std::string_view column,
                           std::string_view holder, Findings& findings) {
  constexpr std::array kTypes = {ColumnType::kInteger, ColumnType::kInteger, ColumnType::kInteger};
  const std::string sql = fmt::format(
      "SELECT t.{1}, t.{2}, CAST(coalesce(b.amount, 0) AS BIGINT) FROM {0} t LEFT JOIN cash_balances b ON b.holder = "
      "'{3}' AND b.holder_id = t.{1} AND b.currency = t.currency WHERE t.{2} <> coalesce(b.amount, 0) ORDER BY t.{1}",
      table, key, column, holder);
  ARGOSY_TRY_VOID(find(work, sql, kTypes, findings, [&](const Row& row) {
    return fmt::format("{} {}: {} is {}, its entries add up to {}", table, row.integer(0), column,
                       money(row, 1).to_string(), money(row, 2).to_string());
  }));
  // Money of a holder that is not there, or in a currency that its row has no place for.
  constexpr std::array kStray = {ColumnType::kInteger, ColumnType::kText, ColumnType::kInteger};
  const std::string stray = fmt::format(
      "SELECT b.holder_id, b.currency, b.amount FROM cash_balances b LEFT JOIN {0} t ON t.{1} = b.holder_id AND "
      "t.currency = b.currency WHERE b.holder = '{2}' AND t.{1} IS NULL AND b.amount <> 0 ORDER BY b.holder_id",
      table, key, holder);
  return find(work, stray, kStray, findings, [&](const Row& row) {
    return fmt::format("cash_entries: {} {} has {} {} that no row of {} shows", holder, row.integer(0),
                       money(row, 2).to_string(), row.text(1), table);
  });
}

Result<void> check_money(Transaction& work, Findings& findings) {
  ARGOSY_TRY_VOID(check_balance(work, "trading_services", "service_id", "current_balance", "service", findings));
  ARGOSY_TRY_VOID(check_balance(work, "portfolios", "portfolio_id", "cash", "portfolio", findings));
  ARGOSY_TRY_VOID(check_balance(work, "portfolios", "portfolio_id", "money_market", "money_market", findings));
  constexpr std::array kGroup = {ColumnType::kInteger, ColumnType::kText, ColumnType::kInteger};
  ARGOSY_TRY_VOID(
      find(work,
           "SELECT journal_seq, currency, CAST(sum(amount) AS BIGINT) FROM cash_entries GROUP BY journal_seq, currency "
           "HAVING sum(amount) <> 0 ORDER BY journal_seq",
           kGroup, findings, [](const Row& row) {
             return fmt::format("cash_entries: those of journal row {} add up to {} {}, not to 0", row.integer(0),
                                money(row, 2).to_string(), row.text(1));
           }));
  // What came from outside is what was deposited and not withdrawn.
  constexpr std::array kFunding = {ColumnType::kInteger, ColumnType::kText, ColumnType::kInteger, ColumnType::kInteger};
  return find(work,
              "SELECT broker_account_id, currency, CAST(sum(funded) AS BIGINT), CAST(-sum(entered) AS BIGINT) FROM "
              "(SELECT broker_account_id, currency, amount AS funded, 0 AS entered FROM fundings UNION ALL "
              "SELECT broker_account_id, currency, 0, amount FROM cash_entries WHERE holder = 'external') AS parts "
              "GROUP BY broker_account_id, currency HAVING sum(funded) + sum(entered) <> 0 ORDER BY broker_account_id",
              kFunding, findings, [](const Row& row) {
                return fmt::format(
                    "fundings: those of broker account {} add up to {} {}, the entries from outside to {}",
                    row.integer(0), money(row, 2).to_string(), row.text(1), money(row, 3).to_string());
              });
}

// Positions by broker account, holdings by portfolio: each is what services hold, and what belongs to none.
Result<void> check_shares(Transaction& work, std::string_view table, std::string_view key, Findings& findings) {
  constexpr std::array kTypes = {ColumnType::kInteger, ColumnType::kInteger, ColumnType::kInteger, ColumnType::kInteger,
                                 ColumnType::kInteger};
  const std::string sql = fmt::format(
      "SELECT {1}, instrument_id, CAST(sum(quantity) AS BIGINT), CAST(sum(held) AS BIGINT), CAST(sum(unassigned) AS "
      "BIGINT) FROM (SELECT {1}, instrument_id, quantity, 0 AS held, unassigned FROM {0} UNION ALL "
      "SELECT {1}, instrument_id, 0, current_shares, 0 FROM trading_services) AS parts GROUP BY {1}, instrument_id "
      "HAVING sum(quantity) <> sum(held) + sum(unassigned) ORDER BY {1}, instrument_id",
      table, key);
  return find(work, sql, kTypes, findings, [&](const Row& row) {
    return fmt::format("{}: {} {} has {} of instrument {}, its services {} and nobody {}", table, key, row.integer(0),
                       shares(row, 2).to_string(), row.integer(1), shares(row, 3).to_string(),
                       shares(row, 4).to_string());
  });
}

// What fills add up to.
struct Filled {
  Quantity quantity;
  Money amount;
  Money fees;
  std::int64_t count = 0;

  void add(const Filled& other) {
    quantity += other.quantity;
    amount += other.amount;
    fees += other.fees;
    count += other.count;
  }
};

// Each fill's amount is rounded once, by whoever books it: a unit a fill may lie between two ways.
bool agrees(Money stored, const Filled& filled) {
  const std::int64_t difference = (stored - filled.amount).units();
  return difference >= -filled.count && difference <= filled.count;
}

Result<std::map<std::int64_t, Filled>> fills_by_order(Transaction& work) {
  constexpr std::array kTypes = {ColumnType::kInteger, ColumnType::kInteger, ColumnType::kInteger,
                                 ColumnType::kInteger};
  std::map<std::int64_t, Filled> orders;
  ARGOSY_TRY_VOID(
      work.query("SELECT order_id, price, quantity, fee FROM fills", kTypes, {}, [&](const Row& row) -> Result<void> {
        const Quantity quantity = shares(row, 2);
        orders[row.integer(0)].add(
            {.quantity = quantity,
             .amount = core::notional(core::Price::from_units(row.integer(1)), quantity, core::Rounding::kHalfEven),
             .fees = money(row, 3),
             .count = 1});
        return {};
      }));
  return orders;
}

void say(Findings& findings, const std::string& row, std::string_view column, const auto& stored, const auto& fills) {
  findings.push_back(
      fmt::format("{}: {} is {}, its fills make {}", row, column, stored.to_string(), fills.to_string()));
}

// The two sides of each transaction, of the fills of its orders.
using Sides = std::map<std::int64_t, std::array<Filled, 2>>;

Result<Sides> check_orders(Transaction& work, Findings& findings) {
  ARGOSY_TRY(auto fills, fills_by_order(work));
  Sides sides;
  constexpr std::array kTypes = {ColumnType::kInteger, ColumnType::kInteger, ColumnType::kInteger,
                                 ColumnType::kInteger, ColumnType::kInteger, ColumnType::kText};
  ARGOSY_TRY_VOID(
      work.query("SELECT order_id, filled_quantity, filled_amount, fees, transaction_id, side FROM orders "
                 "ORDER BY order_id",
                 kTypes, {}, [&](const Row& row) -> Result<void> {
                   const Filled& filled = fills[row.integer(0)];
                   const std::string name = fmt::format("orders {}", row.integer(0));
                   if (shares(row, 1) != filled.quantity)
                     say(findings, name, "filled_quantity", shares(row, 1), filled.quantity);
                   if (!agrees(money(row, 2), filled))
                     say(findings, name, "filled_amount", money(row, 2), filled.amount);
                   if (money(row, 3) != filled.fees) say(findings, name, "fees", money(row, 3), filled.fees);
                   if (!row.is_null(4)) sides[row.integer(4)][row.text(5) == "buy" ? 0 : 1].add(filled);
                   return {};
                 }));
  return sides;
}

// What services were paid for shares that passed to their portfolio: it completes a transaction without a fill.
Result<std::map<std::int64_t, Money>> completions(Transaction& work) {
  constexpr std::array kTypes = {ColumnType::kInteger, ColumnType::kInteger};
  std::map<std::int64_t, Money> paid;
  ARGOSY_TRY_VOID(work.query(
      "SELECT holder_id, CAST(sum(amount) AS BIGINT) FROM cash_entries WHERE holder = 'service' AND reason = "
      "'completion' GROUP BY holder_id",
      kTypes, {}, [&](const Row& row) -> Result<void> {
        paid[row.integer(0)] = money(row, 1);
        return {};
      }));
  return paid;
}

Result<void> check_transactions(Transaction& work, const Sides& sides, Findings& findings) {
  ARGOSY_TRY(const auto paid, completions(work));
  std::map<std::int64_t, Money> completed;  // of each service, by its transactions
  ARGOSY_TRY(const auto rows, select<TransactionRow>(work, "ORDER BY transaction_id"));
  for (const TransactionRow& row : rows) {
    const auto found = sides.find(row.transaction_id);
    const auto& [bought, sold] = found == sides.end() ? std::array<Filled, 2>() : found->second;
    const std::string name = fmt::format("trading_transactions {}", row.transaction_id);
    if (row.bought != bought.quantity) say(findings, name, "bought", row.bought, bought.quantity);
    if (!agrees(row.purchase_amount, bought))
      say(findings, name, "purchase_amount", row.purchase_amount, bought.amount);
    if (row.fees != bought.fees + sold.fees) say(findings, name, "fees", row.fees, bought.fees + sold.fees);
    const bool by_hand = row.state == TransactionState::kClosed && row.sold > sold.quantity;
    if (by_hand) {
      completed[row.service_id] += row.sale_amount - sold.amount;
    } else {
      if (row.sold != sold.quantity) say(findings, name, "sold", row.sold, sold.quantity);
      if (!agrees(row.sale_amount, sold)) say(findings, name, "sale_amount", row.sale_amount, sold.amount);
    }
    const Quantity held = row.state == TransactionState::kOpen ? row.bought - row.sold : row.sold;
    if (row.shares != held)
      findings.push_back(fmt::format("{}: shares is {}, not {}", name, row.shares.to_string(), held.to_string()));
  }
  for (const auto& [service, amount] : paid) completed[service] -= amount;
  for (const auto& [service, amount] : completed) {
    if (amount == Money()) continue;
    findings.push_back(
        fmt::format("trading_services {}: transactions closed by hand and entries of completion differ "
                    "by {}",
                    service, amount.to_string()));
  }
  // The open transaction has the shares.
  constexpr std::array kTypes = {ColumnType::kInteger, ColumnType::kInteger, ColumnType::kInteger};
  return find(work,
              "SELECT s.service_id, s.current_shares, CAST(coalesce(t.shares, 0) AS BIGINT) FROM trading_services s "
              "LEFT JOIN (SELECT service_id, sum(bought - sold) AS shares FROM trading_transactions GROUP BY "
              "service_id) t ON t.service_id = s.service_id WHERE s.current_shares <> coalesce(t.shares, 0) "
              "ORDER BY s.service_id",
              kTypes, findings, [](const Row& row) {
                return fmt::format("trading_services {}: current_shares is {}, its transactions hold {}",
                                   row.integer(0), shares(row, 1).to_string(), shares(row, 2).to_string());
              });
}

// The entries of each fill of a service: what was paid or received, and the fee. Only where nothing was converted.
Result<void> check_entries_of_fills(Transaction& work, Findings& findings) {
  constexpr std::array kTypes = {ColumnType::kInteger, ColumnType::kText,    ColumnType::kInteger,
                                 ColumnType::kInteger, ColumnType::kInteger, ColumnType::kInteger};
  return work.query(
      "SELECT f.fill_id, f.side, f.price, f.quantity, f.fee, CAST(coalesce(sum(e.amount), 0) AS BIGINT) FROM fills f "
      "JOIN trading_services s ON s.service_id = f.service_id AND s.currency = f.currency LEFT JOIN cash_entries e ON "
      "e.fill_id = f.fill_id AND e.holder = 'service' AND e.holder_id = f.service_id WHERE f.rate = 1000000000 GROUP "
      "BY f.fill_id, f.side, f.price, f.quantity, f.fee ORDER BY f.fill_id",
      kTypes, {}, [&](const Row& row) -> Result<void> {
        const Money amount =
            core::notional(core::Price::from_units(row.integer(2)), shares(row, 3), core::Rounding::kHalfEven);
        const Money expected = (row.text(1) == "buy" ? -amount : amount) - money(row, 4);
        const std::int64_t difference = (money(row, 5) - expected).units();
        if (difference < -1 || difference > 1) {
          findings.push_back(fmt::format("fills {}: its service was booked {}, not {}", row.integer(0),
                                         money(row, 5).to_string(), expected.to_string()));
        }
        return {};
      });
}

Result<void> check_journal(Transaction& work, Findings& findings) {
  constexpr std::array kOne = {ColumnType::kInteger};
  constexpr std::array kTwo = {ColumnType::kInteger, ColumnType::kInteger};
  ARGOSY_TRY_VOID(find(work,
                       "SELECT j.seq - 1 FROM journal j WHERE j.seq > 1 AND NOT EXISTS (SELECT 1 FROM journal k WHERE "
                       "k.seq = j.seq - 1) ORDER BY j.seq",
                       kOne, findings,
                       [](const Row& row) { return fmt::format("journal: row {} is missing", row.integer(0)); }));
  ARGOSY_TRY_VOID(find(work,
                       "SELECT j.seq, j.fencing FROM journal j JOIN journal k ON k.seq = j.seq - 1 WHERE j.fencing < "
                       "k.fencing ORDER BY j.seq",
                       kTwo, findings, [](const Row& row) {
                         return fmt::format("journal: row {} was written by holder {}, after the next one had begun",
                                            row.integer(0), row.integer(1));
                       }));
  return find(work,
              "SELECT order_id, decision FROM orders WHERE decision <> 0 AND NOT EXISTS (SELECT 1 FROM journal WHERE "
              "seq = decision) ORDER BY order_id",
              kTwo, findings, [](const Row& row) {
                return fmt::format("orders {}: its decision, journal row {}, is not there", row.integer(0),
                                   row.integer(1));
              });
}

// The table itself refuses a second one; a file whose index was damaged and made anew may hold two.
Result<void> check_client_ids(Transaction& work, Findings& findings) {
  constexpr std::array kTypes = {ColumnType::kText, ColumnType::kInteger};
  return find(work,
              "SELECT client_order_id, count(*) FROM orders GROUP BY client_order_id HAVING count(*) > 1 ORDER BY "
              "client_order_id",
              kTypes, findings, [](const Row& row) {
                return fmt::format("orders: {} rows have the client order id {}", row.integer(1), row.text(0));
              });
}

}  // namespace

Result<std::vector<std::string>> verify_ledger(Transaction& work) {
  Findings findings;
  ARGOSY_TRY_VOID(check_money(work, findings));
  ARGOSY_TRY_VOID(check_shares(work, "positions", "broker_account_id", findings));
  ARGOSY_TRY_VOID(check_shares(work, "holdings", "portfolio_id", findings));
  ARGOSY_TRY(const Sides sides, check_orders(work, findings));
  ARGOSY_TRY_VOID(check_transactions(work, sides, findings));
  ARGOSY_TRY_VOID(check_entries_of_fills(work, findings));
  ARGOSY_TRY_VOID(check_journal(work, findings));
  ARGOSY_TRY_VOID(check_client_ids(work, findings));
  ARGOSY_TRY(const Findings chain, verify_audit(work));
  findings.insert(findings.end(), chain.begin(), chain.end());
  return findings;
}

}  // namespace argosy::ledger
