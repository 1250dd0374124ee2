#include "server/etag.hpp"

#include <gtest/gtest.h>

#include "core/hash.hpp"

namespace argosy::server {
namespace {

net::HttpResponse answer_to(const std::string& if_none_match, const std::string& method = "GET", int status = 200) {
  net::HttpRequest request{.method = method, .path = "/", .query = ""};
  if (!if_none_match.empty()) request.headers.add("If-None-Match", if_none_match);
  net::HttpResponse response = net::text_response(status, "application/json", "{}");
  apply_etag(request, response);
  return response;
}

TEST(Etag, IsTheHashOfTheBody) {
  const std::string tag = "\"" + core::sha256_hex("{}") + "\"";
  const net::HttpResponse first = answer_to("");
  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(first.headers.find("ETag"), tag);
  EXPECT_EQ(first.headers.find("Cache-Control"), "private, no-cache");
  EXPECT_EQ(first.body, "{}");
  for (const std::string& same : {tag, "W/" + tag, "\"a\", " + tag, "\"a\" ,W/" + tag + ",\"b\"", std::string("*")}) {
    const net::HttpResponse again = answer_to(same);
    EXPECT_EQ(again.status, 304) << same;
    EXPECT_EQ(again.headers.find("ETag"), tag);
    EXPECT_EQ(again.body, "");
  }
  EXPECT_EQ(answer_to(tag, "HEAD").status, 304);
  for (const std::string& other : {std::string("\"a\""), core::sha256_hex("{}"), tag.substr(1), std::string(","),
                                   "w/" + tag, std::string(10'000, ',')})
    EXPECT_EQ(answer_to(other).status, 200) << other;
}

TEST(Etag, IsOfReadingAlone) {
  for (const char* method : {"POST", "PUT", "DELETE"}) {
    EXPECT_EQ(answer_to("*", method).status, 200) << method;
    EXPECT_FALSE(answer_to("*", method).headers.find("ETag")) << method;
  }
  EXPECT_EQ(answer_to("*", "GET", 404).status, 404);
}

}  // namespace
}  // namespace argosy::server
