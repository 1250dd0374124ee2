#include "server/proxies.hpp"

#include <gtest/gtest.h>

namespace argosy::server {
namespace {

Proxies proxies() {
  const std::vector<std::string> texts{"198.51.100.0/24", "192.0.2.1", "fd00::/8"};
  return *Proxies::parse(texts);
}

TEST(Proxies, AreNamedByAddressOrNetwork) {
  for (const char* each : {"198.51.100.1", "198.51.100.255", "192.0.2.1", "fd12::1", "::ffff:198.51.100.1"})
    EXPECT_TRUE(proxies().trusts(each)) << each;
  for (const char* each : {"198.51.101.1", "192.0.2.2", "fe80::1", "", "proxy", "198.51.100", "c633:6400::1"})
    EXPECT_FALSE(proxies().trusts(each)) << each;
  EXPECT_FALSE(Proxies().trusts("127.0.0.1"));
  for (const char* each : {"", "proxy", "198.51.100.1/24", "198.51.100.0/33", "198.51.100.0/-1", "198.51.100.0/",
                           "198.51.100.0/24/8", "::/129", "198.51.100.1 "}) {
    const std::vector<std::string> texts{each};
    EXPECT_FALSE(Proxies::parse(texts)) << each;
  }
  const std::vector<std::string> all{"0.0.0.0/0"};
  EXPECT_TRUE(Proxies::parse(all)->trusts("203.0.113.9"));
  EXPECT_FALSE(Proxies::parse(all)->trusts("2001:db8::1"));
}

// S35: only of a proxy that is named is it believed who its client is.
TEST(Proxies, TellWhoTheClientIs) {
  struct Case {
    const char* peer;
    std::vector<const char*> forwarded;
    const char* client;
  };
  for (const Case& each : std::vector<Case>{
           {"203.0.113.9", {"203.0.113.1"}, "203.0.113.9"},            // nobody believes it
           {"198.51.100.1", {}, "198.51.100.1"},                       // it says nothing
           {"198.51.100.1", {"203.0.113.1"}, "203.0.113.1"},           //
           {"198.51.100.1", {"1.1.1.1, 203.0.113.1"}, "203.0.113.1"},  // the client invented the first
           {"198.51.100.1", {"1.1.1.1,203.0.113.1 , 198.51.100.9"}, "203.0.113.1"},
           {"198.51.100.1", {"1.1.1.1", "203.0.113.1"}, "203.0.113.1"},       // two headers are one list
           {"198.51.100.1", {"203.0.113.1:4711"}, "203.0.113.1"},             //
           {"198.51.100.1", {"[2001:db8::1]:4711"}, "2001:db8::1"},           //
           {"198.51.100.1", {"2001:DB8:0::1"}, "2001:db8::1"},                //
           {"198.51.100.1", {"198.51.100.3, 198.51.100.2"}, "198.51.100.3"},  // all of them proxies
           {"198.51.100.1", {"203.0.113.1, unknown"}, "198.51.100.1"},        // what is no address is no client
           {"198.51.100.1", {"203.0.113.1, "}, "198.51.100.1"},               //
           {"198.51.100.1", {"203.0.113.1\r\nX: 1"}, "198.51.100.1"},         //
       }) {
    net::HttpRequest request{.method = "GET", .path = "/", .query = "", .peer = each.peer};
    std::string text;
    for (const char* value : each.forwarded) {
      request.headers.add("x-forwarded-FOR", value);
      text += value;
    }
    proxies().apply(request);
    EXPECT_EQ(request.peer, each.client) << each.peer << " " << text;
  }
}

TEST(Proxies, TellWhetherItWasSecure) {
  struct Case {
    const char* peer;
    const char* protocol;
    bool is_secure;
  };
  for (const Case& each :
       {Case{"198.51.100.1", "https", true}, Case{"198.51.100.1", "HTTPS", true}, Case{"198.51.100.1", "http", false},
        Case{"198.51.100.1", "https, http", false}, Case{"203.0.113.9", "https", false}}) {
    net::HttpRequest request{.method = "GET",
                             .path = "/",
                             .query = "",
                             .headers = {{"X-Forwarded-Proto", each.protocol}},
                             .peer = each.peer};
    proxies().apply(request);
    EXPECT_EQ(request.is_secure, each.is_secure) << each.peer << " " << each.protocol;
  }
}

}  // namespace
}  // namespace argosy::server
