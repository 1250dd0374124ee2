// The lake of what the process saw: bars made of the quotes it takes, appended as they close, and tables that change.
// DuckDB is never opened: before the append file would be folded into parts, at a start, its bars are dropped.
#include <utility>

#include "lake/lake.hpp"
#include "market/calendar.hpp"
#include "simulation/detail/world_parts.hpp"
#include "simulation/world.hpp"

namespace argosy::simulation {

using core::Result;

// Nobody else waits for the lake's lock.
lake::LakeOptions World::lake_options() const {
  return {.folder = disk_.folder() + kLake, .lock_wait = core::Duration::zero()};
}

// What the last process left is what it was told is stored.
Result<void> World::open_lake() {
  ARGOSY_TRY_VOID(lake::Lake::create(lake_options(), disk_.files()));
  if (!disk_.is_frozen()) check_lake(failures_);
  ARGOSY_TRY_VOID(change_lake(true));
  ARGOSY_TRY(seen_, live::SeenBars::open(lake_options(), disk_.files(), host_.clock(),
                                         {.snapshot = [this] { return seen_->snapshot(); },
                                          .instrument = [](const std::string& symbol) -> Result<market::Instrument> {
                                            return instrument_of(symbol);
                                          }}));
  bars_ = std::make_unique<live::LiveBars>(paced_, [this](std::vector<live::LiveBar> closed) {
    if (process_ != nullptr) process_->push_bars(std::move(closed));
  });
  for (const auto& [symbol, traded] : traded_) bars_->watch(traded, kStoredBars);
  return {};
}

// All of it or nothing: other tables, and at a start no bars.
Result<void> World::change_lake(bool empties) {
  ARGOSY_TRY(const lake::Lake lake, lake::Lake::open(lake_options(), disk_.files(), host_.clock()));
  return lake_watch_.change(lake, empties);
}

// On the trading thread; another one stores them. An error is told, and they are tried again with the next ones.
void World::on_bars(std::span<const live::LiveBar> closed) {
  host_.post([this, bars = std::vector<live::LiveBar>(closed.begin(), closed.end())] {
    lake_watch_.on_handed(bars);
    if (const auto stored = seen_->append(bars); stored) {
      lake_watch_.on_stored();
      stored_bars_ += std::ssize(bars);
    } else {
      history_.note("bars cannot be stored: {}", stored.error().message);
    }
    const core::Duration since_hour = bars.front().closing.time_since_epoch() % std::chrono::hours(1);
    if (since_hour != core::Duration::zero()) return;
    if (const auto changed = change_lake(false); !changed)
      history_.note("the lake cannot be changed: {}", changed.error().message);
  });
}

void World::check_lake(std::vector<std::string>& out) {
  const auto lake = lake::Lake::open(lake_options(), disk_.files(), host_.clock());
  std::ranges::move(lake_watch_.compare(lake), std::back_inserter(out));
}

}  // namespace argosy::simulation
