// How often somebody may ask: a bucket of tokens a key, filled at an even pace, one taken by each request.
//
//   RateLimiter limiter({.per_minute = 60, .burst = 20}, 100'000);
//   const core::Duration wait = limiter.take(address_key("2001:db8::1"), clock.monotonic());
//   if (wait > core::Duration::zero()) ...   // 429, Retry-After: in so long there is a token
#pragma once

#include <cstddef>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "core/time.hpp"

namespace argosy::server {

struct RateLimit {
  int per_minute = 600;  // 1 to 60'000'000
  int burst = 100;       // at once, 1 or more
};

// Of an API. Who has logged in is counted by user, others by address.
struct RateLimits {
  RateLimit known = {.per_minute = 1'200, .burst = 200};
  RateLimit unknown = {.per_minute = 120, .burst = 40};
  std::size_t most_keys = 100'000;  // remembered of each kind; the one that asked longest ago is forgotten
};

// From any thread.
class RateLimiter {
 public:
  RateLimiter(RateLimit limit, std::size_t most_keys);

  // Zero: a token was taken. Otherwise none was, and in so long there will be one. `now` never goes back, but for the
  // little that threads may pass each other.
  [[nodiscard]] core::Duration take(std::string_view key, core::Duration now);
  [[nodiscard]] std::size_t size() const;

 private:
  struct Bucket {
    std::string key;
    core::Duration full_at;  // when nothing more is taken
  };

  core::Duration pace_;   // of one token
  core::Duration depth_;  // of all
  std::size_t most_keys_;
  mutable std::mutex mutex_;
  std::list<Bucket> buckets_;  // who asked last comes first
  std::unordered_map<std::string_view, std::list<Bucket>::iterator> by_key_;
};

// By what an address is counted: an IPv6 address by its network of 64 bits, of which one client may have every address.
[[nodiscard]] std::string address_key(std::string_view address);

}  // namespace argosy::server
