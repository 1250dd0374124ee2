// Who calls.
#pragma once

#include <cstdint>
#include <string>

#include "ledger/users.hpp"

namespace argosy::auth {

struct Identity {
  std::int64_t user_id = 0;
  std::string username;
  ledger::Role role = ledger::Role::kViewer;  // of a key: no more than its scope
  std::string session_id = {};                // empty: a key
  std::string key_hash = {};                  // of a key
  bool is_feed = false;                       // a key of the feed of charts, which reads nothing else
  // Of who came with a cookie: what a request that changes something must bring besides, since browsers send cookies
  // with whatever a page asks for. Empty: a token, which only those send who know it.
  std::string csrf_token = {};
};

}  // namespace argosy::auth
