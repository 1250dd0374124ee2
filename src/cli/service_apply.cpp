// argosy service apply: brings services to the state that a file describes, as often as it is run. The file names what
// it wants; what it does not name stays as it is.
//
//   services:
//     - {name: apple, symbol: AAPL, balance: 10000, stop_loss_percent: 5}
//     - {name: microsoft, symbol: MSFT, balance: 5000, state: PAUSED}
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <memory>
#include <set>

#include "cli/commands.hpp"
#include "cli/decision_makers.hpp"
#include "cli/home.hpp"
#include "cli/instruments.hpp"
#include "cli/ledger_home.hpp"
#include "cli/service_commands.hpp"
#include "core/json.hpp"
#include "core/text.hpp"
#include "core/yaml.hpp"
#include "ledger/records.hpp"
#include "live/request.hpp"

namespace argosy::cli {
namespace {

using core::Error;
using core::ErrorCode;
using core::fail;
using core::Result;
using core::YamlNode;
using ledger::ServiceRow;

// Of a service in the file; the settings are fields of ServiceRow and of both requests.
constexpr std::string_view kSettings[] = {
    "description",       "minimum_balance",     "allocation_percent", "buy_threshold",    "sell_threshold",
    "stop_loss_percent", "take_profit_percent", "strategy",           "interval_seconds", "fractional"};
constexpr std::string_view kStates[] = {"ACTIVE", "PAUSED", "INACTIVE"};

struct Wanted {
  std::string name;
  std::string symbol;
  core::Money balance;
  std::string state;      // empty: as it is; a new one trades
  std::string portfolio;  // of a new one; empty: the default one
  GivenFields settings;
  std::int64_t line = 0;
  std::int64_t column = 0;
};

struct Change {
  std::string what;
  std::string from;
  std::string to;
};

struct Applied {
  std::string name;
  std::int64_t service_id = 0;
  bool made = false;
  std::vector<Change> changes;
};

class Reader {
 public:
  explicit Reader(std::string file) : file_(std::move(file)) {}

  Result<std::vector<Wanted>> read(const std::string& text) const {
    ARGOSY_TRY(const YamlNode root, core::parse_yaml(text, file_));
    constexpr std::string_view kKeys[] = {"services"};
    ARGOSY_TRY_VOID(check_keys(root, "the file", kKeys));
    const YamlNode* services = root.find("services");
    if (services == nullptr || services->kind != YamlNode::Kind::kSequence)
      return refuse(root, "the file needs the key \"services\", a list");
    std::vector<Wanted> out;
    std::set<std::string> names;
    for (const YamlNode& item : services->items) {
      ARGOSY_TRY(Wanted wanted, read_service(item));
      if (!names.insert(wanted.name).second)
        return refuse(item, fmt::format("the name \"{}\" stands here for the second time", wanted.name));
      out.push_back(std::move(wanted));
    }
    return out;
  }

 private:
  std::unexpected<Error> refuse(const YamlNode& node, std::string message) const {
    return fail(Error(ErrorCode::kInvalidArgument, std::move(message)).at(file_, node.line, node.column));
  }

  Result<void> check_keys(const YamlNode& node, std::string_view what, std::span<const std::string_view> keys) const {
    if (node.kind != YamlNode::Kind::kMapping) return refuse(node, fmt::format("{} must be a mapping of keys", what));
    for (const core::YamlEntry& entry : node.entries) {
      if (std::ranges::find(keys, entry.key) != keys.end()) continue;
      return fail(Error(ErrorCode::kInvalidArgument,
                        fmt::format("{} has no key \"{}\".{}", what, entry.key, core::did_you_mean(entry.key, keys)))
                      .at(file_, entry.key_line, entry.key_column));
    }
    return {};
  }

  Result<Wanted> read_service(const YamlNode& item) const {
    std::vector<std::string_view> keys(std::begin(kSettings), std::end(kSettings));
    keys.insert(keys.end(), {"name", "symbol", "balance", "state", "portfolio"});
    ARGOSY_TRY_VOID(check_keys(item, "a service", keys));
    Wanted out{.line = item.line, .column = item.column};
    live::CreateService checked;
    for (const core::YamlEntry& entry : item.entries) {
      if (entry.value.kind != YamlNode::Kind::kScalar)
        return refuse(entry.value, fmt::format("{} must be one value", entry.key));
      ARGOSY_TRY_VOID(read_key(entry, out, checked));
    }
    for (const char* key : {"name", "symbol", "balance"}) {
      if (item.find(key) == nullptr) return refuse(item, fmt::format("a service needs the key \"{}\"", key));
    }
    const auto errors = core::validate(core::record_type<live::CreateService>(), &checked);
    if (errors.empty()) return out;
    const YamlNode* place = item.find(errors.front().field);
    return fail(Error(errors.front())
                    .at(file_, (place == nullptr ? item : *place).line, (place == nullptr ? item : *place).column));
  }

