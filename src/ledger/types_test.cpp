// Every column of every table of a filled database holds what it may hold, and nothing else: no REAL for amounts.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "ledger/records.hpp"
#include "ledger/runs.hpp"
#include "ledger/test_ledger.hpp"

namespace argosy::ledger {
namespace {

TEST_F(LedgerTest, EveryColumnHoldsItsType) {
  const auto database = open();
  const StudyRow study = make_study(*database, "types");
  ASSERT_TRUE(database->write([&](Transaction& work) -> core::Result<void> {
    ARGOSY_TRY_VOID(finish_study(work, study.study_id, core::Timestamp(), "ff"));
    ARGOSY_TRY_VOID(add_trials(work, make_trials(study.study_id, 0, 2)));
    RunTradeRow trade{.symbol = "AAPL",
                      .side = "long",
                      .outcome = "closed",
                      .entry_at = core::Timestamp(),
                      .entry_price = core::Price::from_integer(1),
                      .exit_reason = "stop_loss",
                      .exit_signal = core::Timestamp(),
                      .exit_at = core::Timestamp(),
                      .exit_price = core::Price()};
    ARGOSY_TRY_VOID(add_run(work, {.strategy = "x", .total_return = 1, .sharpe = 2, .max_drawdown = 0}, {&trade, 1}));
    return {};
  }));
  for (const core::RecordType* table : runs_schema().tables) {
    for (const core::Field& field : table->fields) {
      const char* wanted = field.type == core::FieldType::kReal ? "real"
                           : field.type == core::FieldType::kText || field.type == core::FieldType::kTextList
                               ? "text"
                               : "integer";
      EXPECT_EQ(texts(*database, fmt::format("SELECT DISTINCT typeof({}) FROM {}", field.name, table->name)),
                std::vector<std::string>{wanted})
          << table->name << "." << field.name;
    }
  }
}

}  // namespace
}  // namespace argosy::ledger
