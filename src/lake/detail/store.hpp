// What a Lake, its snapshots and its transactions share: the folder, the ports, and the database opened on first use.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "lake/detail/append_file.hpp"
#include "lake/detail/duckdb.hpp"
#include "lake/lake.hpp"

namespace argosy::lake {

struct Store {
  Store(LakeOptions lake_options, core::Files& lake_files, const core::Clock& lake_clock)
      : options(std::move(lake_options)), files(lake_files), clock(lake_clock) {}

  LakeOptions options;
  core::Files& files;
  const core::Clock& clock;
  std::mutex opening;
  std::shared_ptr<detail::Database> opened;
  // Append files that end with what could neither be made durable nor be taken away.
  std::set<std::string> doubtful;
  // Where append files end that this Lake wrote last, in bytes.
  std::map<std::string, std::uint64_t> ends;

  [[nodiscard]] std::string path(std::string_view name) const { return options.folder + "/" + std::string(name); }
  [[nodiscard]] core::Result<detail::Database*> database() {
    const std::scoped_lock lock(opening);
    if (opened == nullptr) {
      ARGOSY_TRY(opened, detail::Database::open(options.duckdb_threads));
    }
    return opened.get();
  }
};

struct Snapshot::State {
  std::shared_ptr<Store> store;
  Manifest manifest;
  Tables tables;
  std::map<std::string, detail::SymbolBars> appended;  // by timeframe
};

namespace detail {

inline constexpr std::string_view kManifestName = "manifest";
inline constexpr std::string_view kLockName = "writer.lock";

[[nodiscard]] core::Result<Manifest> read_manifest(const Store& store);
[[nodiscard]] std::string append_path(const Manifest& manifest, const std::string& timeframe);
[[nodiscard]] core::Result<Snapshot> take_snapshot(const std::shared_ptr<Store>& store);
// The first and the last key that a partition can hold.
struct KeyBounds {
  std::int64_t first;
  std::int64_t last;
};
[[nodiscard]] KeyBounds partition_bounds(std::string_view partition);

}  // namespace detail
}  // namespace argosy::lake
