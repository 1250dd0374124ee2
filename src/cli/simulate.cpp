// argosy simulate: the trading process in a world of faults, by seeds; docs/concepts/simulation.md.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <utility>

#include "cli/command.hpp"
#include "cli/commands.hpp"
#include "core/clock.hpp"
#include "core/json.hpp"
#include "core/log.hpp"
#include "simulation/swarm.hpp"

namespace argosy::cli {
namespace {

using core::Error;
using core::ErrorCode;
using core::fail;
using core::Result;
using simulation::FaultInfo;
using simulation::Outcome;
using simulation::Scenario;
using simulation::Shrunk;
using simulation::SwarmResult;
using simulation::SwarmSettings;

constexpr double kSession = 390.0 * 60.0;  // of a day, seconds
constexpr double kGoal = 100'000;          // times real time, a core

struct Options {
  std::optional<std::uint64_t> seed;
  int days = 100;
  double hours = 0;
  std::string faults = "all";
  std::string replay;
  std::size_t events = 200;
  std::string keep;
  int threads = 0;
  bool hash = false;
  bool no_shrink = false;
  bool list = false;
};

// What was found of one scenario: as it failed, or shrunk.
struct Found {
  Scenario scenario;
  Outcome outcome;
  int runs = 0;  // of shrinking
};

double seconds(core::Duration time) { return std::chrono::duration<double>(time).count(); }

double times_real_time(const SwarmResult& result) {
  return result.work.count() > 0 ? static_cast<double>(result.days) * kSession / seconds(result.work) : 0;
}

std::string fired_text(const simulation::FaultCounts& fired) {
  std::vector<std::vector<std::string>> rows;
  for (const FaultInfo& each : simulation::faults()) {
    rows.push_back({fmt::format("F{}", each.number), std::string(each.name),
                    std::to_string(fired[static_cast<std::size_t>(each.fault)]), std::string(each.what)});
  }
  std::string out;
  for (const auto& row : rows) out += fmt::format("  {:<4} {:<17} {:>8}  {}\n", row[0], row[1], row[2], row[3]);
  return out;
}

std::string found_text(const Found& found) {
  std::string out = "\nthe last events:\n";
  for (const std::string& event : found.outcome.events) out += "  " + event + "\n";
  out += fmt::format("\nviolations of scenario {}{}:\n", to_string(found.scenario),
                     found.runs > 0 ? fmt::format(" (shrunk in {} runs)", found.runs) : "");
  for (const std::string& each : found.outcome.violations) out += "  " + each + "\n";
  out += fmt::format("again: argosy simulate --replay '{}'\n", to_string(found.scenario));
  return out;
}

void write_found(core::JsonWriter& json, const Found& found) {
  json.begin_object();
  json.key("scenario").value(to_string(found.scenario));
  json.key("violations").begin_array();
  for (const std::string& each : found.outcome.violations) json.value(each);
  json.end_array();
  json.key("events").begin_array();
  for (const std::string& each : found.outcome.events) json.value(each);
  json.end_array();
  json.end_object();
}

std::string to_json(const SwarmSettings& settings, const SwarmResult& result, const std::optional<Found>& found) {
  core::JsonWriter json;
  json.begin_object();
  json.key("seed").value(settings.seed);
  json.key("faults").value(to_string(settings.pool));
  json.key("scenarios").value(result.scenarios);
  json.key("days").value(result.days);
  json.key("kills").value(result.deaths);
  json.key("orders").value(result.orders);
  json.key("fills").value(result.fills);
  json.key("bars").value(result.bars);
  json.key("fired").begin_object();
  for (const FaultInfo& each : simulation::faults())
    json.key(fmt::format("F{}", each.number)).value(result.fired[static_cast<std::size_t>(each.fault)]);
  json.end_object();
  json.key("hash").value(result.hash);
  json.key("seconds").value(seconds(result.wall));
  json.key("times_real_time").value(times_real_time(result));
  json.key("violations").value(static_cast<std::int64_t>(found ? found->outcome.violations.size() : 0));
  if (found) {
    json.key("found");
    write_found(json, *found);
  }
  json.end_object();
  return std::move(json).take() + "\n";
}

std::string for_people(const SwarmSettings& settings, const SwarmResult& result, const std::optional<Found>& found) {
  std::string out = fmt::format("seed {}: {} days in {} scenarios, {:.1f} s\n\nfaults that fired:\n", settings.seed,
                                result.days, result.scenarios, seconds(result.wall));
  out += fired_text(result.fired);
  if (found) out += found_text(*found);
  const double times = times_real_time(result);
  out += fmt::format("\n{:.1f} days a second, {:.0f} times real time a core (goal {:.0f}: {})\n",
                     static_cast<double>(result.days) / std::max(seconds(result.wall), 1e-9), times, kGoal,
                     times >= kGoal ? "reached" : fmt::format("{:.0f} % of it", 100 * times / kGoal));
  out += fmt::format("state {}\n", result.hash);
  out += fmt::format("{} days, {} kills, {} orders, {} fills, {} bars, {} violations\n", result.days, result.deaths,
                     result.orders, result.fills, result.bars, found ? found->outcome.violations.size() : 0);
  return out;
}

Error violated(const Found& found) {
  return Error(ErrorCode::kConflict, fmt::format("scenario {} ends with {} violations", to_string(found.scenario),
                                                 found.outcome.violations.size()));
}

Found shrunk(const SwarmResult::Failed& failed, const Options& options) {
  if (options.no_shrink) {
    Scenario scenario = failed.scenario;
    scenario.days = failed.outcome.days;
    return {.scenario = scenario, .outcome = simulation::run_scenario(scenario, {.events = options.events})};
  }
  Shrunk found = simulation::shrink(failed.scenario, options.events);
  return {.scenario = found.scenario, .outcome = std::move(found.outcome), .runs = found.runs};
}

Result<void> play_again(const Options& options, const Globals& globals) {
  ARGOSY_TRY(const Scenario scenario, simulation::parse_scenario(options.replay));
  Found found{.scenario = scenario,
              .outcome = simulation::run_scenario(scenario, {.events = options.events, .keep = options.keep})};
  const Outcome& outcome = found.outcome;
  if (globals.json) {
    core::JsonWriter json;
    write_found(json, found);
    ARGOSY_TRY_VOID(print(std::move(json).take() + "\n"));
  } else {
    ARGOSY_TRY_VOID(
        print(found_text(found) + fmt::format("{} days, {} kills, {} orders, {} fills, {} bars, {} violations\n",
                                              outcome.days, outcome.deaths, outcome.orders, outcome.fills, outcome.bars,
                                              outcome.violations.size())));
  }
  if (!outcome.violations.empty()) return fail(violated(found));
  return {};
}

Result<void> simulate(const Options& options, const Globals& globals) {
  // Broken connections and dying processes are the order of the day.
  ARGOSY_TRY_VOID(core::configure_log({.level = core::LogLevel::kError, .file = "/dev/null"}));
  if (options.list) {
    std::string out;
    for (const FaultInfo& each : simulation::faults())
      out += fmt::format("F{:<3} {:<17} {}\n", each.number, each.name, each.what);
    return print(out);
  }
  if (!options.replay.empty()) return play_again(options, globals);
  SwarmSettings settings{.days = options.days,
                         .time = core::Duration(static_cast<std::int64_t>(options.hours * 3600e9))};
  settings.seed = options.seed ? *options.seed : std::random_device()();
  settings.threads = options.threads > 0 ? options.threads : static_cast<int>(std::thread::hardware_concurrency());
  ARGOSY_TRY(settings.pool, simulation::parse_faults(options.faults));
  const core::SystemClock clock;
  const core::Duration began = clock.monotonic();
  ProgressBar bar("simulating");
  const SwarmResult result = simulation::run_swarm(settings, clock, [&](const SwarmResult& so_far) {
    const double share = settings.time.count() > 0 ? seconds(clock.monotonic() - began) / seconds(settings.time)
                                                   : static_cast<double>(so_far.days) / settings.days;
    bar.update(std::min(share, 1.0));
  });
  std::optional<Found> found;
  if (result.failed) found = shrunk(*result.failed, options);
  if (globals.json) {
    ARGOSY_TRY_VOID(print(to_json(settings, result, found)));
  } else if (options.hash && !found) {
    ARGOSY_TRY_VOID(print(result.hash + "\n"));
  } else {
    ARGOSY_TRY_VOID(print(for_people(settings, result, found)));
  }
  if (found) return fail(violated(*found));
  return {};
}

}  // namespace

void add_simulate(CLI::App& parent, Globals& globals) {
  auto options = std::make_shared<Options>();
  CLI::App* command = parent.add_subcommand(
      "simulate", "Play trading days with faults of disk, network, broker, feed and clock, and look for what is wrong");
  add_common_options(*command, globals);
  command->add_option("--seed", options->seed, "everything follows from it (default: a new one)");
  command->add_option("--days", options->days, "trading days, in scenarios of one to five")
      ->check(CLI::Range(1, 100'000'000))
      ->capture_default_str();
  command->add_option("--hours", options->hours, "new scenarios until the time is up, instead of --days")
      ->check(CLI::PositiveNumber);
  command
      ->add_option("--faults", options->faults, "from which each scenario draws three to eight: all, none, F2,F13-F22")
      ->capture_default_str();
  CLI::Option* replay =
      command->add_option("--replay", options->replay, "one scenario, SEED:DAYS:FAULTS, as a failure prints it");
  command->add_option("--events", options->events, "how many of the last events a failure or --replay tells")
      ->check(CLI::Range(1, 10'000'000))
      ->capture_default_str();
  command
      ->add_option("--keep", options->keep, "with --replay: a folder for ledger.db and paper.db as they are at its end")
      ->needs(replay)
      ->check(CLI::ExistingDirectory);
  command->add_option("--threads", options->threads, "default: as many as there are cores")->check(CLI::Range(1, 1024));
  command->add_flag("--hash", options->hash, "print only the hash of all that was stored");
  command->add_flag("--no-shrink", options->no_shrink, "a failing scenario is shown as it was drawn");
  command->add_flag("--list", options->list, "the faults by their numbers");
  command->footer(
      "Nothing of your home is read or written. Exit code 1: something was wrong.\n"
      "Examples:\n"
      "  argosy simulate --seed 7 --days 100 --faults all\n"
      "  argosy simulate --seed 7 --days 100 --hash\n"
      "  argosy simulate --replay '6583669404685895100:1:F22,F28,F45'");
  command->callback([options, &globals] { run_command([&] { return simulate(*options, globals); }); });
}

}  // namespace argosy::cli
