#include "market/session_finder.hpp"

#include <algorithm>

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
    // Within the date, however long the times before and after are.
    from_ = std::max(from_, open);
    to_ = std::min(to_, close);
    session_ = *session;
  }
}

}  // namespace argosy::market
