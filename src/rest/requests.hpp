// What a caller wants changed, as rows that the process that trades finds, does and answers (live/request.hpp). Whether
// the caller may is asked before.
//
//   ARGOSY_TRY(const core::JsonValue answer, requests.ask(*call.caller, "service_stop", live::OneSubject{.id = 7},
//   key));
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "core/clock.hpp"
#include "core/json.hpp"
#include "core/record.hpp"
#include "core/result.hpp"
#include "ledger/journal.hpp"
#include "ledger/pool.hpp"
#include "server/endpoint.hpp"

namespace argosy::rest {

class Requests {
 public:
  // `told`: called after a request is stored, so that it need not be looked for. All outlive it.
  Requests(ledger::Pool& ledger, const core::Clock& clock, std::function<void()> told,
           core::Duration patience = std::chrono::seconds(5))
      : ledger_(ledger), clock_(clock), told_(std::move(told)), patience_(patience) {}

  // The error that it was answered with; kUnavailable, naming the request, when there is no answer in time
  // (`patience`): it stays, and will be done. What comes with the same key of the same caller is asked once.
  template <class Asked>
  [[nodiscard]] core::Result<core::JsonValue> ask(const server::Caller& caller, std::string_view kind,
                                                  const Asked& asked, std::string_view key) {
    ARGOSY_TRY(std::string payload, text_of(asked));
    return ask_text(caller, kind, std::move(payload), key);
  }
  // The request itself, answered or, when there was no answer in time, not.
  template <class Asked>
  [[nodiscard]] core::Result<ledger::RequestRow> post(const server::Caller& caller, std::string_view kind,
                                                      const Asked& asked, std::string_view key) {
    ARGOSY_TRY(std::string payload, text_of(asked));
    return post_text(caller, kind, std::move(payload), key);
  }
  // Asks again and again, for as long as an answer is waited for, until it is done; false: it is not.
  [[nodiscard]] core::Result<bool> wait(const std::function<core::Result<bool>()>& is_done);
  // Some have been answered: those that wait look. From any thread.
  void answered();
  // Nobody answers any more: who waits is told so.
  void end();

  [[nodiscard]] core::Result<core::JsonValue> ask_text(const server::Caller& caller, std::string_view kind,
                                                       std::string payload, std::string_view key);
  [[nodiscard]] core::Result<ledger::RequestRow> post_text(const server::Caller& caller, std::string_view kind,
                                                           std::string payload, std::string_view key);

 private:
  template <class Asked>
  static core::Result<std::string> text_of(const Asked& asked) {
    auto errors = core::validate(core::record_type<Asked>(), &asked);
    if (!errors.empty()) return core::fail(std::move(errors.front()));
    core::JsonWriter json;
    core::write_json(json, asked);
    return std::move(json).take();
  }
  template <class Row>
  core::Result<ledger::RequestRow> post_and_wait(const server::Caller& caller, std::string_view kind,
                                                 std::string payload, std::string_view key);

  ledger::Pool& ledger_;
  const core::Clock& clock_;
  std::function<void()> told_;
  core::Duration patience_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::uint64_t answers_ = 0;  // how often there were some
  bool ended_ = false;
};

}  // namespace argosy::rest
