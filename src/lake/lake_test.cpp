#include "lake/lake.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "core/hash.hpp"
#include "lake/detail/append_file.hpp"
#include "lake/query.hpp"

namespace argosy::lake {
namespace {

namespace fs = std::filesystem;
using market::BarColumns;
using market::Timeframe;

constexpr Timeframe kDaily;
constexpr Timeframe kMinute(1, market::TimeframeUnit::kMinute);
constexpr std::int64_t kDayNs = 86'400'000'000'000;

market::Bar bar_at(std::int64_t key, std::int64_t cents, double volume = 100) {
  const auto price = core::Price::from_units(cents * 10'000'000);
  market::Bar bar{.key = key, .open = price, .high = price, .low = price, .close = price, .volume = volume};
  return bar;
}

// `count` daily bars from a date on, at 1.00, 1.01, ... more `cents`.
BarColumns days(core::Date from, int count, std::int64_t cents = 100) {
  BarColumns bars;
  for (int i = 0; i < count; ++i) bars.push_back(bar_at(market::date_key(from.plus_days(i)), cents + i));
  return bars;
}

bool equal(const BarColumns& a, const BarColumns& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (!(a.at(i) == b.at(i))) return false;
  }
  return true;
}

// Passes everything on, but fails at the N-th call that changes something.
class FailingFiles final : public core::Files {
 public:
  explicit FailingFiles(core::Files& real) : real_(real) {}
  std::int64_t fail_at = -1;
  std::int64_t calls = 0;
  bool truncates_fail = false;
  std::vector<std::string> replaced;  // by write_atomic

  core::Result<std::string> read(const std::string& path) override { return real_.read(path); }
  bool exists(const std::string& path) override { return real_.exists(path); }
  core::Result<core::FileInfo> info(const std::string& path) override { return real_.info(path); }
  core::Result<std::vector<core::FileInfo>> list(const std::string& folder) override { return real_.list(folder); }
  core::Result<void> write_atomic(const std::string& path, std::string_view bytes) override {
    ARGOSY_TRY_VOID(step());
    replaced.push_back(path);
    return real_.write_atomic(path, bytes);
  }
  core::Result<void> sync_and_rename(const std::string& from, const std::string& to) override {
    ARGOSY_TRY_VOID(step());
    return real_.sync_and_rename(from, to);
  }
  core::Result<std::unique_ptr<core::AppendFile>> open_append(const std::string& path) override {
    ARGOSY_TRY_VOID(step());
    ARGOSY_TRY(auto file, real_.open_append(path));
    return std::make_unique<Append>(*this, std::move(file));
  }
  core::Result<void> truncate(const std::string& path, std::uint64_t size) override {
    if (truncates_fail) return core::fail(core::ErrorCode::kIo, "the disk does not answer");
    return real_.truncate(path, size);
  }
  core::Result<void> remove(const std::string& path) override {
    ARGOSY_TRY_VOID(step());
    return real_.remove(path);
  }
  core::Result<void> make_folders(const std::string& path) override {
    ARGOSY_TRY_VOID(step());
    return real_.make_folders(path);
  }
  core::Result<std::unique_ptr<core::FileLock>> lock(const std::string& path, core::Duration wait) override {
    return real_.lock(path, wait);
  }

 private:
  class Append final : public core::AppendFile {
   public:
    Append(FailingFiles& owner, std::unique_ptr<core::AppendFile> file) : owner_(owner), file_(std::move(file)) {}
    core::Result<void> append(std::string_view bytes) override {
      // Half of it reaches the disk before it fails.
      if (auto failed = owner_.step(); !failed) {
        (void)file_->append(bytes.substr(0, bytes.size() / 2));
        return failed;
      }
      return file_->append(bytes);
    }
    core::Result<void> sync() override {
      ARGOSY_TRY_VOID(owner_.step());
      return file_->sync();
    }

   private:
    FailingFiles& owner_;
    std::unique_ptr<core::AppendFile> file_;
  };

