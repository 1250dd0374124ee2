#include "backtest/detail/sweep_result.hpp"

#include "market/bar.hpp"

namespace argosy::backtest {
namespace {

// Mixes 64-bit integers into one: what differs in one bit differs in about half of those of the digest. It tells
// results apart, it does not guard against forgery.
class Digest {
 public:
  void add(std::int64_t value) {
    constexpr std::uint64_t kOdd = 0x9E37'79B9'7F4A'7C15;
    const auto product = static_cast<unsigned __int128>(state_ ^ static_cast<std::uint64_t>(value)) * kOdd;
    state_ = static_cast<std::uint64_t>(product) + static_cast<std::uint64_t>(product >> 64U) + kOdd;
  }
  [[nodiscard]] std::uint64_t value() const { return state_; }

 private:
  std::uint64_t state_ = 0x243F'6A88'85A3'08D3;  // of pi: any start but zero
};

std::uint64_t digest_of(const RunFigures& run) {
  Digest digest;
  for (const engine::Trade& trade : run.trades) {
    for (const std::int64_t value :
         {static_cast<std::int64_t>(trade.instrument), static_cast<std::int64_t>(trade.side), trade.entry_key,
          trade.entry_price.units(), trade.exit_key, trade.exit_price.units(), trade.quantity.units(),
          trade.fees.units(), trade.profit.units(), trade.dividends.units(),
          static_cast<std::int64_t>(trade.entry_reason), static_cast<std::int64_t>(trade.exit_reason)})
      digest.add(value);
  }
  for (const core::Money amount : {run.final_equity, run.fees, run.dividends}) digest.add(amount.units());
  return digest.value();
}

// Of the equity at the end of each day, or of each bar that is longer. Once nothing is left nothing is won or lost.
std::vector<double> returns_of(const RunFigures& run) {
  std::vector<double> out;
  double before = run.initial_cash.to_double();
  for (std::size_t i = 0; i < run.keys.size(); ++i) {
    const bool last_of_day =
        i + 1 == run.keys.size() || market::key_date(run.keys[i + 1]) != market::key_date(run.keys[i]);
    if (!last_of_day) continue;
    const double end = run.equity[i].to_double();
    out.push_back(before > 0 ? end / before - 1 : 0);
    before = end;
  }
  return out;
}

}  // namespace

void fill_result(const RunFigures& run, const SweepWants& wants, market::Timeframe timeframe, bool every_day,
                 SweepResult& out) {
  out.final_equity = run.final_equity;
  out.fees = run.fees;
  out.dividends = run.dividends;
  out.trades = trade_statistics(run.trades);
  out.open_positions = run.open_positions;
  out.exposure = static_cast<double>(run.invested) / static_cast<double>(run.keys.size());
  out.digest = digest_of(run);
  if (wants.statistics)
    out.statistics = equity_statistics(run.keys, run.equity, run.initial_cash, timeframe, every_day);
  if (wants.returns) out.returns = returns_of(run);
}

}  // namespace argosy::backtest
