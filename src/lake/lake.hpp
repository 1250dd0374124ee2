// The lake: bars of all symbols and timeframes in immutable Parquet parts, and small tables beside them, under one
// manifest. It stores and selects; it computes nothing.
//
//   ARGOSY_TRY(Lake lake, Lake::open({.folder = home + "/lake"}, core::system_files(), clock));
//   ARGOSY_TRY(const Snapshot snapshot, lake.snapshot());              // one moment over all files
//   ARGOSY_TRY(const auto bars, snapshot.load("AAPL", market::Timeframe(), std::nullopt, std::nullopt));
//
//   ARGOSY_TRY(Transaction transaction, lake.begin());                 // waits for other writers
//   ARGOSY_TRY_VOID(transaction.put("AAPL", market::Timeframe(), bars));
//   ARGOSY_TRY_VOID(transaction.commit());                             // all of it or nothing
//
// Layout of the folder:
//   manifest                                      the commit: lake/manifest.hpp
//   bars/1d/2004/part-<hash>.parquet              all symbols, sorted by symbol and time
//   bars/1m/2024-03/part-<hash>.parquet
//   tables/<name>-<hash>.csv                      lake/tables.hpp
//   append/<timeframe>-<fold>.log                 bars not yet folded into parts: lake/detail/append_file.hpp
//   tmp/                                          files being written
//   writer.lock
//
// Any number of processes read while one writes. A Lake and what it makes belong to one thread at a time. Every method
// that touches files may fail with kIo, kOutOfSpace, kReadOnly, and with kCorrupt when bytes are not what was written.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "core/files.hpp"
#include "core/result.hpp"
#include "lake/manifest.hpp"
#include "lake/tables.hpp"
#include "market/bar.hpp"
#include "market/timeframe.hpp"

namespace argosy::lake {

struct LakeOptions {
  std::string folder;
  int duckdb_threads = 0;                        // 0: one a core
  core::Duration grace = std::chrono::hours(1);  // how long a reader may keep a snapshot
  core::Duration lock_wait = std::chrono::seconds(60);
};

// Told how much of a long work is done, from 0 to 1.
using Progress = std::function<void(double)>;

class Transaction;
// Looked at, and what else belongs to it done, when everything is staged and nothing is committed; its error ends it.
using BeforeCommit = std::function<core::Result<void>(Transaction&)>;

// What the lake holds of one symbol in one timeframe.
struct Series {
  std::string symbol;
  market::Timeframe timeframe;
  std::int64_t rows = 0;
  std::int64_t first = 0;
  std::int64_t last = 0;
  std::string hash;  // of the bars alone, however they are cut into files
};

// The hash that a Series of these bars has, whether the lake holds them or not.
[[nodiscard]] std::string series_hash(const market::BarColumns& bars, market::Timeframe timeframe);

struct Store;  // what a Lake shares with what it makes

// The lake at one moment. Cheap to copy. Valid for the grace time; after that its files may be gone.
class Snapshot {
 public:
  struct State;
  explicit Snapshot(std::shared_ptr<const State> state) : state_(std::move(state)) {}

  [[nodiscard]] const Manifest& manifest() const;
  [[nodiscard]] const Tables& tables() const;
  [[nodiscard]] const std::string& folder() const;

  // Sorted by symbol, then by timeframe. Reads the bars of symbols that have some in an append file.
  [[nodiscard]] core::Result<std::vector<Series>> series() const;
  [[nodiscard]] bool has(const std::string& symbol, market::Timeframe timeframe) const;
  [[nodiscard]] std::vector<std::string> symbols() const;  // with bars, sorted
  [[nodiscard]] std::vector<market::Timeframe> timeframes(const std::string& symbol) const;

  // The bars with from <= key <= to; none when there are none.
  [[nodiscard]] core::Result<market::BarColumns> load(const std::string& symbol, market::Timeframe timeframe,
                                                      std::optional<std::int64_t> from,
                                                      std::optional<std::int64_t> to) const;
  // The same of several symbols, in their order: each file is read once, where most of it is wanted.
  [[nodiscard]] core::Result<std::vector<market::BarColumns>> load_all(std::span<const std::string> symbols,
                                                                       market::Timeframe timeframe,
                                                                       std::optional<std::int64_t> from,
                                                                       std::optional<std::int64_t> to) const;
  // The hash of bars that load() returned; costs little where whole partitions were loaded.
  [[nodiscard]] std::string content_hash(const std::string& symbol, market::Timeframe timeframe,
                                         const market::BarColumns& bars) const;
  // Bars of the append file, by symbol.
  [[nodiscard]] const std::map<std::string, market::BarColumns>& appended(market::Timeframe timeframe) const;

  // Reads every file and compares it with its hash; one error for each that is missing or damaged.
  [[nodiscard]] std::vector<core::Error> verify(const Progress& progress) const;

 private:
  std::shared_ptr<const State> state_;
};

// Changes that become visible together. Holds the writers' lock until it is destroyed; nothing is changed without
// commit().
class Transaction {
 public:
  struct State;
  explicit Transaction(std::unique_ptr<State> state);
  ~Transaction();
  Transaction(Transaction&&) noexcept;
  Transaction& operator=(Transaction&&) noexcept;

  [[nodiscard]] const Snapshot& base() const;  // as it was when the transaction began

  // Adds bars; where the lake has a bar of that key, the new one stands. Keys ascend strictly.
  [[nodiscard]] core::Result<void> put(const std::string& symbol, market::Timeframe timeframe,
                                       const market::BarColumns& bars);
  // Makes `bars` all there is from `from` to `to` (both included).
  [[nodiscard]] core::Result<void> replace(const std::string& symbol, market::Timeframe timeframe, std::int64_t from,
                                           std::int64_t to, const market::BarColumns& bars);
  [[nodiscard]] core::Result<void> drop(const std::string& symbol, market::Timeframe timeframe);
  // Folds append files in, joins the parts of each partition, deletes files that nothing refers to.
  void compact();

  [[nodiscard]] const Tables& tables() const;  // with the changes so far
  void set_tables(Tables tables);

  // Returns the generation: a new one when anything changed. Call it once. After an error the lake is as it was, unless
  // the very last step (making the manifest's name durable) failed: then it is as it was or as it was to be.
  [[nodiscard]] core::Result<std::int64_t> commit(const Progress& progress = {});

 private:
  std::unique_ptr<State> state_;
};

class Lake {
 public:
  // kNotFound when there is none (with the way out).
  [[nodiscard]] static core::Result<Lake> open(LakeOptions options, core::Files& files, const core::Clock& clock);
  // Makes an empty lake; false when there is one already.
  [[nodiscard]] static core::Result<bool> create(const LakeOptions& options, core::Files& files);

  [[nodiscard]] core::Result<Snapshot> snapshot() const;
  // kUnavailable (retryable) when another writer holds the lock for longer than `lock_wait`.
  [[nodiscard]] core::Result<Transaction> begin() const;
  // Adds a few bars by one write to the timeframe's append file, which costs little however large the lake is. All of
  // them are durable when it returns, or none is there; where even taking them away failed, they may be there until the
  // next append of this Lake.
  [[nodiscard]] core::Result<void> append(market::Timeframe timeframe,
                                          const std::map<std::string, market::BarColumns>& bars) const;

 private:
  explicit Lake(std::shared_ptr<Store> store) : store_(std::move(store)) {}
  std::shared_ptr<Store> store_;
};

}  // namespace argosy::lake
