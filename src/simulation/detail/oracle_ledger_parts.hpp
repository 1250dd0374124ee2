// What the parts of LedgerFold share: the rows as they are read.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "simulation/detail/oracle_ledger.hpp"

namespace argosy::simulation::detail {

[[nodiscard]] inline bool is_one_of(std::string_view text, std::initializer_list<std::string_view> texts) {
  return std::ranges::find(texts, text) != texts.end();
}

struct LedgerFold::JournalRow {
  std::int64_t seq = 0;
  std::int64_t time = 0;
  std::string kind;
  std::int64_t service = 0;
  std::int64_t order = 0;
  std::string payload;
  std::int64_t fencing = 0;
};

struct LedgerFold::OrderRow {
  LedgerOrder order;
  std::int64_t average = 0;
  bool overfilled = false;
};

struct LedgerFold::Rows {
  // What a row of the journal moved: money, or shares by an action.
  struct Entry {
    std::int64_t seq = 0;
    std::string holder;
    std::int64_t holder_id = 0;
    std::string currency;  // empty: shares
    std::int64_t amount = 0;
  };
  struct Audit {
    LedgerAudit row;
    std::string previous;
    std::string hash;
    std::string computed;
  };
  struct Holding {
    std::int64_t portfolio = 0;
    std::string symbol;
    std::int64_t quantity = 0;
    std::int64_t unassigned = 0;
    std::int64_t price = 0;  // of a position; 0: none is stored
  };
  std::array<Mark, kTables> marks{};
  std::vector<JournalRow> journal;
  std::vector<std::uint64_t> hashes;
  std::vector<LedgerFill> fills;
  std::vector<Entry> entries;
  std::vector<Audit> audit;
  std::vector<LedgerAlarm> alarms;
  std::vector<LedgerAction> actions;
  std::vector<Entry> action_shares;
  std::map<std::int64_t, std::int64_t> service_of_transaction;
  std::vector<OrderRow> orders;
  std::map<std::int64_t, LedgerService> services;
  std::map<std::int64_t, LedgerPortfolio> portfolios;
  std::vector<Holding> holdings;
  std::vector<Holding> positions;
  std::map<std::tuple<std::string, std::int64_t, std::string>, std::int64_t> balances;  // the view, where all is read
  bool has_balances = false;
  std::int64_t fencing = 0;
  std::int64_t waiting = 0;
  std::vector<LedgerRequest> requests;  // that are done, and were not before
};
}  // namespace argosy::simulation::detail
