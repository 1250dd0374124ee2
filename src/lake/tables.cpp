#include "lake/tables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "core/csv.hpp"
#include "core/text.hpp"

namespace argosy::lake {

namespace {

using Cells = std::vector<std::string_view>;

core::Error corrupt(const std::string& path, std::int64_t line, std::string message) {
  return core::Error(core::ErrorCode::kCorrupt, std::move(message))
      .at(path, line)
      .with_hint("restore the lake folder from a backup, or move it away, run argosy init and import the data again");
}

// Fills a record from a line's cells, which stand in the order of its fields.
core::Result<void> fill_record(const core::RecordType& type, void* record, const Cells& cells) {
  if (cells.size() != type.fields.size()) {
    return core::fail(core::ErrorCode::kCorrupt,
                      fmt::format("{} cells where {} belong", cells.size(), type.fields.size()));
  }
  for (std::size_t i = 0; i < cells.size(); ++i) {
    ARGOSY_TRY_VOID(core::set_field(type, record, type.fields[i].name, cells[i]));
  }
  return {};
}

template <class T>
core::Result<T> read_record(const Cells& cells) {
  T record;
  ARGOSY_TRY_VOID(fill_record(core::record_type<T>(), &record, cells));
  return record;
}

core::Result<market::CorporateAction> read_action(const Cells& cells) {
  if (cells.size() != 6)
    return core::fail(core::ErrorCode::kCorrupt, fmt::format("{} cells where 6 belong", cells.size()));
  market::CorporateAction action;
  ARGOSY_TRY(action.ex_date, core::Date::parse(cells[1]));
  ARGOSY_TRY(action.kind, market::parse_action_kind(cells[2]));
  action.numerator = core::parse_integer(cells[3]).value_or(1);
  action.denominator = core::parse_integer(cells[4]).value_or(1);
  ARGOSY_TRY(action.amount, core::Price::parse(cells[5]));
  return action;
}

std::string format_action(const std::string& symbol, const market::CorporateAction& action) {
  return fmt::format("{},{},{},{},{},{}\n", symbol, action.ex_date.to_string(), market::to_string(action.kind),
                     action.numerator, action.denominator, action.amount.to_string());
}

core::Result<void> parse_row(std::string_view name, const Cells& cells, Tables& tables) {
  const std::string symbol(cells.front());
  if (name == "actions") {
    ARGOSY_TRY(auto action, read_action(cells));
    tables.actions[symbol].push_back(action);
  } else if (name == "anchors") {
    const auto key = cells.size() == 2 ? core::parse_integer(cells[1]) : std::nullopt;
    if (!key) return core::fail(core::ErrorCode::kCorrupt, "no key");
    tables.anchors[symbol] = *key;
  } else if (name == "instruments") {
    ARGOSY_TRY(auto instrument, read_record<market::Instrument>(cells));
    tables.instruments[symbol] = std::move(instrument);
  } else if (name == "quality") {
    ARGOSY_TRY(auto row, read_record<QualityRow>(cells));
    tables.quality.push_back(std::move(row));
  } else if (name == "universes") {
    ARGOSY_TRY(auto row, read_record<UniverseRow>(cells));
    tables.universes.push_back(std::move(row));
  }
  return {};
}

}  // namespace

void sort_actions(std::vector<market::CorporateAction>& actions) {
  const auto rank = [](const market::CorporateAction& action) {
    return std::tuple(action.ex_date, action.kind, action.numerator, action.denominator, action.amount);
  };
  std::sort(actions.begin(), actions.end(), [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
}

std::string format_table(std::string_view name, const Tables& tables) {
  std::string header;
  std::string rows;
  if (name == "actions") {
    header = "symbol,ex_date,kind,numerator,denominator,amount";
    for (const auto& [symbol, actions] : tables.actions) {
      for (const auto& action : actions) rows += format_action(symbol, action);
    }
  } else if (name == "anchors") {
    header = "symbol,key";
    for (const auto& [symbol, key] : tables.anchors) rows += fmt::format("{},{}\n", symbol, key);
  } else if (name == "instruments") {
    header = core::csv_header(core::record_type<market::Instrument>());
    for (const auto& [symbol, instrument] : tables.instruments) {
      rows += core::csv_row(core::record_type<market::Instrument>(), &instrument) + "\n";
    }
  } else if (name == "quality") {
    header = core::csv_header(core::record_type<QualityRow>());
    for (const auto& row : tables.quality) rows += core::csv_row(core::record_type<QualityRow>(), &row) + "\n";
  } else if (name == "universes") {
    header = core::csv_header(core::record_type<UniverseRow>());
    for (const auto& row : tables.universes) rows += core::csv_row(core::record_type<UniverseRow>(), &row) + "\n";
  }
  return rows.empty() ? rows : header + "\n" + rows;
}

core::Result<void> parse_table(std::string_view name, std::string_view csv, const std::string& path, Tables& tables) {
  core::CsvReader reader(csv, ',');
  Cells cells;
  bool is_header = true;
  while (reader.next(cells)) {
    if (!std::exchange(is_header, false)) {
      if (const auto parsed = parse_row(name, cells, tables); !parsed) {
        return core::fail(corrupt(path, reader.line(), parsed.error().message));
      }
    }
  }
  return {};
}

}  // namespace argosy::lake
