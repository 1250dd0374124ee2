// The formula language: text -> Plan -> Evaluator.
//
//   CompileOptions options{.parameters = {{"fast", 50}}};
//   ARGOSY_TRY(const Plan plan, compile({{{"buy", "cross_above(sma(close, fast), sma(close, 200))"}}}, options));
//   Evaluator evaluator(plan);
//   evaluator.evaluate(fields, outputs, rows);       // fields in the order of plan.fields()
//
// An Evaluator keeps its state between calls: any cutting of the rows into calls, down to one row each, gives the same
// bits. Truth values are doubles: 1 true, 0 false, NaN unknown.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.hpp"

namespace argosy::formula {

enum class ValueType : std::uint8_t { kNumber, kTruth };

// A named formula. A formula whose operator has several outputs and names none stands for its first; an Output asked
// for with `all_outputs` gives one column for each, named "name.output".
struct Output {
  std::string name;
  std::string text;
  bool all_outputs = false;
};

struct CompileOptions {
  std::vector<std::pair<std::string, double>> parameters;  // names that stand for numbers
  std::vector<std::pair<std::string, std::string>> lets;   // names that stand for formulas, each seeing those before it
  std::string file = "formula";                            // used in errors
  bool labels = false;                                     // ahead(x, n) may be used: for what is to be predicted
};

struct OutputColumn {
  std::string name;
  ValueType type;
};

class PlanImpl;

// A checked program for a set of formulas: common subexpressions are computed once, constants are folded. Immutable and
// cheap to copy; may be shared between threads.
class Plan {
 public:
  explicit Plan(std::shared_ptr<const PlanImpl> impl) : impl_(std::move(impl)) {}
  [[nodiscard]] std::span<const std::string> fields() const;  // input columns, e.g. "close", "raw.close"
  [[nodiscard]] std::span<const OutputColumn> outputs() const;
  [[nodiscard]] std::span<const std::string_view> operators() const;  // names of those used, sorted
  [[nodiscard]] std::size_t warm_up() const;                          // rows before every output can be a number
  [[nodiscard]] std::string describe() const;                         // the plan's steps as text, one a line
  [[nodiscard]] const std::string& fingerprint() const;               // SHA-256 of steps, fields and outputs
  [[nodiscard]] const PlanImpl& impl() const { return *impl_; }

 private:
  std::shared_ptr<const PlanImpl> impl_;
};

// Errors point at the column, say what was expected and name the nearest known word.
[[nodiscard]] core::Result<Plan> compile(std::span<const Output> outputs, const CompileOptions& options = {});
// Formulas with names of their own, such as those of one strategy with one setting of its parameters.
struct OutputGroup {
  std::vector<Output> outputs;
  CompileOptions options;
};
// One plan of the outputs of all groups, in their order. What is common to several groups is computed once.
[[nodiscard]] core::Result<Plan> compile_groups(std::span<const OutputGroup> groups);
// The value of a formula that uses no data, such as "2 * atr_factor" or "8%".
[[nodiscard]] core::Result<double> constant(std::string_view text, const CompileOptions& options = {});

class EvaluatorImpl;

// One running copy of a plan over one entity's rows.
class Evaluator {
 public:
  explicit Evaluator(const Plan& plan);
  ~Evaluator();
  Evaluator(Evaluator&&) noexcept;
  Evaluator& operator=(Evaluator&&) noexcept;

  // The next rows: fields[i] and outputs[j] are `rows` long, in the order of plan.fields() and plan.outputs(); outputs
  // overlap neither fields nor each other. Infinities in fields count as NaN. Nothing is allocated unless a call has
  // more rows than every call before.
  void evaluate(std::span<const std::span<const double>> fields, std::span<const std::span<double>> outputs,
                std::size_t rows);
  // Back to the state before the first row.
  void reset();
  // The state after the rows so far. An evaluator of an equal plan that restores it goes on with the same bits, in
  // another process and after any time.
  [[nodiscard]] std::string save() const;
  // kInvalidArgument when the state is of another plan or of another version of the operators; kCorrupt when the bytes
  // are not as saved. The evaluator is then as after reset().
  [[nodiscard]] core::Result<void> restore(std::string_view bytes);

 private:
  std::unique_ptr<EvaluatorImpl> impl_;
};

// One operator's documentation, as `argosy formula explain` shows it.
struct OperatorDoc {
  std::string_view name;
  std::string_view family;
  std::string_view signature;  // "rsi(x, n = 14)"
  std::string_view meaning;
  std::string_view warm_up;  // in words, with the formula: "n rows"
  std::string_view source;
  std::vector<std::string_view> outputs;  // empty: one unnamed
  std::vector<std::string_view> fields;   // bar columns it reads without being given them
  std::string_view cost;                  // in words: work a row
  std::vector<std::string> arguments;     // "n: a whole number from 1 to 1000000, 14 when left out"
};
[[nodiscard]] std::vector<OperatorDoc> operator_docs();  // sorted by name

// A name that stands for the data: "open", "raw.close", "hl2", ...
struct FieldDoc {
  std::string_view name;
  std::string_view meaning;
  bool of_position = false;  // known of the position held: only exits may use it
};
[[nodiscard]] std::vector<FieldDoc> field_docs();

}  // namespace argosy::formula
