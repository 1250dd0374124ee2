// Formulas that look beyond their own column: across symbols, at another symbol, in a longer timeframe, ahead in time.
//
//   ARGOSY_TRY(const Program program, compile_program({{{"value", "cs_rank(mean(close, 20) / close)"}}}));
//   ARGOSY_TRY(const auto results, run_program(program, {"AAPL", "MSFT"}, source));     // source gives the rows
//
// A program is a sequence of steps: a plan run over each entity's rows, and barriers between them, each of which makes
// a column of a step's output that later steps read as a field. So everything between barriers is what a Plan is: the
// same bits in batch and bar by bar.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "formula/formula.hpp"

namespace argosy::formula {

// Whose rows a plan runs over.
struct RowContext {
  std::string symbol;     // empty: each entity's own
  std::string timeframe;  // "1w"; empty: that of the program's rows
  friend bool operator==(const RowContext&, const RowContext&) = default;
};

struct BarrierOperator;

struct Barrier {
  const BarrierOperator* op = nullptr;
  std::vector<double> arguments;
  bool by_sector = false;
  std::size_t step = 0;    // whose output it is made of
  std::size_t output = 0;  // which
  std::uint32_t context = 0;
};

struct ProgramStep {
  Plan plan;
  std::uint32_t context = 0;
};

// Immutable. The last step gives the program's outputs.
struct Program {
  std::vector<RowContext> contexts;  // the first is {"", ""}
  std::vector<ProgramStep> steps;
  std::vector<Barrier> barriers;

  [[nodiscard]] const Plan& last() const { return steps.back().plan; }
  [[nodiscard]] std::vector<std::string> fields() const;                       // bar columns of all steps, sorted
  [[nodiscard]] std::vector<std::string> fields(std::uint32_t context) const;  // of the steps in this context
  [[nodiscard]] std::vector<std::string_view> operators() const;               // of all steps and barriers, sorted
  [[nodiscard]] bool looks_across() const;                                     // whether it has a cross-section
  [[nodiscard]] std::string describe() const;
};

// As compile(), for all of the language. `ahead` is refused unless options.labels is set.
[[nodiscard]] core::Result<Program> compile_program(std::span<const Output> outputs,
                                                    const CompileOptions& options = {});

// Formulas of a strategy, cut in two: what data alone decides, for all rows at once, and what depends on the position
// held, row by row on top of it. Exits alone may use entry_price, bars_held, profit_pct, highest_since_entry and
// lowest_since_entry.
struct ExitProgram {
  Program data;  // the outputs of data alone, in order, then the columns that `position` reads: "#0", "#1", ...
  // Fields are those columns, entry_price and bars_held. It is evaluated at each close while a position is held and
  // begins anew with each, so its windows hold rows of the position only.
  std::optional<Plan> position;
};
[[nodiscard]] core::Result<ExitProgram> compile_exits(std::span<const Output> outputs, std::span<const Output> exits,
                                                      const CompileOptions& options = {});

// The name under which plans read barrier k: "@0".
[[nodiscard]] std::string barrier_field(std::size_t index);
// The k of such a name; nothing for a bar column.
[[nodiscard]] std::optional<std::size_t> barrier_index(std::string_view field);

// Rows of one entity, oldest first.
struct ProgramRows {
  std::vector<std::int64_t> keys;            // of the bars
  std::vector<std::int64_t> closing;         // the instant each row is known, nanoseconds since 1970
  std::vector<std::vector<double>> columns;  // one a field asked for
  std::string sector;
  std::vector<bool> left_out;  // rows that are of no cross-section: empty, or one a row
};
// Gives the rows of an entity in a context (an entity's own, another symbol's, another timeframe's). Called from
// several threads at once.
using RowSource = std::function<core::Result<ProgramRows>(const RowContext& context, std::string_view entity,
                                                          std::span<const std::string> fields)>;

struct ProgramResult {
  std::string entity;
  std::vector<std::int64_t> keys;
  std::vector<std::vector<double>> outputs;  // one a column of program.last().outputs()
};

// All entities over all their rows; entities are worked on in parallel, results stand in their order and do not depend
// on the number of threads. `progress` is told the share done, from one thread at a time.
[[nodiscard]] core::Result<std::vector<ProgramResult>> run_program(const Program& program,
                                                                   std::span<const std::string> entities,
                                                                   const RowSource& source,
                                                                   const std::function<void(double)>& progress = {});

}  // namespace argosy::formula
