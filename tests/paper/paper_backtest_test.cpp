// Same bars, same costs, same strategy: a backtest and the paper broker give the same fills. The engine of the backtest
// decides on both sides; on one its orders go to the simulated exchange, on the other as lines of text to the venue.
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>

#include "brokers/paper_client.hpp"
#include "brokers/test_world.hpp"
#include "data/bar_text.hpp"
#include "engine/engine.hpp"
#include "honesty/test_run.hpp"
#include "ledger/records.hpp"

namespace argosy {
namespace {

using brokers::OrderReport;
using brokers::ReportedState;
using core::Money;
using core::Quantity;
using trading::OrderEvent;
using trading::OrderId;

std::string read_text(const std::string& name) {
  std::ifstream file(std::string(ARGOSY_SOURCE_DIR) + "/samples/" + name, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

data::SymbolData read_symbol(const std::string& name) {
  data::SymbolData out{.timeframe = market::Timeframe()};
  out.instrument = {.symbol = name, .exchange = "XNAS"};
  const auto text = data::read_bar_text(read_text("bars/" + name + ".csv"), name, {.symbol = name});
  if (!text) ADD_FAILURE() << text.error().describe();
  for (const data::BarLine& line : text->lines) out.bars.push_back(line.bar);
  out.factors.price.assign(out.bars.size(), 1.0);
  out.factors.split.assign(out.bars.size(), 1.0);
  return out;
}

// The paper broker as the engine's broker: every order is a line, and every line's answer an event.
class PaperBroker final : public trading::Broker, private trading::BrokerConnectionListener {
 public:
  PaperBroker(const backtest::SimulationSettings& settings, const std::vector<data::SymbolData>& symbols)
      : symbols_(symbols), client_("paper", std::chrono::seconds(5)) {
    client_.set_listener(*this);
    brokers::PaperTerms terms{.settings = {.prices = "1d"}, .exchange = settings.exchange, .takes_quotes = false};
    terms.exchange.fees = settings.engine.fees;
    terms.exchange.account = {.cash = {}, .currency = "USD"};
    database_ = brokers::open_paper(folder_.path(), clock_);
    const auto find = [this](const std::string& symbol) -> core::Result<market::Instrument> {
      for (const data::SymbolData& data : symbols_) {
        if (data.instrument.symbol == symbol) return data.instrument;
      }
      return core::fail(core::ErrorCode::kNotFound, symbol);
    };
    venue_ = std::move(brokers::PaperVenue::open(terms, *database_, find, clock_).value());
    venue_->connect(kSession);
    client_.start(clock_.now());
    talk();
    EXPECT_TRUE(client_.ask(brokers::Fund{1, "USD", settings.engine.account.cash}, clock_.now()));
    for (const data::SymbolData& data : symbols_) EXPECT_TRUE(venue_->list(data.instrument.symbol));
    talk();
  }

  void set_listener(trading::BrokerListener& listener) { listener_ = &listener; }
  void on_bar(trading::InstrumentIndex i, const market::Bar& bar) {
    key_ = bar.key;
    EXPECT_TRUE(venue_->on_bar(symbols_[i].instrument.symbol, bar));
  }
  void match() {
    venue_->match();
    talk();
  }

  void submit(trading::Approved<trading::Order>&& approved) override {
    const trading::Order& order = approved.value();
    const brokers::OrderTicket ticket{.client_order_id = "o-" + std::to_string(order.id.value()),
                                      .symbol = symbols_[order.instrument].instrument.symbol,
                                      .side = order.side,
                                      .kind = order.kind,
                                      .time_in_force = order.time_in_force,
                                      .quantity = order.quantity,
                                      .limit = order.limit,
                                      .stop = order.stop,
                                      .closes = order.effect == trading::Effect::kClose,
                                      .shrink_to_cash = order.shrink_to_cash};
    EXPECT_TRUE(client_.submit(live::LedgerWriter::commit(ticket), clock_.now()));
    talk();
  }
  void cancel(OrderId id) override {
    EXPECT_TRUE(client_.ask(brokers::CancelOrder{"o-" + std::to_string(id.value()), {}}, clock_.now()));
    talk();
  }
  void replace(trading::Approved<trading::OrderChange>&&) override { ADD_FAILURE() << "nothing is replaced here"; }

  [[nodiscard]] const brokers::PaperVenue& venue() const { return *venue_; }
  [[nodiscard]] std::vector<brokers::PaperFillRow> fills() {
    return database_
        ->read([](ledger::Transaction& work) { return ledger::select<brokers::PaperFillRow>(work, "ORDER BY 1"); })
        .value();
  }

 private:
  static constexpr brokers::PaperSession kSession{1};

  void talk() {
    std::string sent = client_.take_output();
    while (true) {
      venue_->receive(kSession, sent);
      ASSERT_TRUE(venue_->flush());
      const auto outputs = venue_->take_output();
      for (const brokers::PaperOutput& output : outputs) ASSERT_TRUE(client_.receive(output.bytes, clock_.now()));
      sent = client_.take_output();
      if (sent.empty()) return;
    }
  }

  void on_connected() override {}
  void on_disconnected(const core::Error& why) override { ADD_FAILURE() << why.describe(); }
  void on_order(const OrderReport& report) override {
    const OrderId id(std::stoll(report.client_order_id.substr(2)));
    for (const trading::ReportedFill& fill : report.fills) {
      if (!seen_.insert(fill.broker_fill_id).second) continue;
      tell({.order = id,
            .event = report.state == ReportedState::kFilled ? OrderEvent::kFill : OrderEvent::kPartialFill,
            .price = fill.price,
            .quantity = fill.quantity,
            .fee = fill.fee,
            .key = key_});
    }
    if (!report.fills.empty()) return;
    const std::map<ReportedState, OrderEvent> events{{ReportedState::kWorking, OrderEvent::kAccept},
                                                     {ReportedState::kCancelled, OrderEvent::kCancel},
                                                     {ReportedState::kRejected, OrderEvent::kReject},
                                                     {ReportedState::kExpired, OrderEvent::kExpire}};
    tell({.order = id, .event = events.at(report.state), .key = key_});
  }
  void on_no_order(const std::string& id) override { ADD_FAILURE() << id; }
  void on_open_orders(std::span<const OrderReport>) override {}
  void on_history(std::span<const OrderReport>) override {}
  void on_account(const trading::AccountReport&) override {}
  void on_cancel_refused(const std::string& id, const std::string& reason) override { ADD_FAILURE() << id << reason; }
  void on_funded(std::int64_t) override {}

  void tell(const trading::BrokerEvent& event) {
    ASSERT_NE(listener_, nullptr);
    listener_->on_broker_event(event);
  }

  const std::vector<data::SymbolData>& symbols_;
  brokers::TestFolder folder_;
  core::SimulatedClock clock_{core::Timestamp(std::chrono::seconds(1'700'000'000))};
  std::unique_ptr<ledger::Database> database_;
  std::unique_ptr<brokers::PaperVenue> venue_;
  brokers::PaperClient client_;
  trading::BrokerListener* listener_ = nullptr;
  std::int64_t key_ = 0;
  std::set<std::string> seen_;
};

// The orders' fills, and those of the same orders at the venue.
void compare(const std::string& strategy, const std::vector<std::string>& names, std::size_t least_fills) {
  std::vector<data::SymbolData> symbols;
  for (const std::string& name : names) symbols.push_back(read_symbol(name));
  const auto file = strategy::parse_strategy(read_text("strategies/" + strategy), strategy);
  ASSERT_TRUE(file) << file.error().describe();
  const honesty::TestRun backtest(*file, symbols);

  PaperBroker broker(backtest.settings, symbols);
  std::vector<market::Instrument> instruments;
  for (const data::SymbolData& data : symbols) instruments.push_back(data.instrument);
  engine::Engine engine(backtest.settings.engine, instruments, broker);
  broker.set_listener(engine);
  std::vector<std::size_t> rows(symbols.size(), 0);
  for (const std::int64_t key : backtest.run.keys) {
    const auto has_bar = [&](trading::InstrumentIndex i) {
      return rows[i] < symbols[i].bars.size() && symbols[i].bars.key[rows[i]] == key;
    };
    for (trading::InstrumentIndex i = 0; i < symbols.size(); ++i) {
      if (has_bar(i)) broker.on_bar(i, symbols[i].bars.at(rows[i]));
    }
    broker.match();
    for (trading::InstrumentIndex i = 0; i < symbols.size(); ++i) {
      if (!has_bar(i)) continue;
      const std::size_t row = rows[i]++;
      const strategy::Signals& signals = backtest.signals.symbols[i];
      engine.on_bar_closed(i, symbols[i].bars.close[row], signals.bits[row],
                           {.columns = signals.columns, .row = row, .factors = symbols[i].factors.price.data()});
    }
    engine.on_instant_closed(key);
  }

  const std::vector<trading::Order>& wanted = backtest.run.orders;
  const auto orders = engine.account().orders();
  ASSERT_EQ(orders.size(), wanted.size());
  std::map<std::int64_t, brokers::PaperFillRow> fills;
  for (const brokers::PaperFillRow& row : broker.fills()) {
    EXPECT_FALSE(fills.contains(row.order_number)) << "one fill an order, without a cap of volume";
    fills[row.order_number] = row;
  }
  EXPECT_GE(fills.size(), least_fills);
  std::int64_t number = 0;  // at the venue, which does not see orders that the gate denies
  for (std::size_t k = 0; k < wanted.size(); ++k) {
    SCOPED_TRACE(wanted[k].id.value());
    EXPECT_EQ(orders[k].state, wanted[k].state);
    EXPECT_EQ(orders[k].quantity, wanted[k].quantity);
    EXPECT_EQ(orders[k].filled, wanted[k].filled);
    EXPECT_EQ(orders[k].fill_price, wanted[k].fill_price);
    EXPECT_EQ(orders[k].fee, wanted[k].fee);
    EXPECT_EQ(orders[k].filled_key, wanted[k].filled_key);
    if (wanted[k].state == trading::OrderState::kDenied) continue;
    const auto fill = fills.find(++number);
    ASSERT_EQ(fill != fills.end(), wanted[k].filled.is_positive());
    if (fill == fills.end()) continue;
    EXPECT_EQ(fill->second.price, wanted[k].fill_price);
    EXPECT_EQ(fill->second.bar_key, wanted[k].filled_key);
    EXPECT_EQ(fill->second.fee, wanted[k].fee);
    EXPECT_EQ(fill->second.rule, to_string(wanted[k].rule));
  }
  EXPECT_EQ(broker.venue().exchange().cash(), backtest.run.final_cash);
}

TEST(PaperAndBacktest, MarketOrdersOverTwentyYears) { compare("golden_cross.yaml", {"AAPL"}, 10); }
TEST(PaperAndBacktest, LimitOrdersForADay) { compare("rsi_reversion.yaml", {"AAPL"}, 100); }
TEST(PaperAndBacktest, TheBestOfFour) { compare("momentum.yaml", {"AAPL", "MSFT", "IBM", "GOOG"}, 20); }

}  // namespace
}  // namespace argosy
