#include "simulation/scenario.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <utility>

#include "core/check.hpp"
#include "market/calendar.hpp"
#include "simulation/detail/world_parts.hpp"
#include "simulation/storm.hpp"
#include "simulation/world.hpp"

namespace argosy::simulation {

using core::Date;
using core::Duration;
using core::ErrorCode;
using core::fail;
using core::Result;
using core::Rng;
using core::Timestamp;

namespace {

constexpr auto kQuiet = std::chrono::minutes(15);       // before the close
constexpr auto kAfterClose = std::chrono::minutes(10);  // when everything is checked

const market::Calendar& calendar() {
  static const market::Calendar& exchange = **market::find_calendar("XNYS");
  return exchange;
}

Date parse_date(const char* text) { return *Date::parse(text); }

// The first day, from which the odd ones are within a scenario's reach.
Date first_day(const FaultSet& faults, Rng& rng) {
  constexpr const char* kClockChanges[] = {"2023-03-10", "2023-11-03", "2024-03-08", "2024-11-01", "2025-03-07"};
  constexpr const char* kShort[] = {"2023-11-24", "2024-07-03", "2024-11-29", "2024-12-24", "2025-07-03"};
  if (faults.contains(Fault::kOddSession)) return parse_date(kShort[rng.below(std::size(kShort))]);
  if (faults.contains(Fault::kClockChange)) return parse_date(kClockChanges[rng.below(std::size(kClockChanges))]);
  return calendar().next_session(parse_date("2023-01-02").plus_days(static_cast<int>(rng.below(900))));
}

live::ActionTeller::Actions draw_actions(const std::vector<Date>& days, Rng& rng) {
  live::ActionTeller::Actions actions;
  constexpr std::array<std::pair<int, int>, 4> kSplits{{{2, 1}, {3, 1}, {3, 2}, {1, 2}}};
  for (std::size_t i = 1; i < days.size(); ++i) {
    for (const char* symbol : kSymbols) {
      const std::uint64_t luck = rng.below(4);
      const auto [numerator, denominator] = kSplits[rng.below(kSplits.size())];
      if (luck == 0) {
        actions[symbol].push_back({.ex_date = days[i],
                                   .kind = market::ActionKind::kSplit,
                                   .numerator = numerator,
                                   .denominator = denominator});
      } else if (luck == 1) {
        actions[symbol].push_back(
            {.ex_date = days[i],
             .kind = market::ActionKind::kDividend,
             .amount = core::Price::from_units(static_cast<std::int64_t>(1 + rng.below(300)) * 10'000'000)});
      }
    }
  }
  return actions;
}

struct Plan {
  std::vector<Date> days;
  WorldSettings world;
};

Plan make_plan(const Scenario& scenario, std::size_t events) {
  Rng rng = Rng(scenario.seed).fork(4);
  Plan plan;
  plan.days.push_back(first_day(scenario.faults, rng));
  while (std::ssize(plan.days) < scenario.days) plan.days.push_back(calendar().next_session(plan.days.back()));
  WorldSettings& world = plan.world;
  world.seed = scenario.seed;
  world.start = calendar().session(plan.days.front())->open;
  world.client_ids = rng.below(2) == 0;
  world.quote_interval = std::chrono::seconds(10);
  world.interval_seconds = kInterval;
  world.limits = simulation_limits();
  // What may be lost in a day: in two of three scenarios as much as there is.
  Rng losses = Rng(scenario.seed).fork(7);
  if (losses.below(3) == 0) {
    constexpr std::int64_t kMost[] = {50, 150, 400};
    world.limits.limits.max_daily_loss = trading::Limit<trading::Allowance>::of(
        trading::Allowance::of_money(core::Money::from_integer(kMost[losses.below(std::size(kMost))])));
  }
  // How many shares of a stock may be held: in half of the scenarios about as many as one or two services want.
  Rng shares = Rng(scenario.seed).fork(8);
  if (shares.below(2) == 0) {
    constexpr std::uint64_t kFewest = 20;
    constexpr std::uint64_t kMost = 50;
    world.limits.limits.max_position_quantity = trading::Limit<core::Quantity>::of(
        core::Quantity::from_integer(static_cast<std::int64_t>(kFewest + shares.below(kMost - kFewest + 1))));
  }
  // Of the highest equity: in one of nine scenarios by the gate, in others by the breaker. Whoever has lost so much
  // trades no more.
  Rng worth = Rng(scenario.seed).fork(9);
  constexpr std::int64_t kLost[] = {60, 150, 400};
  const auto some = trading::Limit<trading::Allowance>::of(
      trading::Allowance::of_money(core::Money::from_integer(kLost[worth.below(std::size(kLost))])));
  switch (worth.below(9)) {
    case 0:
      world.limits.limits.max_drawdown = some;
      break;
    case 1:
      world.limits.breaker.drawdown = some;
      break;
    case 2:
      world.limits.breaker.daily_loss = some;
      break;
    default:
      break;
  }
  constexpr std::int64_t kShares[] = {60'000'000, 90'000'000, 120'000'000};  // 0.06 and more
  if (worth.below(6) == 0)
    world.limits.limits.max_leverage = trading::Limit<trading::Leverage>::of(
        {.times = core::Rate::from_units(kShares[worth.below(std::size(kShares))])});
  world.history = events;
  world.paper.fees = rng.below(2) == 0 ? "per_share:0.005" : "percent:0.1";
  world.paper.report_delay_ms = static_cast<std::int64_t>(rng.below(3)) * 400;
  world.link.latency = std::chrono::milliseconds(1 + rng.below(30));
  if (scenario.faults.contains(Fault::kCancelRace)) {
    const bool often = Rng(scenario.seed).fork(6).below(2) == 0;
    world.paper.partial_fills = core::Rate::from_units(often ? 500'000'000 : 70'000'000);
    world.paper.latency = "ms:300";
  }
  world.cancels_early = scenario.faults.contains(Fault::kCancelRace);
  world.forgets_orders = scenario.faults.contains(Fault::kMaintenance);
  world.clock_steps = scenario.faults.contains(Fault::kClockSteps);
  world.adopts = scenario.faults.contains(Fault::kByHand);
  if (scenario.faults.contains(Fault::kCorporateAction)) world.actions = draw_actions(plan.days, rng);
  if (scenario.faults.contains(Fault::kOddSession) && plan.days.size() > 1 && rng.below(2) == 0)
    world.without_trades.push_back(plan.days[1 + rng.below(plan.days.size() - 1)]);
  return plan;
}

void count_day(World& world, const Scenario& scenario, const Plan& plan, std::size_t day) {
  const auto session = calendar().session(plan.days[day]);
  const bool is_short = session->close - session->open < std::chrono::minutes(390);
  if (is_short || std::ranges::count(plan.world.without_trades, plan.days[day]) > 0)
    world.note_fired(Fault::kOddSession);
  if (!scenario.faults.contains(Fault::kClockChange) || day == 0) return;
  const Duration passed = calendar().session(plan.days[day])->open - calendar().session(plan.days[day - 1])->open;
  if (passed % std::chrono::hours(24) != Duration::zero()) world.note_fired(Fault::kClockChange);
}

// Services that gave up, or were stopped, begin anew.
void begin_day(World& world) {
  world.run(std::chrono::minutes(1));
  for (int service = 1; service <= 5; ++service) {
    if (world.is_alive()) static_cast<void>(world.ask("service_start", fmt::format(R"({{"id": {}}})", service)));
  }
}

// `forgets`: the broker will in the night, and orders are to work at the close.
void play_day(World& world, Storm& storm, const market::Session& session, bool forgets) {
  begin_day(world);
  storm.plan(std::max(world.now(), session.open) + std::chrono::minutes(2), session.close - kQuiet);
  storm.run();
  world.run_until(session.close - kQuiet);
  world.end_faults();
  if (forgets) {
    world.run_until(session.close - std::chrono::minutes(1));
    world.set_intervals(1);
  }
  world.run_until(session.close + kAfterClose);
}

// `forgets`: so does the broker.
void pass_night(World& world, const market::Session& next, bool forgets, Rng& rng) {
  const Timestamp morning = next.open - std::chrono::minutes(5);
  const bool ends = morning - world.now() > std::chrono::hours(24) || rng.below(4) != 0;
  if (ends) world.shut_down();
  world.run_until(morning);
  if (forgets) {
    world.forget_orders();
    world.set_intervals(kInterval);
  }
  if (ends) world.start_again();
  world.run_until(next.open);
}

// ledger::back_up looks at both ends through the same files, and here one is simulated.
void copy_database(const std::string& from, const std::string& to) {
  sqlite3* source = nullptr;
  sqlite3* copy = nullptr;
  if (sqlite3_open(from.c_str(), &source) == SQLITE_OK && sqlite3_open(to.c_str(), &copy) == SQLITE_OK) {
    if (sqlite3_backup* work = sqlite3_backup_init(copy, "main", source, "main")) {
      sqlite3_backup_step(work, -1);
      sqlite3_backup_finish(work);
    }
  }
  sqlite3_close(source);
  sqlite3_close(copy);
}

}  // namespace

std::string to_string(const Scenario& scenario) {
  return fmt::format("{}:{}:{}", scenario.seed, scenario.days, to_string(scenario.faults));
}

Result<Scenario> parse_scenario(std::string_view text) {
  Scenario scenario;
  const std::size_t first = text.find(':');
  const std::size_t second = first == std::string_view::npos ? first : text.find(':', first + 1);
  const auto number = [](std::string_view part, auto& out) {
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), out);
    return error == std::errc() && end == part.data() + part.size() && !part.empty();
  };
  if (second == std::string_view::npos || !number(text.substr(0, first), scenario.seed) ||
      !number(text.substr(first + 1, second - first - 1), scenario.days) || scenario.days < 1) {
    return fail(core::Error(ErrorCode::kInvalidArgument, fmt::format("'{}' is no scenario", text))
                    .with_hint("SEED:DAYS:FAULTS, such as 7:3:F2,F13"));
  }
  ARGOSY_TRY(scenario.faults, parse_faults(text.substr(second + 1)));
  return scenario;
}

