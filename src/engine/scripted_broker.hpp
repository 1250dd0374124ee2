// For tests: a broker that accepts everything and fills when it is told to, and an engine in front of it.
//
//   Desk desk({.account = {.cash = money("1000")}});
//   desk.close(1, "10", strategy::kBuy);
//   desk.fill(0, "10.2");                        // the first order that was submitted
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "engine/engine.hpp"

namespace argosy::engine {

inline Price price(const char* text) { return *Price::parse(text); }
inline Money money(const char* text) { return *Money::parse(text); }
inline Rate rate(const char* text) { return *Rate::parse(text); }
inline Quantity shares(std::int64_t count) { return Quantity::from_integer(count); }

class ScriptedBroker final : public trading::Broker {
 public:
  void submit(trading::Approved<trading::Order>&& order) override {
    submitted.push_back(order.value());
    engine->on_broker_event({.order = order.value().id, .event = trading::OrderEvent::kAccept});
  }
  void cancel(OrderId order) override {
    cancelled.push_back(order);
    engine->on_broker_event({.order = order, .event = trading::OrderEvent::kCancel});
  }
  void replace(trading::Approved<trading::OrderChange>&& change) override {
    replaced.push_back(change.value());
    engine->on_broker_event({.order = change.value().order, .event = trading::OrderEvent::kReplace});
  }
  void fill(const trading::Order& order, Price at, std::int64_t key = 0) {
    engine->on_broker_event({.order = order.id,
                             .event = trading::OrderEvent::kFill,
                             .price = at,
                             .quantity = engine->account().order(order.id).remaining(),
                             .key = key});
  }
  Engine* engine = nullptr;
  std::vector<trading::Order> submitted;
  std::vector<OrderId> cancelled;
  std::vector<trading::OrderChange> replaced;
};

// One closed bar, as a test writes it.
struct TestBar {
  InstrumentIndex instrument = 0;
  Price close;
  std::uint8_t signals = 0;
  std::vector<double> values = {};  // of the row's columns
  double factor = 1;
};

struct Desk {
  explicit Desk(const EngineSettings& settings = {.account = {.cash = money("1000")}}, std::size_t count = 1)
      : engine(settings, instruments(count), broker), columns(count) {
    broker.engine = &engine;
  }
  static std::vector<market::Instrument> instruments(std::size_t count) {
    std::vector<market::Instrument> out(count);
    for (std::size_t i = 0; i < count; ++i) out[i].symbol = std::string(1, static_cast<char>('A' + i));
    return out;
  }
  // The bars of an instant, in the order in which they are told.
  void instant(std::int64_t key, const std::vector<TestBar>& bars) {
    for (const TestBar& bar : bars) {
      auto& own = columns[bar.instrument];
      own.clear();
      for (const double value : bar.values) own.push_back({value});
      engine.on_bar_closed(bar.instrument, bar.close, bar.signals, {.columns = own, .row = 0, .factors = &bar.factor});
    }
    engine.on_instant_closed(key);
  }
  void close(std::int64_t key, const char* at, std::uint8_t signals, std::vector<double> values = {},
             double factor = 1) {
    instant(key, {{.close = price(at), .signals = signals, .values = std::move(values), .factor = factor}});
  }
  // The n-th order that was submitted, as it is now.
  [[nodiscard]] const trading::Order& order(std::size_t n) const {
    return engine.account().order(broker.submitted.at(n).id);
  }
  [[nodiscard]] std::size_t orders() const { return broker.submitted.size(); }
  void fill(std::size_t n, const char* at, std::int64_t key = 0) { broker.fill(order(n), price(at), key); }

  ScriptedBroker broker;
  Engine engine;
  std::vector<std::vector<std::vector<double>>> columns;  // of each instrument
};

// The columns of these roles, in this order.
inline strategy::RoleColumns columns_of(const std::vector<strategy::Role>& roles) {
  strategy::RoleColumns out;
  for (std::size_t k = 0; k < roles.size(); ++k)
    out[static_cast<std::size_t>(roles[k])] = static_cast<std::uint32_t>(k);
  return out;
}

}  // namespace argosy::engine
