// A broker's gateway between the trading process and the paper venue, which passes on what both say, and misbehaves as
// it is told: it swallows, repeats, delays and falsifies messages. What it is told holds for shares of the messages
// that a fault concerns, drawn from the seed. The venue's books stay the truth.
//
//   BrokerGateway gateway(executor, *network.host("broker"), {"broker", 1}, {"paper", 1}, 7);
//   gateway.set(BrokerFault::kForgetsAnswer, 0.2);
//   ... connections of the process go to {"broker", 1} ...
//   gateway.calm();                                            // from now on it only passes on
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "brokers/paper_protocol.hpp"
#include "core/executor.hpp"
#include "core/result.hpp"
#include "core/rng.hpp"
#include "net/stream.hpp"

namespace argosy::simulation {

enum class BrokerFault : std::uint8_t {
  kNeverArrives,   // a new order is swallowed: F14
  kForgetsAnswer,  // a new order arrives, and its answer is swallowed: F13
  kLosesReport,    // what happened to an order is not told: F22
  kRepeats,        // what happened is told again later: F19
  kOtherFields,    // what was told is told again later, with fills at other prices: F20
  kDelays,         // what happened is told late, behind what came after it: F21
  kRefuses,        // a new order is refused by the gateway itself: F17
  kRateLimits,     // so is any question: too many requests: F18
  kGarbage,        // an answer is cut, or no message at all: F16
  kMaintenance,    // the account is empty, and no orders are open: F46
  kRevoked,        // whatever is asked is refused: F44
  kCancelsEarly,   // an order is told to be cancelled, and is so only some seconds later: F23
  kForgets,        // it knows no order of before: F46, by forget_orders()
};
inline constexpr std::array<std::string_view, 13> kBrokerFaults{
    "never arrives", "forgets the answer", "loses a report", "repeats",     "other fields", "delays",
    "refuses",       "rate limit",         "garbage",        "maintenance", "revoked",      "cancels early",
    "forgets"};

// What passes the gate, as it comes: before the gateway swallows or falsifies it.
class GatewayListener {
 public:
  virtual ~GatewayListener() = default;
  virtual void on_question(const brokers::Question& question) = 0;  // of the process
  virtual void on_answer(std::int64_t question,
                         const brokers::Answer& answer) = 0;  // of the venue; 0: it tells by itself
};

class BrokerGateway {
 public:
  // Listens at `own`, and opens a stream to `venue` for each that comes. Executor and network outlive it.
  BrokerGateway(core::Executor& executor, net::Network& network, const net::Address& own, net::Address venue,
                std::uint64_t seed);
  ~BrokerGateway();
  BrokerGateway(const BrokerGateway&) = delete;
  BrokerGateway& operator=(const BrokerGateway&) = delete;

  // It outlives the gateway, or is replaced; null: nobody.
  void set_listener(GatewayListener* listener) { listener_ = listener; }
  // The question that is told to the listener goes no further.
  void swallow() { swallows_ = true; }
  // The share of messages, 0 to 1.
  void set(BrokerFault fault, double share) { shares_[static_cast<std::size_t>(fault)] = share; }
  void calm() { shares_ = {}; }
  // As in the night: of orders that it has told of so far nothing is known from now on, neither by their ids nor among
  // the open ones nor by reports; only what was filled stands in the history.
  void forget_orders() { forgotten_ = last_order_; }
  // How often it happened.
  [[nodiscard]] std::int64_t count(BrokerFault fault) const { return counts_[static_cast<std::size_t>(fault)]; }

 private:
  class Pair;
  friend class Pair;

  [[nodiscard]] bool draws(BrokerFault fault);
  [[nodiscard]] bool is_forgotten(const trading::OrderReport& report);

  core::Executor& executor_;
  net::Network& network_;
  net::Address venue_;
  GatewayListener* listener_ = nullptr;
  bool swallows_ = false;
  core::Rng rng_;
  std::array<double, kBrokerFaults.size()> shares_{};
  std::array<std::int64_t, kBrokerFaults.size()> counts_{};
  std::map<std::string, trading::OrderReport> reported_;  // of orders that work, by the broker's ids
  std::unique_ptr<net::Acceptor> acceptor_;
  std::map<std::int64_t, std::shared_ptr<Pair>> pairs_;
  std::int64_t last_pair_ = 0;
  std::int64_t last_order_ = 0;  // of the venue's numbers
  std::int64_t forgotten_ = 0;   // up to this number
};

}  // namespace argosy::simulation
