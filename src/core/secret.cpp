#include "core/secret.hpp"

#include <cstring>

namespace argosy::core {

Secret::~Secret() {
  text_.resize(text_.capacity());  // a shorter text may have left a tail behind
  explicit_bzero(text_.data(), text_.size());
}

}  // namespace argosy::core
