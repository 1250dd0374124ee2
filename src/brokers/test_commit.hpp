// For tests of brokers alone: calls a ticket committed. The real one is live/ledger_writer.hpp, which is not linked
// here.
#pragma once

#include <utility>

#include "trading/broker_connection.hpp"

namespace argosy::live {

class LedgerWriter {
 public:
  static trading::Committed<trading::OrderTicket> commit(trading::OrderTicket ticket) {
    return trading::Committed<trading::OrderTicket>(std::move(ticket));
  }
};

}  // namespace argosy::live
