#include "live/verify.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include "core/json.hpp"
#include "ledger/equity.hpp"
#include "ledger/ledger_schema.hpp"
#include "ledger/records.hpp"
#include "live/book.hpp"

namespace argosy::live {

using core::Result;

namespace {

constexpr std::size_t kMostFindings = 20;

// Rows as texts of JSON by their keys.
using Texts = std::map<std::string, std::string>;

template <class Row>
std::string text_of(const Row& row) {
  core::JsonWriter json;
  core::write_json(json, row);
  return std::move(json).take();
}

std::string key_of(const ledger::PortfolioRow& row) { return fmt::format("{:012}", row.portfolio_id); }
std::string key_of(const ledger::ServiceRow& row) { return fmt::format("{:012}", row.service_id); }
std::string key_of(const ledger::TransactionRow& row) { return fmt::format("{:012}", row.transaction_id); }
std::string key_of(const ledger::OrderRow& row) { return fmt::format("{:012}", row.order_id); }
std::string key_of(const ledger::FillRow& row) { return fmt::format("{:012}", row.fill_id); }
std::string key_of(const ledger::CashEntryRow& row) { return fmt::format("{:012}", row.entry_id); }
std::string key_of(const ledger::FundingRow& row) { return fmt::format("{:012}", row.funding_id); }
std::string key_of(const ledger::KillSwitchRow& row) { return fmt::format("{:012}", row.switch_id); }
std::string key_of(const ledger::GuardRow& row) { return fmt::format("{:012}", row.broker_account_id); }
std::string key_of(const ledger::DailyPnlRow& row) {
  return fmt::format("{} {} {:012}", row.date.to_string(), ledger::kEquityScopes[static_cast<std::size_t>(row.scope)],
                     row.subject_id);
}
std::string key_of(const ledger::PositionRow& row) {
  return fmt::format("{:012} {:012}", row.broker_account_id, row.instrument_id);
}
std::string key_of(const ledger::BookedActionRow& row) {
  return fmt::format("{:012} {:012} {} {}", row.broker_account_id, row.instrument_id, row.ex_date.to_string(),
                     row.kind);
}
std::string key_of(const ledger::ActionShareRow& row) {
  return fmt::format("{:012} {:012} {} {} {} {:012}", row.broker_account_id, row.instrument_id, row.ex_date.to_string(),
                     row.kind, ledger::kCashHolders[static_cast<std::size_t>(row.holder)], row.holder_id);
}
std::string key_of(const ledger::HoldingRow& row) {
  return fmt::format("{:012} {:012}", row.portfolio_id, row.instrument_id);
}

const auto& compared(const auto& row) { return row; }
// Prices can be asked for again; of positions that are older than the columns nobody knows since when they were held.
ledger::PositionRow compared(ledger::PositionRow row) {
  row.price.reset();
  row.priced_at.reset();
  row.rate = Price::from_integer(1);
  row.rate_inverse = false;
  row.held_since.reset();
  row.traded_at.reset();
  return row;
}

ledger::DailyPnlRow compared(ledger::DailyPnlRow row) {
  row.unrealised = {};
  row.equity = {};
  return row;
}

template <class Row>
void take(std::vector<Row>& rows, Texts& texts) {
  for (const Row& row : rows) texts[key_of(row)] = text_of(compared(row));
  rows.clear();
}

struct Folded {
  Texts portfolios, services, transactions, orders, fills, entries, fundings, switches, positions, holdings, days,
      guards, actions, action_shares;

