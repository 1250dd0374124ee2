// Questions of the API to the process that trades: answered on its thread, waited for on the one that asks. What a
// strategy needs from files is read on the ledger's thread before.
//
//   TradingQuestions questions(*trading, ledger_executor, *process, *makers);
//   ARGOSY_TRY(const live::Advice advice, questions.advise(wish));
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>

#include "cli/decision_makers.hpp"
#include "core/executor.hpp"
#include "core/result.hpp"
#include "live/advice.hpp"
#include "live/process.hpp"

namespace argosy::cli {

class TradingQuestions {
 public:
  // All outlive it.
  TradingQuestions(core::Executor& trading, core::Executor& ledger, live::Process& process, TradingMakers& makers)
      : trading_(trading), ledger_(ledger), process_(process), makers_(makers) {}

  // From any thread but those two. kUnavailable: no answer within five seconds, or the program ends.
  [[nodiscard]] core::Result<live::Advice> advise(const live::AdviceWish& wish);
  [[nodiscard]] core::Result<live::Advice> advise(std::int64_t service_id);
  // Nobody answers any more: who waits is told so.
  void end() { ended_ = true; }

 private:
  using Work = std::function<core::Result<live::Advice>()>;
  [[nodiscard]] core::Result<live::Advice> ask(core::Executor& executor, Work work);

  core::Executor& trading_;
  core::Executor& ledger_;
  live::Process& process_;
  TradingMakers& makers_;
  std::atomic<bool> ended_ = false;
};

}  // namespace argosy::cli
