// 10,000 trading services on the simulated feed, one a symbol, a price a second each: from a price to the order that
// follows from it, written and handed to the broker's connection.
//
//   live_bench [--json] [--seconds N] [--services N] [--only core|nothing|real]
//
// Three times: the core alone, on one thread and with a ledger that keeps nothing; with SQLite on a file system whose
// sync does nothing; and with real syncs, whose own histogram stands beside. The last two run as `argosy serve` does:
// feed and paper venue on one thread, trading on another, the ledger on a third, in real time. Every order that was
// sent must be in the ledger and at the venue, and the ledger's books must add up, or the bench fails.
//
// A ledger that keeps nothing is not given rows: what the core does is decide, gate, book and hand over. Its venue sees
// each price later, as it does in the process, where it is another thread.
//
// Goals are of the wall clock, and others who work on the machine lie between a price and its order. Gates are of what
// they do not change: the processor's time of one thread, and bytes.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/json.hpp"
#include "trading_floor.hpp"

namespace argosy {
namespace {

// --- What is told. ---

// A gate is what was measured, over 0.6, on a machine of two busy cores.
struct Figure {
  Mode mode = Mode::kCore;
  const char* key = "";
  const char* text = "";
  double (*value)(Outcome&) = nullptr;
  double goal = 0;  // 0: none
  double gate = 0;
};
constexpr auto kWall = [](Outcome& out, double share) { return percentile(out.us, share); };
constexpr auto kOwn = [](Outcome& out, double share) { return percentile(out.own_us, share); };
double ledger_us_a_commit(Outcome& out) {
  return out.ledger_us / static_cast<double>(std::max<std::int64_t>(out.commits, 1));
}
// However many turns were written together.
double ledger_us_a_row(Outcome& out) {
  return out.ledger_us / static_cast<double>(std::max<std::int64_t>(out.rows, 1));
}
constexpr Figure kFigures[] = {
    {Mode::kCore, "p50_us", "price to order sent, p50 (us)", [](Outcome& out) { return kWall(out, 0.5); }},
    {Mode::kCore, "p99_us", "p99", [](Outcome& out) { return kWall(out, 0.99); }, 20},
    {Mode::kCore, "p99.9_us", "p99.9", [](Outcome& out) { return kWall(out, 0.999); }},
    {Mode::kCore, "own_p50_us", "the thread's own time, p50 (us)", [](Outcome& out) { return kOwn(out, 0.5); }, 0, 15},
    {Mode::kCore, "own_p99_us", "p99", [](Outcome& out) { return kOwn(out, 0.99); }, 20, 75},
    {Mode::kCore, "bytes_a_service", "bytes a service", [](Outcome& out) { return out.bytes_a_service; }, 0, 5'700},
    {Mode::kNoSync, "p50_us", "price to order sent, p50 (us)", [](Outcome& out) { return kWall(out, 0.5); }},
    {Mode::kNoSync, "p99_us", "p99", [](Outcome& out) { return kWall(out, 0.99); }, 1'000},
    {Mode::kNoSync, "p99.9_us", "p99.9", [](Outcome& out) { return kWall(out, 0.999); }},
    {Mode::kNoSync, "ledger_us_a_commit", "the ledger thread's own time a commit (us)", ledger_us_a_commit},
    {Mode::kNoSync, "ledger_us_a_row", "a row (us)", ledger_us_a_row, 0, 63},
    {Mode::kNoSync, "commits_possible", "commits a second that it could do",
     [](Outcome& out) { return 1e6 / ledger_us_a_commit(out); }},
    {Mode::kSync, "p50_us", "price to order sent, p50 (us)", [](Outcome& out) { return kWall(out, 0.5); }},
    {Mode::kSync, "p99_us", "p99", [](Outcome& out) { return kWall(out, 0.99); }},
    {Mode::kSync, "p99.9_us", "p99.9", [](Outcome& out) { return kWall(out, 0.999); }},
    {Mode::kSync, "syncs", "syncs of both databases",
     [](Outcome& out) { return static_cast<double>(out.syncs.size()); }},
    {Mode::kSync, "sync_p50_us", "p50 (us)", [](Outcome& out) { return percentile(out.syncs, 0.5); }},
    {Mode::kSync, "sync_p99_us", "p99", [](Outcome& out) { return percentile(out.syncs, 0.99); }},
    {Mode::kSync, "sync_worst_us", "worst", [](Outcome& out) { return percentile(out.syncs, 1); }},
};

// False where a gate is closed.
bool tell(const Figure& figure, Outcome& out, bool as_json, core::JsonWriter& json) {
  const double value = figure.value(out);
  json.key(figure.key).value(value);
  const bool passes = figure.gate == 0 || value <= figure.gate;
  if (!as_json) {
    fmt::print("  {:<46} {:>12.1f}", figure.text, value);
    if (figure.goal > 0) fmt::print("   goal {:.0f}: {:.2f} of it", figure.goal, value / figure.goal);
    if (figure.gate > 0) fmt::print("   gate {:.0f}", figure.gate);
    fmt::print("\n");
  }
  if (!passes)
    fmt::print(stderr, "{}: {} is {:.1f}, above its gate of {:.0f}\n", kModes[static_cast<std::size_t>(figure.mode)],
               figure.key, value, figure.gate);
  return passes;
}

int run(bool as_json, double seconds, std::int64_t services, std::string_view only) {
  syncs::install();
  bool failed = false;
  core::JsonWriter json(2);
  json.begin_object().key("services").value(services);
  for (const Mode mode : {Mode::kCore, Mode::kNoSync, Mode::kSync}) {
    const std::string_view name = kModes[static_cast<std::size_t>(mode)];
    if (!name.contains(only)) continue;
    Outcome out = TradingFloor({.mode = mode, .symbols = services, .seconds = seconds}).run();
    for (const std::string& finding : out.findings) fmt::print(stderr, "{}: {}\n", name, finding);
    if (!out.findings.empty() || out.us.size() < 100) {
      fmt::print(stderr, "{}: {} orders, {} findings\n", name, out.us.size(), out.findings.size());
      failed = true;
    }
    if (!as_json) {
      fmt::print("{}: {} prices, {} decisions; {} orders, {:.0f} a second\n", name, out.prices, out.decisions,
                 out.us.size(), static_cast<double>(out.us.size()) / out.seconds);
      if (mode != Mode::kCore)
        fmt::print("  {:.0f} commits a second were needed, of {:.1f} rows each\n",
                   static_cast<double>(out.commits) / out.seconds,
                   static_cast<double>(out.rows) / static_cast<double>(std::max<std::int64_t>(out.commits, 1)));
    }
    json.key(name).begin_object().key("orders").value(static_cast<std::int64_t>(out.us.size()));
    for (const Figure& figure : kFigures) {
      if (figure.mode == mode && !tell(figure, out, as_json, json)) failed = true;
    }
    json.end_object();
  }
  json.end_object();
  if (as_json) fmt::print("{}\n", std::move(json).take());
  return failed ? 1 : 0;
}

}  // namespace
}  // namespace argosy

int main(int argc, char** argv) {
  bool json = false;
  double seconds = 10;
  std::int64_t services = 10'000;
  std::string_view only;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "--json") {
      json = true;
    } else if (argument == "--seconds" && i + 1 < argc) {
      seconds = std::stod(argv[++i]);
    } else if (argument == "--services" && i + 1 < argc) {
      services = std::stoll(argv[++i]);
    } else if (argument == "--only" && i + 1 < argc) {
      only = argv[++i];
    } else {
      fmt::print(stderr,
                 "usage: live_bench [--json] [--seconds N] [--services N] [--only core|nothing|real]\n"
                 "       live_bench [--json] [--seconds N] --clients N\n");
      return 2;
    }
  }
  try {
    return argosy::run(json, seconds, services, only);
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
}
