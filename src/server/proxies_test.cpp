#include "server/proxies.hpp"

#include <gtest/gtest.h>

namespace argosy::server {
namespace {

Proxies proxies() {
  const std::vector<std::string> texts{"10.0.0.0/8", "192.0.2.1", "fd00::/8"};
  return *Proxies::parse(texts);
}

TEST(Proxies, AreNamedByAddressOrNetwork) {
  for (const char* each : {"10.0.0.1", "10.255.255.255", "192.0.2.1", "fd12::1", "::ffff:10.1.1.1"})
    EXPECT_TRUE(proxies().trusts(each)) << each;
  for (const char* each : {"11.0.0.1", "192.0.2.2", "fe80::1", "", "proxy", "10.0.0", "0a00::1"})
    EXPECT_FALSE(proxies().trusts(each)) << each;
  EXPECT_FALSE(Proxies().trusts("127.0.0.1"));
  for (const char* each :
       {"", "proxy", "10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "10.0.0.0/8/8", "::/129", "10.0.0.1 "}) {
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
           {"203.0.113.9", {"198.51.100.1"}, "203.0.113.9"},         // nobody believes it
           {"10.0.0.1", {}, "10.0.0.1"},                             // it says nothing
           {"10.0.0.1", {"198.51.100.1"}, "198.51.100.1"},           //
           {"10.0.0.1", {"1.1.1.1, 198.51.100.1"}, "198.51.100.1"},  // the client invented the first
           {"10.0.0.1", {"1.1.1.1,198.51.100.1 , 10.0.0.9"}, "198.51.100.1"},
           {"10.0.0.1", {"1.1.1.1", "198.51.100.1"}, "198.51.100.1"},  // two headers are one list
           {"10.0.0.1", {"198.51.100.1:4711"}, "198.51.100.1"},        //
           {"10.0.0.1", {"[2001:db8::1]:4711"}, "2001:db8::1"},        //
           {"10.0.0.1", {"2001:DB8:0::1"}, "2001:db8::1"},             //
           {"10.0.0.1", {"10.0.0.3, 10.0.0.2"}, "10.0.0.3"},           // all of them proxies
           {"10.0.0.1", {"198.51.100.1, unknown"}, "10.0.0.1"},        // what is no address is no client
           {"10.0.0.1", {"198.51.100.1, "}, "10.0.0.1"},               //
           {"10.0.0.1", {"198.51.100.1\r\nX: 1"}, "10.0.0.1"},         //
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
       {Case{"10.0.0.1", "https", true}, Case{"10.0.0.1", "HTTPS", true}, Case{"10.0.0.1", "http", false},
        Case{"10.0.0.1", "https, http", false}, Case{"203.0.113.9", "https", false}}) {
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
