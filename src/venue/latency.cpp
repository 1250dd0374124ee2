#include "venue/latency.hpp"

#include <fmt/format.h>

#include "core/text.hpp"

namespace argosy::venue {
namespace {

constexpr std::int64_t kMostBars = 1000;
constexpr std::int64_t kMostMilliseconds = 3'600'000;

}  // namespace

core::Result<Latency> parse_latency(std::string_view text) {
  if (text == "none") return Latency{};
  const std::size_t colon = text.find(':');
  const std::string_view unit = text.substr(0, colon);
  const auto count = core::parse_integer(colon == std::string_view::npos ? "" : text.substr(colon + 1));
  const bool bars = unit == "bars";
  const std::int64_t most = bars ? kMostBars : kMostMilliseconds;
  if ((!bars && unit != "ms") || !count || *count < 0 || *count > most) {
    return core::fail(
        core::Error(core::ErrorCode::kInvalidArgument, fmt::format("\"{}\" is no latency", text))
            .with_hint(fmt::format("write none, bars:1 (0 to {}) or ms:250 (0 to {})", kMostBars, kMostMilliseconds)));
  }
  return bars ? Latency{.bars = *count} : Latency{.milliseconds = *count};
}

std::string to_string(const Latency& latency) {
  if (latency.is_none()) return "none";
  return latency.bars > 0 ? fmt::format("bars:{}", latency.bars) : fmt::format("ms:{}", latency.milliseconds);
}

}  // namespace argosy::venue
