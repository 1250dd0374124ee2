#include "sweep/detail/run.hpp"

#include <tbb/info.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "backtest/steps.hpp"
#include "sweep/detail/memory.hpp"
#include "sweep/detail/result.hpp"

namespace argosy::sweep {

using backtest::BacktestRequest;
using backtest::MarketData;
using backtest::MarketPart;
using backtest::RunSignals;
using backtest::Simulation;
using strategy::Role;

namespace {

constexpr std::string_view kOwnFormulas = "its formulas depend on the position or look beyond the symbol's rows";

std::string_view find_obstacle(const strategy::StrategyFile& strategy) {
  if (strategy.rebalance) return "it rebalances";
  for (std::size_t r = 0; r < strategy::kRoleCount; ++r) {
    const auto role = static_cast<Role>(r);
    if (strategy.formulas[r].empty() || role == Role::kBuy || role == Role::kSell) continue;
    if (role == Role::kSize && formula::constant(strategy.formulas[r], strategy::formula_options(strategy))) continue;
    return role == Role::kShort || role == Role::kCover ? "it sells short"
                                                        : "a formula gives its sizes, prices, distances or confidence";
  }
  if (strategy.formula(Role::kBuy).empty()) return "it has no condition to buy";
  if (strategy.order.kind != trading::OrderKind::kMarket ||
      strategy.order.time_in_force != trading::TimeInForce::kGoodTillCancelled)
    return "its orders are not market orders that are good till cancelled";
  using enum trading::SizeKind;
  const trading::SizeKind size = strategy.size.kind;
  if (size != kShares && size != kCash && size != kPercent) return "its size is not a fixed one or a percentage";
  if (strategy.account != trading::AccountType::kCash || strategy.account_rules != trading::Enforcement::kWarn)
    return "its account is not a cash account whose rules only warn";
  return {};
}

// Whatever is not as the kernel has it.
std::string_view find_obstacle(const venue::ExchangeSettings& exchange) {
  if (exchange.slippage.kind != venue::SlippageKind::kNone) return "there is slippage";
  if (exchange.volume_cap.is_positive()) return "there is a volume cap";
  if (!exchange.latency.is_none()) return "there is latency";
  return exchange.limit_touch == venue::LimitTouch::kTouch ? "" : "limits are filled only when a price goes through";
}

}  // namespace

std::string_view find_obstacle(const BacktestRequest& request, const MarketData& market,
                               const venue::ExchangeSettings& exchange) {
  if (market.symbols.size() != 1) return "there are several symbols";
  if (!market.detail.empty()) return "orders are filled in finer bars";
  if (!market.rates.empty() || !request.balances.empty() || market.currency != market.symbols[0].instrument.currency)
    return "there are several currencies";
  if (!request.universe.empty() || !request.members.times.empty()) return "the symbols are a universe's";
  const auto none = trading::LimitProfile::backtest();
  if (request.limits.limits != none.limits || request.limits.breaker != none.breaker || request.limits.prop)
    return "there are risk limits";
  if (const auto why = find_obstacle(exchange); !why.empty()) return why;
  return find_obstacle(request.strategy);
}

SweepRun::SweepRun(const Sweep& sweep, std::span<const SweepSetting> settings, const SweepWants& wants, MarketPart part)
    : sweep_(sweep),
      settings_(settings),
      wants_(wants),
      part_(std::move(part)),
      why_core_(sweep.why_core_),
      results_(settings.size()),
      every_day_(part_.market->trades_every_day()) {
  if (!why_core_.empty()) return;
  auto bars = KernelBars::make(part_.market->symbols[0], sweep.request_.base.prices == data::PriceMode::kAdjusted);
  if (bars) {
    bars_ = *std::move(bars);
  } else {
    why_core_ = bars.error();
  }
}

core::Result<std::vector<SweepResult>> SweepRun::execute() {
  for (std::size_t k = 0; k < settings_.size(); ++k) {
    if (!std::ranges::all_of(settings_[k], [](double value) { return std::isfinite(value); }))
      results_[k].error = sweep_.request(settings_[k]).error();
  }
  const std::vector<SettingGroup> groups = group_settings(settings_, sweep_.in_rules_);
  ARGOSY_TRY(const std::size_t size, plan_chunks(groups));
  const std::size_t chunks = (groups.size() + size - 1) / size;
  // More threads than processors would only wait for each other.
  tbb::task_arena arena(std::min(sweep_.request_.workers, tbb::info::default_concurrency()));
  arena.execute([&] {
    const auto run = [&](std::size_t chunk) {
      const std::size_t first = chunk * size;
      const auto some = Groups(groups).subspan(first, std::min(size, groups.size() - first));
      if (bars_) return run_chunk(some);
      for (const SettingGroup& group : some) run_core(group, why_core_);
    };
    tbb::parallel_for(std::size_t{0}, chunks, run, tbb::simple_partitioner());
  });
  return std::move(results_);
}

core::Result<std::size_t> SweepRun::plan_chunks(Groups groups) const {
  const MarketData& market = *sweep_.market_;
  std::size_t rows = 0;
  for (const data::SymbolData& symbol : market.symbols) rows += symbol.bars.size();
  std::size_t columns = 5;
  if (!groups.empty()) {
    const auto first = sweep_.request(settings_[groups.front().settings.front()]);
    const auto plan = first ? compile_conditions({&first->strategy, 1}) : std::unexpected(first.error());
    if (plan) columns = plan->fields().size();
  }
  SweepMemory memory = common_memory(market, part_, settings_.size(), columns, wants_);
  constexpr std::size_t kDefaultBudget = std::size_t{512} * 1024 * 1024;
  memory.budget = sweep_.request_.memory == 0 ? kDefaultBudget : sweep_.request_.memory;
  memory.workers = static_cast<std::size_t>(sweep_.request_.workers);
  if (!bars_) {
    memory.group = core_worker_bytes(rows, columns);
    ARGOSY_TRY_VOID(memory.groups_a_chunk(settings_.size()));
    return 1;  // a group's signals are dropped before the next one's are made
  }
  constexpr std::size_t kStrategy = std::size_t{16} * 1024;  // a strategy file and its compiled formulas
  const std::size_t part = part_.rows[0].count;
  memory.fixed += KernelBars::bytes(part);
  memory.worker = kernel_worker_bytes(part, wants_);
  memory.group = SignalBits::bytes(1, part) + evaluation_bytes(1) + kStrategy;
  ARGOSY_TRY(const std::size_t fits, memory.groups_a_chunk(settings_.size()));
  // As many as share much, and as stay in the cache; fewer, where some workers would have nothing to do.
  constexpr std::size_t kMost = 64;
  constexpr std::size_t kChunksAWorker = 4;
  const std::size_t even = groups.size() / (memory.workers * kChunksAWorker) + 1;
  return std::min({fits, kMost, std::max<std::size_t>(even, 8)});
}

// --- By the kernel. ---

void SweepRun::run_chunk(Groups groups) {
  std::vector<const SettingGroup*> shared;
  std::vector<strategy::StrategyFile> strategies;
  for (const SettingGroup& group : groups) {
    auto request = sweep_.request(settings_[group.settings.front()]);
    if (!request) {
      run_apart(group, kOwnFormulas);  // finds out which of its settings are wrong
      continue;
    }
    shared.push_back(&group);
    strategies.push_back(std::move(request->strategy));
  }
  auto plan = compile_conditions(strategies);
  if (!plan) {
    // Some of them cannot be shared: those are run one by one, the others together.
    std::vector<const SettingGroup*> sound;
    std::vector<strategy::StrategyFile> sound_strategies;
    for (std::size_t g = 0; g < shared.size(); ++g) {
      if (compile_conditions({&strategies[g], 1})) {
        sound.push_back(shared[g]);
        sound_strategies.push_back(std::move(strategies[g]));
      } else {
        run_apart(*shared[g], kOwnFormulas);
      }
    }
    shared = std::move(sound);
    plan = compile_conditions(sound_strategies);
    ARGOSY_CHECK(plan.has_value(), "formulas that compile one by one do not compile together");
  }
  strategies.clear();
  if (!shared.empty()) run_kernel_settings(shared, *plan);
}

void SweepRun::run_kernel_settings(std::span<const SettingGroup* const> groups, const formula::Plan& plan) {
  SignalBits bits(groups.size(), part_.rows[0]);
  evaluate_conditions(plan, *sweep_.columns_, bits);
  std::vector<std::pair<std::size_t, std::size_t>> jobs;  // group, setting
  for (std::size_t g = 0; g < groups.size(); ++g) {
    for (const std::size_t k : groups[g]->settings) jobs.emplace_back(g, k);
  }
  // While it waits for the others a worker must not begin another chunk: there would be more than the memory is for.
  tbb::this_task_arena::isolate([&] {
    tbb::parallel_for(std::size_t{0}, jobs.size(),
                      [&](std::size_t j) { run_kernel_setting(jobs[j].second, bits.of(jobs[j].first)); });
  });
}

void SweepRun::run_kernel_setting(std::size_t k, const KernelSignals& signals) {
  SweepResult& result = results_[k];
  const auto request = sweep_.request(settings_[k]);
  if (!request) return void(result.error = request.error());
  const auto bracket = strategy::constant_bracket(request->strategy);
  if (!bracket) return void(result.error = bracket.error());
  KernelSettings settings{.cash = request->cash,
                          .fees = &request->strategy.fees,
                          .size = request->strategy.size,
                          .bracket = *bracket,
                          .max_bars = request->strategy.max_bars};
  if (settings.size.by_formula) {
    const auto value =
        formula::constant(request->strategy.formula(Role::kSize), strategy::formula_options(request->strategy));
    if (!value) return run_core({.values = {}, .settings = {k}}, kOwnFormulas);
    settings.size_value = *value;
  }
  KernelRun& run = scratch_.local();
  if (!run_kernel(*bars_, settings, signals, wants_.statistics || wants_.returns, run))
    return run_core({.values = {}, .settings = {k}}, "its amounts come near the limits of the risk gate");
  result.engine = SweepEngine::kKernel;
  fill_result({.keys = part_.market->symbols[0].bars.key,
               .equity = run.equity,
               .trades = run.trades,
               .initial_cash = request->cash,
               .final_equity = run.final_equity,
               .fees = run.fees,
               .dividends = run.dividends,
               .open_positions = run.is_open ? 1 : 0,
               .invested = run.invested},
              wants_, part_.market->timeframe, every_day_, result);
}

// --- By the core. ---

// One by one: what the kernel takes for one group the core may not, for its signals carry sizes too.
void SweepRun::run_apart(const SettingGroup& group, std::string_view why) {
  for (const std::size_t k : group.settings) run_core({.values = {}, .settings = {k}}, why);
}

void SweepRun::run_core(const SettingGroup& group, std::string_view why) {
  const std::size_t first = group.settings.front();
  const bool alone = group.settings.size() == 1;
  auto request = sweep_.request(settings_[first]);
  auto compiled = request ? strategy::compile_strategy(request->strategy) : std::unexpected(request.error());
  auto signals = compiled ? find_signals(*request, *compiled, sweep_.market_->symbols, *sweep_.snapshot_)
                          : std::unexpected(compiled.error());
  if (!signals && alone) return void(results_[first].error = signals.error());
  if (!signals) {
    // The first setting's own numbers may be wrong, and must not speak for the others.
    return run_apart(group, why);
  }
  keep_part(part_, *signals);
  tbb::this_task_arena::isolate([&] {
    tbb::parallel_for(std::size_t{0}, group.settings.size(),
                      [&](std::size_t j) { run_core(group.settings[j], *compiled, *signals, why); });
  });
}

void SweepRun::run_core(std::size_t k, strategy::CompiledStrategy compiled, const RunSignals& signals,
                        std::string_view why) {
  SweepResult& result = results_[k];
  const auto request = sweep_.request(settings_[k]);
  if (!request) return void(result.error = request.error());
  const auto bracket = strategy::constant_bracket(request->strategy);
  if (!bracket) return void(result.error = bracket.error());
  compiled.bracket = *bracket;
  const MarketData& market = *part_.market;
  const auto settings = make_settings(*request, compiled, market);
  if (!settings) return void(result.error = settings.error());
  const Simulation run = simulate(*settings, make_feeds(market, signals));
  result.why_core = why;
  fill_result({.keys = run.keys,
               .equity = run.equity,
               .trades = run.trades,
               .initial_cash = run.initial_cash,
               .final_equity = run.equity.back(),
               .fees = run.fees,
               .dividends = run.dividends,
               .open_positions = std::ssize(run.open_positions),
               .invested = run.invested},
              wants_, market.timeframe, every_day_, result);
}

}  // namespace argosy::sweep
