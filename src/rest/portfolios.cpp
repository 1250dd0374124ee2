// Broker accounts, portfolios, and the money in them.
#include <fmt/format.h>

#include <optional>
#include <string>

#include "rest/resources.hpp"

namespace argosy::rest {

using core::ErrorCode;
using core::fail;
using core::Result;
using server::Access;
using server::endpoint;
using server::Method;
using server::None;

struct PortfolioIn {
  std::string name;
  std::int64_t owner_id = 0;
  std::int64_t broker_account_id = 0;
  bool is_default = false;
};
struct PortfolioPatch {
  std::optional<std::string> name;
  std::optional<bool> is_default;
};
struct MoneyIn {
  core::Money amount;
  bool money_market = false;
  std::string note;
};

}  // namespace argosy::rest

template <>
struct argosy::core::RecordOf<argosy::rest::PortfolioIn> {
  using Row = argosy::rest::PortfolioIn;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, name, .limits = {.maximum_length = 100}, .text = "what it is called", .required = true),
      ARGOSY_FIELD(Row, owner_id, .limits = {.minimum = 0}, .text = "whose it is: an admin may name another user"),
      ARGOSY_FIELD(Row, broker_account_id, .limits = {.minimum = 0}, .text = "0: the first that the caller has"),
      ARGOSY_FIELD(Row, is_default, .text = "the one that is meant when none is named"),
  };
  static constexpr RecordType kType{"new_portfolio", "A portfolio to be made", kFields};
};
template <>
struct argosy::core::RecordOf<argosy::rest::PortfolioPatch> {
  using Row = argosy::rest::PortfolioPatch;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, name, .limits = {.maximum_length = 100}, .text = "what it is called"),
      ARGOSY_FIELD(Row, is_default, .text = "true: it is meant when none is named, and no other one of its owner"),
  };
  static constexpr RecordType kType{"portfolio_changes", "What is left out stays as it is", kFields};
};
template <>
struct argosy::core::RecordOf<argosy::rest::MoneyIn> {
  using Row = argosy::rest::MoneyIn;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, amount, .limits = {.minimum = 0}, .text = "in the portfolio's currency", .required = true),
      ARGOSY_FIELD(Row, money_market, .text = "of the parked money"),
      ARGOSY_FIELD(Row, note, .limits = {.maximum_length = 200}, .text = "in words"),
  };
  static constexpr RecordType kType{"money", "Money in or out", kFields};
};