  Result<void> read_key(const core::YamlEntry& entry, Wanted& out, live::CreateService& checked) const {
    const std::string& text = entry.value.scalar;
    if (entry.key == "state") {
      if (std::ranges::find(kStates, text) == std::end(kStates))
        return refuse(entry.value, fmt::format("a state is ACTIVE, PAUSED or INACTIVE, not \"{}\"", text));
      out.state = text;
      return {};
    }
    if (entry.key == "portfolio") {
      out.portfolio = text;
      return {};
    }
    std::string value = text;
    if (entry.key == "strategy" && (text.contains('/') || text.ends_with(".yaml")))
      value = strategy_reference((std::filesystem::path(file_).parent_path() / text).string());
    if (auto done = core::set_field(core::record_type<live::CreateService>(), &checked, entry.key, value); !done)
      return fail(std::move(done).error().at(file_, entry.value.line, entry.value.column));
    if (entry.key == "name") {
      out.name = text;
    } else if (entry.key == "symbol") {
      out.symbol = text;
    } else if (entry.key == "balance") {
      out.balance = checked.balance;
    } else {
      out.settings.emplace_back(entry.key, value);
    }
    return {};
  }

  std::string file_;
};

// Brings one service after the other there.
class Applier {
 public:
  Applier(ledger::Database& database, const Globals& globals) : database_(database), globals_(globals) {}

  Result<Applied> apply(const Wanted& wanted) {
    ARGOSY_TRY(const std::vector<ServiceRow> there, database_.read([&](ledger::Transaction& work) {
      return ledger::select<ServiceRow>(work, "WHERE name = :name AND removed_at IS NULL ORDER BY service_id",
                                        {wanted.name});
    }));
    if (there.size() > 1)
      return fail(Error(ErrorCode::kConflict, fmt::format("services {} and {} have the name \"{}\"",
                                                          there[0].service_id, there[1].service_id, wanted.name))
                      .with_hint("argosy service set NUMBER --name gives one of them another"));
    if (there.empty()) return make(wanted);
    const ServiceRow& row = there.front();
    if (row.stock_symbol != wanted.symbol)
      return fail(
          Error(ErrorCode::kConflict, fmt::format("service {} ({}) trades {}, and a service keeps what it trades",
                                                  row.service_id, row.name, row.stock_symbol))
              .with_hint("give the new one another name"));
    Applied out{.name = wanted.name, .service_id = row.service_id};
    ARGOSY_TRY_VOID(set(wanted, row, out));
    ARGOSY_TRY_VOID(move(wanted, std::string(to_string(row.state)), out));
    return out;
  }

 private:
  Result<Applied> make(const Wanted& wanted) {
    ARGOSY_TRY(live::CreateService asked, new_service(globals_));
    asked.symbol = wanted.symbol;
    asked.balance = wanted.balance;
    asked.name = wanted.name;
    asked.starts = wanted.state != "INACTIVE";
    ARGOSY_TRY_VOID(set_given(core::record_type<live::CreateService>(), &asked, wanted.settings));
    ARGOSY_TRY(const ledger::PortfolioRow portfolio, find_portfolio(database_, wanted.portfolio));
    asked.portfolio_id = portfolio.portfolio_id;
    ARGOSY_TRY(const ledger::InstrumentRow instrument, instrument_for_service(database_, globals_, wanted.symbol));
    asked.instrument_id = instrument.instrument_id;
    ARGOSY_TRY(const core::JsonValue answer, ask(database_, globals_, "service_create", asked));
    Applied out{.name = wanted.name, .made = true};
    ARGOSY_TRY(out.service_id, answered_number(answer, "service_id"));
    if (wanted.state == "PAUSED") ARGOSY_TRY_VOID(move(wanted, "ACTIVE", out));
    return out;
  }

