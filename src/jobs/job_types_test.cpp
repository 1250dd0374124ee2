#include "jobs/job_types.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "ledger/records.hpp"
#include "ledger/test_trading.hpp"
#include "ledger/users.hpp"

namespace argosy::jobs {
namespace {

using core::ErrorCode;
using core::Result;

std::vector<core::Error> wrong(std::string_view type, const std::string& json) {
  auto checked = check_parameters(type, *core::parse_json(json));
  return checked ? std::vector<core::Error>() : std::move(checked).error();
}

class JobTypesTest : public ledger::TradingFixture<ledger::LedgerTest> {
 protected:
  JobTypesTest() {
    places = {.program = "/proc/self/exe",
              .home = folder,
              .imports = folder + "/imports",
              .backups = folder + "/backups",
              .strategy_folders = {folder + "/strategies", folder + "/samples"},
              .scratch = folder + "/jobs",
              .files = &core::system_files(),
              .ledger = database.get()};
    for (const char* each : {"/imports/deep", "/strategies", "/samples"})
      std::filesystem::create_directories(folder + each);
    put("imports/F.csv");
    put("imports/deep/G.csv");
    put("samples/golden_cross.yaml");
    put("secret.csv");
  }
  void put(const std::string& name, const std::string& text = "name: x\n") const {
    std::ofstream(folder + "/" + name) << text;
  }
  void save(const std::string& name, const std::string& text, std::int64_t version = 1, std::int64_t owner = 1) {
    const ledger::StrategyRow row{
        .strategy_id = next++, .owner_id = owner, .name = name, .text = text, .version = version, .created_at = {}};
    const auto done = database->write(
        [&](ledger::Transaction& work) { return ledger::insert<ledger::StrategyRow>(work, {&row, 1}); });
    EXPECT_TRUE(done) << done.error().describe();
  }
  [[nodiscard]] Result<JobCommand> made(const std::string& type, const std::string& parameters,
                                        std::int64_t owner = 1) const {
    JobRow job;
    job.job_id = 7;
    job.owner_id = owner;
    job.type = type;
    job.parameters = parameters;
    return make_command(job, places);
  }
  using JobRow = ledger::JobRow;

  JobPlaces places;
  std::int64_t next = 1;
};

TEST_F(JobTypesTest, ABacktestBecomesItsCommand) {
  const auto command = made("backtest", R"({"strategy": "golden_cross", "symbols": ["AAPL", "BRK.B"], "quick": true,
    "set": ["fast=20"], "from": "2020-01-01", "seed": 7, "cash": "5000.50"})");
  ASSERT_TRUE(command) << command.error().describe();
  EXPECT_EQ(command->command,
            (std::vector<std::string>{"/proc/self/exe", "backtest", folder + "/samples/golden_cross.yaml",
                                      "--symbol=AAPL", "--symbol=BRK.B", "--quick", "--from=2020-01-01",
                                      "--cash=5000.50", "--set=fast=20", "--seed=7", "--home=" + folder, "--json"}));
  EXPECT_TRUE(command->scratch.empty());
  EXPECT_EQ(command->environment, (std::vector<std::string>{"ARGOSY_JOB_OWNER=1"})) << "the run is its owner's";
}

TEST_F(JobTypesTest, AStudyTakesOneThreadUnlessItIsToldMore) {
  const auto command = made("optimize", R"({"strategy": "golden_cross", "constraints": ["trades >= 30"],
    "objectives": ["min:volatility"], "walk_forward": "3y/1y", "cv": "cpcv"})");
  ASSERT_TRUE(command) << command.error().describe();
  EXPECT_EQ(command->command,
            (std::vector<std::string>{"/proc/self/exe", "optimize", folder + "/samples/golden_cross.yaml",
                                      "--objective=min:volatility", "--constraint=trades >= 30", "--workers=1",
                                      "--walk-forward=3y/1y", "--cv=cpcv", "--home=" + folder, "--json"}));
}

TEST_F(JobTypesTest, ABackupNamesNoPath) {
  EXPECT_EQ(made("backup", R"({"note": "before / after"})")->command,
            (std::vector<std::string>{"/proc/self/exe", "backup", folder + "/backups/", "--home=" + folder, "--json"}));
}

