#include "server/cors.hpp"

#include <gtest/gtest.h>

namespace argosy::server {
namespace {

net::HttpRequest request(const std::string& method, const std::string& path, const std::string& origin) {
  net::HttpRequest asked{.method = method, .path = path};
  if (!origin.empty()) asked.headers.add("Origin", origin);
  if (method == "OPTIONS") asked.headers.add("Access-Control-Request-Method", "GET");
  return asked;
}

TEST(CorsTest, PagesOfKnownOriginsMayReadOnePart) {
  const auto cors = Cors::parse("/api/v1/udf/", {"https://charts.example.com"});
  ASSERT_TRUE(cors);
  const auto allowed = [&](const std::string& path, const std::string& origin) {
    net::HttpResponse response;
    cors->allow(request("GET", path, origin), response);
    return std::string(response.headers.find("Access-Control-Allow-Origin").value_or(""));
  };
  EXPECT_EQ(allowed("/api/v1/udf/config", "https://charts.example.com"), "https://charts.example.com");
  EXPECT_EQ(allowed("/api/v1/udf/config", "https://charts.example.com.evil.example"), "");
  EXPECT_EQ(allowed("/api/v1/udf/config", "http://charts.example.com"), "");
  EXPECT_EQ(allowed("/api/v1/udf/config", "null"), "");
  EXPECT_EQ(allowed("/api/v1/udf/config", ""), "");
  EXPECT_EQ(allowed("/api/v1/orders", "https://charts.example.com"), "");
  EXPECT_EQ(allowed("/api/v1/udfx", "https://charts.example.com"), "");

  const auto asked = cors->preflight(request("OPTIONS", "/api/v1/udf/history", "https://charts.example.com"));
  ASSERT_TRUE(asked);
  EXPECT_EQ(asked->status, 204);
  EXPECT_EQ(asked->headers.find("Access-Control-Allow-Methods"), "GET");
  EXPECT_FALSE(asked->headers.find("Access-Control-Allow-Credentials"));
  EXPECT_FALSE(cors->preflight(request("OPTIONS", "/api/v1/orders", "https://charts.example.com")));
  EXPECT_FALSE(cors->preflight(request("OPTIONS", "/api/v1/udf/history", "https://other.example")));
  EXPECT_FALSE(cors->preflight(request("GET", "/api/v1/udf/history", "https://charts.example.com")));
}

TEST(CorsTest, WhatIsNoOriginIsRefused) {
  for (const char* bad : {"*", "null", "", "charts.example.com", "https://", "https://x/", "https://x/path",
                          "https://X", "ftp://x", "https://x y"})
    EXPECT_FALSE(Cors::parse("/", {bad})) << bad;
  EXPECT_TRUE(Cors::parse("/", {"http://localhost:3000", "https://[2001:db8::1]:8443"}));
}

}  // namespace
}  // namespace argosy::server
