// The files of a log: one a day, or a new one when it is large, and those that are too old or too many removed.
//
//   LogFiles files({.folder = home + "/logs", .rotate_bytes = 100'000'000, .keep_days = 30}, system_files(), clock);
//   ARGOSY_TRY_VOID(files.write("{...}\n"));
//
// They are called argosy-2024-11-29.000.jsonl: the day on which they were begun (UTC) and the part of that day. A
// process that starts goes on with the last one. Not safe for threads by itself.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "core/files.hpp"
#include "core/result.hpp"
#include "core/time.hpp"

namespace argosy::core {

struct LogFileSettings {
  std::string folder;  // made when it is missing
  bool daily = true;   // a new file each day (UTC)
  std::uint64_t rotate_bytes =
      0;                        // a new one before it would be larger; 0: never. A longer line has a file of its own.
  std::int64_t keep_days = 0;   // files begun earlier are removed; 0: none
  std::int64_t keep_files = 0;  // the oldest beyond these are removed; 0: none
};

// The newest whole lines of the newest file, the oldest first: `most` of them, of at most a megabyte; none where there
// is no file.
[[nodiscard]] Result<std::vector<std::string>> last_log_lines(const std::string& folder, std::size_t most,
                                                              Files& files);

class LogFiles {
 public:
  // Files and clock outlive it.
  LogFiles(LogFileSettings settings, Files& files, const Clock& clock);

  // Finds the file to go on with, or makes one.
  [[nodiscard]] Result<void> open();
  // Whole lines. After an error the next call tries again.
  [[nodiscard]] Result<void> write(std::string_view lines);

 private:
  [[nodiscard]] Result<void> begin(Date day, std::int64_t part);
  [[nodiscard]] Result<void> remove_old();

  LogFileSettings settings_;
  Files& files_;
  const Clock& clock_;
  std::unique_ptr<AppendFile> file_;
  Date day_;
  std::int64_t part_ = 0;
  std::uint64_t size_ = 0;
};

}  // namespace argosy::core
