#include "simulation/lake_watch.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "simulation/detail/world_parts.hpp"

namespace argosy::simulation {

namespace {

bool equal(const market::Bar& a, const market::Bar& b) {
  return a.open == b.open && a.high == b.high && a.low == b.low && a.close == b.close && a.volume == b.volume &&
         a.source == b.source;
}

// The tables of a commit of that number.
lake::Tables tables_of(std::int64_t number) {
  lake::Tables tables;
  if (number == 0) return tables;
  for (const char* symbol : kSymbols) {
    market::Instrument instrument = instrument_of(symbol);
    instrument.name = fmt::format("change {}", number);
    tables.instruments.emplace(symbol, std::move(instrument));
  }
  return tables;
}

}  // namespace

void LakeWatch::on_handed(std::span<const live::LiveBar> bars) {
  for (const live::LiveBar& each : bars) {
    const Key key{each.symbol, each.bar.key};
    if (bars_.try_emplace(key, Expected{.bar = each.bar}).second) handed_.push_back(key);
  }
}

void LakeWatch::on_stored() {
  for (const Key& key : std::exchange(handed_, {})) bars_.at(key).stored = true;
}

core::Result<void> LakeWatch::change(const lake::Lake& lake, bool empties) {
  ARGOSY_TRY(lake::Transaction transaction, lake.begin());
  if (empties) {
    for (const std::string& symbol : transaction.base().symbols())
      ARGOSY_TRY_VOID(transaction.drop(symbol, kStoredBars));
  }
  transaction.set_tables(tables_of(++last_change_));
  changes_.push_back({.number = last_change_, .empties = empties});
  ARGOSY_TRY_VOID(transaction.commit());
  changes_.erase(changes_.begin(), changes_.end() - 1);
  if (std::exchange(changes_.front().empties, false)) {
    bars_.clear();
    handed_.clear();
  }
  return {};
}

std::vector<std::string> LakeWatch::compare(const core::Result<lake::Lake>& lake) const {
  const auto snapshot = lake ? lake->snapshot() : core::fail(lake.error());
  if (!snapshot) return {"the lake cannot be read: " + snapshot.error().describe()};
  return compare(*snapshot);
}

std::vector<std::string> LakeWatch::compare(const lake::Snapshot& snapshot) const {
  std::vector<std::string> out;
  const std::string found = lake::format_table("instruments", snapshot.tables());
  const auto change = std::ranges::find_if(
      changes_, [&](const Change& each) { return lake::format_table("instruments", tables_of(each.number)) == found; });
  if (change == changes_.end()) {
    out.push_back(fmt::format("lake: its tables are not those of change {}, nor of what was tried since: {}",
                              changes_.front().number, found));
    return out;
  }
  const auto& appended = snapshot.appended(kStoredBars);
  const bool emptied = std::any_of(changes_.begin() + 1, change + 1, [](const Change& each) { return each.empties; });
  std::size_t matched = 0;
  for (const auto& [symbol, columns] : appended) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const market::Bar bar = columns.at(i);
      const auto expected = emptied ? bars_.end() : bars_.find({symbol, bar.key});
      const std::string name = fmt::format("{} at {}", symbol, market::format_key(bar.key, kStoredBars));
      if (expected == bars_.end()) {
        out.push_back(fmt::format("lake: there is a bar of {} that nobody stored", name));
      } else if (!equal(bar, expected->second.bar)) {
        out.push_back(fmt::format("lake: the bar of {} is not what was stored", name));
      } else if (expected->second.stored) {
        ++matched;
      }
    }
  }
  const auto stored =
      static_cast<std::size_t>(std::ranges::count_if(bars_, [](const auto& each) { return each.second.stored; }));
  if (!emptied && out.empty() && matched < stored)
    out.push_back(fmt::format("lake: {} of {} bars whose append was done are gone", stored - matched, stored));
  return out;
}

}  // namespace argosy::simulation
