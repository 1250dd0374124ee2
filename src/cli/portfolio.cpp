// argosy portfolio: money and shares of a user in one broker account.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/commands.hpp"
#include "cli/ledger_home.hpp"
#include "cli/portfolio_value.hpp"
#include "cli/service_commands.hpp"
#include "core/json.hpp"
#include "live/request.hpp"

namespace argosy::cli {
namespace {

using core::Result;

struct Options {
  std::string portfolio;
  std::string name;
  std::string amount;
  std::string note;
  bool money_market = false;
};

Result<void> show_one(ledger::Database& database, const std::string& number, const Globals& globals) {
  ARGOSY_TRY(const ledger::PortfolioRow row, find_portfolio(database, number));
  ARGOSY_TRY(const PortfolioValue value, value_of(database, row));
  if (globals.json) {
    core::JsonWriter json(2);
    write_value(json.begin_object(), value);
    return print(std::move(json.end_object()).take() + "\n");
  }
  return print(fmt::format("portfolio {} ({}): {} {} in cash\n", row.portfolio_id, row.name, money_text(row.cash),
                           row.currency));
}

Result<void> move(const Options& options, const Globals& globals, const char* kind) {
  live::MovePortfolioMoney asked{.money_market = options.money_market, .note = options.note};
  ARGOSY_TRY(asked.amount, parse_amount<core::Money>(options.amount, "amount"));
  ARGOSY_TRY(const auto database, open_ledger(globals));
  ARGOSY_TRY(const ledger::PortfolioRow row, find_portfolio(*database, options.portfolio));
  asked.portfolio_id = row.portfolio_id;
  ARGOSY_TRY_VOID(ask(*database, globals, kind, asked));
  return show_one(*database, fmt::to_string(row.portfolio_id), globals);
}

Result<void> fund(const Options& options, const Globals& globals) { return move(options, globals, "portfolio_fund"); }
Result<void> withdraw(const Options& options, const Globals& globals) {
  return move(options, globals, "portfolio_withdraw");
}

Result<void> set(const Options& options, const Globals& globals, live::SetPortfolio asked) {
  ARGOSY_TRY(const auto database, open_ledger(globals));
  ARGOSY_TRY(const ledger::PortfolioRow row, find_portfolio(*database, options.portfolio));
  asked.portfolio_id = row.portfolio_id;
  ARGOSY_TRY_VOID(ask(*database, globals, "portfolio_set", asked));
  return show_one(*database, fmt::to_string(row.portfolio_id), globals);
}

Result<void> rename(const Options& options, const Globals& globals) {
  return set(options, globals, {.name = options.name, .is_default = {}});
}
Result<void> make_default(const Options& options, const Globals& globals) {
  return set(options, globals, {.name = {}, .is_default = true});
}

Result<void> remove(const Options& options, const Globals& globals) {
  ARGOSY_TRY(const auto database, open_ledger(globals));
  ARGOSY_TRY(const ledger::PortfolioRow row, find_portfolio(*database, options.portfolio));
  ARGOSY_TRY_VOID(ask(*database, globals, "portfolio_remove", live::OneSubject{.id = row.portfolio_id}));
  if (!globals.json)
    return print(fmt::format("portfolio {} ({}) is removed; its history stays\n", row.portfolio_id, row.name));
  core::JsonWriter json(2);
  return print(std::move(json.begin_object().key("portfolio_id").value(row.portfolio_id).end_object()).take() + "\n");
}

Result<void> list(const Options&, const Globals& globals) {
  ARGOSY_TRY(const auto database, open_ledger(globals));
  ARGOSY_TRY(const std::vector<PortfolioValue> portfolios, all_values(*database));
  if (globals.json) {
    core::JsonWriter json(2);
    json.begin_object().key("items").begin_array();
    for (const PortfolioValue& each : portfolios) {
      write_value(json.begin_object(), each);
      json.end_object();
    }
    json.end_array().key("meta").begin_object().key("count").value(portfolios.size()).end_object().end_object();
    return print(std::move(json).take() + "\n");
  }
  std::vector<std::vector<std::string>> rows;
  for (const PortfolioValue& each : portfolios)
    rows.push_back({fmt::to_string(each.row.portfolio_id), each.row.name, each.row.is_default ? "yes" : "",
                    each.row.currency, money_text(each.row.cash), money_text(each.row.money_market),
                    money_text(each.investment), money_text(each.equity)});
  return print(
      format_table({"portfolio", "name", "default", "currency", "cash", "money market", "investment", "equity"}, rows));
}

}  // namespace

void add_portfolio(CLI::App& parent, Globals& globals) {
  CLI::App* group =
      parent.add_subcommand("portfolio", "Money and shares in broker accounts: look at, put in, take out");
  group->require_subcommand(1);
  auto options = std::make_shared<Options>();
  const auto add = [&](const char* name, const char* text, const char* examples,
                       Result<void> (*work)(const Options&, const Globals&)) {
    CLI::App* command = group->add_subcommand(name, text);
    add_common_options(*command, globals);
    command->footer(std::string("Examples:\n") + examples);
    command->callback([options, work, &globals] { run_command([&] { return work(*options, globals); }); });
    return command;
  };
  add("list", "Show the portfolios", "  argosy portfolio list --json", list);
  add_portfolio_show(*group, globals);
  CLI::App* funder =
      add("fund", "Put money in", "  argosy portfolio fund 5000\n  argosy portfolio fund 5000 --note salary", fund);
  CLI::App* drawer =
      add("withdraw", "Take money out", "  argosy portfolio withdraw 2500 --portfolio default", withdraw);
  for (CLI::App* command : {funder, drawer}) {
    command->add_option("amount", options->amount, "in the portfolio's currency")->required();
    command->add_option("--portfolio", options->portfolio, "its number or name (default: the default portfolio)");
    command->add_option("--note", options->note, "what it is, in words");
    command->add_flag("--money-market", options->money_market, "of what is parked, rather than of the cash");
  }
  CLI::App* renamer = add("rename", "Give another name", "  argosy portfolio rename default pension", rename);
  CLI::App* chooser = add("default", "Make one the default: the one that is meant when none is named",
                          "  argosy portfolio default pension", make_default);
  CLI::App* remover =
      add("remove", "Remove one that has nothing; its history stays", "  argosy portfolio remove pension", remove);
  for (CLI::App* command : {renamer, chooser, remover})
    command->add_option("portfolio", options->portfolio, "its number or name")->required();
  renamer->add_option("name", options->name, "what it shall be called")->required();
}

}  // namespace argosy::cli
