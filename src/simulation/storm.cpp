#include "simulation/storm.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "simulation/detail/world_parts.hpp"

namespace argosy::simulation {

using core::Duration;
using core::Rng;
using core::Timestamp;

namespace {

Duration between(Rng& rng, Duration shortest, Duration longest) {
  const auto span = static_cast<std::uint64_t>((longest - shortest) / std::chrono::milliseconds(1));
  return shortest + std::chrono::milliseconds(rng.below(span + 1));
}

// Of a stretch. What makes the program try again and again takes long to play.
Duration longest(Fault fault) {
  switch (fault) {
    case Fault::kRunaway:
      return std::chrono::minutes(2);
    case Fault::kReadOnly:
    case Fault::kLocked:
    case Fault::kNoMemory:
      return std::chrono::minutes(6);
    default:
      return std::chrono::minutes(40);
  }
}

// The faults that come and go within a session; the others are made with the world.
bool has_bouts(Fault fault) {
  switch (fault) {
    case Fault::kKilled:
    case Fault::kPowerLost:
    case Fault::kClockChange:
    case Fault::kOddSession:
    case Fault::kCorporateAction:
      return false;
    default:
      return true;
  }
}

}  // namespace

Storm::Storm(World& world, const FaultSet& faults, std::uint64_t seed)
    : world_(world), faults_(faults), rng_(Rng(seed).fork(3)), has_own_orders_(seed % 2 == 1) {}

void Storm::plan(Timestamp from, Timestamp to) {
  const Rng day = rng_.fork(static_cast<std::uint64_t>(++planned_days_));
  for (const FaultInfo& each : simulation::faults()) {
    if (!faults_.contains(each.fault) || !has_bouts(each.fault)) continue;
    Rng rng = day.fork(static_cast<std::uint64_t>(each.number));
    const std::uint64_t bouts = 1 + rng.below(3);
    for (std::uint64_t i = 0; i < bouts; ++i) {
      const Timestamp begin = from + between(rng, Duration::zero(), to - from);
      const Timestamp end = std::min(to, begin + between(rng, std::chrono::seconds(1), longest(each.fault)));
      Bout bout = make_bout(each.fault, rng);
      add(begin, [this, name = each.name, number = each.number, work = std::move(bout.begin)] {
        world_.history().note("F{} {}", number, name);
        work();
      });
      if (bout.end) {
        add(end, [this, number = each.number, work = std::move(bout.end)] {
          world_.history().note("F{} is over", number);
          work();
        });
      }
    }
  }
  Rng deaths = day.fork(1000);
  const std::uint64_t count = 1 + deaths.below(3);
  for (std::uint64_t i = 0; i < count; ++i)
    plan_death(from + between(deaths, Duration::zero(), (to - from) * 9 / 10), deaths);
  plan_life(from, to);
  if (!has_own_orders_) return;
  plan_own_orders(from, to);
  plan_portfolios(from, to);
}

// Within one of the next changes of the disk.
void Storm::plan_death(Timestamp time, Rng& rng) {
  const bool power = faults_.contains(Fault::kPowerLost) && rng.below(2) == 0;
  const std::int64_t changes = 1 + static_cast<std::int64_t>(rng.below(200));
  add(time, [this, power, changes] {
    world_.die_at(world_.disk().changes() + changes, power ? Death::kPower : Death::kKill);
  });
}

void Storm::ask(Timestamp time, std::string kind, std::string payload) {
  add(time, [this, kind = std::move(kind), payload = std::move(payload)] { world_.post(kind, payload); });
}

// What its users ask for meanwhile.
void Storm::plan_life(Timestamp from, Timestamp to) {
  Rng rng = rng_.fork(2000 + static_cast<std::uint64_t>(planned_days_));
  const std::uint64_t requests = rng.below(6);
  for (std::uint64_t i = 0; i < requests; ++i) {
    const Timestamp time = from + between(rng, Duration::zero(), to - from);
    const std::uint64_t service = 1 + rng.below(5);
    const auto one = fmt::format(R"({{"id": {}}})", service);
    switch (rng.below(6)) {
      case 0:
        ask(time, "service_stop", one);
        ask(time + std::chrono::minutes(3), "service_start", one);
        break;
      case 1:
        ask(time, "service_pause", one);
        ask(time + std::chrono::minutes(2), "service_start", one);
        break;
      case 2:
        ask(time, "portfolio_fund", R"({"amount": "100"})");
        break;
      case 3:
        ask(time, "portfolio_withdraw", R"({"amount": "50"})");
        break;
      case 4:
        ask(time, "cancel_all", "{}");
        break;
      default:
        ask(time, "service_set",
            fmt::format(R"({{"service_id": {}, "allocation_percent": "{}"}})", service, rng.below(2) == 0 ? 50 : 100));
    }
  }
}

// In every other world people trade beside services; so the same faults are met with and without.
void Storm::plan_own_orders(Timestamp from, Timestamp to) {
  Rng rng = rng_.fork(3000 + static_cast<std::uint64_t>(planned_days_));
  const std::uint64_t orders = 4 + rng.below(12);
  for (std::uint64_t i = 0; i < orders; ++i) {
    const Timestamp time = from + between(rng, Duration::zero(), to - from);
    add(time, [this, own = rng.fork(i)] { world_.post_own_order(own); });
  }
}

// One more portfolio, which gets another name and money, becomes the default one for a while, and is removed if it may
// be. What is refused is no less of a try.
void Storm::plan_portfolios(Timestamp from, Timestamp to) {
  Rng rng = rng_.fork(4000 + static_cast<std::uint64_t>(planned_days_));
  const std::uint64_t count = rng.below(4);
  for (std::uint64_t i = 0; i < count; ++i) {
    const Timestamp time = from + between(rng, Duration::zero(), to - from);
    const std::uint64_t id = 2 + rng.below(2);
    const auto set = [&](Timestamp when, std::uint64_t which, std::string_view what) {
      ask(when, "portfolio_set", fmt::format(R"({{"portfolio_id": {}, {}}})", which, what));
    };
    const std::string money = fmt::format(R"({{"portfolio_id": {}, "amount": "30"}})", id);
    switch (rng.below(5)) {
      case 0:
        ask(time, "portfolio_create",
            fmt::format(R"({{"name": "of day {}", "owner_id": 1, "broker_account_id": 1}})", planned_days_));
        break;
      case 1:
        set(time, id, fmt::format(R"("name": "again of day {}")", planned_days_));
        break;
      case 2:
        set(time, id, R"("is_default": true)");
        set(time + std::chrono::minutes(3), 1, R"("is_default": true)");
        break;
      case 3:
        ask(time, "portfolio_fund", money);
        if (rng.below(2) == 0) ask(time + std::chrono::minutes(5), "portfolio_withdraw", money);
        break;
      default:
        ask(time, "portfolio_remove", fmt::format(R"({{"id": {}}})", id));
    }
  }
}

void Storm::run() {
  while (!due_.empty()) {
    auto next = due_.extract(due_.begin());
    world_.run_until(next.key());
    next.mapped()();
  }
}

// --- What each does. ---

Storm::Bout Storm::of_broker(BrokerFault fault, double share) {
  return {.begin = [this, fault, share] { world_.gateway().set(fault, share); },
          .end = [this, fault] { world_.gateway().set(fault, 0); }};
}

Storm::Bout Storm::of_feed(FeedFault fault, double share) {
  return {.begin = [this, fault, share] { world_.set(fault, share); }, .end = [this, fault] { world_.set(fault, 0); }};
}

Storm::Bout Storm::of_disk(Fault fault, Rng& rng) {
  const auto room = rng.below(2'000);
  const auto after = static_cast<std::int64_t>(rng.below(40));
  constexpr const char* kParts[] = {kLedger, kLake, ""};
  const char* part = kParts[rng.below(std::size(kParts))];
  return {.begin =
              [=, this] {
                world_.allow_failures();
                SimulatedDisk& disk = world_.disk();
                if (fault == Fault::kDiskFull) {
                  disk.set_capacity(disk.used() + room);
                } else if (fault == Fault::kSyncFails) {
                  disk.add_rule({.operation = DiskOperation::kSync, .part = part, .after = after});
                } else {
                  disk.add_rule({.operation = DiskOperation::kWrite,
                                 .fault = DiskFault::kReadOnly,
                                 .part = part,
                                 .after = after,
                                 .once = false});
                }
                failed_before_ = disk.counts().failed;
              },
          .end =
              [=, this] {
                SimulatedDisk& disk = world_.disk();
                world_.note_fired(fault, disk.counts().failed - failed_before_);
                disk.set_capacity(UINT64_MAX);
                disk.clear_rules();
              }};
}

// At any statement: from the next one on, or after minutes of them.
Storm::Bout Storm::of_memory(Rng& rng) {
  const auto passing = static_cast<std::int64_t>(rng.below(std::uint64_t{1} << rng.below(15)));
  const auto rarely = 1 + static_cast<std::int64_t>(rng.below(5'000));
  const std::array<std::int64_t, 3> choices{0, 1, rarely};
  const std::int64_t every = choices[rng.below(choices.size())];
  return {.begin =
              [=, this] {
                world_.allow_failures();
                world_.memory().run_out(passing, every);
              },
          .end = [this] { world_.memory().end(); }};
}

Storm::Bout Storm::of_pause(Rng& rng) {
  const bool within = rng.below(2) == 0;
  const auto changes = 1 + static_cast<std::int64_t>(rng.below(200));
  const Duration time = between(rng, std::chrono::seconds(1), std::chrono::minutes(5));
  if (within) return {.begin = [=, this] { world_.pause_at(world_.disk().changes() + changes, time); }};
  return {.begin = [this] { world_.pause(); }, .end = [this] { world_.resume(); }};
}

// What waits to be written when it ends meets what happened meanwhile.
Storm::Bout Storm::of_lock(Rng& rng) {
  const bool at_decision = rng.below(2) == 0;
  const bool cuts = rng.below(2) == 0 && faults_.contains(Fault::kNetwork);
  const Duration time = between(rng, std::chrono::seconds(1), std::chrono::seconds(45));
  const auto unlock = [=, this] {
    net::SimulatedNetwork& network = world_.network();
    if (cuts && world_.is_locked()) {
      network.cut("process", "broker");
      world_.note_fired(Fault::kNetwork);
      // It is noticed, and there is no other for a while.
      world_.later(std::chrono::milliseconds(60), [&network] { network.partition("process", "broker"); });
      world_.later(std::chrono::seconds(3), [&network] { network.heal("process", "broker"); });
    }
    world_.unlock_ledger();
  };
  if (!at_decision) return {.begin = [this] { world_.lock_ledger(); }, .end = unlock};
  return {.begin = [=, this] {
    world_.at_decision([=, this] {
      world_.lock_ledger();
      world_.later(time, unlock);
    });
  }};
}

Storm::Bout Storm::of_network(Rng& rng) {
  net::SimulatedNetwork& network = world_.network();
  const Duration time = between(rng, std::chrono::seconds(1), std::chrono::minutes(15));
  const bool towards = rng.below(2) == 0;
  const std::string from = towards ? "process" : "broker";
  const std::string to = towards ? "broker" : "process";
  const auto fired = [this] { world_.note_fired(Fault::kNetwork); };
  switch (rng.below(5)) {
    case 0:
      return {.begin = [=, &network] { network.cut("process", "broker"), fired(); }};
    case 1:
      return {.begin = [=, &network] { network.silence(from, to), fired(); }};
    case 2:
      return {.begin = [=, &network] { network.clog(from, to, time), fired(); }};
    case 3:
      return {.begin = [=, &network] { network.partition("process", "broker"), fired(); },
              .end = [&network] { network.heal("process", "broker"); }};
    default: {
      const net::LinkSettings bad{.latency = std::chrono::milliseconds(20),
                                  .jitter = std::chrono::milliseconds(2'000),
                                  .split = 0.3,
                                  .cut = 0.005,
                                  .silence = 0.002,
                                  .clog = 0.01,
                                  .clog_time = std::chrono::seconds(20)};
      return {.begin = [=, &network] { network.set_link(from, to, bad), fired(); },
              .end = [=, &network] { network.set_link(from, to, {}); }};
    }
  }
}

Storm::Bout Storm::make_bout(Fault fault, Rng& rng) {
  const double share = 0.05 + 0.45 * rng.uniform();
  switch (fault) {
    case Fault::kSyncFails:
    case Fault::kDiskFull:
    case Fault::kReadOnly:
      return of_disk(fault, rng);
    case Fault::kLocked:
      return of_lock(rng);
    case Fault::kNoMemory:
      return of_memory(rng);
    case Fault::kSecondProcess:
      return {.begin = [this] { world_.second_process(); }};
    case Fault::kPaused:
      return of_pause(rng);
    case Fault::kAnswerForgotten:
      return of_broker(BrokerFault::kForgetsAnswer, share);
    case Fault::kNeverArrives:
      return of_broker(BrokerFault::kNeverArrives, share);
    case Fault::kDiesSending: {
      const bool arrives = rng.below(2) == 0;
      return {.begin = [this, arrives] { world_.die_sending(arrives); }};
    }
    case Fault::kGarbage:
      return of_broker(BrokerFault::kGarbage, share / 5);
    case Fault::kRefused:
      return of_broker(BrokerFault::kRefuses, share);
    case Fault::kRateLimited:
      return of_broker(BrokerFault::kRateLimits, rng.below(2) == 0 ? 1 : share);
    case Fault::kRepeated:
      return of_broker(BrokerFault::kRepeats, share);
    case Fault::kOtherFields:
      return of_broker(BrokerFault::kOtherFields, share);
    case Fault::kOutOfOrder:
      return of_broker(BrokerFault::kDelays, share);
    case Fault::kReportLost:
      return of_broker(BrokerFault::kLosesReport, share);
    case Fault::kMaintenance:
      return of_broker(BrokerFault::kMaintenance, rng.below(2) == 0 ? 1 : share);
    case Fault::kRevoked:
      return of_broker(BrokerFault::kRevoked, 1);
    case Fault::kCancelRace: {
      // A fill that nobody is told of just before the end.
      const bool loses = faults_.contains(Fault::kReportLost);
      return {.begin =
                  [this, share, loses, early = rng.below(2) == 0 ? share : 0] {
                    world_.set_cancelling(true);
                    world_.gateway().set(BrokerFault::kCancelsEarly, early);
                    if (loses) world_.gateway().set(BrokerFault::kLosesReport, share);
                  },
              .end =
                  [this, loses] {
                    world_.set_cancelling(false);
                    world_.gateway().set(BrokerFault::kCancelsEarly, 0);
                    if (loses) world_.gateway().set(BrokerFault::kLosesReport, 0);
                  }};
    }
    case Fault::kByHand: {
      // Something stays: an account that is empty all at once is rather one that the broker does not show.
      const auto sold = core::Quantity::from_integer(1 + static_cast<std::int64_t>(rng.below(5)));
      const core::Quantity bought = sold + core::Quantity::from_integer(1);
      const std::string symbol = kSymbols[rng.below(std::size(kSymbols))];
      return {.begin = [=, this] { world_.trade_by_hand(symbol, trading::Side::kBuy, bought); },
              .end = [=, this] { world_.trade_by_hand(symbol, trading::Side::kSell, sold); }};
    }
    case Fault::kStaleFeed:
      return of_feed(rng.below(2) == 0 ? FeedFault::kSilent : FeedFault::kFrozen, 1);
    case Fault::kNetwork:
      return of_network(rng);
    case Fault::kCrossedQuotes:
      return of_feed(FeedFault::kCrossed, share);
    case Fault::kBadTicks: {
      constexpr FeedFault kBad[] = {FeedFault::kTenfold, FeedFault::kZero,  FeedFault::kNegative,
                                    FeedFault::kLate,    FeedFault::kTwice, FeedFault::kNoVolume};
      return of_feed(kBad[rng.below(std::size(kBad))], share);
    }
    case Fault::kClockSteps: {
      constexpr int kSeconds[] = {-3600, -30, -1, 1, 30, 3600};
      const std::chrono::seconds step(kSeconds[rng.below(std::size(kSeconds))]);
      return {.begin = [this, step] { world_.set_skew(step); }, .end = [this] { world_.set_skew({}); }};
    }
    case Fault::kRunaway:
      return {.begin =
                  [this] {
                    world_.note_fired(Fault::kRunaway);
                    world_.set_intervals(1);
                  },
              .end = [this] { world_.set_intervals(kInterval); }};
    case Fault::kStrategyFails:
      return {.begin = [this, share] { world_.set_nonsense(share); }, .end = [this] { world_.set_nonsense(0); }};
    case Fault::kBurst:
      return {.begin = [this] { world_.set_burst(20); }, .end = [this] { world_.set_burst(1); }};
    case Fault::kKillSwitch:
      return {.begin =
                  [this, at_decision = rng.below(2) == 0] {
                    world_.note_fired(Fault::kKillSwitch);
                    constexpr const char* kPayload = R"({"reason": "a trial"})";
                    if (!at_decision) return world_.post("risk_kill", kPayload);
                    world_.at_decision([this] { static_cast<void>(world_.ask("risk_kill", kPayload)); });
                  },
              .end = [this] { world_.post("risk_release", "{}"); }};
    case Fault::kBackup:
      return {.begin = [this] { world_.back_up(); }};
    case Fault::kKilled:
    case Fault::kPowerLost:
    case Fault::kClockChange:
    case Fault::kOddSession:
    case Fault::kCorporateAction:
      break;
  }
  return {};
}

}  // namespace argosy::simulation
