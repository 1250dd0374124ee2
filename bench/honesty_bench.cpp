// What it costs that a backtest questions itself: look-ahead at sampled bars, intervals, random entries, the cost
// ladder. A golden cross of 10 and 30 minutes over 1,000,000 minute bars, with fees.
//
//   honesty_bench [--json]
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "core/json.hpp"
#include "core/rng.hpp"
#include "honesty/honesty.hpp"
#include "lake/lake.hpp"

namespace {

namespace backtest = argosy::backtest;
namespace honesty = argosy::honesty;
namespace core = argosy::core;
namespace data = argosy::data;
namespace market = argosy::market;
namespace strategy = argosy::strategy;

constexpr std::size_t kBars = 1'000'000;
constexpr int kRuns = 7;
constexpr double kGoal = 0.3;  // seconds, on two cores
constexpr double kGate = 10;   // times one run: the 6.3 that were measured, over 0.6; seconds depend on who else works

data::SymbolData make_bars() {
  core::Rng rng(7);
  data::SymbolData out{.timeframe = market::Timeframe(1, market::TimeframeUnit::kMinute)};
  out.instrument.symbol = "WALK";
  out.bars.reserve(kBars);
  std::int64_t close = 800;
  const std::int64_t start = market::date_key(core::Date::from_ymd(2020, 1, 1));
  for (std::size_t i = 0; i < kBars; ++i) {
    const auto eighths = [](std::int64_t value) { return core::Price::from_units(value * 125'000'000); };
    const auto step = [&](std::uint64_t width) { return static_cast<std::int64_t>(rng.below(width)); };
    const std::int64_t open = std::max<std::int64_t>(80, close + step(3) - 1);
    close = std::max<std::int64_t>(80, open + step(7) - 3);
    out.bars.push_back({.key = start + static_cast<std::int64_t>(i) * 60'000'000'000,
                        .open = eighths(open),
                        .high = eighths(std::max(open, close) + step(4)),
                        .low = eighths(std::min(open, close) - step(4)),
                        .close = eighths(close),
                        .volume = static_cast<double>(100 + rng.below(900))});
  }
  out.factors.price.assign(kBars, 1.0);
  out.factors.split.assign(kBars, 1.0);
  return out;
}

constexpr std::string_view kCross =
    "name: cross\nbuy: cross_above(sma(close, 10), sma(close, 30))\nsell: cross_below(sma(close, 10), sma(close, 30))\n"
    "commission_percent: 0.1\nsize: {shares: 100}\n";

template <class Work>
double median_seconds(Work work) {
  const core::SystemClock clock;
  std::vector<double> seconds;
  for (int run = 0; run < kRuns; ++run) {
    const auto start = clock.monotonic();
    work();
    seconds.push_back(static_cast<double>((clock.monotonic() - start).count()) / 1e9);
  }
  std::ranges::sort(seconds);
  return seconds[seconds.size() / 2];
}

struct Part {
  const char* name;
  double seconds;
};

int run(bool json) {
  backtest::BacktestRequest request{.strategy = *strategy::parse_strategy(kCross, "cross.yaml"), .symbols = {"WALK"}};
  request.timeframe = market::Timeframe(1, market::TimeframeUnit::kMinute);
  request.cash = core::Money::from_integer(10'000'000);
  backtest::MarketData data{.symbols = {},
                            .detail = {},
                            .rates = {},
                            .timeframe = request.timeframe,
                            .fill_timeframe = request.timeframe,
                            .currency = "USD"};
  data.symbols.push_back(make_bars());
  const auto compiled = *strategy::compile_strategy(request.strategy);
  const auto settings = *backtest::make_settings(request, compiled, data);
  const argosy::lake::Snapshot none(nullptr);  // nothing looks beyond the symbol
  const auto signals = *backtest::find_signals(request, compiled, data.symbols, none);
  const auto simulate = [&](const backtest::SimulationSettings& with) {
    return backtest::simulate(with, backtest::make_feeds(data, signals));
  };
  const backtest::Simulation whole = simulate(settings);
  const honesty::FileRun file{request, compiled, settings, data, none, signals, whole};
  const honesty::EntryTestInput entries{request, compiled, settings, data, signals, whole};

  const auto honesty = honesty::check_honesty(file, {});
  if (!honesty || !honesty->look_ahead.leaks.empty() || honesty->costs.rungs.size() != 4 ||
      honesty->costs.rungs[1].final_equity != whole.equity.back() || honesty->luck.estimates.empty()) {
    return fmt::print(stderr, "wrong result\n"), 1;
  }
  const Part parts[] = {
      {"one run", median_seconds([&] { (void)simulate(settings); })},
      {"look-ahead", median_seconds([&] { (void)honesty::check_look_ahead(file, {}); })},
      {"costs", median_seconds([&] { (void)honesty::climb_costs(settings, whole, simulate); })},
      {"random entries", median_seconds([&] { (void)honesty::try_random_entries(entries, 1); })},
      {"luck", median_seconds([&] { (void)honesty::measure_luck(whole, request.timeframe, true, {}); })},
      {"all", median_seconds([&] { (void)honesty::check_honesty(file, {}); })},
  };
  const double one = parts[0].seconds;
  const double all = parts[std::size(parts) - 1].seconds;
  if (json) {
    core::JsonWriter out(2);
    out.begin_object();
    for (const Part& part : parts) out.key(part.name).value(part.seconds);
    out.key("goal").value(kGoal).key("gate").value(kGate).end_object();
    fmt::print("{}\n", std::move(out).take());
  } else {
    fmt::print("{} bars, {} trades, {} of them checked for look-ahead, {} runs with random entries\n", kBars,
               whole.trades.size(), honesty->look_ahead.checked, honesty->entries.replicates);
    for (const Part& part : parts) fmt::print("  {:<16}{:8.1f} ms\n", part.name, part.seconds * 1e3);
    fmt::print("  goal {:.0f} ms: {:.2f} of it; {:.1f} times one run, gate {:.0f}\n", kGoal * 1e3, all / kGoal,
               all / one, kGate);
  }
  if (all <= kGate * one) return 0;
  fmt::print(stderr, "{:.1f} times one run is more than the gate of {:.0f}\n", all / one, kGate);
  return 1;
}

}  // namespace

int main(int argc, char** argv) { return run(argc > 1 && std::string_view(argv[1]) == "--json"); }
