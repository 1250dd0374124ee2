// What the commands of `argosy formula` share: which formulas are meant.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "cli/command.hpp"
#include "core/result.hpp"
#include "formula/formula.hpp"
#include "formula/program.hpp"
#include "strategy/strategy_file.hpp"

namespace argosy::cli {

struct FormulaOptions {
  std::vector<std::string> formulas;  // "text" or "name=text"
  std::vector<std::string> sets;      // names of shipped sets, or paths
  std::vector<std::string> parameters;
  std::vector<std::string> lets;
  std::vector<std::string> let_files;
  bool all_outputs = false;
  bool labels = false;
};

// The program of all formulas given. A single formula without a name is called `single`; of several each is called by
// its text. Two columns of one name are an error.
[[nodiscard]] core::Result<formula::Program> compile_formulas(const FormulaOptions& options, const Globals& globals,
                                                              const std::string& single);
// The program and, when a formula depends on the position held as exits may, the plan of that part.
[[nodiscard]] core::Result<formula::ExitProgram> compile_exits(const FormulaOptions& options, const Globals& globals,
                                                               const std::string& single);
// Reads the files that a strategy file names: paths relative to it, or names of the home's or shipped ones.
[[nodiscard]] strategy::StrategyReaders strategy_readers(const std::string& strategy_path, const Globals& globals);
// --param, --let, --lets
void add_name_options(CLI::App& command, FormulaOptions& options);
// the formulas themselves, --set, --all-outputs, and the names
void add_formula_options(CLI::App& command, FormulaOptions& options);

void add_formula_eval(CLI::App& group, Globals& globals);  // formula_eval.cpp

}  // namespace argosy::cli
