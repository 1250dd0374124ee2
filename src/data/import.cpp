#include "data/import.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/text.hpp"
#include "data/bar_text.hpp"
#include "lake/query.hpp"
#include "market/calendar.hpp"
#include "market/quality.hpp"

namespace argosy::data {

namespace {

using core::ErrorCode;

// A few new bars go to the append file: rewriting a year for one bar would cost more than the bar.
constexpr std::size_t kAppendRows = 64;

constexpr const char* kQuarantined = "quarantined";
constexpr const char* kKept = "kept";

// One symbol's lines on their way through the judgement.
struct Batch {
  SymbolImport report;
  std::vector<BarLine> lines;
  market::BarColumns bars;  // what is left
  // Every time the file speaks of: keys of readable lines, the text of the others.
  std::vector<std::int64_t> keys;
  std::set<std::string> unreadable_times;
};

std::string file_name(const std::string& path) { return path.substr(path.rfind('/') + 1); }

class Judge {
 public:
  Judge(const ImportRequest& request, const market::Instrument& instrument, Batch& batch)
      : request_(request), instrument_(instrument), batch_(batch) {}

  void remove_impossible() {
    std::vector<BarLine> good;
    for (BarLine& line : batch_.lines) {
      const auto finding = market::find_impossible(line.bar, instrument_);
      if (finding) {
        note(line, *finding, kQuarantined);
      } else {
        good.push_back(std::move(line));
      }
    }
    batch_.lines = std::move(good);
  }

  // Sorts by time. Lines that say the same are one; where they contradict each other nobody knows which is true.
  bool settle_duplicates() {
    auto& lines = batch_.lines;
    const auto by_key = [](const BarLine& a, const BarLine& b) { return a.bar.key < b.bar.key; };
    const bool was_sorted = std::is_sorted(lines.begin(), lines.end(), by_key);
    std::stable_sort(lines.begin(), lines.end(), by_key);
    std::vector<BarLine> good;
    for (std::size_t first = 0; first < lines.size();) {
      std::size_t end = first + 1;
      std::optional<market::QualityFinding> conflict;
      for (; end < lines.size() && lines[end].bar.key == lines[first].bar.key; ++end) {
        if (!conflict) conflict = market::find_conflict(lines[first].bar, lines[end].bar);
      }
      if (conflict) {
        for (std::size_t i = first; i < end; ++i) note(lines[i], *conflict, kQuarantined);
      } else {
        batch_.report.repeated += static_cast<std::int64_t>(end - first - 1);
        good.push_back(std::move(lines[first]));
      }
      first = end;
    }
    lines = std::move(good);
    return was_sorted;
  }

  void mark_odd(const market::Calendar& calendar, std::span<const market::CorporateAction> actions) {
    for (const BarLine& line : batch_.lines) batch_.bars.push_back(line.bar);
    const auto findings = market::find_odd(batch_.bars, request_.timeframe, calendar, actions, {});
    std::set<std::int64_t> refused;
    for (const auto& finding : findings) {
      const auto it = std::lower_bound(batch_.lines.begin(), batch_.lines.end(), finding.key,
                                       [](const BarLine& line, std::int64_t key) { return line.bar.key < key; });
      // A gap is a finding about rows that are missing; the one after it is not to blame.
      const bool refuse = request_.strict && finding.rule != market::QualityRule::kGap;
      note(*it, finding, refuse ? kQuarantined : kKept, refuse && !refused.insert(finding.key).second);
    }
    if (refused.empty()) return;
    market::BarColumns kept;
    for (std::size_t i = 0; i < batch_.bars.size(); ++i) {
      if (!refused.contains(batch_.bars.key[i])) kept.push_back(batch_.bars.at(i));
    }
    batch_.bars = std::move(kept);
  }

 private:
  void note(const BarLine& line, const market::QualityFinding& finding, const char* action,
            bool counted_before = false) {
    const std::string time = market::format_key(line.bar.key, request_.timeframe);
    batch_.report.findings.push_back({batch_.report.symbol, batch_.report.timeframe, time,
                                      std::string(market::to_string(finding.rule)), action, finding.detail,
                                      fmt::format("{}:{}", file_name(request_.path), line.line), line.text});
    if (counted_before) return;
    ++(std::string_view(action) == kQuarantined ? batch_.report.quarantined : batch_.report.odd);
  }

