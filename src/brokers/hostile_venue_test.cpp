// S34 of docs/reference/attacks.md: a venue that means harm. What it says is refused, in bounded memory and time, and
// the client that closes the stream starts anew.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "brokers/broker_world.hpp"
#include "brokers/paper_client.hpp"

namespace argosy::brokers {
namespace {

using core::ErrorCode;
using core::Result;
using core::Timestamp;
using std::chrono::seconds;
using testing::IsEmpty;

constexpr Timestamp kNow{seconds(1'700'000'000)};
constexpr const char* kWelcome =
    R"({"type":"welcome","id":1,"body":{"account":"paper","version":1,"client_ids":true,"fractional":false}})";

class HostileVenue : public testing::Test {
 public:
  HostileVenue() { client.set_listener(notes); }

 protected:
  void login() {
    client.start(kNow);
    say(kWelcome);
    ASSERT_TRUE(client.is_ready());
    (void)client.take_output();
  }
  void say(const std::string& line) {
    const Result<void> heard = client.receive(line + "\n", kNow);
    ASSERT_TRUE(heard) << heard.error().describe();
  }
  // Why the stream must be closed; nothing: it goes on.
  [[nodiscard]] std::optional<ErrorCode> refused(const std::string& line, Timestamp now = kNow) {
    const Result<void> heard = client.receive(line, now);
    return heard ? std::nullopt : std::optional(heard.error().code);
  }
  [[nodiscard]] static std::string orders(std::int64_t id, bool is_last, std::size_t count) {
    const trading::OrderReport report{
        .broker_order_id = "7", .symbol = "A", .quantity = core::Quantity::from_integer(1), .time = kNow};
    return to_line(id,
                   Answer(OpenOrders{.orders = std::vector<trading::OrderReport>(count, report), .is_last = is_last}));
  }

  BrokerNotes notes;
  PaperClient client{"paper", seconds(5)};
};

TEST_F(HostileVenue, S34_ALineWithoutEndIsRefusedBeforeItIsLarge) {
  login();
  const std::string piece(64 * 1024, 'x');
  std::size_t taken = 0;
  while (!refused(piece)) {
    taken += piece.size();
    ASSERT_LE(taken, core::limits::kFrameBytes);
  }
  EXPECT_EQ(refused("}\n"), ErrorCode::kCorrupt) << "nothing after it is believed";
}

TEST_F(HostileVenue, S34_LinesThatMakeNoSenseEndTheStream) {
  const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
  for (const std::string& line :
       {std::string("x"), deep, std::string(R"({"type":"account"})"), std::string(R"({"type":7,"id":1})"),
        std::string(R"({"type":"order","id":-1,"body":{}})"),
        std::string(R"({"type":"order","id":99999999999999999999,"body":{}})"),
        std::string(R"({"type":"redirect","id":1,"body":{"host":"192.0.2.9"}})"),
        std::string(R"({"type":"order","id":0,"body":{"state":"filled","quantity":7,"filled":"x"}})"),
        std::string(R"({"type":"order","id":0,"body":{"state":"<script>","quantity":"1","filled":"1"}})"),
        std::string(R"({"type":"order","id":0,"body":[]})"), std::string(kWelcome)}) {
    client.leave();
    login();
    EXPECT_TRUE(refused(line + "\n")) << line.substr(0, 80);
    EXPECT_THAT(notes.orders, IsEmpty());
  }
}

TEST_F(HostileVenue, S34_AnswersBeforeTheLoginAreNotHeard) {
  client.start(kNow);
  EXPECT_EQ(refused(orders(1, true, 1)), ErrorCode::kCorrupt);
  EXPECT_FALSE(client.is_ready());
  EXPECT_THAT(notes.open_orders, IsEmpty());
}

// Kept for ever, until the memory is full.
TEST_F(HostileVenue, S34_ListsThatNobodyAskedForAreRefused) {
  login();
  EXPECT_EQ(refused(orders(77, false, 1)), ErrorCode::kCorrupt);
  client.leave();
  login();
  ASSERT_TRUE(client.ask(AskAccount(), kNow));
  EXPECT_EQ(refused(orders(3, false, 1)), ErrorCode::kCorrupt) << "to another question";
  EXPECT_THAT(notes.open_orders, IsEmpty());
}

TEST_F(HostileVenue, S34_AListHasAnEnd) {
  login();
  ASSERT_TRUE(client.ask(AskOpenOrders(), kNow));
  const std::string asked = client.take_output();
  const std::int64_t id = std::stoll(asked.substr(asked.find(R"("id":)") + 5));
  constexpr std::size_t kAtOnce = 2'000;
  const std::string part = orders(id, false, kAtOnce);
  ASSERT_LT(part.size(), core::limits::kFrameBytes);
  std::size_t heard = 0;
  std::optional<ErrorCode> end;
  while (!(end = refused(part))) {
    heard += kAtOnce;
    ASSERT_LE(heard, PaperClient::kMostListed);
  }
  EXPECT_EQ(end, ErrorCode::kLimit);
  EXPECT_THAT(notes.open_orders, IsEmpty());
}

// One byte now and then must not look like a venue that lives.
TEST_F(HostileVenue, S34_ASlowDripIsNoAnswer) {
  login();
  ASSERT_TRUE(client.ask(AskAccount(), kNow));
  const auto deadline = client.deadline();
  ASSERT_TRUE(deadline);
  EXPECT_EQ(*deadline, kNow + seconds(15));
  for (int i = 1; i < 30; ++i) EXPECT_FALSE(refused("{", kNow + seconds(i)));
  EXPECT_EQ(client.deadline(), deadline);
}

TEST_F(HostileVenue, S34_AWholeLineIsAnAnswer) {
  login();
  ASSERT_TRUE(client.ask(AskOpenOrders(), kNow));
  const std::string asked = client.take_output();
  const std::int64_t id = std::stoll(asked.substr(asked.find(R"("id":)") + 5));
  EXPECT_FALSE(refused(orders(id, false, 2), kNow + seconds(9)));
  EXPECT_EQ(client.deadline(), kNow + seconds(24));
  EXPECT_FALSE(refused(orders(id, true, 1), kNow + seconds(10)));
  ASSERT_EQ(notes.open_orders.size(), 1U);
  EXPECT_EQ(notes.open_orders[0].size(), 3U);
  EXPECT_FALSE(client.deadline());
}

}  // namespace
}  // namespace argosy::brokers
