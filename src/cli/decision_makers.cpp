#include "cli/decision_makers.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <map>
#include <memory>
#include <utility>

#include "cli/formula_options.hpp"
#include "cli/home.hpp"
#include "core/check.hpp"
#include "live/probability.hpp"
#include "strategy/compiled_strategy.hpp"

namespace argosy::cli {

using core::Error;
using core::ErrorCode;
using core::fail;
using core::Result;

namespace {

constexpr const char* kProbability = "probability";

// A strategy that was checked, where nothing is decided.
class CheckedStrategy final : public live::DecisionMaker {
 public:
  explicit CheckedStrategy(market::Timeframe timeframe) : timeframe_(timeframe) {}
  [[nodiscard]] std::optional<market::Timeframe> timeframe() const override { return timeframe_; }
  [[nodiscard]] live::DecisionAnswer decide(const live::DecisionQuestion&) override {
    ARGOSY_CHECK(false, "a strategy that was only checked was asked");
    return {};
  }

 private:
  market::Timeframe timeframe_;
};

Result<strategy::StrategyFile> load_strategy(const std::string& strategy, const Globals& globals) {
  auto path = named_file("strategies", strategy, globals);
  if (!path) {
    Error error = std::move(path).error();
    std::string hint = "probability is the demo algorithm; " + error.hint;
    return fail(std::move(error).with_hint(std::move(hint)));
  }
  ARGOSY_TRY(const std::string text, read_input(*path, globals));
  return strategy::parse_strategy(text, *path, strategy_readers(*path, globals));
}

class Makers {
 public:
  Makers(const Globals& globals, MakersFor purpose, std::uint64_t seed)
      : globals_(globals), purpose_(purpose), seed_(seed) {}

  Result<live::DecisionMaker*> find(const std::string& strategy, const std::string& symbol) {
    // The demo algorithm answers for every symbol.
    const auto key = std::pair(strategy, strategy == kProbability ? std::string() : symbol);
    if (const auto found = makers_.find(key); found != makers_.end()) return found->second.get();
    ARGOSY_TRY(std::unique_ptr<live::DecisionMaker> made,
               strategy == kProbability ? make_probability() : make_strategy(strategy, symbol));
    return makers_.emplace(key, std::move(made)).first->second.get();
  }

 private:
  using Made = Result<std::unique_ptr<live::DecisionMaker>>;

  Made make_probability() {
    ARGOSY_TRY(feeds::DemoMarket market, load_demo_market(globals_));
    return std::make_unique<live::ProbabilityDecisions>(std::move(market), seed_);
  }

  Made make_strategy(const std::string& strategy, const std::string& /*symbol*/) {
    ARGOSY_TRY(const strategy::StrategyFile file, load_strategy(strategy, globals_));
    if (file.rebalance)
      return fail(
          Error(ErrorCode::kUnsupported, fmt::format("{} ranks many symbols, and a service trades one", file.name))
              .with_hint("take a strategy with the keys buy and sell"));
    ARGOSY_TRY(const strategy::CompiledStrategy compiled, strategy::compile_strategy(file));
    if (purpose_ == MakersFor::kChanges) return std::make_unique<CheckedStrategy>(file.timeframe);
    // Here a maker over `compiled` that is fed the bars of `symbol` goes in.
    return fail(
        Error(ErrorCode::kUnsupported, fmt::format("services cannot decide by strategy files yet: {}", file.name))
            .with_hint("argosy service set SERVICE --strategy probability"));
  }

  Globals globals_;
  MakersFor purpose_;
  std::uint64_t seed_;
  std::map<std::pair<std::string, std::string>, std::unique_ptr<live::DecisionMaker>> makers_;
};

}  // namespace

live::MakerSource decision_makers(const Globals& globals, MakersFor purpose, std::uint64_t seed) {
  return [makers = std::make_shared<Makers>(globals, purpose, seed)](
             const std::string& strategy, const std::string& symbol) { return makers->find(strategy, symbol); };
}

Result<feeds::DemoMarket> load_demo_market(const Globals& globals) {
  ARGOSY_TRY(const std::string path, named_file("demo", "market", globals));
  ARGOSY_TRY(const std::string text, read_input(path, globals));
  return feeds::parse_demo_market(text, path);
}

std::string strategy_reference(const std::string& given) {
  if (!given.contains('/') && !given.ends_with(".yaml")) return given;
  return std::filesystem::absolute(given).lexically_normal().string();
}

}  // namespace argosy::cli
