#include "ledger/ledger_verify.hpp"

#include <fmt/format.h>

#include <array>
#include <functional>
#include <map>
#include <set>
#include <utility>

#include "ledger/actions.hpp"
#include "ledger/audit.hpp"
#include "ledger/orders.hpp"
#include "ledger/records.hpp"
#include "ledger/services.hpp"
#include "market/exchange_rate.hpp"

namespace argosy::ledger {

using core::Money;
using core::Quantity;
using core::Result;
using core::Rounding;

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
              "SELECT broker_account_id, currency, 0, amount FROM cash_entries WHERE holder = 'external' AND reason = "
              "'funding') AS parts "
              "GROUP BY broker_account_id, currency HAVING sum(funded) + sum(entered) <> 0 ORDER BY broker_account_id",
              kFunding, findings, [](const Row& row) {
                return fmt::format("fundings: those of broker account {} add up to {} {}, their entries to {}",
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

// What fills add up to: in the instrument's currency, and as it was paid from and to their holder.
struct Filled {
  Quantity quantity;
  Money amount;
  Money fee;
  Money paid;
  Money fee_paid;

  void add(const Filled& other) {
    quantity += other.quantity;
    amount += other.amount;
    fee += other.fee;
    paid += other.paid;
    fee_paid += other.fee_paid;
  }
};
using Sides = std::array<Filled, 2>;  // bought, sold

struct FillSums {
  std::map<std::int64_t, Filled> orders;
  std::map<std::int64_t, Sides> transactions;  // by the transaction that an order says
  std::map<std::int64_t, Sides> services;
};

constexpr std::array kFillTypes = {
    ColumnType::kInteger, ColumnType::kInteger, ColumnType::kInteger, ColumnType::kInteger, ColumnType::kInteger,
    ColumnType::kInteger, ColumnType::kText,    ColumnType::kInteger, ColumnType::kInteger, ColumnType::kInteger};

// The rule of rounding is that of the books: each fill's amount half to even.
Filled filled_by(const Row& row) {
  const market::ExchangeRate rate{.quote = core::Price::from_units(row.integer(4)), .inverse = row.integer(5) != 0};
  Filled filled{.quantity = shares(row, 2), .fee = money(row, 3)};
  filled.amount = core::notional(core::Price::from_units(row.integer(1)), filled.quantity, Rounding::kHalfEven);
  filled.paid = rate.convert(filled.amount, Rounding::kHalfEven);
  filled.fee_paid = rate.convert(filled.fee, Rounding::kHalfEven);
  return filled;
}

// Adds fills up, and compares each with the entries of the service or the portfolio that it was booked to.
Result<FillSums> sum_fills(Transaction& work, Findings& findings) {
  FillSums sums;
  ARGOSY_TRY_VOID(work.query(
      "SELECT f.fill_id, f.price, f.quantity, f.fee, f.rate, f.rate_inverse, f.side, o.order_id, o.transaction_id, "
      "f.service_id FROM fills f JOIN orders o ON o.order_id = f.order_id ORDER BY f.fill_id",
      kFillTypes, {}, [&](const Row& row) -> Result<void> {
        const Filled filled = filled_by(row);
        const std::size_t side = row.text(6) == "buy" ? 0 : 1;
        sums.orders[row.integer(7)].add(filled);
        if (!row.is_null(8)) sums.transactions[row.integer(8)][side].add(filled);
        if (!row.is_null(9)) sums.services[row.integer(9)][side].add(filled);
        return {};
      }));
  std::map<std::int64_t, Money> booked;
  constexpr std::array kTwo = {ColumnType::kInteger, ColumnType::kInteger};
  ARGOSY_TRY_VOID(work.query(
      "SELECT fill_id, CAST(sum(amount) AS BIGINT) FROM cash_entries WHERE fill_id IS NOT NULL AND holder IN "
      "('service', 'portfolio') GROUP BY fill_id",
      kTwo, {}, [&](const Row& row) -> Result<void> {
        booked[row.integer(0)] = money(row, 1);
        return {};
      }));
  ARGOSY_TRY_VOID(
      work.query("SELECT fill_id, price, quantity, fee, rate, rate_inverse, side, 0, 0, 0 FROM fills ORDER BY fill_id",
                 kFillTypes, {}, [&](const Row& row) -> Result<void> {
                   const Filled filled = filled_by(row);
                   const Money expected = (row.text(6) == "buy" ? -filled.paid : filled.paid) - filled.fee_paid;
                   if (const Money found = booked[row.integer(0)]; found != expected) {
                     findings.push_back(fmt::format("fills {}: its holder was booked {}, not {}", row.integer(0),
                                                    found.to_string(), expected.to_string()));
                   }
                   return {};
                 }));
  return sums;
}

void compare(Findings& findings, const std::string& row, std::string_view column, const auto& stored,
             const auto& fills) {
  if (stored == fills) return;
  findings.push_back(
      fmt::format("{}: {} is {}, its fills make {}", row, column, stored.to_string(), fills.to_string()));
}

// Orders that a split restated while they worked: some of their fills are in the shares of before.
Result<std::set<std::int64_t>> restated_orders(Transaction& work) {
  constexpr std::array kTypes = {ColumnType::kInteger};
  std::set<std::int64_t> orders;
  ARGOSY_TRY_VOID(work.query(
      "SELECT o.order_id FROM booked_actions b JOIN orders o ON o.broker_account_id = b.broker_account_id AND "
      "o.instrument_id = b.instrument_id AND o.created_at <= b.time AND o.updated_at >= b.time WHERE b.kind = 'split' "
      "AND b.skipped = ''",
      kTypes, {}, [&](const Row& row) -> Result<void> {
        orders.insert(row.integer(0));
        return {};
      }));
  return orders;
}

Result<void> check_orders(Transaction& work, const FillSums& sums, Findings& findings) {
  ARGOSY_TRY(const auto restated, restated_orders(work));
  constexpr std::array kTypes = {ColumnType::kInteger, ColumnType::kInteger, ColumnType::kInteger,
                                 ColumnType::kInteger};
  return work.query("SELECT order_id, filled_quantity, filled_amount, fees FROM orders ORDER BY order_id", kTypes, {},
                    [&](const Row& row) -> Result<void> {
                      const auto found = sums.orders.find(row.integer(0));
                      const Filled filled = found == sums.orders.end() ? Filled() : found->second;
                      const std::string name = fmt::format("orders {}", row.integer(0));
                      if (!restated.contains(row.integer(0)))
                        compare(findings, name, "filled_quantity", shares(row, 1), filled.quantity);
                      compare(findings, name, "filled_amount", money(row, 2), filled.amount);
                      compare(findings, name, "fees", money(row, 3), filled.fee);
                      return {};
                    });
}

// What a transaction says of itself.
void check_transaction(const TransactionRow& row, Findings& findings) {
  const std::string name = fmt::format("trading_transactions {}", row.transaction_id);
  const auto expect = [&](std::string_view column, const auto& stored, const auto& made) {
    if (stored != made)
      findings.push_back(fmt::format("{}: {} is {}, not {}", name, column, stored.to_string(), made.to_string()));
  };
  expect("shares", row.shares, row.state == TransactionState::kOpen ? row.bought - row.sold : row.sold);
  const Money cost = row.sold >= row.bought
                         ? row.purchase_amount
                         : core::scale(row.purchase_amount, row.sold.units(), row.bought.units(), Rounding::kHalfEven);
  expect("gain_loss", row.gain_loss, row.sale_amount - cost);
  expect("net_gain_loss", row.net_gain_loss, row.gain_loss - row.fees);
}

// The transactions of a service, added up.
struct Traded {
  Sides sides;  // paid, and fees on the first side
  Money gain;   // of those that are closed
  std::vector<const TransactionRow*> rows;
};

// What splits and delistings gave a service, or took.
struct Acted {
  Quantity shares;
  Money cash;
  bool any = false;
};

// A service's transactions hold all of its fills, and the shares that it gave to its portfolio by hand, for
// `completed`. Their fills are compared as a whole: those of one order may lie in two transactions, when it is filled
// further after the first was closed. Only where the whole does not agree, each is compared with the orders that name
// it. Splits restate what transactions bought and sold: then shares and money are compared by what is left of both.
void check_service(const ServiceRow& service, const Traded& traded, const Sides& fills, const FillSums& sums,
                   Money completed, const Acted& acted, Findings& findings) {
  const auto& [bought, sold] = traded.sides;
  const Quantity by_hand = fills[0].quantity - fills[1].quantity + acted.shares - service.current_shares;
  // Sales of what the service did not hold belong to no transaction.
  const Quantity beyond = bought.quantity - sold.quantity - service.current_shares;
  const std::string name = fmt::format("trading_services {}", service.service_id);
  if (traded.gain != service.total_gain_loss) {
    findings.push_back(fmt::format("{}: total_gain_loss is {}, its closed transactions make {}", name,
                                   service.total_gain_loss.to_string(), traded.gain.to_string()));
  }
  if (by_hand.is_negative() || beyond.is_negative() || (completed.is_zero() && !by_hand.is_zero())) {
    findings.push_back(fmt::format(
        "{}: current_shares is {}, its fills make {}, its transactions {}", name, service.current_shares.to_string(),
        (fills[0].quantity - fills[1].quantity).to_string(), (bought.quantity - sold.quantity).to_string()));
  }
  if (acted.any) {
    const Money paid = fills[0].paid - fills[1].paid - completed - acted.cash;
    const bool same = bought.paid - sold.paid == paid && bought.fee_paid == fills[0].fee_paid + fills[1].fee_paid;
    if (!same && !beyond.is_positive())
      findings.push_back(fmt::format("{}: its transactions and its fills and actions do not add up to the same", name));
    return;
  }
  const bool whole = bought.quantity == fills[0].quantity && bought.paid == fills[0].paid;
  const bool sales = sold.paid == fills[1].paid + completed && sold.quantity == fills[1].quantity + by_hand &&
                     bought.fee_paid == fills[0].fee_paid + fills[1].fee_paid;
  if (whole && (sales || beyond.is_positive())) return;
  const std::size_t before = findings.size();
  for (const TransactionRow* row : traded.rows) {
    const auto found = sums.transactions.find(row->transaction_id);
    const Sides sides = found == sums.transactions.end() ? Sides() : found->second;
    const std::string transaction = fmt::format("trading_transactions {}", row->transaction_id);
    compare(findings, transaction, "bought", row->bought, sides[0].quantity);
    compare(findings, transaction, "purchase_amount", row->purchase_amount, sides[0].paid);
    compare(findings, transaction, "sold", row->sold, sides[1].quantity);
    compare(findings, transaction, "sale_amount", row->sale_amount, sides[1].paid);
    compare(findings, transaction, "fees", row->fees, sides[0].fee_paid + sides[1].fee_paid);
  }
  if (findings.size() == before)
    findings.push_back(fmt::format("{}: its transactions and its fills do not add up to the same", name));
}

// What services were paid for shares that passed to their portfolio by hand.
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

Result<std::map<std::int64_t, Acted>> actions_of_services(Transaction& work) {
  ARGOSY_TRY(const auto rows, select<ActionShareRow>(work, "WHERE holder = 'service' AND kind <> 'dividend'"));
  std::map<std::int64_t, Acted> services;
  for (const ActionShareRow& row : rows) {
    Acted& acted = services[row.holder_id];
    acted.shares += row.after - row.before;
    acted.cash += row.cash;
    acted.any = true;
  }
  return services;
}

// Its holders' shares add up to what the account had before and after an action.
Result<void> check_actions(Transaction& work, Findings& findings) {
  constexpr std::array kTypes = {ColumnType::kText,    ColumnType::kText,    ColumnType::kInteger,
                                 ColumnType::kInteger, ColumnType::kInteger, ColumnType::kInteger};
  return find(work,
              "SELECT b.kind, b.symbol, b.before, b.after, CAST(coalesce(sum(a.before), 0) AS BIGINT), "
              "CAST(coalesce(sum(a.after), 0) AS BIGINT) FROM booked_actions b LEFT JOIN action_shares a ON "
              "a.broker_account_id = b.broker_account_id AND a.instrument_id = b.instrument_id AND a.ex_date = "
              "b.ex_date AND a.kind = b.kind WHERE b.skipped = '' GROUP BY b.broker_account_id, b.instrument_id, "
              "b.ex_date, b.kind, b.symbol, b.before, b.after HAVING b.before <> coalesce(sum(a.before), 0) OR "
              "b.after <> coalesce(sum(a.after), 0)",
              kTypes, findings, [](const Row& row) {
                return fmt::format("booked_actions: a {} of {} made {} of {}, its holders {} of {}", row.text(0),
                                   row.text(1), shares(row, 3).to_string(), shares(row, 2).to_string(),
                                   shares(row, 5).to_string(), shares(row, 4).to_string());
              });
}

Result<void> check_services(Transaction& work, const FillSums& sums, Findings& findings) {
  ARGOSY_TRY(const auto acted, actions_of_services(work));
  ARGOSY_TRY(const auto completed, completions(work));
  ARGOSY_TRY(const auto transactions, select<TransactionRow>(work, "ORDER BY transaction_id"));
  ARGOSY_TRY(const auto services, select<ServiceRow>(work, "ORDER BY service_id"));
  std::map<std::int64_t, Traded> traded;
  for (const TransactionRow& row : transactions) {
    check_transaction(row, findings);
    Traded& sum = traded[row.service_id];
    sum.sides[0].add({.quantity = row.bought, .paid = row.purchase_amount, .fee_paid = row.fees});
    sum.sides[1].add({.quantity = row.sold, .paid = row.sale_amount});
    if (row.state == TransactionState::kClosed) sum.gain += row.net_gain_loss;
    sum.rows.push_back(&row);
  }
  for (const ServiceRow& row : services) {
    const auto fills = sums.services.find(row.service_id);
    const auto paid = completed.find(row.service_id);
    check_service(row, traded[row.service_id], fills == sums.services.end() ? Sides() : fills->second, sums,
                  paid == completed.end() ? Money() : paid->second,
                  acted.contains(row.service_id) ? acted.at(row.service_id) : Acted(), findings);
  }
  return {};
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
  constexpr std::array kThree = {ColumnType::kInteger, ColumnType::kInteger, ColumnType::kInteger};
  ARGOSY_TRY_VOID(find(work,
                       "SELECT j.seq, j.fencing, coalesce(h.fencing, 0) FROM journal j LEFT JOIN holder h ON "
                       "h.holder_id = 1 WHERE j.fencing > coalesce(h.fencing, 0) ORDER BY j.seq DESC LIMIT 1",
                       kThree, findings, [](const Row& row) {
                         return fmt::format("holder: the last one's number is {}, and journal row {} was written by {}",
                                            row.integer(2), row.integer(0), row.integer(1));
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

// A client takes a gap for what it missed.
Result<void> check_rooms(Transaction& work, Findings& findings) {
  constexpr std::array kText = {ColumnType::kText};
  return work.query(
      "SELECT room FROM changes GROUP BY room HAVING count(*) <> max(sequence) - min(sequence) + 1 ORDER BY room",
      kText, {}, [&](const Row& row) -> Result<void> {
        findings.push_back(fmt::format("changes {}: the numbers have gaps", row.text(0)));
        return {};
      });
}

Result<std::vector<std::string>> verify_ledger(Transaction& work) {
  Findings findings;
  ARGOSY_TRY_VOID(check_money(work, findings));
  ARGOSY_TRY_VOID(check_shares(work, "positions", "broker_account_id", findings));
  ARGOSY_TRY_VOID(check_shares(work, "holdings", "portfolio_id", findings));
  ARGOSY_TRY(const FillSums sums, sum_fills(work, findings));
  ARGOSY_TRY_VOID(check_orders(work, sums, findings));
  ARGOSY_TRY_VOID(check_services(work, sums, findings));
  ARGOSY_TRY_VOID(check_actions(work, findings));
  ARGOSY_TRY_VOID(check_journal(work, findings));
  ARGOSY_TRY_VOID(check_client_ids(work, findings));
  ARGOSY_TRY_VOID(check_rooms(work, findings));
  ARGOSY_TRY(const Findings chain, verify_audit(work));
  findings.insert(findings.end(), chain.begin(), chain.end());
  return findings;
}

}  // namespace argosy::ledger
