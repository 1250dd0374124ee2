#include "core/log_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <optional>
#include <utility>
#include <vector>

#include "core/text.hpp"

namespace argosy::core {
namespace {

constexpr std::string_view kStart = "argosy-";
constexpr std::string_view kEnd = ".jsonl";

struct Named {
  Date day;
  std::int64_t part = 0;
};

std::string name_of(Date day, std::int64_t part) {
  return fmt::format("{}{}.{:03}{}", kStart, day.to_string(), part, kEnd);
}

// Nothing: a file of somebody else.
std::optional<Named> parse_name(std::string_view name) {
  if (!name.starts_with(kStart) || !name.ends_with(kEnd) || name.size() < kStart.size() + kEnd.size()) return {};
  const std::string_view middle = name.substr(kStart.size(), name.size() - kStart.size() - kEnd.size());
  const auto parts = split(middle, '.');
  if (parts.size() != 2) return {};
  const auto day = Date::parse(parts[0]);
  const auto part = parse_integer(parts[1]);
  if (!day || !part || *part < 0 || name != name_of(*day, *part)) return {};
  return Named{*day, *part};
}

bool is_before(const Named& a, const Named& b) { return a.day != b.day ? a.day < b.day : a.part < b.part; }

Result<std::vector<Named>> list_logs(Files& files, const std::string& folder) {
  ARGOSY_TRY(const std::vector<FileInfo> found, files.list(folder));
  std::vector<Named> logs;
  for (const FileInfo& each : found) {
    if (const auto named = parse_name(each.name)) logs.push_back(*named);
  }
  std::ranges::sort(logs, is_before);
  return logs;
}

}  // namespace

Result<std::vector<std::string>> last_log_lines(const std::string& folder, std::size_t most, Files& files) {
  constexpr std::uint64_t kMostBytes = 1'000'000;
  std::vector<std::string> lines;
  if (!files.exists(folder)) return lines;
  ARGOSY_TRY(const std::vector<Named> logs, list_logs(files, folder));
  if (logs.empty()) return lines;
  const std::string path = folder + "/" + name_of(logs.back().day, logs.back().part);
  ARGOSY_TRY(const FileInfo info, files.info(path));
  const std::uint64_t from = info.size > kMostBytes ? info.size - kMostBytes : 0;
  std::ifstream file(path, std::ios::binary);
  file.seekg(static_cast<std::streamoff>(from));
  std::string line;
  if (from > 0) std::getline(file, line);  // begins somewhere
  // One that has no end yet is being written.
  while (std::getline(file, line) && !file.eof()) lines.push_back(line);
  if (lines.size() > most) lines.erase(lines.begin(), lines.end() - static_cast<std::ptrdiff_t>(most));
  return lines;
}

LogFiles::LogFiles(LogFileSettings settings, Files& files, const Clock& clock)
    : settings_(std::move(settings)), files_(files), clock_(clock) {}

Result<void> LogFiles::open() {
  ARGOSY_TRY_VOID(files_.make_folders(settings_.folder));
  ARGOSY_TRY(const std::vector<Named> logs, list_logs(files_, settings_.folder));
  const Date today = utc_date(clock_.now());
  if (logs.empty() || (settings_.daily && logs.back().day < today)) return begin(today, 0);
  return begin(logs.back().day, logs.back().part);
}

Result<void> LogFiles::write(std::string_view lines) {
  if (!file_) ARGOSY_TRY_VOID(open());
  const Date today = utc_date(clock_.now());
  if (settings_.daily && today > day_) {
    ARGOSY_TRY_VOID(begin(today, 0));
  } else if (settings_.rotate_bytes > 0 && size_ > 0 && size_ + lines.size() > settings_.rotate_bytes) {
    // A clock that went back goes on with the later day, so that the order of names stays that of the lines.
    const Date day = std::max(today, day_);
    ARGOSY_TRY_VOID(begin(day, day == day_ ? part_ + 1 : 0));
  }
  ARGOSY_TRY_VOID(file_->append(lines));
  size_ += lines.size();
  return {};
}

Result<void> LogFiles::begin(Date day, std::int64_t part) {
  const std::string path = settings_.folder + "/" + name_of(day, part);
  file_.reset();
  ARGOSY_TRY(file_, files_.open_append(path));
  day_ = day;
  part_ = part;
  const auto info = files_.info(path);
  size_ = info ? info->size : 0;
  return remove_old();
}

Result<void> LogFiles::remove_old() {
  if (settings_.keep_days == 0 && settings_.keep_files == 0) return {};
  ARGOSY_TRY(const std::vector<Named> logs, list_logs(files_, settings_.folder));
  const Date oldest = utc_date(clock_.now()).plus_days(-static_cast<int>(settings_.keep_days));
  for (std::size_t i = 0; i < logs.size(); ++i) {
    if (logs[i].day == day_ && logs[i].part == part_) continue;
    const bool is_old = settings_.keep_days > 0 && logs[i].day < oldest;
    const bool is_beyond = settings_.keep_files > 0 && logs.size() - i > static_cast<std::size_t>(settings_.keep_files);
    if (!is_old && !is_beyond) continue;
    // One that cannot be removed is tried again with the next file; the log goes on.
    if (!files_.remove(settings_.folder + "/" + name_of(logs[i].day, logs[i].part))) continue;
  }
  return {};
}

}  // namespace argosy::core
