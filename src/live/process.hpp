// A process that trades: book, desks, trading cycle, ledger writer and the requests that come in, on two executors. The
// first runs everything that decides; the second everything that waits for a disk. Threads, clocks, feeds and brokers
// are made by whoever makes the process.
//
//   Process process(settings, held.holder, *database, trading, ledger_thread.executor(), makers);
//   ARGOSY_TRY_VOID(process.load());
//   process.add_account(desk_settings, limits, fees, connection);
//   process.begin();
//   process.quotes().push(instrument_id, quote);      // from any thread
//   trading.run();
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/executor.hpp"
#include "ledger/database.hpp"
#include "ledger/holder.hpp"
#include "ledger/requests.hpp"
#include "live/ledger_writer.hpp"
#include "live/live_bars.hpp"
#include "live/trader.hpp"

namespace argosy::live {

// Prices on their way to the trading thread. Of each instrument only the last one waits (coalesce): an older price is
// worth nothing. Corporate actions wait all, and are taken before every price that was pushed after them.
class QuoteInbox {
 public:
  struct DueAction {
    std::int64_t instrument_id = 0;
    market::CorporateAction action;
    Price last_close;
  };

  // `wake` is called, from the pushing thread, when there was nothing before.
  explicit QuoteInbox(std::function<void()> wake) : wake_(std::move(wake)) {}
  void push(std::int64_t instrument_id, const market::Quote& quote);
  void push(const DueAction& action);
  // What waits, in the order in which the instruments came.
  void take(std::vector<std::pair<std::int64_t, market::Quote>>& out, std::vector<DueAction>& actions);

 private:
  std::function<void()> wake_;
  std::mutex mutex_;
  std::vector<std::pair<std::int64_t, market::Quote>> waiting_;
  std::vector<DueAction> actions_;
  std::unordered_map<std::int64_t, std::size_t> place_;
};

struct ProcessSettings {
  TraderSettings trader;
  core::Duration checks_every = std::chrono::milliseconds(200);   // by the trading clock
  core::Duration requests_every = std::chrono::milliseconds(20);  // by the ledger executor's clock
  LedgerWriter::Settings writer;
  core::Duration rate_age = std::chrono::hours(96);  // an older exchange rate buys nothing
};

class Process {
 public:
  using OnInstrument = std::function<void(const TradedInstrument&)>;
  using OnFailed = std::function<void(const core::Error&)>;

  // Makers, database and executors outlive it. `request_database`: a second connection to the same ledger, also used on
  // `ledger` alone.
  Process(const ProcessSettings& settings, ledger::HolderRow holder, ledger::Database& database,
          ledger::Database& request_database, core::Executor& trading, core::Executor& ledger, MakerSource makers,
          trading::FeeSchedule fees);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  // Reads the ledger; before anything else.
  [[nodiscard]] core::Result<void> load();
  // A desk of a broker account of the ledger; before begin(). The connection outlives the process.
  void add_account(DeskSettings settings, const trading::LimitProfile& limits, const trading::FeeSchedule& fees,
                   trading::BrokerConnection& connection);
  // What currencies are worth. Before add_account() what is known already, on the calling thread; later from any
  // thread, by push_rates().
  void set_rates(std::span<const market::RateQuote> rates);
  void push_rates(std::vector<market::RateQuote> rates);
  // Told of every instrument that is watched, those of before too; on the trading thread.
  void set_on_instrument(OnInstrument told) { on_instrument_ = std::move(told); }
  // Sees every request, on the ledger's executor, before the trading thread does: what it needs from files is read
  // there.
  void set_on_request(std::function<void(const ledger::Request&)> prepare) { on_request_ = std::move(prepare); }
  // The ledger can never be written again by this process: nothing leaves any more.
  void set_on_failed(OnFailed told) { on_failed_ = std::move(told); }
  // Told on the ledger's executor when requests have been answered; set before begin().
  void set_on_answered(std::function<void(std::span<const ledger::RequestAnswer>)> told) {
    on_answered_ = std::move(told);
  }
  // Something is stored that clients may be told. The same.
  void set_on_stored(std::function<void()> told) { on_stored_ = std::move(told); }
  void begin();
  // No new orders; `done` once nothing is in flight, or `patience` is over, and all is written.
  void shut_down(core::Duration patience, const std::function<void()>& done);

