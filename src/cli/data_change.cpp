// argosy data remove and compact.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/data_commands.hpp"
#include "cli/home.hpp"
#include "core/text.hpp"

namespace argosy::cli {

namespace {

struct RemoveOptions {
  std::string symbol;
  std::string timeframe;
};

// Everything that speaks of a symbol without bars goes with them.
void forget(lake::Tables& tables, const std::string& symbol) {
  tables.instruments.erase(symbol);
  tables.actions.erase(symbol);
  tables.anchors.erase(symbol);
  std::erase_if(tables.quality, [&](const auto& row) { return row.symbol == symbol; });
  std::erase_if(tables.universes, [&](const auto& row) { return row.symbol == symbol; });
}

core::Result<void> remove(const RemoveOptions& options, const Globals& globals) {
  ARGOSY_TRY(const auto lake, open_lake(globals));
  ARGOSY_TRY(auto transaction, lake.begin());
  const auto stored = transaction.base().timeframes(options.symbol);
  auto timeframes = stored;
  if (!options.timeframe.empty()) {
    ARGOSY_TRY(const auto timeframe, market::Timeframe::parse(options.timeframe));
    timeframes = {timeframe};
  }
  lake::Tables tables = transaction.tables();
  const bool known = stored.empty() ? tables.instruments.contains(options.symbol) && options.timeframe.empty()
                                    : transaction.base().has(options.symbol, timeframes.front());
  if (!known) {
    const auto symbols = transaction.base().symbols();
    const std::vector<std::string_view> names(symbols.begin(), symbols.end());
    return core::fail(
        core::Error(core::ErrorCode::kNotFound, fmt::format("the lake has no {}{}bars of \"{}\"", options.timeframe,
                                                            options.timeframe.empty() ? "" : " ", options.symbol))
            .with_hint(std::string(core::trim(core::did_you_mean(options.symbol, names)))));
  }
  for (const auto timeframe : timeframes) {
    ARGOSY_TRY_VOID(transaction.drop(options.symbol, timeframe));
    std::erase_if(tables.quality, [&](const auto& row) {
      return row.symbol == options.symbol && row.timeframe == timeframe.to_string();
    });
  }
  const bool all = timeframes.size() == stored.size();
  if (all) forget(tables, options.symbol);
  transaction.set_tables(std::move(tables));
  ARGOSY_TRY_VOID(transaction.commit());
  std::vector<std::string> names;
  for (const auto timeframe : timeframes) names.push_back(timeframe.to_string());
  return print(fmt::format("{}: bars of {} removed{}\n", options.symbol,
                           names.empty() ? "no timeframe" : core::join(names, ", "),
                           all ? ", with its actions and quarantine" : ""));
}

core::Result<void> compact(const Globals& globals) {
  ARGOSY_TRY(const auto lake, open_lake(globals));
  ARGOSY_TRY(auto transaction, lake.begin());
  const std::size_t before = transaction.base().manifest().files.size();
  transaction.compact();
  {
    ProgressBar bar("compacting");
    ARGOSY_TRY_VOID(transaction.commit([&](double done) { bar.update(done); }));
  }
  ARGOSY_TRY(const auto snapshot, lake.snapshot());
  return print(fmt::format("{} before, {} now\n", count_of(static_cast<std::int64_t>(before), "Parquet file"),
                           snapshot.manifest().files.size()));
}

}  // namespace

void add_data_remove(CLI::App& parent, Globals& globals) {
  auto options = std::make_shared<RemoveOptions>();
  CLI::App* command = parent.add_subcommand("remove", "Remove a symbol's bars");
  command->add_option("symbol", options->symbol, "the symbol")->required();
  command->add_option("--timeframe", options->timeframe,
                      "only bars of this length (default: all, and what is known of the symbol)");
  add_common_options(*command, globals, false);
  command->footer("Example:\n  argosy data remove AAPL --timeframe 1m");
  command->callback([options, &globals] { run_command([&] { return remove(*options, globals); }); });
}

void add_data_compact(CLI::App& parent, Globals& globals) {
  CLI::App* command = parent.add_subcommand("compact", "Fold appended bars in and join small files");
  add_common_options(*command, globals, false);
  command->footer("Example:\n  argosy data compact");
  command->callback([&globals] { run_command([&] { return compact(globals); }); });
}

}  // namespace argosy::cli
