// Committed<T>: a T that is written in the ledger, so that it survives whatever happens next. Only the ledger writer's
// completion makes one (live/ledger_writer.hpp); it cannot be copied, and is spent by sending it. Code that has no
// Committed<OrderTicket> has nothing that a broker takes.
#pragma once

#include <utility>

namespace argosy::live {
class LedgerWriter;
}

namespace argosy::trading {

template <class T>
class [[nodiscard]] Committed {
 public:
  Committed(const Committed&) = delete;
  Committed& operator=(const Committed&) = delete;
  Committed(Committed&&) noexcept = default;
  Committed& operator=(Committed&&) = delete;

  [[nodiscard]] const T& value() const { return value_; }

 private:
  friend class ::argosy::live::LedgerWriter;
  explicit Committed(T value) : value_(std::move(value)) {}

  T value_;
};

}  // namespace argosy::trading
