#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/check.hpp"
#include "core/hash.hpp"
#include "core/log.hpp"
#include "lake/detail/bar_file.hpp"
#include "lake/detail/store.hpp"
#include "lake/lake.hpp"

namespace argosy::lake {

namespace {

// A partition of more parts is joined into one by the next write to it.
constexpr std::size_t kPartsOfPartition = 8;
constexpr std::size_t kNameHashDigits = 16;

// All bars a symbol is to have in a partition; no bars: it is to have none.
using SymbolContents = std::map<std::string, market::BarColumns>;
using PartitionContents = std::map<std::string, SymbolContents>;

// In one transaction of the database: one a symbol would cost as much as the writing.
core::Result<void> append_all(detail::Database& database, const std::string& table, const SymbolContents& contents,
                              market::Timeframe timeframe) {
  ARGOSY_TRY_VOID(database.execute("BEGIN TRANSACTION"));
  core::Result<void> appended;
  for (const auto& [symbol, bars] : contents) {
    if (appended && !bars.empty()) appended = detail::append_bars(database, table, symbol, bars, timeframe);
  }
  if (appended) return database.execute("COMMIT");
  (void)database.execute("ROLLBACK");
  return appended;
}

}  // namespace

struct Transaction::State {
  std::shared_ptr<Store> store;
  std::unique_ptr<core::FileLock> lock;
  Snapshot base;
  Tables tables;
  bool tables_changed = false;
  bool compacting = false;
  std::map<std::string, PartitionContents> staged;  // by timeframe

  Manifest next;                     // while committing
  std::vector<std::string> made;     // files that only the next manifest names
  std::vector<std::string> dropped;  // files that only the base's manifest names
  std::size_t partitions_done = 0;
  std::size_t partitions_all = 0;

  State(std::shared_ptr<Store> shared, std::unique_ptr<core::FileLock> held, Snapshot snapshot)
      : store(std::move(shared)), lock(std::move(held)), base(std::move(snapshot)), tables(base.tables()) {}

