// The market's side of `argosy serve`: the simulated feed, the checking of its quotes, exchange rates, the making of
// bars, and the paper venue. All of it works on one thread, the executor's; what it gives is called there.
//
//   ARGOSY_TRY(auto market, ServedMarket::open(settings, executor, real_clock, ports));
//   market->connect(memory, database);                    // the venue listens
//   market->add(traded);                                  // from any thread: its quotes begin
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "brokers/paper_server.hpp"
#include "brokers/paper_settings.hpp"
#include "brokers/paper_venue.hpp"
#include "core/executor.hpp"
#include "core/result.hpp"
#include "feeds/demo_feed.hpp"
#include "feeds/demo_market.hpp"
#include "feeds/simulated_rates.hpp"
#include "ledger/database.hpp"
#include "live/action_teller.hpp"
#include "live/live_bars.hpp"
#include "market/quote_validator.hpp"
#include "market/rate_table.hpp"
#include "net/memory.hpp"

namespace argosy::cli {

struct ServedMarketSettings {
  feeds::DemoMarket demo;
  std::uint64_t seed = 1;
  core::Timestamp start;
  core::Duration quote_interval = std::chrono::seconds(1);
  std::map<std::string, core::Price, std::less<>> start_prices = {};
  // When those were prices; the simulated market follows the splits after it. Without one: after the start.
  std::map<std::string, core::Timestamp, std::less<>> priced_at = {};
  live::ActionTeller::Actions actions = {};
  std::vector<feeds::SimulatedRate> first_rates = {};
  market::QuoteRules quotes;
  brokers::PaperTerms paper;
};

class ServedMarket {
 public:
  struct Ports {
    std::function<void(std::int64_t instrument_id, const market::Quote& quote)> quote;  // that is believed
    std::function<void(std::vector<live::LiveBar> closed)> bars;
    std::function<void(std::vector<market::RateQuote> rates)> rates;
    // An action whose day has come, after the venue has booked it (live::Process::push_action).
    std::function<void(std::int64_t instrument_id, const market::CorporateAction& action, core::Price last_close)>
        action;
  };

  // Executor and clock outlive it; the executor's thread has ended before it is destroyed.
  [[nodiscard]] static core::Result<std::unique_ptr<ServedMarket>> open(ServedMarketSettings settings,
                                                                        core::Executor& executor,
                                                                        const core::Clock& real, Ports ports);

  // Before the executor works on anything: what was traded before, so that the venue finds it again.
  void know(const live::TradedInstrument& traded);
  // Opens the venue on its books, which outlive this, and lets it listen at `address`.
  [[nodiscard]] core::Result<void> connect(net::MemoryNetwork& memory, const net::Address& address,
                                           ledger::Database& books);
  // What currencies are worth at the start.
  [[nodiscard]] std::vector<market::RateQuote> rates() const { return rates_.rates(); }

  // --- From any thread. ---
  void add(const live::TradedInstrument& traded);
  void want_bars(const std::string& symbol, market::Timeframe timeframe);
  // Splits, dividends and delistings, all that are known now.
  void set_actions(live::ActionTeller::Actions actions);
  // kNotFound for what nobody asked to be quoted.
  [[nodiscard]] core::Result<market::Instrument> instrument(const std::string& symbol) const;
  [[nodiscard]] std::int64_t quarantined() const { return quarantined_.load(); }

 private:
  ServedMarket(ServedMarketSettings settings, core::Executor& executor, const core::Clock& real, Ports ports);
  [[nodiscard]] core::Result<void> start_rates();
  void on_quote(const std::string& symbol, const market::Quote& told);
  void tell_action(const live::ActionTeller::Told& told);
  void look_at_actions();
  void pump_rates();
  void tell_venue_rates();
  void tell_trouble(const core::Error& error);
  [[nodiscard]] feeds::DemoFeed& feed_of(const market::Instrument& instrument);

  struct Known {
    live::TradedInstrument traded;
    std::optional<std::uint32_t> place;  // in the validator
    const market::Calendar* calendar = nullptr;
    std::vector<market::CorporateAction> splits = {};  // that simulated prices follow
  };
  void find_splits(Known& known) const;
  [[nodiscard]] static market::Quote follow_splits(const Known& known, market::Quote quote);

  ServedMarketSettings settings_;
  core::Executor& executor_;
  const core::Clock& real_;
  Ports ports_;
  std::map<std::string, Known, std::less<>> known_;
  std::set<std::string> currencies_;  // of them
  mutable std::mutex symbols_mutex_;
  std::map<std::string, market::Instrument, std::less<>> symbols_;  // under symbols_mutex_: of known_
  market::QuoteValidator validator_;
  std::atomic<std::int64_t> quarantined_ = 0;
  live::LiveBars bars_;
  live::ActionTeller teller_;
  std::map<std::string, std::unique_ptr<feeds::DemoFeed>> feeds_;  // by exchange
  market::RateTable rates_{core::Duration::max()};
  std::optional<feeds::SimulatedRates> simulated_rates_;
  std::optional<core::Duration> trouble_;  // when it was told
  std::unique_ptr<net::Network> net_;
  std::unique_ptr<brokers::PaperVenue> venue_;
  std::unique_ptr<brokers::PaperServer> server_;
};

}  // namespace argosy::cli