namespace argosy::rest {
namespace {

using ledger::PortfolioRow;

Result<PortfolioRow> create(const Resources& resources, const server::Call<None, None, PortfolioIn>& call) {
  const server::Caller& caller = *call.caller;
  live::CreatePortfolio asked{.name = call.body.name, .is_default = call.body.is_default};
  asked.owner_id = call.body.owner_id == 0 ? caller.user_id : call.body.owner_id;
  // Of another user one hears nothing.
  ARGOSY_TRY_VOID(resources.store.get<ledger::UserRow>(caller, asked.owner_id));
  asked.broker_account_id = call.body.broker_account_id;
  if (asked.broker_account_id == 0) {
    ARGOSY_TRY(const auto accounts, resources.store.list(caller, server::Listing<ledger::BrokerAccountRow>()));
    if (accounts.items.empty())
      return fail(core::Error(ErrorCode::kNotFound, "you have no broker account")
                      .with_hint("an admin can make a portfolio for you"));
    asked.broker_account_id = accounts.items.front().broker_account_id;
  }
  ARGOSY_TRY(const auto account, resources.store.get<ledger::BrokerAccountRow>(caller, asked.broker_account_id));
  asked.currency = account.base_currency;
  ARGOSY_TRY(const core::JsonValue answer,
             resources.requests.ask(caller, "portfolio_create", asked, key_of(call.http)));
  ARGOSY_TRY(const std::int64_t id, live::answered_number(answer, "portfolio_id"));
  call.reply.headers.add("Location", fmt::format("/api/v1/portfolios/{}", id));
  return resources.store.get<PortfolioRow>(caller, id);
}

void add_money(server::Api& api, const Resources& resources, std::string_view path, std::string_view name,
               std::string_view kind, std::string_view summary) {
  api.add(endpoint<IdPath, None, MoneyIn, PortfolioRow>(
      {.method = Method::kPost,
       .path = path,
       .name = name,
       .tag = "portfolios",
       .summary = summary,
       .access = Access::kTrader,
       .takes_key = true},
      [&resources, kind](const auto& call) -> Result<PortfolioRow> {
        ARGOSY_TRY(const auto row, resources.store.get<PortfolioRow>(*call.caller, call.path.id));
        ARGOSY_TRY_VOID(resources.requests.ask(*call.caller, kind,
                                               live::MovePortfolioMoney{.portfolio_id = row.portfolio_id,
                                                                        .amount = call.body.amount,
                                                                        .money_market = call.body.money_market,
                                                                        .note = call.body.note},
                                               key_of(call.http)));
        return resources.store.get<PortfolioRow>(*call.caller, row.portfolio_id);
      }));
}

// Rows of one portfolio.
template <class Row>
void add_part(server::Api& api, const Resources& resources, std::string_view path, std::string_view name,
              std::string_view summary) {
  api.add(endpoint<IdPath, server::Listing<Row>, None, server::Page<Row>>(
      {.path = path, .name = name, .tag = "portfolios", .summary = summary, .access = Access::kViewer},
      [&resources](const auto& call) -> Result<server::Page<Row>> {
        ARGOSY_TRY(const auto row, resources.store.get<PortfolioRow>(*call.caller, call.path.id));
        return resources.store.list(*call.caller, call.query, "portfolio_id = :id", {row.portfolio_id});
      }));
}

}  // namespace

void add_portfolios(server::Api& api, const Resources& resources) {
  add_list<ledger::BrokerAccountRow>(api, resources,
                                     {.path = "/accounts",
                                      .name = "list_accounts",
                                      .tag = "accounts",
                                      .summary = "Broker accounts",
                                      .access = Access::kViewer});
  add_get<ledger::BrokerAccountRow>(api, resources,
                                    {.path = "/accounts/{id}",
                                     .name = "get_account",
                                     .tag = "accounts",
                                     .summary = "One broker account",
                                     .access = Access::kViewer});
  add_list<PortfolioRow>(api, resources,
                         {.path = "/portfolios",
                          .name = "list_portfolios",
                          .tag = "portfolios",
                          .summary = "Portfolios",
                          .access = Access::kViewer});
  add_get<PortfolioRow>(api, resources,
                        {.path = "/portfolios/{id}",
                         .name = "get_portfolio",
                         .tag = "portfolios",
                         .summary = "One portfolio",
                         .access = Access::kViewer});
  api.add(endpoint<None, None, PortfolioIn, PortfolioRow>({.method = Method::kPost,
                                                           .path = "/portfolios",
                                                           .name = "create_portfolio",
                                                           .tag = "portfolios",
                                                           .summary = "A new portfolio",
                                                           .access = Access::kTrader,
                                                           .status = 201,
                                                           .takes_key = true},
                                                          [&](const auto& call) { return create(resources, call); }));
  api.add(endpoint<IdPath, None, PortfolioPatch, PortfolioRow>(
      {.method = Method::kPatch,
       .path = "/portfolios/{id}",
       .name = "change_portfolio",
       .tag = "portfolios",
       .summary = "Another name, or to be the default one",
       .access = Access::kTrader},
      [&](const auto& call) -> Result<PortfolioRow> {
        ARGOSY_TRY(const auto row, resources.store.get<PortfolioRow>(*call.caller, call.path.id));
        ARGOSY_TRY_VOID(resources.requests.ask(
            *call.caller, "portfolio_set",
            live::SetPortfolio{
                .portfolio_id = row.portfolio_id, .name = call.body.name, .is_default = call.body.is_default},
            key_of(call.http)));
        return resources.store.get<PortfolioRow>(*call.caller, row.portfolio_id);
      }));
  api.add(endpoint<IdPath, None, None, None>(
      {.method = Method::kDelete,
       .path = "/portfolios/{id}",
       .name = "remove_portfolio",
       .tag = "portfolios",
       .summary =
           "Removes one that is not the default one and has no money, shares, services and orders that work; its "
           "history stays",
       .access = Access::kTrader},
      [&](const auto& call) -> Result<None> {
        ARGOSY_TRY(const auto row, resources.store.get<PortfolioRow>(*call.caller, call.path.id));
        ARGOSY_TRY_VOID(resources.requests.ask(*call.caller, "portfolio_remove",
                                               live::OneSubject{.id = row.portfolio_id}, key_of(call.http)));
        return None{};
      }));
  add_money(api, resources, "/portfolios/{id}/fund", "fund_portfolio", "portfolio_fund", "Money comes in");
  add_money(api, resources, "/portfolios/{id}/withdraw", "withdraw_from_portfolio", "portfolio_withdraw",
            "Money goes out");
  add_part<ledger::HoldingRow>(api, resources, "/portfolios/{id}/holdings", "list_holdings", "Shares in it");
  add_part<ledger::StatementRow>(api, resources, "/portfolios/{id}/transactions", "list_portfolio_transactions",
                                 "Its statement: fills, deposits, withdrawals, dividends");
  add_part<ledger::FundingRow>(api, resources, "/portfolios/{id}/fundings", "list_fundings",
                               "Deposits and withdrawals");
  api.add(endpoint<IdPath, server::Listing<ledger::CashBalanceRow>, None, server::Page<ledger::CashBalanceRow>>(
      {.path = "/portfolios/{id}/cash-balances",
       .name = "list_cash_balances",
       .tag = "portfolios",
       .summary = "Its cash, as sums of its entries",
       .access = Access::kViewer},
      [&](const auto& call) -> Result<server::Page<ledger::CashBalanceRow>> {
        ARGOSY_TRY(const auto row, resources.store.get<PortfolioRow>(*call.caller, call.path.id));
        return resources.store.list(*call.caller, call.query,
                                    "holder IN ('portfolio', 'money_market') AND holder_id = :id", {row.portfolio_id});
      }));
}

}  // namespace argosy::rest
