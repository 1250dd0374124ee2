#include "feeds/player.hpp"

#include <algorithm>
#include <utility>

#include "core/check.hpp"

namespace argosy::feeds {

Player::Player(core::Executor& executor, NextEvent next, PlayerOptions options, Use use, Done done)
    : executor_(executor), next_(std::move(next)), options_(options), use_(std::move(use)), done_(std::move(done)) {
  ARGOSY_CHECK(options_.speed > 0, "a feed played {} times as fast", options_.speed);
}

Player::~Player() { (void)executor_.cancel(timer_); }

void Player::start() {
  started_ = executor_.clock().now();
  played_ = core::Duration{0};
  waiting_ = next_();
  plan();
}

// One event a timer, so that other work of the executor has its turn.
void Player::deliver() {
  const FeedEvent event = *std::exchange(waiting_, next_());
  if (waiting_) {
    core::Duration wait = waiting_->time - event.time;
    if (options_.longest_wait) wait = std::min(wait, *options_.longest_wait);
    played_ += wait;
  }
  use_(event);
  plan();
}

void Player::plan() {
  timer_ = {};
  if (!waiting_) {
    if (done_) done_();
    return;
  }
  const auto since_start = static_cast<std::int64_t>(static_cast<double>(played_.count()) / options_.speed);
  timer_ = executor_.call_at(started_ + core::Duration{since_start}, [this] { deliver(); });
}

}  // namespace argosy::feeds
