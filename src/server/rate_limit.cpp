#include "server/rate_limit.hpp"

#include <algorithm>
#include <chrono>

#include "core/check.hpp"
#include "server/proxies.hpp"

namespace argosy::server {

using core::Duration;

RateLimiter::RateLimiter(RateLimit limit, std::size_t most_keys)
    : pace_(std::chrono::minutes(1)), depth_(0), most_keys_(most_keys) {
  ARGOSY_CHECK(limit.per_minute >= 1 && limit.burst >= 1 && most_keys >= 1, "a limit of {} a minute, {} at once",
               limit.per_minute, limit.burst);
  pace_ /= limit.per_minute;
  depth_ = pace_ * limit.burst;
}

Duration RateLimiter::take(std::string_view key, Duration now) {
  const std::scoped_lock lock(mutex_);
  const auto found = by_key_.find(key);
  if (found != by_key_.end()) {
    buckets_.splice(buckets_.begin(), buckets_, found->second);
  } else {
    if (buckets_.size() == most_keys_) {
      by_key_.erase(buckets_.back().key);
      buckets_.pop_back();
    }
    buckets_.push_front({.key = std::string(key), .full_at = now});
    by_key_.emplace(buckets_.front().key, buckets_.begin());
  }
  Bucket& bucket = buckets_.front();
  const Duration full_at = std::max(bucket.full_at, now) + pace_;
  if (full_at - now > depth_) return full_at - now - depth_;
  bucket.full_at = full_at;
  return Duration::zero();
}

std::size_t RateLimiter::size() const {
  const std::scoped_lock lock(mutex_);
  return buckets_.size();
}

std::string address_key(std::string_view address) {
  const auto parsed = IpAddress::parse(address);
  if (!parsed) return std::string(address);
  constexpr int kNetwork = 64;
  return parsed->is_v4() ? parsed->to_string() : parsed->network(kNetwork).to_string();
}

}  // namespace argosy::server
