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
  explicit Reference(WorldSettings settings) {
    settings.services = 3;
    settings.quote_interval = std::chrono::seconds(5);
    settings.between_process_and_network = [count = count_](std::unique_ptr<net::Network> network) {
      return std::make_unique<CountedNetwork>(count, std::move(network));
    };
    settings.before_restart = [this] { restart(); };
    count_->may_leave = [this] { return may_leave(); };
    count_->has_left = [this] { has_left(); };
    world_.emplace(std::move(settings));
    changes_ = world_->disk().changes();
    sends_ = count_->sends;
  }

  void die_at(const KillPoint& point) {
    point_ = point;
    if (point.place == KillPlace::kChange) world_->die_at(changes_ + point.number, point.death);
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
  bool may_leave() {
    if (!world_) return true;
    if (world_->deaths() == 1 && world_->is_alive() && world_->process().desks().front()->is_ready()) ready_ = true;
    if (world_->disk().is_frozen()) return false;
    if (point_.place != KillPlace::kBeforeSend || count_->sends - sends_ != point_.number) return true;
    world_->die(point_.death);
    return false;
  }
  void has_left() {
    if (point_.place == KillPlace::kAfterSend && world_ && count_->sends - sends_ == point_.number)
      world_->die(point_.death);
  }
  void restart() {
    if (point_.again > 0 && world_->deaths() == 1)
      world_->die_at(world_->disk().changes() + point_.again, Death::kPower);
    if (world_->deaths() == 2) recovered_ = ready_;
  }

  std::shared_ptr<StreamCount> count_ = std::make_shared<StreamCount>();
  std::optional<World> world_;
  KillPoint point_{.number = 0};
  std::int64_t changes_ = 0;
  std::int64_t sends_ = 0;
  bool ready_ = false;  // since the first death
  bool recovered_ = false;
};

}  // namespace

KillPoints::KillPoints(WorldSettings settings) : settings_(std::move(settings)) {
  Reference reference(settings_);
  reference.play();
  counted_ = reference.counted();
  const KillOutcome outcome = reference.end();
  ARGOSY_CHECK(outcome.findings.empty() && outcome.deaths == 0, "the scenario itself is wrong: {}",
               outcome.findings.empty() ? "it died" : outcome.findings.front());
}

KillOutcome KillPoints::run(const KillPoint& point) const {
  Reference reference(settings_);
  reference.die_at(point);
  reference.play();
  return reference.end();
}

}  // namespace argosy::simulation
