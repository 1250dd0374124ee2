#include "simulation/mutations.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <map>
#include <string>

#include "core/log.hpp"
#include "simulation/test_build.hpp"

namespace argosy::simulation {
namespace {

constexpr std::uint64_t kMutated = kSanitized ? (kLong ? 5'000 : 68) : kLong ? 100'000 : 2'000;

// F7. What is silently another is of the journal alone: a text of a decision that no row follows from.
TEST(Mutations, OfALedgerAreFoundOrHarmless) {
  constexpr std::uint64_t kSeed = 8;
  LedgerExaminer examiner(take_ledger_moments(kSeed));
  EXPECT_GT(examiner.earlier_states(), 100U);
  std::array<std::array<std::uint64_t, kVerdicts.size()>, kMutations.size()> counts{};
  std::map<std::string, std::uint64_t> unseen;  // by table
  core::Rng rng(kSeed);
  for (std::uint64_t i = 0; i < kMutated; ++i) {
    const auto kind = static_cast<Mutation>(i % kMutations.size());
    const Mutated mutated = examiner.mutate(kind, rng);
    const Examined examined = examiner.examine(mutated.files);
    ++counts[i % kMutations.size()][static_cast<std::size_t>(examined.verdict)];
    if (examined.verdict == Verdict::kElsewhere) ++unseen[examined.why];
    EXPECT_NE(examined.verdict, Verdict::kWrong) << i << ": " << mutated.what << ": " << examined.why;
  }
  std::string text = fmt::format("{:<26}", "");
  for (const std::string_view verdict : kVerdicts) text += fmt::format("{:>22}", verdict);
  for (std::size_t kind = 0; kind < kMutations.size(); ++kind) {
    text += fmt::format("\n{:<26}", kMutations[kind]);
    for (const std::uint64_t count : counts[kind]) text += fmt::format("{:>22}", count);
  }
  for (const auto& [tables, count] : unseen) text += fmt::format("\nother texts of {}: {}", tables, count);
  fmt::print("{}\n", text);
  std::array<std::uint64_t, kVerdicts.size()> all{};
  for (const auto& kind : counts) {
    for (std::size_t verdict = 0; verdict < all.size(); ++verdict) all[verdict] += kind[verdict];
  }
  for (const Verdict verdict : {Verdict::kUnreadable, Verdict::kContradicts, Verdict::kHarmless, Verdict::kEarlier})
    EXPECT_GT(all[static_cast<std::size_t>(verdict)], 0U);
  static_cast<void>(core::take_warning_count());
}

}  // namespace
}  // namespace argosy::simulation
