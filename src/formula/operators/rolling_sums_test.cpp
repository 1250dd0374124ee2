// Rolling sums against exact integers over millions of prices and volumes, and what a spike leaves behind.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "core/rng.hpp"
#include "formula/formula.hpp"
#include "formula/operators/operator.hpp"

namespace argosy::formula {
namespace {

using Column = std::vector<double>;
using Wide = __int128;

#if __has_feature(address_sanitizer)
constexpr std::size_t kRows = 200'000;
#else
constexpr std::size_t kRows = 10'000'000;
#endif
constexpr std::size_t kPassed = 4'096;              // rows a call
constexpr std::int64_t kUnit = 128;                 // prices are multiples of 1/128, exact in a double
constexpr std::int64_t kSpike = 1'000'000'000'000;  // a price

struct Bar {
  std::int64_t price = 0;  // in units
  std::int64_t volume = 0;
};

// A walk over five decades of price, volumes over nine; one price in 50,000 is a spike.
class Market {
 public:
  Bar next() {
    const std::uint64_t draw = rng_.next();
    level_ = std::clamp<std::int64_t>(level_ + static_cast<std::int64_t>(draw % 21) - 10, kUnit, kHighest);
    if (draw >> 50U == 7) level_ = kUnit + static_cast<std::int64_t>(rng_.below(1U << rng_.below(24)));
    const bool spike = (draw >> 20U) % 50'000 == 0;
    return {spike ? kSpike * kUnit : level_, 1 + static_cast<std::int64_t>(rng_.below(1U << rng_.below(31)))};
  }

 private:
  static constexpr std::int64_t kHighest = 100'000 * kUnit;
  core::Rng rng_{11};
  std::int64_t level_ = 100 * kUnit;
};

// The last n bars and their sums, all integers.
class ExactWindow {
 public:
  explicit ExactWindow(std::size_t n) : bars_(n) {}

  void push(const Bar& bar) {
    Bar& place = bars_[count_++ % bars_.size()];
    // Each weight falls by one, the new row's is n.
    weighted_ += static_cast<Wide>(size()) * bar.price - prices_;
    add(place, -1);
    add(bar, 1);
    place = bar;
  }
  [[nodiscard]] bool full() const { return count_ >= bars_.size(); }

  [[nodiscard]] long double sum() const { return price(prices_); }
  [[nodiscard]] long double mean() const { return price(prices_) / n(); }
  [[nodiscard]] long double volume() const { return static_cast<long double>(volumes_); }
  [[nodiscard]] long double weighted_mean() const { return price(weighted_) / (n() * (n() + 1) / 2); }
  [[nodiscard]] long double volume_weighted() const { return price(traded_) / static_cast<long double>(volumes_); }
  // Population variance: (n x squares - sum^2) / n^2, whose numerator is an integer.
  [[nodiscard]] long double variance() const {
    return price(static_cast<Wide>(size()) * squares_ - prices_ * prices_) / kUnit / n() / n();
  }
  [[nodiscard]] long double n() const { return static_cast<long double>(bars_.size()); }

 private:
  [[nodiscard]] std::int64_t size() const { return static_cast<std::int64_t>(bars_.size()); }
  static long double price(Wide units) { return static_cast<long double>(units) / kUnit; }
  void add(const Bar& bar, int sign) {
    prices_ += sign * bar.price;
    volumes_ += sign * bar.volume;
    squares_ += sign * static_cast<Wide>(bar.price) * bar.price;
    traded_ += sign * static_cast<Wide>(bar.price) * bar.volume;
  }

