// argosy data sql: the lake's contents through DuckDB's SQL.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/data_commands.hpp"
#include "cli/home.hpp"
#include "core/csv.hpp"
#include "core/text.hpp"
#include "lake/query.hpp"

namespace argosy::cli {

namespace {

struct Options {
  std::string sql;
  bool csv = false;
};

std::string to_csv(const lake::QueryTable& table) {
  std::string out;
  const auto line = [&](const auto& cells, const auto& text_of) {
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (i > 0) out += ',';
      core::append_csv_cell(out, text_of(cells[i]));
    }
    out += '\n';
  };
  line(table.names, [](const std::string& name) { return std::string_view(name); });
  for (const auto& row : table.rows) {
    line(row,
         [](const std::optional<std::string>& cell) { return cell ? std::string_view(*cell) : std::string_view(); });
  }
  return out;
}

void write_cell(core::JsonWriter& json, const std::optional<std::string>& cell, bool numeric) {
  if (!cell) {
    json.null();
    return;
  }
  const auto integer = numeric ? core::parse_integer(*cell) : std::nullopt;
  const auto real = numeric ? core::parse_double(*cell) : std::nullopt;
  if (integer) {
    json.value(*integer);
  } else if (real) {
    json.value(*real);
  } else {
    json.value(*cell);
  }
}

core::Result<void> run_sql(const Options& options, const Globals& globals) {
  ARGOSY_TRY(const auto snapshot, open_snapshot(globals));
  ARGOSY_TRY(const auto table, lake::query(snapshot, options.sql));
  if (options.csv) return print(to_csv(table));
  if (globals.json) {
    core::JsonWriter json(2);
    json.begin_object().key("items").begin_array();
    for (const auto& row : table.rows) {
      json.begin_object();
      for (std::size_t i = 0; i < row.size(); ++i) write_cell(json.key(table.names[i]), row[i], table.numeric[i]);
      json.end_object();
    }
    json.end_array().key("meta").begin_object().key("count").value(table.rows.size()).end_object().end_object();
    return print_json(std::move(json));
  }
  std::vector<std::vector<std::string>> rows;
  for (const auto& row : table.rows) {
    auto& cells = rows.emplace_back();
    for (const auto& cell : row) cells.push_back(cell.value_or("-"));
  }
  return print(format_table(table.names, rows));
}

}  // namespace

void add_data_sql(CLI::App& parent, Globals& globals) {
  auto options = std::make_shared<Options>();
  CLI::App* command = parent.add_subcommand("sql", "Ask the lake in SQL (reading only)");
  command->add_option("sql", options->sql, "one SELECT, in DuckDB's dialect")->required();
  command->add_flag("--csv", options->csv, "print CSV");
  add_common_options(*command, globals);
  command->footer(
      "Views: bars_1d and so on for each timeframe, instruments, actions, quality, quarantine, universes, "
      "anchors.\n\nExample:\n"
      "  argosy data sql \"SELECT symbol, max(close) FROM bars_1d GROUP BY symbol ORDER BY symbol\"");
  command->callback([options, &globals] { run_command([&] { return run_sql(*options, globals); }); });
}

}  // namespace argosy::cli
