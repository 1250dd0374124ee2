// How fast settings of a strategy are swept, formulas included, loading apart: an average cross with a stop loss,
//
//   large    10,000 settings (25 fast, 40 slow, 10 stops) x 200,000 minute bars
//   small    1,000 settings (10, 10, 10) x 100,000
//
// by one worker and by two. First a sample of the settings is run as whole backtests, by the core: final equity, fees
// and trades must be equal. Fails below its gates, and above the memory of its goal.
//
//   sweep_bench [--json] [--only CASE] [--no-stops] [--bars FILE]     FILE: write the bars as CSV, for peers to run on
#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "backtest/backtest.hpp"
#include "core/clock.hpp"
#include "core/json.hpp"
#include "core/rng.hpp"
#include "lake/lake.hpp"
#include "market/bar.hpp"
#include "sweep/sweep.hpp"

namespace {

namespace backtest = argosy::backtest;
namespace sweep = argosy::sweep;
namespace core = argosy::core;
namespace data = argosy::data;
namespace market = argosy::market;
namespace strategy = argosy::strategy;

constexpr std::int64_t kMinute = 60'000'000'000;
constexpr std::size_t kMegabyte = 1'000'000;
constexpr std::size_t kBudget = 300 * kMegabyte;
constexpr double kGoalSeconds = 4;  // of the large case, by two workers
constexpr double kGoalMegabytes = 300;

// A walk in eighths, as in backtest_bench: sums of such prices are exact, so that every library finds the same
// crossings.
data::SymbolData make_bars(std::size_t count) {
  core::Rng rng(7);
  data::SymbolData out{.timeframe = market::Timeframe(1, market::TimeframeUnit::kMinute)};
  out.instrument.symbol = "WALK";
  out.bars.reserve(count);
  std::int64_t close = 2'400;
  const std::int64_t start = market::date_key(core::Date::from_ymd(2020, 1, 1));
  for (std::size_t i = 0; i < count; ++i) {
    const auto step = [&](std::uint64_t width) { return static_cast<std::int64_t>(rng.below(width)); };
    const auto eighths = [](std::int64_t value) { return core::Price::from_units(value * 125'000'000); };
    const std::int64_t open = std::max<std::int64_t>(800, close + step(3) - 1);
    close = std::max<std::int64_t>(800, open + step(7) - 3);
    const std::int64_t high = std::max(open, close) + step(4);
    const std::int64_t low = std::min(open, close) - step(4);
    out.bars.push_back({.key = start + static_cast<std::int64_t>(i) * kMinute,
                        .open = eighths(open),
                        .high = eighths(high),
                        .low = eighths(low),
                        .close = eighths(close),
                        .volume = static_cast<double>(100 + rng.below(900))});
  }
  out.factors.price.assign(count, 1.0);
  out.factors.split.assign(count, 1.0);
  return out;
}

constexpr std::string_view kStrategy =
    "name: cross\n"
    "params: {fast: 10, slow: 30, stop: 0.02}\n"
    "timeframe: 1m\n"
    "buy: cross_above(sma(close, fast), sma(close, slow))\n"
    "sell: cross_below(sma(close, fast), sma(close, slow))\n"
    "stop_loss: stop\n"
    "size: {shares: 100}\n"
    "commission_percent: 0.1\n";

struct Case {
  std::string_view name;
  std::size_t bars = 0;
  int fasts = 0;
  int slows = 0;
  int stops = 0;
  int runs = 0;
  double gate = 0;  // setting-bars a second of a processor, by one worker: 60 % of what was measured
};

std::vector<sweep::SweepSetting> make_settings(const Case& c, bool stops) {
  constexpr double kNeverReached = 0.99;
  std::vector<sweep::SweepSetting> out;
  for (int fast = 0; fast < c.fasts; ++fast) {
    for (int slow = 0; slow < c.slows; ++slow) {
      for (int stop = 1; stop <= c.stops; ++stop)
        out.push_back({static_cast<double>(5 + 2 * fast), static_cast<double>(60 + 5 * slow),
                       stops ? stop * 0.005 : kNeverReached});
    }
  }
  return out;
}

struct Timing {
  double one = 0;  // seconds by one worker
  double two = 0;
  double one_processor = 0;  // seconds of processors: what the clock says where nobody else works
  double two_processors = 0;
  double megabytes = 0;
  std::int64_t trades = 0;
  std::size_t settings = 0;
  std::vector<sweep::SweepResult> results;
};

// Not of getrusage(), which counts what the program that started this one held.
double peak_megabytes() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    double kibibytes = 0;
    if (word == "VmHWM:" && status >> kibibytes) return kibibytes * 1024 / kMegabyte;
  }
  return 0;
}

