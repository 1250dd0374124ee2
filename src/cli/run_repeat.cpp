// argosy run repeat: a stored backtest again, from what was stored, over the bars that there are now.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "backtest/backtest.hpp"
#include "cli/home.hpp"
#include "cli/run_commands.hpp"
#include "cli/run_store.hpp"
#include "core/json.hpp"

namespace argosy::cli {
namespace {

using core::Error;
using core::ErrorCode;
using core::fail;
using core::Result;

// What was, and what is now.
struct Pair {
  std::string_view name;
  std::string stored;
  std::string now;
};

Result<backtest::BacktestResult> run_again(const ledger::RunRow& run, const Globals& globals) {
  ARGOSY_TRY(const Repeatable repeatable, read_configuration(run.configuration, globals));
  ARGOSY_TRY(const lake::Snapshot snapshot, open_snapshot(globals));
  ARGOSY_TRY(const backtest::BacktestRequest request, make_request(repeatable.options, repeatable.globals, snapshot));
  return backtest::run_backtest(request, snapshot);
}

std::string sentence(std::string_view name, bool same_data) {
  if (name == "data") return "the bars or corporate actions are not those of then";
  if (name == "code") return "the program is of another version";
  if (name == "symbols") return "the universe holds other symbols";
  return same_data ? "the same data gives other trades, orders or equity: the program has changed"
                   : "trades, orders or equity are other ones";
}

Result<void> repeat(const std::string& wanted, const Globals& globals) {
  ARGOSY_TRY(const runs::StoredRun stored, load_stored_run(wanted, globals));
  const ledger::RunRow& run = stored.run;
  auto again = run_again(run, globals);
  if (!again) {
    Error error(ErrorCode::kConflict,
                fmt::format("run {} cannot be repeated: {}", run.run_id, again.error().describe()));
    return fail(std::move(error).with_hint(again.error().hint));
  }
  const backtest::Summary& now = again->summary;
  const Pair pairs[] = {
      {"symbols", fmt::format("{}", fmt::join(run.symbols, " ")), fmt::format("{}", fmt::join(now.symbols, " "))},
      {"data", run.data_hash, now.data_hash},
      {"code", run.code_version, globals.version},
      {"result", run.result_hash, now.result_hash}};
  const bool same = run.result_hash == now.result_hash;
  core::JsonWriter json(2);
  json.begin_object().key("run").value(run.run_id).key("same").value(same);
  json.key("result_hash").value(now.result_hash).key("differences").begin_array();
  std::string text =
      fmt::format("run {}: {}\n", run.run_id, same ? "the same result, " + run.result_hash : "another result");
  for (const Pair& pair : pairs) {
    if (pair.stored == pair.now) continue;
    const std::string why = sentence(pair.name, run.data_hash == now.data_hash);
    json.begin_object().key("what").value(pair.name).key("stored").value(pair.stored).key("now").value(pair.now);
    json.key("text").value(why).end_object();
    text += fmt::format("{}: {}\n  then {}\n  now  {}\n", pair.name, why, pair.stored, pair.now);
  }
  json.end_array().end_object();
  ARGOSY_TRY_VOID(print(globals.json ? std::move(json).take() + "\n" : text));
  if (!same) throw Exit{1};
  return {};
}

}  // namespace

void add_run_repeat(CLI::App& group, Globals& globals) {
  auto wanted = std::make_shared<std::string>();
  CLI::App* command = group.add_subcommand("repeat", "Run a stored backtest again and compare the result");
  command->add_option("run", *wanted, "its id, the beginning of it, or last")->required();
  add_common_options(*command, globals);
  command->footer(
      "Strategy, options and the files that it named are those of then; the bars are those of now.\n"
      "Ends with 0 when the result is the same to the last unit, with 1 when it is not.\n"
      "Examples:\n  argosy run repeat last\n  argosy run repeat 12 --json");
  command->callback([wanted, &globals] { run_command([&] { return repeat(*wanted, globals); }); });
}

}  // namespace argosy::cli