  [[nodiscard]] core::Result<market::BarColumns> current(const std::string& symbol, market::Timeframe timeframe,
                                                         const std::string& partition) const;
  [[nodiscard]] core::Result<void> stage(const std::string& symbol, market::Timeframe timeframe,
                                         const std::string& partition, market::BarColumns bars);
  [[nodiscard]] core::Result<void> stage_appended(market::Timeframe timeframe);
  [[nodiscard]] core::Result<void> stage_all_appended();
  void stage_compaction();
  [[nodiscard]] core::Result<void> write_partition(market::Timeframe timeframe, const std::string& partition,
                                                   const SymbolContents& contents);
  [[nodiscard]] core::Result<BarFile> write_part(market::Timeframe timeframe, const std::string& partition,
                                                 const SymbolContents& contents, const std::vector<BarFile>& older);
  [[nodiscard]] core::Result<void> write_tables();
  [[nodiscard]] core::Result<void> write_all(const Progress& progress);
  [[nodiscard]] std::vector<std::string> settle_dropped();
  void remove_orphans() const;
};

core::Result<market::BarColumns> Transaction::State::current(const std::string& symbol, market::Timeframe timeframe,
                                                             const std::string& partition) const {
  if (const auto by_partition = staged.find(timeframe.to_string()); by_partition != staged.end()) {
    if (const auto contents = by_partition->second.find(partition); contents != by_partition->second.end()) {
      if (const auto bars = contents->second.find(symbol); bars != contents->second.end()) return bars->second;
    }
  }
  const auto [first, last] = detail::partition_bounds(partition);
  return base.load(symbol, timeframe, first, last);
}

core::Result<void> Transaction::State::stage(const std::string& symbol, market::Timeframe timeframe,
                                             const std::string& partition, market::BarColumns bars) {
  ARGOSY_TRY(const auto before, current(symbol, timeframe, partition));
  const bool same =
      before.size() == bars.size() && bars_hash(before, 0, before.size()) == bars_hash(bars, 0, bars.size());
  if (!same) staged[timeframe.to_string()][partition][symbol] = std::move(bars);
  return {};
}

// Parts and append file of a timeframe are changed together: bars left in the append file would go on overriding what
// is now written below them.
core::Result<void> Transaction::State::stage_appended(market::Timeframe timeframe) {
  auto& contents = staged[timeframe.to_string()];
  for (const auto& [symbol, bars] : base.appended(timeframe)) {
    for (const PartitionRun& run : partition_runs(bars, timeframe)) {
      if (contents[run.partition].contains(symbol)) continue;
      ARGOSY_TRY(auto all, current(symbol, timeframe, run.partition));
      contents[run.partition][symbol] = std::move(all);
    }
  }
  return {};
}

core::Result<void> Transaction::State::stage_all_appended() {
  std::set<std::string> timeframes;
  for (const auto& [timeframe, contents] : staged) timeframes.insert(timeframe);
  if (compacting) {
    for (const std::string& symbol : base.symbols()) {
      for (const auto timeframe : base.timeframes(symbol)) timeframes.insert(timeframe.to_string());
    }
  }
  for (const std::string& text : timeframes) {
    ARGOSY_TRY(const auto timeframe, market::Timeframe::parse(text));
    if (base.appended(timeframe).empty()) continue;
    ARGOSY_TRY_VOID(stage_appended(timeframe));
    dropped.push_back(detail::append_path(next, text));
    ++next.folds[text];
  }
  return {};
}

void Transaction::State::stage_compaction() {
  std::map<std::pair<std::string, std::string>, int> parts;
  for (const BarFile& file : next.files) {
    if (++parts[{file.timeframe, file.partition}] > 1) staged[file.timeframe].try_emplace(file.partition);
  }
}

core::Result<BarFile> Transaction::State::write_part(market::Timeframe timeframe, const std::string& partition,
                                                     const SymbolContents& contents,
                                                     const std::vector<BarFile>& older) {
  BarFile part;
  part.timeframe = timeframe.to_string();
  part.partition = partition;
  std::vector<std::string> replaced;
  for (const auto& [symbol, bars] : contents) {
    replaced.push_back(symbol);
    if (!bars.empty()) part.symbols.push_back(describe_range(symbol, bars));
  }
  std::vector<std::string> kept;
  for (const BarFile& file : older) {
    const std::size_t before = part.symbols.size();
    for (const SymbolRange& range : file.symbols) {
      if (!contents.contains(range.symbol)) part.symbols.push_back(range);
    }
    if (part.symbols.size() > before) kept.push_back(store->path(file.path));
  }
  if (part.symbols.empty()) return part;
  std::sort(part.symbols.begin(), part.symbols.end(), [](const auto& a, const auto& b) { return a.symbol < b.symbol; });

  ARGOSY_TRY(auto* database, store->database());
  const std::string table = "part";
  ARGOSY_TRY_VOID(detail::create_bar_table(*database, table, timeframe));
  ARGOSY_TRY_VOID(append_all(*database, table, contents, timeframe));
  ARGOSY_TRY_VOID(store->files.make_folders(store->path("tmp")));
  const std::string temporary = store->path("tmp/part.parquet");
  ARGOSY_TRY_VOID(detail::write_bar_file(*database, table, kept, replaced, timeframe, temporary));
  ARGOSY_TRY(const std::string bytes, store->files.read(temporary));
  part.size = bytes.size();
  part.hash = core::sha256_hex(bytes);
  const std::string folder = fmt::format("bars/{}/{}", part.timeframe, partition);
  part.path = fmt::format("{}/part-{}.parquet", folder, part.hash.substr(0, kNameHashDigits));
  ARGOSY_TRY_VOID(store->files.make_folders(store->path(folder)));
  made.push_back(part.path);
  ARGOSY_TRY_VOID(store->files.sync_and_rename(temporary, store->path(part.path)));
  return part;
}

core::Result<void> Transaction::State::write_partition(market::Timeframe timeframe, const std::string& partition,
                                                       const SymbolContents& contents) {
  const std::string name = timeframe.to_string();
  const auto here = [&](const BarFile& file) { return file.timeframe == name && file.partition == partition; };
  const auto touched = [&](const BarFile& file) {
    return std::any_of(contents.begin(), contents.end(),
                       [&](const auto& item) { return file.find(item.first) != nullptr; });
  };
  const auto parts = static_cast<std::size_t>(std::count_if(next.files.begin(), next.files.end(), here));
  const bool join = parts >= kPartsOfPartition || (compacting && parts > 1);
  std::vector<BarFile> older;
  for (const BarFile& file : next.files) {
    if (here(file) && (join || touched(file))) older.push_back(file);
  }
  ARGOSY_TRY(BarFile part, write_part(timeframe, partition, contents, older));
  for (const BarFile& file : older) dropped.push_back(file.path);
  std::erase_if(next.files,
                [&](const BarFile& file) { return std::find(older.begin(), older.end(), file) != older.end(); });
  if (!part.symbols.empty()) next.files.push_back(std::move(part));
  return {};
}

core::Result<void> Transaction::State::write_tables() {
  for (const std::string_view name : kTableNames) {
    const std::string text = format_table(name, tables);
    const auto before = next.tables.find(std::string(name));
    const std::string hash = core::sha256_hex(text);
    if (before == next.tables.end() ? text.empty() : before->second.hash == hash) continue;
    if (before != next.tables.end()) dropped.push_back(before->second.path);
    next.tables.erase(std::string(name));
    if (text.empty()) continue;
    const std::string path = fmt::format("tables/{}-{}.csv", name, hash.substr(0, kNameHashDigits));
    ARGOSY_TRY_VOID(store->files.make_folders(store->path("tables")));
    made.push_back(path);
    ARGOSY_TRY_VOID(store->files.write_atomic(store->path(path), text));
    next.tables[std::string(name)] = {path, text.size(), hash};
  }
  return {};
}

core::Result<void> Transaction::State::write_all(const Progress& progress) {
  ARGOSY_TRY_VOID(stage_all_appended());
  if (compacting) stage_compaction();
  for (const auto& [name, contents] : staged) partitions_all += contents.size();
  for (const auto& [name, partitions] : staged) {
    ARGOSY_TRY(const auto timeframe, market::Timeframe::parse(name));
    for (const auto& [partition, contents] : partitions) {
      ARGOSY_TRY_VOID(write_partition(timeframe, partition, contents));
      ++partitions_done;
      if (progress) progress(static_cast<double>(partitions_done) / static_cast<double>(partitions_all));
    }
  }
  if (tables_changed) {
    ARGOSY_TRY_VOID(write_tables());
  }
  std::sort(next.files.begin(), next.files.end(), [](const BarFile& a, const BarFile& b) {
    return std::tie(a.timeframe, a.partition, a.path) < std::tie(b.timeframe, b.partition, b.path);
  });
  return {};
}

// Enters what this commit drops into the next manifest; returns the files whose grace time is over.
std::vector<std::string> Transaction::State::settle_dropped() {
  const std::int64_t now = store->clock.now().time_since_epoch().count();
  std::set<std::string> live;
  for (const BarFile& file : next.files) live.insert(file.path);
  for (const auto& [name, table] : next.tables) live.insert(table.path);
  for (std::string& path : dropped) next.dropped.push_back({std::move(path), now});
  std::vector<std::string> expired;
  std::erase_if(next.dropped, [&](const DroppedFile& file) {
    if (live.contains(file.path)) return true;  // the same content was written again
    const bool over = now - file.dropped_at >= store->options.grace.count();
    if (over) expired.push_back(file.path);
    return over;
  });
  return expired;
}

// Files that a writer which was cut off left behind.
void Transaction::State::remove_orphans() const {
  std::set<std::string> known;
  for (const BarFile& file : next.files) known.insert(file.path);
  for (const auto& [name, table] : next.tables) known.insert(table.path);
  for (const DroppedFile& file : next.dropped) known.insert(file.path);
  const core::Timestamp oldest = store->clock.now() - store->options.grace;
  const std::function<void(const std::string&)> sweep = [&](const std::string& folder) {
    const auto entries = store->files.list(store->path(folder));
    if (!entries) return;
    for (const core::FileInfo& entry : *entries) {
      const std::string path = folder + "/" + entry.name;
      if (entry.is_folder) {
        sweep(path);
      } else if (!known.contains(path) && entry.modified <= oldest) {
        (void)store->files.remove(store->path(path));
      }
    }
  };
  sweep("bars");
  sweep("tables");
}

Transaction::Transaction(std::unique_ptr<State> state) : state_(std::move(state)) {}
Transaction::~Transaction() = default;
Transaction::Transaction(Transaction&&) noexcept = default;
Transaction& Transaction::operator=(Transaction&&) noexcept = default;

const Snapshot& Transaction::base() const { return state_->base; }
const Tables& Transaction::tables() const { return state_->tables; }
void Transaction::compact() { state_->compacting = true; }

void Transaction::set_tables(Tables tables) {
  state_->tables = std::move(tables);
  state_->tables_changed = true;
}

core::Result<void> Transaction::put(const std::string& symbol, market::Timeframe timeframe,
                                    const market::BarColumns& bars) {
  for (const PartitionRun& run : partition_runs(bars, timeframe)) {
    ARGOSY_TRY(const auto before, state_->current(symbol, timeframe, run.partition));
    ARGOSY_TRY_VOID(state_->stage(symbol, timeframe, run.partition, merge(before, slice(bars, run.begin, run.end))));
  }
  return {};
}

core::Result<void> Transaction::replace(const std::string& symbol, market::Timeframe timeframe, std::int64_t from,
                                        std::int64_t to, const market::BarColumns& bars) {
  ARGOSY_CHECK(bars.empty() || (bars.key.front() >= from && bars.key.back() <= to), "{}: bars outside the range",
               symbol);
  std::map<std::string, market::BarColumns> incoming;
  for (const PartitionRun& run : partition_runs(bars, timeframe)) {
    incoming[run.partition] = slice(bars, run.begin, run.end);
  }
  ARGOSY_TRY(const auto stored, state_->base.load(symbol, timeframe, from, to));
  for (const PartitionRun& run : partition_runs(stored, timeframe)) incoming.try_emplace(run.partition);
  if (const auto staged = state_->staged.find(timeframe.to_string()); staged != state_->staged.end()) {
    for (const auto& [partition, contents] : staged->second) {
      if (contents.contains(symbol)) incoming.try_emplace(partition);
    }
  }
  for (const auto& [partition, fresh] : incoming) {
    ARGOSY_TRY(const auto before, state_->current(symbol, timeframe, partition));
    market::BarColumns kept;
    for (std::size_t i = 0; i < before.size(); ++i) {
      if (before.key[i] < from || before.key[i] > to) kept.push_back(before.at(i));
    }
    ARGOSY_TRY_VOID(state_->stage(symbol, timeframe, partition, merge(kept, fresh)));
  }
  return {};
}

core::Result<void> Transaction::drop(const std::string& symbol, market::Timeframe timeframe) {
  // By the manifest alone: bars whose file is damaged must be removable too.
  auto& staged = state_->staged[timeframe.to_string()];
  for (const BarFile& file : state_->base.manifest().files) {
    if (file.timeframe == timeframe.to_string() && file.find(symbol) != nullptr) staged[file.partition][symbol] = {};
  }
  const auto& appended = state_->base.appended(timeframe);
  if (const auto bars = appended.find(symbol); bars != appended.end()) {
    for (const PartitionRun& run : partition_runs(bars->second, timeframe)) staged[run.partition][symbol] = {};
  }
  for (auto& [partition, contents] : staged) {
    if (contents.contains(symbol)) contents[symbol] = {};
  }
  return {};
}

core::Result<std::int64_t> Transaction::commit(const Progress& progress) {
  State& state = *state_;
  const auto lock = std::move(state.lock);  // given back at the end, whatever it is
  core::Files& files = state.store->files;
  state.next = state.base.manifest();
  if (const auto written = state.write_all(progress); !written) {
    // Nothing names these files yet; one that an older manifest still names must stay.
    (void)files.remove(state.store->path("tmp/part.parquet"));
    std::set<std::string> needed;
    for (const BarFile& file : state.base.manifest().files) needed.insert(file.path);
    for (const auto& [name, table] : state.base.manifest().tables) needed.insert(table.path);
    for (const DroppedFile& file : state.base.manifest().dropped) needed.insert(file.path);
    for (const std::string& path : state.made) {
      if (!needed.contains(path)) (void)files.remove(state.store->path(path));
    }
    return core::fail(written.error());
  }
  if (state.next == state.base.manifest() && !state.compacting) return state.next.generation;
  const auto expired = state.settle_dropped();
  if (state.next != state.base.manifest()) {
    ++state.next.generation;
    // From here on the new files stay, even on failure: the manifest may have been replaced without being durable yet.
    ARGOSY_TRY_VOID(files.write_atomic(state.store->path(detail::kManifestName), format_manifest(state.next)));
  }
  // What cannot be deleted now is left for the next compaction.
  for (const std::string& path : expired) (void)files.remove(state.store->path(path));
  if (state.compacting) state.remove_orphans();
  return state.next.generation;
}

core::Result<Transaction> Lake::begin() const {
  ARGOSY_TRY(auto lock, store_->files.lock(store_->path(detail::kLockName), store_->options.lock_wait));
  ARGOSY_TRY(auto base, detail::take_snapshot(store_));
  // Whoever held the lock before and was cut off may have left half a file.
  if (const auto left = store_->files.list(store_->path("tmp")); left) {
    for (const core::FileInfo& file : *left) (void)store_->files.remove(store_->path("tmp/" + file.name));
  }
  return Transaction(std::make_unique<Transaction::State>(store_, std::move(lock), std::move(base)));
}

}  // namespace argosy::lake
