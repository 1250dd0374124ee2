// The venue's process is killed at any moment while a client trades. What was answered or reported is there afterwards,
// what was not answered is there once or not at all, and the books add up.
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "brokers/paper_client.hpp"
#include "brokers/test_world.hpp"
#include "core/rng.hpp"
#include "ledger/records.hpp"

namespace argosy::brokers {
namespace {

// The venue's process: answers what comes from a socket, and has a price for each turn, until it is killed.
[[noreturn]] void serve(int socket, const std::string& folder) {
  const core::SystemClock clock;
  const auto database = open_paper(folder, clock);
  const auto terms = make_paper_terms({.partial_fills = *core::Rate::parse("0.5")});
  const auto venue = PaperVenue::open(*terms, *database, find_test_instrument, clock).value();
  constexpr PaperSession kSession{1};
  venue->connect(kSession);
  std::array<char, 65'536> bytes{};
  while (true) {
    const ssize_t count = ::read(socket, bytes.data(), bytes.size());
    if (count <= 0) ::_exit(1);
    venue->receive(kSession, std::string_view(bytes.data(), static_cast<std::size_t>(count)));
    const Price price = Price::from_integer(100);
    if (!venue->on_quote("A", {.time = clock.now(), .bid = price, .ask = price, .last = price})) ::_exit(2);
    if (!venue->flush()) ::_exit(3);
    for (const PaperOutput& output : venue->take_output()) {
      for (std::string_view rest = output.bytes; !rest.empty();) {
        const ssize_t sent = ::write(socket, rest.data(), rest.size());
        if (sent <= 0) ::_exit(4);
        rest.remove_prefix(static_cast<std::size_t>(sent));
      }
    }
  }
}

class Killed {
 public:
  explicit Killed(const std::string& folder) : client_("paper", std::chrono::seconds(5)) {
    client_.set_listener(notes);
    std::array<int, 2> sockets{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, sockets.data()), 0);
    process_ = ::fork();
    if (process_ == 0) {
      ::close(sockets[0]);
      serve(sockets[1], folder);
    }
    ::close(sockets[1]);
    socket_ = sockets[0];
    client_.start(clock_.now());
    talk(std::chrono::seconds(20), [&] { return client_.is_ready(); });
    EXPECT_TRUE(client_.is_ready());
  }
  Killed(const Killed&) = delete;
  Killed& operator=(const Killed&) = delete;
  ~Killed() {
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
    ::close(socket_);
  }

  void submit(const std::string& id, Side side) {
    const OrderTicket ticket{.client_order_id = id,
                             .symbol = "A",
                             .side = side,
                             .time_in_force = trading::TimeInForce::kGoodTillCancelled,
                             .quantity = Quantity::from_integer(7),
                             .closes = side == Side::kSell};
    EXPECT_TRUE(client_.submit(live::LedgerWriter::commit(ticket), clock_.now()));
  }
  void ask(const Question& question) { EXPECT_TRUE(client_.ask(question, clock_.now())); }

  // Sends what waits, and listens until it is so or for so long.
  template <class Done>
  void talk(core::Duration patience, Done done) {
    const core::Timestamp end = clock_.now() + patience;
    std::string out = client_.take_output();
    EXPECT_EQ(::write(socket_, out.data(), out.size()), static_cast<ssize_t>(out.size()));
    while (!done() && clock_.now() < end) {
      pollfd waits{.fd = socket_, .events = POLLIN, .revents = 0};
      if (::poll(&waits, 1, 1) <= 0) continue;
      std::array<char, 65'536> bytes{};
      const ssize_t count = ::read(socket_, bytes.data(), bytes.size());
      if (count <= 0) return;
      EXPECT_TRUE(client_.receive(std::string_view(bytes.data(), static_cast<std::size_t>(count)), clock_.now()));
    }
  }

  BrokerNotes notes;

 private:
  core::SystemClock clock_;
  PaperClient client_;
  pid_t process_ = 0;
  int socket_ = 0;
};

TEST(PaperCrash, WhatWasToldIsThere) {
  constexpr int kRounds = 25;
  const TestFolder folder;
  core::Rng rng(7);
  std::map<std::string, Side> unanswered;  // sent, and nothing heard
  std::map<std::string, std::string> answered;
  std::map<std::string, Quantity> fills;  // told
  int last = 0;
  for (int round = 0; round < kRounds; ++round) {
    Killed venue(folder.path());
    venue.ask(Fund{.funding_id = 1, .currency = "USD", .amount = Money::from_integer(1'000'000)});
    // What is not known to be there is sent again, under the same id.
    for (const auto& [id, side] : unanswered) venue.submit(id, side);
    for (std::uint64_t batch = rng.below(8); batch > 0; --batch) {
      for (std::uint64_t k = rng.below(6); k > 0; --k) {
        const std::string id = "c-" + std::to_string(++last);
        const Side side = rng.below(3) == 0 ? Side::kSell : Side::kBuy;
        unanswered.emplace(id, side);
        venue.submit(id, side);
      }
      venue.talk(std::chrono::microseconds(rng.below(4'000)), [] { return false; });
    }
    // In most rounds some of it is answered first, however slow the machine is.
    const std::size_t heard = rng.below(4) == 0 ? 0 : rng.below(2 * unanswered.size() + 1);
    venue.talk(std::chrono::seconds(1), [&] { return venue.notes.orders.size() >= heard; });
    for (const OrderReport& report : venue.notes.orders) {
      ASSERT_FALSE(report.client_order_id.empty());
      unanswered.erase(report.client_order_id);
      const auto [known, fresh] = answered.emplace(report.client_order_id, report.broker_order_id);
      EXPECT_EQ(known->second, report.broker_order_id) << "one id, two orders";
      for (const trading::ReportedFill& fill : report.fills) fills[fill.broker_fill_id] = fill.quantity;
    }
  }
  const core::SystemClock clock;
  const auto database = open_paper(folder.path(), clock);
  const auto faults = verify_paper(*database);
  ASSERT_TRUE(faults);
  EXPECT_EQ(*faults, std::vector<std::string>());
  const auto rows = database->read(
      [](ledger::Transaction& work) { return ledger::select<PaperOrderRow>(work, "ORDER BY order_number"); });
  ASSERT_TRUE(rows);
  std::map<std::string, std::string> stored;
  for (const PaperOrderRow& row : *rows)
    EXPECT_TRUE(stored.emplace(row.client_order_id, broker_order_id(row.order_number)).second) << row.client_order_id;
  for (const auto& [client, broker] : answered) EXPECT_EQ(stored[client], broker);
  const auto booked = database->read(
      [](ledger::Transaction& work) { return ledger::select<PaperFillRow>(work, "ORDER BY fill_number"); });
  ASSERT_TRUE(booked);
  std::map<std::string, Quantity> quantities;
  for (const PaperFillRow& row : *booked) quantities[broker_fill_id(row.fill_number)] = to_report(row).quantity;
  for (const auto& [id, quantity] : fills) EXPECT_EQ(quantities[id], quantity);
  EXPECT_GT(answered.size(), 50U);
  EXPECT_GT(fills.size(), 20U);
}

}  // namespace
}  // namespace argosy::brokers
