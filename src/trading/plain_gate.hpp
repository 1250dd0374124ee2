// The risk gate's limits once more, as plainly as they can be written: everything is looked up again for each order, in
// doubles. Tests and the bench compare it with the gate; amounts there are whole, so that doubles are exact.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "trading/account.hpp"
#include "trading/decision.hpp"
#include "trading/limits.hpp"

namespace argosy::trading {

class PlainGate {
 public:
  PlainGate(const RiskLimits& limits, std::size_t instruments)
      : limits_(limits), priced_(instruments), closes_(instruments) {
    if (limits_.messages.has_value()) tokens_ = static_cast<double>(limits_.messages.value().burst);
  }

  // As the gate is told.
  core::Timestamp now;
  std::optional<double> day_base;
  std::optional<double> peak;

  void on_price(InstrumentIndex i, core::Date day, Price price) {
    if (days_.empty() || days_.back() != day) {
      days_.push_back(day);
      known_.clear();
    }
    priced_[i] = now;
    closes_[i][day] = price.to_double();
  }

  // What the gate must say of a new order that is well formed, with what it said before.
  [[nodiscard]] Outcome judge(const Order& order, const Account& account, std::span<const Decision> before) {
    const Outcome outcome = find_outcome(order, account, before);
    if (outcome == Outcome::kApproved && limits_.messages.has_value()) tokens_ -= 1;
    return outcome;
  }

  [[nodiscard]] double correlation(InstrumentIndex a, InstrumentIndex b) {
    const auto [at, fresh] = known_.try_emplace({a, b}, 0);
    if (fresh) at->second = compute_correlation(a, b);
    return at->second;
  }

  // What an instrument's position could become: its highest and its lowest, with an order more.
  struct Range {
    double highest = 0;
    double lowest = 0;
    [[nodiscard]] double size() const { return std::max({highest, -lowest, 0.0}); }
  };
  [[nodiscard]] static std::map<InstrumentIndex, Range> ranges(const Account& account, const Order* more) {
    std::map<InstrumentIndex, Range> out;
    const auto add = [&](const Order& order) {
      if (order.effect == Effect::kClose) return;
      Range& range = out[order.instrument];
      (order.side == Side::kBuy ? range.highest : range.lowest) +=
          (order.side == Side::kBuy ? 1 : -1) * order.remaining().to_double();
    };
    for (const OrderId id : account.working_orders()) add(account.order(id));
    if (more != nullptr) add(*more);
    for (InstrumentIndex i = 0; i < account.instruments().size(); ++i) {
      const double held = account.position(i).quantity().to_double();
      if (held == 0 && !out.contains(i)) continue;
      out[i].highest += held;
      out[i].lowest += held;
    }
    return out;
  }

 private:
  [[nodiscard]] Outcome find_outcome(const Order& order, const Account& account, std::span<const Decision> before) {
    const bool adds = order.effect == Effect::kOpen;
    const Position& position = account.position(order.instrument);
    const bool closing = position.is_open() && order.side == position.closing_side();
    if (!adds && (!closing || order.remaining() > position.size())) return Outcome::kNothingToClose;
    if (adds && closing) return Outcome::kOppositePosition;
    const std::string& symbol = account.instruments()[order.instrument].symbol;
    if (adds && has(limits_.restricted, symbol)) return Outcome::kRestricted;
    if (adds && limits_.allowed.has_value() && !has(limits_.allowed, symbol)) return Outcome::kNotAllowed;
    if (const auto outcome = of_messages(order, account, before)) return *outcome;
    if (const auto outcome = of_price(order, account)) return *outcome;
    if (adds) {
      if (const auto outcome = of_exposure(order, account)) return *outcome;
    }
    return Outcome::kApproved;
  }

  static bool has(const Limit<Symbols>& list, const std::string& symbol) {
    return list.has_value() && std::ranges::find(list.value(), symbol) != list.value().end();
  }