Scenario draw_scenario(std::uint64_t seed, std::uint64_t number, const FaultSet& pool, int most_days) {
  Rng rng = Rng(seed).fork(number);
  Scenario scenario{.seed = rng.next() >> 1U};
  constexpr int kDays[] = {1, 1, 2, 2, 3, 5};
  scenario.days = std::min(kDays[rng.below(std::size(kDays))], most_days);
  std::vector<Fault> left;
  for (const FaultInfo& each : faults()) {
    // Being killed comes to every day.
    if (pool.contains(each.fault) && each.fault != Fault::kKilled) left.push_back(each.fault);
  }
  const std::size_t wanted = 3 + rng.below(6);
  while (scenario.faults.size() < wanted && !left.empty()) {
    const auto chosen = left.begin() + static_cast<std::ptrdiff_t>(rng.below(left.size()));
    scenario.faults.add(*chosen);
    left.erase(chosen);
  }
  return scenario;
}

Outcome run_scenario(const Scenario& scenario, const RunOptions& options) {
  const Plan plan = make_plan(scenario, options.events);
  Outcome outcome;
  World world(plan.world);
  Storm storm(world, scenario.faults, scenario.seed);
  Rng rng = Rng(scenario.seed).fork(5);
  const bool forgets = scenario.faults.contains(Fault::kMaintenance);
  for (std::size_t day = 0; day < plan.days.size(); ++day) {
    const market::Session session = *calendar().session(plan.days[day]);
    if (day > 0) pass_night(world, session, forgets, rng);
    play_day(world, storm, session, forgets && day + 1 < plan.days.size());
    count_day(world, scenario, plan, day);
    ++outcome.days;
    outcome.violations = world.findings(day + 1 == plan.days.size() ? Moment::kEnd : Moment::kQuiet);
    if (!outcome.violations.empty()) break;
  }
  outcome.deaths = world.deaths();
  outcome.fired = world.fired();
  outcome.orders = world.count_rows("paper_orders");
  outcome.fills = world.count_rows("paper_fills");
  outcome.bars = world.stored_bars();
  outcome.events = world.history().events();
  outcome.hash = world.hash();
  if (!options.keep.empty()) {
    for (const std::string& path : world.databases()) copy_database(path, options.keep + path.substr(path.rfind('/')));
  }
  return outcome;
}

Shrunk shrink(const Scenario& failing, std::size_t events, const std::function<void(const Scenario& tried)>& progress) {
  Shrunk best{.scenario = failing};
  const auto fails = [&](const Scenario& tried) {
    if (progress) progress(tried);
    ++best.runs;
    const Outcome outcome = run_scenario(tried);
    if (outcome.violations.empty()) return false;
    best.scenario = tried;
    best.scenario.days = outcome.days;
    return true;
  };
  fails(failing);
  for (bool again = true; again;) {
    again = false;
    for (const FaultInfo& each : faults()) {
      if (!best.scenario.faults.contains(each.fault)) continue;
      Scenario tried = best.scenario;
      tried.faults.remove(each.fault);
      again = fails(tried) || again;
    }
  }
  best.outcome = run_scenario(best.scenario, {.events = events});
  return best;
}

}  // namespace argosy::simulation
