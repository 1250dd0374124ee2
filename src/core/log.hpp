// Logs as lines of JSON on stderr, into a file, or into a folder with files that are replaced and removed
// (log_files.hpp): time, level, message, then the fields in the order given. Any thread may log.
//
//   configure_log({.level = LogLevel::kInfo, .files = {.folder = home + "/logs", .keep_days = 30}});
//   log_info("data imported", {{"symbol", "AAPL"}, {"rows", 3270}});
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

#include "core/clock.hpp"
#include "core/log_files.hpp"
#include "core/result.hpp"

namespace argosy::core {

enum class LogLevel : std::uint8_t { kDebug, kInfo, kWarning, kError };

struct LogField {
  std::string_view name;
  std::variant<std::string_view, std::int64_t, double, bool> value;

  LogField(std::string_view field, std::string_view text) : name(field), value(text) {}
  LogField(std::string_view field, const char* text) : name(field), value(std::string_view(text)) {}
  LogField(std::string_view field, const std::string& text) : name(field), value(std::string_view(text)) {}
  LogField(std::string_view field, bool truth) : name(field), value(truth) {}
  LogField(std::string_view field, double number) : name(field), value(number) {}
  LogField(std::string_view field, std::int64_t number) : name(field), value(number) {}
  LogField(std::string_view field, int number) : name(field), value(static_cast<std::int64_t>(number)) {}
  LogField(std::string_view field, std::size_t number) : name(field), value(static_cast<std::int64_t>(number)) {}
};

struct LogSettings {
  LogLevel level = LogLevel::kWarning;
  std::string file;       // empty: stderr, or files
  LogFileSettings files;  // with a folder: there, instead of `file`; errors, and what it has no room for, on stderr too
  const Clock* clock = {};  // lives as long as the log; null: the system's
};

// Call it from main, before there are threads that log. Without it lines of level warning and above go to stderr.
[[nodiscard]] Result<void> configure_log(const LogSettings& settings);
void log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields = {});
inline void log_info(std::string_view message, std::initializer_list<LogField> fields = {}) {
  log(LogLevel::kInfo, message, fields);
}
inline void log_warning(std::string_view message, std::initializer_list<LogField> fields = {}) {
  log(LogLevel::kWarning, message, fields);
}
inline void log_error(std::string_view message, std::initializer_list<LogField> fields = {}) {
  log(LogLevel::kError, message, fields);
}

// For tests: the number of lines of level warning and above since the last call; tests that expect one call it to say
// so.
[[nodiscard]] std::int64_t take_warning_count();
// Lines that could not be written into the files of a folder since the log was configured: a full disk.
[[nodiscard]] std::int64_t lost_log_lines();

}  // namespace argosy::core
