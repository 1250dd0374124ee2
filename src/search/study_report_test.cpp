#include "search/study_report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <string>
#include <vector>

#include "chart/markup_check.hpp"
#include "core/rng.hpp"
#include "search/importance.hpp"
#include "search/test_functions.hpp"

namespace argosy::search {
namespace {

using testing::HasSubstr;
using testing::Not;

// A ridge along fast and slow, with a choice and a parameter that counts only for one of it.
double hill(const Space& space, const Setting& setting) {
  const double fast = space.number(0, setting);
  const double slow = space.number(1, setting);
  const double base = 1.4 - std::pow((fast - 40) / 50, 2) - std::pow((slow - 180) / 160, 2);
  return base + (setting.values[2] == 1 ? 0.1 : 0) + (setting.is_active(3) ? 0.02 * setting.values[3] : 0);
}

Space hill_space() {
  return *parse_space(R"(
fast: {range: [5, 100], step: 5}
slow: {range: [50, 300], step: 10}
kind: {choices: [sma, ema]}
trail: {range: [0.5, 8.0], log: true, when: {kind: ema}}
)",
                      "hill.yaml");
}

StudyResult search_hill(SamplerKind sampler, PrunerKind pruner, std::uint64_t trials) {
  StudySetup setup = minimise(hill_space(), sampler, 3, trials);
  setup.objectives = {{.name = "sharpe"}};
  setup.pruner = {.kind = pruner, .max_resource = pruner == PrunerKind::kNone ? 1 : 12};
  FunctionEvaluator evaluator(setup.space, hill);
  auto result = run(setup, evaluator, *make_memory_store());
  EXPECT_TRUE(result) << result.error().describe();
  return *std::move(result);
}

TEST(Importance, FindsWhatMatters) {
  const Space space =
      *parse_space("strong: {range: [0.0, 1.0]}\nweak: {range: [1, 3]}\nnone: {choices: [a, b, c]}", "s.yaml");
  StudySetup setup = minimise(space, SamplerKind::kRandom, 3, 400);
  FunctionEvaluator evaluator(
      space, [](const Space& s, const Setting& x) { return 1000 + 3 * x.values[0] + 0.3 * s.number(1, x); });
  const auto result = run(setup, evaluator, *make_memory_store());
  ASSERT_TRUE(result);
  const std::vector<double> importance = parameter_importance(space, result->trials, result->objectives);
  EXPECT_GT(importance[0], 0.8);
  EXPECT_GT(importance[1], 0.02);
  EXPECT_LT(importance[1], 0.2);
  EXPECT_LT(importance[2], 0.02);
  EXPECT_EQ(parameter_importance(space, {}, result->objectives), (std::vector<double>{0, 0, 0}));
}

TEST(Importance, BucketsHoldAsManyValuesEach) {
  const Space space = hill_space();
  const StudyResult result = search_hill(SamplerKind::kRandom, PrunerKind::kNone, 200);
  const Buckets fast = bucket_trials(space, 0, result.trials, 10);
  EXPECT_EQ(fast.labels.front(), "5 to 10");
  EXPECT_EQ(fast.labels.size(), 10U);
  for (std::size_t i = 0; i < result.trials.size(); ++i) {
    EXPECT_EQ(fast.of_trial[i], static_cast<std::size_t>((result.trials[i].setting.values[0] / 5 - 1) / 2));
  }
  EXPECT_EQ(bucket_trials(space, 0, result.trials, 30).labels.size(), 20U);
  EXPECT_EQ(bucket_trials(space, 2, result.trials, 1).labels, (std::vector<std::string>{"sma", "ema"}));
  const Buckets trail = bucket_trials(space, 3, result.trials, 4);
  EXPECT_EQ(trail.labels, (std::vector<std::string>{"0.5 to 1", "1 to 2", "2 to 4", "4 to 8"}));
  for (std::size_t i = 0; i < result.trials.size(); ++i) {
    const Setting& setting = result.trials[i].setting;
    const auto expected =
        setting.is_active(3) ? static_cast<std::size_t>(std::log2(setting.values[3] / 0.5)) : Buckets::kNone;
    EXPECT_EQ(trail.of_trial[i], expected);
  }
}

std::string render(const StudyResult& result, const Space& space) {
  StudyReport report{.title = "golden <cross>",
                     .description = "Buys when the fast mean crosses the slow one.",
                     .space = &space,
                     .result = &result,
                     .sampler = "tpe",
                     .pruner = "asha",
                     .resource = "years",
                     .figures = {},
                     .warnings = {},
                     .facts = {},
                     .extra = {}};
  report.figures = {{"Deflated Sharpe", "0.71", "the chance that it is more than luck"}, {"Overfitting", "34%", "PBO"}};
  report.warnings = {"After 200 trials a Sharpe of 1.2 is expected from luck alone."};
  report.facts = {{"Seed", "7"}, {"Result hash", result.result_hash}};
  std::string html = render_study_report(report);
  EXPECT_EQ(chart::markup_fault(html), "");
  EXPECT_THAT(html, Not(HasSubstr("<script")));
  EXPECT_THAT(html, Not(HasSubstr("golden <cross>")));
  return html;
}

// ARGOSY_SAVE_REPORTS names a folder to look at what is drawn.
void save(const std::string& name, const std::string& html) {
  if (const char* folder = std::getenv("ARGOSY_SAVE_REPORTS"); folder != nullptr) {
    std::ofstream(std::string(folder) + "/" + name) << html;
  }
}

TEST(StudyReport, ShowsAStudy) {
  const Space space = hill_space();
  const StudyResult result = search_hill(SamplerKind::kTpe, PrunerKind::kAsha, 200);
  const std::string html = render(result, space);
  save("asha.html", html);
  for (const char* part : {"The best sharpe of 200 trials is", "Deflated Sharpe", "sharpe over the trials",
                           "sharpe by ", "Importance of the parameters", "Parallel coordinates", "Given up early",
                           "The best trials", "How it was done", "Before you believe it", " pruned"}) {
    EXPECT_THAT(html, HasSubstr(part));
  }
  EXPECT_LT(html.size(), 400'000U);
}

TEST(StudyReport, ShowsAFront) {
  StudySetup setup = minimise(hill_space(), SamplerKind::kTpe, 3, 150);
  setup.objectives = {{.name = "sharpe"}, {.name = "drawdown", .direction = Direction::kMinimise}};

  class Two final : public Evaluator {
   public:
    explicit Two(const Space& space) : space_(&space) {}
    core::Result<std::vector<Outcome>> evaluate(std::span<const Request> requests) override {
      std::vector<Outcome> outcomes;
      for (const Request& request : requests) {
        Outcome outcome;
        outcome.values = {hill(*space_, request.setting), 0.05 + space_->number(0, request.setting) / 200};
        outcomes.push_back(std::move(outcome));
      }
      return outcomes;
    }

   private:
    const Space* space_;
  };
  Two evaluator(setup.space);
  const auto result = run(setup, evaluator, *make_memory_store());
  ASSERT_TRUE(result);
  const std::string html = render(*result, setup.space);
  save("front.html", html);
  EXPECT_THAT(html, HasSubstr("drawdown against sharpe"));
  EXPECT_THAT(html, HasSubstr("trials are beaten by none"));
}

TEST(StudyReport, OfAGridAndOfNothing) {
  const Space space = *parse_space("a: {range: [1, 3]}", "s.yaml");
  StudySetup setup = minimise(space, SamplerKind::kGrid, 3, 3);
  FunctionEvaluator evaluator(space, [](const Space& /*s*/, const Setting& x) { return x.values[0]; });
  const auto result = run(setup, evaluator, *make_memory_store());
  ASSERT_TRUE(result);
  EXPECT_THAT(render(*result, space), HasSubstr("All of them."));
  const StudyResult nothing{
      .objectives = {{.name = "sharpe"}}, .trials = {}, .ranking = {}, .front = {}, .result_hash = {}};
  EXPECT_THAT(render(nothing, space), HasSubstr("No trial was evaluated to its end"));
}

}  // namespace
}  // namespace argosy::search
