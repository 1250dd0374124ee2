#include "core/log.hpp"

#include <fmt/format.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <atomic>
#include <cstdio>
#include <memory>
#include <mutex>
#include <utility>

#include "core/clock.hpp"
#include "core/json.hpp"

namespace argosy::core {
namespace {

std::atomic<std::int64_t> warning_count = 0;
std::atomic<std::int64_t> lost_count = 0;

const Clock& system_clock() {
  static const SystemClock clock;
  return clock;
}
std::atomic<const Clock*> current_clock = nullptr;

// spdlog calls it under its lock, one line at a time.
class FolderSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit FolderSink(std::unique_ptr<LogFiles> files) : files_(std::move(files)) {}

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    line_.assign(message.payload.data(), message.payload.size());
    line_ += '\n';
    const bool is_written = files_->write(line_).has_value();
    if (!is_written) ++lost_count;
    if (!is_written || message.level >= spdlog::level::err) std::fwrite(line_.data(), 1, line_.size(), stderr);
  }
  void flush_() override {}

 private:
  std::unique_ptr<LogFiles> files_;
  std::string line_;
};

spdlog::level::level_enum spdlog_level(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarning:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

std::string_view level_name(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return "debug";
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarning:
      return "warning";
    case LogLevel::kError:
      return "error";
  }
  return "error";
}

std::shared_ptr<spdlog::logger> make_logger(spdlog::sink_ptr sink, LogLevel level) {
  auto logger = std::make_shared<spdlog::logger>("argosy", std::move(sink));
  logger->set_pattern("%v");  // the line is made here, so that every text in it is escaped
  logger->set_level(spdlog_level(level));
  logger->flush_on(spdlog::level::debug);  // what a crash cuts off is what one would want to read
  return logger;
}

std::shared_ptr<spdlog::logger>& current_logger() {
  static std::shared_ptr<spdlog::logger> logger =
      make_logger(std::make_shared<spdlog::sinks::stderr_sink_mt>(), LogSettings{}.level);
  return logger;
}

// "2024-11-29T18:00:00.000Z": always with milliseconds, so that lines stand under each other.
std::string log_time(Timestamp time) {
  const auto second = std::chrono::floor<std::chrono::seconds>(time);
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(time - second).count();
  std::string text = format_rfc3339(second);
  text.pop_back();  // the Z
  return fmt::format("{}.{:03}Z", text, milliseconds);
}

}  // namespace

Result<void> configure_log(const LogSettings& settings) {
  try {
    const Clock& clock = settings.clock == nullptr ? system_clock() : *settings.clock;
    spdlog::sink_ptr sink;
    if (!settings.files.folder.empty()) {
      auto files = std::make_unique<LogFiles>(settings.files, system_files(), clock);
      ARGOSY_TRY_VOID(files->open());
      sink = std::make_shared<FolderSink>(std::move(files));
    } else if (settings.file.empty()) {
      sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    } else {
      sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(settings.file);
    }
    current_logger() = make_logger(std::move(sink), settings.level);
    current_clock = &clock;
    lost_count = 0;
    return {};
  } catch (const spdlog::spdlog_ex& error) {
    return fail(Error(ErrorCode::kIo, fmt::format("cannot open the log file {}: {}", settings.file, error.what()))
                    .with_hint("check its folder and permissions, or leave log.file empty"));
  }
}

void log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) {
  if (level >= LogLevel::kWarning) ++warning_count;
  spdlog::logger& logger = *current_logger();
  if (!logger.should_log(spdlog_level(level))) return;
  const Clock* clock = current_clock.load();
  if (clock == nullptr) clock = &system_clock();
  JsonWriter json;
  json.begin_object();
  json.key("time").value(log_time(clock->now())).key("level").value(level_name(level));
  json.key("message").value(message);
  for (const LogField& field : fields) {
    json.key(field.name);
    std::visit([&](const auto& value) { json.value(value); }, field.value);
  }
  json.end_object();
  const std::string line = std::move(json).take();
  logger.log(spdlog_level(level), spdlog::string_view_t(line));
}

std::int64_t lost_log_lines() { return lost_count.load(); }

std::int64_t take_warning_count() { return warning_count.exchange(0); }

}  // namespace argosy::core
