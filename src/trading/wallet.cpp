#include "trading/wallet.hpp"

#include <algorithm>
#include <utility>

namespace argosy::trading {

Wallet::Wallet(std::string currency, Money initial) {
  balances_.push_back({.currency = std::move(currency), .initial = initial, .current = initial});
}

void Wallet::fund(std::string_view currency, Money amount) {
  const auto k = find(currency);
  if (!k) balances_.push_back({.currency = std::string(currency)});
  Balance& balance = k ? balances_[*k] : balances_.back();
  balance.initial += amount;
  balance.current += amount;
}

std::optional<std::size_t> Wallet::find(std::string_view currency) const {
  const auto found = std::ranges::find(balances_, currency, &Balance::currency);
  if (found == balances_.end()) return std::nullopt;
  return static_cast<std::size_t>(found - balances_.begin());
}

void Wallet::book_fill(std::size_t k, Money cash, Money fee, Money before, Money invested, std::int64_t settles,
                       std::int64_t key) {
  Balance& balance = balances_[k];
  balance.current += cash - fee;
  balance.fees += fee;
  balance.profit += cash - before + invested - fee;
  balance.invested += invested - before;
  if (!cash.is_positive() || settles <= key) return;
  balance.unsettled += cash;
  due_.push_back({.key = settles, .balance = k, .amount = cash});
}

void Wallet::book_profit(std::size_t k, Money amount) {
  balances_[k].current += amount;
  balances_[k].profit += amount;
}

void Wallet::deposit(std::size_t k, Money amount) {
  balances_[k].initial += amount;
  balances_[k].current += amount;
}

void Wallet::restore_invested(std::size_t k, Money invested) {
  balances_[k].initial += invested;
  balances_[k].invested += invested;
}

void Wallet::settle(std::int64_t key) {
  if (due_.empty()) return;
  std::erase_if(due_, [&](const Due& due) {
    if (due.key > key) return false;
    balances_[due.balance].unsettled -= due.amount;
    return true;
  });
}

}  // namespace argosy::trading
