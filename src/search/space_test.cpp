#include "search/space.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/rng.hpp"
#include "search/detail/samplers.hpp"

namespace argosy::search {
namespace {

constexpr const char* kExample = R"(
fast: {default: 50, range: [5, 100], step: 5}
stop: {range: [0.5, 20.0], log: true}
share: {range: [0.1, 0.5], step: 0.1}
kind: {choices: [sma, ema, 20], default: ema}
trail: {range: [1, 3], when: {kind: [ema, 20]}}
decay: {choices: [slow, quick], when: {trail: 2, kind: ema}}
)";

Space example() {
  auto space = parse_space(kExample, "space.yaml");
  EXPECT_TRUE(space) << space.error().describe();
  return *std::move(space);
}

// The whole error of a space that must be refused.
std::string refused(const std::string& text) {
  const auto space = parse_space(text, "s.yaml");
  if (space) return "accepted";
  EXPECT_FALSE(space.error().hint.empty()) << text;
  return space.error().describe();
}

TEST(Space, ReadsItsFile) {
  const Space space = example();
  ASSERT_EQ(space.size(), 6U);
  EXPECT_EQ(space.parameter(0).kind, ParameterKind::kInteger);
  EXPECT_EQ(space.parameter(1).kind, ParameterKind::kFloat);
  EXPECT_EQ(space.parameter(2).kind, ParameterKind::kFloat);
  EXPECT_EQ(space.parameter(3).kind, ParameterKind::kCategorical);
  EXPECT_EQ(space.points(0), 20U);
  EXPECT_FALSE(space.points(1));
  EXPECT_EQ(space.points(2), 5U);
  EXPECT_EQ(space.value(2, 2), 0.3);  // and not 0.30000000000000004
  EXPECT_FALSE(space.grid_points());
  EXPECT_TRUE(space.is_conditional());
  EXPECT_EQ(space.find("kind"), 3U);
  EXPECT_FALSE(space.find("none"));
  EXPECT_FALSE(space.initial());
}

TEST(Space, ReadsJsonToo) {
  const auto space =
      parse_space(R"({"fast": {"range": [5, 100], "step": 5}, "kind": {"choices": ["sma", "ema"]}})", "s.json");
  ASSERT_TRUE(space) << space.error().describe();
  EXPECT_EQ(space->grid_points(), 40U);
}

TEST(Space, SaysWhatIsWrong) {
  EXPECT_EQ(refused(""), "s.yaml: the space is empty: there is nothing to search");
  EXPECT_EQ(refused("a: {range: [5, 1]}"), "s.yaml:1: parameter a: its range goes from 5 down to 1");
  EXPECT_EQ(refused("a: {range: [1, 5]}\nb: {range: [0, 1.5], log: true}"),
            "s.yaml:2: parameter b: a logarithmic range cannot begin at 0");
  EXPECT_EQ(refused("a: {range: [1, 5], when: {kind: x}}"),
            "s.yaml:1: parameter a: its condition names the unknown parameter kind");
  EXPECT_EQ(refused("a: {range: [1, 5], when: {b: 1}}\nb: {range: [1, 5], when: {a: 1}}"),
            "s.yaml:1: parameter a: its condition depends on itself in a circle");
  EXPECT_EQ(refused("a: {range: [1, 5], when: {b: 7}}\nb: {range: [1, 5]}"),
            "s.yaml:1: parameter a: its condition wants b to be 7, which it never is");
  EXPECT_EQ(refused("a: {range: [1, 5], when: {b: 1.5}}\nb: {range: [1.0, 5.0]}"),
            "s.yaml:1: parameter a: its condition is on b, which is continuous");
  EXPECT_EQ(refused("a: {range: [1, 5], stop: 2}"), "s.yaml:1:26: parameter a: unknown key \"stop\"");
  EXPECT_EQ(refused("a: {range: [1, 5], step: 0}"), "s.yaml:1:26: parameter a: its step is not above zero");
  EXPECT_EQ(refused("a: {range: [1, x]}"), "s.yaml:1:16: parameter a: the end of its range is not a number");
  EXPECT_EQ(refused("a: {range: [1, 5], default: 9}"), "s.yaml:1: parameter a: the default 9 lies outside its range");
  EXPECT_EQ(refused("a: {choices: [x, y, x]}"), "s.yaml:1: parameter a: x is listed twice");
  EXPECT_EQ(refused("a: {choices: []}"), "s.yaml:1: parameter a: it has no choices");
  EXPECT_EQ(refused("a: {choices: [x], default: y}"), "s.yaml:1:28: parameter a: the default y is none of its choices");
  EXPECT_EQ(refused("a: {type: integer, range: [0.5, 2]}"),
            "s.yaml:1: parameter a: an integer's range and step must be whole numbers");
  EXPECT_EQ(refused("a: {type: number, range: [0.5, 2]}"), "s.yaml:1:11: parameter a: unknown type \"number\"");
  EXPECT_EQ(refused("a: {type: categorical, range: [0, 2]}"),
            "s.yaml:1:11: parameter a: its type does not fit its values");
  EXPECT_EQ(refused("a: 5"), "s.yaml:1:4: parameter a: it is no mapping");
  EXPECT_EQ(refused("a: {}"), "s.yaml:1:4: parameter a: it needs a range or choices, and not both");
  EXPECT_EQ(refused("[a, b]"), "s.yaml:1:1: a space is a mapping of names to parameters");
  EXPECT_EQ(refused("a: {type: integer, range: [0, 9e99], step: 1}"),
            "s.yaml:1: parameter a: an integer's range and step must be whole numbers");
  EXPECT_EQ(refused("a: {range: [0.5, 9e99], step: 1}"), "s.yaml:1: parameter a: it has too many values");
  EXPECT_FALSE(Space::make({}));
}

// kind sma: 20 settings of fast times 5 of share; 20: trail as well; ema: and decay where trail is 2.
TEST(Space, GridCoversAllOnce) {
  std::string text = kExample;
  text.replace(text.find("log: true"), 9, "step: 6.5");  // 0.5, 7, 13.5, 20
  const auto space = parse_space(text, "space.yaml");
  ASSERT_TRUE(space);
  const std::uint64_t expected = 20U * 4 * 5 * (1 + 3 + 4);
  ASSERT_EQ(space->grid_points(), expected);
  std::set<std::string> seen;
  for (std::uint64_t i = 0; i < expected; ++i) {
    const Setting setting = space->grid_setting(i);
    Setting checked = setting;
    space->deactivate(checked);
    ASSERT_EQ(setting, checked);
    seen.insert(space->to_json(setting));
  }
  EXPECT_EQ(seen.size(), expected);
  EXPECT_EQ(space->to_json(space->grid_setting(0)),
            R"({"fast":5,"stop":0.5,"share":0.1,"kind":"sma","trail":null,"decay":null})");
  EXPECT_EQ(space->text(4, space->grid_setting(0)), "-");
  EXPECT_EQ(space->to_json(space->grid_setting(expected - 1)),
            R"({"fast":100,"stop":20,"share":0.5,"kind":20,"trail":3,"decay":null})");
}

TEST(Space, TheFirstParameterChangesSlowest) {
  const auto space = parse_space("a: {range: [1, 2]}\nb: {range: [1, 3]}", "s.yaml");
  std::string all;
  for (std::uint64_t i = 0; i < 6; ++i) all += space->to_json(space->grid_setting(i));
  EXPECT_EQ(all, R"({"a":1,"b":1}{"a":1,"b":2}{"a":1,"b":3}{"a":2,"b":1}{"a":2,"b":2}{"a":2,"b":3})");
}

TEST(Space, CountsBeyondEveryInteger) {
  std::vector<Parameter> parameters;
  for (int i = 0; i < 10; ++i) {
    parameters.push_back({.name = fmt::format("p{}", i),
                          .kind = ParameterKind::kInteger,
                          .from = 1,
                          .to = 1e6,
                          .choices = {},
                          .when = {}});
  }
  EXPECT_EQ(Space::make(parameters)->grid_points(), std::numeric_limits<std::uint64_t>::max());
}

TEST(Space, ReadsSettingsStrictly) {
  const Space space = example();
  const auto read = [&](const std::string& text) {
    const auto setting = space.from_json(text);
    return setting ? "accepted" : setting.error().message.substr(text.size() + 14);
  };
  EXPECT_EQ(read(R"({"fast":5,"stop":0.7,"share":0.3,"kind":"sma","trail":null,"decay":null})"), "accepted");
  EXPECT_EQ(read(R"({"fast":5,"stop":0.7,"share":0.3,"kind":"sma"})"), "accepted");
  EXPECT_EQ(read(R"({"fast":6,"stop":0.7,"share":0.3,"kind":"sma"})"), "fast has no such value");
  EXPECT_EQ(read(R"({"fast":5,"stop":0.2,"share":0.3,"kind":"sma"})"), "stop has no such value");
  EXPECT_EQ(read(R"({"fast":5,"stop":0.7,"share":0.3,"kind":"20"})"), "kind has no such value");
  EXPECT_EQ(read(R"({"fast":5,"stop":0.7,"share":0.3,"kind":"sma","trail":2})"), "trail does not count here");
  EXPECT_EQ(read(R"({"fast":5,"stop":0.7,"share":0.3,"kind":"ema"})"), "trail is missing");
  EXPECT_EQ(read(R"({"fast":5,"other":1})"), "the space has no parameter other");
  EXPECT_EQ(read("[]"), "it is no object");
}

RC_GTEST_PROP(SpaceProperty, SettingsComeBackToTheSameBits, (std::uint64_t seed)) {
  const Space space = example();
  const Setting setting = detail::random_setting(space, core::Rng(seed));
  const auto back = space.from_json(space.to_json(setting));
  RC_ASSERT(back.has_value());
  RC_ASSERT(*back == setting);
}

// Each value of a discrete parameter has the same share of what samplers draw, also with a step.
TEST(Space, DrawsEveryValueEvenly) {
  const Space space = example();
  for (const std::size_t at : {std::size_t{0}, std::size_t{2}, std::size_t{3}}) {
    const std::uint64_t points = *space.points(at);
    std::vector<int> counts(points);
    for (int i = 0; i < 60'000; ++i) {
      const double value = space.from_unit(at, (i + 0.5) / 60'000);
      for (std::uint64_t k = 0; k < points; ++k) counts[k] += space.value(at, k) == value ? 1 : 0;
    }
    for (const int count : counts) EXPECT_NEAR(count, 60'000 / static_cast<double>(points), 1) << at;
  }
  // On the logarithm, half of the draws lie below the geometric mean.
  EXPECT_NEAR(space.from_unit(1, 0.5), std::sqrt(0.5 * 20), 1e-9);
  EXPECT_EQ(space.from_unit(1, 0), 0.5);
}

TEST(Space, DescribesItself) {
  EXPECT_EQ(
      parse_space("a: {range: [1, 5], when: {k: x}}\nk: {choices: [x, 2]}", "s.yaml")->describe(),
      R"({"a":{"type":"integer","range":[1,5],"step":1,"when":{"k":["x"]}},"k":{"type":"categorical","choices":["x",2]}})");
}

}  // namespace
}  // namespace argosy::search
