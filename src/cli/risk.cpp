// argosy risk: limits in force, and the kill switch.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/commands.hpp"
#include "cli/ledger_home.hpp"
#include "cli/limit_options.hpp"
#include "cli/trading_home.hpp"
#include "core/json.hpp"
#include "core/text.hpp"
#include "ledger/records.hpp"
#include "ledger/users.hpp"
#include "live/request.hpp"
#include "trading/soft_limits.hpp"

namespace argosy::cli {
namespace {

using core::JsonWriter;
using core::Result;
using ledger::KillSwitchRow;

struct Options {
  std::string scope = "all";
  std::string subject;
  std::string reason;
  std::string name;
  std::string value;
  std::int64_t switch_id = 0;
  std::int64_t account = 0;  // 0: all
  bool entries_only = false;
  bool flatten = false;
};

struct Stored {
  std::vector<ledger::RiskLimitRow> soft;
  std::vector<KillSwitchRow> thrown;
};

Result<Stored> load(ledger::Database& database) {
  return database.read([](ledger::Transaction& work) -> Result<Stored> {
    Stored out;
    ARGOSY_TRY(out.soft, ledger::select<ledger::RiskLimitRow>(
                             work, "WHERE is_hard = 0 AND value <> 'none' ORDER BY scope, subject, name"));
    ARGOSY_TRY(out.thrown, ledger::select<KillSwitchRow>(work, "WHERE released_at IS NULL ORDER BY switch_id"));
    return out;
  });
}

std::string whom(const std::string& scope, const std::string& subject) {
  return subject.empty() ? scope : fmt::format("{} {}", scope, subject);
}

Result<void> show(const Options&, const Globals& globals) {
  ARGOSY_TRY(const auto database, open_ledger(globals));
  ARGOSY_TRY(const Stored stored, load(*database));
  ARGOSY_TRY(const trading::LimitProfile hard, hard_limits(globals));
  if (globals.json) {
    JsonWriter json(2);
    json.begin_object().key("hard");
    write_limits(json.begin_object(), hard);
    json.end_object().key("soft").begin_array();
    for (const ledger::RiskLimitRow& row : stored.soft) core::write_json(json, row);
    json.end_array().key("kill_switches").begin_array();
    for (const KillSwitchRow& row : stored.thrown) core::write_json(json, row);
    return print(std::move(json.end_array().end_object()).take() + "\n");
  }
  std::string text = fmt::format("Hard limits, of {}; no command can raise them.\n", trading_config_path(globals));
  text += limits_text(hard);
  if (!stored.soft.empty()) {
    std::vector<std::vector<std::string>> rows;
    for (const ledger::RiskLimitRow& row : stored.soft)
      rows.push_back({row.name, row.value, whom(row.scope, row.subject), row.set_by, format_seconds(row.set_at)});
    text += "\n" + format_table({"soft limit", "value", "of", "set by", "since"}, rows);
  }
  if (stored.thrown.empty()) return print(text + "\nNo kill switch is thrown.\n");
  std::vector<std::vector<std::string>> rows;
  for (const KillSwitchRow& row : stored.thrown)
    rows.push_back({fmt::to_string(row.switch_id), whom(row.scope, row.subject), row.halts, row.flatten ? "yes" : "no",
                    row.set_by, format_seconds(row.set_at), row.reason});
  return print(text + "\n" + format_table({"kill switch", "of", "halts", "sells", "set by", "since", "reason"}, rows));
}

// Subjects as the trading process knows them: a service by its number, an instrument by its symbol.
Result<std::string> subject_of(ledger::Database& database, const Options& options) {
  if (options.scope != "service") return options.subject;
  ARGOSY_TRY(const ledger::ServiceRow row, find_service(database, options.subject));
  return fmt::to_string(row.service_id);
}

Result<void> kill(const Options& options, const Globals& globals) {
  ARGOSY_TRY(const auto database, open_ledger(globals));
  live::ThrowSwitch asked{.scope = options.scope,
                          .halts = options.entries_only ? "entries" : "orders",
                          .reason = options.reason,
                          .flatten = options.flatten};
  ARGOSY_TRY(asked.subject, subject_of(*database, options));
  ARGOSY_TRY(const core::JsonValue answer, ask(*database, globals, "risk_kill", asked));
  // An order is cancelled at once, without a switch.
  const bool is_order = options.scope == "order";
  ARGOSY_TRY(const std::int64_t id, answered_number(answer, is_order ? "order_id" : "switch_id"));
  if (globals.json) {
    JsonWriter json(2);
    return print(std::move(json.begin_object().key(is_order ? "order_id" : "switch_id").value(id).end_object()).take() +
                 "\n");
  }
  if (is_order) return print(fmt::format("order {} is being cancelled\n", id));
  return print(fmt::format("kill switch {} is thrown: {}. It stays until argosy risk release --switch {}\n", id,
                           whom(asked.scope, asked.subject), id));
}

Result<void> set(const Options& options, const Globals& globals) {
  ARGOSY_TRY(const auto database, open_ledger(globals));
  ARGOSY_TRY_VOID(ask(*database, globals, "risk_set", live::SetLimit{.name = options.name, .value = options.value}));
  if (globals.json) {
    JsonWriter json(2);
    json.begin_object().key("name").value(options.name).key("value").value(options.value).end_object();
    return print(std::move(json).take() + "\n");
  }
  return print(options.value == trading::kNoSoftLimit
                   ? fmt::format("{} has no soft limit any more\n", options.name)
                   : fmt::format("{} is {} from now on\n", options.name, options.value));
}

// Of one account, or of all.
Result<void> ask_accounts(const Options& options, const Globals& globals, const char* kind, const char* counted,
                          const char* done) {
  ARGOSY_TRY(const auto database, open_ledger(globals));
  ARGOSY_TRY(const core::JsonValue answer, ask(*database, globals, kind, live::OneSubject{.id = options.account}));
  ARGOSY_TRY(const std::int64_t count, answered_number(answer, counted));
  if (!globals.json) return print(fmt::format("{} account{}: {}\n", count, count == 1 ? "" : "s", done));
  JsonWriter json(2);
  return print(std::move(json.begin_object().key(counted).value(count).end_object()).take() + "\n");
}

Result<void> reset(const Options& options, const Globals& globals) {
  return ask_accounts(options, globals, "breaker_reset", "accounts",
                      "the circuit breaker is closed; losses are measured from now on");
}

Result<void> try_switch(const Options& options, const Globals& globals) {
  return ask_accounts(options, globals, "risk_try", "tried", "the kill switch works");
}

Result<void> release(const Options& options, const Globals& globals) {
  ARGOSY_TRY(const auto database, open_ledger(globals));
  live::ReleaseSwitch asked{.switch_id = options.switch_id, .scope = options.scope};
  ARGOSY_TRY(asked.subject, subject_of(*database, options));
  ARGOSY_TRY(const core::JsonValue answer, ask(*database, globals, "risk_release", asked));
  ARGOSY_TRY(const std::int64_t count, answered_number(answer, "released"));
  if (!globals.json) return print(fmt::format("released {} kill switch{}\n", count, count == 1 ? "" : "es"));
  JsonWriter json(2);
  return print(std::move(json.begin_object().key("released").value(count).end_object()).take() + "\n");
}

}  // namespace

Result<trading::LimitProfile> hard_limits(const Globals& globals) {
  ARGOSY_TRY(TradingSetup setup, load_trading(globals));
  return std::move(setup.config.hard_limits);
}

Result<trading::LimitProfile> limits_in_force(ledger::Database& database, const Globals& globals) {
  ARGOSY_TRY(const trading::LimitProfile hard, hard_limits(globals));
  ARGOSY_TRY(const Stored stored, load(database));
  std::vector<trading::SoftLimit> soft;
  for (const ledger::RiskLimitRow& row : stored.soft) soft.push_back({.name = row.name, .value = row.value});
  return trading::tighten(hard, soft);
}

void add_risk(CLI::App& parent, Globals& globals) {
  CLI::App* group = parent.add_subcommand("risk", "Limits in force, and the kill switch");
  group->require_subcommand(1);
  const auto add = [&](const char* name, const char* text, const char* examples,
                       Result<void> (*work)(const Options&, const Globals&)) {
    auto options = std::make_shared<Options>();
    CLI::App* command = group->add_subcommand(name, text);
    add_common_options(*command, globals);
    command->footer(std::string("Examples:\n") + examples);
    command->callback([options, work, &globals] { run_command([&] { return work(*options, globals); }); });
    return std::pair(command, options);
  };
  add("show", "Hard and soft limits, and the kill switches that are thrown", "  argosy risk show --json", show);
  const auto [setter, set_options] =
      add("set", "A soft limit: tighter than the hard one, or none",
          "  argosy risk set max_order_value 2500\n  argosy risk set equal_orders \"{most: 1, within: 1m}\"\n"
          "  argosy risk set max_order_value none",
          set);
  setter->add_option("name", set_options->name, "of a limit, as argosy risk show has it")->required();
  setter->add_option("value", set_options->value, "as a file of limits has it; none: the hard limit alone")->required();
  const auto [killer, kill_options] =
      add("kill", "Throw the kill switch: orders are cancelled, and no more leave until it is released",
          "  argosy risk kill --reason \"prices look wrong\"\n"
          "  argosy risk kill --scope service --subject 1 --entries-only --reason \"enough for today\"\n"
          "  argosy risk kill --scope instrument --subject TSLA --flatten --reason \"news\"",
          kill);
  const auto [releaser, release_options] =
      add("release", "Lift a kill switch", "  argosy risk release\n  argosy risk release --switch 2", release);
  const auto [resetter, reset_options] =
      add("reset", "Close the circuit breaker by hand: what was lost is lost, and counting begins anew",
          "  argosy risk reset", reset);
  const auto [tester, try_options] =
      add("try", "Try the kill switch on a copy of what trades; no order is touched", "  argosy risk try", try_switch);
  for (const auto& [command, options] :
       {std::pair(resetter, reset_options.get()), std::pair(tester, try_options.get())})
    command->add_option("--account", options->account, "of which broker account; 0: of all")
        ->check(CLI::NonNegativeNumber);
  for (const auto& [command, options] :
       {std::pair(killer, kill_options.get()), std::pair(releaser, release_options.get())}) {
    command->add_option("--scope", options->scope, "all, account, strategy, service, instrument or order")
        ->check(CLI::IsMember(core::RecordOf<live::ThrowSwitch>::kScopes))
        ->capture_default_str();
    command->add_option("--subject", options->subject, "which one: a number, a name, a symbol");
  }
  killer->add_option("--reason", kill_options->reason, "why, for whoever finds it thrown")->required();
  killer->add_flag("--entries-only", kill_options->entries_only, "stop purchases; exits go on");
  killer->add_flag("--flatten", kill_options->flatten, "sell what is held");
  releaser->add_option("--switch", release_options->switch_id, "its number, as argosy risk show tells it");
}

}  // namespace argosy::cli
