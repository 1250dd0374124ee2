// Clients of the WebSocket: from a change of 100 prices to the last client that heard of it, and what a client costs.
//
//   push_bench [--json] [--clients N] [--seconds N]
//
// The server is a process of its own: HTTP server, hub and price board as `argosy serve` has them, with 100 symbols
// that change at once each second. The clients are this process: one thread, one socket each. Both share the machine,
// so that the time to the last client has the clients' own work in it. Every client must have heard each symbol's last
// price, or the bench fails.
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "core/files.hpp"
#include "core/json.hpp"
#include "ledger/instruments.hpp"
#include "ledger/ledger_schema.hpp"
#include "ledger/open.hpp"
#include "ledger/records.hpp"
#include "push_clients.hpp"
#include "push_server.hpp"

namespace argosy {
namespace {

constexpr double kGoalMs = 500;

// --- The server's process. ---

core::Result<void> fill(ledger::Transaction& work, core::Timestamp now) {
  const ledger::UserRow user{
      .user_id = 1, .username = "root", .email = "root@localhost", .role = ledger::Role::kAdmin, .created_at = now};
  ARGOSY_TRY_VOID(ledger::insert<ledger::UserRow>(work, {&user, 1}));
  ARGOSY_TRY_VOID(add_push_key(work, now));
  std::vector<ledger::InstrumentRow> stocks;
  for (std::size_t i = 1; i <= kPushSymbols; ++i)
    stocks.push_back(
        {.instrument_id = static_cast<std::int64_t>(i), .symbol = fmt::format("S{}", i), .exchange = "XNAS"});
  return ledger::insert<ledger::InstrumentRow>(work, stocks);
}

// Round n: every last price is n.
void set_prices(push::PriceBoard& board, std::int64_t round, core::Timestamp now) {
  for (std::size_t i = 1; i <= kPushSymbols; ++i)
    board.set(static_cast<std::int64_t>(i), {.time = now,
                                             .bid = core::Price::from_integer(round),
                                             .ask = core::Price::from_integer(round + 1),
                                             .last = core::Price::from_integer(round)});
}

// Tells its port; then a round for each byte that comes, until there are no more.
[[noreturn]] void serve(int told, int wanted, const std::string& folder) {
  core::SystemClock clock;
  const auto open = [&] {
    return ledger::open_database({.path = folder + "/ledger.db"}, ledger::ledger_schema(), core::system_files(), clock);
  };
  push_must(push_must(open())->write([&](ledger::Transaction& work) { return fill(work, clock.now()); }));
  PushServer server(open, clock);
  const std::uint16_t port = server.port();
  (void)!::write(told, &port, sizeof port);
  std::int64_t round = 0;
  for (char byte = 0; ::read(wanted, &byte, 1) == 1;) set_prices(server.prices(), ++round, clock.now());
  std::_Exit(0);
}

struct Process {
  pid_t pid = 0;
  [[nodiscard]] double cpu_seconds() const {
    std::ifstream file(fmt::format("/proc/{}/stat", pid));
    std::string text((std::istreambuf_iterator<char>(file)), {});
    std::istringstream rest(text.substr(text.rfind(')') + 2));
    std::string word;
    std::vector<std::string> words;
    while (rest >> word) words.push_back(word);
    return (std::stod(words.at(11)) + std::stod(words.at(12))) / static_cast<double>(::sysconf(_SC_CLK_TCK));
  }
  [[nodiscard]] double resident_bytes() const {
    std::ifstream file(fmt::format("/proc/{}/statm", pid));
    double whole = 0;
    double resident = 0;
    file >> whole >> resident;
    return resident * static_cast<double>(::sysconf(_SC_PAGESIZE));
  }
  [[nodiscard]] double descriptors() const {
    double count = 0;
    for (const auto& each : std::filesystem::directory_iterator(fmt::format("/proc/{}/fd", pid)))
      count += each.exists();
    return count;
  }
};

double percentile(std::vector<double> values, double part) {
  if (values.empty()) return 0;
  std::ranges::sort(values);
  return values[std::min(values.size() - 1, static_cast<std::size_t>(part * static_cast<double>(values.size())))];
}

struct Options {
  bool as_json = false;
  std::size_t clients = 10'000;
  std::size_t seconds = 30;
};

int run(const Options& options) {
  raise_file_limit();
  const std::string folder =
      fmt::format("{}/argosy-push-bench-{}", std::filesystem::temp_directory_path().string(), ::getpid());
  std::filesystem::create_directories(folder);
  std::array<int, 2> told{};
  std::array<int, 2> wanted{};
  if (::pipe(told.data()) != 0 || ::pipe(wanted.data()) != 0) return 1;
  Process server{.pid = ::fork()};
  if (server.pid == 0) {
    ::close(told[0]);
    ::close(wanted[1]);
    serve(told[1], wanted[0], folder);
  }
  ::close(told[1]);
  ::close(wanted[0]);
  std::uint16_t port = 0;
  if (::read(told[0], &port, sizeof port) != sizeof port) return 1;
  const double bytes_before = server.resident_bytes();
  const double descriptors_before = server.descriptors();
  std::vector<double> last;
  std::vector<double> each;
  double cpu = 0;
  double bytes = 0;
  double descriptors = 0;
  bool is_right = true;
  {
    PushClients clients(options.clients, port);
    const auto count = static_cast<double>(options.clients);
    const double begun = wall_seconds();
    const double cpu_before = server.cpu_seconds();
    std::vector<double> waits;
    for (std::size_t round = 1; round <= options.seconds; ++round) {
      (void)!::write(wanted[1], "x", 1);
      if (!clients.hear(round, 10, waits)) {
        fmt::print(stderr, "round {}: {} of {} clients heard it\n", round, waits.size(), options.clients);
        is_right = false;
        break;
      }
      last.push_back(*std::ranges::max_element(waits));
      each.insert(each.end(), waits.begin(), waits.end());
      while (wall_seconds() < begun + static_cast<double>(round)) ::usleep(1'000);
    }
    cpu = (server.cpu_seconds() - cpu_before) / (wall_seconds() - begun);
    bytes = (server.resident_bytes() - bytes_before) / count;
    descriptors = (server.descriptors() - descriptors_before) / count;
    is_right = is_right && clients.right(options.seconds) == options.clients;
  }
  ::close(wanted[1]);
  ::waitpid(server.pid, nullptr, 0);
  std::filesystem::remove_all(folder);
  if (!is_right) {
    fmt::print(stderr, "not every client has each symbol's last price\n");
    return 1;
  }
  if (options.as_json) {
    core::JsonWriter json(2);
    json.begin_object().key("clients").value(options.clients).key("last_p99_ms").value(percentile(last, 0.99));
    json.key("last_p50_ms").value(percentile(last, 0.5)).key("each_p50_ms").value(percentile(each, 0.5));
    json.key("each_p99_ms").value(percentile(each, 0.99)).key("server_cores").value(cpu);
    json.key("bytes_a_client").value(bytes).key("descriptors_a_client").value(descriptors).end_object();
    fmt::print("{}\n", std::move(json).take());
    return 0;
  }
  fmt::print("{} clients, {} symbols change each second, {} s\n", options.clients, kPushSymbols, options.seconds);
  fmt::print("from a change to the last client: p50 {:.0f} ms, p99 {:.0f} ms   goal {:.0f} ms: {:.2f} of it\n",
             percentile(last, 0.5), percentile(last, 0.99), kGoalMs, percentile(last, 0.99) / kGoalMs);
  fmt::print("to each client:                   p50 {:.0f} ms, p99 {:.0f} ms\n", percentile(each, 0.5),
             percentile(each, 0.99));
  fmt::print("the server: {:.2f} cores   goal 1: {:.2f} of it; {:.1f} KiB and {:.2f} descriptors a client\n", cpu, cpu,
             bytes / 1024, descriptors);
  return 0;
}

}  // namespace
}  // namespace argosy

int main(int argc, char** argv) {
  argosy::Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--json") options.as_json = true;
    const auto number = [&](std::size_t& into) {
      if (i + 1 < argc) std::from_chars(argv[i + 1], argv[i + 1] + std::strlen(argv[i + 1]), into);
    };
    if (word == "--clients") number(options.clients);
    if (word == "--seconds") number(options.seconds);
  }
  return argosy::run(options);
}