  core::Result<void> step() {
    if (calls++ != fail_at) return {};
    return core::fail(core::ErrorCode::kOutOfSpace, "no space left");
  }
  core::Files& real_;
};

class LakeTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "/lakeXXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    root = fs::path(name).lexically_normal().string();
    ASSERT_TRUE(Lake::create(options(), core::system_files()).value());
  }
  void TearDown() override { fs::remove_all(root); }

  LakeOptions options() const { return {.folder = root + "/lake", .duckdb_threads = 2, .grace = grace}; }
  Lake open() { return Lake::open(options(), files, clock).value(); }
  void put(const std::string& symbol, Timeframe timeframe, const BarColumns& bars) {
    auto transaction = open().begin().value();
    ASSERT_TRUE(transaction.put(symbol, timeframe, bars));
    const auto committed = transaction.commit();
    ASSERT_TRUE(committed) << committed.error().describe();
  }
  BarColumns load(const std::string& symbol, Timeframe timeframe = kDaily) {
    return open().snapshot().value().load(symbol, timeframe, std::nullopt, std::nullopt).value();
  }
  std::string hash(const std::string& symbol) {
    for (const Series& series : open().snapshot().value().series().value()) {
      if (series.symbol == symbol) return series.hash;
    }
    return "none";
  }
  // Every file below bars/ and tables/ that no manifest line names.
  std::vector<std::string> files_on_disk() const {
    std::vector<std::string> out;
    for (const auto& entry : fs::recursive_directory_iterator(root + "/lake")) {
      const std::string path = entry.path().lexically_relative(root + "/lake").string();
      if (entry.is_regular_file() && path != "manifest" && path != "writer.lock") out.push_back(path);
    }
    std::sort(out.begin(), out.end());
    return out;
  }

  std::string root;
  core::Duration grace = std::chrono::hours(1);
  core::SimulatedClock clock{core::utc_midnight(core::Date::from_ymd(2030, 1, 1))};
  FailingFiles files{core::system_files()};
};

TEST_F(LakeTest, NoLakeSaysWhatToDo) {
  const auto missing = Lake::open({.folder = root + "/nowhere"}, files, clock);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, core::ErrorCode::kNotFound);
  EXPECT_NE(missing.error().hint.find("argosy init"), std::string::npos);
}

TEST_F(LakeTest, CreatingTwiceKeepsWhatIsThere) {
  put("A", kDaily, days(core::Date::from_ymd(2020, 1, 1), 3));
  EXPECT_FALSE(Lake::create(options(), files).value());
  EXPECT_EQ(load("A").size(), 3U);
}

