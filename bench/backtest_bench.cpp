// How fast strategies are backtested, indicators included, loading apart:
//
//   plain      1,000,000 minute bars of one symbol, SMA(10)/SMA(30) cross at the market, with fees and equity
//   all on     the same entered by limits, with stop, target and a volume cap
//   portfolio  500 symbols of 2,520 days, the cross on each, out of one account
//
// Each result is compared with a plain loop over the bars before anything is timed.
//
//   backtest_bench [--json] [--only CASE] [--bars FILE]     FILE: write the bars as CSV, for peers to run on
#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <span>
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

constexpr std::int64_t kMinute = 60'000'000'000;
constexpr std::int64_t kDay = 86'400'000'000'000;
constexpr std::int64_t kEighth = 125'000'000;  // of a price
constexpr double kFee = 0.001;

// A random walk in eighths: sums of such prices are exact in binary, so no library's rounding decides whether two
// averages are equal, and all must find the same crossings.
data::SymbolData make_bars(std::size_t count, std::uint64_t seed, std::int64_t length) {
  core::Rng rng(seed);
  const auto unit = length == kDay ? market::TimeframeUnit::kDay : market::TimeframeUnit::kMinute;
  data::SymbolData out{.timeframe = market::Timeframe(1, unit)};
  out.instrument.symbol = fmt::format("WALK{}", seed);
  out.bars.reserve(count);
  std::int64_t close = 800;
  const std::int64_t start = market::date_key(core::Date::from_ymd(2020, 1, 1));
  for (std::size_t i = 0; i < count; ++i) {
    const auto step = [&](std::uint64_t width) { return static_cast<std::int64_t>(rng.below(width)); };
    const std::int64_t open = std::max<std::int64_t>(80, close + step(3) - 1);
    close = std::max<std::int64_t>(80, open + step(7) - 3);
    const std::int64_t high = std::max(open, close) + step(4);
    const std::int64_t low = std::min(open, close) - step(4);
    const auto eighths = [](std::int64_t value) { return core::Price::from_units(value * kEighth); };
    out.bars.push_back({.key = start + static_cast<std::int64_t>(i) * length,
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

struct Outcome {
  std::size_t trades = 0;
  double equity = 0;
};

struct Crossings {
  std::vector<bool> above;
  std::vector<bool> below;
};

Crossings find_crossings(const market::BarColumns& bars) {
  const std::size_t count = bars.size();
  const auto average = [&](std::size_t length) {
    std::vector<double> out(count, std::nan(""));
    for (std::size_t i = length - 1; i < count; ++i) {
      std::int64_t sum = 0;
      for (std::size_t j = i + 1 - length; j <= i; ++j) sum += bars.close[j].units() / kEighth;
      out[i] = static_cast<double>(sum) / 8.0 / static_cast<double>(length);
    }
    return out;
  };
  const auto fast = average(10);
  const auto slow = average(30);
  Crossings out{.above = std::vector<bool>(count), .below = std::vector<bool>(count)};
  for (std::size_t i = 1; i < count; ++i) {
    out.above[i] = fast[i] > slow[i] && fast[i - 1] <= slow[i - 1];
    out.below[i] = fast[i] < slow[i] && fast[i - 1] >= slow[i - 1];
  }
  return out;
}

// As anybody would write it: a position, cash, orders for the next open.
Outcome plain_loop(const market::BarColumns& bars, double cash, double size) {
  const Crossings crossings = find_crossings(bars);
  Outcome out;
  double shares = 0;
  int pending = 0;
  for (std::size_t i = 1; i < bars.size(); ++i) {
    const double open = bars.open[i].to_double();
    if (pending > 0) {
      shares = size;
      cash -= size * open * (1 + kFee);
    } else if (pending < 0) {
      cash += shares * open * (1 - kFee);
      shares = 0;
      ++out.trades;
    }
    pending = crossings.above[i] && shares == 0 ? 1 : crossings.below[i] && shares > 0 ? -1 : 0;
  }
  out.equity = cash + shares * bars.close.back().to_double();
  return out;
}

// The same with a limit a tenth of a percent below the close, good until the averages cross back, a stop two percent
// below the entry and a target four above it; levels in cents, rounded away. No bar has less than twenty times the
// volume that is bought, so the cap is looked at and never binds, not for an entry and its exit in one bar either.
Outcome loop_with_levels(const market::BarColumns& bars, double cash, double size) {
  constexpr std::int64_t kCent = 10'000'000;
  const Crossings crossings = find_crossings(bars);
  const auto scaled = [](std::int64_t price, std::int64_t thousandths) { return price * thousandths / 1000; };
  const auto floor_cent = [](std::int64_t price) { return price / kCent * kCent; };
  const auto ceil_cent = [](std::int64_t price) { return (price + kCent - 1) / kCent * kCent; };
  Outcome out;
  bool held = false;
  bool leaves = false;
  std::int64_t limit = 0;
  std::int64_t stop = 0;
  std::int64_t target = 0;
  const auto buy = [&](std::int64_t price) {
    held = true;
    limit = 0;
    cash -= size * static_cast<double>(price) / 1e9 * (1 + kFee);
    stop = floor_cent(scaled(price, 980));
    target = ceil_cent(scaled(price, 1040));
  };
  const auto sell = [&](std::int64_t price) {
    held = leaves = false;
    cash += size * static_cast<double>(price) / 1e9 * (1 - kFee);
    ++out.trades;
  };
  for (std::size_t i = 1; i < bars.size(); ++i) {
    const std::int64_t open = bars.open[i].units();
    const std::int64_t high = bars.high[i].units();
    const std::int64_t low = bars.low[i].units();
    const std::int64_t close = bars.close[i].units();
    if (held && (leaves || open >= target || open <= stop)) {
      sell(open);
    } else if (held && low <= stop) {
      sell(stop);
    } else if (held && high >= target) {
      sell(target);
    } else if (!held && limit > 0 && open <= limit) {
      buy(open);
      if (low <= stop) {
        sell(stop);
      } else if (high >= target) {
        sell(target);
      }
    } else if (!held && limit > 0 && low <= limit) {
      // Entered within the bar: its low may have come after, its high before.
      buy(limit);
      if (low <= stop) {
        sell(stop);
      } else if (close >= target) {
        sell(target);
      }
    }
    if (held) {
      leaves = leaves || crossings.below[i];
    } else if (crossings.above[i] && limit == 0) {
      limit = floor_cent(scaled(close, 999));
    } else if (crossings.below[i]) {
      limit = 0;
    }
  }
  out.equity = cash + (held ? size * bars.close.back().to_double() : 0);
  return out;
}

constexpr std::string_view kRules =
    "buy: cross_above(sma(close, 10), sma(close, 30))\nsell: cross_below(sma(close, 10), sma(close, 30))\n"
    "commission_percent: 0.1\n";

struct Case {
  std::string_view name;
  std::string_view more;  // of the strategy file
  std::vector<data::SymbolData> symbols;
  double cash = 0;
  double size = 0;
  Outcome (*loop)(const market::BarColumns& bars, double cash, double size) = nullptr;
  argosy::venue::ExchangeSettings exchange = {};
  int runs = 11;
  double goal = 0;  // bars a second on one core
};

struct Timing {
  double signals = 0;  // seconds
  double total = 0;
  std::size_t bars = 0;
  Outcome outcome;
  [[nodiscard]] double speed() const { return static_cast<double>(bars) / total; }
};

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

// Nothing when the result is not what the plain loop says.
std::optional<Timing> measure(const Case& c) {
  const core::SystemClock clock;
  const auto since = [&](core::Duration start) {
    return static_cast<double>((clock.monotonic() - start).count()) / 1e9;
  };
  const auto file = strategy::parse_strategy(
      fmt::format("name: cross\n{}{}size: {{shares: {}}}\n", kRules, c.more, c.size), "cross.yaml");
  if (!file) return fmt::print(stderr, "{}\n", file.error().describe()), std::nullopt;
  const auto compiled = *strategy::compile_strategy(*file);
  const core::Panel panel = data::make_panel(c.symbols, compiled.plan().fields(), data::PriceMode::kAdjusted);
  const backtest::SimulationSettings settings{.engine = {.account = {.cash = *core::Money::from_double(c.cash)},
                                                         .fees = file->fees,
                                                         .size = file->size,
                                                         .order = file->order,
                                                         .bracket = compiled.bracket,
                                                         .columns = compiled.columns},
                                              .exchange = c.exchange};
  backtest::Simulation result;
  Timing timing;
  const auto once = [&] {
    const auto start = clock.monotonic();
    std::vector<strategy::Signals> signals;
    std::vector<backtest::Feed> feeds;
    for (std::size_t i = 0; i < c.symbols.size(); ++i)
      signals.push_back(strategy::evaluate_signals(compiled, panel.entity(i)));
    timing.signals = since(start);
    for (std::size_t i = 0; i < c.symbols.size(); ++i)
      feeds.push_back({.data = &c.symbols[i], .signals = signals[i].bits, .columns = signals[i].columns});
    result = backtest::simulate(settings, feeds);
    return since(start);
  };
  once();
  Outcome expected{.equity = c.cash};
  for (const data::SymbolData& symbol : c.symbols) {
    const Outcome one = c.loop(symbol.bars, c.cash, c.size);
    expected.trades += one.trades;
    expected.equity += one.equity - c.cash;
    timing.bars += symbol.bars.size();
  }
  timing.outcome = {.trades = result.trades.size(), .equity = result.equity.back().to_double()};
  if (timing.outcome.trades != expected.trades ||
      std::abs(timing.outcome.equity - expected.equity) > 1e-9 * expected.equity) {
    fmt::print(stderr, "{}: wrong result: {} trades and {}, the plain loop has {} and {}\n", c.name,
               timing.outcome.trades, timing.outcome.equity, expected.trades, expected.equity);
    return std::nullopt;
  }
  std::vector<double> totals;
  std::vector<double> signals;
  for (int i = 0; i < c.runs; ++i) {
    totals.push_back(once());
    signals.push_back(timing.signals);
  }
  timing.total = median(totals);
  timing.signals = median(signals);
  return timing;
}

std::vector<Case> make_cases() {
  std::vector<Case> cases(3);
  cases[0] = {.name = "plain",
              .more = "",
              .symbols = {make_bars(1'000'000, 7, kMinute)},
              .cash = 10e6,
              .size = 100,
              .loop = plain_loop,
              .goal = 50e6};
  cases[1] = {.name = "all on",
              .more = "order: {type: limit, limit_offset: 0.1%, time_in_force: gtc}\nstop_loss: 2%\ntake_profit: 4%\n",
              .symbols = cases[0].symbols,
              .cash = 10e6,
              .size = 5,
              .loop = loop_with_levels,
              .exchange = {.volume_cap = *core::Rate::parse("0.1")},
              .goal = 20e6};
  cases[2] = {.name = "portfolio", .more = "", .cash = 1e9, .size = 100, .loop = plain_loop, .goal = 20e6};
  for (std::uint64_t seed = 1; seed <= 500; ++seed) cases[2].symbols.push_back(make_bars(2520, seed, kDay));
  return cases;
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

// The keys of the first case stand at the top: peers run it too.
void write_json(std::span<const Case> cases, std::span<const Timing> timings, double megabytes) {
  core::JsonWriter out(2);
  out.begin_object().key("bars").value(timings[0].bars).key("trades").value(timings[0].outcome.trades);
  out.key("final_equity").value(*core::Money::from_double(timings[0].outcome.equity));
  out.key("seconds").value(timings[0].total).key("bars_a_second").value(timings[0].speed());
  out.key("peak_megabytes").value(megabytes).key("cases").begin_array();
  for (std::size_t k = 0; k < cases.size(); ++k) {
    out.begin_object().key("name").value(cases[k].name).key("bars").value(timings[k].bars);
    out.key("trades").value(timings[k].outcome.trades).key("seconds").value(timings[k].total);
    out.key("bars_a_second").value(timings[k].speed()).key("goal").value(cases[k].goal).end_object();
  }
  out.end_array().end_object();
  fmt::print("{}\n", std::move(out).take());
}

int run(bool json, const char* bars_path, std::string_view only) {
  std::vector<Case> cases = make_cases();
  if (!only.empty()) std::erase_if(cases, [&](const Case& c) { return c.name != only; });
  if (cases.empty()) return fmt::print(stderr, "there is no case {}\n", only), 2;
  if (bars_path != nullptr) write_bars(bars_path, cases[0].symbols.front().bars);
  std::vector<Timing> timings;
  for (const Case& c : cases) {
    const auto timing = measure(c);
    if (!timing) return 1;
    timings.push_back(*timing);
  }
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const double megabytes = static_cast<double>(usage.ru_maxrss) / 1024;
  if (json) return write_json(cases, timings, megabytes), 0;
  for (std::size_t k = 0; k < cases.size(); ++k) {
    const Timing& t = timings[k];
    fmt::print("{}: {} bars of {} symbol{}, {} trades, final equity {} (equal to a plain loop)\n", cases[k].name,
               t.bars, cases[k].symbols.size(), cases[k].symbols.size() == 1 ? "" : "s", t.outcome.trades,
               t.outcome.equity);
    fmt::print("  median of {} runs: {:.1f} ms, of that indicators and signals {:.1f} ms\n", cases[k].runs,
               t.total * 1e3, t.signals * 1e3);
    fmt::print("  {:.1f} million bars a second on one core; goal {:.0f} million: {:.2f} of it\n", t.speed() / 1e6,
               cases[k].goal / 1e6, t.speed() / cases[k].goal);
  }
  fmt::print("peak memory {:.0f} MB\n", megabytes);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  bool json = false;
  const char* bars = nullptr;
  std::string_view only;
  for (int i = 1; i < argc; ++i) {
    if (std::string_view(argv[i]) == "--json") json = true;
    if (std::string_view(argv[i]) == "--bars" && i + 1 < argc) bars = argv[++i];
    if (std::string_view(argv[i]) == "--only" && i + 1 < argc) only = argv[++i];
  }
  return run(json, bars, only);
}
