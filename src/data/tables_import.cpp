#include "data/tables_import.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "core/csv.hpp"
#include "core/text.hpp"
#include "market/calendar.hpp"

namespace argosy::data {

namespace {

using core::ErrorCode;
using Cells = std::vector<std::string_view>;

// The columns of a file by the names of a table's fields.
class Columns {
 public:
  static core::Result<Columns> find(const Cells& header, const std::vector<std::string_view>& known,
                                    const std::vector<std::string_view>& needed, const std::string& file) {
    Columns columns;
    for (const std::string_view cell : header) {
      const std::string name = core::to_lower(core::trim(cell));
      if (std::find(known.begin(), known.end(), name) == known.end()) {
        return core::fail(core::Error(ErrorCode::kInvalidArgument, fmt::format("unknown column \"{}\"", name))
                              .at(file, 1)
                              .with_hint(core::did_you_mean(name, known)));
      }
      columns.names_.push_back(name);
    }
    for (const std::string_view name : needed) {
      if (columns.has(name)) continue;
      return core::fail(
          core::Error(ErrorCode::kInvalidArgument, fmt::format("the header has no column \"{}\"", name)).at(file, 1));
    }
    return columns;
  }
  [[nodiscard]] bool has(std::string_view name) const {
    return std::find(names_.begin(), names_.end(), name) != names_.end();
  }
  [[nodiscard]] std::string_view text(const Cells& cells, std::string_view name) const {
    const auto it = std::find(names_.begin(), names_.end(), name);
    return it == names_.end() ? std::string_view() : core::trim(cells[static_cast<std::size_t>(it - names_.begin())]);
  }
  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }

 private:
  std::vector<std::string> names_;
};

using UseLine = std::function<core::Result<void>(const Columns&, const Cells&)>;

core::Result<void> for_each_line(std::string_view csv, const std::string& file,
                                 const std::vector<std::string_view>& known,
                                 const std::vector<std::string_view>& needed, const UseLine& use) {
  core::CsvReader reader(csv);
  Cells cells;
  if (!reader.next(cells)) return core::fail(core::Error(ErrorCode::kInvalidArgument, "the file is empty").at(file));
  ARGOSY_TRY(const Columns columns, Columns::find(cells, known, needed, file));
  while (reader.next(cells)) {
    core::Result<void> used;
    if (cells.size() != columns.names().size()) {
      used = core::fail(ErrorCode::kInvalidArgument,
                        fmt::format("{} cells instead of {}", cells.size(), columns.names().size()));
    } else {
      used = use(columns, cells);
    }
    if (!used) {
      core::Error error = std::move(used).error();
      error.code = ErrorCode::kInvalidArgument;
      return core::fail(std::move(error).at(file, reader.line()));
    }
  }
  return {};
}

std::vector<std::string_view> field_names(const core::RecordType& type) {
  std::vector<std::string_view> names;
  for (const core::Field& field : type.fields) names.push_back(field.name);
  return names;
}

core::Result<std::int64_t> whole_number(std::string_view text, std::string_view name) {
  if (text.empty()) return 1;
  const auto number = core::parse_integer(text);
  if (!number)
    return core::fail(ErrorCode::kInvalidArgument, fmt::format("{} \"{}\" is not a whole number", name, text));
  return *number;
}

core::Result<market::CorporateAction> read_action(const Columns& columns, const Cells& cells) {
  market::CorporateAction action;
  ARGOSY_TRY(action.ex_date, core::Date::parse(columns.text(cells, "ex_date")));
  ARGOSY_TRY(action.kind, market::parse_action_kind(columns.text(cells, "kind")));
  ARGOSY_TRY(action.numerator, whole_number(columns.text(cells, "numerator"), "numerator"));
  ARGOSY_TRY(action.denominator, whole_number(columns.text(cells, "denominator"), "denominator"));
  if (const auto amount = columns.text(cells, "amount"); !amount.empty()) {
    ARGOSY_TRY(action.amount, core::Price::parse(amount));
  }
  ARGOSY_TRY_VOID(market::check_action(action));
  return action;
}

}  // namespace

core::Result<void> check_universe_name(std::string_view name) {
  if (name == "all") {
    return core::fail(core::Error(ErrorCode::kInvalidArgument, "\"all\" is built in: every symbol with bars")
                          .with_hint("choose another name"));
  }
  const bool good = !name.empty() && name.size() <= 40 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
  if (good) return {};
  return core::fail(core::Error(ErrorCode::kInvalidArgument, fmt::format("\"{}\" cannot name a universe", name))
                        .with_hint("use up to 40 letters, digits, - and _"));
}

