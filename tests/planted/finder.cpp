#include "finder.hpp"

#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <thread>
#include <vector>

#include "bugs.hpp"
#include "core/check.hpp"
#include "core/log.hpp"
#include "simulation/scenario.hpp"

namespace argosy::simulation {

using core::planted::Bug;

namespace {

// So much of a processor's time may a scenario take, in seconds, many times what it needs; one with a bug may never
// end.
constexpr rlim_t kMostSeconds = 60;

// Swarm after swarm, all from one seed; the faults that should bring the bug to light are in each.
Scenario scenario_of(Bug bug, std::uint64_t number) {
  constexpr int kMostDaysOfOne = 5;
  Scenario scenario = draw_scenario(1, number, FaultSet::all(), kMostDaysOfOne);
  if (bug == Bug::kNone) return scenario;
  const auto own = parse_faults(core::planted::text_of(bug).faults);
  ARGOSY_CHECK(own.has_value(), "{}", own.error().message);
  for (const FaultInfo& each : faults()) {
    if (own->contains(each.fault)) scenario.faults.add(each.fault);
  }
  return scenario;
}

[[noreturn]] void play_and_leave(Bug bug, const Scenario& scenario, int out) {
  ::dup2(out, STDOUT_FILENO);
  ::dup2(out, STDERR_FILENO);
  const rlimit most{.rlim_cur = kMostSeconds, .rlim_max = kMostSeconds + 1};
  ARGOSY_CHECK(::setrlimit(RLIMIT_CPU, &most) == 0);
  ARGOSY_CHECK(core::configure_log({.level = core::LogLevel::kError, .file = "/dev/null"}).has_value());
  core::planted::switch_on(bug);
  const Outcome outcome = run_scenario(scenario);
  if (!outcome.violations.empty()) fmt::print("{}\n", outcome.violations.front());
  std::fflush(stdout);
  ::_exit(outcome.violations.empty() ? 0 : outcome.days);
}

// In a process of its own: with a bug it may break an invariant of the program, which ends that.
class Play {
 public:
  Play(Bug bug, const Scenario& scenario) : scenario_(scenario) {
    std::array<int, 2> ends{};
    ARGOSY_CHECK(::pipe(ends.data()) == 0);
    child_ = ::fork();
    ARGOSY_CHECK(child_ >= 0);
    if (child_ == 0) play_and_leave(bug, scenario, ends[1]);
    ::close(ends[1]);
    end_ = ends[0];
  }

  [[nodiscard]] const Scenario& scenario() const { return scenario_; }

  // What is wrong, and on which day of the scenario; nothing: it was as it should be.
  std::optional<Found> finish() {
    std::string said;
    std::array<char, 4096> part{};
    for (ssize_t size = 0; (size = ::read(end_, part.data(), part.size())) > 0;)
      said.append(part.data(), static_cast<std::size_t>(size));
    ::close(end_);
    int status = 0;
    ARGOSY_CHECK(::waitpid(child_, &status, 0) == child_);
    said.resize(std::min(said.size(), said.find('\n')));
    if (WIFEXITED(status)) {
      if (WEXITSTATUS(status) == 0) return std::nullopt;
      return Found{.days = WEXITSTATUS(status), .what = said};
    }
    // On which day is not known.
    return Found{.days = scenario_.days, .what = WTERMSIG(status) == SIGXCPU ? "it does not end" : said};
  }

 private:
  Scenario scenario_;
  pid_t child_ = 0;
  int end_ = 0;
};

}  // namespace

std::optional<Found> find(Bug bug, int most_days) {
  const std::size_t at_once = std::max(1U, std::thread::hardware_concurrency());
  int passed = 0;
  for (std::uint64_t number = 0; passed < most_days;) {
    std::vector<Play> plays;
    while (plays.size() < at_once) plays.emplace_back(bug, scenario_of(bug, number++));
    std::optional<Found> found;
    for (Play& play : plays) {
      auto here = play.finish();
      // What is wrong without the bug, too, says nothing of it.
      const bool counts = here && !found && (bug == Bug::kNone || !Play(Bug::kNone, play.scenario()).finish());
      if (counts)
        found =
            Found{.days = passed + here->days, .what = fmt::format("{} ({})", here->what, to_string(play.scenario()))};
      passed += play.scenario().days;
    }
    if (found) return found;
  }
  return std::nullopt;
}

}  // namespace argosy::simulation
