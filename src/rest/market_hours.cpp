// Whether exchanges are open.
#include <algorithm>
#include <chrono>

#include "market/calendar.hpp"
#include "rest/resources.hpp"

namespace argosy::rest {

using core::Result;
using server::Access;
using server::endpoint;
using server::None;

struct MarketQuery {
  std::string exchange;
};
struct MarketOut {
  std::string exchange;
  std::string time_zone;
  bool is_open = false;
  core::Date session;
  core::Timestamp opens_at;
  core::Timestamp closes_at;
  std::int64_t opens_in = 0;
  std::int64_t closes_in = 0;
  bool early_close = false;
};

}  // namespace argosy::rest

template <>
struct argosy::core::RecordOf<argosy::rest::MarketQuery> {
  using Row = argosy::rest::MarketQuery;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, exchange, .limits = {.maximum_length = 20}, .text = "one only, such as XNAS")};
  static constexpr RecordType kType{"market_query", "Which exchanges", kFields};
};
template <>
struct argosy::core::RecordOf<argosy::rest::MarketOut> {
  using Row = argosy::rest::MarketOut;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, exchange, .text = "name of its calendar"),
      ARGOSY_FIELD(Row, time_zone, .text = "of its clock"),
      ARGOSY_FIELD(Row, is_open, .text = "at this moment, by its calendar"),
      ARGOSY_FIELD(Row, session, .text = "the one that is open, or the next"),
      ARGOSY_FIELD(Row, opens_at, .text = "of that session"),
      ARGOSY_FIELD(Row, closes_at, .text = "of that session"),
      ARGOSY_FIELD(Row, opens_in, .unit = "s", .text = "0: it is open"),
      ARGOSY_FIELD(Row, closes_in, .unit = "s", .text = "until it closes"),
      ARGOSY_FIELD(Row, early_close, .text = "before its usual hour"),
  };
  static constexpr RecordType kType{"market", "An exchange's hours", kFields};
};

namespace argosy::rest {
namespace {

std::int64_t seconds_until(core::Timestamp then, core::Timestamp now) {
  return std::max<std::int64_t>(0, std::chrono::ceil<std::chrono::seconds>(then - now).count());
}

Result<MarketOut> hours(const std::string& name, core::Timestamp now) {
  ARGOSY_TRY(const market::Calendar* calendar, market::find_calendar(name));
  const market::Session session = calendar->session_from(now);
  return MarketOut{.exchange = name,
                   .time_zone = std::string(calendar->time_zone()),
                   .is_open = session.open <= now,
                   .session = session.date,
                   .opens_at = session.open,
                   .closes_at = session.close,
                   .opens_in = seconds_until(session.open, now),
                   .closes_in = seconds_until(session.close, now),
                   .early_close = session.early_close};
}

}  // namespace

void add_market_hours(server::Api& api, const Resources& resources) {
  api.add(endpoint<None, MarketQuery, None, server::Page<MarketOut>>(
      {.path = "/system/markets",
       .name = "list_markets",
       .tag = "system",
       .summary = "Which exchanges are open, and when they open and close",
       .access = Access::kViewer},
      [&](const auto& call) -> Result<server::Page<MarketOut>> {
        const core::Timestamp now = resources.clock.now();
        std::vector<MarketOut> all;
        if (!call.query.exchange.empty()) {
          ARGOSY_TRY(MarketOut one, hours(call.query.exchange, now));
          all.push_back(std::move(one));
        } else {
          for (const std::string_view name : market::calendar_names()) {
            ARGOSY_TRY(MarketOut one, hours(std::string(name), now));
            all.push_back(std::move(one));
          }
        }
        return part_of(std::move(all), 1, server::kMostPerPage);
      }));
}

}  // namespace argosy::rest