core::Result<TableImport> import_actions(std::string_view csv, const std::string& file, lake::Tables& tables) {
  TableImport result;
  const std::vector<std::string_view> known{"symbol", "ex_date", "kind", "numerator", "denominator", "amount"};
  const std::vector<std::string_view> needed{"symbol", "ex_date", "kind"};
  ARGOSY_TRY_VOID(
      for_each_line(csv, file, known, needed, [&](const Columns& columns, const Cells& cells) -> core::Result<void> {
        ARGOSY_TRY(const std::string symbol, market::check_symbol(columns.text(cells, "symbol")));
        ARGOSY_TRY(const auto action, read_action(columns, cells));
        auto& actions = tables.actions[symbol];
        if (std::find(actions.begin(), actions.end(), action) != actions.end()) {
          ++result.unchanged;
          return {};
        }
        // A split's ratio or a dividend's amount is corrected by importing it again, of a delisting the date too.
        const auto same_event = std::find_if(actions.begin(), actions.end(), [&](const auto& other) {
          return other.kind == action.kind &&
                 (other.ex_date == action.ex_date || action.kind == market::ActionKind::kDelisting);
        });
        if (same_event != actions.end()) {
          *same_event = action;
          ++result.changed;
        } else {
          actions.push_back(action);
          ++result.added;
        }
        lake::sort_actions(actions);
        return {};
      }));
  return result;
}

core::Result<void> set_instrument(const ledger::InstrumentRow& instrument, Instruments& instruments) {
  ARGOSY_TRY(const std::string symbol, market::check_symbol(instrument.symbol));
  ARGOSY_TRY(const market::Calendar* calendar, market::find_calendar(instrument.exchange));
  ARGOSY_TRY_VOID(market::check_instrument(copy_of(instrument)));
  const auto errors = core::validate(core::record_type<ledger::InstrumentRow>(), &instrument);
  if (!errors.empty()) return core::fail(errors.front());
  ledger::InstrumentRow& stored = instruments[symbol];
  stored = instrument;
  stored.exchange = calendar->name();
  return {};
}

core::Result<TableImport> import_instruments(std::string_view csv, const std::string& file, Instruments& instruments) {
  TableImport result;
  const auto& type = core::record_type<ledger::InstrumentRow>();
  std::vector<std::string_view> known{"symbol"};
  known.insert(known.end(), kInstrumentFields.begin(), kInstrumentFields.end());
  ARGOSY_TRY_VOID(for_each_line(csv, file, known, {"symbol"},
                                [&](const Columns& columns, const Cells& cells) -> core::Result<void> {
                                  const std::string symbol(columns.text(cells, "symbol"));
                                  const auto before = instruments.find(symbol);
                                  const bool is_new = before == instruments.end();
                                  ledger::InstrumentRow instrument = is_new ? new_instrument(symbol) : before->second;
                                  const ledger::InstrumentRow old_row = instrument;
                                  for (const std::string& name : columns.names()) {
                                    const std::string_view text = columns.text(cells, name);
                                    if (text.empty() && name != "name" && name != "sector" && name != "description")
                                      continue;
                                    ARGOSY_TRY_VOID(core::set_field(type, &instrument, name, text));
                                  }
                                  ARGOSY_TRY_VOID(set_instrument(instrument, instruments));
                                  const bool same = same_instrument(instruments.at(symbol), old_row);
                                  ++(is_new ? result.added : same ? result.unchanged : result.changed);
                                  return {};
                                }));
  return result;
}

core::Result<void> set_membership(const lake::UniverseRow& row, lake::Tables& tables) {
  ARGOSY_TRY_VOID(check_universe_name(row.universe));
  ARGOSY_TRY_VOID(market::check_symbol(row.symbol));
  if (row.to && *row.to < row.from) {
    return core::fail(ErrorCode::kInvalidArgument,
                      fmt::format("{} leaves {} on {}, before it joins on {}", row.symbol, row.universe,
                                  row.to->to_string(), row.from.to_string()));
  }
  auto& rows = tables.universes;
  std::erase_if(rows, [&](const auto& other) {
    return other.universe == row.universe && other.symbol == row.symbol && other.from == row.from;
  });
  rows.insert(std::upper_bound(rows.begin(), rows.end(), row), row);
  return {};
}

core::Result<TableImport> import_universes(std::string_view csv, const std::string& file, std::string_view universe,
                                           lake::Tables& tables) {
  TableImport result;
  const auto& type = core::record_type<lake::UniverseRow>();
  std::vector<std::string_view> needed{"symbol", "from"};
  if (universe.empty()) needed.emplace_back("universe");
  ARGOSY_TRY_VOID(for_each_line(
      csv, file, field_names(type), needed, [&](const Columns& columns, const Cells& cells) -> core::Result<void> {
        lake::UniverseRow row;
        for (const std::string& name : columns.names()) {
          ARGOSY_TRY_VOID(core::set_field(type, &row, name, columns.text(cells, name)));
        }
        if (!columns.has("universe")) row.universe = universe;
        const bool there = std::find(tables.universes.begin(), tables.universes.end(), row) != tables.universes.end();
        const std::size_t before = tables.universes.size();
        ARGOSY_TRY_VOID(set_membership(row, tables));
        ++(there ? result.unchanged : tables.universes.size() > before ? result.added : result.changed);
        return {};
      }));
  return result;
}

}  // namespace argosy::data
