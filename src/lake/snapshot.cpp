#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <set>

#include "core/hash.hpp"
#include "lake/detail/bar_file.hpp"
#include "lake/detail/store.hpp"
#include "lake/lake.hpp"

namespace argosy::lake {

namespace {

struct Found {
  const BarFile* file;
  const SymbolRange* range;
};

// The files that hold a symbol's bars, in the order of time.
std::vector<Found> find_files(const Manifest& manifest, const std::string& symbol, const std::string& timeframe,
                              std::optional<std::int64_t> from, std::optional<std::int64_t> to) {
  std::vector<Found> found;
  for (const BarFile& file : manifest.files) {
    if (file.timeframe != timeframe) continue;
    const SymbolRange* range = file.find(symbol);
    if (range == nullptr || (from && range->last < *from) || (to && range->first > *to)) continue;
    found.push_back({&file, range});
  }
  return found;
}

core::Error damaged(const std::string& path, std::string message) {
  return core::Error(core::ErrorCode::kCorrupt, std::move(message))
      .at(path)
      .with_hint(
          "restore the file from a backup, or run argosy data remove for its symbols and import them again; "
          "argosy data check lists every damaged file");
}

// A size that differs tells of a cut file before a decoder stumbles over it.
core::Result<void> check_size(const Store& store, const BarFile& file) {
  const std::string path = store.path(file.path);
  if (!store.files.exists(path)) return core::fail(damaged(path, "the file is missing"));
  ARGOSY_TRY(const auto info, store.files.info(path));
  if (info.size == file.size) return {};
  return core::fail(damaged(path, fmt::format("the file has {} bytes instead of {}", info.size, file.size)));
}

market::BarColumns in_range(const market::BarColumns& bars, std::optional<std::int64_t> from,
                            std::optional<std::int64_t> to) {
  const auto begin = from ? std::lower_bound(bars.key.begin(), bars.key.end(), *from) : bars.key.begin();
  const auto end = to ? std::upper_bound(begin, bars.key.end(), *to) : bars.key.end();
  if (begin >= end) return {};
  return slice(bars, static_cast<std::size_t>(begin - bars.key.begin()),
               static_cast<std::size_t>(end - bars.key.begin()));
}

// With the bars of an append file, which are newer.
market::BarColumns with_newer(market::BarColumns bars, const std::map<std::string, market::BarColumns>& appended,
                              const std::string& symbol, std::optional<std::int64_t> from,
                              std::optional<std::int64_t> to) {
  const auto newer = appended.find(symbol);
  return newer == appended.end() ? std::move(bars) : merge(bars, in_range(newer->second, from, to));
}

market::Timeframe known_timeframe(const std::string& text) {
  const auto timeframe = market::Timeframe::parse(text);
  ARGOSY_CHECK(timeframe.has_value(), "timeframe {} in the manifest", text);
  return *timeframe;
}

// `stored`: what is known of whole partitions of these bars, which saves the hashing.
std::string hash_of_partitions(const market::BarColumns& bars, market::Timeframe timeframe,
                               const std::map<std::string, const SymbolRange*>& stored) {
  core::Hasher hasher;
  for (const PartitionRun& run : partition_runs(bars, timeframe)) {
    const auto it = stored.find(run.partition);
    const auto rows = static_cast<std::int64_t>(run.end - run.begin);
    const bool whole = it != stored.end() && it->second->rows == rows && it->second->first == bars.key[run.begin] &&
                       it->second->last == bars.key[run.end - 1];
    const std::string hash = whole ? it->second->hash : bars_hash(bars, run.begin, run.end);
    hasher.update(fmt::format("{} {} {}\n", run.partition, rows, hash));
  }
  return hasher.finish();
}

}  // namespace

const Manifest& Snapshot::manifest() const { return state_->manifest; }
const Tables& Snapshot::tables() const { return state_->tables; }
const std::string& Snapshot::folder() const { return state_->store->options.folder; }

const std::map<std::string, market::BarColumns>& Snapshot::appended(market::Timeframe timeframe) const {
  static const std::map<std::string, market::BarColumns> kNone;
  const auto it = state_->appended.find(timeframe.to_string());
  return it == state_->appended.end() ? kNone : it->second;
}

bool Snapshot::has(const std::string& symbol, market::Timeframe timeframe) const {
  const auto all = timeframes(symbol);
  return std::find(all.begin(), all.end(), timeframe) != all.end();
}

std::vector<std::string> Snapshot::symbols() const {
  std::set<std::string> names;
  for (const BarFile& file : state_->manifest.files) {
    for (const SymbolRange& range : file.symbols) names.insert(range.symbol);
  }
  for (const auto& [timeframe, bars] : state_->appended) {
    for (const auto& [symbol, columns] : bars) names.insert(symbol);
  }
  return {names.begin(), names.end()};
}

std::vector<market::Timeframe> Snapshot::timeframes(const std::string& symbol) const {
  std::set<std::string> names;
  for (const BarFile& file : state_->manifest.files) {
    if (file.find(symbol) != nullptr) names.insert(file.timeframe);
  }
  for (const auto& [timeframe, bars] : state_->appended) {
    if (bars.contains(symbol)) names.insert(timeframe);
  }
  std::vector<market::Timeframe> out;
  for (const std::string& name : names) out.push_back(known_timeframe(name));
  std::sort(out.begin(), out.end(), [](auto a, auto b) { return a.nominal() < b.nominal(); });
  return out;
}

core::Result<market::BarColumns> Snapshot::load(const std::string& symbol, market::Timeframe timeframe,
                                                std::optional<std::int64_t> from,
                                                std::optional<std::int64_t> to) const {
  const auto found = find_files(state_->manifest, symbol, timeframe.to_string(), from, to);
  market::BarColumns bars;
  if (!found.empty()) {
    detail::BarFileQuery query{.timeframe = timeframe, .symbol = symbol, .only_symbol = true, .has_vwap = false};
    query.source = found.front().range->source;
    bool inside = true;
    std::size_t rows = 0;
    for (const Found& part : found) {
      ARGOSY_TRY_VOID(check_size(*state_->store, *part.file));
      std::size_t first_row = 0;
      for (const SymbolRange& before : part.file->symbols) {
        if (&before == part.range) break;
        first_row += static_cast<std::size_t>(before.rows);
      }
      const auto part_rows = static_cast<std::size_t>(part.range->rows);
      query.parts.push_back({state_->store->path(part.file->path), first_row, part_rows});
      query.only_symbol = query.only_symbol && part.file->symbols.size() == 1;
      query.has_vwap = query.has_vwap || part.range->has_vwap;
      if (part.range->source != query.source) query.source = -1;
      rows += part_rows;
      inside = inside && (!from || part.range->first >= *from) && (!to || part.range->last <= *to);
    }
    if (!inside) {
      query.from = from;
      query.to = to;
    }
    ARGOSY_TRY(auto* database, state_->store->database());
    auto read = detail::read_bar_files(*database, query);
    if (!read && read.error().code == core::ErrorCode::kCorrupt) {
      return core::fail(damaged(state_->store->path("bars/" + timeframe.to_string()), read.error().message));
    }
    if (!read) return core::fail(std::move(read).error());
    if (inside && read->size() != rows) {
      return core::fail(damaged(state_->store->path("bars/" + timeframe.to_string()),
                                fmt::format("{} bars of {} were read instead of {}", read->size(), symbol, rows)));
    }
    bars = *std::move(read);
  }
  return with_newer(std::move(bars), appended(timeframe), symbol, from, to);
}

namespace {

// Rows [begin, end) of `from`, added behind `to`. Columns of vwap that only one of them has are filled up.
void append(market::BarColumns& to, const market::BarColumns& from, std::size_t begin, std::size_t end, bool has_vwap) {
  const auto add = [&](auto& column, const auto& source) {
    column.insert(column.end(), source.begin() + static_cast<std::ptrdiff_t>(begin),
                  source.begin() + static_cast<std::ptrdiff_t>(end));
  };
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  if (has_vwap && to.vwap.empty()) to.vwap.assign(to.size(), kNone);
  const bool keeps_vwap = has_vwap || !to.vwap.empty();
  add(to.key, from.key);
  add(to.open, from.open);
  add(to.high, from.high);
  add(to.low, from.low);
  add(to.close, from.close);
  add(to.volume, from.volume);
  add(to.source, from.source);
  if (!keeps_vwap) return;
  if (has_vwap) {
    add(to.vwap, from.vwap);
  } else {
    to.vwap.resize(to.key.size(), kNone);
  }
}

// All rows of a file.
core::Result<market::BarColumns> read_whole(const Store& store, detail::Database& database, const BarFile& file,
                                            market::Timeframe timeframe) {
  ARGOSY_TRY_VOID(check_size(store, file));
  detail::BarFileQuery query{.timeframe = timeframe, .only_symbol = true, .all_symbols = true, .has_vwap = false};
  std::size_t rows = 0;
  query.source = file.symbols.front().source;
  for (const SymbolRange& range : file.symbols) {
    rows += static_cast<std::size_t>(range.rows);
    query.has_vwap = query.has_vwap || range.has_vwap;
    if (range.source != query.source) query.source = -1;
  }
  query.parts.push_back({store.path(file.path), 0, rows});
  auto read = detail::read_bar_files(database, query);
  if (!read && read.error().code == core::ErrorCode::kCorrupt)
    return core::fail(damaged(store.path(file.path), read.error().message));
  if (read && read->size() != rows) {
    return core::fail(damaged(store.path(file.path), fmt::format("{} bars instead of {}", read->size(), rows)));
  }
  return read;
}

}  // namespace

core::Result<std::vector<market::BarColumns>> Snapshot::load_all(std::span<const std::string> symbols,
                                                                 market::Timeframe timeframe,
                                                                 std::optional<std::int64_t> from,
                                                                 std::optional<std::int64_t> to) const {
  std::vector<market::BarColumns> out(symbols.size());
  // A file costs a part of its rows to open, as many as a symbol has or more.
  constexpr std::size_t kFewest = 8;
  if (symbols.size() < kFewest || symbols.size() * kFewest < this->symbols().size()) {
    for (std::size_t k = 0; k < symbols.size(); ++k) {
      ARGOSY_TRY(out[k], load(symbols[k], timeframe, from, to));
    }
    return out;
  }
  std::map<std::string, std::size_t> wanted;
  for (std::size_t k = 0; k < symbols.size(); ++k) wanted[symbols[k]] = k;
  ARGOSY_TRY(auto* database, state_->store->database());
  for (const BarFile& file : state_->manifest.files) {
    const auto matters = [&](const SymbolRange& range) {
      return wanted.contains(range.symbol) && !(from && range.last < *from) && !(to && range.first > *to);
    };
    if (file.timeframe != timeframe.to_string() || std::ranges::none_of(file.symbols, matters)) continue;
    ARGOSY_TRY(const market::BarColumns bars, read_whole(*state_->store, *database, file, timeframe));
    std::size_t begin = 0;
    for (const SymbolRange& range : file.symbols) {
      const std::size_t end = begin + static_cast<std::size_t>(range.rows);
      if (matters(range)) append(out[wanted[range.symbol]], bars, begin, end, range.has_vwap);
      begin = end;
    }
  }
  for (std::size_t k = 0; k < symbols.size(); ++k) {
    market::BarColumns& bars = out[k];
    if (std::ranges::adjacent_find(bars.key, std::greater_equal()) != bars.key.end()) {
      return core::fail(damaged(state_->store->path("bars/" + timeframe.to_string()),
                                fmt::format("bars of {} are not in the order of time", symbols[k])));
    }
    if (from || to) bars = in_range(bars, from, to);
    bars = with_newer(std::move(bars), appended(timeframe), symbols[k], from, to);
  }
  return out;
}

std::string Snapshot::content_hash(const std::string& symbol, market::Timeframe timeframe,
                                   const market::BarColumns& bars) const {
  std::map<std::string, const SymbolRange*> stored;
  if (!appended(timeframe).contains(symbol)) {
    for (const Found& part : find_files(state_->manifest, symbol, timeframe.to_string(), {}, {})) {
      stored[part.file->partition] = part.range;
    }
  }
  return hash_of_partitions(bars, timeframe, stored);
}

std::string series_hash(const market::BarColumns& bars, market::Timeframe timeframe) {
  return hash_of_partitions(bars, timeframe, {});
}

core::Result<std::vector<Series>> Snapshot::series() const {
  std::vector<Series> out;
  std::map<std::pair<std::string, std::string>, std::size_t> index;
  std::map<std::pair<std::string, std::string>, core::Hasher> hashers;
  for (const BarFile& file : state_->manifest.files) {
    for (const SymbolRange& range : file.symbols) {
      const auto [it, is_new] = index.try_emplace({range.symbol, file.timeframe}, out.size());
      if (is_new) out.push_back({range.symbol, known_timeframe(file.timeframe), 0, range.first, range.last, {}});
      Series& series = out[it->second];
      series.rows += range.rows;
      series.last = range.last;
      hashers[it->first].update(fmt::format("{} {} {}\n", file.partition, range.rows, range.hash));
    }
  }
  for (auto& [name, hasher] : hashers) out[index.at(name)].hash = hasher.finish();
  for (const auto& [timeframe, bars] : state_->appended) {
    for (const auto& [symbol, columns] : bars) {
      const auto [it, is_new] = index.try_emplace({symbol, timeframe}, out.size());
      if (is_new) out.push_back({symbol, known_timeframe(timeframe), 0, 0, 0, {}});
      Series& series = out[it->second];
      ARGOSY_TRY(const auto all, load(symbol, series.timeframe, std::nullopt, std::nullopt));
      series.rows = static_cast<std::int64_t>(all.size());
      series.first = all.key.front();
      series.last = all.key.back();
      series.hash = content_hash(symbol, series.timeframe, all);
    }
  }
  std::sort(out.begin(), out.end(), [](const Series& a, const Series& b) {
    return std::tuple(a.symbol, a.timeframe.nominal()) < std::tuple(b.symbol, b.timeframe.nominal());
  });
  return out;
}

std::vector<core::Error> Snapshot::verify(const Progress& progress) const {
  std::vector<core::Error> problems;
  const auto& files = state_->manifest.files;
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (progress) progress(static_cast<double>(i) / static_cast<double>(files.size()));
    const std::string path = state_->store->path(files[i].path);
    if (auto sized = check_size(*state_->store, files[i]); !sized) {
      problems.push_back(std::move(sized).error());
      continue;
    }
    const auto bytes = state_->store->files.read(path);
    if (!bytes) {
      problems.push_back(bytes.error());
    } else if (core::sha256_hex(*bytes) != files[i].hash) {
      problems.push_back(damaged(path, "the file's bytes are not what was written"));
    }
  }
  return problems;
}

}  // namespace argosy::lake
