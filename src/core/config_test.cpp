#include "core/config.hpp"

#include <gtest/gtest.h>

#include <map>

#include "core/files.hpp"
#include "core/sample_record.hpp"

namespace argosy::core {
namespace {

struct LogSection {
  std::string level = "warning";
  std::int64_t keep = 3;
};

}  // namespace

template <>
struct RecordOf<LogSection> {
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(LogSection, level, .text = "least level | written"),
      ARGOSY_FIELD(LogSection, keep, .unit = "days", .limits = {.minimum = 1}, .text = "how long logs stay"),
  };
  static constexpr RecordType kType{"log", "Where logs go", kFields};
};

namespace {

struct Config : testing::Test {
  Sample sample;
  LogSection log;
  std::vector<ConfigSection> sections{section("sample", sample), section("log", log)};
  std::map<std::string, std::string> variables;

  Result<void> load(std::string_view yaml) {
    return load_config(
        yaml, "config.yaml",
        [this](const std::string& name) -> std::optional<std::string> {
          const auto found = variables.find(name);
          return found == variables.end() ? std::nullopt : std::optional(found->second);
        },
        sections);
  }
  std::string error_of(std::string_view yaml) {
    const auto done = load(yaml);
    if (done) return "loaded";
    return done.error().describe() + (done.error().hint.empty() ? "" : " | " + done.error().hint);
  }
};

TEST_F(Config, ReadsTheFileAndThenTheEnvironment) {
  variables["ARGOSY_LOG_LEVEL"] = "debug";
  variables["ARGOSY_SAMPLE_TOKEN"] = "hush";
  const auto done =
      load("sample:\n  name: alpha\n  price: 12.5\n  tags: [a, b]\n  note: ~\nlog:\n  level: info\n  keep: 5\n");
  ASSERT_TRUE(done.has_value()) << done.error().describe();
  EXPECT_EQ(sample.name, "alpha");
  EXPECT_EQ(sample.price.to_string(), "12.5");
  EXPECT_EQ(sample.tags, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(sample.token.expose(), "hush");
  EXPECT_EQ(sample.ratio, 0.5);
  EXPECT_EQ(log.level, "debug");
  EXPECT_EQ(log.keep, 5);
}

TEST_F(Config, AnEmptyFileKeepsTheDefaults) {
  variables["ARGOSY_SAMPLE_NAME"] = "beta";
  ASSERT_TRUE(load("").has_value());
  ASSERT_TRUE(load("log:\n").has_value());
  EXPECT_EQ(log.level, "warning");
  EXPECT_EQ(sample.name, "beta");
}

TEST_F(Config, OneErrorKeepsItsPlace) {
  variables["ARGOSY_SAMPLE_NAME"] = "beta";
  EXPECT_EQ(error_of("log:\n  levle: info\n"),
            "config.yaml:2:3: the section log has no key \"levle\". Did you mean \"level\"?");
  EXPECT_EQ(error_of("lgo:\n  level: info\n"), "config.yaml:1:1: there is no section \"lgo\". Did you mean \"log\"?");
  EXPECT_EQ(error_of("log:\n  keep: 0\n"),
            "config.yaml:2:9: keep is 0 days; it must be at least 1 (field log.keep = \"0\")");
  EXPECT_EQ(error_of("log:\n  keep: two\n"), "config.yaml:2:9: \"two\" is not an integer (field log.keep = \"two\")");
  EXPECT_EQ(error_of("log:\n  keep:\n"), "config.yaml:2:3: keep: expected integer, found nothing (field log.keep)");
  EXPECT_EQ(error_of("log:\n  keep: {a: 1}\n"),
            "config.yaml:2:9: keep: expected integer, found further keys (field log.keep)");
  EXPECT_EQ(error_of("log:\n  keep: [1]\n"), "config.yaml:2:9: keep: expected integer, found a list (field log.keep)");
  EXPECT_EQ(error_of("sample:\n  tags: [[1]]\n"), "config.yaml:2:9: tags: expected texts only (field sample.tags)");
  EXPECT_EQ(error_of("log: 5\n"), "config.yaml:1:6: the section log must hold lines of key: value");
  EXPECT_EQ(error_of("[1]\n"), "config.yaml:1:1: a configuration holds sections of key: value");
  EXPECT_EQ(error_of("log:\n  keep: 1\n  keep: 2\n"),
            "config.yaml:3:3: the key \"keep\" stands twice | remove one of them");
  variables["ARGOSY_LOG_KEEP"] = "many";
  EXPECT_EQ(error_of(""), "environment variable ARGOSY_LOG_KEEP: \"many\" is not an integer (field keep = \"many\")");
}

TEST_F(Config, SeveralErrorsAreToldTogether) {
  EXPECT_EQ(error_of("log:\n  keep: 0\n  colour: red\nother: 1\n"),
            "4 errors in the configuration:\n"
            "  config.yaml:4:1: there is no section \"other\". Known: sample, log.\n"
            "  config.yaml: sample.name is missing; expected: text (add it to the file or set ARGOSY_SAMPLE_NAME)\n"
            "  config.yaml:2:9: keep is 0 days; it must be at least 1 (field log.keep = \"0\")\n"
            "  config.yaml:3:3: the section log has no key \"colour\". Known: level, keep.");
}

TEST_F(Config, SecretsComeFromFilesOfTheirOwn) {
  EXPECT_EQ(error_of("sample:\n  name: n\n  token: hush\n"),
            "config.yaml:3:10: a secret must not stand in this file (field sample.token) | "
            "set ARGOSY_SAMPLE_TOKEN, or name a file that holds it: token_file: PATH");
  const std::string path = testing::TempDir() + "argosy_config_secret";
  ASSERT_TRUE(system_files().write_atomic(path, "hush\r\n"));
  EXPECT_EQ(error_of("sample:\n  name: n\n  token_file: " + path + "\n"), "loaded");
  EXPECT_EQ(sample.token.expose(), "hush");
  ASSERT_TRUE(system_files().write_atomic(path, "far too long for it"));
  EXPECT_EQ(error_of("sample:\n  name: n\n  token_file: " + path + "\n"),
            "config.yaml:3:15: token has 19 bytes, more than 8 (field sample.token = \"***\")");
  ASSERT_TRUE(system_files().remove(path));
  const std::string missing = error_of("sample:\n  name: n\n  token_file: " + path + "\n");
  EXPECT_TRUE(missing.starts_with("config.yaml:3:15: cannot read " + path)) << missing;
}

TEST_F(Config, WhatIsRenderedReadsBack) {
  sample.name = "alpha";
  sample.note = "a: \"b\" # c";
  sample.tags = {"x", "y"};
  log.level = "";
  const std::string text = render_config(sections);
  sample = Sample{};
  log = LogSection{};
  const auto done = load(text);
  ASSERT_TRUE(done.has_value()) << done.error().describe() << "\n" << text;
  EXPECT_EQ(sample.note, "a: \"b\" # c");
  EXPECT_EQ(sample.tags, (std::vector<std::string>{"x", "y"}));
  EXPECT_EQ(log.level, "");
  EXPECT_EQ(render_config(sections), text);
}

TEST_F(Config, RendersWithItsTexts) {
  EXPECT_EQ(render_config(std::span(sections).subspan(1)),
            "# Where logs go\n"
            "log:\n"
            "  # least level | written\n"
            "  level: \"warning\"\n"
            "  # how long logs stay, in days (at least 1)\n"
            "  keep: 3\n");
  EXPECT_NE(render_config(sections).find("  # a secret: set ARGOSY_SAMPLE_TOKEN, or token_file: PATH\n"),
            std::string::npos);
}

TEST_F(Config, ListsItsKeysAsMarkdown) {
  EXPECT_EQ(config_reference(std::span(sections).subspan(1)),
            "## log\n\n"
            "Where logs go.\n\n"
            "| key | type | default | limits | what it is | environment |\n"
            "|---|---|---|---|---|---|\n"
            "| `level` | text | `warning` |  | least level \\| written | `ARGOSY_LOG_LEVEL` |\n"
            "| `keep` | integer | `3` | at least 1 | how long logs stay, in days | `ARGOSY_LOG_KEEP` |\n");
  EXPECT_NE(config_reference(sections).find("| `name` | text | required |"), std::string::npos);
}

TEST(SystemEnvironment, ReadsVariables) {
  ASSERT_EQ(::setenv("ARGOSY_TEST_VARIABLE", "here", 1), 0);
  EXPECT_EQ(system_environment()("ARGOSY_TEST_VARIABLE"), "here");
  ASSERT_EQ(::unsetenv("ARGOSY_TEST_VARIABLE"), 0);
  EXPECT_FALSE(system_environment()("ARGOSY_TEST_VARIABLE").has_value());
}

}  // namespace
}  // namespace argosy::core
