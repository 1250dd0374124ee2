// Services that decide by strategy files, through the whole process: bars of quotes, decisions, orders, fills. What
// live computed over the bars as it saw them, and what it traded, is what a backtest over those bars computes and
// trades; also when the process was killed in between.
#include <gtest/gtest.h>

#include <bit>

#include "backtest/market_data.hpp"
#include "backtest/steps.hpp"
#include "live/seen_bars.hpp"
#include "live/strategy_makers.hpp"
#include "world.hpp"

namespace argosy::live {
namespace {

constexpr const char* kSymbol = "AAPL";

// Everything beside the world that a process with strategies has.
class Trading {
 public:
  explicit Trading(std::string text, WorldSettings settings = {}) : text_(std::move(text)) {
    settings.quote_interval = std::chrono::seconds(60);
    // Weeks pass: who would look every few milliseconds looks every minute.
    settings.process.checks_every = std::chrono::minutes(1);
    settings.process.requests_every = std::chrono::hours(1);
    settings.process.trader.price_buffer = {};
    settings.process.trader.snapshot_every = std::chrono::hours(1);
    settings.makers = [this](const std::string& strategy, const std::string& symbol) {
      return makers_->find(strategy, symbol);
    };
    settings.on_process = [this](Process& process) { attach(process); };
    // Without a spread a bar says all that a quote does; and an opening that lasts lets orders that are decided at its
    // first quote, and on their way until the next one, be filled at it.
    settings.on_quote = [this](std::int64_t instrument, market::Quote& quote) {
      auto& [date, opening] = openings_[instrument];
      if (date != core::utc_date(quote.time)) date = core::utc_date(quote.time), opening = quote;
      if (quote.time - opening.time < std::chrono::minutes(5)) quote.last = opening.last;
      quote.bid = quote.last;
      quote.ask = quote.last;
      if (bars_) bars_->on_quote(instrument, quote);
    };
    world_ = std::make_unique<World>(settings);
    bars_ = make_bars();
    make_home();
    seen_ = must(SeenBars::open({.folder = world_->folder() + "/seen"}, core::system_files(), world_->clock(),
                                {.snapshot = [this] { return open_lake("home").snapshot(); },
                                 .instrument = [](const std::string& symbol) -> core::Result<market::Instrument> {
                                   return core::fail(core::ErrorCode::kNotFound, symbol);
                                 }}));
  }

  void create() {
    world_->ask("service_create", R"({"instrument_id": 1, "symbol": "AAPL", "balance": "20000", "strategy": "s"})");
  }
  void kill_and_start() {
    world_->kill();
    bars_.reset();
    bars_ = make_bars();
    world_->start();
  }
  World& world() { return *world_; }
  [[nodiscard]] const StrategyDecisions& maker() const { return *makers_->maker("s", kSymbol); }
  [[nodiscard]] strategy::StrategyFile file() const { return must(strategy::parse_strategy(text_, "s.yaml")); }
  [[nodiscard]] lake::Lake open_lake(const std::string& name) const {
    return must(lake::Lake::open({.folder = world_->folder() + "/" + name}, core::system_files(), world_->clock()));
  }

