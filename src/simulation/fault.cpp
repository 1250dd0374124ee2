#include "simulation/fault.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "core/check.hpp"

namespace argosy::simulation {

using core::ErrorCode;
using core::fail;
using core::Result;

namespace {

constexpr FaultInfo kFaults[] = {
    {Fault::kKilled, 1, "killed", "the process ends within any write, sync or renaming"},
    {Fault::kPowerLost, 2, "power lost", "so does the machine, and what was not synced is gone, in part, or torn"},
    {Fault::kSyncFails, 3, "sync fails", "a sync of the ledger or of the lake fails"},
    {Fault::kDiskFull, 4, "disk full", "there is no room for some minutes"},
    {Fault::kReadOnly, 5, "read-only", "no write is allowed for some minutes"},
    {Fault::kLocked, 6, "locked", "another program keeps the ledger locked"},
    {Fault::kNoMemory, 10, "no memory", "SQLite gets no memory for the process: once, now and then, or for minutes"},
    {Fault::kSecondProcess, 11, "second process", "another process takes the ledger"},
    {Fault::kPaused, 12, "paused",
     "the process stands still for seconds or minutes, between two turns or within a write"},
    {Fault::kAnswerForgotten, 13, "answer forgotten", "the broker takes an order and does not say so"},
    {Fault::kNeverArrives, 14, "never arrives", "an order is lost on its way"},
    {Fault::kDiesSending, 15, "dies sending", "the process ends between an order and its answer"},
    {Fault::kGarbage, 16, "garbage", "an answer is cut, or no message at all"},
    {Fault::kRefused, 17, "refused", "the broker refuses orders"},
    {Fault::kRateLimited, 18, "rate limited", "the broker answers nothing but that there are too many requests"},
    {Fault::kRepeated, 19, "repeated", "what happened to an order is told again later"},
    {Fault::kOtherFields, 20, "other fields", "fills are told again with other prices"},
    {Fault::kOutOfOrder, 21, "out of order", "what happened is told behind what came after it"},
    {Fault::kReportLost, 22, "report lost", "what happened to an order is not told"},
    {Fault::kCancelRace, 23, "cancel race", "orders are filled in parts, and cancelled meanwhile"},
    {Fault::kByHand, 26, "by hand", "somebody trades in the account at the broker"},
    {Fault::kStaleFeed, 28, "stale feed", "prices stop, or stand still"},
    {Fault::kNetwork, 29, "network", "streams break, are silent in one direction, clogged, or cut into pieces"},
    {Fault::kCrossedQuotes, 30, "crossed quotes", "a bid above the ask"},
    {Fault::kBadTicks, 31, "bad ticks",
     "prices that are zero, negative, ten times too high, late, told twice, or with no volume"},
    {Fault::kClockSteps, 32, "clock steps", "the machine's clock is set, forward or back"},
    {Fault::kClockChange, 33, "clock change", "the days are around a change to or from summer time"},
    {Fault::kOddSession, 34, "odd session", "the days have a short session, or one in which nothing trades"},
    {Fault::kCorporateAction, 35, "corporate action", "splits and dividends overnight"},
    {Fault::kRunaway, 39, "runaway", "services want to trade each second"},
    {Fault::kStrategyFails, 40, "strategy fails", "a strategy's answers make no sense"},
    {Fault::kBurst, 42, "burst", "prices come twenty times as often"},
    {Fault::kRevoked, 44, "revoked", "the broker refuses whatever is asked: no permission"},
    {Fault::kKillSwitch, 45, "kill switch", "the kill switch is thrown, and released later"},
    {Fault::kMaintenance, 46, "maintenance",
     "the broker says that the account is empty, and after a night that it knows no order of before"},
    {Fault::kBackup, 49, "backup", "the ledger is backed up while it is written; each backup is restored and verified"},
};
static_assert(std::size(kFaults) == kFaultCount);

Result<int> parse_number(std::string_view text) {
  int number = 0;
  if (text.starts_with('F') || text.starts_with('f')) text.remove_prefix(1);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) {
    return fail(core::Error(ErrorCode::kInvalidArgument, fmt::format("'{}' is no number of a fault", text))
                    .with_hint("such as F13, F13-F22, or all"));
  }
  return number;
}

}  // namespace

std::span<const FaultInfo> faults() { return kFaults; }

const FaultInfo& info(Fault fault) {
  const FaultInfo& found = kFaults[static_cast<std::size_t>(fault)];
  ARGOSY_CHECK(found.fault == fault, "the table of faults has another order than the enumeration");
  return found;
}

FaultSet FaultSet::all() {
  FaultSet set;
  set.in_.fill(true);
  return set;
}

std::size_t FaultSet::size() const { return static_cast<std::size_t>(std::ranges::count(in_, true)); }

Result<FaultSet> parse_faults(std::string_view text) {
  if (text == "all") return FaultSet::all();
  FaultSet set;
  if (text == "none") return set;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    std::string_view part = text.substr(0, comma);
    text.remove_prefix(std::min(comma + 1, text.size()));
    const std::size_t dash = part.find('-');
    ARGOSY_TRY(const int first, parse_number(part.substr(0, dash)));
    int last = first;
    if (dash != std::string_view::npos) {
      ARGOSY_TRY(last, parse_number(part.substr(dash + 1)));
    }
    bool any = false;
    for (const FaultInfo& each : kFaults) {
      if (each.number < first || each.number > last) continue;
      set.add(each.fault);
      any = true;
    }
    if (!any) {
      return fail(core::Error(ErrorCode::kInvalidArgument, fmt::format("the simulation has no fault {}", part))
                      .with_hint("it has " + to_string(FaultSet::all())));
    }
  }
  return set;
}

std::string to_string(const FaultSet& faults) {
  std::string text;
  for (const FaultInfo& each : kFaults) {
    if (faults.contains(each.fault)) text += fmt::format("{}F{}", text.empty() ? "" : ",", each.number);
  }
  return text.empty() ? "none" : text;
}

}  // namespace argosy::simulation
