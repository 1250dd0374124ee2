// For tests: an exchange behind an order manager, bars as text, and what was told as text.
//
//   Desk desk;
//   desk.submit({.side = Side::kBuy, .quantity = shares(10)});
//   desk.bar("100 105 95 101");                       // open, high, low, close
//   desk.log                                          // {"fill 10 at 100 by next_open"}
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/text.hpp"
#include "trading/order_manager.hpp"
#include "venue/simulated_exchange.hpp"

namespace argosy::venue {

using trading::Effect;
using trading::Order;

inline Price price(std::string_view text) { return *Price::parse(text); }
inline Quantity shares(std::int64_t count) { return Quantity::from_integer(count); }
inline Money money(std::string_view text) { return *Money::parse(text); }
inline Rate rate(std::string_view text) { return *Rate::parse(text); }

inline BarView make_bar(std::string_view prices, double volume, std::int64_t key) {
  const auto parts = core::split(prices, ' ');
  return {.key = key,
          .open = price(parts[0]),
          .high = price(parts[1]),
          .low = price(parts[2]),
          .close = price(parts[3]),
          .volume = volume};
}

inline constexpr std::int64_t kOneDay = 86'400'000'000'000;
inline constexpr std::int64_t kOneMinute = 60'000'000'000;

class Desk : private trading::OrderListener {
 public:
  // Ten thousand dollars unless the settings say otherwise; one instrument, A; the mark is 100.
  explicit Desk(ExchangeSettings settings = {}, std::vector<market::Instrument> instruments = {{.symbol = "A"}})
      : Desk(with_cash(std::move(settings)), std::move(instruments), true) {}
  Desk(const Desk&) = delete;
  Desk& operator=(const Desk&) = delete;

  OrderId submit(const Order& order) {
    const OrderId id = orders_.submit(order);
    if (account().orders().back().state == trading::OrderState::kDenied)
      log.push_back(fmt::format("denied: {}", account().orders().back().note));
    return id;
  }
  OrderId buy(std::int64_t count, Order order = {}) { return trade(Side::kBuy, count, Effect::kOpen, order); }
  OrderId sell(std::int64_t count, Order order = {}) { return trade(Side::kSell, count, Effect::kClose, order); }
  OrderId sell_short(std::int64_t count, Order order = {}) { return trade(Side::kSell, count, Effect::kOpen, order); }
  OrderId cover(std::int64_t count, Order order = {}) { return trade(Side::kBuy, count, Effect::kClose, order); }

  // The next bar of the first instrument, alone in its instant; the log starts anew. Its close is the mark.
  void bar(std::string_view prices, double volume = 1000) { bar_at(key_ += step, prices, volume); }
  void bar_at(std::int64_t key, std::string_view prices, double volume = 1000) {
    instant({{0, make_bar(prices, volume, key)}});
  }
  void instant(const std::vector<std::pair<InstrumentIndex, BarView>>& bars) {
    log.clear();
    for (const auto& [i, bar] : bars) exchange.on_bar(i, bar);
    exchange.match();
    for (const auto& [i, bar] : bars) mark(i, bar.close);
    key_ = bars.front().second.key;
    exchange.verify(account());
  }
  void mark(InstrumentIndex i, Price close) {
    account().set_mark(i, close);
    exchange.on_close(i, close);
  }
  // A position at 100, bought by a market order in a flat bar.
  void hold(std::int64_t count) {
    buy(count);
    bar("100 100 100 100");
    log.clear();
  }
  void split(std::int64_t numerator, std::int64_t denominator) {
    const Price close = account().mark(0);
    orders_.split(0, numerator, denominator);
    exchange.split(0, numerator, denominator, close);
    exchange.verify(account());
  }

  [[nodiscard]] trading::Account& account() { return orders_.account(); }
  [[nodiscard]] trading::OrderManager& orders() { return orders_; }
  [[nodiscard]] const Order& order(OrderId id) { return account().order(id); }
  [[nodiscard]] const Order& last_order() { return account().orders().back(); }
  [[nodiscard]] std::int64_t key() const { return key_; }

  std::vector<std::string> log;  // what was told of orders, accepted ones and cancels that were asked for left out
  std::int64_t step = kOneDay;
  SimulatedExchange exchange;

 private:
  Desk(const ExchangeSettings& settings, std::vector<market::Instrument> instruments, bool)
      : exchange(settings, instruments),
        orders_(settings.account, std::move(instruments),
                trading::RiskGate(settings.fees, trading::LimitProfile::backtest(), settings.account.cash), exchange) {
    exchange.set_listener(orders_);
    orders_.set_listener(*this);
    for (InstrumentIndex i = 0; i < account().instruments().size(); ++i) mark(i, price("100"));
  }

  static ExchangeSettings with_cash(ExchangeSettings settings) {
    if (settings.account.cash.is_zero()) settings.account.cash = money("10000");
    return settings;
  }

  OrderId trade(Side side, std::int64_t count, Effect effect, Order order) {
    order.side = side;
    order.quantity = shares(count);
    order.effect = effect;
    order.created_key = key_;
    return submit(order);
  }

  void on_order_event(OrderId, const trading::BrokerEvent& event) override {
    using trading::OrderEvent;
    if (event.event == OrderEvent::kAccept || (event.event == OrderEvent::kCancel && event.note.empty())) return;
    std::string text(to_string(event.event));
    if (event.quantity.is_positive())
      text +=
          fmt::format(" {} at {} by {}", event.quantity.to_string(), event.price.to_string(), to_string(event.rule));
    if (!event.note.empty()) text += fmt::format(": {}", event.note);
    log.push_back(text);
  }

  trading::OrderManager orders_;
  std::int64_t key_ = 0;
};

using Log = std::vector<std::string>;

}  // namespace argosy::venue
