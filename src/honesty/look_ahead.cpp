#include "honesty/look_ahead.hpp"

#include <tbb/parallel_for.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <map>
#include <optional>
#include <set>
#include <span>

#include "core/check.hpp"
#include "core/rng.hpp"
#include "honesty/detail/cut_data.hpp"

namespace argosy::honesty {

using backtest::Feed;
using backtest::MarketData;
using backtest::OtherSymbols;
using backtest::RunSignals;
using backtest::Simulation;
using backtest::SimulationSettings;
using core::Result;

namespace {

constexpr std::size_t kSmall = 50'000;  // bars of which every one is checked, asked for or not
constexpr std::size_t kLeast = 64;      // bars checked of large data, at the least
constexpr std::size_t kMostSignals = 2'000;
constexpr std::string_view kFills = "fills";
constexpr std::size_t kTasks = 8;  // runs that may be made at once

// What a run knew and did.
struct Outcome {
  std::vector<strategy::Signals> signals;
  Simulation run;
};
// The same, of somebody who keeps it.
struct View {
  std::span<const strategy::Signals> signals;
  const Simulation& run;
};
using Pipeline = std::function<Result<Outcome>(const MarketData& market, const OtherSymbols& others)>;

// How much of two outcomes must be equal.
struct Extent {
  std::vector<std::size_t> rows;   // of each symbol's signals
  std::int64_t events_before = 0;  // orders and trades with smaller keys
  std::size_t instants = 0;        // of the equity
};

// The first difference of each formula.
class Differences {
 public:
  Differences(const std::function<std::string(std::size_t)>& column_name, const MarketData& market)
      : column_name_(column_name), market_(market) {}

  void compare(const View& whole, const View& other, const Extent& extent) {
    Differences own(column_name_, market_);
    for (std::size_t i = 0; i < whole.signals.size(); ++i)
      own.compare_signals(i, whole.signals[i], other.signals[i], extent.rows[i]);
    // What follows from other signals is no leak of its own.
    if (own.found_.empty()) own.compare_runs(whole.run, other.run, extent);
    merge(own);
  }
  void add(const Leak& leak) {
    const auto [at, is_new] = found_.try_emplace(leak.formula, leak);
    if (!is_new && leak.key < at->second.key) at->second = leak;
  }
  void merge(const Differences& other) {
    for (const auto& [formula, leak] : other.found_) add(leak);
  }
  [[nodiscard]] const std::map<std::string, Leak>& found() const { return found_; }
  [[nodiscard]] std::vector<Leak> sorted() const {
    std::vector<Leak> out;
    for (const auto& [formula, leak] : found_) out.push_back(leak);
    std::ranges::stable_sort(out, {}, &Leak::key);
    return out;
  }

 private:
  void compare_signals(std::size_t i, const strategy::Signals& whole, const strategy::Signals& other,
                       std::size_t rows) {
    ARGOSY_CHECK(other.bits.size() >= rows, "{} signals for {} rows", other.bits.size(), rows);
    const data::SymbolData& symbol = market_.symbols[i];
    const auto add_row = [&](std::string name, std::size_t row, const char* kind) {
      add({.formula = std::move(name), .symbol = symbol.instrument.symbol, .key = symbol.bars.key[row], .kind = kind});
    };
    if (std::memcmp(whole.bits.data(), other.bits.data(), rows) != 0) {
      for (std::size_t r = 0; r < strategy::kConditionCount; ++r) {
        const unsigned bit = 1U << r;
        for (std::size_t row = 0; row < rows; ++row) {
          if (((whole.bits[row] ^ other.bits[row]) & bit) == 0) continue;
          add_row(std::string(to_string(static_cast<strategy::Role>(r))), row, "signal");
          break;
        }
      }
    }
    for (std::size_t k = 0; k < whole.columns.size(); ++k) {
      const double* a = whole.columns[k].data();
      const double* b = other.columns[k].data();
      if (std::memcmp(a, b, rows * sizeof(double)) == 0) continue;
      for (std::size_t row = 0; row < rows; ++row) {
        if (std::bit_cast<std::uint64_t>(a[row]) == std::bit_cast<std::uint64_t>(b[row])) continue;
        if (std::isnan(a[row]) && std::isnan(b[row])) continue;  // no value has no bits
        add_row(column_name_(k), row, "value");
        break;
      }
    }
  }

