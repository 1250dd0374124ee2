#include "net/detail/simulated_world.hpp"

#include <algorithm>

#include "net/detail/simulated_connection.hpp"

namespace argosy::net::detail {
namespace {

std::pair<std::string, std::string> in_order(std::string_view one, std::string_view other) {
  return {std::string(std::min(one, other)), std::string(std::max(one, other))};
}

}  // namespace

const LinkSettings& SimulatedWorld::link(const std::string& from, const std::string& to) const {
  const auto found = links_.find({from, to});
  return found == links_.end() ? settings_ : found->second;
}

void SimulatedWorld::set_link(std::string_view from, std::string_view to, const LinkSettings& settings) {
  links_.insert_or_assign({std::string(from), std::string(to)}, settings);
}

bool SimulatedWorld::is_partitioned(const std::string& one, const std::string& other) const {
  return !partitions_.empty() && partitions_.contains(in_order(one, other));
}

void SimulatedWorld::partition(std::string_view one, std::string_view other) {
  partitions_.insert(in_order(one, other));
}

void SimulatedWorld::heal(std::string_view one, std::string_view other) {
  if (partitions_.erase(in_order(one, other)) == 0) return;
  for (const auto& connection : between(one, other)) connection->heal();
}

std::shared_ptr<SimulatedConnection> SimulatedWorld::open(const std::string& from, const Address& to) {
  std::erase_if(connections_, [](const auto& connection) { return connection.expired(); });
  // A generator each, so that what one stream does leaves the others as they were.
  auto connection = std::make_shared<SimulatedConnection>(shared_from_this(), rng_.fork(++opened_), from, to);
  connections_.push_back(connection);
  connection->begin();
  return connection;
}

std::vector<std::shared_ptr<SimulatedConnection>> SimulatedWorld::between(std::string_view one,
                                                                          std::string_view other) const {
  std::vector<std::shared_ptr<SimulatedConnection>> found;
  for (const auto& weak : connections_) {
    if (auto connection = weak.lock(); connection && connection->is_between(one, other)) {
      found.push_back(std::move(connection));
    }
  }
  return found;
}

}  // namespace argosy::net::detail
