// How the paper venue behaves: what a user writes, and what it means.
//
//   ARGOSY_TRY(const PaperTerms terms, make_paper_terms({.fees = "us_zero", .slippage = "percent:0.02"}, read_fees));
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/record.hpp"
#include "core/result.hpp"
#include "trading/fee_file.hpp"
#include "venue/simulated_exchange.hpp"

namespace argosy::brokers {

enum class Switch : std::uint8_t { kOff, kOn };
inline constexpr std::array<std::string_view, 2> kSwitchNames{"off", "on"};

inline constexpr std::array<std::string_view, 2> kLimitFillNames{"touch", "through"};

struct PaperSettings {
  std::string account = "paper";
  std::string currency = "USD";
  std::string prices = "quotes";  // or the timeframe of bars
  std::string fees = "free";
  std::string slippage = "none";
  std::string latency = "none";
  venue::LimitTouch limit_fills = venue::LimitTouch::kTouch;
  core::Rate volume_cap;     // of bars
  core::Rate partial_fills;  // of quotes
  core::Rate rejections;
  Switch closed_market = Switch::kOn;
  Switch client_ids = Switch::kOn;
  std::int64_t answer_delay_ms = 0;
  std::int64_t report_delay_ms = 0;
  core::Rate lost_answers;
  core::Rate repeated_answers;
  std::int64_t seed = 1;
};

struct PaperTerms {
  PaperSettings settings;
  venue::ExchangeSettings exchange;
  bool takes_quotes = true;  // rather than bars
};

// `read_fees` as in trading/fee_file.hpp. Errors name the setting.
[[nodiscard]] core::Result<PaperTerms> make_paper_terms(const PaperSettings& settings,
                                                        const trading::FeeReader& read_fees = {});

}  // namespace argosy::brokers

template <>
struct argosy::core::RecordOf<argosy::brokers::PaperSettings> {
  using Settings = argosy::brokers::PaperSettings;
  static constexpr FieldLimits kShare{.minimum = 0, .maximum = 1};
  static constexpr FieldLimits kMost{.minimum = 0, .maximum = 60'000};
  static constexpr FieldLimits kSwitch{.one_of = argosy::brokers::kSwitchNames};
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Settings, account, .limits = {.maximum_length = 64}, .text = "name of the account"),
      ARGOSY_FIELD(Settings, currency, .limits = {.maximum_length = 3}, .text = "of the account, ISO 4217"),
      ARGOSY_FIELD(Settings, prices, .text = "quotes, or a timeframe: whole bars, filled as in a backtest"),
      ARGOSY_FIELD(Settings, fees, .text = "free, percent:0.1, per_share:0.005, or a schedule's name"),
      ARGOSY_FIELD(Settings, slippage, .text = "none, fixed:0.01, percent:0.05; of bars also volume: and range:"),
      ARGOSY_FIELD(Settings, latency, .text = "none, ms:250, bars:1: how long orders and cancels travel"),
      ARGOSY_FIELD(Settings, limit_fills, .limits = {.one_of = argosy::brokers::kLimitFillNames},
                   .text = "touch: a price that touches a limit fills it; through: a better one"),
      ARGOSY_FIELD(Settings, volume_cap, .limits = kShare, .text = "share of a bar's volume that orders get; 0: all"),
      ARGOSY_FIELD(Settings, partial_fills, .limits = kShare, .text = "share of quotes that fill a part of an order"),
      ARGOSY_FIELD(Settings, rejections, .limits = kShare, .text = "share of orders that are rejected without reason"),
      ARGOSY_FIELD(Settings, closed_market, .limits = kSwitch, .text = "takes orders while the exchange is closed"),
      ARGOSY_FIELD(Settings, client_ids, .limits = kSwitch, .text = "knows orders by the client's ids"),
      ARGOSY_FIELD(Settings, answer_delay_ms, .unit = "ms", .limits = kMost, .text = "answers come so much later"),
      ARGOSY_FIELD(Settings, report_delay_ms, .unit = "ms", .limits = kMost, .text = "reports come so much later"),
      ARGOSY_FIELD(Settings, lost_answers, .limits = kShare, .text = "share of answers that are never sent"),
      ARGOSY_FIELD(Settings, repeated_answers, .limits = kShare, .text = "share of reports that are sent twice"),
      ARGOSY_FIELD(Settings, seed, .limits = {.minimum = 0}, .text = "of all that is drawn"),
  };
  static constexpr RecordType kType{"paper", "The paper broker", kFields};
};
