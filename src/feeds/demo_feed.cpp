#include "feeds/demo_feed.hpp"

#include <utility>

#include "market/quote.hpp"

namespace argosy::feeds {

struct DemoFeed::State {
  core::Executor& executor;
  DemoStream stream;
  Use use;
  std::optional<FeedEvent> waiting;  // not due yet
  core::TimerId timer;
  bool gone = false;
};

DemoFeed::DemoFeed(core::Executor& executor, DemoStream stream, Use use)
    : state_(std::make_shared<State>(State{
          .executor = executor, .stream = std::move(stream), .use = std::move(use), .waiting = {}, .timer = {}})) {}

DemoFeed::~DemoFeed() {
  state_->executor.post([state = state_] { state->gone = true; });
}

void DemoFeed::add(const std::string& symbol) {
  state_->executor.post([state = state_, symbol] {
    if (state->gone) return;
    state->stream.add(symbol);
    if (state->timer.is_none()) pump(state);
  });
}

void DemoFeed::pump(const std::shared_ptr<State>& state) {
  state->timer = {};
  if (state->gone) return;
  const core::Timestamp now = state->executor.clock().now();
  for (;;) {
    if (!state->waiting) state->waiting = state->stream.next();
    if (!state->waiting) return;  // there is no symbol yet
    if (state->waiting->time > now) break;
    const FeedEvent event = *std::exchange(state->waiting, std::nullopt);
    state->use(state->stream.symbols()[event.symbol], std::get<market::Quote>(event.what));
  }
  state->timer = state->executor.call_at(state->waiting->time, [state] { pump(state); });
}

}  // namespace argosy::feeds
