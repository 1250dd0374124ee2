#include "brokers/paper_settings.hpp"

#include <fmt/format.h>

#include <utility>

namespace argosy::brokers {
namespace {

using core::Result;

template <class T>
Result<T> in_field(Result<T> value, const char* field) {
  if (!value) return core::fail(std::move(value.error()).in_field(field));
  return value;
}

}  // namespace

Result<PaperTerms> make_paper_terms(const PaperSettings& settings, const trading::FeeReader& read_fees) {
  if (auto errors = core::validate(core::record_type<PaperSettings>(), &settings); !errors.empty())
    return core::fail(std::move(errors.front()));
  PaperTerms terms{.settings = settings};
  venue::ExchangeSettings& exchange = terms.exchange;
  const trading::FeeReader no_files = [](const std::string& name) {
    return core::fail(core::ErrorCode::kNotFound, fmt::format("there are no fees \"{}\" here", name));
  };
  ARGOSY_TRY(exchange.fees, in_field(trading::find_fees(settings.fees, read_fees ? read_fees : no_files), "fees"));
  ARGOSY_TRY(exchange.slippage, in_field(venue::parse_slippage(settings.slippage), "slippage"));
  ARGOSY_TRY(exchange.latency, in_field(venue::parse_latency(settings.latency), "latency"));
  terms.takes_quotes = settings.prices == "quotes";
  exchange.timeframe = market::Timeframe(1, market::TimeframeUnit::kMinute);
  if (!terms.takes_quotes) {
    ARGOSY_TRY(exchange.timeframe, in_field(market::Timeframe::parse(settings.prices), "prices"));
  }
  const bool asks_for_bars =
      exchange.slippage.kind == venue::SlippageKind::kVolume || exchange.slippage.kind == venue::SlippageKind::kRange;
  if (terms.takes_quotes && asks_for_bars) {
    return core::fail(core::Error(core::ErrorCode::kInvalidArgument, "quotes have neither volume nor range")
                          .with_hint("write fixed: or percent:, or let the venue take bars")
                          .in_field("slippage", settings.slippage));
  }
  exchange.limit_touch = settings.limit_fills;
  exchange.volume_cap = settings.volume_cap;
  exchange.account.currency = settings.currency;
  return terms;
}

}  // namespace argosy::brokers