TEST_F(LakeTest, BarsComeBackAsTheyWere) {
  BarColumns bars = days(core::Date::from_ymd(2019, 12, 30), 10);
  bars.push_back(bar_at(market::date_key(core::Date::from_ymd(1969, 7, 20)) + 40000 * kDayNs, -12345, 0.1));
  bars.vwap.assign(bars.size(), std::nan(""));
  bars.vwap[3] = 1.25;
  bars.source[4] = market::PriceSource::kRealTime;
  bars.open[5] = core::Price::from_units(1);
  put("BRK.B", kDaily, bars);
  EXPECT_TRUE(equal(load("BRK.B"), bars));
  BarColumns minutes;
  for (std::int64_t i = 0; i < 100'000; ++i)
    minutes.push_back(bar_at(1'700'000'040'000'000'000 + i * 60'000'000'000, 100 + i % 50));
  put("BRK.B", kMinute, minutes);
  const BarColumns loaded = load("BRK.B", kMinute);
  EXPECT_TRUE(equal(loaded, minutes));
  EXPECT_TRUE(loaded.vwap.empty());
  EXPECT_TRUE(fs::exists(root + "/lake/bars/1d/2019"));
  EXPECT_TRUE(fs::exists(root + "/lake/bars/1m/2023-11"));
}

TEST_F(LakeTest, RangesIncludeBothEnds) {
  put("A", kDaily, days(core::Date::from_ymd(2020, 12, 30), 4));
  const auto snapshot = open().snapshot().value();
  const std::int64_t from = market::date_key(core::Date::from_ymd(2020, 12, 31));
  const auto bars = snapshot.load("A", kDaily, from, from + kDayNs).value();
  ASSERT_EQ(bars.size(), 2U);
  EXPECT_EQ(bars.key.front(), from);
  EXPECT_TRUE(snapshot.load("B", kDaily, {}, {}).value().empty());
}

TEST_F(LakeTest, PutReplacesEqualKeysAndReplaceEmptiesTheRange) {
  const core::Date first = core::Date::from_ymd(2020, 12, 28);
  put("A", kDaily, days(first, 8));
  put("A", kDaily, days(first.plus_days(2), 2, 900));
  EXPECT_EQ(load("A").size(), 8U);
  EXPECT_EQ(load("A").close[2].units(), 9'000'000'000);
  auto transaction = open().begin().value();
  ASSERT_TRUE(transaction.replace("A", kDaily, market::date_key(first.plus_days(1)),
                                  market::date_key(first.plus_days(6)), days(first.plus_days(3), 1, 700)));
  ASSERT_TRUE(transaction.commit());
  const BarColumns left = load("A");
  ASSERT_EQ(left.size(), 3U);
  EXPECT_EQ(left.close[1].units(), 7'000'000'000);
}

TEST_F(LakeTest, TheSameAgainChangesNothing) {
  put("A", kDaily, days(core::Date::from_ymd(2020, 1, 1), 500));
  const auto before = open().snapshot().value().manifest();
  put("A", kDaily, days(core::Date::from_ymd(2020, 1, 1), 500));
  EXPECT_EQ(open().snapshot().value().manifest(), before);
}

TEST_F(LakeTest, OtherSymbolsOfAPartSurviveAndKeepTheirHash) {
  auto transaction = open().begin().value();
  ASSERT_TRUE(transaction.put("A", kDaily, days(core::Date::from_ymd(2020, 1, 1), 50)));
  ASSERT_TRUE(transaction.put("B", kDaily, days(core::Date::from_ymd(2020, 1, 1), 50, 500)));
  ASSERT_TRUE(transaction.commit());
  const std::string before = hash("B");
  put("A", kDaily, days(core::Date::from_ymd(2020, 3, 1), 5, 800));
  EXPECT_TRUE(equal(load("B"), days(core::Date::from_ymd(2020, 1, 1), 50, 500)));
  EXPECT_EQ(hash("B"), before);
  auto removal = open().begin().value();
  ASSERT_TRUE(removal.drop("A", kDaily));
  ASSERT_TRUE(removal.commit());
  EXPECT_TRUE(load("A").empty());
  EXPECT_EQ(hash("B"), before);
  EXPECT_EQ(hash("A"), "none");
}

// However bars arrive and are stored, equal bars have equal hashes.
TEST_F(LakeTest, HashesDoNotDependOnLayout) {
  const core::Date first = core::Date::from_ymd(2019, 11, 1);
  put("A", kDaily, days(first, 120));
  const std::string whole = hash("A");
  put("B", kDaily, days(first.plus_days(60), 50, 160));
  put("B", kDaily, days(first, 60));
  ASSERT_TRUE(open().append(kDaily, {{"B", days(first.plus_days(110), 10, 210)}}));
  EXPECT_EQ(hash("B"), whole);
  auto transaction = open().begin().value();
  transaction.compact();
  ASSERT_TRUE(transaction.commit());
  EXPECT_EQ(hash("B"), whole);
  const auto snapshot = open().snapshot().value();
  EXPECT_EQ(snapshot.content_hash("B", kDaily, load("B")), whole);
  EXPECT_NE(snapshot.content_hash("B", kDaily, slice(load("B"), 0, 119)), whole);
}

TEST_F(LakeTest, AppendedBarsAreReadAndFoldedIn) {
  const core::Date first = core::Date::from_ymd(2020, 1, 1);
  put("A", kDaily, days(first, 10));
  ASSERT_TRUE(open().append(kDaily, {{"A", days(first.plus_days(10), 2)}, {"N", days(first, 1)}}));
  ASSERT_TRUE(open().append(kDaily, {{"A", days(first.plus_days(11), 1, 555)}}));
  const auto old = open().snapshot().value();
  EXPECT_EQ(load("A").size(), 12U);
  EXPECT_EQ(load("A").close.back().units(), 5'550'000'000);
  EXPECT_EQ(load("N").size(), 1U);
  EXPECT_EQ(query(old, "SELECT count(*) FROM bars_1d").value().rows[0][0], "13");
  put("B", kDaily, days(first, 1));  // any write to the timeframe folds the append file in
  const auto now = open().snapshot().value();
  EXPECT_TRUE(now.appended(kDaily).empty());
  EXPECT_EQ(load("A").close.back().units(), 5'550'000'000);
  EXPECT_EQ(load("N").size(), 1U);
  EXPECT_EQ(old.load("A", kDaily, {}, {}).value().size(), 12U);  // an old snapshot still reads its files
}

TEST_F(LakeTest, ATornTailIsIgnoredByReadersAndCutByWriters) {
  const core::Date first = core::Date::from_ymd(2020, 1, 1);
  ASSERT_TRUE(open().append(kDaily, {{"A", days(first, 1)}}));
  const std::string path = root + "/lake/append/1d-0.log";
  const auto whole = fs::file_size(path);
  ASSERT_TRUE(open().append(kDaily, {{"A", days(first.plus_days(1), 1)}}));
  for (auto size = fs::file_size(path) - 1; size > whole; size -= 7) {
    fs::resize_file(path, size);
    EXPECT_EQ(load("A").size(), 1U) << size;
  }
  ASSERT_TRUE(open().append(kDaily, {{"A", days(first.plus_days(2), 1)}}));
  EXPECT_EQ(load("A").size(), 2U);
}

TEST_F(LakeTest, ADamagedAppendRecordIsNotTakenForATornTail) {
  const core::Date first = core::Date::from_ymd(2020, 1, 1);
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(open().append(kDaily, {{"A", days(first.plus_days(i), 1)}}));
  std::fstream file(root + "/lake/append/1d-0.log", std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(20);
  file.put('!');
  file.close();
  const auto snapshot = open().snapshot();
  ASSERT_FALSE(snapshot);
  EXPECT_EQ(snapshot.error().code, core::ErrorCode::kCorrupt);
  EXPECT_NE(snapshot.error().file.find("append/1d-0.log"), std::string::npos);
}

TEST_F(LakeTest, DroppedFilesStayForTheGraceTime) {
  put("A", kDaily, days(core::Date::from_ymd(2020, 1, 1), 3));
  const auto old = open().snapshot().value();
  put("A", kDaily, days(core::Date::from_ymd(2020, 1, 1), 3, 500));
  EXPECT_EQ(old.load("A", kDaily, {}, {}).value().close[0].units(), 1'000'000'000);
  EXPECT_EQ(files_on_disk().size(), 2U);
  clock.advance_to(clock.now() + std::chrono::hours(2));
  put("A", kDaily, days(core::Date::from_ymd(2020, 1, 1), 3, 600));
  EXPECT_EQ(files_on_disk().size(), 2U);  // the first is gone, the second waits
  EXPECT_FALSE(old.load("A", kDaily, {}, {}));
}

TEST_F(LakeTest, ManyPartsAreJoined) {
  for (int i = 0; i < 12; ++i)
    put("S" + std::to_string(i), kDaily, days(core::Date::from_ymd(2020, 1, 1), 5, 100 * i + 100));
  EXPECT_LE(open().snapshot().value().manifest().files.size(), 8U);
  auto transaction = open().begin().value();
  transaction.compact();
  ASSERT_TRUE(transaction.commit());
  EXPECT_EQ(open().snapshot().value().manifest().files.size(), 1U);
  for (int i = 0; i < 12; ++i) EXPECT_EQ(load("S" + std::to_string(i)).close[0].units(), (i + 1) * 1'000'000'000LL);
}

TEST_F(LakeTest, DamageIsNamed) {
  put("A", kDaily, days(core::Date::from_ymd(2020, 1, 1), 100));
  const std::string path = open().snapshot().value().manifest().files[0].path;
  EXPECT_TRUE(open().snapshot().value().verify({}).empty());
  const std::string full = root + "/lake/" + path;
  const auto size = fs::file_size(full);
  fs::resize_file(full, size / 2);
  const auto cut = open().snapshot().value().load("A", kDaily, {}, {});
  ASSERT_FALSE(cut);
  EXPECT_EQ(cut.error().code, core::ErrorCode::kCorrupt);
  EXPECT_EQ(cut.error().file, full);
  fs::resize_file(full, size);  // as long as before, but zeros at the end
  EXPECT_FALSE(open().snapshot().value().load("A", kDaily, {}, {}));
  ASSERT_EQ(open().snapshot().value().verify({}).size(), 1U);
  // The way out: remove the symbol and import it again.
  auto transaction = open().begin().value();
  ASSERT_TRUE(transaction.drop("A", kDaily));
  ASSERT_TRUE(transaction.commit());
  EXPECT_TRUE(open().snapshot().value().verify({}).empty());
}

TEST_F(LakeTest, AManifestCutAnywhereIsAnError) {
  put("A", kDaily, days(core::Date::from_ymd(2020, 1, 1), 3));
  const std::string path = root + "/lake/manifest";
  const std::string text = core::system_files().read(path).value();
  for (std::size_t size = 0; size < text.size(); ++size) {
    const auto parsed = parse_manifest(std::string_view(text).substr(0, size), path);
    ASSERT_FALSE(parsed) << size;
    EXPECT_EQ(parsed.error().code, core::ErrorCode::kCorrupt);
  }
  for (std::size_t at = 0; at < text.size(); ++at) {
    std::string changed = text;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    EXPECT_FALSE(parse_manifest(changed, path)) << at;
  }
  EXPECT_EQ(format_manifest(parse_manifest(text, path).value()), text);
}

// Fails at every step of every kind of write in turn: readers see the old moment or the new one, nothing in between.
TEST_F(LakeTest, AFailureAnywhereLosesNothing) {
  const core::Date first = core::Date::from_ymd(2019, 12, 20);
  put("A", kDaily, days(first, 30));
  put("B", kDaily, days(first, 30, 500));
  const BarColumns old_a = load("A");
  const BarColumns new_a = merge(old_a, days(first.plus_days(10), 30, 900));
  bool done = false;
  for (std::int64_t n = 0; !done; ++n) {
    ASSERT_LT(n, 100);
    files.calls = 0;
    files.fail_at = n;
    auto transaction = open().begin();
    core::Result<std::int64_t> committed = core::fail(core::ErrorCode::kIo, "not begun");
    if (transaction) {
      Tables tables = transaction->tables();
      tables.anchors["A"] = 7;
      transaction->set_tables(tables);
      ASSERT_TRUE(transaction->put("A", kDaily, days(first.plus_days(10), 30, 900)));
      committed = transaction->commit();
    }
    done = files.calls <= n;
    files.fail_at = -1;
    {
      const auto released = std::move(transaction);
    }
    const auto snapshot = open().snapshot().value();
    const bool is_new = snapshot.tables().anchors.contains("A");
    EXPECT_EQ(is_new, committed.has_value()) << n;
    EXPECT_TRUE(equal(load("A"), is_new ? new_a : old_a)) << n;
    EXPECT_TRUE(equal(load("B"), days(first, 30, 500))) << n;
    EXPECT_TRUE(snapshot.verify({}).empty()) << n;
    if (is_new) break;
  }
  EXPECT_TRUE(equal(load("A"), new_a));
}

TEST_F(LakeTest, AFailedAppendLeavesNothing) {
  const core::Date first = core::Date::from_ymd(2020, 1, 1);
  ASSERT_TRUE(open().append(kDaily, {{"A", days(first, 1)}}));
  for (std::int64_t n = 0; n < 4; ++n) {
    files.calls = 0;
    files.fail_at = n;
    const auto appended = open().append(kDaily, {{"A", days(first.plus_days(1), 1)}});
    files.fail_at = -1;
    EXPECT_EQ(appended.has_value(), n == 4 || files.calls <= n) << n;
    EXPECT_EQ(load("A").size(), appended ? 2U : 1U) << n;
  }
}

// Each remembers where its own last record ended, and must see what happened since.
TEST_F(LakeTest, WhatOthersAppendedOrCutIsSeen) {
  const core::Date first = core::Date::from_ymd(2020, 1, 1);
  const Lake one = open();
  const Lake other = open();
  ASSERT_TRUE(one.append(kDaily, {{"A", days(first, 1)}}));
  ASSERT_TRUE(other.append(kDaily, {{"A", days(first.plus_days(1), 1)}}));
  ASSERT_TRUE(one.append(kDaily, {{"A", days(first.plus_days(2), 1)}}));
  EXPECT_EQ(load("A").size(), 3U);
  const std::string log = root + "/lake/append/1d-0.log";
  ASSERT_TRUE(files.truncate(log, files.info(log)->size - 1));
  ASSERT_TRUE(one.append(kDaily, {{"A", days(first.plus_days(3), 1)}}));
  EXPECT_EQ(load("A").size(), 3U);
}

// A sync and the cutting that follows it fail: what is appended next must not stand behind bytes that no sync makes
// durable any more.
TEST_F(LakeTest, AnAppendDoesNotStandBehindOneThatIsNotDurable) {
  const core::Date first = core::Date::from_ymd(2020, 1, 1);
  const Lake lake = open();
  ASSERT_TRUE(lake.append(kDaily, {{"A", days(first, 1)}}));
  files.calls = 0;
  files.fail_at = 3;
  files.truncates_fail = true;
  ASSERT_FALSE(lake.append(kDaily, {{"A", days(first.plus_days(1), 1)}}));
  files.fail_at = -1;
  files.truncates_fail = false;
  files.replaced.clear();
  ASSERT_TRUE(lake.append(kDaily, {{"A", days(first.plus_days(1), 2)}}));
  EXPECT_EQ(files.replaced, std::vector<std::string>{root + "/lake/append/1d-0.log"});
  EXPECT_EQ(load("A").size(), 3U);
  files.replaced.clear();
  ASSERT_TRUE(lake.append(kDaily, {{"A", days(first.plus_days(3), 1)}}));
  EXPECT_TRUE(files.replaced.empty());
  EXPECT_EQ(load("A").size(), 4U);
}

TEST_F(LakeTest, WritersTakeTurns) {
  auto first = open().begin().value();
  LakeOptions impatient = options();
  impatient.lock_wait = std::chrono::milliseconds(20);
  const auto second = Lake::open(impatient, files, clock).value().begin();
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, core::ErrorCode::kUnavailable);
  EXPECT_TRUE(second.error().retryable);
}

TEST_F(LakeTest, LeftoversOfAKilledWriterAreRemoved) {
  put("A", kDaily, days(core::Date::from_ymd(2020, 1, 1), 3));
  std::ofstream(root + "/lake/tmp/part.parquet") << "half";
  std::ofstream(root + "/lake/bars/1d/2020/part-0000.parquet") << "renamed, but its manifest never came";
  clock.advance_to(core::utc_midnight(core::Date::from_ymd(2060, 1, 1)));
  auto transaction = open().begin().value();
  transaction.compact();
  ASSERT_TRUE(transaction.commit());
  EXPECT_EQ(files_on_disk().size(), 1U);
  EXPECT_EQ(load("A").size(), 3U);
}

TEST_F(LakeTest, TablesComeBackAsTheyWere) {
  auto transaction = open().begin().value();
  Tables tables;
  tables.instruments["A"] = {.symbol = "A", .exchange = "XNYS", .name = "A \"quoted\", name"};
  tables.actions["A"] = {
      {core::Date::from_ymd(2020, 1, 2), market::ActionKind::kSplit, 2, 1, {}},
      {core::Date::from_ymd(2020, 1, 2), market::ActionKind::kDividend, 1, 1, core::Price::from_units(5)},
      {core::Date::from_ymd(2020, 1, 3), market::ActionKind::kDelisting, 1, 1, {}}};
  tables.anchors["A"] = -5;
  tables.universes.push_back({"tech", "A", core::Date::from_ymd(2020, 1, 1), std::nullopt});
  tables.quality.push_back({"A", "1d", "2020-01-01", "jump", "kept", "a, b", "F.csv:3", "1,2,\"3\""});
  transaction.set_tables(tables);
  ASSERT_TRUE(transaction.commit());
  const auto snapshot = open().snapshot().value();
  for (const auto name : kTableNames)
    EXPECT_EQ(format_table(name, snapshot.tables()), format_table(name, tables)) << name;
  EXPECT_EQ(snapshot.tables().actions.at("A"), tables.actions.at("A"));
  EXPECT_EQ(snapshot.tables().quality, tables.quality);
  EXPECT_EQ(query(snapshot, "SELECT \"from\" FROM universes").value().rows[0][0], "2020-01-01");
  EXPECT_EQ(query(snapshot, "SELECT amount FROM actions WHERE kind = 'dividend'").value().rows[0][0], "0.000000005");
}

TEST_F(LakeTest, SqlOnlyReadsAndOnlyTheLake) {
  put("A", kDaily, days(core::Date::from_ymd(2020, 1, 1), 3));
  const auto snapshot = open().snapshot().value();
  const auto table = query(snapshot, "SELECT count(*) AS n, max(close) AS top FROM bars_1d;").value();
  EXPECT_EQ(table.names, (std::vector<std::string>{"n", "top"}));
  EXPECT_EQ(table.rows[0][0], "3");
  EXPECT_EQ(table.rows[0][1], "1.020000000");
  for (const char* sql : {"", "SELEC 1", "SELECT * FROM nothing", "DROP VIEW bars_1d", "SELECT 1; SELECT 2",
                          "COPY bars_1d TO '/tmp/argosy-must-not-exist.csv'", "SELECT * FROM read_csv('/etc/hosts')",
                          "CREATE TABLE t (a INTEGER)", "SET enable_external_access = true"}) {
    EXPECT_FALSE(query(snapshot, sql)) << sql;
  }
  EXPECT_FALSE(fs::exists("/tmp/argosy-must-not-exist.csv"));
}

TEST(AppendRecords, SurviveAnyCut) {
  rc::check("a file cut anywhere gives the records before the cut", [] {
    std::string bytes;
    std::vector<std::size_t> ends{0};
    const auto count = *rc::gen::inRange(1, 5);
    for (int i = 0; i < count; ++i) {
      bytes += detail::encode_record(
          {{"S" + std::to_string(i), days(core::Date::from_ymd(2020, 1, 1), *rc::gen::inRange(1, 4))}});
      ends.push_back(bytes.size());
    }
    const auto cut = *rc::gen::inRange<std::size_t>(0, bytes.size() + 1);
    const auto contents = detail::decode_records(std::string_view(bytes).substr(0, cut), "f");
    RC_ASSERT(contents.has_value());
    const auto expected = std::upper_bound(ends.begin(), ends.end(), cut) - ends.begin() - 1;
    RC_ASSERT(contents->valid_bytes == ends[static_cast<std::size_t>(expected)]);
    RC_ASSERT(contents->bars.size() == static_cast<std::size_t>(expected));
  });
}

}  // namespace
}  // namespace argosy::lake
