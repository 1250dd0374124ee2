// argosy data check: is what the lake holds whole and plausible.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "cli/data_commands.hpp"
#include "cli/home.hpp"
#include "data/check.hpp"

namespace argosy::cli {

namespace {

core::Result<void> check(const Globals& globals) {
  ARGOSY_TRY(const auto snapshot, open_snapshot(globals));
  data::CheckReport report;
  {
    ProgressBar bar("checking");
    ARGOSY_TRY(report, data::check(snapshot, [&](double done) { bar.update(done); }));
  }
  if (globals.json) {
    core::JsonWriter json(2);
    json.begin_object().key("items").begin_array();
    for (const auto& problem : report.problems) core::write_json(json, problem);
    json.end_array()
        .key("meta")
        .begin_object()
        .key("count")
        .value(report.problems.size())
        .key("errors")
        .value(report.errors());
    json.key("files").value(report.files).key("series").value(report.series).key("bars").value(report.bars);
    json.end_object().end_object();
    ARGOSY_TRY_VOID(print_json(std::move(json)));
  } else {
    std::string out;
    for (const auto& problem : report.problems) {
      out += fmt::format("{}: {} {} {}: {}: {}\n    {}\n", problem.severity, problem.symbol, problem.timeframe,
                         problem.place, problem.rule, problem.detail, problem.advice);
    }
    const auto odd = static_cast<std::int64_t>(report.problems.size()) - report.errors();
    out += fmt::format("{}, {}, {}: {}, {}\n", count_of(report.files, "file"),
                       report.series == 1 ? "1 series" : fmt::format("{} series", report.series),
                       count_of(report.bars, "bar"), count_of(report.errors(), "error"), count_of(odd, "odd finding"));
    ARGOSY_TRY_VOID(print(out));
  }
  if (report.errors() == 0) return {};
  return core::fail(
      core::Error(core::ErrorCode::kCorrupt, fmt::format("the lake has {}", count_of(report.errors(), "error")))
          .with_hint("each error above says what to do"));
}

}  // namespace

void add_data_check(CLI::App& parent, Globals& globals) {
  CLI::App* command = parent.add_subcommand("check", "Compare files with their hashes, judge every bar, look for gaps");
  add_common_options(*command, globals);
  command->footer(
      "Exits with 1 when there are errors; odd findings alone are no error.\n\nExample:\n  argosy data check");
  command->callback([&globals] { run_command([&] { return check(globals); }); });
}

}  // namespace argosy::cli
