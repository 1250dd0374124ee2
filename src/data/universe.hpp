// The symbols of a universe, and when each was in it.
//
//   ARGOSY_TRY(const Universe universe, load_universe(snapshot, "U500", timeframe));
//   universe.has("AAPL", date)
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "core/time.hpp"
#include "lake/tables.hpp"
#include "market/timeframe.hpp"

namespace argosy::lake {
class Snapshot;
}

namespace argosy::data {

struct Universe {
  std::vector<std::string> symbols;                             // sorted; those with bars of the timeframe
  std::map<std::string, std::vector<lake::UniverseRow>> times;  // a symbol without: always in it

  [[nodiscard]] bool has(const std::string& symbol, core::Date date) const;
};

// "all" names every symbol. kNotFound when none has bars of the timeframe.
[[nodiscard]] core::Result<Universe> load_universe(const lake::Snapshot& snapshot, const std::string& name,
                                                   market::Timeframe timeframe);

}  // namespace argosy::data
