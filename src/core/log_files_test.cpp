#include "core/log_files.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "core/json.hpp"
#include "core/log.hpp"
#include "core/text.hpp"

namespace argosy::core {
namespace {

using std::chrono::hours;

class LogFilesTest : public testing::Test {
 public:
  LogFilesTest() {
    std::filesystem::remove_all(folder);
    (void)take_warning_count();
  }
  ~LogFilesTest() override {
    (void)configure_log({});
    (void)take_warning_count();
    std::filesystem::remove_all(folder);
  }

  [[nodiscard]] std::vector<std::string> names() const {
    std::vector<std::string> out;
    for (const FileInfo& each : *system_files().list(folder)) out.push_back(each.name);
    return out;
  }
  [[nodiscard]] std::string text(const std::string& name) const { return *system_files().read(folder + "/" + name); }
  [[nodiscard]] LogFileSettings in_folder(LogFileSettings settings) const {
    settings.folder = folder;
    return settings;
  }
  void write(LogFiles& files, const std::string& line) {
    const auto done = files.write(line);
    EXPECT_TRUE(done.has_value()) << done.error().describe();
  }
  void pass(Duration time) { clock.advance_to(clock.now() + time); }

  const std::string folder = testing::TempDir() + "/argosy-logs-" + std::to_string(::getpid()) + "/logs";
  SimulatedClock clock{*parse_rfc3339("2024-11-29T23:00:00Z")};
};

using Names = std::vector<std::string>;

TEST_F(LogFilesTest, TheLastLinesAreOfTheNewestFile) {
  EXPECT_TRUE(last_log_lines(folder, 10, system_files())->empty()) << "there is none yet";
  LogFiles files(in_folder({.daily = true}), system_files(), clock);
  ASSERT_TRUE(files.open());
  write(files, "old\n");
  pass(hours(2));
  for (int i = 0; i < 5; ++i) write(files, "line " + std::to_string(i) + "\n");
  EXPECT_EQ(*last_log_lines(folder, 2, system_files()), (std::vector<std::string>{"line 3", "line 4"}));
  EXPECT_EQ(last_log_lines(folder, 100, system_files())->size(), 5U);
  // Of a large file the end alone is read; a line that is being written is not there yet.
  for (int i = 0; i < 1'100; ++i) write(files, std::string(1'000, 'x') + "\n");
  write(files, "half a l");
  const auto lines = last_log_lines(folder, 100'000, system_files());
  EXPECT_LT(lines->size(), 1'100U);
  for (const std::string& each : *lines) EXPECT_EQ(each, std::string(1'000, 'x'));
}

TEST_F(LogFilesTest, ANewFileEachDay) {
  LogFiles files(in_folder({}), system_files(), clock);
  write(files, "a\n");
  pass(hours(1));
  write(files, "b\n");
  write(files, "c\n");
  EXPECT_EQ(names(), (Names{"argosy-2024-11-29.000.jsonl", "argosy-2024-11-30.000.jsonl"}));
  EXPECT_EQ(text("argosy-2024-11-30.000.jsonl"), "b\nc\n");
}

TEST_F(LogFilesTest, NoneLargerThanItMayBe) {
  LogFiles files(in_folder({.rotate_bytes = 10}), system_files(), clock);
  for (const char* line : {"1234\n", "5678\n", "9\n", "a line that is longer\n", "b\n"}) write(files, line);
  EXPECT_EQ(text("argosy-2024-11-29.000.jsonl"), "1234\n5678\n");
  EXPECT_EQ(text("argosy-2024-11-29.001.jsonl"), "9\n");
  EXPECT_EQ(text("argosy-2024-11-29.002.jsonl"), "a line that is longer\n");
  EXPECT_EQ(text("argosy-2024-11-29.003.jsonl"), "b\n");
}

TEST_F(LogFilesTest, AProcessThatStartsGoesOnWithTheLast) {
  for (const char* line : {"1234\n", "5678\n", "9\n"}) {
    LogFiles files(in_folder({.rotate_bytes = 10}), system_files(), clock);
    write(files, line);
  }
  EXPECT_EQ(names().size(), 2U);
  EXPECT_EQ(text("argosy-2024-11-29.000.jsonl"), "1234\n5678\n");
  pass(hours(48));
  LogFiles same(in_folder({.daily = false}), system_files(), clock);
  write(same, "later\n");
  EXPECT_EQ(text("argosy-2024-11-29.001.jsonl"), "9\nlater\n");
}

TEST_F(LogFilesTest, OldOnesAndTooManyAreRemovedAndNothingElse) {
  std::filesystem::create_directories(folder);
  for (const char* name : {"argosy-2024-11-01.000.jsonl", "argosy-2024-11-27.000.jsonl", "argosy-2024-11-28.000.jsonl",
                           "argosy-2024-11-01.jsonl", "notes.txt"})
    std::ofstream(folder + "/" + name) << "x\n";
  LogFiles aged(in_folder({.keep_days = 2}), system_files(), clock);
  write(aged, "a\n");
  EXPECT_EQ(names(), (Names{"argosy-2024-11-01.jsonl", "argosy-2024-11-27.000.jsonl", "argosy-2024-11-28.000.jsonl",
                            "argosy-2024-11-29.000.jsonl", "notes.txt"}));
  LogFiles counted(in_folder({.rotate_bytes = 1, .keep_files = 2}), system_files(), clock);
  write(counted, "b\n");
  EXPECT_EQ(names(), (Names{"argosy-2024-11-01.jsonl", "argosy-2024-11-29.000.jsonl", "argosy-2024-11-29.001.jsonl",
                            "notes.txt"}));
}

TEST_F(LogFilesTest, AFolderThatCannotBeMadeIsAnError) {
  std::filesystem::create_directories(std::filesystem::path(folder).parent_path());
  std::ofstream(folder) << "a file\n";
  EXPECT_FALSE(configure_log({.files = {.folder = folder}}).has_value());
}

// Who started the program from a terminal, or reads what systemd keeps, sees it without opening the files.
TEST_F(LogFilesTest, ErrorsAreSaidOnStderrToo) {
  ASSERT_TRUE(configure_log({.level = LogLevel::kInfo, .files = in_folder({}), .clock = &clock}).has_value());
  testing::internal::CaptureStderr();
  log_warning("the feed is late");
  log_error("the ledger cannot be written");
  const std::string told = testing::internal::GetCapturedStderr();
  EXPECT_EQ(told.find("the feed is late"), std::string::npos);
  EXPECT_NE(told.find("the ledger cannot be written"), std::string::npos);
}

TEST_F(LogFilesTest, ThreadsLoseNoLineAndTearNone) {
  constexpr int kThreads = 4;
  constexpr int kLines = 500;
  ASSERT_TRUE(configure_log({.level = LogLevel::kInfo, .files = in_folder({.rotate_bytes = 20'000}), .clock = &clock})
                  .has_value());
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([thread] {
      for (int line = 0; line < kLines; ++line)
        log_info("filled", {{"order_id", thread * kLines + line}, {"service_id", thread}});
    });
  }
  for (std::thread& each : threads) each.join();
  EXPECT_EQ(lost_log_lines(), 0);
  std::vector<int> seen(kThreads * kLines, 0);
  EXPECT_GT(names().size(), 3U);
  for (const std::string& name : names()) {
    const std::string lines = text(name);
    EXPECT_LE(lines.size(), 20'000U) << name;
    for (const std::string_view line : split(trim(lines), '\n')) {
      const auto json = parse_json(line);
      ASSERT_TRUE(json.has_value()) << line;
      EXPECT_EQ(*json->find("time")->string(), "2024-11-29T23:00:00.000Z");
      const std::size_t at = line.find("\"order_id\":") + 11;
      ++seen.at(static_cast<std::size_t>(*parse_integer(line.substr(at, line.find(',', at) - at))));
    }
  }
  for (const int count : seen) EXPECT_EQ(count, 1);
}

}  // namespace
}  // namespace argosy::core
