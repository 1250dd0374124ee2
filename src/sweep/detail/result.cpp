#include "sweep/detail/result.hpp"

#include "market/bar.hpp"

namespace argosy::sweep {
namespace {

// Mixes one 64-bit integer into another: what differs in one bit differs in about half of those of the result. It tells
// results apart, it does not guard against forgery.
std::uint64_t mix(std::uint64_t state, std::uint64_t value) {
  constexpr std::uint64_t kOdd = 0x9E37'79B9'7F4A'7C15;
  const auto product = static_cast<unsigned __int128>(state ^ value) * kOdd;
  return static_cast<std::uint64_t>(product) + static_cast<std::uint64_t>(product >> 64U) + kOdd;
}

std::uint64_t digest_of(const RunFigures& run) {
  std::uint64_t digest = 0x243F'6A88'85A3'08D3;  // of pi: any start but zero
  for (const engine::Trade& trade : run.trades) {
    // The fields of a trade are mixed side by side, so that none waits for the one before.
    std::uint64_t sum = 0;
    std::uint64_t place = 1;
    for (const std::int64_t value :
         {static_cast<std::int64_t>(trade.instrument), static_cast<std::int64_t>(trade.side), trade.entry_key,
          trade.entry_price.units(), trade.exit_key, trade.exit_price.units(), trade.quantity.units(),
          trade.fees.units(), trade.profit.units(), trade.dividends.units(),
          static_cast<std::int64_t>(trade.entry_reason), static_cast<std::int64_t>(trade.exit_reason)}) {
      sum += mix(place, static_cast<std::uint64_t>(value));
      place += 0xD1B5'4A32'D192'ED03;
    }
    digest = mix(digest, sum);
  }
  for (const core::Money amount : {run.final_equity, run.fees, run.dividends})
    digest = mix(digest, static_cast<std::uint64_t>(amount.units()));
  return digest;
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
  out.trades = backtest::trade_statistics(run.trades);
  out.open_positions = run.open_positions;
  out.exposure = static_cast<double>(run.invested) / static_cast<double>(run.keys.size());
  out.digest = digest_of(run);
  if (wants.statistics)
    out.statistics = backtest::equity_statistics(run.keys, run.equity, run.initial_cash, timeframe, every_day);
  if (wants.returns) out.returns = returns_of(run);
}

}  // namespace argosy::sweep
