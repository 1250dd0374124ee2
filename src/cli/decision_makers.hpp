// What decides for the services of a home: "probability", by the table of the demo market, or a strategy file.
//
//   live::Trader trader(settings, fees, recorder, decision_makers(globals, MakersFor::kTrading, seed));
#pragma once

#include <cstdint>
#include <string>

#include "cli/command.hpp"
#include "core/result.hpp"
#include "feeds/demo_market.hpp"
#include "live/trader.hpp"

namespace argosy::cli {

enum class MakersFor : std::uint8_t {
  kChanges,  // services are changed and nothing is decided: it is only checked that the strategy could
  kTrading,
};

// Makers live as long as the source, or a copy of it, does.
[[nodiscard]] live::MakerSource decision_makers(const Globals& globals, MakersFor purpose, std::uint64_t seed = 0);

// samples/demo/market.yaml, or home/demo/market.yaml where there is one.
[[nodiscard]] core::Result<feeds::DemoMarket> load_demo_market(const Globals& globals);

// As a service keeps it: the name, or the whole path of a file, so that it is found from any folder.
[[nodiscard]] std::string strategy_reference(const std::string& given);

}  // namespace argosy::cli
