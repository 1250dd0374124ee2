#include "net/stream.hpp"

#include <fmt/format.h>

namespace argosy::net {

std::string Address::to_string() const { return fmt::format("{}:{}", host, port); }

}  // namespace argosy::net
