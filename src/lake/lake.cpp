#include "lake/lake.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "core/hash.hpp"
#include "core/text.hpp"
#include "lake/detail/store.hpp"

namespace argosy::lake {

namespace {

core::Error no_lake(const std::string& folder) {
  return core::Error(core::ErrorCode::kNotFound, fmt::format("there is no lake in {}", folder))
      .with_hint("run: argosy init (or name another home with --home)");
}

// What an append file holds; nothing when it does not exist.
core::Result<detail::AppendContents> read_append(const Store& store, const std::string& name, std::uint64_t* size) {
  const std::string path = store.path(name);
  if (!store.files.exists(path)) return detail::AppendContents{};
  ARGOSY_TRY(const std::string bytes, store.files.read(path));
  if (size != nullptr) *size = bytes.size();
  return detail::decode_records(bytes, path);
}

core::Result<void> read_tables(const Store& store, const Manifest& manifest, Tables& tables) {
  for (const auto& [name, table] : manifest.tables) {
    const std::string path = store.path(table.path);
    ARGOSY_TRY(const std::string text, store.files.read(path));
    if (core::sha256_hex(text) != table.hash) {
      return core::fail(core::Error(core::ErrorCode::kCorrupt, "the file is not what was written")
                            .at(path)
                            .with_hint("restore the lake folder from a backup, or move it away, run argosy init and "
                                       "import the data again"));
    }
    ARGOSY_TRY_VOID(parse_table(name, text, path, tables));
  }
  return {};
}

}  // namespace

namespace detail {

core::Result<Manifest> read_manifest(const Store& store) {
  const std::string path = store.path(kManifestName);
  if (!store.files.exists(path)) return core::fail(no_lake(store.options.folder));
  ARGOSY_TRY(const std::string text, store.files.read(path));
  return parse_manifest(text, path);
}

std::string append_path(const Manifest& manifest, const std::string& timeframe) {
  const auto fold = manifest.folds.find(timeframe);
  return fmt::format("append/{}-{}.log", timeframe, fold == manifest.folds.end() ? 0 : fold->second);
}

core::Result<Snapshot> take_snapshot(const std::shared_ptr<Store>& store) {
  auto state = std::make_shared<Snapshot::State>();
  state->store = store;
  ARGOSY_TRY(state->manifest, read_manifest(*store));
  ARGOSY_TRY_VOID(read_tables(*store, state->manifest, state->tables));
  const std::string folder = store->path("append");
  if (!store->files.exists(folder)) return Snapshot(std::move(state));
  ARGOSY_TRY(const auto files, store->files.list(folder));
  for (const core::FileInfo& file : files) {
    const std::string timeframe = file.name.substr(0, file.name.find('-'));
    const std::string name = append_path(state->manifest, timeframe);
    // Others were folded in before and wait to be deleted, or are not ours.
    if (name != "append/" + file.name || !market::Timeframe::parse(timeframe)) continue;
    ARGOSY_TRY(auto contents, read_append(*store, name, nullptr));
    if (!contents.bars.empty()) state->appended[timeframe] = std::move(contents.bars);
  }
  return Snapshot(std::move(state));
}

KeyBounds partition_bounds(std::string_view partition) {
  const auto year = static_cast<int>(core::parse_integer(partition.substr(0, 4)).value_or(1970));
  core::Date first = core::Date::from_ymd(year, 1, 1);
  core::Date next = core::Date::from_ymd(year + 1, 1, 1);
  if (partition.size() > 5) {
    const auto month = static_cast<unsigned>(core::parse_integer(partition.substr(5)).value_or(1));
    first = core::Date::from_ymd(year, month, 1);
    if (month < 12) next = core::Date::from_ymd(year, month + 1, 1);
  }
  return {market::date_key(first), market::date_key(next) - 1};
}

}  // namespace detail

core::Result<Lake> Lake::open(LakeOptions options, core::Files& files, const core::Clock& clock) {
  if (!files.exists(options.folder + "/" + std::string(detail::kManifestName)))
    return core::fail(no_lake(options.folder));
  // DuckDB compares paths as texts when it decides what a query may reach.
  options.folder = std::filesystem::path(options.folder).lexically_normal().string();
  return Lake(std::make_shared<Store>(std::move(options), files, clock));
}

core::Result<bool> Lake::create(const LakeOptions& options, core::Files& files) {
  const std::string manifest = options.folder + "/" + std::string(detail::kManifestName);
  if (files.exists(manifest)) return false;
  ARGOSY_TRY_VOID(files.make_folders(options.folder));
  // Two who create at once take turns, so that the second cannot replace what the first has written since.
  ARGOSY_TRY(const auto lock, files.lock(options.folder + "/" + std::string(detail::kLockName), options.lock_wait));
  if (files.exists(manifest)) return false;
  for (const char* folder : {"bars", "tables", "append", "tmp"}) {
    ARGOSY_TRY_VOID(files.make_folders(options.folder + "/" + folder));
  }
  ARGOSY_TRY_VOID(files.write_atomic(manifest, format_manifest({})));
  return true;
}

namespace {

// Where the next record begins; a torn one is cut off. What this Lake wrote itself and nobody changed is not read
// again.
core::Result<std::uint64_t> valid_end(const Store& store, const std::string& name) {
  const std::string path = store.path(name);
  if (const auto known = store.ends.find(path); known != store.ends.end()) {
    const auto info = store.files.info(path);
    if (info && info->size == known->second) return known->second;
  }
  std::uint64_t size = 0;
  ARGOSY_TRY(const auto contents, read_append(store, name, &size));
  if (size > contents.valid_bytes && !store.doubtful.contains(path)) {
    ARGOSY_TRY_VOID(store.files.truncate(path, contents.valid_bytes));
  }
  return contents.valid_bytes;
}

}  // namespace

core::Result<Snapshot> Lake::snapshot() const { return detail::take_snapshot(store_); }

core::Result<void> Lake::append(market::Timeframe timeframe,
                                const std::map<std::string, market::BarColumns>& bars) const {
  core::Files& files = store_->files;
  ARGOSY_TRY(const auto lock, files.lock(store_->path(detail::kLockName), store_->options.lock_wait));
  ARGOSY_TRY(const Manifest manifest, detail::read_manifest(*store_));
  const std::string name = detail::append_path(manifest, timeframe.to_string());
  const std::string path = store_->path(name);
  ARGOSY_TRY_VOID(files.make_folders(store_->path("append")));
  ARGOSY_TRY(const std::uint64_t end, valid_end(*store_, name));
  store_->ends.erase(path);
  const std::string record = detail::encode_record(bars);
  if (store_->doubtful.contains(path)) {
    // No sync makes the doubtful end durable any more: whatever came behind it would be lost with it.
    ARGOSY_TRY(const std::string bytes, files.read(path));
    ARGOSY_TRY_VOID(files.write_atomic(path, bytes.substr(0, end) + record));
    store_->doubtful.erase(path);
    return {};
  }
  ARGOSY_TRY(const auto file, files.open_append(path));
  auto written = file->append(record);
  if (written) written = file->sync();
  // A record that is only partly there, or not surely durable, must not stay: the caller will be told that it failed.
  if (!written && !files.truncate(path, end)) store_->doubtful.insert(path);
  if (written) store_->ends[path] = end + record.size();
  return written;
}

}  // namespace argosy::lake