  [[nodiscard]] std::optional<Outcome> of_messages(const Order& order, const Account& account,
                                                   std::span<const Decision> before) {
    const bool adds = order.effect == Effect::kOpen;
    if (limits_.messages.has_value()) {
      const auto& [per_second, burst, reserve] = limits_.messages.value();
      const double seconds = refilled_ ? static_cast<double>((now - *refilled_).count()) / 1e9 : 0;
      tokens_ = std::min(static_cast<double>(burst), tokens_ + seconds * static_cast<double>(per_second));
      refilled_ = now;
      if (tokens_ < 1 + (adds ? static_cast<double>(reserve) : 0)) return Outcome::kMessages;
    }
    if (limits_.equal_orders.has_value()) {
      std::int64_t equal = 0;
      for (std::size_t k = before.size(); k-- > 0;) {
        const Decision& earlier = before[k];
        if (earlier.time <= now - limits_.equal_orders.value().within) break;
        equal += earlier.outcome == Outcome::kApproved && earlier.instrument == order.instrument &&
                 earlier.side == order.side && earlier.effect == order.effect && earlier.kind == order.kind &&
                 earlier.quantity == order.quantity && earlier.limit == order.limit && earlier.stop == order.stop;
      }
      if (equal >= limits_.equal_orders.value().most) return Outcome::kEqualOrders;
    }
    if (adds && limits_.max_working_orders.has_value() &&
        std::ssize(account.working_orders()) + 1 > limits_.max_working_orders.value())
      return Outcome::kWorkingOrders;
    return std::nullopt;
  }

  [[nodiscard]] std::optional<Outcome> of_price(const Order& order, const Account& account) const {
    const double mark = account.mark(order.instrument).to_double();
    const bool limited = order.kind == OrderKind::kLimit;
    const double sign = order.side == Side::kBuy ? 1 : -1;
    if (limits_.max_reference_age.has_value() && (limited || order.kind == OrderKind::kMarket) &&
        (!priced_[order.instrument] || now - *priced_[order.instrument] > limits_.max_reference_age.value()))
      return Outcome::kStaleReference;
    const double collar = limits_.price_collar.has_value() ? limits_.price_collar.value().to_double() : 0;
    if (limited && limits_.price_collar.has_value() && sign * (order.limit.to_double() - mark) > mark * collar)
      return Outcome::kPriceCollar;
    if (limits_.self_match.has_value()) {
      const auto reach = [&](const Order& each) -> std::optional<double> {
        if (each.kind == OrderKind::kLimit) return each.limit.to_double();
        if (each.kind != OrderKind::kMarket) return std::nullopt;
        return mark * (each.side == Side::kBuy ? 1 + collar : 1 - collar);
      };
      for (const OrderId id : account.working_orders()) {
        const Order& other = account.order(id);
        if (other.instrument != order.instrument || other.side == order.side) continue;
        const auto own = reach(order);
        const auto theirs = reach(other);
        if (own && theirs && sign * (*own - *theirs) >= 0) return Outcome::kSelfMatch;
      }
    }
    const double quantity = order.remaining().to_double();
    if (limits_.max_order_quantity.has_value() && quantity > limits_.max_order_quantity.value().to_double())
      return Outcome::kOrderQuantity;
    double expected = mark;
    if (limited)
      expected = order.side == Side::kBuy ? order.limit.to_double() : std::max(order.limit.to_double(), mark);
    if (order.kind == OrderKind::kStop && order.side == Side::kBuy) expected = std::max(order.stop.to_double(), mark);
    if (limits_.max_order_value.has_value() && quantity * expected > limits_.max_order_value.value().to_double())
      return Outcome::kOrderValue;
    return std::nullopt;
  }

  [[nodiscard]] std::optional<Outcome> of_exposure(const Order& order, const Account& account) {
    const auto value_of = [&](InstrumentIndex i) { return account.mark(i).to_double(); };
    const auto now_held = ranges(account, nullptr);
    const auto then = ranges(account, &order);
    double gross = 0;
    double high = 0;
    double low = 0;
    double high_before = 0;
    double low_before = 0;
    std::int64_t positions = 0;
    for (const auto& [i, range] : then) {
      gross += range.size() * value_of(i);
      high += range.highest * value_of(i);
      low += range.lowest * value_of(i);
      positions += range.size() > 0;
    }
    for (const auto& [i, range] : now_held) {
      high_before += range.highest * value_of(i);
      low_before += range.lowest * value_of(i);
    }
    const double net = std::max(std::abs(high), std::abs(low));
    const double net_before = std::max(std::abs(high_before), std::abs(low_before));
    const double size = then.at(order.instrument).size();
    const double value = size * value_of(order.instrument);
    const double equity = account.equity().to_double();
    const auto above = [](double amount, const auto& limit) {
      return limit.has_value() && amount > limit.value().to_double();
    };
    if (above(size, limits_.max_position_quantity)) return Outcome::kPositionQuantity;
    if (above(value, limits_.max_position_value)) return Outcome::kPositionValue;
    if (limits_.max_open_positions.has_value() && positions > limits_.max_open_positions.value())
      return Outcome::kOpenPositions;
    if (above(gross, limits_.max_gross_exposure)) return Outcome::kGrossExposure;
    if (net > net_before && above(net, limits_.max_net_exposure)) return Outcome::kNetExposure;
    if (limits_.max_leverage.has_value() &&
        gross > std::max(equity, 0.0) * limits_.max_leverage.value().times.to_double())
      return Outcome::kLeverage;
    if (limits_.correlated_exposure.has_value() && together(order, account, then) > share_of(equity))
      return Outcome::kCorrelatedExposure;
    if (lost(limits_.max_daily_loss, day_base, equity)) return Outcome::kDailyLoss;
    if (lost(limits_.max_drawdown, peak, equity)) return Outcome::kDrawdown;
    return std::nullopt;
  }

