#include "search/space.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <utility>

#include "core/check.hpp"
#include "core/json.hpp"
#include "core/text.hpp"
#include "search/detail/portable_math.hpp"

namespace argosy::search {
namespace {

using core::ErrorCode;
using core::Result;

constexpr double kWhole = 0x1p53;  // the range in which every integer is a double
constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();
constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

std::uint64_t multiply_capped(std::uint64_t a, std::uint64_t b) {
  std::uint64_t product = 0;
  return __builtin_mul_overflow(a, b, &product) ? kMost : product;
}

std::uint64_t add_capped(std::uint64_t a, std::uint64_t b) { return a > kMost - b ? kMost : a + b; }

bool is_whole(double value) { return std::floor(value) == value && std::fabs(value) <= kWhole; }

// The power of ten, at most 10^9, by which both become whole; 0 when none does.
double common_scale(double a, double b) {
  double scale = 1;
  for (int digits = 0; digits <= 9; ++digits, scale *= 10) {
    const double x = std::nearbyint(a * scale);
    const double y = std::nearbyint(b * scale);
    if (std::fabs(x) > 0x1p50 || std::fabs(y) > 0x1p50) return 0;
    if (x / scale == a && y / scale == b) return scale;
  }
  return 0;
}

}  // namespace

std::string_view to_string(ParameterKind kind) {
  constexpr std::array<std::string_view, 3> kNames{"integer", "float", "categorical"};
  return kNames.at(static_cast<std::size_t>(kind));
}

bool Setting::is_active(std::size_t parameter) const { return !std::isnan(values.at(parameter)); }

bool operator==(const Setting& a, const Setting& b) {
  return std::ranges::equal(a.values, b.values,
                            [](double x, double y) { return x == y || (std::isnan(x) && std::isnan(y)); });
}

core::Error Space::error(std::size_t at, std::string message, std::string hint) const {
  const Parameter& parameter = parameters_[at];
  core::Error error(ErrorCode::kInvalidArgument, fmt::format("parameter {}: {}", parameter.name, message));
  return std::move(error).with_hint(std::move(hint)).at(file_, parameter.line);
}

Result<Space> Space::make(std::vector<Parameter> parameters, std::string_view file) {
  Space space;
  space.file_ = file;
  space.parameters_ = std::move(parameters);
  const std::size_t count = space.parameters_.size();
  if (count == 0) {
    return core::fail(core::Error(ErrorCode::kInvalidArgument, "the space is empty: there is nothing to search")
                          .with_hint("give at least one parameter a range, as in: fast: {range: [5, 100], step: 5}")
                          .at(space.file_));
  }
  space.ranges_.resize(count);
  space.parents_.resize(count);
  space.is_parent_.resize(count);
  for (std::size_t at = 0; at < count; ++at) ARGOSY_TRY_VOID(space.check(at));
  for (std::size_t at = 0; at < count; ++at) ARGOSY_TRY_VOID(space.link(at));
  ARGOSY_TRY_VOID(space.sort_by_dependence());
  return space;
}

Result<void> Space::check(std::size_t at) {
  Parameter& parameter = parameters_[at];
  if (parameter.name.empty()) return core::fail(error(at, "it has no name", "name every parameter"));
  for (std::size_t other = 0; other < at; ++other) {
    if (parameters_[other].name == parameter.name) return core::fail(error(at, "the name is taken", "use another one"));
  }
  if (parameter.kind != ParameterKind::kCategorical) return check_numbers(at);
  const std::vector<Choice>& choices = parameter.choices;
  if (choices.empty()) return core::fail(error(at, "it has no choices", "list them: choices: [sma, ema]"));
  for (std::size_t i = 0; i < choices.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (choices[i].text == choices[j].text) {
        return core::fail(error(at, fmt::format("{} is listed twice", choices[i].text), "list each choice once"));
      }
    }
  }
  const auto last = static_cast<double>(choices.size() - 1);
  ranges_[at] = {.low = 0, .high = last, .points = choices.size()};
  if (parameter.initial && !(is_whole(*parameter.initial) && *parameter.initial >= 0 && *parameter.initial <= last)) {
    return core::fail(error(at, "the default is none of its choices", "name one of the choices"));
  }
  return {};
}

