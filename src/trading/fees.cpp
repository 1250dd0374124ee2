#include "trading/fees.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "core/check.hpp"

namespace argosy::trading {
namespace {

using core::Rounding;

bool applies(const FeeItem& item, const FeeInput& fill, Money amount) {
  if (!(fill.side == Side::kBuy ? item.on_buy : item.on_sell)) return false;
  if (item.conversion && !fill.converted) return false;
  if (item.above.is_positive() && amount <= item.above) return false;
  return item.exchanges.empty() || std::ranges::find(item.exchanges, fill.instrument->exchange) != item.exchanges.end();
}

const FeeRate& rate_of(const FeeItem& item, core::Date date) {
  const auto after = std::ranges::upper_bound(item.rates, date, {}, &FeeRate::from);
  return after == item.rates.begin() ? item.rates.front() : *(after - 1);
}

Money rounded(Money fee, FeeRounding rounding) {
  constexpr std::int64_t kCent = 10'000;
  if (rounding == FeeRounding::kExact) return fee;
  const auto rule = rounding == FeeRounding::kCent ? Rounding::kHalfAwayFromZero : Rounding::kCeiling;
  return Money::from_units(core::detail::narrow(core::detail::divide_rounded(fee.units(), kCent, rule), "fee")) * kCent;
}

// `base` and `amount` are the same unless the item is a share of another one.
Money fee_of(const FeeItem& item, const FeeInput& fill, Money base, Money amount) {
  const FeeRate& rate = rate_of(item, fill.date);
  Money fee = rate.fixed;
  if (!rate.ratio.is_zero()) fee += core::multiply(base, rate.ratio, Rounding::kHalfEven);
  if (!rate.per_share.is_zero()) fee += core::notional(rate.per_share, fill.quantity, Rounding::kHalfEven);
  fee = std::max(fee, rate.minimum);
  if (rate.maximum) fee = std::min(fee, *rate.maximum);
  if (rate.maximum_ratio) fee = std::min(fee, core::multiply(amount, *rate.maximum_ratio, Rounding::kHalfEven));
  return rounded(fee, item.rounding);
}

// use(item's index, its fee) for all items.
template <class Use>
void each_fee(const std::vector<FeeItem>& items, const FeeInput& fill, Use use) {
  const Money amount = core::notional(fill.price, fill.quantity, Rounding::kHalfEven);
  std::array<Money, FeeSchedule::kMostItems> fees;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (!applies(items[i], fill, amount)) continue;
    fees[i] = fee_of(items[i], fill, items[i].share_of ? fees[*items[i].share_of] : amount, amount);
    use(i, fees[i]);
  }
}

}  // namespace

FeeSchedule::FeeSchedule(std::string name, std::string currency, std::vector<FeeItem> items)
    : name_(std::move(name)), currency_(std::move(currency)), items_(std::move(items)) {
  ARGOSY_CHECK(items_.size() <= kMostItems, "{} has {} items", name_, items_.size());
  for (std::size_t i = 0; i < items_.size(); ++i) {
    const FeeItem& item = items_[i];
    ARGOSY_CHECK(!item.rates.empty() && std::ranges::is_sorted(item.rates, {}, &FeeRate::from), "{}", item.name);
    ARGOSY_CHECK(!item.share_of || *item.share_of < i, "{} is a share of a later item", item.name);
  }
}

FeeSchedule FeeSchedule::percent(Rate ratio) {
  if (ratio.is_zero()) return {};
  FeeItem commission{.name = "commission", .rates = {{.ratio = ratio}}};
  const auto percent = core::scale(ratio, 100, 1, Rounding::kHalfEven);
  return {"percent:" + percent.to_string(), "", {std::move(commission)}};
}

Money FeeSchedule::fee(const FeeInput& fill) const {
  Money total;
  each_fee(items_, fill, [&](std::size_t, Money fee) { total += fee; });
  return total;
}

std::vector<Money> FeeSchedule::fees(const FeeInput& fill) const {
  std::vector<Money> out(items_.size());
  each_fee(items_, fill, [&](std::size_t i, Money fee) { out[i] = fee; });
  return out;
}

}  // namespace argosy::trading
