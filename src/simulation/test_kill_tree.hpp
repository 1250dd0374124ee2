// For tests: all deaths of a reference scenario out of one play of it. At each point a copy of this process (fork())
// dies there and plays on, and at each point of its recovery a copy of that one dies once more: what comes before a
// death is played once. What is wrong in a copy is told to who made it.
#pragma once

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/check.hpp"
#include "core/log.hpp"
#include "simulation/kill_points.hpp"

namespace argosy::simulation {

inline std::string words(const KillPoint& point) {
  constexpr std::string_view kPlaces[] = {"change", "before send", "after send"};
  std::string text = fmt::format("{} {}, {}", kPlaces[static_cast<std::size_t>(point.place)], point.number,
                                 point.death == Death::kPower ? "power" : "kill");
  if (point.again > 0)
    text += fmt::format(", again at {} {}", kPlaces[static_cast<std::size_t>(point.again_place)], point.again);
  return text;
}

class KillTree {
 public:
  // Which deaths are tried.
  struct Wanted {
    std::function<std::vector<Death>(const KillPoint& first)> first;
    std::function<bool(const KillPoint& second)> again;  // of a recovery; after `first` has said which
    std::size_t at_once = 1;                             // copies that play at a time
  };
  struct Told {
    std::int64_t once = 0;   // plays that ended with one death
    std::int64_t twice = 0;  // and with two
    std::int64_t most = 0;   // changes of a recovery
    std::vector<std::string> wrong;
  };

  KillTree(const KillPoints& points, Wanted wanted) : points_(points), wanted_(std::move(wanted)) {}

  Told play() {
    const KillOutcome outcome = points_.run(
        [this](const KillPoint& here, bool recovered) -> std::optional<Death> { return ask(here, recovered); });
    while (!copies_.empty()) finish_first();
    const int deaths = at_.number == 0 ? 0 : at_.again == 0 ? 1 : 2;
    if (outcome.deaths != deaths) say(fmt::format("it died {} times", outcome.deaths));
    for (const std::string& each : outcome.findings) say(each);
    (deaths == 1 ? told_.once : told_.twice) += deaths == 0 ? 0 : 1;
    if (tells_ >= 0) tell_and_leave();
    return std::move(told_);
  }

 private:
  struct Copy {
    pid_t process = 0;
    int out = -1;
    KillPoint point;
  };
  // Enough to know what it is.
  static constexpr std::size_t kMostWrong = 20;
  static constexpr std::size_t kMostText = 400;

  std::optional<Death> ask(const KillPoint& here, bool recovered) {
    if (here.again == 0) {
      for (const Death death : wanted_.first(here)) {
        KillPoint point = here;
        point.death = death;
        if (branches(point, wanted_.at_once)) return death;
      }
      return std::nullopt;
    }
    // The first point after it has recovered is the last one.
    if (at_.again > 0 || ended_ || !wanted_.again(here)) return std::nullopt;
    ended_ = recovered;
    if (here.again_place == KillPlace::kChange) told_.most = std::max(told_.most, here.again);
    if (branches(here, 1)) return Death::kPower;
    return std::nullopt;
  }

  // True: this is the copy that dies.
  bool branches(const KillPoint& point, std::size_t at_once) {
    while (copies_.size() >= at_once) finish_first();
    std::array<int, 2> ends{};
    ARGOSY_CHECK(::pipe2(ends.data(), O_CLOEXEC) == 0);
    std::fflush(nullptr);
    const pid_t process = ::fork();
    ARGOSY_CHECK(process >= 0);
    if (process > 0) {
      ::close(ends[1]);
      copies_.push_back({.process = process, .out = ends[0], .point = point});
      return false;
    }
    ::close(ends[0]);
    for (const Copy& other : std::exchange(copies_, {})) ::close(other.out);
    if (tells_ >= 0) ::close(tells_);
    tells_ = ends[1];
    told_ = {};
    at_ = point;
    // Connections break; that is as it should be.
    ARGOSY_CHECK(core::configure_log({.level = core::LogLevel::kError}).has_value());
    return true;
  }

  void say(std::string what) {
    if (told_.wrong.size() >= kMostWrong) return;
    what = fmt::format("{}: {}", words(at_), what);
    std::ranges::replace(what, '\n', ' ');
    what.resize(std::min(what.size(), kMostText));
    told_.wrong.push_back(std::move(what));
  }

  // Three numbers and what is wrong, a line each.
  [[noreturn]] void tell_and_leave() const {
    std::string text = fmt::format("{}\n{}\n{}\n", told_.once, told_.twice, told_.most);
    for (const std::string& each : told_.wrong) text += each + "\n";
    for (std::string_view rest = text; !rest.empty();) {
      const ssize_t size = ::write(tells_, rest.data(), rest.size());
      if (size < 0) ::_exit(1);
      rest.remove_prefix(static_cast<std::size_t>(size));
    }
    ::_exit(0);
  }

  void finish_first() {
    const Copy copy = copies_.front();
    copies_.pop_front();
    std::string text;
    std::array<char, 4096> part{};
    for (ssize_t size = 0; (size = ::read(copy.out, part.data(), part.size())) > 0;)
      text.append(part.data(), static_cast<std::size_t>(size));
    ::close(copy.out);
    int status = 0;
    ARGOSY_CHECK(::waitpid(copy.process, &status, 0) == copy.process);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0 || std::ranges::count(text, '\n') < 3) {
      if (told_.wrong.size() < kMostWrong)
        told_.wrong.push_back(fmt::format("{}: the process ended with status {}", words(copy.point), status));
      return;
    }
    std::array<std::int64_t, 3> numbers{};
    std::string_view rest = text;
    const auto line = [&] {
      const std::string_view found = rest.substr(0, rest.find('\n'));
      rest.remove_prefix(found.size() + 1);
      return found;
    };
    for (std::int64_t& number : numbers) {
      const std::string_view digits = line();
      std::from_chars(digits.data(), digits.data() + digits.size(), number);
    }
    told_.once += numbers[0];
    told_.twice += numbers[1];
    told_.most = std::max(told_.most, numbers[2]);
    while (!rest.empty()) {
      const std::string_view wrong = line();
      if (told_.wrong.size() < kMostWrong) told_.wrong.emplace_back(wrong);
    }
  }

  const KillPoints& points_;
  Wanted wanted_;
  Told told_;
  KillPoint at_{.number = 0};  // where this copy died; nowhere: it is the first
  bool ended_ = false;         // the recovery
  int tells_ = -1;             // whom it was made by
  std::deque<Copy> copies_;
};

}  // namespace argosy::simulation