  [[nodiscard]] double share_of(double equity) const {
    return std::max(equity, 0.0) * limits_.correlated_exposure.value().share.to_double();
  }
  [[nodiscard]] double together(const Order& order, const Account& account,
                                const std::map<InstrumentIndex, Range>& then) {
    const double above = limits_.correlated_exposure.value().above.to_double();
    double sum = 0;
    for (const auto& [i, range] : then) {
      const double value = range.size() * account.mark(i).to_double();
      if (i == order.instrument) {
        sum += value;
        continue;
      }
      const double by = correlation(order.instrument, i);
      const double sign = order.side == Side::kBuy ? 1 : -1;
      const bool as_long = range.highest > 0 && !(by * sign <= above);
      const bool as_short = range.lowest < 0 && !(-by * sign <= above);
      if (as_long || as_short) sum += value;
    }
    return sum;
  }

  static bool lost(const Limit<Allowance>& limit, const std::optional<double>& from, double equity) {
    if (!limit.has_value() || !from) return false;
    const Allowance& allowance = limit.value();
    const double most = allowance.is_share ? *from * allowance.share.to_double() : allowance.amount.to_double();
    return *from - equity >= most;
  }

  // Of the returns of the last sixty days that are over and that both have.
  [[nodiscard]] double compute_correlation(InstrumentIndex a, InstrumentIndex b) const {
    std::vector<double> x;
    std::vector<double> y;
    const std::size_t over = days_.empty() ? 0 : days_.size() - 1;
    for (std::size_t k = over > 60 ? over - 60 : 0; k < over; ++k) {
      const double left = day_return(a, days_[k]);
      const double right = day_return(b, days_[k]);
      if (std::isnan(left) || std::isnan(right)) continue;
      x.push_back(left);
      y.push_back(right);
    }
    if (x.size() < 40) return std::numeric_limits<double>::quiet_NaN();
    double mean_x = 0;
    double mean_y = 0;
    for (std::size_t k = 0; k < x.size(); ++k) {
      mean_x += x[k] / static_cast<double>(x.size());
      mean_y += y[k] / static_cast<double>(x.size());
    }
    double xx = 0;
    double yy = 0;
    double xy = 0;
    for (std::size_t k = 0; k < x.size(); ++k) {
      xx += (x[k] - mean_x) * (x[k] - mean_x);
      yy += (y[k] - mean_y) * (y[k] - mean_y);
      xy += (x[k] - mean_x) * (y[k] - mean_y);
    }
    return xx < 1e-20 || yy < 1e-20 ? std::numeric_limits<double>::quiet_NaN() : xy / std::sqrt(xx * yy);
  }
  [[nodiscard]] double day_return(InstrumentIndex i, core::Date day) const {
    const auto at = closes_[i].find(day);
    if (at == closes_[i].end() || at == closes_[i].begin()) return std::numeric_limits<double>::quiet_NaN();
    return at->second / std::prev(at)->second - 1;
  }

  RiskLimits limits_;
  double tokens_ = 0;
  std::optional<core::Timestamp> refilled_;
  std::vector<std::optional<core::Timestamp>> priced_;
  std::vector<std::map<core::Date, double>> closes_;  // of each instrument
  std::vector<core::Date> days_;
  std::map<std::pair<InstrumentIndex, InstrumentIndex>, double> known_;  // correlations of this day
};

}  // namespace argosy::trading
