// Runs formulas over columns that a file holds, a pass whenever it is told to, so that another program can time its own
// passes in between: bench/formula_peers_bench.py does.
//
//   formula_worker FILE ENTITIES ROWS
//
// FILE: doubles, [field][entity][row], of open high low close volume vwap. Commands come on standard input, one a line
// of words parted by tabs; each is answered by a line that begins with "ok" or "error".
//
//   threads N                 from now on
//   formula TEXT              the first entity's rows, all outputs, into columns made once -> number of outputs
//   program NAME=TEXT...      all entities, into columns made by each run -> number of outputs
//   set FILE                  the same with the formulas of a file
//   run                       -> seconds, and seconds of processors, which are the same however busy the machine is
//   write FILE                what the last run gave: doubles, [output][entity][row]
#include <fmt/format.h>
#include <malloc.h>
#include <tbb/global_control.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <fstream>
#include <iostream>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "core/files.hpp"
#include "core/text.hpp"
#include "formula/formula_set.hpp"
#include "formula/program.hpp"

namespace {

namespace core = argosy::core;
namespace formula = argosy::formula;

constexpr std::string_view kFields[] = {"open", "high", "low", "close", "volume", "vwap"};

// Columns of all entities, which the file gave.
struct Data {
  std::size_t entities = 0;
  std::size_t rows = 0;
  std::vector<double> values;

  [[nodiscard]] std::span<const double> column(std::string_view field, std::size_t entity) const {
    const auto k = static_cast<std::size_t>(std::ranges::find(kFields, field) - std::begin(kFields));
    return std::span(values).subspan((k * entities + entity) * rows, rows);
  }
};

core::Result<Data> load(const std::string& file, std::size_t entities, std::size_t rows) {
  Data data{.entities = entities, .rows = rows, .values = std::vector<double>(std::size(kFields) * entities * rows)};
  ARGOSY_TRY(const std::string bytes, core::system_files().read(file));
  if (bytes.size() != data.values.size() * sizeof(double))
    return core::fail(core::ErrorCode::kInvalidArgument,
                      fmt::format("{}: {} bytes, not {} columns", file, bytes.size(), std::size(kFields) * entities));
  std::memcpy(data.values.data(), bytes.data(), bytes.size());
  return data;
}

class Worker {
 public:
  explicit Worker(Data data) : data_(std::move(data)) {
    for (std::size_t e = 0; e < data_.entities; ++e) names_.push_back(fmt::format("S{:05}", e));
  }

  core::Result<std::string> command(std::span<const std::string_view> words) {
    const std::string_view name = words[0];
    if (name == "run") return run();
    if (words.size() < 2) return core::fail(core::ErrorCode::kInvalidArgument, fmt::format("{} what?", name));
    if (name == "threads") return set_threads(words[1]);
    if (name == "formula") return take_formula(words[1]);
    if (name == "program") return take_program(words.subspan(1));
    if (name == "set") return take_set(std::string(words[1]));
    if (name == "write") return write(std::string(words[1]));
    return core::fail(core::ErrorCode::kInvalidArgument, fmt::format("unknown command {}", name));
  }

 private:
  core::Result<std::string> set_threads(std::string_view text) {
    const auto count = static_cast<std::size_t>(core::parse_integer(text).value_or(1));
    threads_ = std::make_unique<tbb::global_control>(tbb::global_control::max_allowed_parallelism, count);
    return "";
  }

  core::Result<std::string> take_formula(std::string_view text) {
    const formula::Output output[] = {{.name = "v", .text = std::string(text), .all_outputs = true}};
    ARGOSY_TRY(plan_, formula::compile(output));
    program_.reset();
    results_.clear();
    outputs_.assign(plan_->outputs().size(), std::vector<double>(data_.rows));
    return std::to_string(outputs_.size());
  }

