#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include "core/check.hpp"
#include "core/hash.hpp"
#include "core/limits.hpp"
#include "formula/detail/plan_impl.hpp"
#include "formula/formula.hpp"

namespace argosy::formula {
namespace {

// Rows taken at once. Nanoseconds a value for 64, 128, 256, 512, 1024 rows: alpha158 5.1, 4.8, 4.7, 4.5, 4.5; technical
// 4.3, 4.1, 3.9, 3.9, 3.9; but atr over a million rows 1.8, 1.6, 1.6, 3.3, 4.5: longer stretches of several fields come
// from memory more slowly than they are computed.
constexpr std::size_t kBlockRows = 256;
static_assert(kBlockRows <= core::limits::kChunkRows);
// Columns do not begin at the same offset within a page: a store to one would stall loads from the others.
constexpr std::size_t kSkew = 40;

// Whether no value is negative and their sum is finite: most columns are seen to be clean by this alone.
[[gnu::always_inline]] inline bool plain(const double* x, std::size_t rows) {
  using Four = double __attribute__((vector_size(32)));
  using FourBits = std::int64_t __attribute__((vector_size(32)));
  Four sums[2] = {};
  FourBits bits[2] = {};
  std::size_t i = 0;
  for (; i + 8 <= rows; i += 8) {
    for (std::size_t k = 0; k < 2; ++k) {
      Four four;
      std::memcpy(&four, x + i + 4 * k, sizeof four);
      sums[k] += four;
      bits[k] |= reinterpret_cast<FourBits>(four);
    }
  }
  const Four sum = sums[0] + sums[1];
  const FourBits sign = bits[0] | bits[1];
  double total = (sum[0] + sum[1]) + (sum[2] + sum[3]);
  std::int64_t signs = (sign[0] | sign[1]) | (sign[2] | sign[3]);
  for (; i < rows; ++i) {
    total += x[i];
    signs |= std::bit_cast<std::int64_t>(x[i]);
  }
  return total - total == 0 && signs >= 0;
}
#if defined(__x86_64__)
[[gnu::target("avx2")]] bool plain_by_four(const double* x, std::size_t rows) { return plain(x, rows); }
const bool kByFour = __builtin_cpu_supports("avx2") != 0;
#else
constexpr bool kByFour = false;
bool plain_by_four(const double*, std::size_t) { return false; }
#endif

// Whether clean(x) is x, to the bit, in all rows.
bool all_clean(const double* x, std::size_t rows) {
  if (rows >= 8 && (kByFour ? plain_by_four(x, rows) : plain(x, rows))) return true;
  std::uint64_t changed = 0;
  for (std::size_t i = 0; i < rows; ++i)
    changed |= std::bit_cast<std::uint64_t>(x[i]) ^ std::bit_cast<std::uint64_t>(clean(x[i]));
  return changed == 0;
}

}  // namespace

class EvaluatorImpl {
 public:
  explicit EvaluatorImpl(const Plan& plan)
      : plan_(plan), impl_(plan.impl()), columns_(impl_.column_count()), read_(columns_.size()) {
    std::size_t widest = 0;
    for (const Step& step : impl_.steps) {
      kernels_.push_back(step.make());
      widest = std::max({widest, step.inputs.size(), step.outputs.size()});
    }
    inputs_.resize(widest);
    outputs_.resize(widest);
    wire_row();
  }

  void evaluate(std::span<const std::span<const double>> fields, std::span<const std::span<double>> outputs,
                std::size_t rows) {
    ARGOSY_CHECK(fields.size() == impl_.fields.size(), "{} columns for {} fields", fields.size(), impl_.fields.size());
    ARGOSY_CHECK(outputs.size() == impl_.outputs.size(), "{} columns for {} outputs", outputs.size(),
                 impl_.outputs.size());
    for (const auto& field : fields)
      ARGOSY_CHECK(field.size() >= rows, "a field has {} of {} rows", field.size(), rows);
    for (const auto& output : outputs)
      ARGOSY_CHECK(output.size() >= rows, "an output has {} of {} rows", output.size(), rows);
    if (rows == 1) return row(fields, outputs);
    reserve(std::min(rows, kBlockRows));
    for (std::size_t at = 0; at < rows; at += kBlockRows) {
      chunk(fields, outputs, at, std::min(kBlockRows, rows - at));
    }
  }

  void reset() {
    for (const auto& kernel : kernels_) kernel->reset();
  }

  [[nodiscard]] std::string save() const {
    std::string state;
    auto archive = StateArchive::saving(state);
    for (const auto& kernel : kernels_) kernel->persist(archive);
    return head(state) + state;
  }

  core::Result<void> restore(std::string_view bytes) {
    reset();
    if (!bytes.starts_with(kMagic) || bytes.find('\n') == std::string_view::npos) {
      return core::fail(core::ErrorCode::kCorrupt, "these bytes are no saved state of formulas");
    }
    const std::string_view state = bytes.substr(bytes.find('\n') + 1);
    if (!bytes.starts_with(plan_head())) {
      return core::fail(core::Error(core::ErrorCode::kInvalidArgument,
                                    "the saved state is of other formulas, or of another version of their operators")
                            .with_hint("start without it and let the formulas warm up again"));
    }
    auto archive = StateArchive::loading(state);
    const bool whole = bytes.starts_with(head(state));
    if (whole) {
      for (const auto& kernel : kernels_) kernel->persist(archive);
    }
    if (whole && archive.complete()) return {};
    reset();
    return core::fail(core::ErrorCode::kCorrupt, "the saved state of formulas is damaged");
  }

