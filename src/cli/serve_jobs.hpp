// The workers of jobs of `argosy serve`, with a thread, a connection to the ledger and a configuration of their own.
//
//   ARGOSY_TRY(const auto jobs, ServedJobs::open(globals, setup, held->holder));
//   jobs->start();
//   ...
//   jobs->stop();
#pragma once

#include <memory>

#include "cli/command.hpp"
#include "cli/trading_home.hpp"
#include "core/clock.hpp"
#include "core/executor_thread.hpp"
#include "core/result.hpp"
#include "jobs/workers.hpp"
#include "ledger/database.hpp"
#include "ledger/journal.hpp"

namespace argosy::cli {

// Where commands of jobs find what they name: the home's folders and the samples.
[[nodiscard]] core::Result<jobs::JobPlaces> job_places(const Globals& globals, const TradingSetup& setup,
                                                       ledger::Database& database);

class ServedJobs {
 public:
  [[nodiscard]] static core::Result<std::unique_ptr<ServedJobs>> open(const Globals& globals, const TradingSetup& setup,
                                                                      const ledger::HolderRow& holder);
  ~ServedJobs();
  ServedJobs(const ServedJobs&) = delete;
  ServedJobs& operator=(const ServedJobs&) = delete;

  void start();
  // Ends what runs, within two seconds; it waits for the next start.
  void stop();

 private:
  ServedJobs() = default;

  core::SystemClock clock_;
  std::unique_ptr<ledger::Database> database_;
  jobs::JobPlaces places_;
  std::unique_ptr<core::ExecutorThread> thread_;
  std::unique_ptr<jobs::Workers> workers_;  // null: none are wanted
};

}  // namespace argosy::cli
