// The entry point of every test program. A test that logs at level warning or above without asking for it fails: a test
// that expects such a line says so by calling core::take_warning_count() after it.
#include <gtest/gtest.h>

#include "core/log.hpp"

namespace {

class WarningListener : public testing::EmptyTestEventListener {
  void OnTestStart(const testing::TestInfo&) override { (void)argosy::core::take_warning_count(); }

  void OnTestEnd(const testing::TestInfo&) override {
    const auto count = argosy::core::take_warning_count();
    if (count == 0) return;
    ADD_FAILURE() << count << " lines of level warning or above were logged: expect them with take_warning_count()";
  }
};

}  // namespace

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  testing::UnitTest::GetInstance()->listeners().Append(new WarningListener);  // which owns it
  return RUN_ALL_TESTS();
}
