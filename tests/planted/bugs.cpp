#include "bugs.hpp"

#include <algorithm>
#include <array>

#include "core/check.hpp"

namespace argosy::core::planted {
namespace {

using enum Bug;

constexpr std::array kBugs = std::to_array<BugText>({
    {kSendsBeforeWriting, "sends-before-writing", "an order goes to the broker before the ledger has its row", "F1,F4"},
    {kDropsBatchAfterError, "drops-batch-after-error", "what could not be written is not tried again", "F4,F6"},
    {kJournalMissesLast, "journal-misses-last", "the last event of a long turn is not written", "none"},
    {kCommitsHalfway, "commits-halfway", "journal and rows are committed one after the other", "F1,F2"},
    {kIgnoresFencing, "ignores-fencing", "a process writes on after another has taken the ledger", "F11,F12"},
    {kForgetsPositions, "forgets-positions", "the rows of positions are not written", "F1"},
    {kLosesNotifications, "loses-notifications", "what people should be told is not stored", "F13,F14"},
    {kBreaksAuditChain, "breaks-audit-chain", "audit rows do not carry the hash of the row before", "none"},
    {kNeverSyncs, "never-syncs", "SQLite syncs nothing", "F2"},
    {kSyncsLate, "syncs-late", "SQLite syncs its log at checkpoints only", "F2"},

    {kReusesOrderNumbers, "reuses-order-numbers", "a new process gives the last order's number once more", "F1"},
    {kForgetsWorkingOrders, "forgets-working-orders", "a new process does not look up what the old one had at work",
     "F1,F15"},
    {kForgetsEndedOrders, "forgets-ended-orders", "a new process knows no orders that have ended, and drops late fills",
     "F1,F23"},
    {kForgetsFills, "forgets-fills", "a new process does not know which fills are booked", "F1,F23"},
    {kForgetsItsName, "forgets-its-name", "a new process takes orders with the old one's ids for those of others",
     "F1,F15"},
    {kForgetsSwitches, "forgets-switches", "the kill switch is off after a restart", "F1,F45"},
    {kForgetsBreaker, "forgets-breaker", "the circuit breaker is closed after a restart", "F1"},
    {kForgetsLosses, "forgets-losses", "what the circuit breaker counts is written a while after the trade", "F1"},
    {kForgetsTrials, "forgets-trials", "a new process allows the entries of the breaker's trial once more", "F1"},
    {kForgetsDaysLosses, "forgets-days-losses", "a new process takes what the day lost before it for none", "F1"},
    {kTakesStoredForUnsent, "takes-stored-for-unsent", "what was stored before a crash is taken for never sent",
     "F1,F15"},
    {kFundsAgain, "funds-again", "each connection tells the broker all deposits once more, by new numbers", "F1"},

    {kBooksOneLeg, "books-one-leg", "a fee leaves its payer and arrives nowhere", "none"},
    {kBalanceMissesSales, "balance-misses-sales", "a service's balance does not grow by what it sells", "none"},
    {kPaysForSales, "pays-for-sales", "the sign of a sale's cash is that of a purchase", "none"},
    {kAddsSoldShares, "adds-sold-shares", "the sign of a sale's shares is that of a purchase", "none"},
    {kBooksFeesTwice, "books-fees-twice", "each fee is booked two times", "none"},
    {kForgetsFeesOfSales, "forgets-fees-of-sales", "fees are booked of purchases only", "none"},
    {kRoundsFees, "rounds-fees", "fees are cut to whole cents", "none"},
    {kBooksAtLastPrice, "books-at-last-price", "a fill is booked at the last price seen rather than its own", "none"},
    {kAveragesNothing, "averages-nothing", "an order's average price is that of its last fill", "F23"},
    {kLeavesOrdersUnsplit, "leaves-orders-unsplit", "a split does not restate the rows of orders that work", "F23,F35"},
    {kBooksActionsAgain, "books-actions-again", "an action that is booked is booked again when it is told again",
     "F35,F1"},

    {kBooksFillsAgain, "books-fills-again", "a fill that is told twice is booked twice", "F19"},
    {kTakesLastFillOnly, "takes-last-fill-only", "of a report's fills only the last is booked", "F22,F23"},
    {kDropsLateFills, "drops-late-fills", "a fill of an order that has ended is dropped", "F23"},
    {kTakesPartForWhole, "takes-part-for-whole", "the first part of an order fills it", "F23"},
    {kIgnoresGaps, "ignores-gaps", "fills that are missing are not asked for", "F22,F23"},
    {kTakesSilenceForRejection, "takes-silence-for-rejection", "an order without an answer is taken for rejected",
     "F13"},
    {kHidesUnknownOrders, "hides-unknown-orders", "nobody is told that the outcome of an order is unknown", "F13,F14"},
    {kTakesAnothersOrder, "takes-anothers-order", "an order without an answer is matched with one that is taken",
     "F13,F14"},
    {kBelievesEmptyList, "believes-empty-list", "what is not among the open orders is taken for cancelled", "F46"},
    {kTakesCancelForDone, "takes-cancel-for-done", "an order counts as cancelled before the broker has said so", "F23"},
    {kForgetsUnsent, "forgets-unsent", "an order that could not be sent stays as it is", "F6,F29"},
    {kSendsLate, "sends-late", "an order that waited for the ledger is sent however old it is", "F6"},
    {kTrustsTheCache, "trusts-the-cache", "what a failed sync left is taken for durable after a restart", "F2,F3"},
    {kComparesNoPositions, "compares-no-positions", "positions are not compared with the broker's", "F26"},
    {kComparesNoCash, "compares-no-cash", "cash is not compared with the broker's", "F26"},
    {kResendsAfterReconnect, "resends-after-reconnect", "a new connection sends what was not answered without asking",
     "F13,F29"},
    {kNeverReconnects, "never-reconnects", "a connection that broke is not opened again", "F29"},

    {kUsesStaleQuotes, "uses-stale-quotes", "decisions are made on prices of any age", "F12,F32"},
    {kBelievesCrossedQuotes, "believes-crossed-quotes", "a bid above its ask is believed", "F30"},
    {kBelievesZeroPrices, "believes-zero-prices", "prices of nothing and below are believed", "F31"},
    {kBelievesOldQuotes, "believes-old-quotes", "prices that come late are believed", "F31"},
    {kOrdersWhileOneWorks, "orders-while-one-works", "a service orders before its last order has ended", "none"},
    {kSellsOthersShares, "sells-others-shares", "a service sells what the account holds", "none"},
    {kReturnsMoneyEarly, "returns-money-early", "a service that is stopped gives back what its order may still take",
     "F23"},
    {kSendsThroughSwitch, "sends-through-switch", "an order that is being written goes out after the kill switch",
     "F45"},
    {kChecksFirstOrderOnly, "checks-first-order-only", "the size of an order is checked once a minute", "none"},
    {kAllowsOneShareMore, "allows-one-share-more", "a position may be one share larger than its limit", "none"},
    {kCountsNoWorkingOrders, "counts-no-working-orders", "limits are compared with positions alone", "F23"},
    {kKeepsReserves, "keeps-reserves", "money that an order was promised is not free again when it ends", "F17,F23"},
    {kIgnoresDailyLoss, "ignores-daily-loss", "positions grow on a day that has lost more than it may", "none"},
    {kIgnoresDrawdown, "ignores-drawdown", "positions grow when more than may be is lost since the highest equity",
     "none"},
    {kIgnoresLeverage, "ignores-leverage", "positions may be larger than the leverage allows", "none"},
    {kForgetsPeak, "forgets-peak", "a new process takes its first equity for the highest", "F1"},
    {kBreakerIgnoresDrawdown, "breaker-ignores-drawdown", "the circuit breaker does not look at the highest equity",
     "none"},
});
static_assert(kBugs.size() + 1 == static_cast<std::size_t>(kCount));
static_assert([] {
  for (std::size_t i = 0; i < kBugs.size(); ++i) {
    if (kBugs[i].bug != static_cast<Bug>(i + 1)) return false;
  }
  return true;
}());

Bug on = kNone;
bool asked = false;

}  // namespace

bool is_on(Bug bug) {
  if (bug != on) return false;
  asked = true;
  return true;
}

std::span<const BugText> all_bugs() { return kBugs; }

const BugText& text_of(Bug bug) {
  ARGOSY_CHECK(bug != kNone && bug < kCount, "no bug");
  return kBugs[static_cast<std::size_t>(bug) - 1];
}

std::optional<Bug> find_bug(std::string_view name) {
  const auto found = std::ranges::find(kBugs, name, &BugText::name);
  return found == kBugs.end() ? std::nullopt : std::optional(found->bug);
}

void switch_on(Bug bug) {
  on = bug;
  asked = false;
}

bool was_asked() { return asked; }

}  // namespace argosy::core::planted
