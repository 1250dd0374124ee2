#include "data/check.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/text.hpp"
#include "market/calendar.hpp"
#include "market/quality.hpp"

namespace argosy::data {

namespace {

Problem file_problem(const lake::Snapshot& snapshot, const core::Error& error) {
  Problem problem{"error",
                  "",
                  "",
                  error.file,
                  "damaged_file",
                  error.message,
                  "restore the file from a backup, or run argosy data remove for these symbols and import them again"};
  std::vector<std::string> symbols;
  for (const lake::BarFile& file : snapshot.manifest().files) {
    if (!error.file.ends_with(file.path)) continue;
    problem.timeframe = file.timeframe;
    for (const lake::SymbolRange& range : file.symbols) symbols.push_back(range.symbol);
  }
  problem.symbol = core::join(symbols, " ");
  return problem;
}

core::Result<void> judge_series(const lake::Snapshot& snapshot, const lake::Series& series,
                                std::vector<Problem>& problems) {
  const lake::Tables& tables = snapshot.tables();
  market::Instrument instrument;
  instrument.symbol = series.symbol;
  if (const auto it = tables.instruments.find(series.symbol); it != tables.instruments.end()) instrument = it->second;
  ARGOSY_TRY(const market::Calendar* calendar, market::find_calendar(instrument.exchange));
  ARGOSY_TRY(const auto bars, snapshot.load(series.symbol, series.timeframe, std::nullopt, std::nullopt));
  const auto add = [&](const char* severity, const market::QualityFinding& finding, const char* advice) {
    problems.push_back({severity, series.symbol, series.timeframe.to_string(),
                        market::format_key(finding.key, series.timeframe), std::string(market::to_string(finding.rule)),
                        finding.detail, advice});
  };
  for (std::size_t i = 0; i < bars.size(); ++i) {
    if (const auto finding = market::find_impossible(bars.at(i), instrument)) {
      add("error", *finding, "import the bar again from a better source");
    }
  }
  const auto actions = tables.actions.find(series.symbol);
  const std::vector<market::CorporateAction> none;
  for (const auto& finding : market::find_odd(bars, series.timeframe, *calendar,
                                              actions == tables.actions.end() ? none : actions->second, {})) {
    const bool gap = finding.rule == market::QualityRule::kGap;
    add("odd", finding,
        gap ? "import the missing bars, or correct the exchange with argosy data instrument set"
            : "compare it with another source");
  }
  return {};
}

}  // namespace

std::int64_t CheckReport::errors() const {
  return std::count_if(problems.begin(), problems.end(),
                       [](const Problem& problem) { return problem.severity == "error"; });
}

core::Result<CheckReport> check(const lake::Snapshot& snapshot, const lake::Progress& progress) {
  CheckReport report;
  const auto part = [&](double from, double share) {
    return [&progress, from, share](double done) {
      if (progress) progress(from + share * done);
    };
  };
  report.files = static_cast<std::int64_t>(snapshot.manifest().files.size() + snapshot.manifest().tables.size());
  for (const core::Error& error : snapshot.verify(part(0, 0.5)))
    report.problems.push_back(file_problem(snapshot, error));
  // Bars of damaged files cannot be judged; the damage is told already.
  if (!report.problems.empty()) return report;
  ARGOSY_TRY(const auto all, snapshot.series());
  for (const lake::Series& series : all) {
    part(0.5, 0.5)(static_cast<double>(report.series) / static_cast<double>(all.size()));
    ARGOSY_TRY_VOID(judge_series(snapshot, series, report.problems));
    ++report.series;
    report.bars += series.rows;
  }
  std::stable_partition(report.problems.begin(), report.problems.end(),
                        [](const Problem& problem) { return problem.severity == "error"; });
  return report;
}

}  // namespace argosy::data