Result<void> Space::check_numbers(std::size_t at) {
  Parameter& parameter = parameters_[at];
  const auto shown = [](double value) { return core::format_double(value); };
  if (!std::isfinite(parameter.from) || !std::isfinite(parameter.to) || !std::isfinite(parameter.step)) {
    return core::fail(error(at, "its range is not finite", "give two numbers: range: [5, 100]"));
  }
  if (parameter.kind == ParameterKind::kInteger) {
    if (parameter.step == 0) parameter.step = 1;
    if (!is_whole(parameter.from) || !is_whole(parameter.to) || !is_whole(parameter.step)) {
      return core::fail(error(at, "an integer's range and step must be whole numbers", "or write type: float"));
    }
  }
  if (parameter.from > parameter.to) {
    return core::fail(
        error(at, fmt::format("its range goes from {} down to {}", shown(parameter.from), shown(parameter.to)),
              "write the smaller number first"));
  }
  if (parameter.step < 0) return core::fail(error(at, "its step is below zero", "write a step above zero"));
  if (parameter.log && parameter.from <= 0) {
    return core::fail(error(at, fmt::format("a logarithmic range cannot begin at {}", shown(parameter.from)),
                            "begin above zero, or leave out log"));
  }
  Range& range = ranges_[at];
  range = {.low = parameter.from, .high = parameter.to};
  if (parameter.step > 0) {
    const double steps = std::floor((parameter.to - parameter.from) / parameter.step + 1e-9);
    if (!(steps < kWhole)) return core::fail(error(at, "it has too many values", "make the step larger"));
    range.points = static_cast<std::uint64_t>(steps) + 1;
    range.scale = common_scale(parameter.from, parameter.step);
    range.from_units = std::nearbyint(parameter.from * range.scale);
    range.step_units = std::nearbyint(parameter.step * range.scale);
    const double last = value(at, range.points - 1);
    range.low = parameter.from - parameter.step / 2;
    if (parameter.log) range.low = std::max(range.low, parameter.from / 2);
    range.high = last + parameter.step / 2;
  }
  if (parameter.log) {
    range.low = detail::portable_log(range.low);
    range.high = detail::portable_log(range.high);
  }
  if (parameter.initial && !(*parameter.initial >= parameter.from && *parameter.initial <= parameter.to)) {
    return core::fail(error(at, fmt::format("the default {} lies outside its range", shown(*parameter.initial)),
                            fmt::format("take one from {} to {}", shown(parameter.from), shown(parameter.to))));
  }
  return {};
}

// Finds the parameters of the conditions and the values they name.
Result<void> Space::link(std::size_t at) {
  for (const Condition& condition : parameters_[at].when) {
    const auto found = find(condition.parameter);
    if (!found) {
      std::vector<std::string_view> names;
      for (const Parameter& known : parameters_) names.emplace_back(known.name);
      return core::fail(error(at, fmt::format("its condition names the unknown parameter {}", condition.parameter),
                              "name a parameter of this space." + core::did_you_mean(condition.parameter, names)));
    }
    const Parameter& other = parameters_[*found];
    if (!points(*found)) {
      return core::fail(error(at, fmt::format("its condition is on {}, which is continuous", other.name),
                              "depend on a categorical parameter or on one with a step"));
    }
    if (condition.values.empty()) {
      return core::fail(error(at, "its condition names no value", "as in: when: {kind: [ema, sma]}"));
    }
    Parent parent{.parameter = *found, .values = {}};
    for (const std::string& text : condition.values) {
      double value = kNone;
      if (other.kind == ParameterKind::kCategorical) {
        const auto choice = std::ranges::find(other.choices, text, &Choice::text);
        if (choice != other.choices.end()) value = static_cast<double>(choice - other.choices.begin());
      } else if (const auto number = core::parse_double(text);
                 number && from_internal(*found, to_internal(*found, *number)) == *number) {
        value = *number;
      }
      if (std::isnan(value)) {
        return core::fail(error(at, fmt::format("its condition wants {} to be {}, which it never is", other.name, text),
                                fmt::format("name a value of {}", other.name)));
      }
      parent.values.push_back(value);
    }
    is_parent_[*found] = true;
    parents_[at].push_back(std::move(parent));
  }
  return {};
}

// The order of the list, with parents moved before what depends on them.
Result<void> Space::sort_by_dependence() {
  std::vector<bool> placed(size());
  while (order_.size() < size()) {
    const std::size_t before = order_.size();
    for (std::size_t at = 0; at < size(); ++at) {
      if (placed[at]) continue;
      if (!std::ranges::all_of(parents_[at], [&](const Parent& parent) { return placed[parent.parameter]; })) continue;
      placed[at] = true;
      order_.push_back(at);
      break;  // from the front again: what waited for this one comes first
    }
    if (order_.size() > before) continue;
    const auto stuck = static_cast<std::size_t>(std::ranges::find(placed, false) - placed.begin());
    return core::fail(
        error(stuck, "its condition depends on itself in a circle", "let one of the circle go without a condition"));
  }
  return {};
}

std::optional<std::size_t> Space::find(std::string_view name) const {
  const auto found = std::ranges::find(parameters_, name, &Parameter::name);
  if (found == parameters_.end()) return std::nullopt;
  return static_cast<std::size_t>(found - parameters_.begin());
}

bool Space::is_conditional() const {
  return std::ranges::any_of(parents_, [](const auto& parents) { return !parents.empty(); });
}

bool Space::may_be_active(std::size_t at, const Setting& setting) const {
  return std::ranges::all_of(parents_.at(at), [&](const Parent& parent) {
    return std::ranges::find(parent.values, setting.values.at(parent.parameter)) != parent.values.end();
  });
}

