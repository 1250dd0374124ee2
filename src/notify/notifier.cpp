#include "notify/notifier.hpp"

#include "core/log.hpp"

namespace argosy::notify {

core::Result<void> LogNotifier::deliver(const ledger::OutboxRow& notification) {
  const core::LogLevel level = notification.severity == "error"     ? core::LogLevel::kError
                               : notification.severity == "warning" ? core::LogLevel::kWarning
                                                                    : core::LogLevel::kInfo;
  core::log(level, notification.subject, {{"notification", notification.outbox_id}, {"text", notification.text}});
  return {};
}

}  // namespace argosy::notify
