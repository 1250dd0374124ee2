// A connection of a simulated network: two directions, each a queue of parcels with the times of their arrival.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.hpp"
#include "core/rng.hpp"
#include "core/time.hpp"
#include "net/detail/inbox.hpp"
#include "net/simulated.hpp"
#include "net/stream.hpp"

namespace argosy::net::detail {

class SimulatedConnection final : public std::enable_shared_from_this<SimulatedConnection> {
 public:
  enum Side : std::uint8_t { kOpener, kListener };

  SimulatedConnection(std::shared_ptr<SimulatedWorld> world, const core::Rng& rng, std::string from, Address to);

  // Sends the wish to connect.
  void begin();
  // The end of a side, once.
  [[nodiscard]] std::unique_ptr<Stream> make_stream(Side side);

  [[nodiscard]] bool is_between(std::string_view one, std::string_view other) const;
  void cut();
  void silence(std::string_view from);
  void clog(std::string_view from, core::Duration time);
  void heal();

 private:
  class End;
  struct Parcel {
    enum class Kind : std::uint8_t { kOpen, kBytes, kEnd };
    Kind kind = Kind::kBytes;
    core::Timestamp arrives;
    std::string bytes;
    std::optional<core::Error> why;  // of an end
  };
  // One direction, from the side of the same number.
  struct Flow {
    std::deque<Parcel> parcels;  // their times rise
    core::Timestamp no_earlier;  // than this does the next one arrive
    std::size_t unsent = 0;      // bytes of parcels, and of those that are lost silently: nobody says they arrived
    bool refused = false;        // on_writable is owed
    bool silent = false;
    bool ended = false;  // nothing is sent any more
    bool timed = false;  // a timer will look
  };

  [[nodiscard]] static Side other(Side side) { return side == kOpener ? kListener : kOpener; }
  [[nodiscard]] const LinkSettings& link(Side from) const;
  [[nodiscard]] core::Timestamp now() const;
  [[nodiscard]] core::Timestamp next_arrival(Side from);

  core::Result<void> write(Side from, std::string bytes);
  void close(Side from);
  void send(Side from, Parcel parcel);
  void send_bytes(Side from, std::string bytes);
  void send_in_pieces(Side from, std::string bytes);
  void lose(Side from, std::size_t kept);  // all bytes on their way but the first
  void set_timer(Side from);
  void deliver(Side from);
  [[nodiscard]] bool arrive(Side from, Parcel& parcel);  // false: no room, it waits
  void arrive_to_open();
  [[nodiscard]] bool happens(double probability) { return probability > 0 && rng_.uniform() < probability; }

  const std::shared_ptr<SimulatedWorld> world_;
  core::Rng rng_;
  const Address address_;  // of the listener
  const std::array<std::string, 2> hosts_;
  std::array<std::shared_ptr<Inbox>, 2> inboxes_;
  std::array<Flow, 2> flows_;
};

}  // namespace argosy::net::detail
