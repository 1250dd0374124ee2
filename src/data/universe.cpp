#include "data/universe.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "lake/lake.hpp"

namespace argosy::data {

bool Universe::has(const std::string& symbol, core::Date date) const {
  const auto found = times.find(symbol);
  if (found == times.end()) return true;
  return std::ranges::any_of(
      found->second, [&](const lake::UniverseRow& row) { return row.from <= date && (!row.to || date <= *row.to); });
}

core::Result<Universe> load_universe(const lake::Snapshot& snapshot, const std::string& name,
                                     market::Timeframe timeframe) {
  Universe universe;
  if (name == "all") {
    universe.symbols = snapshot.symbols();
  } else {
    for (const lake::UniverseRow& row : snapshot.tables().universes) {
      if (row.universe == name) universe.times[row.symbol].push_back(row);
    }
    for (const auto& [symbol, times] : universe.times) universe.symbols.push_back(symbol);
  }
  std::erase_if(universe.symbols, [&](const std::string& symbol) { return !snapshot.has(symbol, timeframe); });
  if (!universe.symbols.empty()) return universe;
  return core::fail(core::Error(core::ErrorCode::kNotFound,
                                fmt::format("universe \"{}\" has no symbol with {} bars", name, timeframe.to_string()))
                        .with_hint("argosy data universe list shows the universes, argosy data list the bars"));
}

}  // namespace argosy::data