  void compare_runs(const Simulation& whole, const Simulation& other, const Extent& extent) {
    const std::string name = column_name_(SIZE_MAX);
    const auto differ = [&](std::int64_t key, std::string symbol, const char* kind) {
      add({.formula = name, .symbol = std::move(symbol), .key = key, .kind = kind});
    };
    const auto symbol_of = [&](trading::InstrumentIndex i) { return market_.symbols[i].instrument.symbol; };
    // Of an order what was decided at its bar: splits and fills change the rest later.
    compare_events(
        decided_orders(whole), decided_orders(other), extent.events_before, &trading::Order::created_key,
        [](const trading::Order& a, const trading::Order& b) {
          return a.created_key == b.created_key && a.instrument == b.instrument && a.side == b.side &&
                 a.kind == b.kind && a.effect == b.effect && a.reason == b.reason &&
                 a.time_in_force == b.time_in_force &&
                 (a.state == trading::OrderState::kDenied) == (b.state == trading::OrderState::kDenied);
        },
        [&](const trading::Order& order) { differ(order.created_key, symbol_of(order.instrument), "order"); });
    compare_events(
        whole.trades, other.trades, extent.events_before, &engine::Trade::exit_key,
        [](const engine::Trade& a, const engine::Trade& b) {
          return a.instrument == b.instrument && a.side == b.side && a.entry_key == b.entry_key &&
                 a.entry_price == b.entry_price && a.exit_key == b.exit_key && a.exit_price == b.exit_price &&
                 a.quantity == b.quantity && a.fees == b.fees && a.profit == b.profit && a.dividends == b.dividends;
        },
        [&](const engine::Trade& trade) { differ(trade.exit_key, symbol_of(trade.instrument), "trade"); });
    const auto end = static_cast<std::ptrdiff_t>(extent.instants);
    const auto at = std::mismatch(whole.equity.begin(), whole.equity.begin() + end, other.equity.begin()).first;
    if (at != whole.equity.begin() + end)
      differ(whole.keys[static_cast<std::size_t>(at - whole.equity.begin())], "", "equity");
  }

  // Without those that turn a position around: they are sent when the exit is filled, whenever that is.
  static std::vector<trading::Order> decided_orders(const Simulation& run) {
    std::vector<trading::Order> out;
    std::map<trading::InstrumentIndex, std::int64_t> exits;  // when the last one was decided
    for (const trading::Order& order : run.orders) {
      if (order.effect == trading::Effect::kClose) {
        exits[order.instrument] = order.created_key;
      } else if (const auto exit = exits.find(order.instrument);
                 exit != exits.end() && exit->second == order.created_key) {
        continue;
      }
      out.push_back(order);
    }
    return out;
  }

  // Lists in the order of their keys.
  template <class Event, class Same, class Differ>
  static void compare_events(const std::vector<Event>& whole, const std::vector<Event>& other, std::int64_t before,
                             std::int64_t Event::* key, Same same, Differ differ) {
    const auto counts = [&](const std::vector<Event>& events, std::size_t at) {
      return at < events.size() && events[at].*key < before;
    };
    for (std::size_t at = 0; counts(whole, at) || counts(other, at); ++at) {
      if (counts(whole, at) && counts(other, at) && same(whole[at], other[at])) continue;
      if (!counts(whole, at)) return differ(other[at]);
      if (!counts(other, at)) return differ(whole[at]);
      return differ(whole[at].*key <= other[at].*key ? whole[at] : other[at]);
    }
  }

