#include "ledger/row_policies.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace argosy::ledger {

using core::Result;

namespace {

// As a query of its own, so that the server asks once a statement, not once a row. Nothing said is -1: everybody.
constexpr std::string_view kActing =
    "(SELECT coalesce(nullif(current_setting('argosy.acting_for', true), ''), '-1')::bigint)";

constexpr std::string_view kOfServices = "service_id IN (SELECT service_id FROM trading_services WHERE owner_id = {0})";
constexpr std::string_view kOfPortfolios = "portfolio_id IN (SELECT portfolio_id FROM portfolios WHERE owner_id = {0})";

constexpr RowPolicy kPolicies[] = {
    {"users", "user_id = {0}"},
    {"api_keys", "user_id = {0}"},
    {"broker_accounts", "owner_id = {0}"},
    {"portfolios", "owner_id = {0}"},
    {"trading_services", "owner_id = {0}"},
    {"strategies", "owner_id = {0}"},
    {"jobs", "owner_id = {0}"},
    {"outbox", "owner_id = {0}"},
    {"trading_transactions", kOfServices},
    {"transaction_notes",
     "transaction_id IN (SELECT t.transaction_id FROM trading_transactions t JOIN trading_services s ON s.service_id = "
     "t.service_id WHERE s.owner_id = {0})"},
    {"holdings", kOfPortfolios},
    {"fundings", kOfPortfolios},
    {"orders",
     "service_id IN (SELECT service_id FROM trading_services WHERE owner_id = {0}) OR "
     "portfolio_id IN (SELECT portfolio_id FROM portfolios WHERE owner_id = {0})"},
    {"fills",
     "order_id IN (SELECT o.order_id FROM orders o LEFT JOIN trading_services s ON s.service_id = o.service_id "
     "LEFT JOIN portfolios p ON p.portfolio_id = o.portfolio_id WHERE s.owner_id = {0} OR p.owner_id = {0})"},
    {"cash_entries",
     "(holder IN ('portfolio', 'money_market') AND holder_id IN (SELECT portfolio_id FROM portfolios "
     "WHERE owner_id = {0})) OR (holder = 'service' AND holder_id IN (SELECT service_id FROM trading_services "
     "WHERE owner_id = {0}))"},
};

}  // namespace

std::span<const RowPolicy> row_policies() { return kPolicies; }

Result<void> make_row_policies(Transaction& work, std::span<const core::RecordType* const> tables) {
  for (const RowPolicy& policy : kPolicies) {
    if (std::ranges::none_of(tables, [&](const auto* table) { return table->name == policy.table; })) continue;
    const std::string condition = fmt::format(fmt::runtime(policy.condition), kActing);
    // FORCE: who owns a table, as we do, would not be bound by its policies.
    ARGOSY_TRY_VOID(work.execute(fmt::format("ALTER TABLE {} ENABLE ROW LEVEL SECURITY", policy.table)));
    ARGOSY_TRY_VOID(work.execute(fmt::format("ALTER TABLE {} FORCE ROW LEVEL SECURITY", policy.table)));
    ARGOSY_TRY_VOID(work.execute(fmt::format("DROP POLICY IF EXISTS own_rows ON {}", policy.table)));
    ARGOSY_TRY_VOID(work.execute(
        fmt::format("CREATE POLICY own_rows ON {} USING ({} = -1 OR {})", policy.table, kActing, condition)));
  }
  return {};
}

std::string act_for_statement(std::int64_t user_id) {
  return fmt::format("SELECT set_config('argosy.acting_for', '{}', true)", user_id);
}

}  // namespace argosy::ledger
