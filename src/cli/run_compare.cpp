// argosy run compare: two stored backtests side by side, each difference of their trades explained.
#include "runs/compare_runs.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "cli/run_commands.hpp"
#include "core/text.hpp"
#include "market/bar.hpp"

namespace argosy::cli {
namespace {

using core::Result;
using runs::RunComparison;

struct Options {
  std::string a;
  std::string b;
  std::int64_t limit = 20;
};

// Shares and statistics are stored to the last bit, which nobody wants to read in a table.
std::string shortened(const std::string& text) {
  const auto number = core::parse_double(text);
  if (!number || text.size() <= 12 || !text.contains('.')) return text;
  return fmt::format("{:.6g}", *number);
}

std::string values_text(const RunComparison& comparison, const std::vector<runs::ComparedValue>& values) {
  std::vector<std::vector<std::string>> rows;
  for (const runs::ComparedValue& value : values) rows.push_back({value.name, shortened(value.a), shortened(value.b)});
  return format_table({"", "a: " + comparison.a.run_id, "b: " + comparison.b.run_id}, rows);
}

std::string causes_text(const RunComparison& comparison) {
  std::string text = fmt::format("{} trades in a, {} in b; {} matched, {} of them the same to the last unit.\n",
                                 comparison.trades_a, comparison.trades_b, comparison.matched, comparison.same);
  if (comparison.differences.empty()) return text;
  std::vector<std::string> parts;
  for (const runs::Cause cause : runs::kCauses) {
    if (const std::int64_t count = comparison.count(cause); count > 0)
      parts.push_back(fmt::format("{} by {}", count, to_string(cause)));
  }
  return text + fmt::format("{} differences: {}.\n", comparison.differences.size(), core::join(parts, ", "));
}

Result<std::string> differences_text(const RunComparison& comparison, std::int64_t limit) {
  if (comparison.differences.empty()) return std::string();
  ARGOSY_TRY(const market::Timeframe timeframe, market::Timeframe::parse(comparison.a.timeframe));
  const auto number = [](const std::optional<std::int64_t>& row) {
    return row ? fmt::to_string(*row) : std::string("-");
  };
  const std::size_t shown = limit == 0 ? comparison.differences.size()
                                       : std::min(comparison.differences.size(), static_cast<std::size_t>(limit));
  std::vector<std::vector<std::string>> rows;
  for (std::size_t i = 0; i < shown; ++i) {
    const runs::TradeDifference& each = comparison.differences[i];
    rows.push_back({market::format_key(each.decided_key, timeframe), each.symbol, each.side, number(each.a),
                    number(each.b), std::string(to_string(each.cause)), each.text});
  }
  std::string text = "\n" + format_table({"decided", "symbol", "side", "a", "b", "cause", "what"}, rows);
  if (shown < comparison.differences.size())
    text += fmt::format("{} of {} differences; --limit 0 shows all.\n", shown, comparison.differences.size());
  return text;
}

Result<void> compare(const Options& options, const Globals& globals) {
  if (options.limit < 0) return core::fail(core::ErrorCode::kInvalidArgument, "--limit must not be below 0");
  ARGOSY_TRY(const runs::StoredRun a, load_stored_run(options.a, globals));
  ARGOSY_TRY(const runs::StoredRun b, load_stored_run(options.b, globals));
  ARGOSY_TRY(const RunComparison comparison, runs::compare_runs(a, b));
  if (globals.json) return print(runs::to_json(comparison));
  std::string text;
  if (!comparison.note.empty()) text += comparison.note + "\n\n";
  text += values_text(comparison, comparison.headline) + "\n";
  if (comparison.configuration.empty()) {
    text += "Nothing was configured differently.\n\n";
  } else {
    text += "Configured differently:\n" + values_text(comparison, comparison.configuration) + "\n";
  }
  ARGOSY_TRY(const std::string differences, differences_text(comparison, options.limit));
  return print(text + causes_text(comparison) + differences);
}

}  // namespace

void add_run_compare(CLI::App& group, Globals& globals) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      group.add_subcommand("compare", "Two stored backtests: each difference of their trades explained");
  command->add_option("a", options->a, "a run: its id, the beginning of it, or last")->required();
  command->add_option("b", options->b, "the other")->required();
  command->add_option("--limit", options->limit, "how many differences the table shows; 0: all")->capture_default_str();
  add_common_options(*command, globals);
  command->footer(
      "A difference has one cause, the first step at which two trades part: data, signal, timing, price, fee, size or\n"
      "risk (docs/concepts/runs.md).\n"
      "Examples:\n  argosy run compare 11 last\n  argosy run compare 11 12 --json");
  command->callback([options, &globals] { run_command([&] { return compare(*options, globals); }); });
}

}  // namespace argosy::cli