  const std::function<std::string(std::size_t)>& column_name_;
  const MarketData& market_;
  std::map<std::string, Leak> found_;  // by formula
};

// Runs over data that were cut, compared with the whole run.
class Cuts {
 public:
  Cuts(const MarketData& market, const OtherSymbols& others, const Pipeline& pipeline, const View& whole,
       const std::function<std::string(std::size_t)>& column_name, bool margin, std::uint64_t seed)
      : market_(market),
        others_(others),
        pipeline_(pipeline),
        whole_(whole),
        column_name_(column_name),
        margin_(margin),
        seed_(seed) {}

  // `keys` ascend. Runs are made in parallel; what is found does not depend on how.
  Result<Differences> check(std::span<const std::int64_t> keys) const {
    const std::size_t tasks = std::min(kTasks, keys.size());
    std::vector<Differences> found(tasks, Differences(column_name_, market_));
    std::vector<std::optional<core::Error>> errors(tasks);
    tbb::parallel_for(std::size_t{0}, tasks, [&](std::size_t task) {
      // Each task takes cuts from all over the data, the latest first.
      detail::CutData cut(market_, others_, keys.back());
      for (std::size_t k = keys.size(); k-- > 0;) {
        if (k % tasks != task) continue;
        if (auto done = check_at(cut, keys[k], found[task]); !done) {
          errors[task] = std::move(done).error();
          return;
        }
      }
    });
    Differences out(column_name_, market_);
    for (std::size_t task = 0; task < tasks; ++task) {
      if (errors[task]) return core::fail(*std::move(errors[task]));
      out.merge(found[task]);
    }
    return out;
  }

  // The first bar at which a formula leaks, of which a leak is known: cuts at one instant after the other, as long as
  // that is not too much work. A leak shows only in cuts near its bar, so none may be left out.
  Result<Leak> find_first(const Leak& known) const {
    constexpr std::size_t kAtOnce = 32;
    constexpr std::size_t kMostRows = 50'000'000;
    const std::vector<std::int64_t>& keys = whole_.run.keys;
    const auto end = static_cast<std::size_t>(std::ranges::upper_bound(keys, known.key) - keys.begin());
    std::size_t rows = 0;
    for (std::size_t from = 0; from < end && rows < kMostRows; from += kAtOnce) {
      const std::size_t count = std::min(kAtOnce, end - from);
      ARGOSY_TRY(const Differences found, check(std::span(keys).subspan(from, count)));
      const auto leak = found.found().find(known.formula);
      if (leak != found.found().end()) return leak->second;
      rows += (from + count) * count;
    }
    return known;
  }

 private:
  Result<void> check_at(detail::CutData& cut, std::int64_t key, Differences& found) const {
    const core::Rng rng = core::Rng(seed_).fork(static_cast<std::uint64_t>(key));
    cut.perturb(key, rng);
    ARGOSY_TRY(const Outcome other, pipeline_(cut.market(), cut.others()));
    found.compare(whole_, {other.signals, other.run}, extent(cut, true));
    cut.truncate(key);
    ARGOSY_TRY(const Outcome shorter, pipeline_(cut.market(), cut.others()));
    found.compare(whole_, {shorter.signals, shorter.run}, extent(cut, false));
    return {};
  }

  // A run that ends closes its last day: interest is charged and delisted shares are paid out.
  [[nodiscard]] Extent extent(const detail::CutData& cut, bool goes_on) const {
    const std::vector<std::int64_t>& keys = whole_.run.keys;
    Extent out{.rows = cut.kept(), .events_before = cut.first_cut_key(), .instants = 0};
    out.instants = static_cast<std::size_t>(std::ranges::lower_bound(keys, cut.first_cut_key()) - keys.begin());
    if (goes_on || out.instants == 0) return out;
    --out.instants;
    if (margin_) out.events_before = keys[out.instants];
    return out;
  }

