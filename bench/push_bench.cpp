// Clients of the WebSocket: from a change of 100 prices to the last client that heard of it, and what a client costs.
//
//   push_bench [--json] [--clients N] [--seconds N]
//
// The server is a process of its own: HTTP server, hub and price board as `argosy serve` has them, with 100 symbols
// that change at once each second. The clients are this process: one thread, one socket each. Both share the machine,
// so that the time to the last client has the clients' own work in it. Every client must have heard each symbol's last
// price, or the bench fails.
#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "core/executor_thread.hpp"
#include "core/files.hpp"
#include "core/hash.hpp"
#include "core/json.hpp"
#include "ledger/instruments.hpp"
#include "ledger/ledger_schema.hpp"
#include "ledger/open.hpp"
#include "ledger/records.hpp"
#include "net/http_server.hpp"
#include "push/hub.hpp"

namespace argosy {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kSymbols = 100;
constexpr std::string_view kKey = "argosy_the-key-of-the-bench";
constexpr double kGoalMs = 500;

template <class T>
T must(core::Result<T> result) {
  if (result) {
    if constexpr (std::is_void_v<T>)
      return;
    else
      return *std::move(result);
  }
  fmt::print(stderr, "{}\n", result.error().describe());
  std::exit(1);
}

double wall() { return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count(); }

// --- The server's process. ---

core::Result<void> fill(ledger::Transaction& work, core::Timestamp now) {
  const ledger::UserRow user{
      .user_id = 1, .username = "root", .email = "root@localhost", .role = ledger::Role::kAdmin, .created_at = now};
  ARGOSY_TRY_VOID(ledger::insert<ledger::UserRow>(work, {&user, 1}));
  const ledger::ApiKeyRow key{.key_id = 1,
                              .user_id = 1,
                              .name = "bench",
                              .hint = "ench",
                              .key_hash = core::sha256_hex(kKey),
                              .created_at = now};
  ARGOSY_TRY_VOID(ledger::insert<ledger::ApiKeyRow>(work, {&key, 1}));
  std::vector<ledger::InstrumentRow> stocks;
  for (std::size_t i = 1; i <= kSymbols; ++i)
    stocks.push_back(
        {.instrument_id = static_cast<std::int64_t>(i), .symbol = fmt::format("S{}", i), .exchange = "XNAS"});
  return ledger::insert<ledger::InstrumentRow>(work, stocks);
}

// Round n: every last price is n.
void set_prices(push::PriceBoard& board, std::int64_t round, core::Timestamp now) {
  for (std::size_t i = 1; i <= kSymbols; ++i)
    board.set(static_cast<std::int64_t>(i), {.time = now,
                                             .bid = core::Price::from_integer(round),
                                             .ask = core::Price::from_integer(round + 1),
                                             .last = core::Price::from_integer(round)});
}

// Tells its port; then a round for each byte that comes, until there are no more.
[[noreturn]] void serve(int told, int wanted, const std::string& folder) {
  core::SystemClock clock;
  ledger::Pool pool([&] {
    return ledger::open_database({.path = folder + "/ledger.db"}, ledger::ledger_schema(), core::system_files(), clock);
  });
  must(pool.write([&](ledger::Transaction& work) { return fill(work, clock.now()); }));
  rest::Store store(pool);
  auth::Access access(pool, auth::Tokens(core::Secret(std::string(32, 'k'))), clock);
  push::Tickets tickets(clock);
  push::PriceBoard prices;
  core::ExecutorThread thread(clock, "push");
  push::Hub hub({.access = access, .store = store, .tickets = tickets, .prices = prices}, thread.executor(), {});
  const auto server =
      must(net::HttpServer::start({},
                                  {.answer = [](const auto&) { return net::HttpResponse{.status = 404}; },
                                   .accept = [&](const auto&) { return hub.admit(); }},
                                  clock));
  hub.start();
  const std::uint16_t port = server->address().port;
  (void)!::write(told, &port, sizeof port);
  std::int64_t round = 0;
  for (char byte = 0; ::read(wanted, &byte, 1) == 1;) set_prices(prices, ++round, clock.now());
  thread.stop();
  server->stop(1s);
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

// --- The clients. ---

std::string masked(std::string_view text, char head = '\x81') {
  std::string frame{head, static_cast<char>(0x80U | (text.size() < 126 ? text.size() : 126))};
  if (text.size() >= 126) {
    frame += static_cast<char>(text.size() >> 8U);
    frame += static_cast<char>(text.size() & 0xFFU);
  }
  return frame + std::string(4, '\0') + std::string(text);
}

// What a frame of prices says; each text is read once, however many clients hear it.
struct Prices {
  std::vector<std::pair<std::size_t, std::size_t>> rounds;  // symbol and its round
  double changed_at = 0;
};

struct Heard {
  std::map<std::string, Prices, std::less<>> texts;
  const Prices& read(std::string_view text) {
    if (const auto found = texts.find(text); found != texts.end()) return found->second;
    Prices prices;
    const auto json = must(core::parse_json(text));
    for (const core::JsonValue& each : *json.find("prices")->array()) {
      std::size_t symbol = 0;
      std::size_t round = 0;
      const std::string& name = *each.find("symbol")->string();
      const std::string& last = *each.find("last")->string();
      std::from_chars(name.data() + 1, name.data() + name.size(), symbol);
      std::from_chars(last.data(), last.data() + last.size(), round);
      prices.rounds.emplace_back(symbol - 1, round);
      const core::Timestamp time = must(core::parse_rfc3339(*each.find("time")->string()));
      prices.changed_at = std::chrono::duration<double>(time.time_since_epoch()).count();
    }
    return texts.emplace(std::string(text), std::move(prices)).first->second;
  }
};

struct Client {
  int handle = -1;
  bool is_in = false;     // the header of the answer is read
  bool is_ready = false;  // subscribed
  std::string bytes;
  std::string parts;  // of a message
  std::array<std::uint16_t, kSymbols> rounds{};
  std::size_t at_newest = 0;  // symbols that are of the newest round
  std::size_t newest = 0;
};

class Clients {
 public:
  Clients(std::size_t count, std::uint16_t port) : clients_(count), epoll_(::epoll_create1(0)) {
    for (std::size_t i = 0; i < count; ++i) {
      connect(clients_[i], port, i);
      while (ready_ + 200 < i) turn(100);
    }
    while (ready_ < count) turn(100);
  }
  ~Clients() {
    for (const Client& each : clients_) ::close(each.handle);
    ::close(epoll_);
  }
  Clients(const Clients&) = delete;
  Clients& operator=(const Clients&) = delete;

  // Until all have heard the round; how long the last one and each other waited, in ms.
  bool hear(std::size_t round, double patience, std::vector<double>& waits) {
    waits.clear();
    waits_ = &waits;
    wanted_ = round;
    const double until = wall() + patience;
    while (waits.size() < clients_.size() && wall() < until) turn(50);
    return waits.size() == clients_.size();
  }
  // How many have each symbol's last price.
  [[nodiscard]] std::size_t right(std::size_t round) const {
    return static_cast<std::size_t>(std::ranges::count_if(clients_, [&](const Client& each) {
      return std::ranges::all_of(each.rounds, [&](std::uint16_t had) { return had == round; });
    }));
  }

 private:
  void connect(Client& client, std::uint16_t port, std::size_t number) {
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
  static void send(const Client& client, std::string_view bytes) {
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
  void read(Client& client) {
    static std::array<char, 256 * 1024> some;
    const ssize_t size = ::recv(client.handle, some.data(), some.size(), 0);
    if (size <= 0) fail("the server closed");
    client.bytes.append(some.data(), static_cast<std::size_t>(size));
    if (!client.is_in) {
      const std::size_t end = client.bytes.find("\r\n\r\n");
      if (end == std::string::npos) return;
      client.bytes.erase(0, end + 4);
      client.is_in = true;
      send(client, masked(fmt::format(R"({{"type":"auth","token":"{}"}})", kKey)) +
                       masked(R"({"type":"subscribe","room":"price_updates"})"));
    }
    std::size_t from = 0;
    while (const std::size_t used = take(client, std::string_view(client.bytes).substr(from))) from += used;
    client.bytes.erase(0, from);
  }
  // One whole frame; 0: there is none.
  std::size_t take(Client& client, std::string_view bytes) {
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
  void hear(Client& client, std::string_view text) {
    if (!std::exchange(client.is_ready, true)) ++ready_;
    const Prices& prices = heard_.read(text);
    for (const auto& [symbol, round] : prices.rounds) {
      client.rounds[symbol] = static_cast<std::uint16_t>(round);
      if (round > client.newest) {
        client.newest = round;
        client.at_newest = 0;
      }
      if (round == client.newest) ++client.at_newest;
    }
    if (waits_ != nullptr && client.newest == wanted_ && client.at_newest == kSymbols)
      waits_->push_back((wall() - prices.changed_at) * 1'000);
  }

  std::vector<Client> clients_;
  int epoll_;
  std::size_t ready_ = 0;
  std::size_t wanted_ = 0;
  std::vector<double>* waits_ = nullptr;
  Heard heard_;
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
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
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
    Clients clients(options.clients, port);
    const auto count = static_cast<double>(options.clients);
    const double begun = wall();
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
      while (wall() < begun + static_cast<double>(round)) ::usleep(1'000);
    }
    cpu = (server.cpu_seconds() - cpu_before) / (wall() - begun);
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
  fmt::print("{} clients, {} symbols change each second, {} s\n", options.clients, kSymbols, options.seconds);
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
