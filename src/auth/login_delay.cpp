#include "auth/login_delay.hpp"

#include <algorithm>

namespace argosy::auth {
namespace {

constexpr core::Duration kForgottenAfter = std::chrono::hours(1);

std::string pair_of(std::string_view account, std::string_view peer) {
  return std::string(account) + '\n' + std::string(peer);
}

}  // namespace

core::Duration LoginDelay::wait_of(const Map& map, std::string_view key, const Rule& rule, core::Duration now) {
  const auto found = map.find(key);
  if (found == map.end() || found->second.count < rule.free || now - found->second.last > kForgottenAfter) return {};
  const int doublings = std::min(found->second.count - rule.free, 20);
  const core::Duration wait =
      std::min(core::Duration(std::chrono::seconds(1)) * (std::int64_t{1} << doublings), rule.longest);
  return std::max(found->second.last + wait - now, core::Duration{});
}

core::Duration LoginDelay::wait(std::string_view account, std::string_view peer, core::Duration now) const {
  const std::lock_guard guard(mutex_);
  const std::string pair = pair_of(account, peer);
  const core::Duration own = wait_of(pairs_, pair, kPair, now);
  if (known_.contains(pair)) return own;
  return std::max({own, wait_of(accounts_, account, kAccount, now), wait_of(peers_, peer, kPeer, now)});
}

void LoginDelay::count(Map& map, std::string key, core::Duration now) {
  Failures& failures = map[std::move(key)];
  if (now - failures.last > kForgottenAfter) failures.count = 0;
  ++failures.count;
  failures.last = now;
  if (map.size() <= kMostRemembered) return;
  map.erase(std::ranges::min_element(map, {}, [](const auto& each) { return each.second.last; }));
}

void LoginDelay::failed(std::string_view account, std::string_view peer, core::Duration now) {
  const std::lock_guard guard(mutex_);
  count(pairs_, pair_of(account, peer), now);
  count(accounts_, std::string(account), now);
  count(peers_, std::string(peer), now);
}

void LoginDelay::succeeded(std::string_view account, std::string_view peer) {
  const std::lock_guard guard(mutex_);
  const std::string pair = pair_of(account, peer);
  pairs_.erase(pair);
  if (known_.size() < kMostRemembered) known_[pair] = true;
}

}  // namespace argosy::auth