void Space::deactivate(Setting& setting) const {
  for (const std::size_t at : order_) {
    if (!may_be_active(at, setting)) setting.values.at(at) = kNone;
  }
}

std::optional<std::uint64_t> Space::points(std::size_t at) const {
  const std::uint64_t points = ranges_.at(at).points;
  return points > 0 ? std::optional(points) : std::nullopt;
}

double Space::value(std::size_t at, std::uint64_t k) const {
  const Range& range = ranges_.at(at);
  const Parameter& parameter = parameters_.at(at);
  const auto index = static_cast<double>(k);
  if (parameter.kind == ParameterKind::kCategorical) return index;
  if (range.scale > 0) return (range.from_units + index * range.step_units) / range.scale;
  return parameter.from + index * parameter.step;
}

std::optional<std::uint64_t> Space::grid_points() const {
  for (const Range& range : ranges_) {
    if (range.points == 0) return std::nullopt;
  }
  Setting setting{std::vector<double>(size(), kNone)};
  return count_from(0, setting);
}

// How many settings there are of the parameters from this place of the order on, given the values of those before it.
std::uint64_t Space::count_from(std::size_t position, Setting& setting) const {
  std::uint64_t count = 1;
  for (; position < order_.size(); ++position) {
    const std::size_t at = order_[position];
    if (!may_be_active(at, setting)) continue;
    if (!is_parent_[at]) {
      count = multiply_capped(count, ranges_[at].points);
      continue;
    }
    std::uint64_t sum = 0;
    for (std::uint64_t k = 0; k < ranges_[at].points && sum < kMost; ++k) {
      setting.values[at] = value(at, k);
      sum = add_capped(sum, count_from(position + 1, setting));
    }
    setting.values[at] = kNone;
    return multiply_capped(count, sum);
  }
  return count;
}

Setting Space::grid_setting(std::uint64_t index) const {
  Setting setting{std::vector<double>(size(), kNone)};
  for (std::size_t position = 0; position < order_.size(); ++position) {
    const std::size_t at = order_[position];
    if (!may_be_active(at, setting)) continue;
    std::uint64_t k = 0;
    if (is_parent_[at]) {
      for (;; ++k) {
        ARGOSY_CHECK(k < ranges_[at].points, "no setting {} of the grid", index);
        setting.values[at] = value(at, k);
        const std::uint64_t below = count_from(position + 1, setting);
        if (index < below) break;
        index -= below;
      }
      continue;
    }
    const std::uint64_t below = count_from(position + 1, setting);
    k = index / below;
    index %= below;
    ARGOSY_CHECK(k < ranges_[at].points, "no such setting of the grid");
    setting.values[at] = value(at, k);
  }
  return setting;
}

double Space::to_internal(std::size_t at, double value) const {
  return parameters_.at(at).log ? detail::portable_log(value) : value;
}

double Space::from_internal(std::size_t at, double internal) const {
  const Parameter& parameter = parameters_.at(at);
  const double plain = parameter.log ? detail::portable_exp(internal) : internal;
  if (ranges_[at].points == 0) return std::clamp(plain, parameter.from, parameter.to);
  const double steps = std::nearbyint((plain - parameter.from) / (parameter.step > 0 ? parameter.step : 1));
  const double last = static_cast<double>(ranges_[at].points - 1);
  return value(at, static_cast<std::uint64_t>(std::clamp(steps, 0.0, last)));
}

double Space::from_unit(std::size_t at, double unit) const {
  const Range& range = ranges_.at(at);
  if (range.points > 0 && !parameters_[at].log) {
    const auto count = static_cast<double>(range.points);
    return value(at, static_cast<std::uint64_t>(std::min(std::floor(unit * count), count - 1)));
  }
  return from_internal(at, range.low + unit * (range.high - range.low));
}

std::optional<Setting> Space::initial() const {
  Setting setting;
  for (const Parameter& parameter : parameters_) {
    if (!parameter.initial) return std::nullopt;
    setting.values.push_back(*parameter.initial);
  }
  deactivate(setting);
  return setting;
}

double Space::number(std::size_t at, const Setting& setting) const {
  const double value = setting.values.at(at);
  const Parameter& parameter = parameters_.at(at);
  if (parameter.kind != ParameterKind::kCategorical || std::isnan(value)) return value;
  return parameter.choices.at(static_cast<std::size_t>(value)).number.value_or(kNone);
}

std::string Space::text(std::size_t at, const Setting& setting) const {
  const double value = setting.values.at(at);
  if (std::isnan(value)) return "-";
  const Parameter& parameter = parameters_.at(at);
  if (parameter.kind == ParameterKind::kCategorical) return parameter.choices.at(static_cast<std::size_t>(value)).text;
  return core::format_double(value);
}

}  // namespace argosy::search
