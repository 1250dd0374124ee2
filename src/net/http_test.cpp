#include "net/http.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/detail/http_message.hpp"

namespace argosy::net {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

TEST(HttpHeaders, AreFoundInAnyCase) {
  HttpHeaders headers{{"Content-Type", "a"}, {"X", "1"}, {"x", "2"}};
  EXPECT_EQ(headers.find("content-TYPE"), "a");
  EXPECT_EQ(headers.find("X"), "1");
  EXPECT_FALSE(headers.find("Content"));
  headers.set("x", "3");
  EXPECT_EQ(headers.find("X"), "3");
  EXPECT_EQ(headers.size(), 2U);
}

TEST(Percent, IsDecoded) {
  EXPECT_EQ(*percent_decode("a%20b%2f%C3%bc"), "a b/\xC3\xBC");
  EXPECT_EQ(*percent_decode(""), "");
  for (const char* wrong : {"%", "%1", "%zz", "a%2", "%00"}) EXPECT_FALSE(percent_decode(wrong)) << wrong;
  EXPECT_EQ(percent_encode("a b/\xC3\xBC~"), "a%20b%2F%C3%BC~");
}

TEST(Path, IsSplit) {
  EXPECT_THAT(*split_path("/"), IsEmpty());
  EXPECT_THAT(*split_path("/api/a%2Fb"), ElementsAre("api", "a/b"));
  for (const char* wrong : {"", "a", "//", "/a/", "/a//b", "/..", "/%2e%2E/a", "/.", "/%"})
    EXPECT_FALSE(split_path(wrong)) << wrong;
}

TEST(Query, IsParsed) {
  EXPECT_THAT(*parse_query(""), IsEmpty());
  EXPECT_THAT(*parse_query("a=1&b=x+y%26&&c&=d"),
              ElementsAre(Pair("a", "1"), Pair("b", "x y&"), Pair("c", ""), Pair("", "d")));
  EXPECT_FALSE(parse_query("a=%"));
}

// What is compressed are other bytes than those that the tag names.
TEST(Compress, WeakensTags) {
  const HttpRequest request{.method = "GET", .path = "/", .query = "", .headers = {{"Accept-Encoding", "gzip"}}};
  HttpResponse response = text_response(200, "application/json", std::string(5000, ' '));
  response.headers.add("ETag", "\"a\"");
  HttpResponse small = text_response(200, "application/json", "{}");
  small.headers.add("ETag", "\"a\"");
  detail::compress(request, response, 1024);
  detail::compress(request, small, 1024);
  EXPECT_EQ(response.headers.find("Content-Encoding"), "gzip");
  EXPECT_EQ(response.headers.find("ETag"), "W/\"a\"");
  EXPECT_EQ(small.headers.find("ETag"), "\"a\"");
}

TEST(HttpDate, IsOfTheStandard) {
  EXPECT_EQ(detail::http_date(*core::parse_rfc3339("1994-11-06T08:49:37.9Z")), "Sun, 06 Nov 1994 08:49:37 GMT");
}

}  // namespace
}  // namespace argosy::net
