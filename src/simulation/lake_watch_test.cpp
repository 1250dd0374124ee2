#include "simulation/lake_watch.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/log.hpp"
#include "simulation/detail/world_parts.hpp"
#include "simulation/test_build.hpp"
#include "simulation/world.hpp"

namespace argosy::simulation {
namespace {

using testing::ElementsAre;
using testing::Gt;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr core::Timestamp kOpening =
    std::chrono::sys_days(std::chrono::year(2024) / 11 / 27) + std::chrono::minutes(870);

// The bar of one minute after the opening.
live::LiveBar bar_of(const char* symbol, int minute, std::int64_t price = 100) {
  const core::Timestamp from = kOpening + std::chrono::minutes(minute);
  const auto units = core::Price::from_integer(price + minute);
  return {.instrument_id = 1,
          .symbol = symbol,
          .timeframe = kStoredBars,
          .bar = {.key = from.time_since_epoch().count(), .open = units, .high = units, .low = units, .close = units},
          .closing = from + std::chrono::minutes(1)};
}

// A lake on a disk, and what must be in it.
class Fixture {
 public:
  explicit Fixture(std::uint64_t seed) : clock_(kOpening), disk_(seed, clock_) {
    must(lake::Lake::create(options(), disk_.files()));
    must(change(true));
    open();
    for (int minute = 0; minute < 3; ++minute) must(append(minute));
  }
  ~Fixture() { disk_.freeze(); }
  Fixture(const Fixture&) = delete;
  Fixture& operator=(const Fixture&) = delete;

  SimulatedDisk& disk() { return disk_; }
  core::Result<void> append(int minute) {
    const std::vector<live::LiveBar> bars{bar_of("AAPL", minute), bar_of("MSFT", minute, 400)};
    watch_.on_handed(bars);
    ARGOSY_TRY_VOID(seen_->append(bars));
    watch_.on_stored();
    return {};
  }
  core::Result<void> change(bool empties) {
    ARGOSY_TRY(const lake::Lake lake, lake::Lake::open(options(), disk_.files(), clock_));
    return watch_.change(lake, empties);
  }
  std::vector<std::string> compare() { return watch_.compare(lake::Lake::open(options(), disk_.files(), clock_)); }
  // Past what keeps account of it.
  void append_unseen(const live::LiveBar& bar) {
    market::BarColumns columns;
    columns.push_back(bar.bar);
    must(must(lake::Lake::open(options(), disk_.files(), clock_)).append(kStoredBars, {{bar.symbol, columns}}));
  }
  [[nodiscard]] std::string log() const { return options().folder + "/append/1m-0.log"; }

 private:
  [[nodiscard]] lake::LakeOptions options() const { return {.folder = disk_.folder() + kLake, .lock_wait = {}}; }
  void open() { seen_ = must(live::SeenBars::open(options(), disk_.files(), clock_, {})); }

