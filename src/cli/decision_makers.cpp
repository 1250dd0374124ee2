#include "cli/decision_makers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <mutex>
#include <optional>

#include "cli/formula_options.hpp"
#include "cli/home.hpp"
#include "cli/ledger_home.hpp"
#include "cli/strategy_store.hpp"
#include "core/check.hpp"
#include "live/probability.hpp"
#include "strategy/compiled_strategy.hpp"

namespace argosy::cli {

using core::fail;
using core::Result;

namespace {

constexpr const char* kProbability = "probability";

// What was checked, where nothing is decided.
class CheckedMaker final : public live::DecisionMaker {
 public:
  explicit CheckedMaker(std::optional<market::Timeframe> timeframe) : timeframe_(timeframe) {}
  [[nodiscard]] std::optional<market::Timeframe> timeframe() const override { return timeframe_; }
  [[nodiscard]] live::DecisionAnswer decide(const live::DecisionQuestion&) override {
    ARGOSY_CHECK(false, "what was only checked was asked");
    return {};
  }
  [[nodiscard]] live::DecisionAnswer peek(const live::DecisionQuestion&) const override {
    ARGOSY_CHECK(false, "what was only checked was asked");
    return {};
  }

 private:
  std::optional<market::Timeframe> timeframe_;
};

// Those that the ledger keeps, by one connection of its own for whichever thread asks.
class KeptStrategies {
 public:
  explicit KeptStrategies(const Globals& globals) : globals_(globals) {}
  Result<std::optional<ledger::StrategyRow>> find(const std::string& name) {
    const std::scoped_lock lock(mutex_);
    if (!database_) {
      ARGOSY_TRY(database_, open_ledger(globals_));
    }
    return stored_strategy(*database_, name);
  }
  Result<std::vector<ledger::StrategyRow>> all() {
    const std::scoped_lock lock(mutex_);
    if (!database_) {
      ARGOSY_TRY(database_, open_ledger(globals_));
    }
    return stored_strategies(*database_);
  }

 private:
  Globals globals_;
  std::mutex mutex_;
  std::unique_ptr<ledger::Database> database_;
};

// One that the ledger keeps comes before a sample of its name: a user who saves `hybrid` means that one.
Result<strategy::StrategyFile> load_strategy(const std::string& strategy, KeptStrategies& kept,
                                             const Globals& globals) {
  if (!strategy.contains('/')) {
    ARGOSY_TRY(const auto row, kept.find(strategy));
    if (row) return parse_stored(*row, globals);
  }
  auto path = named_file("strategies", strategy, globals);
  if (!path) {
    ARGOSY_TRY(const std::vector<ledger::StrategyRow> stored, kept.all());
    return fail(no_strategy(strategy, stored, globals));
  }
  ARGOSY_TRY(const std::string text, read_input(*path, globals));
  return strategy::parse_strategy(text, *path, strategy_readers(*path, globals));
}

using Parameters = std::vector<std::pair<std::string, double>>;

Result<strategy::StrategyFile> load_with(const std::string& strategy, const Parameters& parameters,
                                         KeptStrategies& kept, const Globals& globals) {
  ARGOSY_TRY(strategy::StrategyFile file, load_strategy(strategy, kept, globals));
  for (const auto& [name, value] : parameters) {
    if (std::ranges::find(file.parameters, name, &strategy::Parameter::name) == file.parameters.end()) continue;
    ARGOSY_TRY_VOID(strategy::set_parameter(file, fmt::format("{}={}", name, value)));
  }
  return file;
}

Result<std::unique_ptr<live::DecisionMaker>> check_maker(const std::string& strategy, KeptStrategies& kept,
                                                         const Globals& globals) {
  if (strategy == kProbability) {
    ARGOSY_TRY_VOID(load_demo_market(globals));
    return std::make_unique<CheckedMaker>(std::nullopt);
  }
  ARGOSY_TRY(const strategy::StrategyFile file, load_strategy(strategy, kept, globals));
  ARGOSY_TRY(const strategy::CompiledStrategy compiled, strategy::compile_strategy(file));
  ARGOSY_TRY_VOID(live::check_tradable(file, compiled));
  return std::make_unique<CheckedMaker>(file.timeframe);
}

}  // namespace

live::MakerSource checked_makers(const Globals& globals) {
  using Makers = std::map<std::string, std::unique_ptr<live::DecisionMaker>>;
  return [globals, kept = std::make_shared<KeptStrategies>(globals), makers = std::make_shared<Makers>()](
             const std::string& strategy, const std::string&) -> Result<live::DecisionMaker*> {
    if (const auto known = makers->find(strategy); known != makers->end()) return known->second.get();
    ARGOSY_TRY(std::unique_ptr<live::DecisionMaker> made, check_maker(strategy, *kept, globals));
    return makers->emplace(strategy, std::move(made)).first->second.get();
  };
}

TradingMakers::TradingMakers(const Globals& globals, std::uint64_t seed, Parameters parameters, Ports ports)
    : globals_(globals),
      seed_(seed),
      strategies_({.load = [&globals, given = std::move(parameters), kept = std::make_shared<KeptStrategies>(globals)](
                               const std::string& strategy) { return load_with(strategy, given, *kept, globals); },
                   .history = std::move(ports.history),
                   .want = std::move(ports.want)}) {}

live::MakerSource TradingMakers::source() {
  return [this](const std::string& strategy, const std::string& symbol) { return find(strategy, symbol); };
}

void TradingMakers::prepare(const std::string& strategy, const std::string& symbol) {
  if (strategy != kProbability) (void)strategies_.prepare(strategy, symbol);
}

bool TradingMakers::knows(const std::string& strategy, const std::string& symbol) const {
  return strategy == kProbability ? probability_ != nullptr : strategies_.maker(strategy, symbol) != nullptr;
}

std::vector<live::SeriesName> TradingMakers::series_of(std::span<const ledger::ServiceRow> services) const {
  std::vector<live::StrategyMakers::Wanted> wanted;
  for (const ledger::ServiceRow& each : services) {
    if (each.strategy != kProbability) wanted.push_back({.strategy = each.strategy, .symbol = each.stock_symbol});
  }
  return strategies_.series_of(wanted);
}

Result<live::DecisionMaker*> TradingMakers::find(const std::string& strategy, const std::string& symbol) {
  if (strategy != kProbability) return strategies_.find(strategy, symbol);
  if (!probability_) {
    ARGOSY_TRY(feeds::DemoMarket market, load_demo_market(globals_));
    probability_ = std::make_unique<live::ProbabilityDecisions>(std::move(market), seed_);
  }
  return probability_.get();
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
