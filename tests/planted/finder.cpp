#include "finder.hpp"

#include <fmt/format.h>
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
#include "core/rng.hpp"
#include "simulation/world.hpp"

namespace argosy::simulation {
namespace {

using std::chrono::minutes;

// A day may take so much real time, in seconds; one with a bug may never end.
constexpr unsigned kMostSeconds = 120;

// What is wrong at the end of a day.
std::vector<std::string> play_day(std::uint64_t seed) {
  core::Rng rng(seed);
  WorldSettings settings{.seed = seed, .client_ids = rng.below(2) == 0};
  settings.paper.fees = "percent:0.1";
  settings.paper.partial_fills = rng.below(2) == 0 ? core::Rate() : core::Rate::from_units(500000000);
  if (rng.below(3) == 0) settings.link = {.jitter = std::chrono::milliseconds(20), .split = 0.1, .cut = 0.002};
  World world(settings);
  for (int round = 0; round < 26; ++round) {
    for (std::size_t fault = 0; fault < kBrokerFaults.size(); ++fault)
      world.gateway().set(static_cast<BrokerFault>(fault), rng.below(4) == 0 ? 0.3 * rng.uniform() : 0);
    for (std::size_t fault = 0; fault < kFeedFaults.size(); ++fault)
      world.set(static_cast<FeedFault>(fault), rng.below(8) == 0 ? 0.2 * rng.uniform() : 0);
    if (rng.below(4) == 0)
      world.die_at(world.disk().changes() + 1 + static_cast<std::int64_t>(rng.below(300)),
                   rng.below(3) == 0 ? Death::kKill : Death::kPower);
    if (rng.below(4) == 0)
      world.disk().add_rule({.fault = DiskFault::kFull, .after = static_cast<std::int64_t>(rng.below(200))});
    world.run(minutes(15));
  }
  world.calm_down();
  auto findings = world.findings();
  std::erase_if(findings, [](const std::string& each) { return each.contains("disk is full"); });
  return findings;
}

[[noreturn]] void play_and_leave(core::planted::Bug bug, std::uint64_t seed, int out) {
  ::dup2(out, STDOUT_FILENO);
  ::dup2(out, STDERR_FILENO);
  ::alarm(kMostSeconds);
  ARGOSY_CHECK(core::configure_log({.level = core::LogLevel::kError, .file = "/dev/null"}).has_value());
  core::planted::switch_on(bug);
  const auto findings = play_day(seed);
  if (!findings.empty()) fmt::print("{}\n", findings.front());
  std::fflush(stdout);
  ::_exit(findings.empty() ? 0 : 1);
}

// A day in a process of its own.
class Day {
 public:
  Day(core::planted::Bug bug, std::uint64_t seed) {
    std::array<int, 2> ends{};
    ARGOSY_CHECK(::pipe(ends.data()) == 0);
    child_ = ::fork();
    ARGOSY_CHECK(child_ >= 0);
    if (child_ == 0) play_and_leave(bug, seed, ends[1]);
    ::close(ends[1]);
    end_ = ends[0];
  }

  // What is wrong with it; nothing: it was as it should be.
  std::optional<std::string> finish() {
    std::string said;
    std::array<char, 4096> part{};
    for (ssize_t size = 0; (size = ::read(end_, part.data(), part.size())) > 0;)
      said.append(part.data(), static_cast<std::size_t>(size));
    ::close(end_);
    int status = 0;
    ARGOSY_CHECK(::waitpid(child_, &status, 0) == child_);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return std::nullopt;
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM) return "it does not end";
    return said.empty() ? fmt::format("it ends with status {}", status) : said.substr(0, said.find('\n'));
  }

 private:
  pid_t child_ = 0;
  int end_ = 0;
};

}  // namespace

std::optional<Found> find(core::planted::Bug bug, int most_days) {
  const int at_once = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  for (int first = 1; first <= most_days; first += at_once) {
    std::vector<Day> days;
    for (int day = first; day < first + at_once && day <= most_days; ++day)
      days.emplace_back(bug, static_cast<std::uint64_t>(day));
    std::optional<Found> found;
    for (std::size_t i = 0; i < days.size(); ++i) {
      auto what = days[i].finish();
      if (what && !found) found = {.days = first + static_cast<int>(i), .what = *std::move(what)};
    }
    if (found) return found;
  }
  return std::nullopt;
}

}  // namespace argosy::simulation
