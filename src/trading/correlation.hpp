// How daily returns of instruments move together over the last sixty days, for the limit on exposure that is really one
// position.
//
//   Correlations correlations(instruments);
//   correlations.on_price(i, day, price);        // in the order of time; the last price of a day is its close
//   correlations.between(i, j)                   // -1 to 1; NaN where it is not known
//
// A day counts once it is over. A pair needs 40 of the last 60 days in common, on which neither stood still all the
// time. Prices are as quoted: splits are told by on_split(), dividends are left in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/decimal.hpp"
#include "core/time.hpp"
#include "trading/order.hpp"

namespace argosy::trading {

class Correlations {
 public:
  static constexpr std::size_t kDays = 60;
  static constexpr int kLeastDays = 40;

  explicit Correlations(std::size_t instruments);

  void on_price(InstrumentIndex i, core::Date day, Price price);
  void on_split(InstrumentIndex i, std::int64_t numerator, std::int64_t denominator);
  // Allocates nothing.
  [[nodiscard]] double between(InstrumentIndex i, InstrumentIndex j) const;

 private:
  struct Series {
    double close = 0;      // of the day before the current one; 0: none
    double last = 0;       // of the current day; 0: none yet
    std::uint64_t days{};  // bit k: slot k holds a return
    bool complete = false;
  };

  void end_day();
  void standardise(InstrumentIndex i);
  [[nodiscard]] double between_some(InstrumentIndex i, InstrumentIndex j) const;

  core::Date day_;
  bool started_ = false;
  std::size_t slot_ = 0;
  std::vector<Series> series_;
  std::vector<double> returns_;   // [instrument][slot]; 0 where there is none
  std::vector<double> standard_;  // the same less their mean, over their length: of complete series
};

}  // namespace argosy::trading
