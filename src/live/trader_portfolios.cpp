// What users ask for of their portfolios: one more, another name, money, and that one is removed.
#include <fmt/format.h>

#include <algorithm>

#include "core/text.hpp"
#include "live/order_text.hpp"
#include "live/request_answer.hpp"
#include "live/trader.hpp"

namespace argosy::live {

using core::Error;
using core::ErrorCode;
using core::fail;
using core::Result;

Result<const ledger::PortfolioRow*> Trader::find_portfolio(std::int64_t id) const {
  if (const ledger::PortfolioRow* found = book().portfolio(id); found != nullptr && !found->removed_at) return found;
  for (const auto& [number, row] : book().portfolios()) {
    if (id == 0 && row.is_default) return &row;
  }
  if (id == 0)
    return fail(Error(ErrorCode::kNotFound, "there is no default portfolio")
                    .with_hint("argosy init makes one; argosy portfolio list shows what there is"));
  return fail(Error(ErrorCode::kNotFound, fmt::format("there is no portfolio {}", id))
                  .with_hint("argosy portfolio list shows what there is"));
}

Result<void> Trader::check_name(std::int64_t owner, const std::string& name) const {
  if (core::trim(name).empty()) return fail(ErrorCode::kInvalidArgument, "a portfolio needs a name");
  if (!book().has_portfolio(owner, name)) return {};
  return fail(ErrorCode::kAlreadyExists, fmt::format("another portfolio is called \"{}\" already", name));
}

Trader::Answer Trader::create_portfolio(const CreatePortfolio& asked, const std::string& by) {
  ARGOSY_TRY_VOID(check_name(asked.owner_id, asked.name));
  const std::int64_t id = book().last().portfolio + 1;
  recorder_.record(PortfolioMade{.portfolio_id = id,
                                 .owner_id = asked.owner_id,
                                 .broker_account_id = asked.broker_account_id,
                                 .name = asked.name,
                                 .is_default = asked.is_default || book().portfolios().empty(),
                                 .currency = asked.currency});
  recorder_.audit(by, "portfolio.create", fmt::to_string(id), {}, row_text(*book().portfolio(id)));
  return answer_with("portfolio_id", id);
}

Trader::Answer Trader::set_portfolio(const SetPortfolio& asked, const std::string& by) {
  ARGOSY_TRY(const ledger::PortfolioRow* row, find_portfolio(asked.portfolio_id));
  const std::int64_t id = row->portfolio_id;
  if (asked.name && *asked.name != row->name) ARGOSY_TRY_VOID(check_name(row->owner_id, *asked.name));
  if (row->is_default && !asked.is_default.value_or(true))
    return fail(Error(ErrorCode::kConflict, fmt::format("portfolio {} is the default one", id))
                    .with_hint("make another one the default: then this one is not any more"));
  const std::string before = row_text(*row);
  recorder_.record(PortfolioSet{.portfolio_id = id,
                                .name = asked.name.value_or(row->name),
                                .is_default = asked.is_default.value_or(row->is_default)});
  recorder_.audit(by, "portfolio.set", fmt::to_string(id), before, row_text(*book().portfolio(id)));
  return answer_with("portfolio_id", id);
}

// Its transactions, orders and entries stay; nobody is asked about it any more.
Trader::Answer Trader::remove_portfolio(std::int64_t id, const std::string& by) {
  if (id == 0) return fail(ErrorCode::kInvalidArgument, "which portfolio? Name it");
  ARGOSY_TRY(const ledger::PortfolioRow* row, find_portfolio(id));
  std::string there = book().what_is_in(*row);
  if (there.empty()) {
    const auto works = std::ranges::find_if(book().orders(), [&](const auto& each) {
      return each.second.portfolio_id == id && !trading::is_final(parse_order_state(each.second.state));
    });
    if (works != book().orders().end()) there = fmt::format("order {} of it still works", works->first);
  }
  if (!there.empty())
    return fail(Error(ErrorCode::kConflict, fmt::format("portfolio {} cannot be removed: {}", id, there))
                    .with_hint("one is removed that is not the default one and has no money, no shares, no services "
                               "and no orders that work"));
  const std::string before = row_text(*row);
  recorder_.record(PortfolioRemoved{.portfolio_id = id});
  recorder_.audit(by, "portfolio.remove", fmt::to_string(id), before, {});
  return answer_with("portfolio_id", id);
}

Trader::Answer Trader::move_money(const MovePortfolioMoney& asked, bool out, const std::string& by) {
  ARGOSY_TRY(const ledger::PortfolioRow* portfolio, find_portfolio(asked.portfolio_id));
  if (!asked.amount.is_positive()) return fail(ErrorCode::kInvalidArgument, "an amount must be above 0");
  const Money there = asked.money_market ? portfolio->money_market : free_cash(*portfolio);
  if (out && asked.amount > there) return fail(too_little("portfolio", there, asked.amount, portfolio->currency));
  const std::int64_t funding = book().last().funding + 1;
  const Money amount = out ? -asked.amount : asked.amount;
  recorder_.record(PortfolioFunded{.funding_id = funding,
                                   .portfolio_id = portfolio->portfolio_id,
                                   .amount = amount,
                                   .money_market = asked.money_market,
                                   .note = asked.note});
  if (Desk* desk = desk_of(portfolio->broker_account_id)) desk->fund(funding, amount);
  recorder_.audit(by, out ? "portfolio.withdraw" : "portfolio.fund", fmt::to_string(portfolio->portfolio_id), {},
                  amount.to_string());
  return answer_with("funding_id", funding);
}

}  // namespace argosy::live
