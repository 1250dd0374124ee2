#include "core/log.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <regex>

#include "core/files.hpp"
#include "core/json.hpp"
#include "core/text.hpp"

namespace argosy::core {
namespace {

class LogTest : public testing::Test {
 protected:
  void SetUp() override { (void)take_warning_count(); }
  void TearDown() override {
    (void)configure_log({});
    (void)take_warning_count();
    (void)system_files().remove(path);
  }

  const std::string path = testing::TempDir() + "argosy_log_test.jsonl";
};

TEST_F(LogTest, WritesLinesOfJson) {
  ASSERT_TRUE(configure_log({.level = LogLevel::kInfo, .file = path}).has_value());
  log(LogLevel::kDebug, "not written");
  log_info("data {} \"imported\"\n",
           {{"symbol", "AAPL"}, {"rows", 3270}, {"ratio", 0.5}, {"done", true}, {"bad", std::nan("")}});
  log_warning("slow", {{"path", std::string("a\\b")}});
  const std::string text = *system_files().read(path);
  const auto lines = split(trim(text), '\n');
  ASSERT_EQ(lines.size(), 2U) << text;
  const std::regex expected(
      R"re(\{"time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z","level":"info","message":"data \{\} \\"imported\\"\\n",)re"
      R"re("symbol":"AAPL","rows":3270,"ratio":0\.5,"done":true,"bad":null\})re");
  EXPECT_TRUE(std::regex_match(std::string(lines[0]), expected)) << lines[0];
  const auto second = parse_json(lines[1]);
  ASSERT_TRUE(second.has_value());
  EXPECT_EQ(*second->find("level")->string(), "warning");
  EXPECT_EQ(*second->find("path")->string(), "a\\b");
}

TEST_F(LogTest, CountsWarningsAndErrors) {
  ASSERT_TRUE(configure_log({.level = LogLevel::kError, .file = path}).has_value());
  log_info("a");
  log_warning("b");
  log_error("c");
  EXPECT_EQ(take_warning_count(), 2);
  EXPECT_EQ(take_warning_count(), 0);
  const std::string text = *system_files().read(path);
  EXPECT_NE(text.find("\"message\":\"c\""), std::string::npos);
  EXPECT_EQ(text.find("\"message\":\"b\""), std::string::npos);
}

TEST_F(LogTest, GoesToStderrByDefault) {
  ASSERT_TRUE(configure_log({}).has_value());
  testing::internal::CaptureStderr();
  log_info("quiet");
  log_warning("loud");
  const std::string text = testing::internal::GetCapturedStderr();
  EXPECT_EQ(text.find("quiet"), std::string::npos);
  EXPECT_NE(text.find("\"message\":\"loud\"}\n"), std::string::npos) << text;
}

TEST_F(LogTest, AFileThatCannotBeOpenedIsAnError) {
  const auto done = configure_log({.file = "/proc/argosy/log"});
  ASSERT_FALSE(done.has_value());
  EXPECT_EQ(done.error().code, ErrorCode::kIo);
  EXPECT_NE(done.error().message.find("/proc/argosy/log"), std::string::npos);
}

}  // namespace
}  // namespace argosy::core
