// What a study searches: named parameters that are whole numbers, numbers or choices; some count only while another
// has certain values. From code, or from a file (the format is described in docs/concepts/search.md):
//
//   fast: {range: [5, 100], step: 5}
//   stop: {range: [0.5, 20.0], log: true}
//   exit: {choices: [none, trailing]}
//   trail: {range: [1, 10], when: {exit: trailing}}
//
//   ARGOSY_TRY(const Space space, parse_space(text, "space.yaml"));
//   space.to_json(space.grid_setting(0))        // {"fast":5,...}
//
// Samplers see every parameter as a number: integers and floats as they are, a choice as its index, one that does not
// count as NaN.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"

namespace argosy::search {

enum class ParameterKind : std::uint8_t { kInteger, kFloat, kCategorical };
[[nodiscard]] std::string_view to_string(ParameterKind kind);

// A value of a categorical parameter: a text, or a number with the text it is shown as.
struct Choice {
  std::string text;
  std::optional<double> number;
};

// Holds while another parameter, which must have a finite number of values, has one of these.
struct Condition {
  std::string parameter;
  std::vector<std::string> values;  // as written: "ema", "3"
};

struct Parameter {
  std::string name;
  ParameterKind kind = ParameterKind::kFloat;
  double from = 0;  // of numbers
  double to = 0;    // the last value is the largest one at or below it
  double step = 0;  // integers: at least 1 (0 means 1); floats: 0 is continuous
  bool log = false;
  std::vector<Choice> choices;    // of a categorical parameter
  std::vector<Condition> when;    // it counts while all of them hold
  std::optional<double> initial;  // its default: a number, or the index of a choice
  std::int64_t line = 0;          // in its file, for errors
};

// One value a parameter, in their order.
struct Setting {
  std::vector<double> values;

  [[nodiscard]] bool is_active(std::size_t parameter) const;
  // A parameter that does not count equals itself.
  friend bool operator==(const Setting& a, const Setting& b);
};

class Space {
 public:
  // Checks and joins the parameters. `file` is named in errors.
  [[nodiscard]] static core::Result<Space> make(std::vector<Parameter> parameters, std::string_view file = {});

  [[nodiscard]] std::size_t size() const { return parameters_.size(); }
  [[nodiscard]] const Parameter& parameter(std::size_t at) const { return parameters_.at(at); }
  [[nodiscard]] std::optional<std::size_t> find(std::string_view name) const;
  [[nodiscard]] bool is_conditional() const;
  // Parameters with those they depend on before them.
  [[nodiscard]] std::span<const std::size_t> order() const { return order_; }
  // Whether the values of the parameters it depends on let it count.
  [[nodiscard]] bool may_be_active(std::size_t at, const Setting& setting) const;
  // Sets what does not count to NaN.
  void deactivate(Setting& setting) const;

  // How many values a parameter has; nothing when it is continuous.
  [[nodiscard]] std::optional<std::uint64_t> points(std::size_t at) const;
  // The value with index k, k < points.
  [[nodiscard]] double value(std::size_t at, std::uint64_t k) const;
  // How many different settings there are, 2^64 - 1 when there are more; nothing when a parameter is continuous.
  [[nodiscard]] std::optional<std::uint64_t> grid_points() const;
  // The setting with this index of the grid: the first parameter changes slowest, parameters that do not count are not
  // tried. index < grid_points().
  [[nodiscard]] Setting grid_setting(std::uint64_t index) const;

  // Numbers as samplers see them: on the logarithm where that is asked for, discrete ones widened by half a step at
  // both ends, so that each value has the same room. Not for categorical parameters.
  [[nodiscard]] double low(std::size_t at) const { return ranges_.at(at).low; }
  [[nodiscard]] double high(std::size_t at) const { return ranges_.at(at).high; }
  [[nodiscard]] double to_internal(std::size_t at, double value) const;
  // The nearest value of the parameter.
  [[nodiscard]] double from_internal(std::size_t at, double internal) const;
  // The value at a share of the range, 0 <= unit < 1; of any kind of parameter.
  [[nodiscard]] double from_unit(std::size_t at, double unit) const;

  // The defaults; nothing when a parameter has none.
  [[nodiscard]] std::optional<Setting> initial() const;
  // The value of a numeric parameter or numeric choice; NaN for texts and for what does not count.
  [[nodiscard]] double number(std::size_t at, const Setting& setting) const;
  // As people read it: "50", "ema"; "-" for what does not count.
  [[nodiscard]] std::string text(std::size_t at, const Setting& setting) const;
  // {"fast":50,"kind":"ema","trail":null}: reads back to the same bits. null: does not count.
  [[nodiscard]] std::string to_json(const Setting& setting) const;
  [[nodiscard]] core::Result<Setting> from_json(std::string_view text) const;
  // The space itself as JSON, the same text for the same space: what a study is compared by.
  [[nodiscard]] std::string describe() const;

 private:
  struct Range {
    double low = 0;   // internal
    double high = 0;  // internal
    std::uint64_t points = 0;
    // Of discrete numbers with at most nine decimals: from and step in units of 1 / scale, so that the third step from
    // 0.1 is 0.3 and not 0.30000000000000004. 0: none.
    double scale = 0;
    double from_units = 0;
    double step_units = 0;
  };
  struct Parent {
    std::size_t parameter = 0;
    std::vector<double> values;
  };

  [[nodiscard]] core::Result<void> check(std::size_t at);
  [[nodiscard]] core::Result<void> check_numbers(std::size_t at);
  [[nodiscard]] core::Result<void> link(std::size_t at);
  [[nodiscard]] core::Result<void> sort_by_dependence();
  [[nodiscard]] core::Error error(std::size_t at, std::string message, std::string hint) const;
  [[nodiscard]] std::uint64_t count_from(std::size_t position, Setting& setting) const;

  std::string file_;
  std::vector<Parameter> parameters_;
  std::vector<Range> ranges_;
  std::vector<std::vector<Parent>> parents_;
  std::vector<bool> is_parent_;
  std::vector<std::size_t> order_;
};

// A space from the text of a YAML or JSON file: a mapping of names to {range, step, log, type, choices, default, when}.
[[nodiscard]] core::Result<Space> parse_space(std::string_view text, std::string_view file);

}  // namespace argosy::search