  std::vector<Bar> bars_;
  std::size_t count_ = 0;
  Wide prices_ = 0;
  Wide volumes_ = 0;
  Wide squares_ = 0;
  Wide traded_ = 0;
  Wide weighted_ = 0;
};

struct Statistic {
  const char* text;
  long double (*exact)(const ExactWindow&);
  double worst = 0;  // relative error
};

// One window length over all rows.
std::vector<Statistic> errors_of(std::size_t n, std::size_t rows) {
  std::vector<Statistic> all = {
      {"sma(close, n)", [](const ExactWindow& w) { return w.mean(); }},
      {"sum(close, n)", [](const ExactWindow& w) { return w.sum(); }},
      {"sum(volume, n)", [](const ExactWindow& w) { return w.volume(); }},
      {"mean(close, n)", [](const ExactWindow& w) { return w.mean(); }},
      {"Mean(close, n)", [](const ExactWindow& w) { return w.mean(); }},
      {"wma(close, n)", [](const ExactWindow& w) { return w.weighted_mean(); }},
      {"vwma(close, n)", [](const ExactWindow& w) { return w.volume_weighted(); }},
      {"stddev(close, n)", [](const ExactWindow& w) { return std::sqrt(w.variance()); }},
      {"Var(close, n)", [](const ExactWindow& w) { return w.variance() * w.n() / (w.n() - 1); }},
  };
  std::vector<Output> outputs;
  for (const Statistic& each : all) outputs.push_back({each.text, each.text});
  const auto plan = compile(outputs, {.parameters = {{"n", static_cast<double>(n)}}});
  EXPECT_TRUE(plan) << plan.error().describe();
  if (!plan) return {};

  Evaluator evaluator(*plan);
  Market market;
  ExactWindow window(n);
  std::vector<Bar> bars(kPassed);
  Column price(kPassed);
  Column volume(kPassed);
  std::vector<Column> out(all.size(), Column(kPassed));
  const std::vector<std::span<double>> to(out.begin(), out.end());
  std::vector<std::span<const double>> in;
  for (const std::string& field : plan->fields()) in.emplace_back(field == "close" ? price : volume);
  for (std::size_t at = 0; at < rows; at += kPassed) {
    const std::size_t count = std::min(kPassed, rows - at);
    for (std::size_t i = 0; i < count; ++i) {
      bars[i] = market.next();
      price[i] = static_cast<double>(bars[i].price) / kUnit;
      volume[i] = static_cast<double>(bars[i].volume);
    }
    evaluator.evaluate(in, to, count);
    for (std::size_t i = 0; i < count; ++i) {
      window.push(bars[i]);
      if (!window.full()) continue;
      for (std::size_t k = 0; k < all.size(); ++k) {
        const long double exact = all[k].exact(window);
        const long double error = std::abs(static_cast<long double>(out[k][i]) - exact);
        // A NaN counts as infinitely wrong.
        const double relative = error == 0 ? 0.0 : static_cast<double>(error / exact);
        all[k].worst = relative <= all[k].worst ? all[k].worst : (std::isnan(relative) ? HUGE_VAL : relative);
      }
    }
  }
  return all;
}

TEST(RollingSums, EqualExactSumsOverMillionsOfRows) {
  for (const std::size_t n : {20U, 250U}) {
    for (const Statistic& each : errors_of(n, n == 20 ? kRows : kRows / 10)) {
      RecordProperty(fmt::format("{} of {}", each.text, n), fmt::format("{:.2g}", each.worst));
      EXPECT_LT(each.worst, 1e-9) << each.text << " of " << n;
    }
  }
}

// With windows as long as that, of all that sums: the same bits as if the spike had never been.
TEST(RollingSums, ASpikeIsGoneWithin2048Rows) {
  constexpr std::size_t kAfter = 2'048;
  constexpr std::size_t kSpiked = 6'000;
  Column calm(kSpiked);
  Column volume(kSpiked);
  Market market;
  for (std::size_t i = 0; i < kSpiked; ++i) {
    calm[i] = static_cast<double>(i % 29 * 7 % 13 + 1'000) / 10;
    volume[i] = static_cast<double>(market.next().volume);
  }
  for (const char* form :
       {"sma(close, n)",         "sum(close, n)",          "mean(close, n)",    "Mean(close, n)",
        "wma(close, n)",         "vwma(close, n)",         "stddev(close, n)",  "var(close, n)",
        "Std(close, n)",         "bbands(close, n).lower", "zscore(close, n)",  "skew(close, n)",
        "kurt(close, n)",        "slope(close, n)",        "rsquare(close, n)", "corr(close, volume, n)",
        "cov(close, volume, n)", "Corr(close, volume, n)", "mad(close, n)",     "trima(close, n)"}) {
    for (const std::size_t n : {5U, 20U, 250U, 1'000U, 2'048U}) {
      const auto plan = compile({{{"v", form}}}, {.parameters = {{"n", static_cast<double>(n)}}});
      ASSERT_TRUE(plan) << form << ": " << plan.error().describe();
      const auto run = [&](const Column& close) {
        std::vector<std::span<const double>> in;
        for (const std::string& field : plan->fields()) in.emplace_back(field == "close" ? close : volume);
        Column out(kSpiked);
        Evaluator(*plan).evaluate(in, {{std::span(out)}}, kSpiked);
        return out;
      };
      const Column wanted = run(calm);
      for (const std::size_t row : {std::size_t{2'047}, std::size_t{2'500}, std::size_t{3'000}}) {
        Column spiked = calm;
        spiked[row] = static_cast<double>(kSpike);
        const Column got = run(spiked);
        std::size_t last = row;  // with other bits
        for (std::size_t i = row; i < kSpiked; ++i) {
          const bool same = std::bit_cast<std::uint64_t>(got[i]) == std::bit_cast<std::uint64_t>(wanted[i]);
          if (!same && !(is_nan(got[i]) && is_nan(wanted[i]))) last = i;
        }
        EXPECT_LT(last, row + kAfter) << form << " of " << n << " with a spike in row " << row;
      }
    }
  }
}

}  // namespace
}  // namespace argosy::formula
