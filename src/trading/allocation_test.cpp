// Nothing is allocated while the risk gate decides, once room was made for the decisions and the orders.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <new>
#include <string>
#include <vector>

#include "core/files.hpp"
#include "trading/limit_file.hpp"
#include "trading/risk_gate.hpp"

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define ARGOSY_COUNTS_ALLOCATIONS 0
#endif
#endif
#ifndef ARGOSY_COUNTS_ALLOCATIONS
#define ARGOSY_COUNTS_ALLOCATIONS 1
#endif

#if ARGOSY_COUNTS_ALLOCATIONS
namespace {
std::atomic<std::size_t> allocations{0};
}  // namespace

// The sanitizers have their own.
// NOLINTBEGIN(cppcoreguidelines-no-malloc): what operator new is made of
void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
// NOLINTEND(cppcoreguidelines-no-malloc)

namespace argosy::trading {
namespace {

using namespace std::chrono_literals;

TEST(Allocation, NoneWhileTheGateDecides) {
  const std::string path = std::string(ARGOSY_SOURCE_DIR) + "/samples/limits/careful.yaml";
  auto profile = parse_limit_file(*core::system_files().read(path), path);
  ASSERT_TRUE(profile.has_value());
  // Every control has a number, also those that the profile leaves open.
  profile->limits.restricted = Limit<Symbols>::of({"R"});
  profile->limits.allowed = Limit<Symbols>::of({"A", "B", "R"});
  profile->limits.messages = Limit<MessageRate>::of({1, 60, 10});
  profile->limits.correlated_exposure = Limit<CorrelationLimit>::of({*Rate::parse("0.7"), *Rate::parse("0.9")});
  profile->prop = unlimited<PropLimits>();
  profile->prop->max_contracts = Limit<Quantity>::of(Quantity::from_integer(1000));
  Account account(
      {.cash = Money::from_integer(10'000)},
      {{.symbol = "A", .exchange = "XNYS"}, {.symbol = "B", .exchange = "XNYS"}, {.symbol = "R", .exchange = "XNYS"}});
  RiskGate gate(FeeSchedule::percent(*Rate::parse("0.001")), *profile, Money::from_integer(10'000));
  gate.attach(account);
  gate.set_time(*core::parse_rfc3339("2024-03-04T15:00:00Z"));
  constexpr std::size_t kOrders = 200;
  gate.reserve(kOrders);
  account.reserve(kOrders);
  for (InstrumentIndex i = 0; i < 3; ++i) {
    account.set_mark(i, Price::from_integer(100));
    gate.on_price(i, Price::from_integer(100));
  }
  gate.guard().on_equity(gate.time(), account.equity());
  std::size_t approved = 0;
  const auto ask = [&](std::int64_t k) {
    Order order{.instrument = static_cast<InstrumentIndex>(k % 3), .quantity = Quantity::from_integer(1 + k % 30)};
    order.kind = k % 2 == 0 ? OrderKind::kMarket : OrderKind::kLimit;
    order.limit = Price::from_integer(90 + k % 20);
    approved += gate.decide(order, account).has_value() ? 1 : 0;
  };
  ask(0);
  const std::size_t before = allocations;
  for (std::int64_t k = 1; k < static_cast<std::int64_t>(kOrders); ++k) {
    gate.set_time(gate.time() + 250ms);
    ask(k);
  }
  EXPECT_EQ(allocations, before);
  EXPECT_GT(approved, 10U);
  EXPECT_LT(approved, kOrders - 100);
  const auto counted = std::make_unique<std::vector<double>>(1000);
  EXPECT_GE(allocations, before + counted->size() / 1000) << "they are counted";
}

}  // namespace
}  // namespace argosy::trading
#endif
