#include "cli/serve_jobs.hpp"

#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "cli/home.hpp"
#include "cli/ledger_home.hpp"
#include "core/child_process.hpp"
#include "core/config.hpp"
#include "core/files.hpp"

namespace argosy::cli {

using core::Result;

namespace {

constexpr auto kStopPatience = std::chrono::seconds(2);

// What children need of this process's environment, and nothing else: no password but that of the ledger's server.
constexpr std::array<const char*, 12> kPassedOn = {"HOME",      "PATH",          "LANG",           "LC_ALL",
                                                   "TZ",        "TMPDIR",        "PGPASSWORD",     "PGPASSFILE",
                                                   "PGSSLMODE", "PGSSLROOTCERT", "ARGOSY_SAMPLES", "LD_LIBRARY_PATH"};

std::vector<std::string> passed_environment() {
  const core::Environment environment = core::system_environment();
  std::vector<std::string> out;
  for (const char* name : kPassedOn) {
    if (const auto value = environment(name)) out.push_back(fmt::format("{}={}", name, *value));
  }
  return out;
}

Result<std::string> absolute(const std::string& path) {
  std::error_code failed;
  const std::filesystem::path whole = std::filesystem::absolute(path, failed);
  if (failed) return core::fail(core::ErrorCode::kIo, fmt::format("{}: {}", path, failed.message()));
  return whole.lexically_normal().string();
}

}  // namespace

Result<jobs::JobPlaces> job_places(const Globals& globals, const TradingSetup& setup, ledger::Database& database) {
  jobs::JobPlaces places;
  // The file that runs now, also where another has been put in its place.
  places.program = "/proc/self/exe";
  ARGOSY_TRY(places.home, absolute(home_folder(globals)));
  ARGOSY_TRY(places.backups, absolute(in_home(setup.config.storage.backups, globals)));
  places.imports = places.home + "/imports";
  places.scratch = places.home + "/jobs";
  places.strategy_folders = {places.home + "/strategies"};
  if (const std::string samples = samples_folder("strategies"); !samples.empty())
    places.strategy_folders.push_back(samples);
  places.files = &core::system_files();
  places.ledger = &database;
  return places;
}

Result<std::unique_ptr<ServedJobs>> ServedJobs::open(const Globals& globals, const TradingSetup& setup,
                                                     const ledger::HolderRow& holder) {
  std::unique_ptr<ServedJobs> served(new ServedJobs());
  const live::JobSettings& wanted = setup.config.jobs;
  if (wanted.workers == 0) return served;
  ARGOSY_TRY(served->database_, open_ledger(globals));
  ARGOSY_TRY(served->places_, job_places(globals, setup, *served->database_));
  served->thread_ = std::make_unique<core::ExecutorThread>(served->clock_, "jobs");
  jobs::WorkersSettings settings;
  settings.worker = fmt::format("{} {}", holder.process, holder.fencing);
  settings.fencing = holder.fencing;
  settings.workers = wanted.workers;
  settings.most_memory = static_cast<std::uint64_t>(wanted.memory_megabytes) * 1024 * 1024;
  settings.environment = passed_environment();
  settings.keep = std::chrono::hours(24 * wanted.keep_days);
  settings.seed = static_cast<std::uint64_t>(served->clock_.now().time_since_epoch().count());
  served->workers_ = std::make_unique<jobs::Workers>(
      *served->database_, std::move(settings),
      [places = &served->places_](const jobs::JobRow& job) { return jobs::make_command(job, *places); },
      core::real_processes(), core::system_files(), served->thread_->executor());
  return served;
}

ServedJobs::~ServedJobs() { stop(); }

void ServedJobs::start() {
  if (workers_ != nullptr) workers_->start();
}

void ServedJobs::stop() {
  if (workers_ == nullptr) return;
  workers_->stop(kStopPatience);
  thread_->stop();
  workers_.reset();
}

}  // namespace argosy::cli
