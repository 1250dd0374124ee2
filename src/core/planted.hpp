// Bugs on purpose: slips that could have been made in the code that holds orders and money. The simulation must find
// each of them, otherwise it proves nothing. Only the preset `planted` compiles them, into a test program of its own
// (tests/planted); everywhere else the question below is the constant false, and nothing is left of it.
//
//   if (!ARGOSY_PLANTED(kForgetsPositions)) ...         // at its place in a .cpp file, never in a header
#pragma once

#include <cstdint>

namespace argosy::core::planted {

// What is wrong with each, and what should bring it to light: tests/planted/bugs.cpp.
enum class Bug : std::uint8_t {
  kNone,
  // Writing.
  kSendsBeforeWriting,
  kDropsBatchAfterError,
  kJournalMissesLast,
  kCommitsHalfway,
  kIgnoresFencing,
  kForgetsPositions,
  kLosesNotifications,
  kBreaksAuditChain,
  kNeverSyncs,
  kSyncsLate,
  // What a process finds when it begins.
  kReusesOrderNumbers,
  kForgetsWorkingOrders,
  kForgetsEndedOrders,
  kForgetsFills,
  kForgetsItsName,
  kForgetsSwitches,
  kForgetsBreaker,
  kForgetsLosses,
  kForgetsTrials,
  kForgetsDaysLosses,
  kTakesStoredForUnsent,
  kFundsAgain,
  // Books.
  kBooksOneLeg,
  kBalanceMissesSales,
  kPaysForSales,
  kAddsSoldShares,
  kBooksFeesTwice,
  kForgetsFeesOfSales,
  kRoundsFees,
  kBooksAtLastPrice,
  kAveragesNothing,
  kLeavesOrdersUnsplit,
  kBooksActionsAgain,
  // What the broker says.
  kBooksFillsAgain,
  kTakesLastFillOnly,
  kDropsLateFills,
  kTakesPartForWhole,
  kIgnoresGaps,
  kTakesSilenceForRejection,
  kHidesUnknownOrders,
  kTakesAnothersOrder,
  kBelievesEmptyList,
  kTakesCancelForDone,
  kForgetsUnsent,
  kSendsLate,
  kTrustsTheCache,
  kComparesNoPositions,
  kComparesNoCash,
  kResendsAfterReconnect,
  kNeverReconnects,
  // Deciding and limits.
  kUsesStaleQuotes,
  kBelievesCrossedQuotes,
  kBelievesZeroPrices,
  kBelievesOldQuotes,
  kOrdersWhileOneWorks,
  kSellsOthersShares,
  kReturnsMoneyEarly,
  kSendsThroughSwitch,
  kChecksFirstOrderOnly,
  kAllowsOneShareMore,
  kCountsNoWorkingOrders,
  kKeepsReserves,
  kIgnoresDailyLoss,
  kIgnoresDrawdown,
  kIgnoresLeverage,
  kForgetsPeak,
  kBreakerIgnoresDrawdown,
  kCount,
};

#ifdef ARGOSY_PLANTED_BUGS
[[nodiscard]] bool is_on(Bug bug);
#else
[[nodiscard]] consteval bool is_on(Bug) { return false; }
#endif

}  // namespace argosy::core::planted

#define ARGOSY_PLANTED(bug) (::argosy::core::planted::is_on(::argosy::core::planted::Bug::bug))