  const ImportRequest& request_;
  const market::Instrument& instrument_;
  Batch& batch_;
};

core::Result<std::string> read_file(core::Files& files, const std::string& path) {
  if (!files.exists(path)) {
    return core::fail(
        core::Error(ErrorCode::kNotFound, fmt::format("there is no file {}", path)).with_hint("check the path"));
  }
  if (core::to_lower(path).ends_with(".parquet")) return lake::parquet_to_csv(path);
  return files.read(path);
}

// The file's lines by symbol.
std::map<std::string, Batch> split_by_symbol(BarText& text, const ImportRequest& request) {
  std::map<std::string, Batch> batches;
  const std::string timeframe = request.timeframe.to_string();
  const auto batch_of = [&](const std::string& symbol) -> Batch& {
    Batch& batch = batches[symbol];
    batch.report.symbol = symbol;
    batch.report.timeframe = timeframe;
    ++batch.report.rows;
    return batch;
  };
  for (BarLine& line : text.lines) {
    Batch& batch = batch_of(line.symbol);
    batch.keys.push_back(line.bar.key);
    batch.lines.push_back(std::move(line));
  }
  for (const BadLine& bad : text.bad) {
    const bool known = market::check_symbol(bad.symbol).has_value();
    Batch& batch = batch_of(known ? bad.symbol : "?");
    batch.unreadable_times.insert(bad.time);
    ++batch.report.quarantined;
    batch.report.findings.push_back({batch.report.symbol, timeframe, bad.time,
                                     std::string(market::to_string(market::QualityRule::kUnreadable)), kQuarantined,
                                     bad.reason, fmt::format("{}:{}", file_name(request.path), bad.line), bad.text});
  }
  for (auto& [symbol, batch] : batches) std::ranges::sort(batch.keys);
  return batches;
}

core::Error nothing_usable(const ImportRequest& request, const std::map<std::string, Batch>& batches) {
  constexpr std::size_t kShown = 3;
  std::string reasons;
  std::int64_t lines = 0;
  std::size_t shown = 0;
  for (const auto& [symbol, batch] : batches) {
    lines += batch.report.rows;
    for (const lake::QualityRow& row : batch.report.findings) {
      if (shown++ < kShown) reasons += fmt::format("\n  {}: {}", row.origin, row.detail);
    }
  }
  if (lines == 0) {
    return core::Error(ErrorCode::kInvalidArgument, "the file has a header but no lines").at(request.path);
  }
  return core::Error(ErrorCode::kInvalidArgument, fmt::format("none of the {} lines can be used:{}", lines, reasons))
      .at(request.path)
      .with_hint("nothing was imported; --columns says which column is which");
}

// Replaces what was known of the times the file speaks of.
void update_quality(std::vector<lake::QualityRow>& quality, const Batch& batch, market::Timeframe timeframe) {
  const SymbolImport& report = batch.report;
  std::erase_if(quality, [&](const lake::QualityRow& row) {
    if (row.symbol != report.symbol || row.timeframe != report.timeframe) return false;
    const auto key = market::parse_key(row.time, timeframe);
    return batch.unreadable_times.contains(row.time) || (key && std::ranges::binary_search(batch.keys, *key));
  });
  quality.insert(quality.end(), report.findings.begin(), report.findings.end());
}

// One import that may touch several symbols; stages everything in the transaction.
class Importer {
 public:
  Importer(lake::Transaction& transaction, const ImportRequest& request)
      : transaction_(transaction), request_(request), tables_(transaction.tables()) {}

  core::Result<ImportReport> run(BarText text) {
    ImportReport report;
    report.notes = std::move(text.notes);
    auto batches = split_by_symbol(text, request_);
    std::size_t usable = 0;
    for (auto& [symbol, batch] : batches) {
      if (batch.lines.empty()) continue;
      ARGOSY_TRY_VOID(judge(batch, report.notes));
      usable += batch.bars.size();
    }
    if (usable == 0) return core::fail(nothing_usable(request_, batches));
    for (auto& [symbol, batch] : batches) {
      if (!batch.bars.empty()) {
        ARGOSY_TRY_VOID(store(batch));
      }
      update_quality(tables_.quality, batch, request_.timeframe);
      report.symbols.push_back(std::move(batch.report));
    }
    std::sort(tables_.quality.begin(), tables_.quality.end());
    tables_.quality.erase(std::unique(tables_.quality.begin(), tables_.quality.end()), tables_.quality.end());
    transaction_.set_tables(std::move(tables_));
    std::erase_if(fresh_, [](const auto& item) { return item.second.empty(); });
    return report;
  }

  // The new bars, when they are few and all that the import changes.
  [[nodiscard]] std::optional<std::map<std::string, market::BarColumns>> few_new_bars() const {
    std::size_t rows = 0;
    for (const auto& [symbol, bars] : fresh_) rows += bars.size();
    if (!only_added_ || rows == 0 || rows > kAppendRows) return std::nullopt;
    for (const std::string_view name : lake::kTableNames) {
      const auto& before = transaction_.base().tables();
      if (lake::format_table(name, transaction_.tables()) != lake::format_table(name, before)) return std::nullopt;
    }
    return fresh_;
  }

 private:
  core::Result<market::Instrument> instrument_of(const std::string& symbol) const {
    market::Instrument instrument;
    instrument.symbol = symbol;
    instrument.exchange = request_.default_exchange;
    if (const auto known = request_.known.find(symbol); known != request_.known.end()) instrument = known->second;
    if (const auto it = tables_.instruments.find(symbol); it != tables_.instruments.end()) instrument = it->second;
    if (!request_.exchange.empty()) {
      ARGOSY_TRY(const market::Calendar* calendar, market::find_calendar(request_.exchange));
      instrument.exchange = calendar->name();
    }
    return instrument;
  }

