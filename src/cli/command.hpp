// What every command shares: its common options, how it fails, and how it prints.
//
// A command is one file with one function that adds it to its parent:
//
//   void add_data_list(CLI::App& parent, Globals& globals) {
//     auto options = std::make_shared<Options>();
//     CLI::App* command = parent.add_subcommand("list", "Show what the lake holds");
//     add_common_options(*command, globals);
//     command->footer("Examples:\n  argosy data list --json");
//     command->callback([options, &globals] { run_command([&] { return list(*options, globals); }); });
//   }
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "core/time.hpp"

namespace CLI {
class App;
}

namespace argosy::cli {

class InputFiles;  // cli/input_files.hpp

struct Globals {
  std::string home;  // --home before ARGOSY_HOME before ~/.local/share/argosy; resolved by home_folder()
  bool json = false;
  std::string version;                 // of the program
  std::shared_ptr<InputFiles> inputs;  // notes, or gives, the files that options name; null: they are read
};

// Adds --home and, unless `json` is false, --json.
void add_common_options(CLI::App& command, Globals& globals, bool json = true);
[[nodiscard]] std::string home_folder(const Globals& globals);

// Thrown by run_command with the process's exit code; main catches it.
struct Exit {
  int code;
};

// Runs a command's work; on failure prints the error and its hint to stderr and throws Exit with 2 when the call was
// wrong (bad argument, unknown name), 1 when the work failed.
void run_command(const std::function<core::Result<void>()>& work);
[[nodiscard]] int exit_code(core::ErrorCode code);

// Writes text to standard output; a failure to write (full disk, closed pipe) is an error.
[[nodiscard]] core::Result<void> print(std::string_view text);

// Whether a person watches standard error; progress bars are drawn only then.
[[nodiscard]] bool is_interactive();
// Says how far the work is to the process that runs this one as a job (jobs/workers.hpp); nothing otherwise.
void tell_progress(double fraction, std::string_view text);
// A bar on standard error: "importing [=====>    ] 52 %  1.2 s". Nothing in a pipe. A job tells its progress instead.
class ProgressBar {
 public:
  explicit ProgressBar(std::string label);
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;
  void update(double fraction);

 private:
  std::string label_;
  int last_percent_ = -1;
  std::int64_t started_ns_ = 0;
};

// "+12.34 %" of 0.1234, "0.85", "2024-05-01T09:30:00Z"; "-" for what is not defined.
[[nodiscard]] std::string format_ratio(double ratio);
[[nodiscard]] std::string format_statistic(double value);
[[nodiscard]] std::string format_seconds(core::Timestamp time);
// Tells what was removed: {"removed": [...]} or "removed 1, 2".
[[nodiscard]] core::Result<void> print_removed(const std::vector<std::string>& ids, const Globals& globals);

// A table for people: columns aligned, numbers to the right.
[[nodiscard]] std::string format_table(const std::vector<std::string>& header,
                                       const std::vector<std::vector<std::string>>& rows);

}  // namespace argosy::cli
