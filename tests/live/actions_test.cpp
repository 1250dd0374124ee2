// Corporate actions of what services hold, over nights and kills: ledger and broker agree to the unit and the cent.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "core/log.hpp"
#include "core/rng.hpp"
#include "world.hpp"

namespace argosy::live {
namespace {

using market::ActionKind;
using market::CorporateAction;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::IsEmpty;

// Buys once, and holds.
class BuysOnce final : public DecisionMaker {
 public:
  [[nodiscard]] std::optional<market::Timeframe> timeframe() const override { return std::nullopt; }
  [[nodiscard]] DecisionAnswer decide(const DecisionQuestion& question) override { return peek(question); }
  [[nodiscard]] DecisionAnswer peek(const DecisionQuestion& question) const override {
    const bool yes = question.what == Question::kBuy && question.time < until;
    return {.yes = yes, .confidence = 100, .reason = "test", .numbers = {}};
  }
  core::Timestamp until;
};

core::Date date(const char* text) { return *core::Date::parse(text); }
core::Price price(const char* text) { return *core::Price::parse(text); }

CorporateAction split(const char* ex_date, std::int64_t numerator, std::int64_t denominator) {
  return {.ex_date = date(ex_date),
          .kind = ActionKind::kSplit,
          .numerator = numerator,
          .denominator = denominator,
          .amount = {}};
}

// Monday to Wednesday; in New York the day begins at 5:00 UTC.
ActionTeller::Actions actions() {
  return {{"AAPL", {split("2013-03-05", 4, 1)}},
          {"MSFT", {split("2013-03-05", 3, 2), split("2013-03-06", 3, 2)}},
          {"NVDA", {split("2013-03-06", 1, 10)}},
          {"TSLA",
           {{.ex_date = date("2013-03-05"), .kind = ActionKind::kDividend, .amount = price("0.37")},
            split("2013-03-06", 2, 3)}},
          {"META", {{.ex_date = date("2013-03-05"), .kind = ActionKind::kDelisting, .amount = price("12.34")}}}};
}

// What the market makes of them: the simulated one knows nothing.
void follow(const ActionTeller::Actions& actions, std::int64_t instrument, market::Quote& quote) {
  for (const CorporateAction& action : actions.at(kSymbols[static_cast<std::size_t>(instrument) - 1])) {
    const auto midnight = core::Timestamp(std::chrono::days(action.ex_date.days())) + hours(5);
    if (action.kind != ActionKind::kSplit || quote.time < midnight) continue;
    for (core::Price* each : {&quote.bid, &quote.ask, &quote.last})
      *each = core::scale(*each, action.denominator, action.numerator, core::Rounding::kHalfEven);
  }
}

// Kills come around the openings of the ex-dates, and anywhere.
void survive(std::uint64_t seed) {
  core::Rng rng(seed);
  BuysOnce decides;
  decides.until = *core::parse_rfc3339("2013-03-04T15:00:00Z");
  WorldSettings settings{.seed = seed, .actions = actions()};
  settings.link = {.latency = milliseconds(5 + static_cast<int>(rng.below(50))),
                   .jitter = milliseconds(rng.below(50)),
                   .split = 0.2,
                   .cut = 0.001};
  settings.paper.partial_fills = *core::Rate::parse("0.3");
  settings.quote_interval = seconds(10);
  settings.process.checks_every = seconds(1);
  settings.process.requests_every = hours(1);
  settings.makers = [&](const std::string&, const std::string&) -> core::Result<DecisionMaker*> { return &decides; };
  settings.on_quote = [all = settings.actions](std::int64_t instrument, market::Quote& quote) {
    follow(all, instrument, quote);
  };
  World world(settings);
  for (int i = 0; i < 20; ++i) {
    const std::string& symbol = kSymbols[static_cast<std::size_t>(i) % kSymbols.size()];
    world.ask("service_create", R"({"instrument_id": )" + std::to_string(i % 5 + 1) + R"(, "symbol": ")" + symbol +
                                    R"(", "balance": ")" + std::to_string(1'500 + rng.below(3'000)) + R"("})");
  }
  world.run(minutes(60));
  std::map<std::string, core::Quantity> bought;
  for (const auto& [key, position] : world.book().positions()) bought[position.symbol] = position.quantity;
  ASSERT_EQ(bought.size(), 5U);
  std::set<core::Timestamp> kills;
  for (const char* opening : {"2013-03-05T14:30:00Z", "2013-03-06T14:30:00Z"}) {
    for (int i = 0; i < 3; ++i)
      kills.insert(*core::parse_rfc3339(opening) + milliseconds(static_cast<std::int64_t>(rng.below(40'000)) - 15'000));
  }
  kills.insert(world.now() + minutes(rng.below(2'600)));
  for (const core::Timestamp kill : kills) {
    if (kill > world.now()) world.run(kill - world.now());
    world.kill();
    world.run(milliseconds(rng.below(8'000)));
    world.start();
  }
  world.run(*core::parse_rfc3339("2013-03-06T15:30:00Z") - world.now());
  world.calm_down();
  EXPECT_THAT(world.findings(), IsEmpty()) << "seed " << seed;
  const auto held = [&](std::int64_t instrument) { return world.book().position(1, instrument)->quantity; };
  EXPECT_EQ(held(1), core::scale(bought["AAPL"], 4, 1, core::Rounding::kFloor)) << "seed " << seed;
  EXPECT_EQ(held(3), core::Quantity::from_integer(bought["NVDA"].units() / 10 / core::Quantity::kUnitsPerOne))
      << "seed " << seed;
  EXPECT_EQ(held(5), core::Quantity()) << "seed " << seed;
  for (const auto& desk : world.process().desks()) {
    EXPECT_THAT(desk->blocks(), IsEmpty()) << "seed " << seed;
    EXPECT_THAT(desk->account_blocks(), IsEmpty()) << "seed " << seed;
  }
  const auto rows = must(world.database().read([](ledger::Transaction& work) {
    return ledger::select<ledger::BookedActionRow>(work, "ORDER BY instrument_id, ex_date");
  }));
  EXPECT_EQ(rows.size(), 7U) << "seed " << seed;
  for (const ledger::BookedActionRow& row : rows) EXPECT_EQ(row.skipped, "") << "seed " << seed;
}

// Each has a seed of its own.
constexpr std::uint64_t kWorlds = 3;

TEST(Actions, SurviveNightsAndKills) {
  for (std::uint64_t seed = 1; seed <= kWorlds; ++seed) survive(seed);
  EXPECT_GE(core::take_warning_count(), 0);  // connections break, or not
}

}  // namespace
}  // namespace argosy::live
