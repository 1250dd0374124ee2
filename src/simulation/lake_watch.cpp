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

}  // namespace

void LakeWatch::on_handed(std::span<const live::LiveBar> bars) {
  for (const live::LiveBar& each : bars) bars_.try_emplace({each.symbol, each.bar.key}, Expected{.bar = each.bar});
}

void LakeWatch::on_stored() {
  for (auto& [key, expected] : bars_) expected.stored = true;
}

void LakeWatch::on_changing(std::int64_t number, bool empties) {
  changes_.push_back({.number = number, .empties = empties});
}

void LakeWatch::on_changed() {
  changes_.erase(changes_.begin(), changes_.end() - 1);
  if (std::exchange(changes_.front().empties, false)) bars_.clear();
}

lake::Tables LakeWatch::tables_of(std::int64_t number) {
  lake::Tables tables;
  if (number == 0) return tables;
  for (const char* symbol : kSymbols) {
    market::Instrument instrument = instrument_of(symbol);
    instrument.name = fmt::format("change {}", number);
    tables.instruments.emplace(symbol, std::move(instrument));
  }
  return tables;
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
