// What a feed gives, one after the other in the order of time.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <variant>

#include "core/time.hpp"
#include "market/bar.hpp"
#include "market/corporate_actions.hpp"
#include "market/quote.hpp"

namespace argosy::feeds {

struct FeedEvent {
  core::Timestamp time;      // when it is known: of a bar its closing instant
  std::uint32_t symbol = 0;  // its place among the feed's instruments
  std::variant<market::CorporateAction, market::Quote, market::Bar> what;
};

// Gives the next event of a feed; nothing when it is over.
using NextEvent = std::function<std::optional<FeedEvent>()>;

}  // namespace argosy::feeds
