#include "push/endpoints.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "core/json.hpp"
#include "push/rooms.hpp"
#include "push/test_hub.hpp"

namespace argosy::push {
namespace {

using core::JsonValue;
using testing::HasSubstr;

void find_references(const JsonValue& value, std::set<std::string>& found) {
  if (const auto* object = value.object()) {
    for (const auto& [name, member] : *object) {
      if (name == "$ref") found.insert(*member.string());
      find_references(member, found);
    }
  }
  if (const auto* array = value.array()) {
    for (const JsonValue& each : *array) find_references(each, found);
  }
}

TEST(AsyncApi, RefersToNothingThatIsNotThere) {
  const auto document = core::parse_json(asyncapi("/api/v1/ws"));
  ASSERT_TRUE(document);
  EXPECT_EQ(*document->find("asyncapi")->string(), "3.0.0");
  std::set<std::string> references;
  find_references(*document, references);
  EXPECT_GT(references.size(), 30U);
  for (const std::string& reference : references) {
    const JsonValue* at = &*document;
    for (std::size_t from = 2; at != nullptr && from < reference.size();) {
      const std::size_t end = std::min(reference.find('/', from), reference.size());
      at = at->find(reference.substr(from, end - from));
      from = end + 1;
    }
    EXPECT_NE(at, nullptr) << reference;
  }
}

TEST(AsyncApi, NamesEveryRoom) {
  const auto document = core::parse_json(asyncapi("/api/v1/ws"));
  ASSERT_TRUE(document);
  const JsonValue* rooms = document->find("channels")->find("ws")->find("x-rooms");
  EXPECT_EQ(rooms->object()->size(), kRoomNames.size());
  for (const std::string_view room : kRoomNames) EXPECT_NE(rooms->find(room), nullptr) << room;
}

TEST(Rooms, NamesAreReadAsTheyAreWritten) {
  for (const char* text : {"services", "service_7", "stocks", "stock_BRK.B", "transactions", "price_updates", "orders",
                           "portfolio_123456789012345678", "jobs", "job_1", "health", "notifications"}) {
    const auto name = parse_room(text);
    ASSERT_TRUE(name) << text;
    EXPECT_EQ(to_string(*name), text);
  }
  for (const char* text : {"", "x", "service_", "service_x", "service_1234567890123456789", "stock_A B", "stock_\"",
                           "stock_123456789012345678901", "jobs ", "price_update"})
    EXPECT_FALSE(parse_room(text)) << text;
}

TEST(Origin, PagesOfOtherSitesMayNotSpeak) {
  const auto is_foreign_of = [](const char* origin, const char* host) {
    net::HttpRequest request{.headers = {{"Host", host}}};
    if (origin != nullptr) request.headers.add("Origin", origin);
    return is_foreign(request);
  };
  EXPECT_FALSE(is_foreign_of(nullptr, "127.0.0.1:8080"));
  EXPECT_FALSE(is_foreign_of("http://127.0.0.1:8080", "127.0.0.1:8080"));
  EXPECT_FALSE(is_foreign_of("https://Argosy.example", "argosy.example"));
  EXPECT_TRUE(is_foreign_of("https://other.example", "argosy.example"));
  EXPECT_TRUE(is_foreign_of("https://argosy.example.other.example", "argosy.example"));
  EXPECT_TRUE(is_foreign_of("http://127.0.0.1:9999", "127.0.0.1:8080"));
  EXPECT_TRUE(is_foreign_of("null", "argosy.example"));
  EXPECT_TRUE(is_foreign_of("", ""));
}

TEST_F(HubTest, TicketsAreForWhoIsKnown) {
  server::Api api({.authenticate = [&](const net::HttpRequest& request) -> core::Result<std::optional<server::Caller>> {
                     const auto header = request.headers.find("Authorization");
                     if (!header) return std::optional<server::Caller>();
                     ARGOSY_TRY(server::Caller caller, access.identify(header->substr(7)));
                     return std::optional(std::move(caller));
                   },
                   .make_id = [] { return std::string("id"); }});
  add_endpoints(api, tickets, {.is_public = false});
  net::HttpRequest request{.method = "POST", .path = "/api/v1/ws/ticket", .peer = "192.0.2.1"};
  EXPECT_EQ(api.answer(request).status, 401);
  request.headers.add("Authorization", "Bearer " + token(kOwner));
  const auto answer = api.answer(request);
  EXPECT_EQ(answer.status, 201);
  EXPECT_EQ(answer.headers.find("Cache-Control"), "no-store");
  const auto json = core::parse_json(answer.body);
  const auto who = tickets.take(*json->find("ticket")->string());
  ASSERT_TRUE(who);
  EXPECT_EQ(who->username, "owner");
  EXPECT_EQ(api.answer({.method = "GET", .path = "/api/v1/asyncapi.json"}).status, 401);
  request.method = "GET";
  request.path = "/api/v1/asyncapi.json";
  EXPECT_THAT(api.answer(request).body, HasSubstr("\"asyncapi\":\"3.0.0\""));
}

}  // namespace
}  // namespace argosy::push
