// Stands between a feed and whoever trades on it: only quotes that may be believed get through. The others are counted
// and kept aside with their reason.
//
//   QuoteValidator validator(rules);
//   ARGOSY_TRY(const std::uint32_t apple, validator.add(instrument));
//   validator.believe(apple, last_close);
//   if (const auto problem = validator.judge(apple, quote, clock.now())) return;       // counted, and in quarantine()
//
// A move beyond `max_jump_percent` is not believed at once, but when it lasts: `confirm_quotes` quotes in a row that
// agree with each other over `confirm_seconds`. The last of them gets through. A price that is 100 or 1000 times the
// one before, or that part of it, is never believed for lasting: a feed that went from dollars to cents lasts too;
// believe() says when it is true, as after a split that nobody recorded. Of a factor of 10 either may be true, so it is
// believed when it lasts.
//
// Deterministic: answers follow from the quotes and times alone. Not safe for threads by itself.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string_view>
#include <vector>

#include "core/record.hpp"
#include "core/result.hpp"
#include "core/time.hpp"
#include "market/instrument.hpp"
#include "market/quote.hpp"
#include "market/session_finder.hpp"

namespace argosy::market {

enum class QuoteProblem : std::uint8_t {
  kStale,           // its time is older than the clock by more than `max_age_seconds`
  kFuture,          // its time is later than the clock by more than `max_ahead_seconds`
  kOutOfOrder,      // its time is not later than that of the quote before
  kOutsideSession,  // its exchange was closed
  kNotPositive,     // a bid, ask or last price of zero or below, unless the instrument may have one
  kCrossed,         // the bid is above the ask
  kWideSpread,      // ask less bid is more than `max_spread_percent` of their middle
  kUnitFlip,        // the last price is 10, 100 or 1000 times the one before, or that part of it, within 5 %
  kJump,            // a price is further than `max_jump_percent` from the last believed one
  kNoVolume,        // its volume is no number, infinite, or below zero
};
inline constexpr std::size_t kQuoteProblems = 10;
[[nodiscard]] std::string_view to_string(QuoteProblem problem);  // "wide_spread"

struct QuoteRules {
  double max_jump_percent = 10;
  std::int64_t confirm_quotes = 3;
  double confirm_seconds = 5;
  double max_spread_percent = 5;
  double max_age_seconds = 60;
  double max_ahead_seconds = 5;
  // How long before the opening and after the close quotes are believed.
  std::int64_t pre_market_minutes = 0;
  std::int64_t post_market_minutes = 0;
};

struct QuoteCounts {
  std::int64_t believed = 0;
  std::int64_t confirmed_moves = 0;  // of the believed: moves that lasted
  std::array<std::int64_t, kQuoteProblems> problems{};

  [[nodiscard]] std::int64_t of(QuoteProblem problem) const { return problems[static_cast<std::size_t>(problem)]; }
  [[nodiscard]] std::int64_t quarantined() const;
};

struct QuarantinedQuote {
  std::uint32_t instrument = 0;
  QuoteProblem problem{};
  Quote quote;
};

class QuoteValidator {
 public:
  static constexpr std::size_t kKept = 1'000;  // quotes in quarantine(); counts have all

  explicit QuoteValidator(const QuoteRules& rules) : rules_(rules) {}

  // Its place in the calls below, counted from 0. kNotFound: its exchange has no calendar.
  [[nodiscard]] core::Result<std::uint32_t> add(const Instrument& instrument);
  // The price that the next quote is compared with: a stored close, or one that somebody vouches for. Without it the
  // first quote without another problem is believed.
  void believe(std::uint32_t instrument, Price last);
  // Nothing when the quote may be believed. `now`: by the clock.
  [[nodiscard]] std::optional<QuoteProblem> judge(std::uint32_t instrument, const Quote& quote, core::Timestamp now);

  [[nodiscard]] const QuoteCounts& counts() const { return counts_; }
  [[nodiscard]] std::int64_t quarantined(std::uint32_t instrument) const { return states_[instrument].quarantined; }
  [[nodiscard]] const std::deque<QuarantinedQuote>& quarantine() const { return quarantine_; }  // the newest last

 private:
  struct State {
    core::Timestamp seen = core::Timestamp::min();  // time of the last quote whose time could be right
    double believed = 0;                            // in units of a price
    // A move that may turn out to be true.
    double moved_to = 0;
    core::Timestamp moved_since;
    std::int32_t moved_quotes = 0;  // 0: none
    std::uint16_t exchange = 0;
    bool has_belief = false;
    bool may_be_negative = false;
    std::int64_t quarantined = 0;
  };

  [[nodiscard]] std::optional<QuoteProblem> find_problem(State& state, const Quote& quote, core::Timestamp now);
  [[nodiscard]] std::optional<QuoteProblem> compare_with_belief(State& state, const Quote& quote);
  [[nodiscard]] bool is_near(const State& state, const Quote& quote, double price) const;
  [[nodiscard]] bool is_confirmed(State& state, const Quote& quote) const;

  QuoteRules rules_;
  std::vector<SessionFinder> exchanges_;
  std::vector<State> states_;
  QuoteCounts counts_;
  std::deque<QuarantinedQuote> quarantine_;
};

}  // namespace argosy::market

template <>
struct argosy::core::RecordOf<argosy::market::QuoteRules> {
  using QuoteRules = argosy::market::QuoteRules;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(QuoteRules, max_jump_percent, .unit = "percent", .limits = {.minimum = 0.01, .maximum = 90},
                   .text = "a quote further from the last believed price must last to be believed"),
      ARGOSY_FIELD(QuoteRules, confirm_quotes, .unit = "quotes", .limits = {.minimum = 1, .maximum = 1'000},
                   .text = "how many in a row confirm a move"),
      ARGOSY_FIELD(QuoteRules, confirm_seconds, .unit = "seconds", .limits = {.minimum = 0, .maximum = 86'400},
                   .text = "and over how long at least"),
      ARGOSY_FIELD(QuoteRules, max_spread_percent, .unit = "percent", .limits = {.minimum = 0.01, .maximum = 100},
                   .text = "between bid and ask"),
      ARGOSY_FIELD(QuoteRules, max_age_seconds, .unit = "seconds", .limits = {.minimum = 0.001, .maximum = 86'400},
                   .text = "older quotes are stale"),
      ARGOSY_FIELD(QuoteRules, max_ahead_seconds, .unit = "seconds", .limits = {.minimum = 0, .maximum = 3'600},
                   .text = "how far ahead of the clock a quote's time may be"),
      ARGOSY_FIELD(QuoteRules, pre_market_minutes, .unit = "minutes", .limits = {.minimum = 0, .maximum = 720},
                   .text = "quotes so long before the opening are believed"),
      ARGOSY_FIELD(QuoteRules, post_market_minutes, .unit = "minutes", .limits = {.minimum = 0, .maximum = 720},
                   .text = "and so long after the close"),
  };
  static constexpr RecordType kType{"quote_rules", "Which quotes are believed", kFields};
};
