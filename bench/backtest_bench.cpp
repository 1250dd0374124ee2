// How fast one symbol is backtested: 1,000,000 minute bars, SMA(10)/SMA(30) cross with orders, fees and equity,
// indicators included, loading apart. The result is compared with a plain loop over doubles before anything is timed.
//
//   backtest_bench [--json] [--bars FILE]     FILE: write the bars as CSV, for peers to run on
#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string_view>
#include <vector>

#include "backtest/simulate.hpp"
#include "core/clock.hpp"
#include "core/json.hpp"
#include "core/rng.hpp"
#include "market/bar.hpp"
#include "strategy/signals.hpp"

namespace {

namespace backtest = argosy::backtest;
namespace core = argosy::core;
namespace data = argosy::data;
namespace market = argosy::market;
namespace strategy = argosy::strategy;

constexpr std::size_t kBars = 1'000'000;
constexpr int kRuns = 11;
constexpr double kGoal = 20e6;  // bars a second on one core
constexpr std::int64_t kMinute = 60'000'000'000;

// A random walk in eighths: sums of such prices are exact in binary, so no library's rounding decides whether two
// averages are equal, and all must find the same crossings.
data::SymbolData make_bars() {
  core::Rng rng(7);
  data::SymbolData out{.timeframe = market::Timeframe(1, market::TimeframeUnit::kMinute)};
  out.instrument.symbol = "WALK";
  out.bars.reserve(kBars);
  std::int64_t close = 800;
  const std::int64_t start = market::date_key(core::Date::from_ymd(2020, 1, 1));
  for (std::size_t i = 0; i < kBars; ++i) {
    const auto step = [&](std::uint64_t width) { return static_cast<std::int64_t>(rng.below(width)); };
    const std::int64_t open = std::max<std::int64_t>(80, close + step(3) - 1);
    close = std::max<std::int64_t>(80, open + step(7) - 3);
    const std::int64_t high = std::max(open, close) + step(4);
    const std::int64_t low = std::min(open, close) - step(4);
    const auto eighths = [](std::int64_t value) { return core::Price::from_units(value * 125'000'000); };
    out.bars.push_back({.key = start + static_cast<std::int64_t>(i) * kMinute,
                        .open = eighths(open),
                        .high = eighths(high),
                        .low = eighths(low),
                        .close = eighths(close),
                        .volume = static_cast<double>(100 + rng.below(900))});
  }
  out.factors.price.assign(kBars, 1.0);
  out.factors.split.assign(kBars, 1.0);
  return out;
}

struct Outcome {
  std::size_t trades = 0;
  double equity = 0;
};

// The same strategy as anybody would write it: rolling sums, a position, cash.
Outcome reference(const market::BarColumns& bars) {
  std::vector<double> fast(kBars, std::nan(""));
  std::vector<double> slow(kBars, std::nan(""));
  const auto average = [&](std::vector<double>& out, std::size_t length) {
    for (std::size_t i = length - 1; i < kBars; ++i) {
      std::int64_t sum = 0;
      for (std::size_t j = i + 1 - length; j <= i; ++j) sum += bars.close[j].units() / 125'000'000;
      out[i] = static_cast<double>(sum) / 8.0 / static_cast<double>(length);
    }
  };
  average(fast, 10);
  average(slow, 30);
  Outcome out;
  double cash = 10e6;
  double shares = 0;
  int pending = 0;
  for (std::size_t i = 1; i < kBars; ++i) {
    const double open = bars.open[i].to_double();
    if (pending > 0) {
      shares = 100;
      cash -= 100 * open * 1.001;
    } else if (pending < 0) {
      cash += shares * open * 0.999;
      shares = 0;
      ++out.trades;
    }
    pending = 0;
    const bool above = fast[i] > slow[i] && fast[i - 1] <= slow[i - 1];
    const bool below = fast[i] < slow[i] && fast[i - 1] >= slow[i - 1];
    if (above && shares == 0) pending = 1;
    if (below && shares > 0) pending = -1;
  }
  out.equity = cash + shares * bars.close[kBars - 1].to_double();
  return out;
}

struct Timing {
  double signals = 0;  // seconds
  double simulation = 0;
};

double seconds_since(const core::Clock& clock, core::Duration start) {
  return static_cast<double>((clock.monotonic() - start).count()) / 1e9;
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

void write_bars(const char* path, const market::BarColumns& bars) {
  std::FILE* file = std::fopen(path, "w");
  if (file == nullptr) return;
  fmt::print(file, "time,open,high,low,close,volume\n");
  for (std::size_t i = 0; i < bars.size(); ++i) {
    fmt::print(file, "{},{},{},{},{},{}\n", core::format_rfc3339(market::key_instant(bars.key[i])),
               bars.open[i].to_string(), bars.high[i].to_string(), bars.low[i].to_string(), bars.close[i].to_string(),
               bars.volume[i]);
  }
  std::fclose(file);
}

int run(bool json, const char* bars_path) {
  const core::SystemClock clock;
  const data::SymbolData data = make_bars();
  if (bars_path != nullptr) write_bars(bars_path, data.bars);

  const auto file = strategy::parse_strategy(
      "name: cross\nbuy: cross_above(sma(close, 10), sma(close, 30))\nsell: cross_below(sma(close, 10), sma(close, "
      "30))\n"
      "size: {shares: 100}\ncommission_percent: 0.1\n",
      "cross.yaml");
  if (!file) return fmt::print(stderr, "{}\n", file.error().describe()), 1;
  const auto compiled = *strategy::compile_strategy(*file);
  const core::Panel panel = data::make_panel({&data, 1}, compiled.plan().fields(), data::PriceMode::kAdjusted);
  const backtest::SimulationSettings settings{
      .engine = {.account = {.cash = core::Money::from_integer(10'000'000)}, .fees = file->fees, .size = file->size}};

  Timing timing;
  backtest::Simulation result;
  const auto once = [&] {
    const auto start = clock.monotonic();
    const auto signals = strategy::evaluate_signals(compiled, panel.entity(0));
    timing.signals = seconds_since(clock, start);
    const backtest::Feed feed{&data, signals.bits};
    const auto middle = clock.monotonic();
    result = backtest::simulate(settings, {&feed, 1});
    timing.simulation = seconds_since(clock, middle);
  };

  once();
  const Outcome expected = reference(data.bars);
  const double equity = result.equity.back().to_double();
  if (result.trades.size() != expected.trades || std::abs(equity - expected.equity) > 1e-9 * expected.equity) {
    fmt::print(stderr, "wrong result: {} trades and {}, the plain loop has {} and {}\n", result.trades.size(), equity,
               expected.trades, expected.equity);
    return 1;
  }

  std::vector<double> totals;
  std::vector<double> signals;
  for (int i = 0; i < kRuns; ++i) {
    once();
    totals.push_back(timing.signals + timing.simulation);
    signals.push_back(timing.signals);
  }
  const double speed = static_cast<double>(kBars) / median(totals);
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const double megabytes = static_cast<double>(usage.ru_maxrss) / 1024;
  if (json) {
    core::JsonWriter out(2);
    out.begin_object()
        .key("bars")
        .value(kBars)
        .key("trades")
        .value(result.trades.size())
        .key("final_equity")
        .value(result.equity.back());
    out.key("seconds")
        .value(median(totals))
        .key("bars_a_second")
        .value(speed)
        .key("peak_megabytes")
        .value(megabytes)
        .end_object();
    fmt::print("{}\n", std::move(out).take());
    return 0;
  }
  fmt::print("{} minute bars, SMA(10)/SMA(30) cross, {} trades, final equity {} (equal to a plain loop)\n", kBars,
             result.trades.size(), result.equity.back().to_string());
  fmt::print("  median of {} runs: {:.1f} ms, of that indicators and signals {:.1f} ms\n", kRuns, median(totals) * 1e3,
             median(signals) * 1e3);
  fmt::print("  {:.1f} million bars a second on one core; goal {:.0f} million: {:.2f} of it\n", speed / 1e6,
             kGoal / 1e6, speed / kGoal);
  fmt::print("  peak memory {:.0f} MB\n", megabytes);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  bool json = false;
  const char* bars = nullptr;
  for (int i = 1; i < argc; ++i) {
    if (std::string_view(argv[i]) == "--json") json = true;
    if (std::string_view(argv[i]) == "--bars" && i + 1 < argc) bars = argv[++i];
  }
  return run(json, bars);
}
