// Damage to the files of a ledger, drawn from a seed, and what comes of it (F7): a mutated ledger is opened and looked
// at as a process that is about to trade does, and compared with what it held.
//
//   LedgerExaminer examiner(take_ledger_moments(seed));
//   const Mutated mutated = examiner.mutate(kind, rng);
//   examiner.examine(mutated)                                     // Verdict::kWrong: nobody saw a wrong balance
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "core/rng.hpp"

namespace argosy::simulation {

// A database as it lies on a disk: its file, and beside it its write-ahead log; empty: none.
struct LedgerFiles {
  std::string file;
  std::string log;
};

// What mutations take their parts from.
struct LedgerMoments {
  core::Timestamp time;        // of the newest
  LedgerFiles earlier;         // the same ledger, before some of its commits, and before a checkpoint
  LedgerFiles earlier_closed;  // that state in one file
  LedgerFiles closed;          // the newest state in one file
  LedgerFiles logged;          // the newest state, its last commits in the log alone
  LedgerFiles copied;          // the same, its log copied to the file already, and not begun anew
  LedgerFiles other;           // of another ledger
};

// Of worlds that traded: each state holds orders and fills.
[[nodiscard]] LedgerMoments take_ledger_moments(std::uint64_t seed);

enum class Mutation : std::uint8_t {
  kBit,          // one bit of the file is another
  kByte,         // one byte
  kRun,          // 2 to 4,096 bytes
  kZeroPage,     // a page is zeros
  kSwapPages,    // two pages stand in each other's place
  kCopyPage,     // a page stands in another's place, too
  kEarlierPage,  // a page as it was earlier: a write that never arrived
  kCut,          // the file ends earlier
  kHeader,       // its header is zeros
  kLogBit,
  kLogRun,
  kLogFrames,   // two frames of the log stand in each other's place
  kLogCut,      // the log ends earlier
  kNoLog,       // there is none
  kLogOfOther,  // that of another ledger
  kEarlierLog,  // the log of an earlier moment
  kEarlierFile  // the file of an earlier moment, under the newer log
};
inline constexpr std::array<std::string_view, 17> kMutations{"a bit",
                                                             "a byte",
                                                             "a run of bytes",
                                                             "a page of zeros",
                                                             "two pages swapped",
                                                             "a page twice",
                                                             "an earlier page",
                                                             "cut",
                                                             "no header",
                                                             "a bit of the log",
                                                             "a run of the log",
                                                             "two frames swapped",
                                                             "the log cut",
                                                             "no log",
                                                             "the log of another ledger",
                                                             "the log of earlier",
                                                             "the file of earlier"};

enum class Verdict : std::uint8_t {
  kUnreadable,   // it cannot be opened
  kContradicts,  // it can; what is computed again before anything is traded, and by `argosy db verify`, finds it
  kHarmless,     // all rows are as they were
  kEarlier,      // all rows are as they were after an earlier commit
  kElsewhere,    // a text or a mark that no amount follows from is another, and nobody sees it
  kWrong,        // an amount, an order, a fill or a balance is another, and nobody sees it
};
inline constexpr std::array<std::string_view, 6> kVerdicts{"unreadable",        "contradicts itself", "harmless",
                                                           "an earlier moment", "other texts",        "WRONG"};

struct Mutated {
  LedgerFiles files;
  std::string what;  // was done, in words
};

struct Examined {
  Verdict verdict = Verdict::kHarmless;
  std::string why;  // the first finding, or the tables that differ
};

class LedgerExaminer {
 public:
  explicit LedgerExaminer(LedgerMoments moments);

  [[nodiscard]] Mutated mutate(Mutation kind, core::Rng& rng) const;
  [[nodiscard]] Examined examine(const LedgerFiles& files);
  // Commits of the log, after each of which the ledger was as it then was.
  [[nodiscard]] std::size_t earlier_states() const { return earlier_.size(); }

 private:
  // The rows of each table as one text; what no amount follows from apart.
  struct Content {
    std::map<std::string, std::string> books;
    std::map<std::string, std::string> others;
    auto operator<=>(const Content&) const = default;
  };
  struct Looked {
    std::optional<std::string> refused;
    std::optional<std::string> finding;
    Content content;
  };
  [[nodiscard]] Looked look(const LedgerFiles& files, bool verifies);

  LedgerMoments moments_;
  core::SimulatedClock clock_;
  Content newest_;
  std::set<Content> earlier_;
};

}  // namespace argosy::simulation
