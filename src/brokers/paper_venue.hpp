// The venue behind the paper broker: one account, whose orders are filled from bars or quotes by venue/, and whose
// books are in `paper.db`. Without streams, threads or timers: bytes and prices go in, bytes come out. PaperServer
// joins it to a network.
//
//   ARGOSY_TRY(auto venue, PaperVenue::open(terms, *database, find_instrument, clock));
//   venue->connect(session);
//   venue->receive(session, bytes);               // any number of messages, from any number of sessions
//   ARGOSY_TRY_VOID(venue->on_quote("AAPL", quote));
//   ARGOSY_TRY_VOID(venue->flush());              // all of it is committed in one unit of work ...
//   for (PaperOutput& out : venue->take_output()) send(out);        // ... and only then answered
//
// What was answered or reported is on the disk: whoever kills the process loses nothing that anybody was told. An error
// of flush() leaves everything as it is, and the answers where they are: call it again. What the venue does depends on
// its inputs, their order and its seed alone.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "brokers/paper_protocol.hpp"
#include "brokers/paper_settings.hpp"
#include "brokers/paper_store.hpp"
#include "core/clock.hpp"
#include "core/id.hpp"
#include "core/result.hpp"
#include "market/bar.hpp"
#include "market/corporate_actions.hpp"
#include "market/quote.hpp"
#include "net/frames.hpp"
#include "venue/simulated_exchange.hpp"

namespace argosy::brokers {

using PaperSession = core::Id<struct PaperSessionTag>;
using FindInstrument = std::function<core::Result<market::Instrument>(const std::string& symbol)>;

struct PaperOutput {
  PaperSession session;
  std::string bytes;
  bool closes = false;  // after the bytes
};

class PaperVenue final : private trading::BrokerListener {
 public:
  // Goes on where the database stands. `find_instrument`: kNotFound for symbols that are not traded. All outlive the
  // venue.
  [[nodiscard]] static core::Result<std::unique_ptr<PaperVenue>> open(const PaperTerms& terms,
                                                                      ledger::Database& database,
                                                                      FindInstrument find_instrument,
                                                                      const core::Clock& clock);

  // --- Sessions: streams of clients. ---
  void connect(PaperSession session);
  void disconnect(PaperSession session);
  void receive(PaperSession session, std::string_view bytes);

  // --- Prices. Those that are not newer than the last are ignored: they came before. ---
  // Instruments of one instant are matched in the order in which they were listed: at first use, or here. flush()
  // commits it.
  [[nodiscard]] core::Result<void> list(const std::string& symbol);
  // Notes a whole bar; match() then fills what the noted bars fill. kUnsupported when the settings say quotes.
  [[nodiscard]] core::Result<void> on_bar(const std::string& symbol, const market::Bar& bar);
  void match();
  // Sells trade at the bid, buys at the ask, while the exchange is open. kUnsupported when the settings say bars.
  [[nodiscard]] core::Result<void> on_quote(const std::string& symbol, const market::Quote& quote);
  // Before the first price of its ex-date; twice is once. `last_close`: the close before it. Returns the one that
  // counts: the first that was told. What was traded since the ex-date is left as it is, but for a delisting.
  [[nodiscard]] core::Result<core::Price> apply(const std::string& symbol, const market::CorporateAction& action,
                                                core::Price last_close);
  void set_rate(std::string_view currency, const market::ExchangeRate& rate) { exchange_.set_rate(currency, rate); }

  // Commits, and lets the answers go.
  [[nodiscard]] core::Result<void> flush();
  // What is due by now, in the order in which it was said.
  [[nodiscard]] std::vector<PaperOutput> take_output();
  // When more will be due; nothing: when more happens.
  [[nodiscard]] std::optional<core::Timestamp> next_due() const;

  [[nodiscard]] const venue::SimulatedExchange& exchange() const { return exchange_; }
  [[nodiscard]] std::size_t working_count() const { return exchange_.working_count(); }

 private:
  struct Session {
    net::FrameReader reader;
    bool logged_in = false;
    bool closed = false;  // refused: nothing more is heard
  };
  struct Listed {
    market::Instrument instrument;
    PaperHoldingRow row;
    core::Price last_price;
  };
  // An order that works, or that has ended and is not committed yet.
  struct Placed {
    PaperOrderRow row;
    trading::InstrumentIndex instrument = 0;
    std::vector<trading::ReportedFill> fills;
  };
  // A message whose turn comes after the commit.
  struct Draft {
    PaperSession session;
    std::int64_t id = 0;  // of the question; 0: a report
    Answer answer;
    bool closes = false;
    bool is_silent = false;  // closes without a word
  };
  // The question that is carried out: the first event of its order is its answer.
  struct Asking {
    PaperSession session;
    std::int64_t id = 0;
    std::int64_t order = 0;
    bool answered = false;
  };