  core::Result<void> judge(Batch& batch, std::vector<std::string>& notes) {
    ARGOSY_TRY(const market::Instrument instrument, instrument_of(batch.report.symbol));
    ARGOSY_TRY(const market::Calendar* calendar, market::find_calendar(instrument.exchange));
    Judge judge(request_, instrument, batch);
    judge.remove_impossible();
    if (!judge.settle_duplicates())
      notes.push_back(fmt::format("lines of {} were not in the order of time: sorted", batch.report.symbol));
    const auto actions = tables_.actions.find(batch.report.symbol);
    judge.mark_odd(*calendar,
                   actions == tables_.actions.end() ? std::span<const market::CorporateAction>() : actions->second);
    return {};
  }

  core::Result<void> store(Batch& batch) {
    SymbolImport& report = batch.report;
    const market::BarColumns& bars = batch.bars;
    report.first = market::format_key(bars.key.front(), request_.timeframe);
    report.last = market::format_key(bars.key.back(), request_.timeframe);
    ARGOSY_TRY(const auto stored,
               transaction_.base().load(report.symbol, request_.timeframe, bars.key.front(), bars.key.back()));
    market::BarColumns& fresh = fresh_[report.symbol];
    for (std::size_t i = 0, j = 0; i < bars.size(); ++i) {
      while (j < stored.size() && stored.key[j] < bars.key[i]) ++j;
      const bool there = j < stored.size() && stored.key[j] == bars.key[i];
      if (!there) {
        ++report.added;
        fresh.push_back(bars.at(i));
      } else {
        ++(stored.at(j) == bars.at(i) ? report.unchanged : report.changed);
        only_added_ = only_added_ && stored.at(j) == bars.at(i);
      }
    }
    ARGOSY_TRY_VOID(transaction_.put(report.symbol, request_.timeframe, bars));
    ARGOSY_TRY(tables_.instruments[report.symbol], instrument_of(report.symbol));
    tables_.anchors.try_emplace(report.symbol, bars.key.front());
    return {};
  }

  lake::Transaction& transaction_;
  const ImportRequest& request_;
  lake::Tables tables_;
  std::map<std::string, market::BarColumns> fresh_;
  bool only_added_ = true;
};

core::Result<BarText> read_text(core::Files& files, const ImportRequest& request) {
  std::string read;
  if (!request.text) {
    ARGOSY_TRY(read, read_file(files, request.path));
  }
  const std::string& bytes = request.text ? *request.text : read;
  BarTextOptions options;
  options.timeframe = request.timeframe;
  options.columns = request.columns;
  options.time_zone = request.time_zone;
  options.exchange = request.exchange.empty() ? request.default_exchange : request.exchange;
  options.symbol = request.symbol;
  options.source = request.source;
  return read_bar_text(bytes, request.path, options);
}

}  // namespace

core::Result<std::vector<ImportReport>> import_files(const lake::Lake& lake, core::Files& files,
                                                     const std::vector<ImportRequest>& requests,
                                                     const lake::Progress& progress,
                                                     const lake::BeforeCommit& before_commit) {
  // Files are read before the lock is taken, so that a slow disk keeps nobody waiting.
  std::vector<BarText> texts;
  for (const ImportRequest& request : requests) {
    ARGOSY_TRY(texts.emplace_back(), read_text(files, request));
  }
  std::optional<lake::Transaction> transaction;
  ARGOSY_TRY(transaction, lake.begin());
  std::vector<ImportReport> reports;
  std::optional<std::map<std::string, market::BarColumns>> few;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    Importer importer(*transaction, requests[i]);
    ARGOSY_TRY(reports.emplace_back(), importer.run(std::move(texts[i])));
    if (requests.size() == 1) few = importer.few_new_bars();
  }
  if (before_commit && !few) ARGOSY_TRY_VOID(before_commit(*transaction));
  if (few) {
    transaction.reset();  // gives the lock back
    ARGOSY_TRY_VOID(lake.append(requests.front().timeframe, *few));
  } else {
    ARGOSY_TRY_VOID(transaction->commit(progress));
  }
  return reports;
}

core::Result<ImportReport> import_bars(const lake::Lake& lake, core::Files& files, const ImportRequest& request,
                                       const lake::Progress& progress, const lake::BeforeCommit& before_commit) {
  ARGOSY_TRY(auto reports, import_files(lake, files, {request}, progress, before_commit));
  return std::move(reports.front());
}

void write_report(core::JsonWriter& json, const ImportReport& report, std::size_t most) {
  json.begin_object().key("items").begin_array();
  for (const SymbolImport& symbol : report.symbols) core::write_json(json, symbol);
  json.end_array().key("meta").begin_object().key("count").value(report.symbols.size());
  json.key("notes").begin_array();
  for (const std::string& note : report.notes) json.value(note);
  json.end_array().key("findings").begin_array();
  for (const SymbolImport& symbol : report.symbols) {
    for (const lake::QualityRow& row : symbol.findings) {
      if (most == 0) break;
      --most;
      core::write_json(json, row);
    }
  }
  json.end_array().end_object().end_object();
}

}  // namespace argosy::data
