#include "market/session_finder.hpp"

namespace argosy::market {

void SessionFinder::look_up(core::Timestamp time) {
  const core::Date date = calendar_->local_date(time);
  from_ = calendar_->local_midnight(date);
  to_ = calendar_->local_midnight(date.plus_days(1));
  open_ = false;
  const auto session = calendar_->session(date);
  if (!session) return;
  const core::Timestamp open = session->open - before_;
  const core::Timestamp close = session->close + after_;
  if (time < open) {
    to_ = open;
  } else if (time >= close) {
    from_ = close;
  } else {
    open_ = true;
    from_ = open;
    to_ = close;
    session_ = *session;
  }
}

}  // namespace argosy::market
