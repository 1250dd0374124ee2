#include "cli/run_store.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <memory>
#include <utility>

#include "cli/hint.hpp"
#include "cli/home.hpp"
#include "cli/input_files.hpp"
#include "core/clock.hpp"
#include "core/config.hpp"
#include "core/json.hpp"
#include "core/text.hpp"
#include "jobs/job_types.hpp"
#include "runs/stored_run.hpp"

namespace argosy::cli {

using core::Result;

namespace {

// A backtest is short: it looks at a small database whole, and leaves the rest to `argosy db verify`.
constexpr std::uint64_t kCheckedBytes = 1024 * 1024;

std::string configuration_json(const BacktestOptions& options, const Globals& noting) {
  core::JsonWriter json;
  json.begin_object().key("options");
  core::write_json(json, options);
  json.key("files");
  noting.inputs->write(json);
  json.end_object();
  return std::move(json).take();
}

Result<std::string> store(const backtest::BacktestResult& result, const BacktestOptions& options,
                          const Globals& noting) {
  const core::SystemClock clock;
  ARGOSY_TRY(const auto database, open_runs(noting, {.checked_bytes = kCheckedBytes}));
  runs::StoredRun stored = runs::make_stored_run(result, {.configuration = configuration_json(options, noting),
                                                          .code_version = noting.version,
                                                          .created_at = clock.now(),
                                                          .owner_id = job_owner()});
  ARGOSY_TRY(const ledger::RunRow run, runs::store_run(*database, stored));
  return run.run_id;
}

}  // namespace

std::int64_t job_owner() {
  return core::parse_integer(core::system_environment()(jobs::kOwnerVariable).value_or("")).value_or(0);
}

Globals noting_inputs(const Globals& globals) {
  Globals noting = globals;
  noting.inputs = std::make_shared<InputFiles>();
  return noting;
}

std::optional<std::string> store_backtest(const backtest::BacktestResult& result, const BacktestOptions& options,
                                          const Globals& noting) {
  auto id = store(result, options, noting);
  if (id) return *std::move(id);
  fmt::print(stderr, "warning: the run is not stored: {}\n", id.error().describe());
  print_hint(id.error());
  return std::nullopt;
}

Result<Repeatable> read_configuration(const std::string& configuration, const Globals& globals) {
  ARGOSY_TRY(const core::JsonValue json, core::parse_json(configuration));
  const core::JsonValue* options = json.find("options");
  const core::JsonValue* files = json.find("files");
  if (options == nullptr || files == nullptr)
    return core::fail(core::ErrorCode::kCorrupt, "the run's configuration is not written as it should be");
  Repeatable repeatable{.globals = globals};
  std::vector<core::Error> errors =
      core::read_json(*options, core::record_type<BacktestOptions>(), &repeatable.options);
  if (!errors.empty()) return core::fail(std::move(errors.front()));
  ARGOSY_TRY(InputFiles inputs, InputFiles::parse(*files));
  repeatable.globals.inputs = std::make_shared<InputFiles>(std::move(inputs));
  return repeatable;
}

}  // namespace argosy::cli
