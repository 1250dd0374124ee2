// A file system of SQLite for benches, whose syncs are counted, or do nothing.
//
//   syncs::install();      // before a database is opened
//   syncs::off = true;
#pragma once

#include <atomic>
#include <vector>

namespace argosy::syncs {

extern std::atomic<bool> off;

void install();
// Microseconds of each sync since the last call.
[[nodiscard]] std::vector<double> take();

}  // namespace argosy::syncs
