#include "simulation/swarm.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "core/executor_thread.hpp"
#include "core/hash.hpp"

namespace argosy::simulation {

namespace {

class Swarm {
 public:
  Swarm(const SwarmSettings& settings, const core::Clock& clock,
        const std::function<void(const SwarmResult& so_far)>& progress)
      : settings_(settings), clock_(clock), progress_(progress), began_(clock.monotonic()) {}

  SwarmResult run() {
    std::vector<std::unique_ptr<core::ExecutorThread>> threads;
    for (int i = 1; i < settings_.threads; ++i) {
      threads.push_back(std::make_unique<core::ExecutorThread>(clock_, "swarm"));
      threads.back()->executor().post([this] { work(); });
    }
    work();
    for (const auto& thread : threads) thread->drain();
    take_finished();
    result_.hash = hasher_.finish();
    result_.wall = clock_.monotonic() - began_;
    return std::move(result_);
  }

 private:
  struct Finished {
    Scenario scenario;
    Outcome outcome;
    core::Duration took{};
  };

  void work() {
    while (const auto next = draw()) {
      const core::Duration began = clock_.monotonic();
      Finished done{.scenario = next->second, .outcome = run_scenario(next->second)};
      done.took = clock_.monotonic() - began;
      const std::scoped_lock lock(mutex_);
      failed_ = failed_ || !done.outcome.violations.empty();
      finished_.emplace(next->first, std::move(done));
      take_finished();
      if (progress_) progress_(result_);
    }
  }

  std::optional<std::pair<std::uint64_t, Scenario>> draw() {
    const std::scoped_lock lock(mutex_);
    if (failed_) return std::nullopt;
    int left = 5;
    if (settings_.time > core::Duration::zero()) {
      if (clock_.monotonic() - began_ >= settings_.time) return std::nullopt;
    } else {
      left = settings_.days - drawn_days_;
      if (left <= 0) return std::nullopt;
    }
    const std::uint64_t number = drawn_++;
    const Scenario scenario = draw_scenario(settings_.seed, number, settings_.pool, left);
    drawn_days_ += scenario.days;
    return std::pair(number, scenario);
  }

  // In the order of their numbers, up to the first with something wrong.
  void take_finished() {
    for (auto next = finished_.find(taken_); next != finished_.end() && !result_.failed;
         next = finished_.find(taken_)) {
      Finished& done = next->second;
      ++taken_;
      ++result_.scenarios;
      result_.days += done.outcome.days;
      result_.deaths += done.outcome.deaths;
      result_.orders += done.outcome.orders;
      result_.fills += done.outcome.fills;
      result_.bars += done.outcome.bars;
      for (std::size_t i = 0; i < result_.fired.size(); ++i) result_.fired[i] += done.outcome.fired[i];
      result_.work += done.took;
      hasher_.update(done.outcome.hash);
      if (!done.outcome.violations.empty())
        result_.failed = {.scenario = done.scenario, .outcome = std::move(done.outcome)};
      finished_.erase(next);
    }
  }

  const SwarmSettings& settings_;
  const core::Clock& clock_;
  const std::function<void(const SwarmResult& so_far)>& progress_;
  core::Duration began_;
  std::mutex mutex_;  // guards what follows
  std::uint64_t drawn_ = 0;
  int drawn_days_ = 0;
  bool failed_ = false;
  std::map<std::uint64_t, Finished> finished_;  // not counted yet
  std::uint64_t taken_ = 0;
  core::Hasher hasher_;
  SwarmResult result_;
};

}  // namespace

SwarmResult run_swarm(const SwarmSettings& settings, const core::Clock& clock,
                      const std::function<void(const SwarmResult& so_far)>& progress) {
  return Swarm(settings, clock, progress).run();
}

}  // namespace argosy::simulation
