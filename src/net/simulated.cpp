#include "net/simulated.hpp"

#include <fmt/format.h>

#include <utility>

#include "net/detail/board.hpp"
#include "net/detail/simulated_connection.hpp"
#include "net/detail/simulated_world.hpp"

namespace argosy::net {
namespace {

using detail::SimulatedConnection;
using detail::SimulatedWorld;

class SimulatedHost final : public Network {
 public:
  SimulatedHost(std::shared_ptr<SimulatedWorld> world, std::string name)
      : world_(std::move(world)), name_(std::move(name)) {}

  core::Result<std::unique_ptr<Acceptor>> listen(const Address& address, OnStream on_stream) override {
    if (address.host != name_) {
      return core::fail(core::Error(core::ErrorCode::kInvalidArgument,
                                    fmt::format("{} cannot listen at {}", name_, address.to_string()))
                            .with_hint(fmt::format("write the host's own name: {}", name_)));
    }
    return world_->board().listen(address, world_->executor(), std::move(on_stream));
  }

  std::unique_ptr<Stream> connect(const Address& address) override {
    return world_->open(name_, address)->make_stream(SimulatedConnection::kOpener);
  }

 private:
  std::shared_ptr<SimulatedWorld> world_;
  std::string name_;
};

}  // namespace

SimulatedNetwork::SimulatedNetwork(core::Executor& executor, std::uint64_t seed, const LinkSettings& settings)
    : world_(std::make_shared<SimulatedWorld>(executor, seed, settings)) {}
SimulatedNetwork::~SimulatedNetwork() = default;

std::unique_ptr<Network> SimulatedNetwork::host(std::string name) {
  return std::make_unique<SimulatedHost>(world_, std::move(name));
}

void SimulatedNetwork::set_link(std::string_view from, std::string_view to, const LinkSettings& settings) {
  world_->set_link(from, to, settings);
}

void SimulatedNetwork::cut(std::string_view one, std::string_view other) {
  for (const auto& connection : world_->between(one, other)) connection->cut();
}

void SimulatedNetwork::silence(std::string_view from, std::string_view to) {
  for (const auto& connection : world_->between(from, to)) connection->silence(from);
}

void SimulatedNetwork::clog(std::string_view from, std::string_view to, core::Duration time) {
  for (const auto& connection : world_->between(from, to)) connection->clog(from, time);
}

void SimulatedNetwork::partition(std::string_view one, std::string_view other) { world_->partition(one, other); }

void SimulatedNetwork::heal(std::string_view one, std::string_view other) { world_->heal(one, other); }

const NetworkCounts& SimulatedNetwork::counts() const { return world_->counts(); }

}  // namespace argosy::net
