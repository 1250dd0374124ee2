#include "trading/trading_hours.hpp"

namespace argosy::trading {

void SessionHours::find(core::Timestamp now) {
  core::Date date = calendar_->local_date(now);
  auto session = calendar_->session(date);
  if (!session || now < session->open) {
    date = calendar_->previous_session(date);
    session = calendar_->session(date);
  }
  open_ = session->open;
  close_ = session->close;
  next_open_ = calendar_->session(calendar_->next_session(date))->open;
}

}  // namespace argosy::trading
