// Clients of the WebSocket for benches: one thread, one socket each, who listen to prices.
//
//   PushClients clients(10'000, port);                 // returns when each hears prices
//   clients.hear(round, 10, waits);                    // until each has heard a round: all last prices are its number
#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/json.hpp"
#include "core/time.hpp"
#include "push_server.hpp"

namespace argosy {

inline double wall_seconds() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

// As many descriptors as this process may have.
inline void raise_file_limit() {
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
}

inline std::string masked(std::string_view text, char head = '\x81') {
  std::string frame{head, static_cast<char>(0x80U | (text.size() < 126 ? text.size() : 126))};
  if (text.size() >= 126) {
    frame += static_cast<char>(text.size() >> 8U);
    frame += static_cast<char>(text.size() & 0xFFU);
  }
  return frame + std::string(4, '\0') + std::string(text);
}

// What a frame of prices says; each text is read once, however many clients hear it.
struct HeardPrices {
  std::vector<std::pair<std::size_t, std::size_t>> rounds;  // symbol and its round
  double changed_at = 0;
};

struct Heard {
  std::map<std::string, HeardPrices, std::less<>> texts;
  const HeardPrices& read(std::string_view text) {
    if (const auto found = texts.find(text); found != texts.end()) return found->second;
    HeardPrices prices;
    const auto json = push_must(core::parse_json(text));
    for (const core::JsonValue& each : *json.find("prices")->array()) {
      std::size_t symbol = 0;
      std::size_t round = 0;
      const std::string& name = *each.find("symbol")->string();
      const std::string& last = *each.find("last")->string();
      std::from_chars(name.data() + 1, name.data() + name.size(), symbol);
      std::from_chars(last.data(), last.data() + last.size(), round);
      prices.rounds.emplace_back(symbol - 1, round);
      const core::Timestamp time = push_must(core::parse_rfc3339(*each.find("time")->string()));
      prices.changed_at = std::chrono::duration<double>(time.time_since_epoch()).count();
    }
    return texts.emplace(std::string(text), std::move(prices)).first->second;
  }
};

struct PushClient {
  int handle = -1;
  bool is_in = false;     // the header of the answer is read
  bool is_ready = false;  // subscribed
  std::string bytes;
  std::string parts;  // of a message
  std::array<std::uint16_t, kPushSymbols> rounds{};
  std::size_t at_newest = 0;  // symbols that are of the newest round
  std::size_t newest = 0;
  std::size_t frames = 0;
};

class PushClients {
 public:
  PushClients(std::size_t count, std::uint16_t port) : clients_(count), epoll_(::epoll_create1(0)) {
    for (std::size_t i = 0; i < count; ++i) {
      connect(clients_[i], port, i);
      while (ready_ + 200 < i) turn(100);
    }
    while (ready_ < count) turn(100);
  }
  ~PushClients() {
    for (const PushClient& each : clients_) ::close(each.handle);
    ::close(epoll_);
  }
  PushClients(const PushClients&) = delete;
  PushClients& operator=(const PushClients&) = delete;

  // Until all have heard the round; how long the last one and each other waited, in ms.
  bool hear(std::size_t round, double patience, std::vector<double>& waits) {
    waits.clear();
    waits_ = &waits;
    wanted_ = round;
    const double until = wall_seconds() + patience;
    while (waits.size() < clients_.size() && wall_seconds() < until) turn(50);
    return waits.size() == clients_.size();
  }
  // Until `is_over`; how many frames of prices the client that heard least has heard meanwhile.
  template <class IsOver>
  std::size_t listen(IsOver is_over) {
    std::vector<std::size_t> before;
    for (const PushClient& each : clients_) before.push_back(each.frames);
    while (!is_over()) turn(50);
    std::size_t least = SIZE_MAX;
    for (std::size_t i = 0; i < clients_.size(); ++i) least = std::min(least, clients_[i].frames - before[i]);
    return least;
  }
  // How many have each symbol's last price.
  [[nodiscard]] std::size_t right(std::size_t round) const {
    return static_cast<std::size_t>(std::ranges::count_if(clients_, [&](const PushClient& each) {
      return std::ranges::all_of(each.rounds, [&](std::uint16_t had) { return had == round; });
    }));
  }

