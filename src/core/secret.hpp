// Text that cannot be printed or logged: it has no conversion to string, no stream or fmt formatter, and is wiped when
// it is destroyed. expose() is the one way to it, easy to find in review.
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace argosy::core {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string text) : text_(std::move(text)) {}
  Secret(const Secret&) = default;
  Secret(Secret&& other) noexcept { text_.swap(other.text_); }
  // By swapping, so that the old text is wiped too.
  Secret& operator=(Secret other) noexcept {
    text_.swap(other.text_);
    return *this;
  }
  ~Secret();

  [[nodiscard]] bool empty() const { return text_.empty(); }
  // The text itself, to hand to the one call that needs it.
  [[nodiscard]] std::string_view expose() const { return text_; }

 private:
  std::string text_;
};

}  // namespace argosy::core
