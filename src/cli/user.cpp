// argosy user: who may use the program through its API.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "auth/password.hpp"
#include "auth/random.hpp"
#include "auth/second_factor.hpp"
#include "auth/users.hpp"
#include "cli/commands.hpp"
#include "cli/ledger_home.hpp"
#include "core/clock.hpp"
#include "core/config.hpp"
#include "core/json.hpp"
#include "core/text.hpp"
#include "ledger/records.hpp"

namespace argosy::cli {
namespace {

using core::Error;
using core::ErrorCode;
using core::fail;
using core::Result;
using ledger::UserRow;

constexpr const char* kPasswordVariable = "ARGOSY_USER_PASSWORD";

struct Options {
  std::string name;
  std::string email;
  bool admin = false;
  bool trader = false;
};

ledger::ChangedBy by_command() { return {.actor = kCommandUser, .time = core::SystemClock().now()}; }

// Of the environment, since a command line can be read by others; or a random one, which is printed.
struct GivenPassword {
  std::string hash;
  std::string shown;
};
Result<GivenPassword> password_for(const std::string& name) {
  const auto given = core::system_environment()(kPasswordVariable);
  GivenPassword out;
  if (!given || given->empty()) out.shown = auth::random_token().substr(0, 20);
  const core::Secret password(given && !given->empty() ? *given : out.shown);
  if (auto checked = auth::check_password(password, name); !checked)
    return fail(std::move(checked).error().in_field(kPasswordVariable));
  ARGOSY_TRY(out.hash, auth::Passwords().hash(password));
  return out;
}

void write_user(core::JsonWriter& json, const UserRow& row, const std::string& password) {
  json.begin_object().key("user_id").value(row.user_id).key("username").value(row.username);
  json.key("email").value(row.email).key("role").value(ledger::kRoles[static_cast<std::size_t>(row.role)]);
  json.key("is_admin").value(row.role == ledger::Role::kAdmin).key("is_active").value(row.is_active);
  json.key("last_login");
  if (row.last_login) {
    json.value(core::format_rfc3339(*row.last_login));
  } else {
    json.null();
  }
  if (!password.empty()) json.key("password").value(password);
  json.end_object();
}

Result<void> show(const UserRow& row, const std::string& password, const Globals& globals) {
  if (globals.json) {
    core::JsonWriter json(2);
    write_user(json, row, password);
    return print(std::move(json).take() + "\n");
  }
  std::string text = fmt::format("user {} ({}): {}{}\n", row.user_id, row.username,
                                 ledger::kRoles[static_cast<std::size_t>(row.role)], row.is_active ? "" : ", disabled");
  if (!password.empty()) text += fmt::format("password: {}\n", password);
  return print(text);
}

Result<UserRow> find(ledger::Transaction& work, const std::string& name) {
  ARGOSY_TRY(auto found, auth::find_user(work, std::string_view(name)));
  if (found) return *std::move(found);
  ARGOSY_TRY(const auto all, ledger::select<UserRow>(work, "ORDER BY user_id"));
  std::vector<std::string_view> names;
  for (const UserRow& row : all) names.push_back(row.username);
  return fail(
      Error(ErrorCode::kNotFound, fmt::format("there is no user \"{}\".{}", name, core::did_you_mean(name, names)))
          .with_hint("argosy user list shows who there is"));
}

Result<void> create(const Options& options, const Globals& globals) {
  ARGOSY_TRY(const GivenPassword password, password_for(options.name));
  ARGOSY_TRY(const auto database, open_ledger(globals));
  const ledger::Role role = options.admin    ? ledger::Role::kAdmin
                            : options.trader ? ledger::Role::kTrader
                                             : ledger::Role::kViewer;
  const std::string email = options.email.empty() ? options.name + "@localhost" : options.email;
  ARGOSY_TRY(const UserRow made, database->write([&](ledger::Transaction& work) {
    return auth::create_user(
        work, {.username = options.name, .email = email, .role = role, .password_hash = password.hash}, by_command());
  }));
  return show(made, password.shown, globals);
}

Result<void> list(const Options&, const Globals& globals) {
  ARGOSY_TRY(const auto database, open_ledger(globals));
  ARGOSY_TRY(const auto users, database->read([](ledger::Transaction& work) {
    return ledger::select<UserRow>(work, "ORDER BY user_id");
  }));
  if (globals.json) {
    core::JsonWriter json(2);
    json.begin_object().key("items").begin_array();
    for (const UserRow& row : users) write_user(json, row, {});
    json.end_array().key("meta").begin_object().key("count").value(users.size()).end_object().end_object();
    return print(std::move(json).take() + "\n");
  }
  std::vector<std::vector<std::string>> rows;
  for (const UserRow& row : users)
    rows.push_back({fmt::to_string(row.user_id), row.username, row.email,
                    std::string(ledger::kRoles[static_cast<std::size_t>(row.role)]), row.is_active ? "yes" : "no",
                    row.last_login ? format_seconds(*row.last_login) : "-"});
  return print(format_table({"user", "name", "email", "role", "active", "last login"}, rows));
}

Result<void> change(const Options& options, const auth::UserChange& change, const std::string& password,
                    const Globals& globals) {
  ARGOSY_TRY(const auto database, open_ledger(globals));
  ARGOSY_TRY(const UserRow changed, database->write([&](ledger::Transaction& work) -> Result<UserRow> {
    ARGOSY_TRY(const UserRow row, find(work, options.name));
    return auth::change_user(work, row.user_id, change, by_command());
  }));
  return show(changed, password, globals);
}

Result<void> disable(const Options& options, const Globals& globals) {
  return change(options, {.is_active = false}, {}, globals);
}
Result<void> enable(const Options& options, const Globals& globals) {
  return change(options, {.is_active = true}, {}, globals);
}
Result<void> reset_password(const Options& options, const Globals& globals) {
  ARGOSY_TRY(const GivenPassword password, password_for(options.name));
  auth::UserChange asked{.password_hash = password.hash};
  if (options.admin) asked.role = ledger::Role::kAdmin;
  return change(options, asked, password.shown, globals);
}

Result<void> reset_totp(const Options& options, const Globals& globals) {
  ARGOSY_TRY(const auto database, open_ledger(globals));
  ARGOSY_TRY(const bool was_on, database->write([&](ledger::Transaction& work) -> Result<bool> {
    ARGOSY_TRY(const UserRow row, find(work, options.name));
    return auth::reset_second_factor(work, row.user_id, by_command());
  }));
  if (globals.json) {
    core::JsonWriter json(2);
    json.begin_object().key("username").value(options.name).key("was_on").value(was_on).end_object();
    return print(std::move(json).take() + "\n");
  }
  return print(was_on ? fmt::format("{} logs in without a code from now on\n", options.name)
                      : fmt::format("{} has no second factor\n", options.name));
}

}  // namespace

void add_user(CLI::App& parent, Globals& globals) {
  CLI::App* group = parent.add_subcommand("user", "Users of the API: make, look at, switch off");
  group->require_subcommand(1);
  const auto add = [&](const char* name, const char* text, const char* footer,
                       Result<void> (*work)(const Options&, const Globals&), bool names_one) {
    auto options = std::make_shared<Options>();
    CLI::App* command = group->add_subcommand(name, text);
    if (names_one) command->add_option("name", options->name, "the user's name")->required();
    add_common_options(*command, globals);
    command->footer(footer);
    command->callback([options, work, &globals] { run_command([&] { return work(*options, globals); }); });
    return std::pair(command, options);
  };
  const auto [creator, made] = add(
      "create", "A new user, who may look unless more is said",
      "The password is taken from the environment variable ARGOSY_USER_PASSWORD; without it a random one is made and "
      "printed.\n\nExamples:\n  argosy user create jean --trader --email jean@example.org\n"
      "  argosy user create boss --admin --json",
      create, true);
  creator->add_option("--email", made->email, "address (default: NAME@localhost)");
  auto* admin = creator->add_flag("--admin", made->admin, "may do everything");
  creator->add_flag("--trader", made->trader, "may trade with the own portfolios")->excludes(admin);
  add("list", "Show the users", "Examples:\n  argosy user list\n  argosy user list --json", list, false);
  add("disable", "Switch a user off: sessions and keys end within a second", "Example:\n  argosy user disable jean",
      disable, true);
  add("enable", "Let a user log in again", "Example:\n  argosy user enable jean", enable, true);
  const auto [resetter, reset] =
      add("reset-password", "Give a user another password; the sessions end",
          "As for create.\n\nExamples:\n  argosy user reset-password jean\n  argosy user reset-password jean --admin",
          reset_password, true);
  resetter->add_flag("--admin", reset->admin, "and make the user an admin");
  add("reset-totp", "Take a user's second factor away, for who has lost it",
      "The user logs in by the password alone, and can enrol again.\n\nExample:\n  argosy user reset-totp jean",
      reset_totp, true);
}

}  // namespace argosy::cli
