#include "cli/ledger_init.hpp"

#include <fmt/format.h>

#include "auth/password.hpp"
#include "cli/home.hpp"
#include "cli/ledger_home.hpp"
#include "cli/trading_home.hpp"
#include "core/clock.hpp"
#include "core/config.hpp"
#include "core/files.hpp"
#include "core/secret.hpp"
#include "ledger/ledger_schema.hpp"
#include "ledger/orders.hpp"
#include "ledger/records.hpp"
#include "ledger/users.hpp"
#include "live/request.hpp"

namespace argosy::cli {

using core::Result;

namespace {

constexpr std::int64_t kUser = 1;
constexpr std::int64_t kAccount = 1;
constexpr std::int64_t kFirstMoney = 100'000;

constexpr const char* kAdminPassword = "ARGOSY_ADMIN_PASSWORD";

// Of the environment; empty: `serve` makes one anew at each start.
Result<std::string> first_password_hash() {
  const auto given = core::system_environment()(kAdminPassword);
  if (!given || given->empty()) return std::string();
  const core::Secret password(*given);
  if (auto checked = auth::check_password(password, kCommandUser); !checked)
    return core::fail(std::move(checked).error().in_field(kAdminPassword));
  return auth::Passwords().hash(password);
}

// The user and the account, where there is none.
Result<void> add_owner(ledger::Database& database, const std::string& password_hash, core::Timestamp now) {
  return database.write([&](ledger::Transaction& work) -> Result<void> {
    ARGOSY_TRY(const std::vector<ledger::UserRow> users, ledger::select<ledger::UserRow>(work, ""));
    if (users.empty()) {
      const ledger::UserRow admin{.user_id = kUser,
                                  .username = kCommandUser,
                                  .email = fmt::format("{}@localhost", kCommandUser),
                                  .password_hash = password_hash,
                                  .role = ledger::Role::kAdmin,
                                  .created_at = now};
      ARGOSY_TRY_VOID(ledger::insert<ledger::UserRow>(work, {&admin, 1}));
    }
    ARGOSY_TRY(const std::vector<ledger::BrokerAccountRow> accounts,
               ledger::select<ledger::BrokerAccountRow>(work, ""));
    if (!accounts.empty()) return {};
    const ledger::BrokerAccountRow paper{.broker_account_id = kAccount,
                                         .broker = "paper",
                                         .environment = ledger::Environment::kPaper,
                                         .masked_number = "****0001",
                                         .base_currency = "USD",
                                         .owner_id = kUser,
                                         .created_at = now};
    return ledger::insert<ledger::BrokerAccountRow>(work, {&paper, 1});
  });
}

struct Money {
  std::vector<ledger::PortfolioRow> portfolios;
  std::vector<ledger::FundingRow> fundings;
};

Result<std::string> add_portfolio_with_money(ledger::Database& database, const Globals& globals) {
  ARGOSY_TRY(const Money there, database.read([](ledger::Transaction& work) -> Result<Money> {
    Money out;
    ARGOSY_TRY(out.portfolios, ledger::select<ledger::PortfolioRow>(work, "ORDER BY portfolio_id"));
    ARGOSY_TRY(out.fundings, ledger::select<ledger::FundingRow>(work, "LIMIT 1"));
    return out;
  }));
  // An init that was cut off between the two goes on with the second.
  if (!there.fundings.empty() || there.portfolios.size() > 1) return std::string();
  std::int64_t portfolio = there.portfolios.empty() ? 0 : there.portfolios.front().portfolio_id;
  if (portfolio == 0) {
    ARGOSY_TRY(const core::JsonValue answer,
               ask(database, globals, "portfolio_create",
                   live::CreatePortfolio{
                       .name = "default", .owner_id = kUser, .broker_account_id = kAccount, .is_default = true}));
    ARGOSY_TRY(portfolio, answered_number(answer, "portfolio_id"));
  }
  ARGOSY_TRY_VOID(ask(database, globals, "portfolio_fund",
                      live::MovePortfolioMoney{.portfolio_id = portfolio,
                                               .amount = core::Money::from_integer(kFirstMoney),
                                               .note = "paper money to begin with"}));
  return fmt::format("portfolio default made, with {} USD of paper money\n", kFirstMoney);
}

}  // namespace

Result<std::string> make_ledger(const Globals& globals) {
  ARGOSY_TRY(const ledger::Location location, ledger_location(globals));
  ARGOSY_TRY(const bool exists, ledger::database_exists(location, ledger::ledger_schema(), core::system_files()));
  ARGOSY_TRY(const auto database, open_ledger(globals, {.missing = ledger::Missing::kMake}));
  const core::SystemClock clock;
  ARGOSY_TRY(const std::string password_hash, first_password_hash());
  ARGOSY_TRY_VOID(add_owner(*database, password_hash, clock.now()));
  ARGOSY_TRY_VOID(add_instruments(*database, globals));
  ARGOSY_TRY(const std::string made, add_portfolio_with_money(*database, globals));
  return fmt::format("{} {}\n", location.text(), exists ? "was there already: kept" : "made") + made;
}

}  // namespace argosy::cli
