// What a caller wants changed, as rows that the process that trades finds, does and answers (live/request.hpp). Whether
// the caller may is asked before.
//
//   ARGOSY_TRY(const core::JsonValue answer, requests.ask(*call.caller, "service_stop", live::OneSubject{.id = 7},
//   key));
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "core/clock.hpp"
#include "core/json.hpp"
#include "core/record.hpp"
#include "core/result.hpp"
#include "ledger/changes.hpp"
#include "ledger/journal.hpp"
#include "ledger/pool.hpp"
#include "server/endpoint.hpp"

namespace argosy::rest {

class Requests {
 public:
  // Stores a request as one unit of work, and has whoever does it look for it.
  using StoreRequest = std::function<core::Result<void>(const ledger::Database::Work&)>;
  // All outlive it.
  Requests(ledger::Pool& ledger, const core::Clock& clock, StoreRequest store,
           core::Duration patience = std::chrono::seconds(5))
      : ledger_(ledger), clock_(clock), store_(std::move(store)), patience_(patience) {}

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
  // These have been answered, and the answers are stored. From any thread.
  void answered(std::span<const ledger::RequestAnswer> answers);
  // Nobody answers any more: who waits is told so.
  void end();

  [[nodiscard]] core::Result<core::JsonValue> ask_text(const server::Caller& caller, std::string_view kind,
                                                       std::string payload, std::string_view key);
  [[nodiscard]] core::Result<ledger::RequestRow> post_text(const server::Caller& caller, std::string_view kind,
                                                           std::string payload, std::string_view key);

 private:
  class Place;

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
  StoreRequest store_;
  core::Duration patience_;
  std::mutex mutex_;
  std::condition_variable ending_;
  std::multimap<std::int64_t, Place*> places_;  // by the request's number; several of one that came twice
  bool ended_ = false;
};

}  // namespace argosy::rest
