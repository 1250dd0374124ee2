#include "cli/serve_questions.hpp"

#include <chrono>
#include <future>
#include <memory>
#include <utility>

#include "core/waits.hpp"

namespace argosy::cli {

using core::Error;
using core::ErrorCode;
using core::fail;
using core::Result;
using live::Advice;

namespace {

constexpr int kLooks = 100;
constexpr auto kLookEvery = std::chrono::milliseconds(50);

}  // namespace

Result<Advice> TradingQuestions::ask(core::Executor& executor, Work work) {
  auto answer = std::make_shared<std::promise<Result<Advice>>>();
  std::future<Result<Advice>> waited = answer->get_future();
  executor.post([answer, work = std::move(work)] { answer->set_value(work()); });
  const core::Waits waits;
  for (int i = 0; i < kLooks && !ended_; ++i) {
    if (waited.wait_for(kLookEvery) == std::future_status::ready) return waited.get();
  }
  return fail(Error(ErrorCode::kUnavailable, "the process that trades did not answer").with_hint("ask again"));
}

Result<Advice> TradingQuestions::advise(const live::AdviceWish& wish) {
  // Without a source: nobody decides by that strategy yet.
  ARGOSY_TRY(Advice advice, ask(trading_, [this, wish]() -> Result<Advice> {
               if (!makers_.knows(wish.strategy, wish.symbol)) return Advice{};
               return process_.trader().advise(wish);
             }));
  if (!advice.source.empty()) return advice;
  ARGOSY_TRY_VOID(ask(ledger_, [this, wish]() -> Result<Advice> {
    makers_.prepare(wish.strategy, wish.symbol);
    return Advice{};
  }));
  return ask(trading_, [this, wish] { return process_.trader().advise(wish); });
}

Result<Advice> TradingQuestions::advise(std::int64_t service_id) {
  return ask(trading_, [this, service_id] { return process_.trader().advise(service_id); });
}

}  // namespace argosy::cli