  core::SimulatedClock clock_;
  SimulatedDisk disk_;
  std::unique_ptr<live::SeenBars> seen_;
  LakeWatch watch_;
};

TEST(LakeWatch, SeesABarThatIsGoneOneTooManyAndOneThatIsAnother) {
  {
    Fixture lake(1);
    EXPECT_THAT(lake.compare(), IsEmpty());
    const std::string bytes = *lake.disk().files().read(lake.log());
    ASSERT_TRUE(lake.disk().files().truncate(lake.log(), bytes.size() - 1));
    EXPECT_THAT(lake.compare(), ElementsAre("lake: 2 of 6 bars whose append was done are gone"));
    ASSERT_TRUE(lake.disk().flip_bits(lake.log(), 1));
    EXPECT_THAT(lake.compare(), Not(IsEmpty()));
  }
  {
    Fixture lake(1);
    lake.append_unseen(bar_of("NVDA", 1));
    EXPECT_THAT(lake.compare(), ElementsAre("lake: there is a bar of NVDA at 2024-11-27T14:31:00Z that nobody stored"));
  }
  Fixture lake(1);
  lake.append_unseen(bar_of("AAPL", 1, 777));
  EXPECT_THAT(lake.compare(), ElementsAre("lake: the bar of AAPL at 2024-11-27T14:31:00Z is not what was stored"));
}

TEST(LakeWatch, SeesTablesThatNobodyCommitted) {
  Fixture lake(1);
  const std::string manifest = lake.disk().folder() + kLake + "/manifest";
  const std::string before = *lake.disk().files().read(manifest);
  ASSERT_TRUE(lake.change(false));
  EXPECT_THAT(lake.compare(), IsEmpty());
  ASSERT_TRUE(lake.disk().files().write_atomic(manifest, before));
  EXPECT_THAT(lake.compare(), ElementsAre(HasSubstr("its tables are not those of change 2")));
}

// The process, or the machine, ends at each change of the disk that an append, a change of tables or the dropping of
// all bars makes: each is there as before it, or as after it.
TEST(LakeWatch, ADeathAtEachChangeLeavesOldOrNew) {
  using Work = core::Result<void> (*)(Fixture&);
  constexpr Work kWorks[] = {[](Fixture& lake) { return lake.append(3); },
                             [](Fixture& lake) { return lake.change(false); },
                             [](Fixture& lake) { return lake.change(true); }};
  for (const Work work : kWorks) {
    int points = 0;
    for (bool done = false; !done; ++points) {
      for (std::uint64_t seed = 1; seed <= (kSanitized ? 4 : 20); ++seed) {
        Fixture lake(seed);
        lake.disk().freeze_at(lake.disk().changes() + 1 + points, nullptr);
        done = work(lake).has_value();
        lake.disk().freeze();
        if (seed % 4 == 0) {
          lake.disk().restart();
        } else {
          lake.disk().cut_power();
        }
        EXPECT_THAT(lake.compare(), IsEmpty()) << "point " << points << ", seed " << seed;
      }
    }
    EXPECT_THAT(points, Gt(2));
  }
}

// A disk that fails for a while, from each of its operations on; the process goes on meanwhile, then the power goes.
TEST(LakeWatch, AnAppendThatFailedIsTriedAgainWithTheNextOne) {
  for (const bool once : {true, false}) {
    for (std::int64_t passing = 0; passing < 12; ++passing) {
      for (std::uint64_t seed = 1; seed <= (kSanitized ? 4 : 20); ++seed) {
        Fixture lake(seed);
        lake.disk().fail_after(passing, once);
        const bool first = lake.append(3).has_value();
        EXPECT_TRUE(first || lake.disk().counts().failed > 0);
        lake.disk().clear_rules();
        EXPECT_THAT(lake.compare(), IsEmpty());
        EXPECT_TRUE(lake.append(4));
        lake.disk().freeze();
        lake.disk().cut_power();
        EXPECT_THAT(lake.compare(), IsEmpty()) << "passing " << passing << ", seed " << seed;
      }
    }
  }
}

// The world's own: what its process stored is looked at when it starts again.
TEST(LakeWatch, TheWorldSeesAnAppendedBarThatIsGone) {
  World world({.seed = 3});
  world.run(std::chrono::minutes(5));
  EXPECT_THAT(world.stored_bars(), Gt(9));
  world.shut_down();
  core::Files& files = world.disk().files();
  const std::string folder = world.disk().folder() + kLake + "/append";
  const auto logs = *files.list(folder);
  ASSERT_FALSE(logs.empty());
  ASSERT_TRUE(files.truncate(folder + "/" + logs.back().name, logs.back().size - 1));
  world.start_again();
  world.run(std::chrono::minutes(1));
  world.calm_down();
  EXPECT_THAT(world.findings(), ElementsAre(HasSubstr("bars whose append was done are gone")));
  static_cast<void>(core::take_warning_count());
}

}  // namespace
}  // namespace argosy::simulation
