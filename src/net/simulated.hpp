// A network of named hosts in one thread, with the faults of a real one: everything that happens follows from the seed,
// the settings and what the test does, at the times of the simulated executor.
//
//   net::SimulatedNetwork network(executor, 7, {.latency = 20ms, .jitter = 5ms, .cut = 0.001});
//   const auto venue = network.host("venue");                    // a Network; addresses have names of hosts
//   const auto acceptor = venue->listen({"venue", 1}, accept);
//   const auto stream = network.host("trader")->connect({"venue", 1});
//   network.partition("trader", "venue");
//
// As with TCP, bytes of a stream are neither lost in its middle nor reordered, but may be cut into other chunks; what
// is on its way when a stream breaks may be lost from any byte on. Nothing ever times out: a side that must notice
// silence has to ask for a sign of life.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "core/executor.hpp"
#include "core/time.hpp"
#include "net/stream.hpp"

namespace argosy::net {

namespace detail {
class SimulatedWorld;
}

// How bytes travel from one host to another. Probabilities are per write, drawn before it is sent.
struct LinkSettings {
  core::Duration latency = std::chrono::milliseconds{1};
  core::Duration jitter{0};  // added to it, uniformly between nothing and this; order is kept
  double split = 0;          // the write arrives in pieces, its first perhaps together with what is still on its way
  double cut = 0;            // the stream breaks, with a random part of what is on its way, both sides are told
  double silence = 0;        // from here on nothing of the stream arrives in this direction, and nobody is told
  double clog = 0;           // this and what follows arrives no earlier than `clog_time` from now
  core::Duration clog_time{0};
};

// What has happened so far: a test that means to meet a fault can show that it did.
struct NetworkCounts {
  std::int64_t connections = 0;  // that stood
  std::int64_t refused = 0;
  std::int64_t splits = 0;
  std::int64_t cuts = 0;
  std::int64_t silences = 0;
  std::int64_t clogs = 0;
  std::int64_t lost_bytes = 0;  // by cuts and silences
  friend bool operator==(const NetworkCounts&, const NetworkCounts&) = default;
};

// Hosts, streams and acceptors may outlive it.
class SimulatedNetwork {
 public:
  SimulatedNetwork(core::Executor& executor, std::uint64_t seed, const LinkSettings& settings = {});
  ~SimulatedNetwork();
  SimulatedNetwork(const SimulatedNetwork&) = delete;
  SimulatedNetwork& operator=(const SimulatedNetwork&) = delete;

  // The network as the programs on this host see it. They may listen at the host's name only.
  [[nodiscard]] std::unique_ptr<Network> host(std::string name);

  // From now on, for what is written from one host to the other.
  void set_link(std::string_view from, std::string_view to, const LinkSettings& settings);

  // Breaks the streams between two hosts.
  void cut(std::string_view one, std::string_view other);
  // Of the streams there are, nothing that is written from now on arrives at `to`, and nobody is told.
  void silence(std::string_view from, std::string_view to);
  // What is on its way and what follows arrives no earlier than `time` from now.
  void clog(std::string_view from, std::string_view to, core::Duration time);
  // Nothing passes between two hosts, in either direction, until they are healed: it waits, then arrives.
  void partition(std::string_view one, std::string_view other);
  void heal(std::string_view one, std::string_view other);

  [[nodiscard]] const NetworkCounts& counts() const;

 private:
  std::shared_ptr<detail::SimulatedWorld> world_;
};

}  // namespace argosy::net