  const MarketData& market_;
  const OtherSymbols& others_;
  const Pipeline& pipeline_;
  const View& whole_;
  const std::function<std::string(std::size_t)>& column_name_;
  bool margin_;
  std::uint64_t seed_;
};

std::int64_t count_bars(const MarketData& market) {
  std::int64_t bars = 0;
  for (const data::SymbolData& symbol : market.symbols) bars += static_cast<std::int64_t>(symbol.bars.size());
  return bars;
}

// So many of the indexes below `count`, without a pattern, ascending.
std::vector<std::size_t> draw(std::size_t count, std::size_t wanted, core::Rng rng) {
  std::set<std::size_t> out;
  while (out.size() < std::min(wanted, count)) out.insert(rng.below(count));
  return {out.begin(), out.end()};
}

// At most `most` of a list, evenly spread.
std::vector<std::int64_t> thin(std::vector<std::int64_t> keys, std::size_t most) {
  std::ranges::sort(keys);
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  if (keys.size() <= most) return keys;
  std::vector<std::int64_t> out;
  for (std::size_t k = 0; k < most; ++k) out.push_back(keys[k * keys.size() / most]);
  return out;
}

std::vector<std::int64_t> merge(std::vector<std::int64_t> a, std::span<const std::int64_t> b) {
  a.insert(a.end(), b.begin(), b.end());
  std::ranges::sort(a);
  a.erase(std::unique(a.begin(), a.end()), a.end());
  return a;
}

std::vector<std::int64_t> order_keys(const Simulation& run) {
  std::vector<std::int64_t> keys;
  for (const trading::Order& order : run.orders) keys.push_back(order.created_key);
  return keys;
}

std::vector<std::int64_t> drawn_keys(const Simulation& run, std::size_t wanted, std::uint64_t seed) {
  std::vector<std::int64_t> out;
  for (const std::size_t at : draw(run.keys.size(), wanted, core::Rng(seed).fork(1))) out.push_back(run.keys[at]);
  return out;
}

// How many bars of a market stand at keys of a sorted list.
std::int64_t count_at(const MarketData& market, const std::vector<std::int64_t>& keys) {
  std::int64_t count = 0;
  for (const data::SymbolData& symbol : market.symbols) {
    for (const std::int64_t key : keys) count += std::ranges::binary_search(symbol.bars.key, key) ? 1 : 0;
  }
  return count;
}

// The checks of a strategy file.
class FileCheck {
 public:
  FileCheck(const FileRun& file, const LookAheadSettings& settings)
      : file_(file), settings_(settings), whole_{file.signals.symbols, file.run} {
    bars_ = static_cast<std::size_t>(count_bars(file.market));
    all_ = settings.prove || bars_ <= kSmall;
    name_ = [this](std::size_t column) { return name_of(column); };
  }

  Result<LookAhead> run() {
    Differences found(name_, file_.market);
    ARGOSY_TRY(LookAhead out, check_stretches(found));
    if (all_) check_behind_curtain(found);
    ARGOSY_TRY_VOID(check_cuts(found));
    out.leaks = found.sorted();
    // Other fills follow from other signals.
    if (out.leaks.size() > 1) std::erase_if(out.leaks, [](const Leak& leak) { return leak.formula == kFills; });
    return out;
  }

 private:
  [[nodiscard]] std::string name_of(std::size_t column) const {
    for (std::size_t r = strategy::kConditionCount; r < strategy::kRoleCount; ++r) {
      if (file_.compiled.columns[r] == std::optional(static_cast<std::uint32_t>(column)))
        return std::string(to_string(static_cast<strategy::Role>(r)));
    }
    if (column == SIZE_MAX) return std::string(kFills);
    return file_.request.strategy.formula(strategy::Role::kSell).empty() ? "cover" : "sell";
  }

