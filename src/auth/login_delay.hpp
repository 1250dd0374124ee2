// How long somebody who failed to log in waits before the next try is looked at. Each failure doubles the wait of the
// account as it is tried from that address; more failures than a person makes slow the address, and the account from
// anywhere, so that neither many passwords for one account nor one password for many accounts get far. From an address
// that has logged in before, the user is not kept out by others.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "core/time.hpp"

namespace argosy::auth {

class LoginDelay {
 public:
  // How long from now; zero: it may be tried. Times are of a clock that never goes back.
  [[nodiscard]] core::Duration wait(std::string_view account, std::string_view peer, core::Duration now) const;
  void failed(std::string_view account, std::string_view peer, core::Duration now);
  void succeeded(std::string_view account, std::string_view peer);

 private:
  struct Failures {
    int count = 0;
    core::Duration last{};
  };
  struct Rule {
    int free;  // failures without a wait
    core::Duration longest;
  };
  static constexpr Rule kPair{3, std::chrono::minutes(5)};
  static constexpr Rule kAccount{20, std::chrono::seconds(30)};
  static constexpr Rule kPeer{20, std::chrono::minutes(5)};
  static constexpr std::size_t kMostRemembered = 10'000;  // of each

  using Map = std::map<std::string, Failures, std::less<>>;
  static core::Duration wait_of(const Map& map, std::string_view key, const Rule& rule, core::Duration now);
  static void count(Map& map, std::string key, core::Duration now);

  mutable std::mutex mutex_;
  Map pairs_;
  Map accounts_;
  Map peers_;
  std::map<std::string, bool, std::less<>> known_;  // pairs that have logged in
};

}  // namespace argosy::auth
