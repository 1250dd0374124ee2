#include "data/simulate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "core/limits.hpp"
#include "data/tables_import.hpp"
#include "feeds/simulated_market.hpp"

namespace argosy::data {
namespace {

using core::Error;
using core::ErrorCode;
using feeds::SimulatedHistory;
using feeds::SimulatedMarket;

// Of the whole work, the part that makes bars, that compares them with what is there, and that writes.
constexpr double kMaking = 0.4;
constexpr double kComparing = 0.2;
constexpr double kWriting = 0.4;

// Whether one list begins with the other.
template <class T>
bool one_begins_other(std::span<const T> a, std::span<const T> b) {
  const std::size_t common = std::min(a.size(), b.size());
  return std::ranges::equal(a.first(common), b.first(common));
}

std::size_t common_bars(const market::BarColumns& a, const market::BarColumns& b) {
  const std::size_t rows = std::min(a.size(), b.size());
  std::size_t row = 0;
  while (row < rows && a.at(row) == b.at(row)) ++row;
  return row;
}

// Why what the lake holds of a symbol is not of the simulated market; nothing when it is, or there is nothing.
using Conflict = std::optional<std::string>;

class Storing {
 public:
  Storing(lake::Transaction& transaction, const SimulatedMarket& market, bool replace, SimulateReport& report)
      : transaction_(transaction),
        market_(market),
        timeframe_(market.settings().timeframe),
        replace_(replace),
        report_(report),
        tables_(transaction.tables()) {}

  // Call it first.
  core::Result<void> look() {
    ARGOSY_TRY(const std::vector<lake::Series> all, transaction_.base().series());
    for (const lake::Series& series : all) {
      if (series.timeframe == timeframe_) hashes_[series.symbol] = series.hash;
    }
    return {};
  }

  core::Result<void> store(std::size_t index, const SimulatedHistory& history) {
    const market::Instrument& instrument = market_.instruments()[index];
    const std::string& symbol = instrument.symbol;
    market::BarColumns stored;
    if (const auto hash = hashes_.find(symbol); hash != hashes_.end()) {
      // Mostly the bars are the same, and need not be read to know it.
      if (lake::series_hash(history.bars, timeframe_) == hash->second) {
        stored = history.bars;
      } else {
        ARGOSY_TRY(stored, transaction_.base().load(symbol, timeframe_, {}, {}));
      }
    }
    ARGOSY_TRY(const Conflict conflict, find_conflict(index, history, stored));
    if (conflict && !replace_) {
      return core::fail(Error(ErrorCode::kAlreadyExists, fmt::format("{} holds other data: {}", symbol, *conflict))
                            .with_hint("choose other symbols with --prefix, or give --replace to put the simulated "
                                       "data in its place"));
    }
    if (conflict) {
      ARGOSY_TRY_VOID(forget(symbol));
      stored = {};
      ++report_.replaced;
    }
    market::BarColumns fresh;
    for (std::size_t row = stored.size(); row < history.bars.size(); ++row) fresh.push_back(history.bars.at(row));
    report_.added += static_cast<std::int64_t>(fresh.size());
    report_.unchanged += static_cast<std::int64_t>(history.bars.size() - fresh.size());
    ARGOSY_TRY_VOID(transaction_.put(symbol, timeframe_, fresh));
    tables_.instruments[symbol] = instrument;
    tables_.anchors.try_emplace(symbol, history.bars.key.front());
    // Other timeframes may have brought actions of more days.
    if (auto& actions = tables_.actions[symbol]; actions.size() < history.actions.size()) actions = history.actions;
    if (tables_.actions[symbol].empty()) tables_.actions.erase(symbol);
    return {};
  }

  core::Result<void> store_universe(const std::string& name, core::Date first) {
    std::vector<lake::UniverseRow> wanted;
    for (const market::Instrument& instrument : market_.instruments())
      wanted.push_back({name, instrument.symbol, first, std::nullopt});
    std::ranges::sort(wanted);
    const auto ours = [&](const lake::UniverseRow& row) { return row.universe == name; };
    const bool others = std::ranges::any_of(tables_.universes, [&](const lake::UniverseRow& row) {
      return ours(row) && !std::ranges::binary_search(wanted, row);
    });
    if (others && !replace_) {
      return core::fail(
          Error(ErrorCode::kAlreadyExists, fmt::format("the universe {} has other members", name))
              .with_hint(fmt::format("argosy data universe list {} shows them; choose another name, or give --replace "
                                     "to make these {} symbols all there is",
                                     name, wanted.size())));
    }
    std::erase_if(tables_.universes, ours);
    tables_.universes.insert(tables_.universes.end(), wanted.begin(), wanted.end());
    std::ranges::sort(tables_.universes);
    return {};
  }

  void finish() { transaction_.set_tables(std::move(tables_)); }

 private:
  core::Result<Conflict> find_conflict(std::size_t index, const SimulatedHistory& history,
                                       const market::BarColumns& stored) {
    const market::Instrument& instrument = market_.instruments()[index];
    const auto& type = core::record_type<market::Instrument>();
    const auto known = tables_.instruments.find(instrument.symbol);
    if (known == tables_.instruments.end() && stored.empty()) return std::nullopt;
    if (known != tables_.instruments.end() && core::csv_row(type, &known->second) != core::csv_row(type, &instrument)) {
      return fmt::format("it is \"{}\"", known->second.name.empty() ? instrument.symbol : known->second.name);
    }
    if (const std::size_t row = common_bars(stored, history.bars); row < std::min(stored.size(), history.bars.size())) {
      return fmt::format("its {} bar {} is another", timeframe_.to_string(),
                         market::format_key(stored.key[row], timeframe_));
    }
    const auto actions = tables_.actions.find(instrument.symbol);
    if (actions != tables_.actions.end() &&
        !one_begins_other<market::CorporateAction>(actions->second, history.actions)) {
      return std::string("it has other splits or dividends");
    }
    return find_other_timeframe(index);
  }