 private:
  // "argosy-formula-state <version> <plan> <hash of the state>", a line before the state. The version changes whenever
  // an operator keeps other things or computes otherwise.
  static constexpr std::string_view kMagic = "argosy-formula-state ";
  static constexpr int kStateVersion = 2;
  [[nodiscard]] std::string plan_head() const {
    return fmt::format("{}{} {} ", kMagic, kStateVersion, impl_.fingerprint);
  }
  [[nodiscard]] std::string head(std::string_view state) const {
    return fmt::format("{}{}\n", plan_head(), core::sha256_hex(state));
  }

  // Columns are as long as the longest chunk so far, not as the longest allowed: a live service holds thousands of
  // evaluators that see one row at a time.
  void reserve(std::size_t rows) {
    if (rows <= capacity_) return;
    capacity_ = rows;
    const std::size_t stride = rows < kSkew ? rows : rows + kSkew;
    storage_.assign(impl_.first_output() * stride, 0.0);
    for (std::size_t i = 0; i < impl_.first_output(); ++i) read_[i] = columns_[i] = storage_.data() + i * stride;
    for (std::size_t i = 0; i < impl_.constants.size(); ++i) {
      std::fill_n(columns_[impl_.first_constant() + i], rows, impl_.constants[i]);
    }
  }

  // A kernel with the places in row_ that it reads and writes.
  struct Call {
    Kernel* kernel;
    const double* const* in;
    double* const* out;
  };

  // Where a single row finds its values: each column is one number, in a place that never changes.
  void wire_row() {
    row_.resize(impl_.column_count());
    std::ranges::copy(impl_.constants, row_.begin() + static_cast<std::ptrdiff_t>(impl_.first_constant()));
    std::size_t wires = 0;
    for (const Step& step : impl_.steps) wires += step.inputs.size() + step.outputs.size();
    wires_.reserve(wires);
    const auto wire = [&](const std::vector<std::uint32_t>& columns) {
      double** const begin = wires_.data() + wires_.size();
      for (const std::uint32_t column : columns) wires_.push_back(row_.data() + column);
      return begin;
    };
    for (std::size_t s = 0; s < kernels_.size(); ++s) {
      double** const in = wire(impl_.steps[s].inputs);
      calls_.push_back({kernels_[s].get(), in, wire(impl_.steps[s].outputs)});
    }
  }

  // What chunk() does, for a row at a time: live trading evaluates thousands of plans whose state is in no cache, so
  // kernels are fetched ahead.
  void row(std::span<const std::span<const double>> fields, std::span<const std::span<double>> outputs) {
    constexpr std::size_t kAhead = 4;
    for (std::size_t k = 0; k < fields.size(); ++k) row_[k] = clean(fields[k][0]);
    for (std::size_t s = 0; s < calls_.size(); ++s) {
      if (s + kAhead < calls_.size()) __builtin_prefetch(calls_[s + kAhead].kernel);
      calls_[s].kernel->run({calls_[s].in, calls_[s].out, 1});
    }
    for (std::size_t k = 0; k < outputs.size(); ++k) outputs[k][0] = row_[impl_.output_columns[k]];
  }

  void chunk(std::span<const std::span<const double>> fields, std::span<const std::span<double>> outputs,
             std::size_t at, std::size_t rows) {
    for (std::size_t k = 0; k < fields.size(); ++k) {
      const double* __restrict from = fields[k].data() + at;
      read_[k] = from;
      if (all_clean(from, rows)) continue;
      double* __restrict to = columns_[k];
      for (std::size_t i = 0; i < rows; ++i) to[i] = clean(from[i]);
      read_[k] = to;
    }
    const std::size_t first_output = impl_.first_output();
    for (std::size_t k = 0; k < outputs.size(); ++k)
      read_[first_output + k] = columns_[first_output + k] = outputs[k].data() + at;
    for (std::size_t s = 0; s < kernels_.size(); ++s) {
      const Step& step = impl_.steps[s];
      for (std::size_t k = 0; k < step.inputs.size(); ++k) inputs_[k] = read_[step.inputs[k]];
      for (std::size_t k = 0; k < step.outputs.size(); ++k) outputs_[k] = columns_[step.outputs[k]];
      kernels_[s]->run({inputs_.data(), outputs_.data(), rows});
    }
    for (std::size_t k = 0; k < outputs.size(); ++k) {
      const std::size_t column = impl_.output_columns[k];
      if (column != first_output + k) std::copy_n(read_[column], rows, columns_[first_output + k]);
    }
  }

  Plan plan_;  // keeps impl_ alive
  const PlanImpl& impl_;
  std::vector<std::unique_ptr<Kernel>> kernels_;
  std::vector<double> storage_;
  std::vector<double*> columns_;
  std::vector<const double*> read_;  // the same to read: fields are the caller's where they are clean
  std::vector<const double*> inputs_;
  std::vector<double*> outputs_;
  std::size_t capacity_ = 0;
  std::vector<double> row_;  // [column], when one row is evaluated
  std::vector<double*> wires_;
  std::vector<Call> calls_;
};

Evaluator::Evaluator(const Plan& plan) : impl_(std::make_unique<EvaluatorImpl>(plan)) {}
Evaluator::~Evaluator() = default;
Evaluator::Evaluator(Evaluator&&) noexcept = default;
Evaluator& Evaluator::operator=(Evaluator&&) noexcept = default;

void Evaluator::evaluate(std::span<const std::span<const double>> fields, std::span<const std::span<double>> outputs,
                         std::size_t rows) {
  impl_->evaluate(fields, outputs, rows);
}
void Evaluator::reset() { impl_->reset(); }
std::string Evaluator::save() const { return impl_->save(); }
core::Result<void> Evaluator::restore(std::string_view bytes) { return impl_->restore(bytes); }

}  // namespace argosy::formula