  core::Result<std::string> compile_program(std::span<const formula::Output> outputs,
                                            const formula::CompileOptions& options) {
    ARGOSY_TRY(program_, formula::compile_program(outputs, options));
    plan_.reset();
    outputs_.clear();
    return std::to_string(program_->last().outputs().size());
  }
  core::Result<std::string> take_program(std::span<const std::string_view> words) {
    std::vector<formula::Output> outputs;
    for (const std::string_view word : words) {
      const std::size_t sign = word.find('=');
      if (sign == std::string_view::npos)
        return core::fail(core::ErrorCode::kInvalidArgument, fmt::format("{} is not NAME=TEXT", word));
      outputs.push_back({.name = std::string(word.substr(0, sign)), .text = std::string(word.substr(sign + 1))});
    }
    return compile_program(outputs, {});
  }
  core::Result<std::string> take_set(const std::string& file) {
    ARGOSY_TRY(const std::string text, core::system_files().read(file));
    ARGOSY_TRY(const formula::FormulaSet set, formula::parse_formula_set(text, file));
    return compile_program(set.formulas, {.lets = set.lets});
  }

  core::Result<std::string> run() {
    results_.clear();
    const auto start = clock_.monotonic();
    const std::clock_t used = std::clock();
    if (plan_) {
      run_plan();
    } else if (program_) {
      const formula::RowSource source = [this](const formula::RowContext&, std::string_view entity,
                                               std::span<const std::string> fields) { return rows(entity, fields); };
      ARGOSY_TRY(results_, formula::run_program(*program_, names_, source));
    } else {
      return core::fail(core::ErrorCode::kInvalidArgument, "there is nothing to run yet");
    }
    return fmt::format("{:.9f} {:.9f}", static_cast<double>((clock_.monotonic() - start).count()) / 1e9,
                       static_cast<double>(std::clock() - used) / CLOCKS_PER_SEC);
  }
  void run_plan() {
    formula::Evaluator evaluator(*plan_);
    std::vector<std::span<const double>> in;
    for (const std::string& field : plan_->fields()) in.push_back(data_.column(field, 0));
    const std::vector<std::span<double>> out(outputs_.begin(), outputs_.end());
    evaluator.evaluate(in, out, data_.rows);
  }
  core::Result<formula::ProgramRows> rows(std::string_view entity, std::span<const std::string> fields) const {
    const auto index = static_cast<std::size_t>(core::parse_integer(entity.substr(1)).value_or(0));
    formula::ProgramRows out;
    out.keys.resize(data_.rows);
    for (std::size_t i = 0; i < data_.rows; ++i) out.keys[i] = static_cast<std::int64_t>(i);
    out.closing = out.keys;
    for (const std::string& field : fields) {
      const auto column = data_.column(field, index);
      out.columns.emplace_back(column.begin(), column.end());
    }
    return out;
  }

  core::Result<std::string> write(const std::string& file) const {
    std::ofstream to(file, std::ios::binary);
    const auto put = [&](const std::vector<double>& column) {
      const std::span bytes = std::as_bytes(std::span(column));
      to.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    };
    for (const auto& column : outputs_) put(column);
    if (!results_.empty()) {
      for (std::size_t k = 0; k < results_[0].outputs.size(); ++k) {
        for (const formula::ProgramResult& result : results_) put(result.outputs[k]);
      }
    }
    if (!to.flush()) return core::fail(core::ErrorCode::kIo, fmt::format("{} cannot be written", file));
    return "";
  }

  core::SystemClock clock_;
  Data data_;
  std::vector<std::string> names_;
  std::unique_ptr<tbb::global_control> threads_;
  std::optional<formula::Plan> plan_;
  std::vector<std::vector<double>> outputs_;  // of the plan
  std::optional<formula::Program> program_;
  std::vector<formula::ProgramResult> results_;  // of the program
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    fmt::print(stderr, "formula_worker FILE ENTITIES ROWS\n");
    return 2;
  }
  const auto number = [&](int k) { return static_cast<std::size_t>(core::parse_integer(argv[k]).value_or(0)); };
  auto data = load(argv[1], number(2), number(3));
  if (!data) {
    fmt::print(stderr, "{}\n", data.error().describe());
    return 1;
  }
  // Memory that a pass frees stays with the process, as with the allocators of those it is compared with.
  mallopt(M_TRIM_THRESHOLD, std::numeric_limits<int>::max());
  mallopt(M_TOP_PAD, 64 << 20);
  Worker worker(*std::move(data));
  for (std::string line; std::getline(std::cin, line);) {
    const auto words = core::split(line, '\t');
    const auto answer = worker.command(words);
    if (answer) {
      fmt::print("ok {}\n", *answer);
    } else {
      std::string text = answer.error().describe();
      std::ranges::replace(text, '\n', ' ');
      fmt::print("error {}\n", text);
    }
    std::fflush(stdout);
  }
  return 0;
}
