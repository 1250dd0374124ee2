// What clients of the WebSocket cost who trades.
//
//   clients_bench [--json] [--seconds N] [--clients N]
//
// 1,000 services trade 100 symbols, a price a second each, and decide each second: three times without clients and
// three times with so many, in turns. The clients are another process, and hear every price; they let others first, as
// those on other machines would. Every client must have heard prices all the time, every order that was sent must be in
// the ledger and at the venue, and the books must add up, or the bench fails.
//
// The goal is of the wall clock, for which others who work on the machine count as well; the gate is of the trading
// thread's own time.
#include <fmt/format.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.hpp"
#include "push_clients.hpp"
#include "trading_floor.hpp"

namespace argosy {
namespace {

// Clients of the WebSocket in a process of their own. Made before there are threads.
class OtherProcess {
 public:
  explicit OtherProcess(std::size_t clients) {
    if (::pipe(to_.data()) != 0 || ::pipe(from_.data()) != 0) throw std::runtime_error("there are no pipes");
    pid_ = ::fork();
    if (pid_ != 0) {
      ::close(to_[0]);
      ::close(from_[1]);
      return;
    }
    ::close(to_[1]);
    ::close(from_[0]);
    std::uint16_t port = 0;
    if (::read(to_[0], &port, sizeof port) != sizeof port) std::_Exit(1);
    (void)::nice(10);  // clients are on other machines: they take no processor from who trades
    PushClients all(clients, port);
    (void)!::write(from_[1], "r", 1);
    const std::size_t least = all.listen([&] { return has_more(to_[0]); });
    (void)!::write(from_[1], &least, sizeof least);
    std::_Exit(0);
  }
  ~OtherProcess() {
    ::close(to_[1]);
    ::waitpid(pid_, nullptr, 0);
    ::close(from_[0]);
  }
  OtherProcess(const OtherProcess&) = delete;
  OtherProcess& operator=(const OtherProcess&) = delete;

  void connect(std::uint16_t port) const { (void)!::write(to_[1], &port, sizeof port); }
  // Whether each hears prices.
  bool is_ready() {
    char byte = 0;
    if (!is_ready_ && has_more(from_[0])) is_ready_ = ::read(from_[0], &byte, 1) == 1;
    return is_ready_;
  }
  // Frames of prices that came to the client that heard least; 0: they have failed.
  std::size_t end() const {
    (void)!::write(to_[1], "e", 1);
    std::size_t least = 0;
    return ::read(from_[0], &least, sizeof least) == sizeof least ? least : 0;
  }

 private:
  static bool has_more(int handle) {
    pollfd asked{.fd = handle, .events = POLLIN, .revents = 0};
    return ::poll(&asked, 1, 0) > 0;
  }

  std::array<int, 2> to_{};
  std::array<int, 2> from_{};
  pid_t pid_ = 0;
  bool is_ready_ = false;
};

constexpr std::int64_t kPushed = 100;  // symbols
constexpr int kPushedEach = 10;        // services of a symbol
// By so much more of its own time the trading thread may need for a price; 0.8 to 1.1 was measured.
constexpr double kGateOfClients = 1.25;

double median(std::vector<double> values) { return percentile(values, 0.5); }

// Turns are taken, for who else works on the machine.
int run(bool as_json, double seconds, std::size_t clients) {
  raise_file_limit();
  syncs::install();
  std::array<std::vector<double>, 2> own;
  std::array<std::vector<double>, 2> p50;
  std::array<std::vector<double>, 2> p99;
  std::array<std::size_t, 2> orders{};
  std::size_t least = SIZE_MAX;
  for (const bool with : {false, true, false, true, false, true}) {
    std::optional<OtherProcess> others;
    if (with) others.emplace(clients);
    Outcome out;
    {
      FloorSettings settings{.symbols = kPushed, .seconds = seconds, .services_each = kPushedEach, .interval = 1s};
      if (with) {
        settings.is_served = [&](std::uint16_t port) { others->connect(port); };
        settings.is_ready = [&] { return others->is_ready(); };
      }
      TradingFloor floor(std::move(settings));
      out = floor.run();
      if (with) least = std::min(least, others->end());
    }
    for (const std::string& finding : out.findings) fmt::print(stderr, "{}\n", finding);
    if (!out.findings.empty() || out.us.size() < 100 || out.measured_prices == 0) {
      fmt::print(stderr, "{} orders, {} findings\n", out.us.size(), out.findings.size());
      return 1;
    }
    own[with].push_back(out.trading_us / static_cast<double>(out.measured_prices));
    p50[with].push_back(percentile(out.us, 0.5));
    p99[with].push_back(percentile(out.us, 0.99));
    orders[with] += out.us.size();
  }
  // A frame a quarter of a second at the most; each symbol has a price a second, all in one frame or in a few.
  if (static_cast<double>(least) < 0.5 * seconds) {
    fmt::print(stderr, "a client heard {} frames of prices in {} s\n", least, seconds);
    return 1;
  }
  const double own_times = median(own[1]) / median(own[0]);
  const double p99_times = median(p99[1]) / median(p99[0]);
  if (as_json) {
    core::JsonWriter json(2);
    json.begin_object().key("clients").value(clients).key("own_us").value(median(own[0]));
    json.key("own_us_with_clients").value(median(own[1])).key("own_times").value(own_times);
    json.key("p99_us").value(median(p99[0])).key("p99_us_with_clients").value(median(p99[1]));
    json.key("p99_times").value(p99_times).key("least_frames").value(least).end_object();
    fmt::print("{}\n", std::move(json).take());
  } else {
    fmt::print(
        "1,000 services on 100 symbols, {:.0f} s, three times each; every client heard at least {} frames of prices\n",
        seconds, least);
    for (const std::size_t with : {0UZ, 1UZ})
      fmt::print(
          "  {:>6} clients: {} orders, price to order sent p50 {:.0f} us, p99 {:.0f} us; the trading thread's own time "
          "a price {:.1f} us\n",
          with != 0 ? clients : 0, orders[with], median(p50[with]), median(p99[with]), median(own[with]));
    fmt::print("  with clients: p99 {:.2f} times   goal 1.05; own time {:.2f} times   gate {:.2f}\n", p99_times,
               own_times, kGateOfClients);
  }
  if (own_times <= kGateOfClients) return 0;
  fmt::print(stderr, "the trading thread's own time a price is {:.2f} times, above its gate of {:.2f}\n", own_times,
             kGateOfClients);
  return 1;
}

}  // namespace
}  // namespace argosy

int main(int argc, char** argv) {
  bool json = false;
  double seconds = 10;
  std::size_t clients = 10'000;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "--json") {
      json = true;
    } else if (argument == "--seconds" && i + 1 < argc) {
      seconds = std::stod(argv[++i]);
    } else if (argument == "--clients" && i + 1 < argc) {
      clients = std::stoull(argv[++i]);
    } else {
      fmt::print(stderr, "usage: clients_bench [--json] [--seconds N] [--clients N]\n");
      return 2;
    }
  }
  try {
    return argosy::run(json, seconds, clients);
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
}
