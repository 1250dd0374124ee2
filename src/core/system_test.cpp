#include "core/system.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace argosy::core {
namespace {

TEST(System, TellsFreeBytesOfAPathThatIsThere) {
  const auto free = real_system().free_bytes(testing::TempDir());
  ASSERT_TRUE(free.has_value()) << free.error().describe();
  EXPECT_GT(*free, 0U);
  EXPECT_FALSE(real_system().free_bytes("/there/is/no/such/folder").has_value());
}

TEST(System, ResidentBytesGrowWithWhatIsTouched) {
  const auto before = real_system().resident_bytes();
  ASSERT_TRUE(before.has_value()) << before.error().describe();
  constexpr std::size_t kTouched = 64U * 1024 * 1024;
  const std::vector<char> touched(kTouched, 'x');
  const auto after = real_system().resident_bytes();
  ASSERT_TRUE(after.has_value());
  EXPECT_EQ(touched[kTouched / 2], 'x');
  EXPECT_GT(*after, *before + kTouched / 2);
}

}  // namespace
}  // namespace argosy::core
