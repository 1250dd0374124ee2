#include "core/thread_priority.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <thread>

namespace argosy::core {
namespace {

int niceness() { return ::getpriority(PRIO_PROCESS, 0); }

TEST(ThreadPriority, IsOfTheThreadAndThoseThatItMakes) {
  const int before = niceness();
  int own = 0;
  int made = 0;
  std::thread([&] {
    let_others_first();
    own = niceness();
    std::thread([&] { made = niceness(); }).join();
  }).join();
  EXPECT_EQ(own, std::min(before + 5, 19));
  EXPECT_EQ(made, own);
  EXPECT_EQ(niceness(), before);
}

}  // namespace
}  // namespace argosy::core
