// Who asks, when programs between here and the client pass requests on. Only a proxy that is named is believed in what
// it says of its clients; of anybody else X-Forwarded-For is what an attacker wrote.
//
//   ARGOSY_TRY(const Proxies proxies, Proxies::parse({"198.51.100.7", "192.0.2.0/24", "fd00::/8"}));
//   proxies.trusts(request.peer)   // then proxies.apply(request) puts the client in place of the proxy
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "net/http.hpp"

namespace argosy::server {

// IPv4 or IPv6; "::ffff:1.2.3.4" is 1.2.3.4.
class IpAddress {
 public:
  [[nodiscard]] static std::optional<IpAddress> parse(std::string_view text);

  [[nodiscard]] bool is_v4() const;
  // The first bits of the 128 (of an IPv4 address: of 96 and its own 32), the others 0.
  [[nodiscard]] IpAddress network(int bits) const;
  [[nodiscard]] std::string to_string() const;
  friend bool operator==(const IpAddress&, const IpAddress&) = default;

 private:
  std::array<std::uint8_t, 16> bytes_{};
};

class Proxies {
 public:
  Proxies() = default;  // nobody
  // Addresses and networks ("198.51.100.0/24"). kInvalidArgument: what is neither; a network with bits behind its
  // length.
  [[nodiscard]] static core::Result<Proxies> parse(std::span<const std::string> texts);

  [[nodiscard]] bool trusts(std::string_view address) const;
  // Of a request that comes from one of them: `peer` becomes the last address in X-Forwarded-For that is none of them,
  // as far as there are addresses; `is_secure` what X-Forwarded-Proto says.
  void apply(net::HttpRequest& request) const;

 private:
  struct Network {
    IpAddress address;
    int bits = 0;
  };
  [[nodiscard]] bool trusts(const IpAddress& address) const;

  std::vector<Network> networks_;
};

}  // namespace argosy::server
