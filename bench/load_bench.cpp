// How fast bars come out of the lake: 1,000,000 minute bars of one symbol into columns.
//
//   load_bench [--json FOLDER SYMBOL]     FOLDER: a lake that holds the symbol's minute bars
//
// Without arguments it makes a lake of its own in a temporary folder and compares what it loads with what it stored.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "core/files.hpp"
#include "core/json.hpp"
#include "core/rng.hpp"
#include "lake/lake.hpp"

namespace {

namespace core = argosy::core;
namespace lake = argosy::lake;
namespace market = argosy::market;

constexpr std::size_t kBars = 1'000'000;
constexpr int kRuns = 11;
const market::Timeframe kMinutes(1, market::TimeframeUnit::kMinute);

market::BarColumns make_bars() {
  core::Rng rng(11);
  market::BarColumns out;
  const std::int64_t start = market::date_key(core::Date::from_ymd(2020, 1, 1));
  for (std::size_t i = 0; i < kBars; ++i) {
    const auto price = core::Price::from_units(static_cast<std::int64_t>(10'000 + rng.below(10'000)) * 10'000'000);
    out.push_back({.key = start + static_cast<std::int64_t>(i) * 60'000'000'000,
                   .open = price,
                   .high = price,
                   .low = price,
                   .close = price,
                   .volume = static_cast<double>(rng.below(10'000))});
  }
  return out;
}

struct Loaded {
  std::size_t rows = 0;
  std::int64_t close_units = 0;  // the sum of all closes, so that a wrong load is seen
  double seconds = 0;            // median
};

core::Result<Loaded> time_loading(const lake::Lake& lake, const std::string& symbol) {
  const core::SystemClock clock;
  Loaded out;
  std::vector<double> seconds;
  for (int i = 0; i <= kRuns; ++i) {
    const auto start = clock.monotonic();
    ARGOSY_TRY(const lake::Snapshot snapshot, lake.snapshot());
    ARGOSY_TRY(const market::BarColumns bars, snapshot.load(symbol, kMinutes, std::nullopt, std::nullopt));
    if (i > 0) seconds.push_back(static_cast<double>((clock.monotonic() - start).count()) / 1e9);
    out.rows = bars.size();
    out.close_units = 0;
    for (const core::Price close : bars.close) out.close_units += close.units() / 1'000'000;
  }
  std::ranges::sort(seconds);
  out.seconds = seconds[seconds.size() / 2];
  return out;
}

core::Result<void> run_own() {
  static const core::SystemClock clock;
  const auto folder = std::filesystem::temp_directory_path() /
                      fmt::format("argosy-load-bench-{}", clock.now().time_since_epoch().count());
  std::filesystem::create_directories(folder);
  const lake::LakeOptions options{.folder = (folder / "lake").string()};
  const market::BarColumns bars = make_bars();
  ARGOSY_TRY_VOID(lake::Lake::create(options, core::system_files()));
  ARGOSY_TRY(const lake::Lake lake, lake::Lake::open(options, core::system_files(), clock));
  const auto start = clock.monotonic();
  {
    ARGOSY_TRY(lake::Transaction transaction, lake.begin());
    ARGOSY_TRY_VOID(transaction.put("WALK", kMinutes, bars));
    ARGOSY_TRY_VOID(transaction.commit());
  }
  const double stored = static_cast<double>((clock.monotonic() - start).count()) / 1e9;
  ARGOSY_TRY(const Loaded loaded, time_loading(lake, "WALK"));
  std::filesystem::remove_all(folder);
  std::int64_t expected = 0;
  for (const core::Price close : bars.close) expected += close.units() / 1'000'000;
  if (loaded.rows != kBars || loaded.close_units != expected)
    return core::fail(core::ErrorCode::kCorrupt, "what was loaded is not what was stored");
  fmt::print("{} minute bars stored in {:.0f} ms, loaded in {:.1f} ms (median of {}): {:.1f} million bars a second\n",
             kBars, stored * 1e3, loaded.seconds * 1e3, kRuns, static_cast<double>(kBars) / loaded.seconds / 1e6);
  return {};
}

core::Result<void> run_given(const std::string& folder, const std::string& symbol) {
  static const core::SystemClock clock;
  ARGOSY_TRY(const lake::Lake lake, lake::Lake::open({.folder = folder}, core::system_files(), clock));
  ARGOSY_TRY(const Loaded loaded, time_loading(lake, symbol));
  core::JsonWriter json(2);
  json.begin_object()
      .key("rows")
      .value(loaded.rows)
      .key("close_units")
      .value(loaded.close_units)
      .key("seconds")
      .value(loaded.seconds)
      .end_object();
  fmt::print("{}\n", std::move(json).take());
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  const auto done = argc == 4 && std::string_view(argv[1]) == "--json" ? run_given(argv[2], argv[3]) : run_own();
  if (done) return 0;
  fmt::print(stderr, "{}\n", done.error().describe());
  return 1;
}
