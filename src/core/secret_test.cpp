#include "core/secret.hpp"

#include <fmt/format.h>
#include <fmt/ostream.h>
#include <gtest/gtest.h>

#include <ostream>
#include <type_traits>

namespace argosy::core {
namespace {

template <class T>
concept Streamable = requires(std::ostream& out, const T& value) { out << value; };

// A canary: the checks below can see what is formattable.
static_assert(fmt::is_formattable<std::string>::value && Streamable<std::string>);
static_assert(!fmt::is_formattable<Secret>::value);
static_assert(!Streamable<Secret>);
static_assert(!std::is_convertible_v<Secret, std::string> && !std::is_convertible_v<Secret, std::string_view>);
static_assert(!std::is_constructible_v<std::string, Secret> && !std::is_convertible_v<std::string, Secret>);

TEST(Secret, KeepsItsText) {
  Secret secret(std::string(100, 's'));
  const Secret copy = secret;
  const Secret moved = std::move(secret);
  EXPECT_EQ(moved.expose(), std::string(100, 's'));
  EXPECT_EQ(copy.expose(), moved.expose());
  Secret other;
  EXPECT_TRUE(other.empty());
  other = copy;
  other = Secret("short");
  EXPECT_EQ(other.expose(), "short");
}

TEST(Secret, WipesItsText) {
  alignas(Secret) std::byte place[sizeof(Secret)];
  // A text this short lies inside the object, so what the destructor leaves there can be looked at.
  auto* secret = new (place) Secret("hush hush");
  const auto* text = reinterpret_cast<const volatile char*>(secret->expose().data());
  ASSERT_GE(reinterpret_cast<const volatile std::byte*>(text), place);
  ASSERT_LT(reinterpret_cast<const volatile std::byte*>(text), place + sizeof(Secret));
  const std::ptrdiff_t at = reinterpret_cast<const volatile std::byte*>(text) - place;
  secret->~Secret();
  for (std::ptrdiff_t i = 0; i < 9; ++i) {
    EXPECT_EQ(static_cast<int>(reinterpret_cast<const volatile unsigned char*>(place)[at + i]), 0) << i;
  }
}

}  // namespace
}  // namespace argosy::core
