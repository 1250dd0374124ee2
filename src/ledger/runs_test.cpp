#include "ledger/runs.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "ledger/records.hpp"
#include "ledger/test_ledger.hpp"

namespace argosy::ledger {
namespace {

using core::ErrorCode;

core::Timestamp at(std::int64_t nanoseconds) { return core::Timestamp(core::Duration(nanoseconds)); }

class RunsTest : public StoreTest {
 protected:
  RunRow add(const std::string& strategy, std::vector<std::string> symbols, char digit, std::size_t count = 2) {
    std::vector<RunTradeRow> trades(count);
    for (std::size_t i = 0; i < count; ++i) {
      trades[i] = {.symbol = symbols.front(),
                   .side = i % 2 == 0 ? "long" : "short",
                   .outcome = i == 1 ? "denied" : "closed",
                   .entry_reason = "buy_signal",
                   .entry_signal = at(-5),
                   .quantity = core::Quantity::from_units(-7)};
      if (i == 1) continue;
      trades[i].entry_at = at(1);
      trades[i].entry_price = core::Price::from_units(123'456'789'012);
      trades[i].exit_reason = "stop_loss";
      trades[i].exit_at = at(9);
      trades[i].exit_price = core::Price::from_units(1);
      trades[i].profit = core::Money::from_units(-1);
    }
    const auto run = store->write([&](Transaction& work) {
      return add_run(work,
                     {.created_at = at(77),
                      .strategy = strategy,
                      .symbols = std::move(symbols),
                      .timeframe = "1d",
                      .result_hash = std::string(64, digit),
                      .final_equity = core::Money::from_units(1),
                      .total_return = 0.1 + 0.2,
                      .sharpe = std::numeric_limits<double>::quiet_NaN()},
                     trades);
    });
    if (!run) ADD_FAILURE() << run.error().describe();
    return run ? *run : RunRow();
  }
  [[nodiscard]] std::vector<std::string> listed(const RunFilter& filter) {
    std::vector<std::string> ids;
    const auto runs = store->read([&](Transaction& work) { return list_runs(work, filter); });
    for (const RunListing& run : *runs) ids.push_back(run.run_id);
    return ids;
  }
  std::unique_ptr<Database> store = open_store();
};

ARGOSY_ON_EACH_STORE(RunsTest);

TEST_P(RunsTest, ARunComesBackAsItWasStored) {
  const RunRow run = add("cross", {"AAPL", "BRK.B"}, 'a');
  EXPECT_EQ(run.run_id, "1-aaaaaa");
  EXPECT_EQ(run.trades, 1);
  const auto found = store->read([&](Transaction& work) { return find_run(work, "last"); });
  ASSERT_TRUE(found) << found.error().describe();
  for (const core::Field& field : core::record_type<RunRow>().fields)
    EXPECT_EQ(field_value(field, &run), field_value(field, &*found)) << field.name;
  const auto trades = store->read([&](Transaction& work) { return load_run_trades(work, run.run_id); });
  ASSERT_EQ(trades->size(), 2U);
  EXPECT_EQ(trades->front().entry_price, core::Price::from_units(123'456'789'012));
  EXPECT_EQ(trades->front().entry_signal, at(-5));
  EXPECT_EQ(trades->front().quantity, core::Quantity::from_units(-7));
  EXPECT_FALSE(trades->back().entry_at);
  EXPECT_EQ(hash_run_trades(*trades), run.trades_hash);
}

TEST_P(RunsTest, RunsAreFoundAndListed) {
  const std::string first = add("cross", {"AAPL"}, 'a').run_id;
  const std::string second = add("cross", {"AAPL", "IBM"}, 'b').run_id;
  const std::string third = add("squeeze", {"IB"}, 'c').run_id;
  EXPECT_EQ(listed({}), (std::vector<std::string>{third, second, first}));
  EXPECT_EQ(listed({.limit = 2}), (std::vector<std::string>{third, second}));
  EXPECT_EQ(listed({.strategy = "cross"}), (std::vector<std::string>{second, first}));
  EXPECT_EQ(listed({.symbol = "IB"}), std::vector<std::string>{third}) << "a whole symbol, not a part of one";
  EXPECT_EQ(listed({.strategy = "cross", .symbol = "IBM", .limit = 1}), std::vector<std::string>{second});
  EXPECT_EQ(*store->read([&](Transaction& work) { return count_runs(work, {.symbol = "AAPL"}); }), 2);
  for (int number = 4; number <= 12; ++number) add("many", {"X"}, 'd', 0);
  const auto find = [&](const char* wanted) {
    const auto run = store->read([&](Transaction& work) { return find_run(work, wanted); });
    return run ? run->run_id : std::string(to_string(run.error().code));
  };
  EXPECT_EQ(find("1"), first) << "the number alone is a whole id";
  EXPECT_EQ(find("1-aa"), first);
  EXPECT_EQ(find("12"), "12-dddddd");
  EXPECT_EQ(find("last"), "12-dddddd");
  EXPECT_EQ(find("13"), "not_found");
  EXPECT_EQ(find(""), "invalid_argument");
}

TEST_P(RunsTest, ARunIsRemovedWithItsTrades) {
  const RunRow run = add("cross", {"AAPL"}, 'a');
  ASSERT_TRUE(store->write([&](Transaction& work) { return remove_run(work, run.run_id); }));
  EXPECT_EQ(texts(*store, "SELECT CAST(count(*) AS TEXT) FROM run_trades"), std::vector<std::string>{"0"});
  EXPECT_EQ(store->write([&](Transaction& work) { return remove_run(work, run.run_id); }).error().code,
            ErrorCode::kNotFound);
}

}  // namespace
}  // namespace argosy::ledger
