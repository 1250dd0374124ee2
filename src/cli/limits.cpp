// argosy limits: profiles of limits for orders, circuit breaker and prop firms.
#include "trading/limits.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>

#include "cli/commands.hpp"
#include "cli/home.hpp"
#include "cli/limit_options.hpp"
#include "core/json.hpp"

namespace argosy::cli {
namespace {

using core::Result;
using trading::LimitField;
using trading::LimitProfile;
using trading::LimitText;

Result<LimitText> read_limits(const std::string& name, const std::string& from, const Globals& globals) {
  ARGOSY_TRY(std::string path, named_file("limits", name, globals));
  if (path == name && !from.empty()) path = (std::filesystem::path(from).parent_path() / name).lexically_normal();
  ARGOSY_TRY(std::string text, read_input(path, globals));
  return LimitText{std::move(text), std::move(path)};
}

template <class Record>
void write_section(core::JsonWriter& json, std::string_view section, const Record& record) {
  json.key(section).begin_object();
  for (const LimitField<Record>& field : trading::limit_fields<Record>()) {
    json.key(field.name);
    if (trading::is_set(record, field)) {
      json.value(trading::limit_text(record, field));
    } else {
      json.null();
    }
  }
  json.end_object();
}

void write_unset(core::JsonWriter& json, const LimitProfile& profile) {
  json.key("not_set").begin_array();
  for (const std::string& name : trading::unset_limits(profile)) json.value(name);
  json.end_array();
}

template <class Record>
std::string section_text(std::string_view section, const Record& record) {
  std::vector<std::vector<std::string>> rows;
  for (const LimitField<Record>& field : trading::limit_fields<Record>())
    rows.push_back({std::string(field.name), trading::limit_text(record, field), std::string(field.text)});
  return "\n" + format_table({std::string(section), "limit", "what it is"}, rows);
}

// What a profile lacks, for people.
std::string unset_text(const LimitProfile& profile) {
  const std::vector<std::string> names = trading::unset_limits(profile);
  if (names.empty()) return {};
  std::string out = fmt::format("\nNot set, and so every order that opens a position is refused ({}):\n", names.size());
  for (const std::string& name : names) out += "  " + name + "\n";
  return out + "Write a value for each, or unlimited; or extend a profile that does: extends: backtest\n";
}

Result<void> list(const std::string&, const Globals& globals) {
  core::JsonWriter json(2);
  json.begin_object().key("items").begin_array();
  std::vector<std::vector<std::string>> rows;
  for (const std::string& name : known_names("limits", globals)) {
    ARGOSY_TRY(const LimitProfile profile, load_limits(name, globals));
    rows.push_back({name, profile.prop ? "yes" : "no", profile.description});
    json.begin_object().key("name").value(name).key("description").value(profile.description);
    json.key("prop_firm").value(profile.prop.has_value()).end_object();
  }
  json.end_array().key("meta").begin_object().key("count").value(rows.size()).end_object().end_object();
  return print(globals.json ? std::move(json).take() + "\n"
                            : format_table({"limits", "prop firm", "what they are for"}, rows));
}

Result<void> show(const std::string& name, const Globals& globals) {
  ARGOSY_TRY(const LimitProfile profile, load_limits(name, globals));
  if (globals.json) {
    core::JsonWriter json(2);
    write_limits(json.begin_object(), profile);
    return print(std::move(json.end_object()).take() + "\n");
  }
  return print(fmt::format("{}: {}\nDays begin at {} in {}.\n", profile.name, profile.description,
                           trading::clock_text(profile.day.at), profile.day.zone) +
               limits_text(profile));
}

Result<void> check(const std::string& name, const Globals& globals) {
  ARGOSY_TRY(const LimitProfile profile, load_limits(name, globals));
  if (globals.json) {
    core::JsonWriter json(2);
    json.begin_object().key("name").value(profile.name);
    write_unset(json, profile);
    return print(std::move(json.end_object()).take() + "\n");
  }
  const std::string unset = unset_text(profile);
  return print(
      fmt::format("{}: {}\n{}", name, unset.empty() ? "fine, every limit is set." : "no mistakes, but:", unset));
}

}  // namespace

void write_limits(core::JsonWriter& json, const LimitProfile& profile) {
  json.key("name").value(profile.name).key("description").value(profile.description);
  json.key("day").begin_object().key("zone").value(profile.day.zone);
  json.key("starts").value(trading::clock_text(profile.day.at)).end_object();
  write_section(json, "limits", profile.limits);
  write_section(json, "circuit_breaker", profile.breaker);
  if (profile.prop) {
    write_section(json, "prop_firm", *profile.prop);
  } else {
    json.key("prop_firm").null();
  }
  write_unset(json, profile);
}

std::string limits_text(const LimitProfile& profile) {
  std::string text = section_text("limits", profile.limits) + section_text("circuit_breaker", profile.breaker);
  if (profile.prop) text += section_text("prop_firm", *profile.prop);
  return text + unset_text(profile);
}

trading::LimitReader limit_reader(const Globals& globals) {
  return [globals](const std::string& name, const std::string& from) { return read_limits(name, from, globals); };
}

Result<LimitProfile> load_limits(const std::string& name, const Globals& globals) {
  const trading::LimitReader read = limit_reader(globals);
  ARGOSY_TRY(const LimitText text, read(name, {}));
  return trading::parse_limit_file(text.text, text.file, read);
}

void add_limits(CLI::App& parent, Globals& globals) {
  CLI::App* group = parent.add_subcommand(
      "limits", "Limits of orders and accounts: profiles, what they hold, whether they are whole");
  group->require_subcommand(1);
  auto name = std::make_shared<std::string>();
  const auto add = [&](const char* word, const char* text, Result<void> (*work)(const std::string&, const Globals&)) {
    CLI::App* command = group->add_subcommand(word, text);
    add_common_options(*command, globals);
    command->callback([name, work, &globals] { run_command([&] { return work(*name, globals); }); });
    return command;
  };
  add("list", "Show the profiles", list)->footer("Example:\n  argosy limits list");
  CLI::App* shower = add("show", "Every limit of a profile, with what it extends", show);
  shower->add_option("profile", *name, "a profile, or a file")->required();
  shower->footer("Examples:\n  argosy limits show careful\n  argosy limits show my_limits.yaml --json");
  CLI::App* checker = add("check", "Check a file of limits: keys, values, what is not set", check);
  checker->add_option("file", *name, "a file, or a profile")->required();
  checker->footer("Example:\n  argosy limits check my_limits.yaml");
}

}  // namespace argosy::cli
