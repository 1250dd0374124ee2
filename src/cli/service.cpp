// argosy service: services that buy and sell one stock.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "cli/commands.hpp"
#include "cli/decision_makers.hpp"
#include "cli/instruments.hpp"
#include "cli/ledger_home.hpp"
#include "cli/service_commands.hpp"
#include "cli/trading_home.hpp"
#include "core/json.hpp"
#include "core/text.hpp"
#include "ledger/records.hpp"
#include "live/request.hpp"

namespace argosy::cli {

using core::Error;
using core::ErrorCode;
using core::fail;
using core::JsonWriter;
using core::Result;
using ledger::ServiceRow;

namespace {

// What is not given as text, or not by users.
constexpr std::string_view kNoOptions[] = {"instrument_id", "symbol", "portfolio_id", "service_id", "starts"};

// The text of the same field of a service.
std::string option_text(const core::Field& field) {
  std::string_view name = field.name;
  if (name == "balance") name = "initial_balance";
  if (name == "add_balance") return "money from the portfolio to the service; negative: back";
  const core::Field* column = core::find_field(core::record_type<ServiceRow>(), name);
  ARGOSY_CHECK(column != nullptr, "services have no {}", name);
  if (column->notes.unit.empty()) return std::string(column->notes.text);
  return fmt::format("{} ({})", column->notes.text, column->notes.unit);
}

std::string option_name(std::string_view field) {
  std::string name = "--" + std::string(field);
  std::ranges::replace(name, '_', '-');
  return name;
}

struct Options {
  std::string service;
  std::string symbol;
  std::string portfolio;
  std::string state;
  std::string transaction;
  std::string price;
  bool stopped = false;
  GivenFields given;
};

Result<void> show_changed(ledger::Database& database, const std::string& number, const Globals& globals) {
  ARGOSY_TRY(const ServiceRow row, find_service(database, number));
  if (!globals.json) return print(service_line(row) + "\n");
  JsonWriter json(2);
  write_service(json.begin_object(), row);
  return print(std::move(json.end_object()).take() + "\n");
}

Result<void> create(const Options& options, const Globals& globals) {
  ARGOSY_TRY(live::CreateService asked, new_service(globals));
  asked.symbol = options.symbol;
  asked.starts = !options.stopped;
  ARGOSY_TRY_VOID(set_given(core::record_type<live::CreateService>(), &asked, options.given));
  asked.strategy = strategy_reference(asked.strategy);
  ARGOSY_TRY(const auto database, open_ledger(globals));
  ARGOSY_TRY(const ledger::PortfolioRow portfolio, find_portfolio(*database, options.portfolio));
  asked.portfolio_id = portfolio.portfolio_id;
  ARGOSY_TRY(const ledger::InstrumentRow instrument, instrument_for_service(*database, globals, options.symbol));
  asked.instrument_id = instrument.instrument_id;
  ARGOSY_TRY(const core::JsonValue answer, ask(*database, globals, "service_create", asked));
  ARGOSY_TRY(const std::int64_t id, answered_number(answer, "service_id"));
  return show_changed(*database, fmt::to_string(id), globals);
}

Result<void> set(const Options& options, const Globals& globals) {
  live::SetService asked;
  ARGOSY_TRY_VOID(set_given(core::record_type<live::SetService>(), &asked, options.given));
  if (options.given.empty())
    return fail(Error(ErrorCode::kInvalidArgument, "nothing to set")
                    .with_hint("argosy service set --help lists what can be set"));
  if (asked.strategy) asked.strategy = strategy_reference(*asked.strategy);
  ARGOSY_TRY(const auto database, open_ledger(globals));
  ARGOSY_TRY(const ServiceRow row, find_service(*database, options.service));
  asked.service_id = row.service_id;
  ARGOSY_TRY_VOID(ask(*database, globals, "service_set", asked));
  return show_changed(*database, fmt::to_string(row.service_id), globals);
}

// The requests that name a service and nothing else.
template <const char* kKind>
Result<void> change(const Options& options, const Globals& globals) {
  ARGOSY_TRY(const auto database, open_ledger(globals));
  ARGOSY_TRY(const ServiceRow row, find_service(*database, options.service));
  ARGOSY_TRY_VOID(ask(*database, globals, kKind, live::OneSubject{.id = row.service_id}));
  return show_changed(*database, fmt::to_string(row.service_id), globals);
}

constexpr char kStart[] = "service_start";
constexpr char kPause[] = "service_pause";
constexpr char kStop[] = "service_stop";

Result<void> remove(const Options& options, const Globals& globals) {
  ARGOSY_TRY(const auto database, open_ledger(globals));
  ARGOSY_TRY(const ServiceRow row, find_service(*database, options.service));
  ARGOSY_TRY_VOID(ask(*database, globals, "service_remove", live::OneSubject{.id = row.service_id}));
  if (!globals.json) return print(fmt::format("service {} is removed; its history stays\n", row.service_id));
  core::JsonWriter json(2);
  return print(std::move(json.begin_object().key("service_id").value(row.service_id).end_object()).take() + "\n");
}

Result<void> close_position(const Options& options, const Globals& globals) {
  ARGOSY_TRY(const auto database, open_ledger(globals));
  ARGOSY_TRY(const ServiceRow row, find_service(*database, options.service));
  ARGOSY_TRY(const core::JsonValue answer,
             ask(*database, globals, "close_position", live::OneSubject{.id = row.service_id}));
  ARGOSY_TRY(const std::int64_t order, answered_number(answer, "order_id"));
  if (!globals.json)
    return print(fmt::format("order {} sells {} {}\n", order, row.current_shares.to_string(), row.stock_symbol));
  JsonWriter json(2);
  json.begin_object().key("service_id").value(row.service_id).key("order_id").value(order).end_object();
  return print(std::move(json).take() + "\n");
}

// The transaction that is named, or the open one of the service.
Result<std::int64_t> open_transaction(ledger::Database& database, const Options& options, const ServiceRow& row) {
  if (!options.transaction.empty()) {
    const auto number = core::parse_integer(options.transaction);
    if (!number)
      return fail(ErrorCode::kInvalidArgument, fmt::format("\"{}\" is no transaction's number", options.transaction));
    return *number;
  }
  ARGOSY_TRY(const std::vector<ledger::TransactionRow> open, database.read([&](ledger::Transaction& work) {
    return ledger::select<ledger::TransactionRow>(work, "WHERE service_id = :service_id AND state = 'OPEN'",
                                                  {row.service_id});
  }));
  if (open.empty())
    return fail(Error(ErrorCode::kConflict, fmt::format("service {} has no open transaction", row.service_id))
                    .with_hint("argosy service show tells its transactions"));
  return open.front().transaction_id;
}

Result<void> complete(const Options& options, const Globals& globals) {
  live::CompleteTransaction asked;
  ARGOSY_TRY(asked.price, parse_amount<core::Price>(options.price, "--price"));
  ARGOSY_TRY(const auto database, open_ledger(globals));
  ARGOSY_TRY(const ServiceRow row, find_service(*database, options.service));
  ARGOSY_TRY(asked.transaction_id, open_transaction(*database, options, row));
  ARGOSY_TRY_VOID(ask(*database, globals, "complete", asked));
  return show_changed(*database, fmt::to_string(row.service_id), globals);
}

Result<std::vector<ServiceRow>> select_services(ledger::Database& database, const Options& options,
                                                const Globals& globals) {
  std::optional<std::int64_t> portfolio;
  if (!options.portfolio.empty()) {
    ARGOSY_TRY(const ledger::PortfolioRow row, find_portfolio(database, options.portfolio));
    portfolio = row.portfolio_id;
  }
  static_cast<void>(globals);
  ARGOSY_TRY(std::vector<ServiceRow> rows, database.read([](ledger::Transaction& work) {
    return ledger::select<ServiceRow>(work, "WHERE removed_at IS NULL ORDER BY service_id");
  }));
  std::erase_if(rows, [&](const ServiceRow& row) {
    return (portfolio && row.portfolio_id != *portfolio) ||
           (!options.symbol.empty() && row.stock_symbol != options.symbol) ||
           (!options.state.empty() && to_string(row.state) != options.state);
  });
  return rows;
}

Result<void> list(const Options& options, const Globals& globals) {
  ARGOSY_TRY(const auto database, open_ledger(globals));
  ARGOSY_TRY(const std::vector<ServiceRow> services, select_services(*database, options, globals));
  if (globals.json) {
    JsonWriter json(2);
    json.begin_object().key("items").begin_array();
    for (const ServiceRow& row : services) {
      write_service(json.begin_object(), row);
      json.end_object();
    }
    json.end_array().key("meta").begin_object().key("count").value(services.size()).end_object().end_object();
    return print(std::move(json).take() + "\n");
  }
  if (services.empty()) return print("No services. Make one: argosy service create --symbol AAPL --balance 10000\n");
  std::vector<std::vector<std::string>> rows;
  for (const ServiceRow& row : services)
    rows.push_back({fmt::to_string(row.service_id), row.name, row.stock_symbol, std::string(to_string(row.state)),
                    std::string(to_string(row.mode)), money_text(row.current_balance), row.current_shares.to_string(),
                    gain_text(row.total_gain_loss), row.strategy});
  return print(
      format_table({"service", "name", "symbol", "state", "mode", "balance", "shares", "gain/loss", "strategy"}, rows));
}

}  // namespace

std::string money_text(core::Money amount) {
  constexpr std::int64_t kCent = 10'000;
  const std::int64_t units = amount.units();
  const core::Money shown = core::scale(core::Money::from_units(units), 1, kCent, core::Rounding::kHalfEven) * kCent;
  return shown.to_string(2);
}

std::string gain_text(core::Money amount) {
  if (amount.is_zero()) return "-";
  return (amount.is_positive() ? "+" : "") + money_text(amount);
}

std::string service_line(const ServiceRow& row) {
  std::string line =
      fmt::format("service {} ({}): {}, {}, {}, {} {}", row.service_id, row.name, row.stock_symbol,
                  to_string(row.state), to_string(row.mode), money_text(row.current_balance), row.currency);
  if (row.current_shares.is_positive()) line += fmt::format(", {} shares", row.current_shares.to_string());
  return line;
}

Result<live::CreateService> new_service(const Globals& globals) {
  ARGOSY_TRY(const TradingSetup setup, load_trading(globals));
  return service_defaults(setup.config);
}

live::CreateService service_defaults(const live::TradingConfig& config) {
  const live::ServiceDefaults& defaults = config.service_defaults;
  return live::CreateService{.allocation_percent = defaults.allocation_percent,
                             .buy_threshold = defaults.buy_threshold,
                             .sell_threshold = defaults.sell_threshold,
                             .stop_loss_percent = defaults.stop_loss_percent,
                             .take_profit_percent = defaults.take_profit_percent,
                             .strategy = defaults.strategy,
                             .interval_seconds = live::service_interval(config),
                             .fractional = defaults.fractional};
}

void write_service(JsonWriter& json, const ServiceRow& row) {
  core::write_json_fields(json, core::record_type<ServiceRow>(), &row);
  json.key("is_active").value(row.state == ledger::ServiceState::kActive);
}

void add_service_options(CLI::App& command, const core::RecordType& request, GivenFields& given) {
  for (const core::Field& field : request.fields) {
    if (std::ranges::find(kNoOptions, field.name) != std::end(kNoOptions)) continue;
    const std::string name(field.name);
    if (field.type == core::FieldType::kBoolean) {
      command.add_flag_function(
          option_name(name) + ",!--no-" + name,
          [&given, name](std::int64_t count) { given.emplace_back(name, count > 0 ? "true" : "false"); },
          option_text(field));
      continue;
    }
    command
        .add_option_function<std::string>(
            option_name(name), [&given, name](const std::string& text) { given.emplace_back(name, text); },
            option_text(field))
        ->required(field.notes.required);
  }
}

Result<void> set_given(const core::RecordType& request, void* record, const GivenFields& given) {
  for (const auto& [name, text] : given) {
    if (auto done = core::set_field(request, record, name, text); !done)
      return fail(std::move(done).error().in_field(option_name(name), text));
  }
  return {};
}

void add_service(CLI::App& parent, Globals& globals) {
  CLI::App* group =
      parent.add_subcommand("service", "Services that buy and sell one stock: make, look at, start, stop");
  group->require_subcommand(1);
  const auto add = [&](const char* name, const char* text, const char* examples,
                       const std::shared_ptr<Options>& options, Result<void> (*work)(const Options&, const Globals&)) {
    CLI::App* command = group->add_subcommand(name, text);
    add_common_options(*command, globals);
    command->footer(std::string("Examples:\n") + examples);
    command->callback([options, work, &globals] { run_command([&] { return work(*options, globals); }); });
    return command;
  };
  auto options = std::make_shared<Options>();
  CLI::App* creator = add(
      "create", "A new service, with money of a portfolio",
      "  argosy service create --symbol AAPL --balance 10000\n"
      "  argosy service create --symbol MSFT --balance 5000 --name careful --stop-loss-percent 5 --buy-threshold 60",
      options, create);
  creator->add_option("--symbol", options->symbol, "what it trades")->required();
  creator->add_option("--portfolio", options->portfolio, "whose money it gets (default: the default portfolio)");
  creator->add_flag("--stopped", options->stopped, "it begins with argosy service start");
  add_service_options(*creator, core::record_type<live::CreateService>(), options->given);

  options = std::make_shared<Options>();
  CLI::App* lister = add("list", "Show the services",
                         "  argosy service list\n  argosy service list --state ACTIVE --json", options, list);
  lister->add_option("--symbol", options->symbol, "those that trade it");
  lister->add_option("--portfolio", options->portfolio, "those of it");
  lister->add_option("--state", options->state, "ACTIVE, INACTIVE, PAUSED or ERROR")
      ->check(CLI::IsMember({"ACTIVE", "INACTIVE", "PAUSED", "ERROR"}));
  add_service_show(*group, globals);

  const auto of_one = [&](const char* name, const char* text, const char* examples,
                          Result<void> (*work)(const Options&, const Globals&)) {
    options = std::make_shared<Options>();
    CLI::App* command = add(name, text, examples, options, work);
    command->add_option("service", options->service, "its number or its name")->required();
    return command;
  };
  of_one("start", "Begin, or go on", "  argosy service start 1", change<kStart>);
  of_one("pause", "No new purchases; stops still sell", "  argosy service pause 1", change<kPause>);
  of_one("stop", "Switch it off; what it holds stays, what it does not need goes back to the portfolio",
         "  argosy service stop 1", change<kStop>);
  of_one("remove", "Remove one that holds nothing and has no order that works; its history stays",
         "  argosy service remove 1", remove);
  CLI::App* setter = of_one("set", "Other settings, or other money",
                            "  argosy service set 1 --take-profit-percent 4\n  argosy service set 1 --mode HOLD\n"
                            "  argosy service set 1 --add-balance 2500",
                            set);
  add_service_options(*setter, core::record_type<live::SetService>(), options->given);
  add_service_apply(*group, globals);
  of_one("close-position", "Sell what it holds now", "  argosy service close-position 1", close_position);
  CLI::App* completer = of_one("complete", "Close its transaction by hand: the shares pass to the portfolio at a price",
                               "  argosy service complete 1 --price 190.25", complete);
  completer->add_option("--price", options->price, "of one share")->required();
  completer->add_option("--transaction", options->transaction, "which one (default: the open one)");
}

}  // namespace argosy::cli
