// What a quote costs on its way to whoever trades: drawn for the demo market, judged, counted into bars of six
// timeframes. 10,000 symbols, a quote a second each. Every quote must be believed, and be in a bar of each length.
//
//   feeds_bench [--json]
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <string_view>
#include <variant>
#include <vector>

#include "core/clock.hpp"
#include "core/json.hpp"
#include "feeds/demo_stream.hpp"
#include "market/bar_builder.hpp"
#include "market/quote_validator.hpp"

namespace argosy {
namespace {

using namespace std::chrono_literals;

constexpr std::uint32_t kSymbols = 10'000;
constexpr std::size_t kRounds = 3'100;
constexpr std::size_t kQuotes = 1'000;  // a round: a tenth of a second of the market
constexpr const char* kTable =
    "sell_curve: [{profit: 0, probability: 0.1}]\n"
    "default: {base_price: 50, volatility: 30, buy: 0.2}\n"
    "stocks: []\n";

struct Stage {
  std::string_view name;
  double goal_ns;
  std::vector<double> ns = {};  // a quote, one a round

  [[nodiscard]] double median() {
    std::ranges::nth_element(ns, ns.begin() + static_cast<std::ptrdiff_t>(ns.size() / 2));
    return ns[ns.size() / 2];
  }
};

class Bench {
 public:
  Bench() {
    for (std::uint32_t i = 0; i < kSymbols; ++i) {
      const std::string symbol = fmt::format("S{}", i);
      stream_.add(symbol);
      (void)*validator_.add({.symbol = symbol, .exchange = "XNYS"});
    }
    events_.reserve(kQuotes);
  }

  void round() {
    events_.clear();
    time(stages_[0], [&] {
      for (std::size_t i = 0; i < kQuotes; ++i) events_.push_back(*stream_.next());
    });
    time(stages_[1], [&] {
      for (const feeds::FeedEvent& event : events_)
        believed_ += validator_.judge(event.symbol, std::get<market::Quote>(event.what), event.time) ? 0 : 1;
    });
    time(stages_[2], [&] {
      for (const feeds::FeedEvent& event : events_) {
        builder_.advance(event.time, closed_);
        counted_ += builder_.add(event.symbol, std::get<market::Quote>(event.what)) ? 1 : 0;
      }
    });
  }

  // What must be true after all rounds.
  [[nodiscard]] bool is_right() {
    const core::Timestamp end = open_ + 100ms * kRounds;
    builder_.advance(end, closed_);
    const auto minutes = static_cast<std::size_t>((end - open_) / 1min);
    const auto fives = static_cast<std::size_t>((end - open_) / 5min);
    return believed_ == kRounds * kQuotes && counted_ == kRounds * kQuotes &&
           closed_.size() == (minutes + fives) * kSymbols;
  }
  [[nodiscard]] std::array<Stage, 3>& stages() { return stages_; }

 private:
  const core::Timestamp open_ = *core::parse_rfc3339("2024-12-02T14:30:00Z");
  template <class Work>
  void time(Stage& stage, Work work) {
    const auto start = clock_.monotonic();
    work();
    stage.ns.push_back(static_cast<double>((clock_.monotonic() - start).count()) / static_cast<double>(kQuotes));
  }
  static market::Timeframe timeframe(const char* text) { return *market::Timeframe::parse(text); }

  core::SystemClock clock_;
  const market::Calendar& calendar_ = **market::find_calendar("XNYS");
  feeds::DemoStream stream_{*feeds::parse_demo_market(kTable, "bench"), calendar_, {.seed = 7, .start = open_}};
  market::QuoteValidator validator_{market::QuoteRules{}};
  market::BarBuilder builder_{
      calendar_,
      {timeframe("1m"), timeframe("5m"), timeframe("15m"), timeframe("30m"), timeframe("1h"), timeframe("1d")},
      kSymbols};
  std::vector<feeds::FeedEvent> events_;
  std::vector<market::ClosedBar> closed_;
  std::size_t believed_ = 0;
  std::size_t counted_ = 0;
  std::array<Stage, 3> stages_ = {
      {{"a quote of the demo market", 200}, {"judged", 50}, {"in bars of six lengths", 100}}};
};

int run(bool as_json) {
  Bench bench;
  for (std::size_t i = 0; i < kRounds; ++i) bench.round();
  if (!bench.is_right()) {
    fmt::print(stderr, "quotes were not believed, or bars are missing\n");
    return 1;
  }
  core::JsonWriter json(2);
  json.begin_object();
  for (Stage& stage : bench.stages()) {
    const double ns = stage.median();
    if (as_json) {
      json.key(stage.name).value(ns);
    } else {
      fmt::print("{:<40} {:>8.1f} ns   goal {:>3} ns: {:.2f} of it\n", stage.name, ns, stage.goal_ns,
                 ns / stage.goal_ns);
    }
  }
  json.end_object();
  if (as_json) fmt::print("{}\n", std::move(json).take());
  return 0;
}

}  // namespace
}  // namespace argosy

int main(int argc, char** argv) { return argosy::run(argc > 1 && std::string_view(argv[1]) == "--json"); }
