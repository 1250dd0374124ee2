// What all hosts of a simulated network share.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/executor.hpp"
#include "core/rng.hpp"
#include "net/detail/board.hpp"
#include "net/simulated.hpp"

namespace argosy::net::detail {

class SimulatedConnection;

class SimulatedWorld final : public std::enable_shared_from_this<SimulatedWorld> {
 public:
  SimulatedWorld(core::Executor& executor, std::uint64_t seed, const LinkSettings& settings)
      : executor_(executor), rng_(seed), settings_(settings) {}

  [[nodiscard]] core::Executor& executor() { return executor_; }
  [[nodiscard]] Board& board() { return *board_; }
  [[nodiscard]] NetworkCounts& counts() { return counts_; }

  [[nodiscard]] const LinkSettings& link(const std::string& from, const std::string& to) const;
  void set_link(std::string_view from, std::string_view to, const LinkSettings& settings);

  // Of two hosts in either order.
  [[nodiscard]] bool is_partitioned(const std::string& one, const std::string& other) const;
  void partition(std::string_view one, std::string_view other);
  void heal(std::string_view one, std::string_view other);

  [[nodiscard]] std::shared_ptr<SimulatedConnection> open(const std::string& from, const Address& to);
  // Those between two hosts, whoever opened them, in the order of their opening.
  [[nodiscard]] std::vector<std::shared_ptr<SimulatedConnection>> between(std::string_view one,
                                                                          std::string_view other) const;

 private:
  core::Executor& executor_;
  core::Rng rng_;
  LinkSettings settings_;
  std::map<std::pair<std::string, std::string>, LinkSettings> links_;
  std::set<std::pair<std::string, std::string>> partitions_;  // the lesser name first
  std::shared_ptr<Board> board_ = std::make_shared<Board>();
  std::vector<std::weak_ptr<SimulatedConnection>> connections_;
  std::uint64_t opened_ = 0;
  NetworkCounts counts_;
};

}  // namespace argosy::net::detail
