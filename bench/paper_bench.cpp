// Orders that the paper venue accepts a second, from the line that asks to the line that answers: alone, or many at
// once in one commit; with a disk that is synced, and in memory, where syncing costs nothing.
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "brokers/paper_venue.hpp"
#include "core/clock.hpp"
#include "ledger/open.hpp"

namespace argosy::brokers {
namespace {

void accept(benchmark::State& state, const std::string& base) {
  const std::string folder = base + "/argosy-paper-bench-" + std::to_string(::getpid());
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  const core::SystemClock clock;
  auto database = ledger::open_database({.path = folder + "/paper.db"}, paper_schema(), core::system_files(), clock);
  const auto find = [](const std::string& symbol) -> core::Result<market::Instrument> {
    return market::Instrument{.symbol = symbol};
  };
  auto opened = database ? PaperVenue::open(*make_paper_terms({}), **database, find, clock)
                         : core::Result<std::unique_ptr<PaperVenue>>(core::fail(database.error()));
  if (!opened) return state.SkipWithError(opened.error().describe().c_str());
  PaperVenue& venue = **opened;
  constexpr PaperSession kSession{1};
  venue.connect(kSession);
  venue.receive(kSession, to_line(1, Question(Login{.account = "paper"})));
  const std::int64_t batch = state.range(0);
  std::int64_t last = 1;
  for (auto step : state) {
    for (std::int64_t k = 0; k < batch; ++k) {
      ++last;
      venue.receive(kSession,
                    to_line(last, Question(trading::OrderTicket{.client_order_id = "bench-" + std::to_string(last),
                                                                .symbol = "A",
                                                                .quantity = core::Quantity::from_integer(1)})));
    }
    if (!venue.flush()) return state.SkipWithError("the books cannot be written");
    benchmark::DoNotOptimize(venue.take_output());
  }
  state.SetItemsProcessed(state.iterations() * batch);
  std::filesystem::remove_all(folder);
}

void accepts_synced(benchmark::State& state) { accept(state, std::filesystem::temp_directory_path().string()); }
void accepts_in_memory(benchmark::State& state) { accept(state, "/dev/shm"); }
BENCHMARK(accepts_synced)->Arg(1)->Arg(10)->Arg(100)->UseRealTime();
BENCHMARK(accepts_in_memory)->Arg(1)->Arg(10)->Arg(100)->UseRealTime();

}  // namespace
}  // namespace argosy::brokers

BENCHMARK_MAIN();
