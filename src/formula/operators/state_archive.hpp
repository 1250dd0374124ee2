// Carries members out of a kernel and back in: one list of members serves both directions.
//
//   void persist(StateArchive& archive) override { archive(sum_, ring_, inner_); }
//
// Members are numbers, enums, plain structs of them without padding, vectors of these whose length the arguments fix,
// and things that have a persist(StateArchive&) themselves.
#pragma once

#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace argosy::formula {

class StateArchive {
 public:
  [[nodiscard]] static StateArchive saving(std::string& out) { return StateArchive(&out, {}); }
  [[nodiscard]] static StateArchive loading(std::string_view bytes) { return StateArchive(nullptr, bytes); }

  template <class... Members>
  void operator()(Members&... members) {
    (member(members), ...);
  }

  // Loading: whether all bytes were taken, no more and no fewer. The kernel is of no use otherwise.
  [[nodiscard]] bool complete() const { return good_ && bytes_.empty(); }

 private:
  StateArchive(std::string* out, std::string_view bytes) : out_(out), bytes_(bytes) {}

  template <class T>
  void member(T& value) {
    if constexpr (requires { value.persist(*this); }) {
      value.persist(*this);
    } else {
      static_assert(std::is_trivially_copyable_v<T> && !std::is_pointer_v<T>);
      raw(&value, sizeof value);
    }
  }
  template <class T>
  void member(std::vector<T>& values) {
    for (T& value : values) member(value);
  }
  void member(std::vector<double>& values) { raw(values.data(), values.size() * sizeof(double)); }

  void raw(void* data, std::size_t size) {
    if (size == 0) return;
    if (out_ != nullptr) {
      out_->append(static_cast<const char*>(data), size);
      return;
    }
    good_ = good_ && size <= bytes_.size();
    if (!good_) return;
    std::memcpy(data, bytes_.data(), size);
    bytes_.remove_prefix(size);
  }

  std::string* out_;
  std::string_view bytes_;
  bool good_ = true;
};

}  // namespace argosy::formula
