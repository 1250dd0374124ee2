#include "cli/command.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstring>

#include "cli/hint.hpp"
#include "core/child_process.hpp"
#include "core/clock.hpp"
#include "core/config.hpp"
#include "core/json.hpp"
#include "core/text.hpp"

namespace argosy::cli {

void add_common_options(CLI::App& command, Globals& globals, bool json) {
  command.add_option("--home", globals.home,
                     "folder of Argosy's data (default: $ARGOSY_HOME or ~/.local/share/argosy)");
  if (json) command.add_flag("--json", globals.json, "print JSON for programs");
}

std::string home_folder(const Globals& globals) {
  if (!globals.home.empty()) return globals.home;
  const core::Environment environment = core::system_environment();
  if (auto home = environment("ARGOSY_HOME"); home && !home->empty()) return *home;
  if (auto data = environment("XDG_DATA_HOME"); data && !data->empty()) return *data + "/argosy";
  return environment("HOME").value_or(".") + "/.local/share/argosy";
}

int exit_code(core::ErrorCode code) {
  switch (code) {
    case core::ErrorCode::kInvalidArgument:
    case core::ErrorCode::kNotFound:
    case core::ErrorCode::kAlreadyExists:
    case core::ErrorCode::kUnsupported:
      return 2;
    default:
      return 1;
  }
}

void run_command(const std::function<core::Result<void>()>& work) {
  const auto result = work();
  if (result) return;
  std::fflush(stdout);
  fmt::print(stderr, "error: {}\n", result.error().describe());
  print_hint(result.error());
  throw Exit{exit_code(result.error().code)};
}

core::Result<void> print(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0) {
    const bool full = errno == ENOSPC || errno == EDQUOT || errno == EFBIG;
    return core::fail(core::Error(full ? core::ErrorCode::kOutOfSpace : core::ErrorCode::kIo,
                                  fmt::format("cannot write the output: {}", std::strerror(errno))));
  }
  return {};
}

bool is_interactive() { return isatty(STDERR_FILENO) == 1; }

void tell_progress(double fraction, std::string_view text) {
  static const int kDescriptor = [] {
    const auto number = core::parse_integer(core::system_environment()(core::kProgressVariable).value_or(""));
    const bool is_open =
        number && *number > STDERR_FILENO && *number < 1'024 && ::fcntl(static_cast<int>(*number), F_GETFD) >= 0;
    return is_open ? static_cast<int>(*number) : -1;
  }();
  if (kDescriptor < 0) return;
  core::JsonWriter json;
  json.begin_object().key("progress").value(fraction).key("text").value(text).end_object();
  const std::string line = std::move(json).take() + "\n";
  // Short enough to be written whole or not at all; what is lost is told again soon.
  (void)!::write(kDescriptor, line.data(), line.size());
}

ProgressBar::ProgressBar(std::string label)
    : label_(std::move(label)), started_ns_(core::SystemClock().monotonic().count()) {}

void ProgressBar::update(double fraction) {
  const int percent = static_cast<int>(std::clamp(fraction, 0.0, 1.0) * 100);
  if (percent == last_percent_) return;
  last_percent_ = percent;
  tell_progress(percent / 100.0, label_);
  if (!is_interactive()) return;
  constexpr int kWidth = 32;
  const int filled = percent * kWidth / 100;
  const double seconds = static_cast<double>(core::SystemClock().monotonic().count() - started_ns_) / 1e9;
  fmt::print(stderr, "\r{} [{:=<{}}{: <{}}] {:3} %  {:.1f} s", label_, "", filled, "", kWidth - filled, percent,
             seconds);
  std::fflush(stderr);
}

ProgressBar::~ProgressBar() {
  if (last_percent_ >= 0 && is_interactive()) fmt::print(stderr, "\r\x1b[2K");
}

std::string format_ratio(double ratio) { return std::isnan(ratio) ? "-" : fmt::format("{:+.2f} %", ratio * 100); }
std::string format_statistic(double value) { return std::isnan(value) ? "-" : fmt::format("{:.2f}", value); }
std::string format_seconds(core::Timestamp time) {
  return core::format_rfc3339(std::chrono::floor<std::chrono::seconds>(time));
}

core::Result<void> print_removed(const std::vector<std::string>& ids, const Globals& globals) {
  if (!globals.json) return print(fmt::format("removed {}\n", core::join(ids, ", ")));
  core::JsonWriter json(2);
  json.begin_object().key("removed").begin_array();
  for (const std::string& id : ids) json.value(id);
  return print(std::move(json.end_array().end_object()).take() + "\n");
}

std::string format_table(const std::vector<std::string>& header, const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> width(header.size());
  std::vector<bool> numeric(header.size(), true);
  // Columns are counted in code points, so that letters beyond ASCII stay aligned.
  const auto length = [](const std::string& text) {
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
  };
  for (std::size_t i = 0; i < header.size(); ++i) width[i] = length(header[i]);
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < header.size(); ++i) {
      width[i] = std::max(width[i], length(row[i]));
      const bool number = row[i].empty() || row[i] == "-" || std::isdigit(static_cast<unsigned char>(row[i][0])) != 0 ||
                          (row[i].size() > 1 && (row[i][0] == '-' || row[i][0] == '+'));
      numeric[i] = numeric[i] && number;
    }
  }
  std::string out;
  const auto line = [&](const std::vector<std::string>& cells) {
    std::string text;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const std::string padding(width[i] - length(cells[i]), ' ');
      if (i > 0) text += "  ";
      text += numeric[i] ? padding + cells[i] : cells[i] + padding;
    }
    text.erase(text.find_last_not_of(' ') + 1);
    out += text + "\n";
  };
  line(header);
  for (const auto& row : rows) line(row);
  return out;
}

}  // namespace argosy::cli
