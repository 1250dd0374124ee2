#include "cli/formula_options.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <iterator>

#include "cli/fee_options.hpp"
#include "cli/home.hpp"
#include "core/text.hpp"
#include "formula/formula_set.hpp"
#include "formula/written.hpp"

namespace argosy::cli {
namespace {

using core::Error;
using core::ErrorCode;
using core::fail;
using core::Result;

Result<formula::FormulaSet> read_set(const std::string& path, const Globals& globals) {
  ARGOSY_TRY(const std::string text, read_input(path, globals));
  return formula::parse_formula_set(text, path);
}

Result<formula::CompileOptions> compile_options(const FormulaOptions& options, const Globals& globals) {
  formula::CompileOptions compile{.labels = options.labels};
  for (const std::string& text : options.parameters) {
    const auto [name, value] = formula::split_assignment(text);
    if (name.empty()) return fail(ErrorCode::kInvalidArgument, fmt::format("--param \"{}\" is not name=value", text));
    ARGOSY_TRY(const double number, formula::constant(value, {.file = "--param " + name}));
    compile.parameters.emplace_back(name, number);
  }
  for (const std::string& path : options.let_files) {
    ARGOSY_TRY(const std::string found, named_file("formulas", path, globals));
    ARGOSY_TRY(formula::FormulaSet set, read_set(found, globals));
    std::ranges::move(set.lets, std::back_inserter(compile.lets));
  }
  for (const std::string& text : options.lets) {
    const auto [name, value] = formula::split_assignment(text);
    if (name.empty()) return fail(ErrorCode::kInvalidArgument, fmt::format("--let \"{}\" is not name=formula", text));
    compile.lets.emplace_back(name, value);
  }
  return compile;
}

struct Formulas {
  formula::CompileOptions options;
  std::vector<formula::Output> outputs;
};

Result<Formulas> read_formulas(const FormulaOptions& options, const Globals& globals, const std::string& single) {
  Formulas read;
  ARGOSY_TRY(read.options, compile_options(options, globals));
  auto& [compile, outputs] = read;
  for (const std::string& name : options.sets) {
    ARGOSY_TRY(const std::string path, named_file("formulas", name, globals));
    ARGOSY_TRY(formula::FormulaSet set, read_set(path, globals));
    std::ranges::move(set.lets, std::back_inserter(compile.lets));
    std::ranges::move(set.formulas, std::back_inserter(outputs));
  }
  // Beside a set none is alone.
  const std::string_view alone = options.sets.empty() ? std::string_view(single) : std::string_view();
  std::ranges::move(formula::written_outputs(options.formulas, {.single = alone, .all_outputs = options.all_outputs}),
                    std::back_inserter(outputs));
  if (outputs.empty()) {
    return fail(Error(ErrorCode::kInvalidArgument, "no formula was given")
                    .with_hint("write one, for example 'rsi(close,14)', or name a set: --set alpha158"));
  }
  return read;
}

}  // namespace

strategy::StrategyReaders strategy_readers(const std::string& strategy_path, const Globals& globals) {
  const std::filesystem::path folder = std::filesystem::path(strategy_path).parent_path();
  const auto lets = [folder, &globals](const std::string& name) -> Result<formula::FormulaSet> {
    ARGOSY_TRY(const std::string path, named_file("formulas", name, globals));
    return read_set(path == name ? (folder / name).string() : path, globals);
  };
  return {.lets = lets, .fees = fee_reader(globals, folder.string())};
}

Result<formula::ExitProgram> compile_exits(const FormulaOptions& options, const Globals& globals,
                                           const std::string& single) {
  ARGOSY_TRY(const Formulas formulas, read_formulas(options, globals, single));
  return formula::compile_exits({}, formulas.outputs, formulas.options);
}

Result<formula::Program> compile_formulas(const FormulaOptions& options, const Globals& globals,
                                          const std::string& single) {
  ARGOSY_TRY(const Formulas formulas, read_formulas(options, globals, single));
  ARGOSY_TRY(formula::Program program, formula::compile_program(formulas.outputs, formulas.options));
  ARGOSY_TRY_VOID(formula::check_names(program));
  return program;
}

void add_name_options(CLI::App& command, FormulaOptions& options) {
  command.add_option("--param", options.parameters, "a parameter, name=value; may be repeated");
  command.add_option("--let", options.lets, "a name for a formula, name=formula; may be repeated");
  command.add_option("--lets", options.let_files, "a file whose names may be used; may be repeated");
  command.add_flag("--labels", options.labels, "allow ahead(x, n), for what a model is to predict");
}

void add_formula_options(CLI::App& command, FormulaOptions& options) {
  command.add_option("formulas", options.formulas, "formulas, each 'text' or 'name=text'; a column each");
  command.add_option("--set", options.sets, "a set of formulas: alpha158, technical, one of the home's, or a file");
  command.add_flag("--all-outputs", options.all_outputs, "all outputs of an operator, not its first");
  add_name_options(command, options);
}

}  // namespace argosy::cli
