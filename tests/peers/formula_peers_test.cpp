// Runs tests/peers/test_talib.py, which compares the real program's formulas with TA-Lib.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>

namespace {

TEST(FormulaPeers, ta_lib_gives_the_same_values) {
  const char* python = std::getenv("ARGOSY_PEERS_PYTHON");
  if (python == nullptr) GTEST_SKIP() << "ARGOSY_PEERS_PYTHON is not set: run ./dev test --label peers";
  const std::string command =
      fmt::format("ARGOSY='{}' '{}' '{}/tests/peers/test_talib.py'", ARGOSY_PROGRAM, python, ARGOSY_SOURCE_DIR);
  EXPECT_EQ(std::system(command.c_str()), 0) << command;
}

}  // namespace