  // Bars of other lengths must be of the same market too: some days of them tell.
  core::Result<Conflict> find_other_timeframe(std::size_t index) {
    const std::string& symbol = market_.instruments()[index].symbol;
    constexpr std::int64_t kDays = 20;
    for (const market::Timeframe timeframe : transaction_.base().timeframes(symbol)) {
      if (timeframe == timeframe_) continue;
      const std::string name = timeframe.to_string();
      if (!others_.contains(name)) {
        feeds::SimulatedMarketSettings settings = market_.settings();
        settings.days = std::min(settings.days, kDays);
        settings.timeframe = timeframe;
        others_.emplace(name, SimulatedMarket::make(settings));
      }
      const core::Result<SimulatedMarket>& market = others_.at(name);
      std::string differs = fmt::format("its {} bars are of another market", name);
      if (!market) return differs;
      const SimulatedHistory history = market->history(index);
      ARGOSY_TRY(const market::BarColumns stored,
                 transaction_.base().load(symbol, timeframe, {}, history.bars.key.back()));
      if (common_bars(stored, history.bars) < std::min(stored.size(), history.bars.size())) return differs;
    }
    return std::nullopt;
  }

  core::Result<void> forget(const std::string& symbol) {
    for (const market::Timeframe timeframe : transaction_.base().timeframes(symbol)) {
      ARGOSY_TRY_VOID(transaction_.drop(symbol, timeframe));
    }
    tables_.actions.erase(symbol);
    tables_.anchors.erase(symbol);
    std::erase_if(tables_.quality, [&](const lake::QualityRow& row) { return row.symbol == symbol; });
    return {};
  }

  lake::Transaction& transaction_;
  const SimulatedMarket& market_;
  market::Timeframe timeframe_;
  bool replace_;
  SimulateReport& report_;
  lake::Tables tables_;
  std::map<std::string, std::string> hashes_;  // of the symbols that have bars of this timeframe
  std::map<std::string, core::Result<SimulatedMarket>>
      others_;  // this market in other timeframes, the first days of it
};

core::Result<void> check_size(const SimulatedMarket& market) {
  const auto symbols = static_cast<std::int64_t>(market.instruments().size());
  if (market.bars_per_symbol() <= core::limits::kSimulatedBars / symbols) return {};
  return core::fail(
      Error(ErrorCode::kInvalidArgument, fmt::format("{} symbols with {} bars each are more than {} bars", symbols,
                                                     market.bars_per_symbol(), core::limits::kSimulatedBars))
          .with_hint("ask for fewer symbols, fewer days or a longer timeframe"));
}

void count(const SimulatedHistory& history, SimulateReport& report) {
  for (const market::CorporateAction& action : history.actions)
    ++(action.kind == market::ActionKind::kSplit ? report.splits : report.dividends);
}

}  // namespace

core::Result<SimulateReport> simulate(const lake::Lake& lake, const SimulateRequest& request,
                                      const lake::Progress& progress, const lake::BeforeCommit& before_commit) {
  if (!request.universe.empty()) {
    ARGOSY_TRY_VOID(check_universe_name(request.universe));
  }
  ARGOSY_TRY(const SimulatedMarket market, SimulatedMarket::make(request.market));
  ARGOSY_TRY_VOID(check_size(market));
  const auto tell = [&](double done) {
    if (progress) progress(done);
  };
  const std::size_t symbols = market.instruments().size();
  const auto part = [&](std::size_t index) { return static_cast<double>(index) / static_cast<double>(symbols); };
  // Made before the lock is taken, so that nobody waits for it.
  std::vector<SimulatedHistory> histories;
  for (std::size_t i = 0; i < symbols; ++i) {
    histories.push_back(market.history(i));
    tell(kMaking * part(i));
  }
  const market::Timeframe timeframe = request.market.timeframe;
  const market::BarColumns& bars = histories.front().bars;
  const core::Date first = market.first_day();
  SimulateReport report;
  report.universe = request.universe;
  report.timeframe = timeframe.to_string();
  report.symbols = static_cast<std::int64_t>(symbols);
  report.days = request.market.days;
  report.first = market::format_key(bars.key.front(), timeframe);
  report.last = market::format_key(bars.key.back(), timeframe);

  ARGOSY_TRY(lake::Transaction transaction, lake.begin());
  Storing storing(transaction, market, request.replace, report);
  ARGOSY_TRY_VOID(storing.look());
  for (std::size_t i = 0; i < symbols; ++i) {
    count(histories[i], report);
    ARGOSY_TRY_VOID(storing.store(i, histories[i]));
    histories[i] = {};  // the transaction has them now
    tell(kMaking + kComparing * part(i));
  }
  if (!request.universe.empty()) {
    ARGOSY_TRY_VOID(storing.store_universe(request.universe, first));
  }
  storing.finish();
  if (before_commit) ARGOSY_TRY_VOID(before_commit(transaction));
  ARGOSY_TRY_VOID(transaction.commit([&](double done) { tell(kMaking + kComparing + kWriting * done); }));
  return report;
}

}  // namespace argosy::data
