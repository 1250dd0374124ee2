// Every planted bug is found. ARGOSY_BUG: the name of one that is looked for alone. ARGOSY_DAYS: other than 500 at
// most.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "bugs.hpp"
#include "finder.hpp"

namespace argosy::simulation {
namespace {

TEST(PlantedAll, EachIsFound) {
  const char* wanted = std::getenv("ARGOSY_BUG");  // NOLINT(concurrency-mt-unsafe)
  const char* days = std::getenv("ARGOSY_DAYS");   // NOLINT(concurrency-mt-unsafe)
  const int most = days == nullptr ? kMostDays : std::atoi(days);
  ASSERT_TRUE(wanted == nullptr || core::planted::find_bug(wanted)) << "there is no bug " << wanted;
  for (const core::planted::BugText& each : core::planted::all_bugs()) {
    if (wanted != nullptr && each.name != wanted) continue;
    const auto found = find(each.bug, most);
    EXPECT_TRUE(found) << each.name << " is not found in " << most << " days: " << each.wrong
                       << ". Does CMakeLists.txt name its file?";
    fmt::print("{:28} {:>4}  {}\n", each.name, found ? fmt::to_string(found->days) : "-", found ? found->what : "");
    std::fflush(stdout);
  }
}

}  // namespace
}  // namespace argosy::simulation
