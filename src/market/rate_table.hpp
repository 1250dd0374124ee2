// What one currency is worth in another now: the latest rate of each pair, with where it came from and how old it is. A
// rate that is too old is not known.
//
//   RateTable table(24h);
//   table.set({.time = time, .base = "USD", .quote = "KRW", .rate = *Price::parse("1385.25"), .source = "rates.csv"});
//   ARGOSY_TRY(const KnownRate rate, table.find("KRW", "EUR", clock.now()));     // by way of USD
//   rate.rate.convert(krw, Rounding::kHalfEven)
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.hpp"
#include "core/time.hpp"
#include "market/exchange_rate.hpp"

namespace argosy::market {

// One unit of `base` costs `rate` units of `quote`.
struct RateQuote {
  core::Timestamp time;  // when it was known
  std::string base;      // ISO 4217
  std::string quote;
  core::Price rate;
  std::string source;  // a file's name, a feed's

  friend bool operator==(const RateQuote&, const RateQuote&) = default;
};

struct KnownRate {
  ExchangeRate rate;
  core::Timestamp time;  // of the oldest rate it is made of; equal currencies: of the question
  std::string source;    // of both: "ecb.csv, simulated"
};

// Three capital letters each, not the same, a rate above zero. kInvalidArgument otherwise.
[[nodiscard]] core::Result<void> check_rate(const RateQuote& rate);

// "90 minutes", "5 hours", "12 days".
[[nodiscard]] std::string age_text(core::Duration age);

class RateTable {
 public:
  explicit RateTable(core::Duration max_age) : max_age_(max_age) {}

  // Keeps a rate unless a later one of the pair is there, in either direction; says whether it did. The rate must be
  // one that check_rate() passes.
  bool set(const RateQuote& rate);
  // How to turn amounts of `from` into `to`: the pair's rate in either direction or, when it is not known, that of both
  // with USD. kNotFound when there is none or it is too old, naming what there is. A rate from after `now` is not known
  // yet.
  [[nodiscard]] core::Result<KnownRate> find(std::string_view from, std::string_view to, core::Timestamp now) const {
    return find(from, to, now, max_age_);
  }
  // The same with another limit of age.
  [[nodiscard]] core::Result<KnownRate> find(std::string_view from, std::string_view to, core::Timestamp now,
                                             core::Duration max_age) const;
  // The latest of every pair, in the order of their currencies.
  [[nodiscard]] std::vector<RateQuote> rates() const;

 private:
  [[nodiscard]] core::Result<KnownRate> find_direct(std::string_view from, std::string_view to, core::Timestamp now,
                                                    core::Duration max_age) const;

  core::Duration max_age_;
  // By both currencies in the order of the alphabet, so that a pair is found in either direction.
  std::map<std::pair<std::string, std::string>, RateQuote, std::less<>> rates_;
};

}  // namespace argosy::market
