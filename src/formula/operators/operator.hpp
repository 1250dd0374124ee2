// What an operator is: a struct with its state and one loop over a chunk of rows, and an entry in its family's table
// that says how it is called, what it means and how it is made.
//
//   struct Negate final : Kernel {
//     void run(const Chunk& chunk) override {
//       for (std::size_t i = 0; i < chunk.rows; ++i) chunk.out[0][i] = clean(-chunk.in[0][i]);
//     }
//   };
//
// Rules every kernel keeps:
// - each row is computed by the same operations in the same order however the rows are cut into chunks, down to one row
//   a chunk: batch and streaming are this one loop;
// - inputs are finite or NaN, never infinite, never -0; outputs are passed through clean() so that this stays so;
// - an input NaN makes exactly those outputs NaN whose window holds it; a recursion starts its warm-up again after it;
// - outputs never overlap inputs or each other; nothing is allocated in run();
// - persist() names every member that run() changes: what is saved there and loaded into a new kernel of the same
//   arguments goes on with the same bits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/limits.hpp"
#include "formula/formula.hpp"
#include "formula/operators/state_archive.hpp"

namespace argosy::formula {

inline constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// Infinities become NaN, -0 becomes 0, anything else stays itself. Without a branch, so that loops vectorise.
[[nodiscard]] inline double clean(double value) { return value + (value - value); }
[[nodiscard]] inline bool is_nan(double value) { return value != value; }

// Copies rows that do not overlap; a single one, as live trading brings it, without a call.
inline void copy_rows(double* to, const double* from, std::size_t rows) {
  if (rows == 1) {
    *to = *from;
  } else {
    std::memcpy(to, from, rows * sizeof(double));
  }
}

// Columns of one call: in[k] and out[k] are `rows` long.
struct Chunk {
  const double* const* in;
  double* const* out;
  std::size_t rows;
};

class Kernel {
 public:
  virtual ~Kernel() = default;
  virtual void run(const Chunk& chunk) = 0;
  // Back to the state before the first row.
  virtual void reset() {}
  // Saves or loads the state: `archive(a, b, c)` for the members that change. Nothing for a kernel without memory.
  virtual void persist(StateArchive&) {}
};

enum class ParameterKind : std::uint8_t {
  kNumberSeries,
  kTruthSeries,
  kAnySeries,  // number or truth; all of an operator's parameters of this kind have one type
  kInteger,    // a constant
  kNumber,     // a constant
};
[[nodiscard]] constexpr bool is_series(ParameterKind kind) { return kind <= ParameterKind::kAnySeries; }

struct Parameter {
  std::string_view name;
  ParameterKind kind = ParameterKind::kNumberSeries;
  std::optional<double> standard{};  // the value when none is given
  double minimum = 1;                // of a constant
  double maximum = static_cast<double>(core::limits::kWindowRows);
};

enum class ResultType : std::uint8_t { kNumber, kTruth, kSameAsSeries };  // the last: the type of the kAnySeries inputs

// Which rows of its inputs an output depends on, besides its own.
enum class Memory : std::uint8_t {
  kNone,       // no other row: constants are folded through it
  kLag,        // only the row `lookback` rows back
  kWindow,     // all rows back to `lookback` rows back
  kRecursive,  // all rows since the start or the last NaN; needs `lookback` rows before the first value
};

// What becomes of an input that is NaN.
enum class NanRule : std::uint8_t {
  kSpreads,  // it makes exactly those outputs NaN whose window holds it; nothing else does
  kSkips,    // it is left out of its window, as Qlib does
  kOwn,      // as the operator's meaning says, and its own test proves
};

// Work a row, for a window of n rows.
enum class Cost : std::uint8_t { kConstant, kLogarithmic, kWindow };

// Constant arguments in the order of the constant parameters.
using Arguments = std::span<const double>;

// One of the columns that a kernel shared by several operators is to compute: `output` is the operator's first_part
// plus its own output.
struct Part {
  std::uint32_t output;
  std::vector<double> arguments;
};

struct Operator {
  std::string_view name;  // an identifier, or the symbol of an operator of the grammar
  std::string_view family;
  std::vector<Parameter> parameters;
  std::vector<std::string_view> fields;   // bar columns it reads without being given them, after the series parameters
  std::vector<std::string_view> outputs;  // empty: one without a name
  ResultType result = ResultType::kNumber;
  Memory memory = Memory::kNone;
  NanRule nan = NanRule::kSpreads;
  Cost cost = Cost::kConstant;
  bool commutative = false;
  std::size_t (*lookback)(Arguments arguments) = nullptr;  // rows before the first value; null: 0
  std::unique_ptr<Kernel> (*make)(Arguments arguments) = nullptr;
  // Instead of `make`, for operators that share their work: a kernel whose out[k] is parts[k], of all the outputs that
  // are asked for of operators with this same function, over the same inputs and the same first argument. Which parts
  // stand together never changes a bit of any.
  std::unique_ptr<Kernel> (*share)(std::span<const Part> parts) = nullptr;
  std::uint32_t first_part = 0;
  std::string_view meaning;
  std::string_view warm_up;
  std::string_view source;
  std::string signature{};  // made from the parameters when empty
  // Not empty: another operator under its own name, or one of its outputs, with the same parameters and no `make` of
  // its own.
  // Several such names with the same arguments are computed once: linreg, slope and rsquare share one regression.
  std::string_view base{};
  std::string_view base_output{};
  // Not empty: a formula for each output over the parameters' names, and no `make` of its own.
  std::vector<std::string_view> formulas{};

  // Whether it has a kernel; the others are other operators' outputs, or formulas.
  [[nodiscard]] bool is_computed() const { return make != nullptr || share != nullptr; }
  [[nodiscard]] std::size_t output_count() const { return outputs.empty() ? 1 : outputs.size(); }
  // A kernel of its own for all outputs.
  [[nodiscard]] std::unique_ptr<Kernel> kernel(Arguments arguments) const;
  [[nodiscard]] std::size_t lookback_rows(Arguments arguments) const {
    return lookback == nullptr ? 0 : lookback(arguments);
  }
};

// Where `output` stands among an operator's outputs; it must be one of them.
[[nodiscard]] std::uint32_t output_index(const Operator& op, std::string_view output);

template <class T>
[[nodiscard]] std::unique_ptr<Kernel> make_kernel(Arguments) {
  return std::make_unique<T>();
}
template <class T>
[[nodiscard]] std::unique_ptr<Kernel> make_window_kernel(Arguments arguments) {
  return std::make_unique<T>(static_cast<std::size_t>(arguments[0]));
}
// Rows before the first value of an operator that needs n, or n + 1, rows; n its first argument.
[[nodiscard]] inline std::size_t window_lookback(Arguments arguments) {
  return static_cast<std::size_t>(arguments[0]) - 1;
}
[[nodiscard]] inline std::size_t lag_lookback(Arguments arguments) { return static_cast<std::size_t>(arguments[0]); }

}  // namespace argosy::formula
