#include "live/recorder.hpp"

#include <array>
#include <utility>

#include "core/check.hpp"
#include "core/planted.hpp"

namespace argosy::live {

std::string_view to_string(Severity severity) {
  constexpr std::array<std::string_view, 3> kNames{"info", "warning", "error"};
  return kNames[static_cast<std::size_t>(severity)];
}

std::int64_t Recorder::record(What what) {
  Event event{.seq = book_.last().journal + 1, .time = clock_.now(), .what = std::move(what)};
  const auto done = book_.apply(event);
  ARGOSY_CHECK(done.has_value(), "{}", done.error().message);
  const std::int64_t seq = event.seq;
  if (batch_.events.empty()) {
    batch_.events.reserve(4);  // an order's are three
    if (on_first_) on_first_();
  }
  batch_.events.push_back(std::move(event));
  return seq;
}

void Recorder::notify(Severity severity, std::string subject, std::string text, std::optional<std::int64_t> owner_id) {
  batch_.changes.outbox.push_back({.outbox_id = book_.next_outbox(),
                                   .time = clock_.now(),
                                   .channel = "log",
                                   .severity = std::string(to_string(severity)),
                                   .subject = std::move(subject),
                                   .text = std::move(text),
                                   .owner_id = owner_id});
}

void Recorder::audit(std::string actor, std::string action, std::string subject, std::string before,
                     std::string after) {
  batch_.changes.audit.push_back({.time = clock_.now(),
                                  .actor = std::move(actor),
                                  .action = std::move(action),
                                  .subject = std::move(subject),
                                  .before = std::move(before),
                                  .after = std::move(after)});
}

std::optional<Batch> Recorder::take() {
  book_.collect(batch_.changes);
  if (ARGOSY_PLANTED(kLosesNotifications)) batch_.changes.outbox.clear();
  if (batch_.events.empty() && batch_.changes.empty()) return std::nullopt;
  return std::exchange(batch_, {});
}

}  // namespace argosy::live
