#include "simulation/kill_points.hpp"

#include <fmt/format.h>

#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "core/check.hpp"

namespace argosy::simulation {

namespace {

// What the process says to its broker passes here, and is counted.
struct SendCount {
  std::int64_t sends = 0;
  std::function<bool()> may_leave;  // asked before each
  std::function<void()> has_left;   // told after each
};

class CountedStream final : public net::Stream {
 public:
  CountedStream(std::shared_ptr<SendCount> count, std::unique_ptr<net::Stream> stream)
      : count_(std::move(count)), stream_(std::move(stream)) {}
  void set_listener(net::StreamListener& listener) override { stream_->set_listener(listener); }
  core::Result<void> write(std::string bytes) override {
    ++count_->sends;
    if (!count_->may_leave()) return {};
    ARGOSY_TRY_VOID(stream_->write(std::move(bytes)));
    count_->has_left();
    return {};
  }
  void close() override { stream_->close(); }
  [[nodiscard]] bool is_open() const override { return stream_->is_open(); }

 private:
  std::shared_ptr<SendCount> count_;
  std::unique_ptr<net::Stream> stream_;
};

class CountedNetwork final : public net::Network {
 public:
  CountedNetwork(std::shared_ptr<SendCount> count, std::unique_ptr<net::Network> network)
      : count_(std::move(count)), network_(std::move(network)) {}
  core::Result<std::unique_ptr<net::Acceptor>> listen(const net::Address& address, OnStream on_stream) override {
    return network_->listen(address, std::move(on_stream));
  }
  [[nodiscard]] std::unique_ptr<net::Stream> connect(const net::Address& address) override {
    return std::make_unique<CountedStream>(count_, network_->connect(address));
  }

 private:
  std::shared_ptr<SendCount> count_;
  std::unique_ptr<net::Network> network_;
};

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

  std::shared_ptr<SendCount> count_ = std::make_shared<SendCount>();
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
