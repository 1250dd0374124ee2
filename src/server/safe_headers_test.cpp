#include "server/safe_headers.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace argosy::server {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string header(const net::HttpResponse& response, std::string_view name) {
  return std::string(response.headers.find(name).value_or("-"));
}

// S23, S36: nothing in an answer is run that is not ours, and no page of others frames one.
TEST(SafeHeaders, OfDataAndOfPages) {
  net::HttpResponse data = net::text_response(200, "application/json", "{}");
  add_safe_headers(data, false);
  EXPECT_EQ(header(data, "Content-Security-Policy"), "default-src 'none'; frame-ancestors 'none'");
  EXPECT_EQ(header(data, "X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(header(data, "Referrer-Policy"), "no-referrer");
  EXPECT_EQ(header(data, "Cache-Control"), "no-store");
  EXPECT_EQ(header(data, "Strict-Transport-Security"), "-");

  net::HttpResponse page = net::text_response(200, "text/html; charset=utf-8", "<p>");
  add_safe_headers(page, true);
  EXPECT_THAT(header(page, "Content-Security-Policy"), HasSubstr("default-src 'self'"));
  EXPECT_THAT(header(page, "Content-Security-Policy"), HasSubstr("frame-ancestors 'none'"));
  EXPECT_THAT(header(page, "Content-Security-Policy"), Not(HasSubstr("unsafe")));
  EXPECT_EQ(header(page, "Strict-Transport-Security"), "max-age=31536000");
}

TEST(SafeHeaders, WhatIsSetStays) {
  net::HttpResponse report = net::text_response(200, "text/html", "<p>");
  protect_report(report);
  report.headers.add("cache-control", "private");
  add_safe_headers(report, false);
  EXPECT_THAT(header(report, "Content-Security-Policy"),
              HasSubstr("default-src 'none'; style-src 'unsafe-inline'; img-src data:"));
  EXPECT_THAT(header(report, "Content-Security-Policy"), Not(HasSubstr("script")));
  EXPECT_EQ(header(report, "Cache-Control"), "private");
  EXPECT_EQ(report.headers.size(), 5U);
}

}  // namespace
}  // namespace argosy::server