 private:
  void connect(PushClient& client, std::uint16_t port, std::size_t number) {
    client.handle = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    sockaddr plain{};
    std::memcpy(&plain, &address, sizeof address);
    if (client.handle < 0 || ::connect(client.handle, &plain, sizeof plain) != 0) fail("cannot connect");
    ::fcntl(client.handle, F_SETFL, O_NONBLOCK);
    send(client,
         "GET /api/v1/ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
         "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n");
    epoll_event event{.events = EPOLLIN, .data = {.u64 = number}};
    ::epoll_ctl(epoll_, EPOLL_CTL_ADD, client.handle, &event);
  }
  static void send(const PushClient& client, std::string_view bytes) {
    if (::send(client.handle, bytes.data(), bytes.size(), MSG_NOSIGNAL) != std::ssize(bytes)) fail("cannot send");
  }
  [[noreturn]] static void fail(std::string_view why) {
    fmt::print(stderr, "a client: {}: {}\n", why, std::strerror(errno));
    std::exit(1);
  }

  void turn(int timeout_ms) {
    std::array<epoll_event, 512> events{};
    const int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), timeout_ms);
    for (int i = 0; i < count; ++i) read(clients_[events[static_cast<std::size_t>(i)].data.u64]);
  }
  void read(PushClient& client) {
    static std::array<char, 256 * 1024> some;
    const ssize_t size = ::recv(client.handle, some.data(), some.size(), 0);
    if (size <= 0) fail("the server closed");
    client.bytes.append(some.data(), static_cast<std::size_t>(size));
    if (!client.is_in) {
      const std::size_t end = client.bytes.find("\r\n\r\n");
      if (end == std::string::npos) return;
      client.bytes.erase(0, end + 4);
      client.is_in = true;
      send(client, masked(fmt::format(R"({{"type":"auth","token":"{}"}})", kPushKey)) +
                       masked(R"({"type":"subscribe","room":"price_updates"})"));
    }
    std::size_t from = 0;
    while (const std::size_t used = take(client, std::string_view(client.bytes).substr(from))) from += used;
    client.bytes.erase(0, from);
  }
  // One whole frame; 0: there is none.
  std::size_t take(PushClient& client, std::string_view bytes) {
    if (bytes.size() < 2) return 0;
    const auto byte = [&](std::size_t i) { return static_cast<std::size_t>(static_cast<unsigned char>(bytes[i])); };
    std::size_t size = byte(1);
    std::size_t head = 2;
    if (size == 126) {
      head = 4;
      if (bytes.size() < head) return 0;
      size = byte(2) * 256 + byte(3);
    } else if (size == 127) {
      head = 10;
      if (bytes.size() < head) return 0;
      size = (byte(6) << 24U) + (byte(7) << 16U) + (byte(8) << 8U) + byte(9);
    }
    if (bytes.size() < head + size) return 0;
    const std::string_view text = bytes.substr(head, size);
    if ((byte(0) & 0x0FU) == 9) send(client, masked(text, '\x8A'));
    if ((byte(0) & 0x0FU) == 8) fail("the server closed with a reason");
    if ((byte(0) & 0x0FU) < 8) {
      client.parts += text;
      if ((byte(0) & 0x80U) != 0) {
        if (client.parts.starts_with(R"({"type":"prices")")) hear(client, client.parts);
        client.parts.clear();
      }
    }
    return head + size;
  }
  void hear(PushClient& client, std::string_view text) {
    if (!std::exchange(client.is_ready, true)) ++ready_;
    ++client.frames;
    const HeardPrices& prices = heard_.read(text);
    for (const auto& [symbol, round] : prices.rounds) {
      client.rounds[symbol] = static_cast<std::uint16_t>(round);
      if (round > client.newest) {
        client.newest = round;
        client.at_newest = 0;
      }
      if (round == client.newest) ++client.at_newest;
    }
    if (waits_ != nullptr && client.newest == wanted_ && client.at_newest == kPushSymbols)
      waits_->push_back((wall_seconds() - prices.changed_at) * 1'000);
  }

  std::vector<PushClient> clients_;
  int epoll_;
  std::size_t ready_ = 0;
  std::size_t wanted_ = 0;
  std::vector<double>* waits_ = nullptr;
  Heard heard_;
};

}  // namespace argosy