TEST_F(JobTypesTest, AnImportReadsFromItsFolderAlone) {
  const auto import = [&](const std::string& file) {
    return made("import", R"({"timeframe": "1d", "timezone": "America/New_York", "file": ")" + file + "\"}");
  };
  const auto good = import("deep/G.csv");
  ASSERT_TRUE(good) << good.error().describe();
  EXPECT_EQ(good->command,
            (std::vector<std::string>{"/proc/self/exe", "data", "import",
                                      std::filesystem::canonical(folder).string() + "/imports/deep/G.csv",
                                      "--timeframe=1d", "--timezone=America/New_York", "--home=" + folder, "--json"}));
  std::filesystem::create_symlink(folder + "/secret.csv", folder + "/imports/link.csv");
  std::filesystem::create_symlink(folder, folder + "/imports/out");
  std::filesystem::create_symlink(folder + "/imports/F.csv", folder + "/imports/within.csv");
  std::filesystem::create_directories(folder + "/imports-too");
  put("imports-too/H.csv");
  std::filesystem::create_symlink(folder + "/imports-too/H.csv", folder + "/imports/near.csv");
  EXPECT_TRUE(import("within.csv"));
  for (const char* file :
       {"link.csv", "out/secret.csv", "near.csv", "deep", "missing.csv", "../secret.csv", "deep/../../secret.csv",
        "/etc/passwd", "./F.csv", "deep//G.csv", ".hidden", "", "--help", "..", "a\\\\b"}) {
    EXPECT_FALSE(import(file)) << file;
  }
}

TEST_F(JobTypesTest, WhatCouldBeAnotherArgumentIsRefused) {
  const std::pair<const char*, const char*> cases[] = {
      {"strategy", R"({"strategy": "../../etc/passwd"})"},
      {"strategy", R"({"strategy": "/etc/passwd"})"},
      {"strategy", R"({"strategy": "x.yaml"})"},
      {"strategy", R"({"strategy": ".hidden"})"},
      {"strategy", R"({"strategy": ""})"},
      {"strategy", R"({"strategy": "a\u0000b"})"},
      {"strategy", R"({})"},
      {"symbols", R"({"strategy": "s", "symbols": ["A,B"]})"},
      {"symbols", R"({"strategy": "s", "symbols": ["../A"]})"},
      {"fees", R"({"strategy": "s", "fees": "/etc/passwd"})"},
      {"fees", R"({"strategy": "s", "fees": "mine.yaml"})"},
      {"from", R"({"strategy": "s", "from": "2020\n--report=/tmp/x"})"},
      {"prices", R"({"strategy": "s", "prices": "other"})"},
      {"report", R"({"strategy": "s", "report": "/tmp/x"})"},
      {"trials", R"({"strategy": "s", "trials": 3})"},
      {"seed", R"({"strategy": "s", "seed": -1})"},
  };
  for (const auto& [field, json] : cases) {
    const auto errors = wrong("backtest", json);
    ASSERT_FALSE(errors.empty()) << json;
    EXPECT_EQ(errors.front().field, field) << json;
    EXPECT_FALSE(made("backtest", json)) << json;
  }
  EXPECT_EQ(wrong("backtest", R"({"strategy": "/", "fees": "/", "to": "/"})").size(), 3U);  // all at once
  EXPECT_EQ(wrong("import", R"({"file": "F.csv", "timeframe": "1d", "timezone": "../../etc/passwd"})").size(), 1U);
  EXPECT_EQ(wrong("import", R"({"file": "F.csv", "timeframe": "1d", "columns": ["time=a,close=b"]})").size(), 1U);
  EXPECT_EQ(wrong("backtset", "{}").front().code, ErrorCode::kNotFound);
  EXPECT_TRUE(wrong("backtset", "{}").front().message.contains("backtest"));
  // A value that looks like an option is the value of its own.
  EXPECT_TRUE(wrong("backtest", R"({"strategy": "s", "from": "--report=x"})").empty());
}

