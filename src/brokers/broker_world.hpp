// What tests of a make of trading::BrokerConnection share: the broker with what surrounds it, and a listener that notes
// what it is told.
#pragma once

#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "trading/broker_connection.hpp"

namespace argosy::brokers {

using core::Money;
using core::Price;
using core::Quantity;
using trading::OrderReport;
using trading::OrderTicket;
using trading::ReportedState;
using trading::Side;

// A broker with what surrounds it, in which time passes only in settle().
class BrokerWorld {
 public:
  virtual ~BrokerWorld() = default;
  virtual trading::BrokerConnection& connection() = 0;
  [[nodiscard]] virtual trading::Committed<OrderTicket> commit(OrderTicket ticket) = 0;
  // Lets everything that is on its way arrive.
  virtual void settle() = 0;
  // A is traded at this price, now.
  virtual void trade_at(Price price) = 0;
  // The stream breaks; the connection makes a new one within settle().
  virtual void cut() = 0;
  // From now on no answer comes, or all do again. Reports come.
  virtual void lose_answers(bool lost) = 0;
  // From now on answers come later than reports.
  virtual void delay_answers() = 0;
  // The venue's process is killed and begins again.
  virtual void restart() = 0;
};

// Notes everything that is told.
class BrokerNotes final : public trading::BrokerConnectionListener {
 public:
  int connected = 0;
  std::vector<core::Error> disconnected;
  std::vector<OrderReport> orders;
  std::vector<std::string> unknown;
  std::vector<std::vector<OrderReport>> open_orders;
  std::vector<std::vector<OrderReport>> histories;
  std::vector<trading::AccountReport> accounts;
  std::vector<std::pair<std::string, std::string>> refused_cancels;
  std::vector<std::int64_t> funded;
  std::vector<std::int64_t> refused_fundings;

  void on_connected() override { ++connected; }
  void on_disconnected(const core::Error& why) override { disconnected.push_back(why); }
  void on_order(const OrderReport& report) override { orders.push_back(report); }
  void on_no_order(const std::string& client_order_id) override { unknown.push_back(client_order_id); }
  void on_open_orders(std::span<const OrderReport> reports) override {
    open_orders.emplace_back(reports.begin(), reports.end());
  }
  void on_history(std::span<const OrderReport> reports) override {
    histories.emplace_back(reports.begin(), reports.end());
  }
  void on_account(const trading::AccountReport& report) override { accounts.push_back(report); }
  void on_cancel_refused(const std::string& client_order_id, const std::string& reason) override {
    refused_cancels.emplace_back(client_order_id, reason);
  }
  void on_funded(std::int64_t funding_id) override { funded.push_back(funding_id); }
  void on_funding_refused(std::int64_t funding_id, const std::string&) override {
    refused_fundings.push_back(funding_id);
  }

  // Each fill once, whatever was told how often.
  [[nodiscard]] Quantity filled(const std::string& broker_order_id) const {
    std::set<std::string> seen;
    Quantity sum;
    for (const OrderReport& report : orders) {
      if (report.broker_order_id != broker_order_id) continue;
      for (const trading::ReportedFill& fill : report.fills) {
        if (seen.insert(fill.broker_fill_id).second) sum += fill.quantity;
      }
    }
    return sum;
  }
};

}  // namespace argosy::brokers