  // A request has been stored: it is not waited until they are looked for again. From any thread.
  void look_for_requests_soon();

  [[nodiscard]] QuoteInbox& quotes() { return quotes_; }
  // A corporate action whose day has come, from any thread, before the first price of that day; again after each start
  // (live/action_watch.hpp). `last_close`: before a split, in old shares.
  void push_action(std::int64_t instrument_id, const market::CorporateAction& action, Price last_close) {
    quotes_.push({.instrument_id = instrument_id, .action = action, .last_close = last_close});
  }
  // Sees each action on the trading thread before anything is booked; set before begin().
  void set_on_action(std::function<void(const market::Instrument& instrument, const market::CorporateAction&)> use) {
    on_action_ = std::move(use);
  }
  // Bars that closed, from any thread; none is lost. `use` (set before begin()) sees them first, on the trading thread,
  // then the services that decide at bars are asked.
  void push_bars(std::vector<LiveBar> bars);
  void set_on_bars(std::function<void(std::span<const LiveBar>)> use) { on_bars_ = std::move(use); }
  [[nodiscard]] Trader& trader() { return trader_; }
  [[nodiscard]] const Book& book() const { return book_; }
  [[nodiscard]] Recorder& recorder() { return recorder_; }
  [[nodiscard]] const std::vector<std::unique_ptr<Desk>>& desks() const { return desks_; }
  [[nodiscard]] LedgerWriter& writer() { return writer_; }
  [[nodiscard]] const std::vector<ledger::BrokerAccountRow>& accounts() const { return accounts_; }
  [[nodiscard]] const std::vector<TradedInstrument>& instruments() const { return instruments_; }  // of load()
  [[nodiscard]] const std::optional<core::Error>& failure() const { return failure_; }
  // Does something on the trading thread, as part of a turn.
  void run_turn(const std::function<void()>& work);

 private:
  void end_turn_soon();
  void end_turn();
  void take_quotes();
  void check();
  void look_for_requests();
  void take_new_requests();
  void take_requests(const std::vector<ledger::Request>& requests, const std::vector<TradedInstrument>& instruments);
  void answer(const ledger::Request& request);
  void wait_for_end(core::Timestamp until, const std::function<void()>& done);
  void wait_for_writer(const std::function<void()>& done);
  [[nodiscard]] LedgerWriter::Hooks hooks();

  ProcessSettings settings_;
  ledger::HolderRow holder_;
  ledger::Database& database_;
  ledger::Database& request_database_;
  core::Executor& trading_;
  core::Executor& ledger_;
  Book book_;
  Recorder recorder_;
  market::RateTable rates_;
  std::vector<std::unique_ptr<Desk>> desks_;
  Trader trader_;
  QuoteInbox quotes_;
  LedgerWriter writer_;
  std::vector<ledger::BrokerAccountRow> accounts_;
  std::vector<TradedInstrument> instruments_;
  std::vector<ledger::FundingRow> fundings_;
  std::vector<std::pair<std::int64_t, market::Quote>> taken_quotes_;
  std::vector<QuoteInbox::DueAction> taken_actions_;
  std::unordered_map<std::int64_t, Slot> slots_;
  OnInstrument on_instrument_;
  OnFailed on_failed_;
  std::function<void(std::span<const LiveBar>)> on_bars_;
  std::function<void(const market::Instrument& instrument, const market::CorporateAction&)> on_action_;
  std::function<void(const ledger::Request&)> on_request_;
  std::function<void(std::span<const ledger::RequestAnswer>)> on_answered_;
  std::function<void()> on_stored_;
  std::optional<core::Error> failure_;
  bool turn_ends_ = false;  // soon
  bool shutting_down_ = false;
  bool ended_ = false;  // nothing is written any more
  std::atomic<bool> begun_ = false;
  std::atomic<bool> looks_soon_ = false;  // it has been posted
  // Only on the ledger's executor.
  std::int64_t last_request_ = 0;
  std::shared_ptr<std::atomic<bool>> alive_;
};

}  // namespace argosy::live
