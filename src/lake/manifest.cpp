#include "lake/manifest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/hash.hpp"
#include "core/text.hpp"

namespace argosy::lake {

namespace {

constexpr std::string_view kTitle = "argosy-lake 1";

core::Error corrupt(const std::string& path, std::int64_t line, std::string message) {
  return core::Error(core::ErrorCode::kCorrupt, std::move(message))
      .at(path, line)
      .with_hint("restore the lake folder from a backup, or move it away, run argosy init and import the data again");
}

// The words of one line, taken one after another; `good` turns false at the first that is missing or no number.
class Words {
 public:
  explicit Words(std::string_view line) : words_(core::split(line, ' ')) {}
  std::string text() {
    if (at_ < words_.size() && !words_[at_].empty()) return std::string(words_[at_++]);
    good_ = false;
    return {};
  }
  std::int64_t integer() {
    const auto number = core::parse_integer(text());
    good_ = good_ && number.has_value();
    return number.value_or(0);
  }
  [[nodiscard]] bool complete() const { return good_ && at_ == words_.size(); }

 private:
  std::vector<std::string_view> words_;
  std::size_t at_ = 0;
  bool good_ = true;
};

bool parse_line(std::string_view line, Manifest& manifest) {
  Words words(line);
  const std::string kind = words.text();
  if (kind == "generation") {
    manifest.generation = words.integer();
  } else if (kind == "file") {
    BarFile file;
    file.timeframe = words.text();
    file.partition = words.text();
    file.path = words.text();
    file.size = static_cast<std::uint64_t>(words.integer());
    file.hash = words.text();
    manifest.files.push_back(std::move(file));
  } else if (kind == "bars") {
    SymbolRange range;
    range.symbol = words.text();
    range.rows = words.integer();
    range.first = words.integer();
    range.last = words.integer();
    range.hash = words.text();
    range.has_vwap = words.integer() != 0;
    range.source = static_cast<int>(words.integer());
    if (manifest.files.empty()) return false;
    manifest.files.back().symbols.push_back(std::move(range));
  } else if (kind == "table") {
    const std::string name = words.text();
    TableFile& table = manifest.tables[name];
    table.path = words.text();
    table.size = static_cast<std::uint64_t>(words.integer());
    table.hash = words.text();
  } else if (kind == "fold") {
    const std::string timeframe = words.text();
    manifest.folds[timeframe] = words.integer();
  } else if (kind == "dropped") {
    DroppedFile dropped;
    dropped.path = words.text();
    dropped.dropped_at = words.integer();
    manifest.dropped.push_back(std::move(dropped));
  } else {
    return false;
  }
  return words.complete();
}

}  // namespace

const SymbolRange* BarFile::find(std::string_view symbol) const {
  const auto it = std::lower_bound(symbols.begin(), symbols.end(), symbol,
                                   [](const SymbolRange& range, std::string_view name) { return range.symbol < name; });
  return it != symbols.end() && it->symbol == symbol ? &*it : nullptr;
}

std::string format_manifest(const Manifest& manifest) {
  std::string out = fmt::format("{}\ngeneration {}\n", kTitle, manifest.generation);
  for (const auto& [timeframe, count] : manifest.folds) out += fmt::format("fold {} {}\n", timeframe, count);
  for (const auto& [name, table] : manifest.tables) {
    out += fmt::format("table {} {} {} {}\n", name, table.path, table.size, table.hash);
  }
  for (const BarFile& file : manifest.files) {
    out += fmt::format("file {} {} {} {} {}\n", file.timeframe, file.partition, file.path, file.size, file.hash);
    for (const SymbolRange& range : file.symbols) {
      out += fmt::format("bars {} {} {} {} {} {} {}\n", range.symbol, range.rows, range.first, range.last, range.hash,
                         range.has_vwap ? 1 : 0, range.source);
    }
  }
  for (const DroppedFile& dropped : manifest.dropped)
    out += fmt::format("dropped {} {}\n", dropped.path, dropped.dropped_at);
  return out + fmt::format("checksum {:08x}\n", core::crc32c(out));
}

core::Result<Manifest> parse_manifest(std::string_view text, const std::string& path) {
  const std::size_t end = text.rfind("checksum ");
  if (!text.starts_with(kTitle)) return core::fail(corrupt(path, 1, "this is no manifest of a lake"));
  if (end == std::string_view::npos) {
    return core::fail(corrupt(path, 0, "the manifest is cut: it does not end with its checksum"));
  }
  if (text.substr(end) != fmt::format("checksum {:08x}\n", core::crc32c(text.substr(0, end)))) {
    return core::fail(corrupt(path, 0, "the manifest is damaged: its checksum does not fit"));
  }
  Manifest manifest;
  std::int64_t line_number = 1;
  std::string_view rest = text.substr(0, end);
  rest.remove_prefix(std::min(rest.size(), kTitle.size() + 1));
  while (!rest.empty()) {
    const std::size_t length = std::min(rest.find('\n'), rest.size());
    ++line_number;
    if (!parse_line(rest.substr(0, length), manifest)) return core::fail(corrupt(path, line_number, "unreadable line"));
    rest.remove_prefix(std::min(rest.size(), length + 1));
  }
  return manifest;
}

std::string partition_of(std::int64_t key, market::Timeframe timeframe) {
  const core::Date date = market::key_date(key);
  if (timeframe.is_intraday()) return fmt::format("{:04}-{:02}", date.year(), date.month());
  return fmt::format("{:04}", date.year());
}

std::vector<PartitionRun> partition_runs(const market::BarColumns& bars, market::Timeframe timeframe) {
  std::vector<PartitionRun> runs;
  for (std::size_t begin = 0; begin < bars.size();) {
    const core::Date date = market::key_date(bars.key[begin]);
    core::Date next = core::Date::from_ymd(date.year() + 1, 1, 1);
    if (timeframe.is_intraday() && date.month() < 12) next = core::Date::from_ymd(date.year(), date.month() + 1, 1);
    const auto from = bars.key.begin() + static_cast<std::ptrdiff_t>(begin);
    const auto it = std::lower_bound(from, bars.key.end(), market::date_key(next));
    const auto end = static_cast<std::size_t>(it - bars.key.begin());
    runs.push_back({partition_of(bars.key[begin], timeframe), begin, end});
    begin = end;
  }
  return runs;
}

std::string bars_hash(const market::BarColumns& bars, std::size_t begin, std::size_t end) {
  core::Hasher hasher;
  const std::size_t count = end - begin;
  hasher.update_values(std::span(bars.key).subspan(begin, count));
  for (const auto* column : {&bars.open, &bars.high, &bars.low, &bars.close}) {
    hasher.update_values(std::span(*column).subspan(begin, count));
  }
  hasher.update_values(std::span(bars.volume).subspan(begin, count));
  // Every NaN means the same: no average price. A file that has none hashes as one without the column.
  std::vector<double> vwap;
  bool has_vwap = false;
  for (std::size_t i = begin; i < end && !bars.vwap.empty(); ++i) {
    const bool known = !std::isnan(bars.vwap[i]);
    has_vwap = has_vwap || known;
    vwap.push_back(known ? bars.vwap[i] : std::numeric_limits<double>::quiet_NaN());
  }
  if (has_vwap) hasher.update_values(std::span<const double>(vwap));
  hasher.update_values(std::span(bars.source).subspan(begin, count));
  return hasher.finish();
}

SymbolRange describe_range(const std::string& symbol, const market::BarColumns& bars) {
  SymbolRange range;
  range.symbol = symbol;
  range.rows = static_cast<std::int64_t>(bars.size());
  range.first = bars.key.front();
  range.last = bars.key.back();
  range.hash = bars_hash(bars, 0, bars.size());
  range.has_vwap = std::any_of(bars.vwap.begin(), bars.vwap.end(), [](double value) { return !std::isnan(value); });
  const auto source = bars.source.front();
  const bool same = std::all_of(bars.source.begin(), bars.source.end(), [&](auto other) { return other == source; });
  range.source = same ? static_cast<int>(source) : -1;
  return range;
}

market::BarColumns slice(const market::BarColumns& bars, std::size_t begin, std::size_t end) {
  market::BarColumns out;
  const auto cut = [&](const auto& from, auto& to) {
    if (from.empty()) return;
    to.assign(from.begin() + static_cast<std::ptrdiff_t>(begin), from.begin() + static_cast<std::ptrdiff_t>(end));
  };
  cut(bars.key, out.key);
  cut(bars.open, out.open);
  cut(bars.high, out.high);
  cut(bars.low, out.low);
  cut(bars.close, out.close);
  cut(bars.volume, out.volume);
  cut(bars.vwap, out.vwap);
  cut(bars.source, out.source);
  return out;
}

market::BarColumns merge(const market::BarColumns& older, const market::BarColumns& newer) {
  if (older.empty()) return newer;
  if (newer.empty()) return older;
  market::BarColumns out;
  out.reserve(older.size() + newer.size());
  std::size_t a = 0;
  std::size_t b = 0;
  while (a < older.size() || b < newer.size()) {
    const bool take_newer = a == older.size() || (b < newer.size() && newer.key[b] <= older.key[a]);
    if (take_newer) {
      if (a < older.size() && older.key[a] == newer.key[b]) ++a;
      out.push_back(newer.at(b++));
    } else {
      out.push_back(older.at(a++));
    }
  }
  return out;
}

}  // namespace argosy::lake
