#include "server/proxies.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <ranges>

#include "core/text.hpp"

namespace argosy::server {

using core::Error;
using core::ErrorCode;
using core::fail;
using core::Result;

namespace {

constexpr int kBits = 128;
constexpr int kBitsBeforeV4 = 96;
constexpr std::array<std::uint8_t, 12> kBeforeV4{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

// "[::1]:80" and "[::1]" are ::1, "1.2.3.4:80" is 1.2.3.4: some proxies write ports.
std::string_view without_port(std::string_view text) {
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    return end == std::string_view::npos ? text : text.substr(1, end - 1);
  }
  return std::ranges::count(text, ':') == 1 ? text.substr(0, text.find(':')) : text;
}

}  // namespace

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  const std::string whole(text);  // with a NUL behind it
  if (whole.contains('\0')) return std::nullopt;
  IpAddress address;
  if (::inet_pton(AF_INET6, whole.c_str(), address.bytes_.data()) == 1) return address;
  std::ranges::copy(kBeforeV4, address.bytes_.begin());
  if (::inet_pton(AF_INET, whole.c_str(), address.bytes_.data() + kBeforeV4.size()) == 1) return address;
  return std::nullopt;
}

bool IpAddress::is_v4() const { return std::ranges::equal(std::span(bytes_).first(kBeforeV4.size()), kBeforeV4); }

IpAddress IpAddress::network(int bits) const {
  constexpr int kByte = 8;
  IpAddress network;
  for (int i = 0; i < bits; ++i) {
    const auto at = static_cast<std::size_t>(i / kByte);
    network.bytes_[at] = static_cast<std::uint8_t>(network.bytes_[at] | (bytes_[at] & (0x80U >> (i % kByte))));
  }
  return network;
}

std::string IpAddress::to_string() const {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const bool v4 = is_v4();
  (void)::inet_ntop(v4 ? AF_INET : AF_INET6, bytes_.data() + (v4 ? kBeforeV4.size() : 0), text.data(), text.size());
  return text.data();
}

Result<Proxies> Proxies::parse(std::span<const std::string> texts) {
  Proxies proxies;
  for (const std::string& text : texts) {
    const auto parts = core::split(text, '/');
    const auto address = IpAddress::parse(parts.front());
    const auto wrong = [&](std::string_view why) {
      return fail(Error(ErrorCode::kInvalidArgument, fmt::format("\"{}\" {}", text, why))
                      .with_hint("write an address or a network: 198.51.100.7, 198.51.100.0/24, fd00::/8"));
    };
    if (!address || parts.size() > 2) return wrong("is no address");
    Network network{.address = *address, .bits = kBits};
    if (parts.size() == 2) {
      const auto bits = core::parse_integer(parts[1]);
      const int most = address->is_v4() ? kBits - kBitsBeforeV4 : kBits;
      if (!bits || *bits < 0 || *bits > most) return wrong("has no length of a network");
      network.bits = static_cast<int>(*bits) + kBits - most;
      if (network.address.network(network.bits) != network.address) return wrong("has bits behind its length");
    }
    proxies.networks_.push_back(network);
  }
  return proxies;
}

bool Proxies::trusts(const IpAddress& address) const {
  return std::ranges::any_of(networks_,
                             [&](const Network& each) { return address.network(each.bits) == each.address; });
}

bool Proxies::trusts(std::string_view address) const {
  const auto parsed = IpAddress::parse(address);
  return parsed && trusts(*parsed);
}

void Proxies::apply(net::HttpRequest& request) const {
  if (!trusts(request.peer)) return;
  std::vector<std::string_view> addresses;
  for (const auto& [name, value] : request.headers) {
    if (core::to_lower(name) != "x-forwarded-for") continue;
    for (const std::string_view each : core::split(value, ',')) addresses.push_back(core::trim(each));
  }
  // Each proxy adds whom it heard; what stands before the first that is not trusted may be invented.
  std::string client = request.peer;
  for (const std::string_view each : std::views::reverse(addresses)) {
    const auto parsed = IpAddress::parse(without_port(each));
    if (!parsed) break;
    client = parsed->to_string();
    if (!trusts(*parsed)) break;
  }
  if (const auto protocol = request.headers.find("X-Forwarded-Proto")) {
    request.is_secure = core::to_lower(core::trim(*protocol)) == "https";
  }
  request.peer = std::move(client);
}

}  // namespace argosy::server
