#include "simulation/kill_points.hpp"

#include <fmt/format.h>

#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "core/check.hpp"
#include "simulation/detail/counted_network.hpp"

namespace argosy::simulation {

using detail::CountedNetwork;
using detail::StreamCount;

namespace {

// Some minutes of trading with what is asked for in between: everything that a process writes and sends is in it.
class Reference {
 public:
  Reference(WorldSettings settings, KillPoints::Asked asked) : asked_(std::move(asked)) {
    settings.services = 3;
    settings.quote_interval = std::chrono::seconds(5);
    settings.between_process_and_network = [count = count_](std::unique_ptr<net::Network> network) {
      return std::make_unique<CountedNetwork>(count, std::move(network));
    };
    settings.before_restart = [this] { restart(); };
    world_.emplace(std::move(settings));
    count_->may_leave = [this] { return !world_ || (!world_->disk().is_frozen() && !dies(KillPlace::kBeforeSend)); };
    count_->has_left = [this] { static_cast<void>(dies(KillPlace::kAfterSend)); };
    world_->disk().call_at(0, [this] {
      static_cast<void>(dies(KillPlace::kChange));
      return false;  // and at the next one
    });
    restart();
  }

  void play() {
    world_->run(std::chrono::seconds(70));
    ask("service_pause", R"({"id": 2})");
    world_->run(std::chrono::seconds(5));
    ask("portfolio_fund", R"({"amount": "250.5"})");
    ask("service_start", R"({"id": 2})");
    world_->run(std::chrono::seconds(40));
    ask("service_stop", R"({"id": 1})");
    world_->run(std::chrono::seconds(15));
  }
  [[nodiscard]] KillPoints::Counted counted() {
    const live::Book& book = world_->process().book();
    return {.changes = world_->disk().changes() - changes_,
            .sends = count_->sends - sends_,
            .orders = book.last().order,
            .fills = book.last().fill};
  }
  [[nodiscard]] KillOutcome end() {
    // While it recovers it may still die.
    for (int i = 0; i < 60 && world_->deaths() == 1 && !is_ready(); ++i) world_->run(std::chrono::seconds(1));
    asked_ = nullptr;
    world_->calm_down();
    return {.deaths = world_->deaths(), .recovered = recovered_, .findings = world_->findings()};
  }

 private:
  // Whoever asks tries again until somebody answers. What was done before it died is refused the second time.
  void ask(const char* kind, const char* payload) {
    for (int i = 0; i < 60; ++i) {
      const auto answer = world_->ask(kind, payload);
      if (answer || answer.error().code != core::ErrorCode::kUnavailable) return;
      world_->run(std::chrono::seconds(1));
    }
  }
  [[nodiscard]] bool is_ready() {
    if (!world_->is_alive()) return false;
    const auto& desks = world_->process().desks();
    return !desks.empty() && desks.front()->is_ready();
  }
  bool dies(KillPlace place) {
    if (!asked_ || !world_ || world_->deaths() > 1 || world_->disk().is_frozen()) return false;
    const std::int64_t number =
        place == KillPlace::kChange ? world_->disk().changes() - changes_ : count_->sends - sends_;
    const bool again = world_->deaths() == 1;
    // What it learned as it became ready is written before it next says something.
    ready_ = ready_ || (again && place == KillPlace::kBeforeSend && is_ready());
    KillPoint here = point_;
    (again ? here.again_place : here.place) = place;
    (again ? here.again : here.number) = number;
    const std::optional<Death> death = asked_(here, ready_);
    if (!death) return false;
    recovered_ = ready_;
    if (!again) here.death = *death;
    point_ = here;
    world_->die(*death);
    return true;
  }
  void restart() {
    changes_ = world_->disk().changes();
    sends_ = count_->sends;
  }

  std::shared_ptr<StreamCount> count_ = std::make_shared<StreamCount>();
  KillPoints::Asked asked_;
  std::optional<World> world_;
  KillPoint point_;           // where it died
  std::int64_t changes_ = 0;  // until it was last started
  std::int64_t sends_ = 0;
  bool ready_ = false;  // since the first death
  bool recovered_ = false;
};

}  // namespace

KillPoints::KillPoints(WorldSettings settings) : settings_(std::move(settings)) {
  Reference reference(settings_, nullptr);
  reference.play();
  counted_ = reference.counted();
  const KillOutcome outcome = reference.end();
  ARGOSY_CHECK(outcome.findings.empty() && outcome.deaths == 0, "the scenario itself is wrong: {}",
               outcome.findings.empty() ? "it died" : outcome.findings.front());
}

KillOutcome KillPoints::run(const KillPoint& point) const {
  return run([point](const KillPoint& here, bool) -> std::optional<Death> {
    const bool first = here.again == 0 && here.place == point.place && here.number == point.number;
    const bool second = here.again > 0 && here.again_place == point.again_place && here.again == point.again;
    if (!first && !second) return std::nullopt;
    return first ? point.death : Death::kPower;
  });
}

KillOutcome KillPoints::run(Asked asked) const {
  Reference reference(settings_, std::move(asked));
  reference.play();
  return reference.end();
}

}  // namespace argosy::simulation