  void add(Book& book) {
    ledger::Changes changes;
    book.collect(changes);
    take(changes.portfolios, portfolios);
    take(changes.services, services);
    take(changes.transactions, transactions);
    take(changes.orders, orders);
    take(changes.fills, fills);
    take(changes.cash_entries, entries);
    take(changes.fundings, fundings);
    take(changes.kill_switches, switches);
    take(changes.positions, positions);
    take(changes.holdings, holdings);
    take(changes.daily_pnl, days);
    take(changes.guards, guards);
    take(changes.booked_actions, actions);
    take(changes.action_shares, action_shares);
  }
};

template <class Row>
Result<void> compare(ledger::Transaction& work, const Texts& folded, FoldReport& report) {
  ARGOSY_TRY(std::vector<Row> rows, ledger::select<Row>(work, ""));
  Texts stored;
  take(rows, stored);
  const std::string_view table = core::record_type<Row>().name;
  const auto tell = [&](const std::string& key, const char* what) {
    if (report.findings.size() < kMostFindings) report.findings.push_back(fmt::format("{} {}: {}", table, key, what));
  };
  for (const auto& [key, text] : folded) {
    const auto found = stored.find(key);
    if (found == stored.end()) {
      tell(key, "follows from the journal and is not stored");
    } else if (found->second != text) {
      tell(key, fmt::format("is stored as {}, and the journal makes {}", found->second, text).c_str());
    }
  }
  for (const auto& [key, text] : stored) {
    if (!folded.contains(key)) tell(key, "is stored and does not follow from the journal");
  }
  return {};
}

// The days of each portfolio add up to the profit of its services' transactions and its dividends, and to the fees that
// it paid.
Result<void> compare_days(ledger::Transaction& work, FoldReport& report) {
  struct Sums {
    Money realised;
    Money fees;
  };
  std::map<std::int64_t, Sums> sums;  // days less transactions
  ARGOSY_TRY(const auto days, ledger::select<ledger::DailyPnlRow>(work, "WHERE scope = 'portfolio'"));
  for (const ledger::DailyPnlRow& row : days) {
    sums[row.subject_id].realised += row.realised;
    sums[row.subject_id].fees += row.fees;
  }
  std::map<std::int64_t, std::int64_t> owners;
  ARGOSY_TRY(const auto services, ledger::select<ledger::ServiceRow>(work, ""));
  for (const ledger::ServiceRow& row : services) owners[row.service_id] = row.portfolio_id;
  ARGOSY_TRY(const auto transactions, ledger::select<ledger::TransactionRow>(work, ""));
  for (const ledger::TransactionRow& row : transactions) sums[owners[row.service_id]].realised -= row.gain_loss;
  ARGOSY_TRY(const auto entries,
             ledger::select<ledger::CashEntryRow>(work, "WHERE reason = 'fee' AND holder IN ('portfolio', 'service')"));
  for (const ledger::CashEntryRow& row : entries)
    sums[row.holder == ledger::CashHolder::kService ? owners[row.holder_id] : row.holder_id].fees += row.amount;
  ARGOSY_TRY(const auto dividends, ledger::select<ledger::CashEntryRow>(
                                       work, "WHERE reason = 'dividend' AND holder IN ('portfolio', 'service')"));
  for (const ledger::CashEntryRow& row : dividends)
    sums[row.holder == ledger::CashHolder::kService ? owners[row.holder_id] : row.holder_id].realised -= row.amount;
  for (const auto& [portfolio, sum] : sums) {
    if (!sum.realised.is_zero())
      report.findings.push_back(fmt::format("daily_pnl: the days of portfolio {} and its transactions differ by {}",
                                            portfolio, sum.realised.to_string()));
    if (!sum.fees.is_zero())
      report.findings.push_back(fmt::format("daily_pnl: the days of portfolio {} and the fees it paid differ by {}",
                                            portfolio, sum.fees.to_string()));
  }
  return {};
}

}  // namespace

Result<FoldReport> fold_journal(ledger::Transaction& work) {
  FoldReport report;
  Book book;
  Folded folded;
  bool days_from_the_first = true;  // no fill or action before the first day was begun
  constexpr std::int64_t kAtOnce = 10'000;
  for (std::int64_t from = 0;; from += kAtOnce) {
    ARGOSY_TRY(const std::vector<ledger::JournalRow> rows,
               ledger::select<ledger::JournalRow>(work, "WHERE seq > :from_seq AND seq <= :to_seq ORDER BY seq",
                                                  {from, from + kAtOnce}));
    for (const ledger::JournalRow& row : rows) {
      ARGOSY_TRY(const Event event, from_row(row));
      const bool counts =
          std::holds_alternative<FillBooked>(event.what) || std::holds_alternative<ActionBooked>(event.what);
      if (counts && book.day() == core::Date()) days_from_the_first = false;
      if (auto done = book.apply(event); !done) {
        report.findings.push_back(done.error().message);
        return report;
      }
      ++report.events;
    }
    folded.add(book);
    if (std::ssize(rows) < kAtOnce) break;
  }
  ARGOSY_TRY_VOID(compare<ledger::PortfolioRow>(work, folded.portfolios, report));
  ARGOSY_TRY_VOID(compare<ledger::ServiceRow>(work, folded.services, report));
  ARGOSY_TRY_VOID(compare<ledger::TransactionRow>(work, folded.transactions, report));
  ARGOSY_TRY_VOID(compare<ledger::OrderRow>(work, folded.orders, report));
  ARGOSY_TRY_VOID(compare<ledger::FillRow>(work, folded.fills, report));
  ARGOSY_TRY_VOID(compare<ledger::CashEntryRow>(work, folded.entries, report));
  ARGOSY_TRY_VOID(compare<ledger::FundingRow>(work, folded.fundings, report));
  ARGOSY_TRY_VOID(compare<ledger::KillSwitchRow>(work, folded.switches, report));
  ARGOSY_TRY_VOID(compare<ledger::PositionRow>(work, folded.positions, report));
  ARGOSY_TRY_VOID(compare<ledger::HoldingRow>(work, folded.holdings, report));
  ARGOSY_TRY_VOID(compare<ledger::GuardRow>(work, folded.guards, report));
  ARGOSY_TRY_VOID(compare<ledger::BookedActionRow>(work, folded.actions, report));
  ARGOSY_TRY_VOID(compare<ledger::ActionShareRow>(work, folded.action_shares, report));
  ARGOSY_TRY_VOID(compare<ledger::DailyPnlRow>(work, folded.days, report));
  if (days_from_the_first) ARGOSY_TRY_VOID(compare_days(work, report));
  return report;
}

Result<ledger::VerifyReport> verify_whole(ledger::Database& database) {
  ARGOSY_TRY(ledger::VerifyReport report, ledger::verify(database, ledger::ledger_schema()));
  ARGOSY_TRY(FoldReport folded, database.read([](ledger::Transaction& work) { return fold_journal(work); }));
  std::ranges::move(folded.findings, std::back_inserter(report.findings));
  return report;
}

Result<void> check_before_trading(ledger::Database& database) {
  constexpr const char* kHint =
      "nothing is traded: look at it with argosy db verify, and bring a backup back: argosy db restore";
  const auto report = verify_whole(database);
  if (!report) {
    // A text of the journal that is none is as wrong as an amount.
    const core::ErrorCode code =
        report.error().code == core::ErrorCode::kInvalidArgument ? core::ErrorCode::kCorrupt : report.error().code;
    return core::fail(core::Error(code, "the ledger cannot be verified: " + report.error().describe())
                          .with_hint(kHint)
                          .at(database.name()));
  }
  if (report->findings.empty()) return {};
  return core::fail(core::Error(core::ErrorCode::kCorrupt, "the ledger contradicts itself: " + report->findings.front())
                        .with_hint(kHint)
                        .at(database.name()));
}

}  // namespace argosy::live
