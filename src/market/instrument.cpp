#include "market/instrument.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/check.hpp"
#include "core/limits.hpp"
#include "market/calendar.hpp"

namespace argosy::market {
namespace {

bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_alphanumeric(char c) { return is_upper(c) || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

std::unexpected<core::Error> bad_field(const char* field, std::string value, std::string message) {
  return core::fail(
      core::Error(core::ErrorCode::kInvalidArgument, std::move(message)).in_field(field, std::move(value)));
}

}  // namespace

core::Result<std::string> check_symbol(std::string_view symbol) {
  constexpr std::string_view kPunctuation = ".-_^=/";
  const bool letters_only =
      std::ranges::all_of(symbol, [&](char c) { return is_alphanumeric(c) || kPunctuation.contains(c); });
  // A letter or digit keeps "." and ".." out, which mean something else to file systems.
  const bool has_name = std::ranges::any_of(symbol, is_alphanumeric);
  if (letters_only && has_name && symbol.size() <= core::limits::kSymbolLength) return std::string(symbol);
  return core::fail(
      core::Error(core::ErrorCode::kInvalidArgument, fmt::format("\"{}\" is not a ticker symbol", symbol))
          .with_hint(fmt::format("use 1 to {} letters, digits and {}, at least one of them a letter or digit",
                                 core::limits::kSymbolLength, kPunctuation)));
}

core::Result<void> check_instrument(const Instrument& instrument) {
  ARGOSY_TRY_VOID(check_symbol(instrument.symbol));
  ARGOSY_TRY_VOID(find_calendar(instrument.exchange));
  if (instrument.currency.size() != 3 || !std::ranges::all_of(instrument.currency, is_upper)) {
    return bad_field("currency", instrument.currency, "a currency is three capital letters of ISO 4217, such as USD");
  }
  if (!instrument.tick.is_positive()) {
    return bad_field("tick", instrument.tick.to_string(), "the smallest step of a price must be above zero");
  }
  if (!instrument.lot.is_positive()) {
    return bad_field("lot", instrument.lot.to_string(), "the smallest step of a quantity must be above zero");
  }
  return {};
}

core::Quantity round_to_lot(const Instrument& instrument, core::Quantity quantity) {
  if (instrument.fractional) return quantity;
  ARGOSY_CHECK(instrument.lot.is_positive(), "lot {} of {}", instrument.lot.units(), instrument.symbol);
  return core::Quantity::from_units(quantity.units() - quantity.units() % instrument.lot.units());
}

}  // namespace argosy::market