double processor_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

bool matches_core(const sweep::Sweep& sweep, const std::shared_ptr<const backtest::MarketData>& market,
                  std::span<const sweep::SweepSetting> settings, std::span<const sweep::SweepResult> results) {
  const argosy::lake::Snapshot none(nullptr);  // no formula looks beyond the symbol
  constexpr std::size_t kSample = 23;
  for (std::size_t s = 0; s < kSample; ++s) {
    const std::size_t k = s * (settings.size() - 1) / (kSample - 1);
    const auto expected = backtest::run_backtest(*sweep.request(settings[k]), market, none);
    const sweep::SweepResult& got = results[k];
    if (!expected || got.error || got.engine != sweep::SweepEngine::kKernel) {
      fmt::print(stderr, "setting {} was not run by the kernel: {}\n", k, got.why_core);
      return false;
    }
    if (got.final_equity == expected->run.equity.back() && got.fees == expected->run.fees &&
        got.trades.trades == expected->trade_statistics.trades)
      continue;
    fmt::print(stderr, "setting {}: {} trades and {}, the core has {} and {}\n", k, got.trades.trades,
               got.final_equity.to_string(), expected->trade_statistics.trades,
               expected->run.equity.back().to_string());
    return false;
  }
  return true;
}

// Nothing when a result is not what the core says.
std::optional<Timing> measure(const Case& c, const std::shared_ptr<const backtest::MarketData>& market, bool stops) {
  const core::SystemClock clock;
  const argosy::lake::Snapshot none(nullptr);
  const std::vector<sweep::SweepSetting> settings = make_settings(c, stops);
  const auto file = strategy::parse_strategy(kStrategy, "cross.yaml");
  if (!file) return fmt::print(stderr, "{}\n", file.error().describe()), std::nullopt;
  backtest::BacktestRequest base{.strategy = *file, .symbols = {"WALK"}, .timeframe = market->timeframe};
  base.cash = core::Money::from_integer(10'000'000);
  Timing timing{.settings = settings.size()};
  for (const int workers : {1, 2}) {
    const auto sweep = sweep::Sweep::make(
        {.base = base, .parameters = {"fast", "slow", "stop"}, .memory = kBudget, .workers = workers}, market, none);
    std::vector<double> seconds;
    std::vector<double> processors;
    for (int run = 0; run < c.runs; ++run) {
      const auto start = clock.monotonic();
      const double before = processor_seconds();
      auto results = sweep->evaluate(settings);
      processors.push_back(processor_seconds() - before);
      seconds.push_back(static_cast<double>((clock.monotonic() - start).count()) / 1e9);
      if (!results) return fmt::print(stderr, "{}\n", results.error().describe()), std::nullopt;
      timing.results = *std::move(results);
    }
    (workers == 1 ? timing.one : timing.two) = median(seconds);
    (workers == 1 ? timing.one_processor : timing.two_processors) = median(processors);
    timing.megabytes = peak_megabytes();
    if (workers == 1 && !matches_core(*sweep, market, settings, timing.results)) return std::nullopt;
  }
  for (const sweep::SweepResult& result : timing.results) timing.trades += result.trades.trades;
  return timing;
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

void write_json(const Case& c, const Timing& t, bool stops) {
  core::JsonWriter out(2);
  out.begin_object().key("name").value(c.name).key("bars").value(c.bars).key("settings").value(t.settings);
  out.key("trades").value(t.trades).key("seconds_one_worker").value(t.one).key("seconds_two_workers").value(t.two);
  out.key("processor_seconds_one_worker").value(t.one_processor);
  out.key("peak_megabytes").value(t.megabytes).key("results").begin_array();
  const auto settings = make_settings(c, stops);
  for (std::size_t k = 0; k < settings.size(); ++k) {
    out.begin_object().key("fast").value(settings[k][0]).key("slow").value(settings[k][1]);
    out.key("stop").value(settings[k][2]).key("trades").value(t.results[k].trades.trades);
    out.key("final_equity").value(t.results[k].final_equity).end_object();
  }
  out.end_array().end_object();
  fmt::print("{}\n", std::move(out).take());
}

struct Options {
  bool json = false;
  bool stops = true;  // false: their levels are never reached
  const char* bars = nullptr;
  std::string_view only;
};

int run(const Options& options) {
  constexpr Case kCases[] = {
      {.name = "large", .bars = 200'000, .fasts = 25, .slows = 40, .stops = 10, .runs = 3, .gate = 500e6},
      {.name = "small", .bars = 100'000, .fasts = 10, .slows = 10, .stops = 10, .runs = 5, .gate = 415e6}};
  bool fine = true;
  for (const Case& c : kCases) {
    if (!options.only.empty() && options.only != c.name) continue;
    backtest::MarketData loaded{.symbols = {make_bars(c.bars)}, .detail = {}, .rates = {}, .currency = "USD"};
    loaded.timeframe = loaded.fill_timeframe = loaded.symbols[0].timeframe;
    const auto market = std::make_shared<const backtest::MarketData>(std::move(loaded));
    if (options.bars != nullptr) write_bars(options.bars, market->symbols[0].bars);
    const auto timing = measure(c, market, options.stops);
    if (!timing) return 1;
    if (options.json) {
      write_json(c, *timing, options.stops);
      continue;
    }
    const double work = static_cast<double>(c.bars * timing->settings);
    fmt::print("{}: {} settings x {} bars, {} trades (a sample equal to the core)\n", c.name, timing->settings, c.bars,
               timing->trades);
    const auto line = [&](std::string_view who, double seconds, double processors) {
      fmt::print("  {} {:.2f} s ({:.2f} s of processors), {:.0f} million setting-bars a second\n", who, seconds,
                 processors, work / seconds / 1e6);
    };
    line("1 worker ", timing->one, timing->one_processor);
    line("2 workers", timing->two, timing->two_processors);
    fmt::print("  peak memory {:.0f} MB, goal {:.0f}: {:.2f} of it\n", timing->megabytes, kGoalMegabytes,
               timing->megabytes / kGoalMegabytes);
    if (c.name == "large")
      fmt::print("  2 workers: goal {:.0f} s: {:.2f} of it\n", kGoalSeconds, timing->two / kGoalSeconds);
    if (work / timing->one_processor < c.gate) {
      fmt::print(stderr, "{}: below its gate of {:.0f} million setting-bars a second of a processor\n", c.name,
                 c.gate / 1e6);
      fine = false;
    }
    if (timing->megabytes > kGoalMegabytes) {
      fmt::print(stderr, "{}: more memory than the budget of {:.0f} MB\n", c.name, kGoalMegabytes);
      fine = false;
    }
  }
  return fine ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word(argv[i]);
    if (word == "--json") options.json = true;
    if (word == "--no-stops") options.stops = false;
    if (word == "--bars" && i + 1 < argc) options.bars = argv[++i];
    if (word == "--only" && i + 1 < argc) options.only = argv[++i];
  }
  return run(options);
}
