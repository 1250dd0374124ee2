#include "simulation/detail/oracle_ledger.hpp"

#include <fmt/format.h>

#include <utility>

#include "simulation/detail/oracle_ledger_parts.hpp"

namespace argosy::simulation::detail {

using core::Result;
using ledger::Transaction;

Result<void> LedgerFold::read(ledger::Database& database, bool all, const OnRead& on_read,
                              const OnApproved& on_approved, Findings& findings) {
  Rows rows;
  std::vector<std::string> lost;
  const auto look = [&] {
    return database.read([&](Transaction& work) -> Result<void> {
      lost.clear();
      return read_rows(work, all, rows, lost);
    });
  };
  ARGOSY_TRY_VOID(look());
  if (!lost.empty()) {
    for (std::string& each : lost) findings.add(1, std::move(each));
    forget();
    ARGOSY_TRY_VOID(look());
  }
  marks_ = rows.marks;
  journal_hashes_.insert(journal_hashes_.end(), rows.hashes.begin(), rows.hashes.end());
  if (rows.fencing < holder_fencing_)
    findings.add(13, fmt::format("the holder's number was {} and is {}", holder_fencing_, rows.fencing));
  holder_before_ = std::exchange(holder_fencing_, rows.fencing);
  waiting_requests_ = rows.waiting;
  new_requests_ = rows.requests;
  for (const LedgerRequest& row : new_requests_) done_requests_.emplace(row.is_order_request, row.id);
  // What was there before is not judged again: neither prices nor what was asked are known of then.
  const bool is_anew = std::exchange(begins_anew_, false);
  if (is_anew) new_requests_.clear();
  fills_.insert(fills_.end(), rows.fills.begin(), rows.fills.end());
  actions_.insert(actions_.end(), rows.actions.begin(), rows.actions.end());
  alarms_.insert(alarms_.end(), rows.alarms.begin(), rows.alarms.end());
  take_money(rows, findings);
  take_audit(rows, findings);
  stored_prices_.clear();
  for (const Rows::Holding& row : rows.positions) {
    if (row.price != 0) stored_prices_[row.symbol] = row.price;
  }
  new_times_.clear();
  for (const JournalRow& row : rows.journal) new_times_.push_back(row.time);
  if (on_read) on_read();
  // Of what is read a second time the prices of then are not known any more.
  fold(rows, is_anew ? OnApproved() : on_approved, findings);
  compare(rows, findings);
  return {};
}

void LedgerFold::forget() {
  marks_ = {};
  journal_hashes_.clear();
  last_seq_ = last_time_ = last_fencing_ = holder_fencing_ = holder_before_ = trips_ = 0;
  losses_.forget();
  equity_.forget();
  last_audit_hash_.clear();
  orders_.clear();
  open_.clear();
  by_client_.clear();
  decisions_.clear();
  fills_.clear();
  services_.clear();
  portfolios_.clear();
  switches_.clear();
  held_.clear();
  adopted_shares_.clear();
  entries_.clear();
  actions_.clear();
  split_at_.clear();
  audit_.clear();
  alarms_.clear();
  new_times_.clear();
  new_requests_.clear();
  done_requests_.clear();
  begins_anew_ = true;
  funded_ = adopted_cash_ = folded_fills_ = waiting_requests_ = 0;
}

const LedgerOrder* LedgerFold::find(const std::string& client_id) const {
  const auto known = by_client_.find(client_id);
  return known == by_client_.end() ? nullptr : &orders_.at(known->second);
}

const LedgerSwitch* LedgerFold::find_switch(std::int64_t id) const {
  const auto known = switches_.find(id);
  return known == switches_.end() ? nullptr : &known->second;
}

std::int64_t LedgerFold::held(const std::string& symbol) const {
  const auto known = held_.find(symbol);
  return known == held_.end() ? 0 : known->second;
}

std::int64_t LedgerFold::split_at(const std::string& symbol) const {
  const auto known = split_at_.find(symbol);
  return known == split_at_.end() ? 0 : known->second;
}

std::int64_t LedgerFold::adopted_shares(const std::string& symbol) const {
  const auto known = adopted_shares_.find(symbol);
  return known == adopted_shares_.end() ? 0 : known->second;
}

std::int64_t LedgerFold::cash() const {
  std::int64_t sum = 0;
  for (const auto& [id, row] : portfolios_) sum += row.cash + row.money_market;
  for (const auto& [id, row] : services_) sum += row.cash;
  return sum;
}

// --- Money and the audit log. ---

void LedgerFold::take_money(const Rows& rows, Findings& findings) {
  std::map<std::pair<std::int64_t, std::string>, std::int64_t> groups;
  for (const Rows::Entry& entry : rows.entries) {
    entries_[{entry.holder, entry.holder_id, entry.currency}] += entry.amount;
    groups[{entry.seq, entry.currency}] += entry.amount;
  }
  for (const auto& [group, sum] : groups) {
    if (sum != 0)
      findings.add(2, fmt::format("the money that journal row {} moved adds up to {} {}, not to nothing", group.first,
                                  money(sum), group.second));
  }
}

void LedgerFold::take_audit(const Rows& rows, Findings& findings) {
  for (const Rows::Audit& audit : rows.audit) {
    if (audit.row.seq != static_cast<std::int64_t>(audit_.size()) + 1)
      findings.add(17, fmt::format("audit_log: row {} follows row {}", audit.row.seq, audit_.size()));
    if (audit.previous != last_audit_hash_ || audit.computed != audit.hash)
      findings.add(17, fmt::format("audit_log: the chain breaks at row {}", audit.row.seq));
    last_audit_hash_ = audit.hash;
    audit_.push_back(audit.row);
  }
}

}  // namespace argosy::simulation::detail
