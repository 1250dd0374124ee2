#include "formula/operators/barrier.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace argosy::formula {
namespace {

double mean_of(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

void rank(std::span<double> values, std::span<const double>) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  const auto count = static_cast<double>(values.size());
  std::vector<double> ranks(values.size());
  for (std::size_t first = 0; first < order.size();) {
    std::size_t end = first + 1;
    while (end < order.size() && values[order[end]] == values[order[first]]) ++end;
    const double average = static_cast<double>(first + 1 + end) / 2.0;
    for (std::size_t i = first; i < end; ++i) ranks[order[i]] = average / count;
    first = end;
  }
  std::ranges::copy(ranks, values.begin());
}

void zscore(std::span<double> values, std::span<const double>) {
  const double mean = mean_of(values);
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  const double deviation = std::sqrt(squares / static_cast<double>(values.size() - 1));
  for (double& value : values) value = clean((value - mean) / deviation);
}

void mean(std::span<double> values, std::span<const double>) { std::ranges::fill(values, clean(mean_of(values))); }

void demean(std::span<double> values, std::span<const double>) {
  const double mean = mean_of(values);
  for (double& value : values) value = clean(value - mean);
}

void scale(std::span<double> values, std::span<const double>) {
  double sum = 0;
  for (const double value : values) sum += std::abs(value);
  for (double& value : values) value = clean(value / sum);
}

// With linear interpolation between the two nearest of the sorted values.
double quantile_of(const std::vector<double>& sorted, double share) {
  const double place = share * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (sorted[above] - sorted[below]) * (place - static_cast<double>(below));
}

void quantile(std::span<double> values, std::span<const double> arguments) {
  std::vector<double> sorted(values.begin(), values.end());
  std::ranges::sort(sorted);
  std::ranges::fill(values, quantile_of(sorted, arguments[0]));
}

void winsorize(std::span<double> values, std::span<const double> arguments) {
  std::vector<double> sorted(values.begin(), values.end());
  std::ranges::sort(sorted);
  const double low = quantile_of(sorted, arguments[0]);
  const double high = quantile_of(sorted, 1.0 - arguments[0]);
  for (double& value : values) value = std::clamp(value, low, high);
}

std::vector<BarrierOperator> build() {
  using enum ParameterKind;
  const auto across = BarrierKind::kCrossSection;
  return {
      {.name = "ahead",
       .kind = BarrierKind::kAhead,
       .parameters = {{"n", kInteger}},
       .signature = "ahead(x, n)",
       .meaning = "The value of x n rows later: for the label of a model only.",
       .source = "a shift of the column"},
      {.name = "cs_demean",
       .kind = across,
       .signature = "cs_demean(x)",
       .meaning = "x less its mean over all symbols at the same time.",
       .source = "pandas: x - x.mean() of a row",
       .across = demean},
      {.name = "cs_mean",
       .kind = across,
       .signature = "cs_mean(x)",
       .meaning = "The mean of x over all symbols at the same time; NaN where the symbol's own x is.",
       .source = "pandas: mean of a row",
       .across = mean},
      {.name = "cs_quantile",
       .kind = across,
       .parameters = {{"q", kNumber, std::nullopt, 0, 1}},
       .signature = "cs_quantile(x, q)",
       .meaning = "The value below which the share q of all symbols' x lies at the same time, interpolated linearly; "
                  "NaN where the symbol's own x is.",
       .source = "pandas: quantile of a row",
       .across = quantile},
      {.name = "cs_rank",
       .kind = across,
       .signature = "cs_rank(x)",
       .meaning = "The place of x among all symbols at the same time, in (0, 1]: 1 is the highest, equal values share "
                  "the mean of their places. Symbols whose x is NaN are left out.",
       .source = "pandas: rank(pct=True) of a row",
       .across = rank},
      {.name = "cs_scale",
       .kind = across,
       .signature = "cs_scale(x)",
       .meaning = "x over the sum of all symbols' |x| at the same time, so that their sizes add up to 1; NaN where all "
                  "are 0.",
       .source = "Kakushadze, 101 Formulaic Alphas",
       .across = scale},
      {.name = "cs_winsorize",
       .kind = across,
       .parameters = {{"tail", kNumber, 0.01, 0, 0.5}},
       .signature = "cs_winsorize(x, tail = 0.01)",
       .meaning = "x, held between the quantiles `tail` and 1 - tail over all symbols at the same time.",
       .source = "clip to the quantiles of a row",
       .across = winsorize},
      {.name = "cs_zscore",
       .kind = across,
       .signature = "cs_zscore(x)",
       .meaning = "The distance of x from its mean over all symbols at the same time, in sample standard deviations; "
                  "NaN where there is no deviation.",
       .source = "Qlib CSZScoreNorm",
       .across = zscore},
      {.name = "of",
       .kind = BarrierKind::kOther,
       .signature = "of(\"SPY\", x)",
       .meaning = "x of another symbol: its last bar that is complete when this one is.",
       .source = "the last row known at the bar's close"},
      {.name = "on",
       .kind = BarrierKind::kOther,
       .signature = "on(\"1w\", x)",
       .meaning = "x in bars of a longer timeframe: of the last one that is complete when this bar is, by the "
                  "exchange's calendar.",
       .source = "the last row known at the bar's close"},
  };
}

}  // namespace

std::span<const BarrierOperator> barrier_operators() {
  static const std::vector<BarrierOperator> kAll = build();
  return kAll;
}

const BarrierOperator* find_barrier(std::string_view name) {
  const auto all = barrier_operators();
  const auto found = std::ranges::find(all, name, &BarrierOperator::name);
  return found == all.end() ? nullptr : &*found;
}

}  // namespace argosy::formula