TEST_F(JobTypesTest, ParametersAreStoredInOneForm) {
  const auto one = check_parameters("backtest", *core::parse_json(R"({"symbols": ["A"], "strategy": "s"})"));
  const auto other =
      check_parameters("backtest", *core::parse_json(R"({"strategy":"s","symbols":["A"],"quick":false})"));
  ASSERT_TRUE(one && other);
  EXPECT_EQ(*one, *other);
  EXPECT_TRUE(check_parameters("backtest", *core::parse_json(*one)));
  for (const JobType& type : job_types()) EXPECT_EQ(*find_job_type(type.name), &type);
}

TEST_F(JobTypesTest, AStoredStrategyIsReadFromItsText) {
  save("mine", "name: one\n");
  save("mine", "name: two\n", 2);
  const auto newest = made("backtest", R"({"strategy": "mine"})");
  ASSERT_TRUE(newest) << newest.error().describe();
  EXPECT_EQ(newest->command[2], folder + "/jobs/7.yaml");
  EXPECT_EQ(newest->scratch, (std::vector<std::string>{folder + "/jobs/7.yaml"}));
  EXPECT_EQ(*core::system_files().read(folder + "/jobs/7.yaml"), "name: two\n");
  EXPECT_TRUE(made("backtest", R"({"strategy": "mine", "version": 1})"));
  EXPECT_EQ(*core::system_files().read(folder + "/jobs/7.yaml"), "name: one\n");
  EXPECT_EQ(made("backtest", R"({"strategy": "mine", "version": 3})").error().code, ErrorCode::kNotFound);
  EXPECT_EQ(made("backtest", R"({"strategy": "mine"})", 2).error().code, ErrorCode::kNotFound);  // somebody else's
  EXPECT_EQ(made("backtest", R"({"strategy": "nothing"})").error().code, ErrorCode::kNotFound);
}

TEST_F(JobTypesTest, AnAdminsJobReadsEverybodysStoredStrategies) {
  const auto change = [&](const std::string& sql) {
    const auto done = database->write([&](ledger::Transaction& work) { return work.execute(sql, {}); });
    ASSERT_TRUE(done) << done.error().describe();
  };
  const ledger::UserRow other{.user_id = 2, .username = "other", .email = "other@localhost"};
  const auto added =
      database->write([&](ledger::Transaction& work) { return ledger::insert<ledger::UserRow>(work, {&other, 1}); });
  ASSERT_TRUE(added) << added.error().describe();
  save("theirs", "name: theirs\n", 1, 2);
  const char* wanted = R"({"strategy": "theirs", "version": 1})";
  change("UPDATE users SET role = 'admin' WHERE user_id = 1");
  const auto command = made("backtest", wanted);
  ASSERT_TRUE(command) << command.error().describe();
  EXPECT_EQ(*core::system_files().read(folder + "/jobs/7.yaml"), "name: theirs\n");
  EXPECT_EQ(command->environment, (std::vector<std::string>{"ARGOSY_JOB_OWNER=1"})) << "the run is the admin's";
  EXPECT_EQ(made("backtest", R"({"strategy": "theirs"})").error().code, ErrorCode::kNotFound) << "no file of the home";
  for (const char* sql : {"UPDATE users SET is_active = 0 WHERE user_id = 1",
                          "UPDATE users SET is_active = 1, role = 'trader' WHERE user_id = 1"}) {
    change(sql);
    EXPECT_EQ(made("backtest", wanted).error().code, ErrorCode::kNotFound) << sql;
  }
}

TEST_F(JobTypesTest, AStoredStrategyNamesNoPaths) {
  for (const char* line : {"let_files: [/etc/passwd]", "let_files: [common, ../x]", "fees: /etc/passwd",
                           "fees: mine.yaml", "limits: ../../x"}) {
    save("bad", std::string("name: x\n") + line + "\n", next);
    EXPECT_FALSE(made("backtest", R"({"strategy": "bad"})")) << line;
  }
  save("good", "let_files: [common]\nfees: ibkr_fixed\nbuy: close / open > 1\n");
  EXPECT_TRUE(made("backtest", R"({"strategy": "good"})"));
}

}  // namespace
}  // namespace argosy::jobs
