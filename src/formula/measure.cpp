#include "formula/measure.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "core/rng.hpp"
#include "core/text.hpp"
#include "formula/operators/registry.hpp"

namespace argosy::formula {
namespace {

constexpr std::size_t kRows = 100'000;
constexpr std::size_t kStreamed = 20'000;
constexpr std::size_t kChunk = 256;  // as the evaluator's
constexpr int kRuns = 5;

using Column = std::vector<double>;

// A random walk: open, high, low, close, volume; and truth.
struct Bars {
  Bars() {
    core::Rng rng(7);
    double price = 100;
    for (std::size_t i = 0; i < kRows; ++i) {
      const double start = price;
      price = std::max(1.0, price + static_cast<double>(rng.below(201)) / 100 - 1);
      open.push_back(start);
      close.push_back(price);
      high.push_back(std::max(start, price) + static_cast<double>(rng.below(50)) / 100);
      low.push_back(std::max(0.01, std::min(start, price) - static_cast<double>(rng.below(50)) / 100));
      volume.push_back(static_cast<double>(1 + rng.below(1'000'000)));
      truth.push_back(rng.below(8) == 0 ? 1 : 0);
    }
  }
  [[nodiscard]] const Column& field(std::string_view name) const {
    if (name.ends_with("open")) return open;
    if (name.ends_with("high")) return high;
    if (name.ends_with("low")) return low;
    if (name == "volume") return volume;
    return close;
  }
  Column open, high, low, close, volume, truth;
};

class Measured {
 public:
  Measured(const Operator& op, const Bars& bars) : op_(op) {
    std::size_t series = 0;
    for (const Parameter& parameter : op.parameters) {
      if (!is_series(parameter.kind)) {
        arguments_.push_back(parameter.standard.value_or(std::clamp(20.0, parameter.minimum, parameter.maximum)));
      } else if (parameter.kind == ParameterKind::kTruthSeries) {
        in_.push_back(bars.truth.data());
      } else {
        in_.push_back((series++ == 0 ? bars.close : bars.open).data());
      }
    }
    for (const std::string_view field : op.fields) in_.push_back(bars.field(field).data());
  }

  // Nanoseconds a row; the outputs of all rows are appended to `out`, output by output.
  double run(std::size_t rows, std::size_t step, const core::Clock& clock, std::vector<Column>& out) const {
    out.assign(op_.output_count(), Column(rows));
    const auto kernel = op_.kernel(arguments_);
    std::vector<const double*> from(in_.size());
    std::vector<double*> to(out.size());
    const auto start = clock.monotonic();
    for (std::size_t at = 0; at < rows; at += step) {
      for (std::size_t k = 0; k < from.size(); ++k) from[k] = in_[k] + at;
      for (std::size_t k = 0; k < to.size(); ++k) to[k] = out[k].data() + at;
      kernel->run({from.data(), to.data(), std::min(step, rows - at)});
    }
    return static_cast<double>((clock.monotonic() - start).count()) / static_cast<double>(rows);
  }

  double median(std::size_t rows, std::size_t step, const core::Clock& clock, std::vector<Column>& out) const {
    std::vector<double> times;
    for (int i = 0; i < kRuns; ++i) times.push_back(run(rows, step, clock, out));
    std::ranges::sort(times);
    return times[kRuns / 2];
  }

 private:
  const Operator& op_;
  std::vector<double> arguments_;
  std::vector<const double*> in_;
};

bool same_bits(const std::vector<Column>& a, const std::vector<Column>& b, std::size_t rows) {
  for (std::size_t k = 0; k < a.size(); ++k) {
    for (std::size_t i = 0; i < rows; ++i) {
      const bool both_nan = is_nan(a[k][i]) && is_nan(b[k][i]);
      if (!both_nan && std::bit_cast<std::uint64_t>(a[k][i]) != std::bit_cast<std::uint64_t>(b[k][i])) return false;
    }
  }
  return true;
}

core::Result<std::vector<const Operator*>> chosen(const std::vector<std::string>& names) {
  std::vector<const Operator*> all;
  std::vector<std::string_view> known;
  for (const Operator& op : all_operators()) {
    known.push_back(op.name);
    if (names.empty() && op.is_computed()) all.push_back(&op);
  }
  for (const std::string& name : names) {
    const Operator* op = find_operator(name);
    if (op == nullptr) {
      return core::fail(core::ErrorCode::kInvalidArgument,
                        fmt::format("unknown operator \"{}\".{}", name, core::did_you_mean(name, known)));
    }
    if (!op->formulas.empty()) {
      return core::fail(core::Error(core::ErrorCode::kInvalidArgument,
                                    fmt::format("{} is made of other operators and has no cost of its own", name))
                            .with_hint(fmt::format("argosy formula plan '{}()' shows them", name)));
    }
    all.push_back(op->base.empty() ? op : find_operator(op->base));
  }
  return all;
}

}  // namespace

core::Result<std::vector<OperatorCost>> measure_operators(const std::vector<std::string>& names,
                                                          const core::Clock& clock,
                                                          const std::function<void(double)>& progress) {
  ARGOSY_TRY(const auto operators, chosen(names));
  const Bars bars;
  std::vector<OperatorCost> costs;
  std::vector<Column> whole;
  std::vector<Column> streamed;
  for (std::size_t i = 0; i < operators.size(); ++i) {
    const Operator& op = *operators[i];
    const Measured measured(op, bars);
    OperatorCost cost{.name = op.name, .family = op.family};
    cost.batch = measured.median(kRows, kChunk, clock, whole);
    cost.streaming = measured.median(kStreamed, 1, clock, streamed);
    if (!same_bits(whole, streamed, kStreamed)) {
      return core::fail(core::ErrorCode::kCorrupt,
                        fmt::format("{} gives other values bar by bar than in chunks", op.name));
    }
    costs.push_back(cost);
    if (progress) progress(static_cast<double>(i + 1) / static_cast<double>(operators.size()));
  }
  return costs;
}

}  // namespace argosy::formula