  // Where the stretches of each symbol end.
  [[nodiscard]] std::vector<std::vector<std::size_t>> stretch_ends(bool all) const {
    std::vector<std::vector<std::size_t>> ends;
    const core::Rng rng(settings_.seed);
    for (std::size_t i = 0; i < file_.market.symbols.size(); ++i) {
      const std::vector<std::uint8_t>& bits = whole_.signals[i].bits;
      const std::size_t rows = bits.size();
      std::vector<std::size_t> own;
      if (all) {
        for (std::size_t row = 0; row < rows; ++row) own.push_back(row + 1);
      } else {
        for (const std::size_t row : draw(rows, std::max(kLeast, rows / 100), rng.fork(i))) own.push_back(row + 1);
        std::vector<std::int64_t> with_signal;
        for (std::size_t row = 0; row < rows; ++row) {
          if (bits[row] != 0) with_signal.push_back(static_cast<std::int64_t>(row) + 1);
        }
        for (const std::int64_t end : thin(std::move(with_signal), kMostSignals))
          own.push_back(static_cast<std::size_t>(end));
        std::ranges::sort(own);
        own.erase(std::unique(own.begin(), own.end()), own.end());
      }
      checked_ += static_cast<std::int64_t>(own.size());
      if (rows > 0 && (own.empty() || own.back() != rows)) own.push_back(rows);
      ends.push_back(std::move(own));
    }
    return ends;
  }

  Result<LookAhead> check_stretches(Differences& found) {
    checked_ = 0;
    LookAhead out{.bars = static_cast<std::int64_t>(bars_)};
    // Row by row is the only way in which what looks beyond its rows is computed in stretches; of large data that is
    // left to the cuts.
    if (!all_ && !file_.compiled.reads_own_rows()) {
      out.checked = count_at(file_.market, cut_keys());
      return out;
    }
    auto ends = stretch_ends(all_);
    out.checked = checked_;
    Differences stretches(name_, file_.market);
    ARGOSY_TRY_VOID(compare_stretches(ends, stretches));
    if (!stretches.found().empty() && !all_) {
      // The first bar is found by taking them one by one.
      ends = stretch_ends(true);
      ARGOSY_TRY_VOID(compare_stretches(ends, stretches));
    }
    found.merge(stretches);
    return out;
  }

  Result<void> compare_stretches(const std::vector<std::vector<std::size_t>>& ends, Differences& found) const {
    ARGOSY_TRY(RunSignals other, find_signals_in_stretches(file_.request, file_.compiled, file_.market.symbols,
                                                           file_.snapshot, file_.signals.others, ends));
    Extent extent;
    for (const strategy::Signals& signals : whole_.signals) extent.rows.push_back(signals.bits.size());
    found.compare({whole_.signals, {}}, {other.symbols, {}}, extent);
    return {};
  }

  void check_behind_curtain(Differences& found) const {
    const std::vector<Feed> feeds = make_feeds(file_.market, file_.signals);
    detail::Curtain curtain(feeds, core::Rng(settings_.seed).fork(2));
    SimulationSettings settings = file_.settings;
    settings.on_instant = [&](std::int64_t key) { curtain.uncover(key); };
    const Simulation other = simulate(settings, curtain.feeds());
    Differences runs(name_, file_.market);
    runs.compare(
        {{}, whole_.run}, {{}, other},
        {.rows = {}, .events_before = std::numeric_limits<std::int64_t>::max(), .instants = whole_.run.keys.size()});
    found.merge(runs);
  }

  // Each takes two whole runs, so of large data they are few.
  [[nodiscard]] std::vector<std::int64_t> cut_keys() const {
    const std::size_t rows_in_all = settings_.prove ? 16'000'000 : 1'000'000;
    const std::size_t wanted = std::clamp<std::size_t>(rows_in_all / std::max<std::size_t>(bars_, 1), 1, 32);
    return merge(thin(order_keys(whole_.run), wanted / 2), drawn_keys(whole_.run, wanted - wanted / 2, settings_.seed));
  }

