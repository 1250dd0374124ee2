// A channel of notifications: where people are told.
#pragma once

#include <string>
#include <string_view>

#include "core/result.hpp"
#include "ledger/journal.hpp"

namespace argosy::notify {

class Notifier {
 public:
  virtual ~Notifier() = default;
  // As in the rows' `channel`.
  [[nodiscard]] virtual std::string_view channel() const = 0;
  // Tells it, or says why it could not. It may take its time, and may be asked for the same row again: a crash forgets
  // that it was told.
  [[nodiscard]] virtual core::Result<void> deliver(const ledger::OutboxRow& notification) = 0;
};

// Into the log, at the level of its severity.
class LogNotifier final : public Notifier {
 public:
  [[nodiscard]] std::string_view channel() const override { return "log"; }
  [[nodiscard]] core::Result<void> deliver(const ledger::OutboxRow& notification) override;
};

}  // namespace argosy::notify
