#include "net/stream.hpp"

#include <fmt/format.h>

namespace argosy::net {

std::string Address::to_string() const {
  return host.contains(':') ? fmt::format("[{}]:{}", host, port) : fmt::format("{}:{}", host, port);
}

}  // namespace argosy::net
