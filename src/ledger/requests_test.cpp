#include "ledger/requests.hpp"

#include <gtest/gtest.h>

#include "ledger/test_trading.hpp"

namespace argosy::ledger {
namespace {

RequestRow request(const std::string& key) {
  return {.request_key = key,
          .kind = "pause",
          .payload = R"({"service":1})",
          .requested_by = "admin",
          .requested_at = at(1)};
}

TEST_P(TradingTest, RequestsAreTakenInTheOrderInWhichTheyCame) {
  EXPECT_TRUE(database->read([](Transaction& work) { return new_requests(work); })->empty());
  ASSERT_TRUE(post_request<ServiceCommandRow>(*database, request("c")));
  ASSERT_TRUE(post_request<OrderRequestRow>(*database, request("b")));
  ASSERT_TRUE(post_request<ServiceCommandRow>(*database, request("a")));
  const auto waiting = database->read([](Transaction& work) { return new_requests(work); });
  ASSERT_TRUE(waiting) << waiting.error().describe();
  ASSERT_EQ(waiting->size(), 3);
  EXPECT_EQ((*waiting)[0].request_key, "c");
  EXPECT_EQ((*waiting)[1].request_key, "b");
  EXPECT_TRUE((*waiting)[1].is_order_request);
  EXPECT_EQ((*waiting)[2].request_id, 3);
}

TEST_P(TradingTest, AskingTwiceWithOneKeyIsAskingOnce) {
  const auto first = post_request<ServiceCommandRow>(*database, request("key"));
  ASSERT_TRUE(first);
  Changes changes;
  changes.answers = {{.request_id = first->request_id, .state = RequestState::kFailed, .time = at(2), .answer = "no"}};
  write_whole(changes);
  const auto again = post_request<ServiceCommandRow>(*database, request("key"));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->request_id, first->request_id);
  EXPECT_EQ(again->state, RequestState::kFailed);
  EXPECT_EQ(again->answer, "no");
  EXPECT_EQ(again->answered_at, at(2));
  EXPECT_TRUE(database->read([](Transaction& work) { return new_requests(work); })->empty());
  const auto found = database->read([](Transaction& work) { return find_request<ServiceCommandRow>(work, "key"); });
  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->kind, "pause");
  EXPECT_FALSE(*database->read([](Transaction& work) { return find_request<OrderRequestRow>(work, "key"); }));
}

// An answer reaches the table that it is for.
TEST_P(TradingTest, AnswersGoToTheirTable) {
  const auto command = post_request<ServiceCommandRow>(*database, request("c"));
  const auto order = post_request<OrderRequestRow>(*database, request("o"));
  ASSERT_TRUE(command && order);
  Changes changes;
  changes.answers = {{.is_order_request = true, .request_id = order->request_id, .time = at(2), .answer = "{}"}};
  write_whole(changes);
  EXPECT_EQ(all<OrderRequestRow>().at(0).state, RequestState::kDone);
  EXPECT_EQ(all<ServiceCommandRow>().at(0).state, RequestState::kNew);
}

}  // namespace
}  // namespace argosy::ledger