  Result<void> check_cuts(Differences& found) const {
    const Pipeline pipeline = [this](const MarketData& market, const OtherSymbols& others) -> Result<Outcome> {
      ARGOSY_TRY(RunSignals signals,
                 find_signals(file_.request, file_.compiled, market.symbols, file_.snapshot, others));
      SimulationSettings settings = file_.settings;
      settings.rates = market.rates;
      Simulation run = simulate(settings, make_feeds(market, signals));
      return Outcome{.signals = std::move(signals.symbols), .run = std::move(run)};
    };
    const bool margin = file_.settings.engine.account.type == trading::AccountType::kMargin;
    const Cuts cuts(file_.market, file_.signals.others, pipeline, whole_, name_, margin, settings_.seed);
    ARGOSY_TRY(const Differences leaks, cuts.check(cut_keys()));
    Differences first(name_, file_.market);
    for (const auto& [formula, leak] : leaks.found()) {
      if (found.found().contains(formula)) continue;
      ARGOSY_TRY(const Leak earliest, cuts.find_first(leak));
      first.add(earliest);
    }
    found.merge(first);
    return {};
  }

  const FileRun& file_;
  LookAheadSettings settings_;
  View whole_;
  std::size_t bars_ = 0;
  bool all_ = false;
  mutable std::int64_t checked_ = 0;
  std::function<std::string(std::size_t)> name_;
};

}  // namespace

Result<LookAhead> check_look_ahead(const FileRun& run, const LookAheadSettings& settings) {
  return FileCheck(run, settings).run();
}

LookAhead check_look_ahead(const SimulationSettings& settings, const MarketData& market, const StrategyFactory& factory,
                           const LookAheadSettings& check) {
  const Pipeline pipeline = [&](const MarketData& seen, const OtherSymbols&) -> Result<Outcome> {
    const auto strategy = factory(seen);
    SimulationSettings own = settings;
    own.strategy = strategy.get();
    own.rates = seen.rates;
    // The strategy decides, so no bar has a signal.
    std::vector<std::vector<std::uint8_t>> signals;
    std::vector<Feed> feeds;
    for (const data::SymbolData& symbol : seen.symbols) signals.emplace_back(symbol.bars.size());
    for (std::size_t i = 0; i < signals.size(); ++i)
      feeds.push_back(
          {.data = &seen.symbols[i], .signals = signals[i], .detail = seen.detail.empty() ? nullptr : &seen.detail[i]});
    return Outcome{.signals = {}, .run = simulate(own, feeds)};
  };
  const auto whole = pipeline(market, {});
  ARGOSY_CHECK(whole.has_value());
  const std::vector<std::int64_t>& keys = whole->run.keys;
  const std::vector<std::int64_t> cut_keys =
      check.prove ? keys
                  : merge(thin(order_keys(whole->run), kLeast),
                          drawn_keys(whole->run, std::max(kLeast, keys.size() / 100), check.seed));
  const std::function<std::string(std::size_t)> name = [](std::size_t) { return std::string("strategy"); };
  const bool margin = settings.engine.account.type == trading::AccountType::kMargin;
  const OtherSymbols none;
  const View view{whole->signals, whole->run};
  const Cuts cuts(market, none, pipeline, view, name, margin, check.seed);
  const auto found = cuts.check(cut_keys);
  ARGOSY_CHECK(found.has_value());
  LookAhead out{.checked = count_at(market, cut_keys), .bars = count_bars(market), .leaks = {}};
  for (const Leak& leak : found->sorted()) {
    const auto first = cuts.find_first(leak);
    ARGOSY_CHECK(first.has_value());
    out.leaks.push_back(*first);
  }
  return out;
}

}  // namespace argosy::honesty