 private:
  void attach(Process& process) {
    makers_ = std::make_unique<StrategyMakers>(StrategyMakers::Ports{
        .load = [this](const std::string&) { return strategy::parse_strategy(text_, "s.yaml"); },
        .history = [this](const std::string& symbol,
                          market::Timeframe timeframe) { return seen_->history(symbol, timeframe, world_->now()); },
        .want =
            [this](const std::string&, market::Timeframe timeframe) {
              bars_->watch({.instrument_id = 1, .instrument = {.symbol = kSymbol, .exchange = "XNYS"}}, timeframe);
            }});
    process.set_on_bars([this](std::span<const LiveBar> bars) {
      makers_->add(bars);
      must(seen_->append(bars));
    });
  }
  std::unique_ptr<LiveBars> make_bars() {
    return std::make_unique<LiveBars>(
        world_->executor(), [this](std::vector<LiveBar> closed) { world_->process().push_bars(std::move(closed)); });
  }
  // Daily bars of the eight months before the world begins, with a split and a dividend.
  void make_home() {
    const lake::LakeOptions options{.folder = world_->folder() + "/home"};
    must(lake::Lake::create(options, core::system_files()));
    const lake::Lake lake = open_lake("home");
    auto transaction = must(lake.begin());
    core::Rng rng(7);
    market::BarColumns bars;
    double price = 200;
    const market::Calendar& calendar = *must(market::find_calendar("XNYS"));
    for (const core::Date date :
         calendar.sessions(core::Date::from_ymd(2012, 7, 2), core::Date::from_ymd(2013, 3, 1))) {
      price *= 1 + 0.02 * (rng.uniform() - 0.5);
      const auto close = must(core::Price::from_double(std::round(price * 100) / 100));
      bars.push_back(
          {.key = market::date_key(date), .open = close, .high = close, .low = close, .close = close, .volume = 5});
    }
    must(transaction.put(kSymbol, market::Timeframe(), bars));
    lake::Tables tables = transaction.tables();
    tables.instruments[kSymbol] = {.symbol = kSymbol, .exchange = "XNYS"};
    tables.anchors[kSymbol] = bars.key.front();
    tables.actions[kSymbol] = {
        {.ex_date = core::Date::from_ymd(2012, 10, 1), .kind = market::ActionKind::kSplit, .numerator = 2},
        {.ex_date = core::Date::from_ymd(2012, 12, 3), .amount = core::Price::from_integer(1)}};
    transaction.set_tables(std::move(tables));
    must(transaction.commit());
  }

