#include "formula/operators/barrier.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <map>
#include <numeric>
#include <utility>
#include <vector>

namespace argosy::formula {
namespace {

double mean_of(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

// Sorts by the upper 32 bits, eight at a time from the lowest, in linear time.
void sort_by_upper_half(std::vector<std::uint64_t>& items) {
  constexpr std::size_t kFew = 64;  // so many are sorted faster by comparing
  if (items.size() < kFew) {
    std::ranges::sort(items);
    return;
  }
  std::array<std::array<std::uint32_t, 256>, 4> counts{};
  for (const std::uint64_t item : items) {
    for (std::size_t digit = 0; digit < 4; ++digit) ++counts[digit][(item >> (32 + 8 * digit)) & 0xFFU];
  }
  std::vector<std::uint64_t> sorted(items.size());
  for (std::size_t digit = 0; digit < 4; ++digit) {
    std::uint32_t place = 0;
    for (std::uint32_t& count : counts[digit]) place += std::exchange(count, place);
    for (const std::uint64_t item : items) sorted[counts[digit][(item >> (32 + 8 * digit)) & 0xFFU]++] = item;
    items.swap(sorted);
  }
}

// The indices of the values in the order of their size. The upper half of a double's bits, with the sign's turned, puts
// nearly all in order; those that are equal in it are compared.
std::vector<std::uint64_t> order_of(std::span<const double> values) {
  constexpr std::uint64_t kSign = 1ULL << 63U;
  constexpr std::uint64_t kIndex = 0xFFFFFFFFULL;
  std::vector<std::uint64_t> items(values.size());
  for (std::size_t i = 0; i < items.size(); ++i) {
    const auto bits = std::bit_cast<std::uint64_t>(values[i]);
    items[i] = ((bits ^ ((bits & kSign) != 0 ? ~0ULL : kSign)) & ~kIndex) | i;
  }
  sort_by_upper_half(items);
  for (std::size_t first = 0; first < items.size();) {
    std::size_t end = first + 1;
    while (end < items.size() && (items[end] | kIndex) == (items[first] | kIndex)) ++end;
    for (std::size_t i = first; i < end; ++i) items[i] &= kIndex;
    if (end - first > 1) {
      std::ranges::sort(std::span(items).subspan(first, end - first), {}, [&](std::uint64_t i) { return values[i]; });
    }
    first = end;
  }
  return items;
}

void rank(std::span<double> values, std::span<const double>) {
  const std::vector<std::uint64_t> order = order_of(values);
  const auto count = static_cast<double>(values.size());
  for (std::size_t first = 0; first < order.size();) {
    const double value = values[order[first]];
    std::size_t end = first + 1;
    while (end < order.size() && values[order[end]] == value) ++end;
    const double average = static_cast<double>(first + 1 + end) / 2.0;
    for (std::size_t i = first; i < end; ++i) values[order[i]] = average / count;
    first = end;
  }
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
  const double fraction = place - static_cast<double>(below);
  const double step = sorted[above] - sorted[below];
  if (!std::isfinite(step)) return sorted[below] * (1 - fraction) + sorted[above] * fraction;
  return std::min(sorted[below] + step * fraction, sorted[above]);  // rounding may not lead beyond
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

std::vector<std::vector<std::size_t>> symbol_groups(std::span<const std::string_view> names,
                                                    std::span<const std::string_view> sectors, bool by_sector) {
  std::map<std::string_view, std::vector<std::size_t>> groups;
  for (std::size_t i = 0; i < names.size(); ++i) groups[by_sector ? sectors[i] : ""].push_back(i);
  std::vector<std::vector<std::size_t>> out;
  for (auto& [sector, members] : groups) {
    std::ranges::sort(members, {}, [&](std::size_t i) { return names[i]; });
    out.push_back(std::move(members));
  }
  return out;
}

}  // namespace argosy::formula
