// What the room's tests share: a folder of their own, and a filled database.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "ledger/open.hpp"
#include "ledger/runs_schema.hpp"
#include "ledger/studies.hpp"

namespace argosy::ledger {

class LedgerTest : public testing::Test {
 public:
  LedgerTest() {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    folder = testing::TempDir() + "/argosy-ledger-" + std::to_string(::getpid()) + "-" + info->name();
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
  }
  ~LedgerTest() override { std::filesystem::remove_all(folder); }

 protected:
  [[nodiscard]] std::string path() const { return folder + "/runs.db"; }
  [[nodiscard]] core::Result<std::unique_ptr<Database>> try_open(OpenOptions options = {}) const {
    options.path = path();
    return open_database(options, runs_schema(), core::system_files(), clock);
  }
  [[nodiscard]] std::unique_ptr<Database> open(const OpenOptions& options = {}) const {
    auto database = try_open(options);
    if (!database) ADD_FAILURE() << database.error().describe();
    return database ? *std::move(database) : nullptr;
  }

  std::string folder;
  core::SimulatedClock clock{core::Timestamp(std::chrono::seconds(1'700'000'000))};
};

inline std::vector<std::string> texts(Database& database, const std::string& sql) {
  std::vector<std::string> found;
  constexpr std::array kText = {ColumnType::kText};
  const auto done = database.read([&](Transaction& work) {
    return work.query(sql, kText, {}, [&](const Row& row) -> core::Result<void> {
      found.push_back(row.is_null(0) ? "NULL" : row.text(0));
      return {};
    });
  });
  if (!done) ADD_FAILURE() << sql << ": " << done.error().describe();
  return found;
}

inline core::Result<void> run_sql(Database& database, const std::string& sql) {
  return database.write([&](Transaction& work) -> core::Result<void> {
    ARGOSY_TRY_VOID(work.execute(sql));
    return {};
  });
}

inline StudyRow make_study(Database& database, const std::string& name) {
  const auto study = database.write([&](Transaction& work) {
    return create_study(work, {.name = name,
                               .kind = "strategy",
                               .created_at = core::Timestamp(std::chrono::nanoseconds(1'700'000'000'123'456'789)),
                               .seed = 7,
                               .sampler = "tpe",
                               .pruner = "asha"});
  });
  if (!study) ADD_FAILURE() << study.error().describe();
  return study ? *study : StudyRow();
}

inline std::vector<TrialRow> make_trials(const std::string& study_id, std::int64_t first, std::int64_t count) {
  std::vector<TrialRow> trials;
  for (std::int64_t number = first; number < first + count; ++number) {
    trials.push_back({.study_id = study_id,
                      .number = number,
                      .parameters = R"({"fast":20})",
                      .values = {0.1 * static_cast<double>(number)},
                      .duration_ns = 5});
  }
  return trials;
}

}  // namespace argosy::ledger
