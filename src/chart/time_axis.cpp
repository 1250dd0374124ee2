#include "chart/time_axis.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "core/time.hpp"

namespace argosy::chart {
namespace {

enum class Unit : std::uint8_t { kMinute, kDay, kWeek, kMonth, kYear };

struct Step {
  Unit unit;
  std::int64_t count;
};

constexpr std::array<Step, 25> kSteps = {{
    {Unit::kMinute, 1},   {Unit::kMinute, 2},  {Unit::kMinute, 5},   {Unit::kMinute, 10},  {Unit::kMinute, 15},
    {Unit::kMinute, 30},  {Unit::kMinute, 60}, {Unit::kMinute, 120}, {Unit::kMinute, 240}, {Unit::kMinute, 360},
    {Unit::kMinute, 720}, {Unit::kDay, 1},     {Unit::kDay, 2},      {Unit::kWeek, 1},     {Unit::kWeek, 2},
    {Unit::kMonth, 1},    {Unit::kMonth, 2},   {Unit::kMonth, 3},    {Unit::kMonth, 6},    {Unit::kYear, 1},
    {Unit::kYear, 2},     {Unit::kYear, 5},    {Unit::kYear, 10},    {Unit::kYear, 20},    {Unit::kYear, 50},
}};

constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::int64_t kMinuteNs = 60'000'000'000;

std::int64_t floor_divide(std::int64_t value, std::int64_t divisor) {
  return value / divisor - (value % divisor < 0 ? 1 : 0);
}

core::Date date_of(std::int64_t key) { return core::utc_date(core::Timestamp(core::Duration(key))); }

// The number of the stretch of time a key lies in.
std::int64_t stretch(std::int64_t key, Step step) {
  if (step.unit == Unit::kMinute) return floor_divide(key, step.count * kMinuteNs);
  const core::Date date = date_of(key);
  switch (step.unit) {
    case Unit::kDay:
      return floor_divide(date.days(), step.count);
    case Unit::kWeek:
      return floor_divide(floor_divide(date.days() + 3, 7), step.count);  // weeks begin on Monday
    case Unit::kMonth:
      return floor_divide(date.year() * 12LL + date.month() - 1, step.count);
    default:
      return floor_divide(date.year(), step.count);
  }
}

// Whether the first bar opens a stretch: nothing but a holiday can lie before it.
bool first_opens(std::int64_t key, Step step) {
  const std::int64_t slack = step.unit >= Unit::kMonth ? 4 * 1440 * kMinuteNs : kMinuteNs;
  return stretch(key - slack, step) != stretch(key, step);
}

// Bars that open a stretch, or more than `limit` of them.
std::vector<std::size_t> openings(std::span<const std::int64_t> keys, Step step, std::size_t limit) {
  std::vector<std::size_t> found;
  if (first_opens(keys[0], step)) found.push_back(0);
  std::int64_t previous = stretch(keys[0], step);
  for (std::size_t index = 1; index < keys.size() && found.size() <= limit; ++index) {
    const std::int64_t current = stretch(keys[index], step);
    if (current != previous) found.push_back(index);
    previous = current;
  }
  return found;
}

std::string clock_text(std::int64_t key) {
  const std::int64_t minutes = floor_divide(key, kMinuteNs);
  const std::int64_t of_day = minutes - floor_divide(minutes, 1440) * 1440;
  return fmt::format("{:02}:{:02}", of_day / 60, of_day % 60);
}

std::string day_text(core::Date date, bool with_year) {
  const std::string text = fmt::format("{} {}", date.day(), kMonths[date.month() - 1]);
  return with_year ? fmt::format("{} {}", text, date.year()) : text;
}

// The label says what changed since the tick before; the first one says everything.
std::string tick_label(std::int64_t key, const std::int64_t* before, Unit unit) {
  const core::Date date = date_of(key);
  const bool new_year = before == nullptr || date_of(*before).year() != date.year();
  switch (unit) {
    case Unit::kYear:
      return fmt::format("{}", date.year());
    case Unit::kMonth:
      if (!new_year) return std::string(kMonths[date.month() - 1]);
      return date.month() == 1 ? fmt::format("{}", date.year())
                               : fmt::format("{} {}", kMonths[date.month() - 1], date.year());
    case Unit::kWeek:
    case Unit::kDay:
      return day_text(date, new_year);
    case Unit::kMinute:
      break;
  }
  if (before == nullptr) return day_text(date, false) + " " + clock_text(key);
  return date_of(*before) == date ? clock_text(key) : day_text(date, false);
}

}  // namespace

double bar_position(std::size_t index, std::size_t count) {
  return count < 2 ? 0.5 : static_cast<double>(index) / static_cast<double>(count - 1);
}

std::string format_time(std::int64_t key, bool intraday) {
  const std::string date = date_of(key).to_string();
  return intraday ? date + " " + clock_text(key) : date;
}

double label_width(const std::string& label) { return 7.0 * static_cast<double>(label.size()); }

std::vector<TimeTick> time_ticks(std::span<const std::int64_t> keys, const TimeTickOptions& options) {
  if (keys.empty()) return {};
  std::vector<std::size_t> indexes;
  Unit unit = Unit::kYear;
  for (const Step step : kSteps) {
    if (step.unit == Unit::kMinute && !options.intraday) continue;
    unit = step.unit;
    indexes = openings(keys, step, options.target);
    if (indexes.size() <= options.target) break;
  }
  if (indexes.empty()) {
    indexes.push_back(0);
    if (unit != Unit::kMinute) unit = Unit::kDay;
  }
  std::vector<TimeTick> ticks;
  for (const std::size_t index : indexes) {
    const std::int64_t* before = ticks.empty() ? nullptr : &keys[ticks.back().index];
    std::string label = tick_label(keys[index], before, unit);
    if (!ticks.empty()) {
      const double gap = bar_position(index, keys.size()) - bar_position(ticks.back().index, keys.size());
      const double needed = (label_width(label) + label_width(ticks.back().label)) / 2 + 10;
      if (gap * options.width < needed) continue;
    }
    ticks.push_back({index, std::move(label)});
  }
  return ticks;
}

}  // namespace argosy::chart
