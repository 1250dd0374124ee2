// Day trades: positions opened and closed in one session, counted over five sessions.
//
//   DayTrades trades(instruments);
//   trades.on_fill(i, key_of_day, true);      // opened or enlarged
//   trades.on_fill(i, key_of_day, false);     // made smaller the same day: one day trade
//   trades.count()                            // of the last five sessions that saw a fill or a begin_session()
//
// Source: FINRA rule 4210(f)(8)(B): more than three in five business days make a pattern day trader, who must keep
// 25,000 USD of equity in a margin account.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <vector>

namespace argosy::trading {

class DayTrades {
 public:
  static constexpr std::size_t kSessions = 5;
  static constexpr int kMostBelowMinimum = 3;

  explicit DayTrades(std::size_t instruments) : opened_(instruments, kNever) {}

  void add_instrument() { opened_.push_back(kNever); }
  // `day` ascends: the key of the session's date.
  void begin_session(std::int64_t day);
  void on_fill(std::size_t instrument, std::int64_t day, bool opens);
  [[nodiscard]] int count() const;
  [[nodiscard]] int most() const { return most_; }  // ever

 private:
  static constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::min();

  std::vector<std::int64_t> opened_;     // the last day each instrument was opened or enlarged and not yet day traded
  std::array<int, kSessions> counts_{};  // today's first
  std::int64_t today_ = kNever;
  int most_ = 0;
};

}  // namespace argosy::trading