  std::string text_;
  std::map<std::int64_t, std::pair<core::Date, market::Quote>> openings_;
  std::unique_ptr<World> world_;
  std::unique_ptr<LiveBars> bars_;
  std::unique_ptr<SeenBars> seen_;
  std::unique_ptr<StrategyMakers> makers_;
};

backtest::BacktestRequest request_of(const Trading& trading) {
  backtest::BacktestRequest out;
  out.strategy = trading.file();
  out.symbols = {kSymbol};
  out.timeframe = out.strategy.timeframe;
  out.cash = core::Money::from_integer(20'000);
  return out;
}

// Signals and every column, of all bars that were seen.
void expect_signals_of_batch(Trading& trading, std::size_t at_least) {
  const auto request = request_of(trading);
  const lake::Snapshot seen = must(trading.open_lake("seen").snapshot());
  const auto market = must(backtest::load_market(request, seen));
  const auto compiled = must(strategy::compile_strategy(request.strategy));
  const auto batch = must(backtest::find_signals(request, compiled, market.symbols, seen));
  const strategy::Signals& live = trading.maker().signals();
  EXPECT_EQ(trading.maker().keys(), market.symbols[0].bars.key);
  ASSERT_GT(live.bits.size(), at_least);
  EXPECT_EQ(live.bits, batch.symbols[0].bits);
  ASSERT_EQ(live.columns.size(), batch.symbols[0].columns.size());
  for (std::size_t c = 0; c < live.columns.size(); ++c) {
    for (std::size_t i = 0; i < live.bits.size(); ++i)
      ASSERT_EQ(std::bit_cast<std::uint64_t>(live.columns[c][i]),
                std::bit_cast<std::uint64_t>(batch.symbols[0].columns[c][i]))
          << "column " << c << " of " << market::format_key(market.symbols[0].bars.key[i], request.timeframe);
  }
}

struct Deal {
  std::string side;
  std::string date;
  std::string price;
  friend bool operator==(const Deal&, const Deal&) = default;
  friend std::ostream& operator<<(std::ostream& out, const Deal& deal) {
    return out << deal.side << " " << deal.date << " at " << deal.price;
  }
};

std::vector<Deal> traded(Trading& trading) {
  const auto fills = must(trading.world().database().read(
      [](ledger::Transaction& work) { return ledger::select<ledger::FillRow>(work, "ORDER BY fill_id"); }));
  std::vector<Deal> out;
  for (const ledger::FillRow& fill : fills)
    out.push_back({fill.side, core::utc_date(fill.filled_at).to_string(), fill.price.to_string()});
  return out;
}

std::vector<Deal> simulated(Trading& trading) {
  const auto request = request_of(trading);
  const lake::Snapshot seen = must(trading.open_lake("seen").snapshot());
  const auto market = must(backtest::load_market(request, seen));
  const auto compiled = must(strategy::compile_strategy(request.strategy));
  const auto settings = must(backtest::make_settings(request, compiled, market));
  const auto signals = must(backtest::find_signals(request, compiled, market.symbols, seen));
  const backtest::Simulation run = backtest::simulate(settings, backtest::make_feeds(market, signals));
  std::vector<Deal> out;
  const auto add = [&](const char* side, std::int64_t key, core::Price price) {
    out.push_back({side, market::key_date(key).to_string(), price.to_string()});
  };
  for (const engine::Trade& trade : run.trades) {
    add("buy", trade.entry_key, trade.entry_price);
    add("sell", trade.exit_key, trade.exit_price);
  }
  for (const backtest::Simulation::OpenPosition& open : run.open_positions)
    add("buy", open.entry_key, open.entry_price);
  return out;
}

// Nothing is bought in the months of the history.
constexpr const char* kDaily = R"(
name: s
buy: month >= 3 and month <= 5 and close > sma(close, 3)
sell: close < sma(close, 3)
)";
constexpr const char* kHourly = R"(
name: s
timeframe: 1h
let: {score: 'clip(50 * (close / ema(close, 9) - 0.995), 0, 1)'}
buy: score > score[1] and close > on("1d", close)
sell: score < 0.3 or bars_held >= 12
confidence: score
minimum_confidence: 0.2
)";

TEST(Strategies, trade_what_a_backtest_over_the_seen_bars_trades) {
  for (const std::uint64_t seed : {1U, 2U}) {
    SCOPED_TRACE(seed);
    Trading trading(kDaily, {.seed = seed});
    trading.create();
    trading.world().run(std::chrono::days(40));
    expect_signals_of_batch(trading, 190);
    const std::vector<Deal> live = traded(trading);
    EXPECT_GT(live.size(), 6U);
    std::vector<Deal> batch = simulated(trading);
    EXPECT_EQ(live, batch);
    EXPECT_TRUE(trading.world().findings().empty());
  }
}

TEST(Strategies, killed_and_started_anew_see_the_same_bars) {
  core::Rng rng(11);
  for (const char* text : {kDaily, kHourly}) {
    Trading trading(text, {.seed = 5});
    trading.create();
    for (int round = 0; round < 12; ++round) {
      trading.world().run(std::chrono::minutes(1 + rng.below(5 * 24 * 60)));
      trading.kill_and_start();
    }
    trading.world().run(std::chrono::days(3));
    expect_signals_of_batch(trading, text == kHourly ? 100 : 175);
    EXPECT_GT(traded(trading).size(), 4U);
    EXPECT_TRUE(trading.world().findings().empty());
  }
}

TEST(Strategies, a_limit_that_is_never_reached_buys_nothing) {
  Trading trading("name: s\nbuy: month >= 3 and month <= 5\nsell: close < 1\norder: {type: limit, limit: close / 2}\n");
  trading.create();
  trading.world().run(std::chrono::days(10));
  EXPECT_TRUE(traded(trading).empty());
  EXPECT_FALSE(trading.world().book().orders().empty()) << "one a session was tried";
}

TEST(Strategies, a_stop_of_the_strategy_sells_without_asking) {
  Trading trading("name: s\nbuy: month >= 3 and month <= 5\nsell: close < 1\ntrailing_stop: 0.5%\n");
  trading.create();
  trading.world().run(std::chrono::days(20));
  const std::vector<Deal> live = traded(trading);
  ASSERT_GT(live.size(), 3U);
  std::size_t stops = 0;
  for (const auto& [id, order] : trading.world().book().orders()) stops += order.reason == "trailing_stop" ? 1 : 0;
  EXPECT_GT(stops, 1U);
}

}  // namespace
}  // namespace argosy::live