  // What differs, as one request.
  Result<void> set(const Wanted& wanted, const ServiceRow& row, Applied& out) {
    const core::RecordType& type = core::record_type<ServiceRow>();
    live::SetService asked{.service_id = row.service_id};
    ServiceRow next = row;
    for (const auto& [name, text] : wanted.settings) {
      ARGOSY_TRY_VOID(core::set_field(type, &next, name, text));
      const core::Field& field = *core::find_field(type, name);
      const std::string from = core::field_text(field, &row);
      const std::string to = core::field_text(field, &next);
      if (from == to) continue;
      ARGOSY_TRY_VOID(core::set_field(core::record_type<live::SetService>(), &asked, name, text));
      out.changes.push_back({name, from, to});
    }
    if (wanted.balance != row.initial_balance) {
      asked.add_balance = wanted.balance - row.initial_balance;
      out.changes.push_back({"balance", row.initial_balance.to_string(), wanted.balance.to_string()});
    }
    if (out.changes.empty()) return {};
    ARGOSY_TRY_VOID(ask(database_, globals_, "service_set", asked));
    return {};
  }

  Result<void> move(const Wanted& wanted, const std::string& state, Applied& out) {
    if (wanted.state.empty() || wanted.state == state) return {};
    const live::OneSubject subject{.id = out.service_id};
    // One that is off must begin before it can be paused.
    if (wanted.state == "ACTIVE" || (wanted.state == "PAUSED" && state == "INACTIVE"))
      ARGOSY_TRY_VOID(ask(database_, globals_, "service_start", subject));
    if (wanted.state == "PAUSED") ARGOSY_TRY_VOID(ask(database_, globals_, "service_pause", subject));
    if (wanted.state == "INACTIVE") ARGOSY_TRY_VOID(ask(database_, globals_, "service_stop", subject));
    out.changes.push_back({"state", state, wanted.state});
    return {};
  }

  ledger::Database& database_;
  const Globals& globals_;
};

std::string applied_json(const std::vector<Applied>& applied) {
  core::JsonWriter json(2);
  json.begin_object().key("items").begin_array();
  std::size_t changed = 0;
  for (const Applied& each : applied) {
    json.begin_object().key("name").value(each.name).key("service_id").value(each.service_id);
    json.key("made").value(each.made).key("changes").begin_array();
    for (const Change& change : each.changes)
      json.begin_object()
          .key("what")
          .value(change.what)
          .key("from")
          .value(change.from)
          .key("to")
          .value(change.to)
          .end_object();
    json.end_array().end_object();
    if (each.made || !each.changes.empty()) ++changed;
  }
  json.end_array().key("meta").begin_object().key("count").value(applied.size()).key("changed").value(changed);
  return std::move(json.end_object().end_object()).take() + "\n";
}

std::string applied_text(const std::vector<Applied>& applied) {
  std::string out;
  for (const Applied& each : applied) {
    const std::string who = fmt::format("service {} ({})", each.service_id, each.name);
    if (each.made) out += who + ": made\n";
    for (const Change& change : each.changes)
      out += fmt::format("{}: {} {} -> {}\n", who, change.what, change.from.empty() ? "\"\"" : change.from,
                         change.to.empty() ? "\"\"" : change.to);
    if (!each.made && each.changes.empty()) out += who + ": is so already\n";
  }
  return out;
}

Result<void> apply_file(const std::string& path, const Globals& globals) {
  ARGOSY_TRY(const std::string text, read_input(path, globals));
  ARGOSY_TRY(const std::vector<Wanted> wanted, Reader(path).read(text));
  ARGOSY_TRY(const auto database, open_ledger(globals));
  // What can be known to be wrong is, before anything is changed.
  for (const Wanted& each : wanted) {
    if (auto found = ensure_instrument(*database, globals, each.symbol); !found)
      return fail(std::move(found).error().at(path, each.line, each.column));
  }
  Applier applier(*database, globals);
  std::vector<Applied> applied;
  for (const Wanted& each : wanted) {
    auto done = applier.apply(each);
    if (!done) {
      ARGOSY_TRY_VOID(print(globals.json ? std::string() : applied_text(applied)));
      return fail(std::move(done).error().at(path, each.line, each.column));
    }
    applied.push_back(*std::move(done));
  }
  return print(globals.json ? applied_json(applied) : applied_text(applied));
}

}  // namespace

void add_service_apply(CLI::App& parent, Globals& globals) {
  auto path = std::make_shared<std::string>();
  CLI::App* command = parent.add_subcommand("apply", "Bring services to the state that a file describes");
  command->add_option("file", *path, "YAML; samples/config/services.yaml is one")->required();
  add_common_options(*command, globals);
  command->footer(
      "Services are known by their names. What the file does not name stays as it is; doing it again changes "
      "nothing.\n\n"
      "Examples:\n  argosy service apply samples/config/services.yaml\n  argosy service apply mine.yaml --json");
  command->callback([path, &globals] { run_command([&] { return apply_file(*path, globals); }); });
}

}  // namespace argosy::cli
