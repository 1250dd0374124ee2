// argosy data calendar: the exchanges whose calendars there are, and the sessions of one.
#include "market/calendar.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/data_commands.hpp"
#include "core/clock.hpp"

namespace argosy::cli {

namespace {

using core::Date;
using core::Result;

constexpr std::int32_t kDefaultDays = 30;

struct Options {
  std::string exchange;
  std::string from;
  std::string to;
};

struct Range {
  Date from;
  Date to;
};

Result<Range> range_of(const Options& options, const market::Calendar& calendar) {
  Range out;
  if (options.from.empty()) {
    const core::SystemClock clock;
    out.from = calendar.local_date(clock.now());
  } else {
    ARGOSY_TRY(out.from, Date::parse(options.from));
  }
  if (options.to.empty()) {
    out.to = out.from.plus_days(kDefaultDays);
  } else {
    ARGOSY_TRY(out.to, Date::parse(options.to));
  }
  if (out.to < out.from) {
    return core::fail(core::ErrorCode::kInvalidArgument,
                      fmt::format("--to {} lies before --from {}", out.to.to_string(), out.from.to_string()));
  }
  return out;
}

std::string years_text(const market::Calendar& calendar) {
  const auto years = calendar.dated_years();
  return fmt::format("{} to {}", years.first, years.last);
}

Result<void> list_calendars(const Globals& globals) {
  core::JsonWriter json(2);
  json.begin_object().key("items").begin_array();
  std::vector<std::vector<std::string>> rows;
  for (const std::string_view name : market::calendar_names()) {
    ARGOSY_TRY(const market::Calendar* calendar, market::find_calendar(name));
    rows.push_back({std::string(name), std::string(calendar->time_zone()), years_text(*calendar)});
    json.begin_object().key("exchange").value(name).key("time_zone").value(calendar->time_zone());
    json.key("first_dated_year").value(calendar->dated_years().first);
    json.key("last_dated_year").value(calendar->dated_years().last).end_object();
  }
  json.end_array().key("meta").begin_object().key("count").value(rows.size()).end_object().end_object();
  if (globals.json) return print_json(std::move(json));
  return print(format_table({"calendar", "time_zone", "looked_up"}, rows));
}

// "09:30": an instant on the wall clock of the session's day.
std::string wall_clock(const market::Calendar& calendar, Date date, core::Timestamp time) {
  const auto minutes = std::chrono::floor<std::chrono::minutes>(time - calendar.local_midnight(date)).count();
  return fmt::format("{:02}:{:02}", minutes / 60, minutes % 60);
}

std::string note_of(const market::Session& session, bool forecast) {
  std::vector<std::string_view> notes;
  if (session.late_open) notes.emplace_back("late open");
  if (session.early_close) notes.emplace_back("early close");
  if (forecast) notes.emplace_back("forecast");
  return fmt::format("{}", fmt::join(notes, ", "));
}

Result<void> list_sessions(const Options& options, const Globals& globals) {
  ARGOSY_TRY(const market::Calendar* calendar, market::find_calendar(options.exchange));
  ARGOSY_TRY(const Range range, range_of(options, *calendar));
  core::JsonWriter json(2);
  json.begin_object().key("items").begin_array();
  std::vector<std::vector<std::string>> rows;
  for (const Date date : calendar->sessions(range.from, range.to)) {
    const market::Session session = *calendar->session(date);
    const bool forecast = calendar->is_forecast(date);
    rows.push_back({date.to_string(), wall_clock(*calendar, date, session.open),
                    wall_clock(*calendar, date, session.close), core::format_rfc3339(session.open),
                    core::format_rfc3339(session.close), note_of(session, forecast)});
    json.begin_object().key("date").value(date.to_string()).key("open").value(core::format_rfc3339(session.open));
    json.key("close").value(core::format_rfc3339(session.close)).key("late_open").value(session.late_open);
    json.key("early_close").value(session.early_close).key("forecast").value(forecast).end_object();
  }
  json.end_array().key("meta").begin_object().key("count").value(rows.size());
  json.key("exchange").value(calendar->name()).key("time_zone").value(calendar->time_zone()).end_object().end_object();
  if (globals.json) return print_json(std::move(json));
  if (rows.empty())
    return print(fmt::format("{} has no session from {} to {}\n", calendar->name(), range.from.to_string(),
                             range.to.to_string()));
  std::string out = format_table({"date", "open", "close", "utc_open", "utc_close", "note"}, rows);
  const auto years = calendar->dated_years();
  if (range.to.year() > years.last)
    out +=
        fmt::format("\nAfter {} this is a forecast: the exchange also closes for what no rule foresees.\n", years.last);
  if (range.from.year() < years.first)
    out += fmt::format("\nBefore {} these are the rules without their exceptions.\n", years.first);
  return print(out);
}

}  // namespace

void add_data_calendar(CLI::App& parent, Globals& globals) {
  auto options = std::make_shared<Options>();
  CLI::App* command = parent.add_subcommand("calendar", "Show when an exchange is open");
  command->add_option("exchange", options->exchange,
                      fmt::format("{} (default: list the calendars)", fmt::join(market::calendar_names(), ", ")));
  command->add_option("--from", options->from, "first date (default: today at the exchange)");
  command->add_option("--to", options->to, fmt::format("last date (default: {} days later)", kDefaultDays));
  add_common_options(*command, globals);
  command->footer(
      "opens and closes are on the exchange's clock, open and close in UTC. Years after those that were looked up are "
      "a "
      "forecast.\n\nExamples:\n  argosy data calendar\n"
      "  argosy data calendar XLON --from 2026-12-21 --to 2026-12-31\n"
      "  argosy data calendar XKRX --from 2027-01-01 --to 2027-12-31 --json");
  command->callback([options, &globals] {
    run_command([&] { return options->exchange.empty() ? list_calendars(globals) : list_sessions(*options, globals); });
  });
}

}  // namespace argosy::cli