  PaperVenue(const PaperTerms& terms, ledger::Database& database, FindInstrument find_instrument,
             const core::Clock& clock, PaperState&& state);
  [[nodiscard]] core::Result<void> restore(const PaperState& state);

  // paper_questions.cpp: what a client says.
  void hear(PaperSession session, std::string_view line);
  void refuse(PaperSession session, std::int64_t id, const core::Error& error, bool closes);
  void answer(PaperSession session, std::int64_t id, Answer answer);
  // An error: the database does not answer. The session is closed without a word, for nothing is known.
  [[nodiscard]] core::Result<void> carry_out(PaperSession session, std::int64_t id, const Question& question);
  void login(PaperSession session, std::int64_t id, const Login& login);
  [[nodiscard]] core::Result<void> submit(PaperSession session, std::int64_t id, const trading::OrderTicket& ticket);
  void place(std::int64_t number, const trading::OrderTicket& ticket);
  [[nodiscard]] std::optional<std::string> find_objection(const trading::OrderTicket& ticket, std::int64_t number,
                                                          const trading::Order& order);
  void reject(std::int64_t number, const std::string& note);
  [[nodiscard]] core::Result<void> cancel(PaperSession session, std::int64_t id, const CancelOrder& cancel);
  [[nodiscard]] core::Result<void> ask_order(PaperSession session, std::int64_t id, const AskOrder& ask);
  void ask_open_orders(PaperSession session, std::int64_t id);
  void ask_account(PaperSession session, std::int64_t id);
  [[nodiscard]] core::Result<void> answer_history(const Draft& draft, core::Timestamp since);
  [[nodiscard]] core::Result<void> fund(PaperSession session, std::int64_t id, const Fund& fund);
  // An order by what a client calls it; nothing: there is none.
  [[nodiscard]] core::Result<std::optional<trading::OrderReport>> find(const std::string& client_order_id,
                                                                       const std::string& broker_order_id);
  [[nodiscard]] trading::OrderReport snapshot(const Placed& placed) const;

  // paper_venue.cpp: what the exchange does.
  [[nodiscard]] core::Result<trading::InstrumentIndex> find_or_list(const std::string& symbol);
  void on_broker_event(const trading::BrokerEvent& event) override;
  void on_cash_event(const trading::CashEvent& event) override;
  [[nodiscard]] trading::ReportedFill book_fill(Placed& placed, const trading::BrokerEvent& event);
  void report(const Placed& placed, const std::vector<trading::ReportedFill>& fills);
  void follow_split(trading::InstrumentIndex i);
  // What a balance got since its row was written; the row follows.
  core::Money take_cash(std::size_t purse);
  [[nodiscard]] core::Quantity draw_room(trading::InstrumentIndex i, std::int64_t key) const;
  [[nodiscard]] bool is_traded_since(trading::InstrumentIndex i, core::Date date) const;
  [[nodiscard]] bool is_open(const market::Instrument& instrument, core::Timestamp time) const;
  void touch(std::int64_t number);
  // Brings the row to what the exchange has; true when it changed.
  bool follow(Placed& placed) const;
  void collect_changes();
  void forget_ended();
  void release();

  PaperTerms terms_;
  ledger::Database& database_;
  FindInstrument find_instrument_;
  const core::Clock& clock_;
  venue::SimulatedExchange exchange_;

  std::vector<Listed> listed_;  // by instrument
  std::map<std::string, trading::InstrumentIndex, std::less<>> index_of_;
  std::unordered_map<std::int64_t, Placed> orders_;  // by number
  std::unordered_map<std::string, std::int64_t> by_client_;
  std::vector<PaperAccountRow> accounts_;  // by the exchange's balance
  std::int64_t last_order_ = 0;
  std::int64_t last_fill_ = 0;

  // Not committed yet.
  PaperChanges changes_;
  std::set<std::int64_t> changed_orders_;
  std::set<trading::InstrumentIndex> changed_holdings_;
  std::set<std::size_t> changed_accounts_;
  std::set<trading::InstrumentIndex> priced_;  // whose orders may have moved on

  std::map<PaperSession, Session> sessions_;
  Asking asking_;
  std::vector<Draft> drafts_;
  std::vector<std::pair<Draft, core::Timestamp>> histories_;  // asked for, answered from what is committed
  std::multimap<core::Timestamp, PaperOutput> due_;
  std::uint64_t released_ = 0;  // counts what was said, for what is lost and what is repeated
};

}  // namespace argosy::brokers
