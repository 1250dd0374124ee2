// For tests: a paper connection and its venue in one simulated time, joined in memory.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include "brokers/broker_world.hpp"
#include "brokers/paper_connection.hpp"
#include "brokers/paper_server.hpp"
#include "brokers/test_commit.hpp"
#include "ledger/open.hpp"
#include "net/memory.hpp"

namespace argosy::brokers {

// Around the clock, so that no case depends on the hour.
inline core::Result<market::Instrument> find_test_instrument(const std::string& symbol) {
  if (symbol.size() > 1) return core::fail(core::ErrorCode::kNotFound, symbol + " is not traded here");
  return market::Instrument{.symbol = symbol};
}

// A folder of its own, gone with it; in memory where the system has such a place, for each commit is synced.
class TestFolder {
 public:
  TestFolder() {
    static int count = 0;
    const std::string base = std::filesystem::is_directory("/dev/shm") ? "/dev/shm" : testing::TempDir();
    path_ = base + "/argosy-paper-" + std::to_string(::getpid()) + "-" + std::to_string(++count);
    std::filesystem::remove_all(path_);
    std::filesystem::create_directories(path_);
  }
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;
  ~TestFolder() { std::filesystem::remove_all(path_); }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

inline std::unique_ptr<ledger::Database> open_paper(const std::string& folder, const core::Clock& clock) {
  auto database = ledger::open_database({.path = folder + "/paper.db"}, paper_schema(), core::system_files(), clock);
  if (!database) ADD_FAILURE() << database.error().describe();
  return database ? *std::move(database) : nullptr;
}

inline core::Result<std::vector<std::string>> verify_paper(ledger::Database& database) {
  return database.read([](ledger::Transaction& work) { return paper_schema().verify(work); });
}

class PaperWorld final : public BrokerWorld {
 public:
  explicit PaperWorld(PaperSettings settings) : settings_(std::move(settings)) {
    start();
    connection_ = std::make_unique<PaperConnection>(*executor_, *client_network_, net::Address{"paper", 1},
                                                    PaperConnectionSettings());
  }
  PaperWorld(const PaperWorld&) = delete;
  PaperWorld& operator=(const PaperWorld&) = delete;
  ~PaperWorld() override {
    const auto faults = verify_paper(*database_);
    EXPECT_TRUE(faults && faults->empty()) << (faults ? faults->front() : faults.error().describe());
  }

  trading::BrokerConnection& connection() override { return *connection_; }
  trading::Committed<OrderTicket> commit(OrderTicket ticket) override {
    return live::LedgerWriter::commit(std::move(ticket));
  }
  void settle() override {
    executor_->call_at(clock_.now() + std::chrono::seconds(2), [this] { executor_->stop(); });
    executor_->run();
  }
  void trade_at(Price price) override {
    server_->on_quote("A", {.time = clock_.now(), .bid = price, .ask = price, .last = price});
  }
  void cut() override {
    server_.reset();
    executor_->call_at(clock_.now() + std::chrono::milliseconds(50), [this] { executor_->stop(); });
    executor_->run();
    serve();
  }
  void lose_answers(bool lost) override {
    settings_.lost_answers = core::Rate::from_integer(lost ? 1 : 0);
    restart();
    settle();
  }
  void delay_answers() override {
    settings_.answer_delay_ms = 1'000;
    restart();
    settle();
  }
  void restart() override {
    server_.reset();
    venue_.reset();
    database_.reset();
    start();
  }

  [[nodiscard]] PaperVenue& venue() { return *venue_; }
  [[nodiscard]] ledger::Database& database() { return *database_; }
  [[nodiscard]] PaperServer& server() { return *server_; }
  [[nodiscard]] core::SimulatedClock& clock() { return clock_; }

 private:
  void start() {
    database_ = open_paper(folder_.path(), clock_);
    const auto terms = make_paper_terms(settings_);
    ASSERT_TRUE(terms) << terms.error().describe();
    auto venue = PaperVenue::open(*terms, *database_, find_test_instrument, clock_);
    ASSERT_TRUE(venue) << venue.error().describe();
    venue_ = *std::move(venue);
    serve();
  }
  void serve() {
    server_ = std::make_unique<PaperServer>(*executor_, *venue_,
                                            [](const core::Error& why) { ADD_FAILURE() << why.describe(); });
    const auto listens = server_->listen(*venue_network_, {"paper", 1});
    ASSERT_TRUE(listens) << listens.error().describe();
  }

  PaperSettings settings_;
  TestFolder folder_;
  core::SimulatedClock clock_{core::Timestamp(std::chrono::seconds(1'700'000'000))};
  std::unique_ptr<core::Executor> executor_ = core::make_simulated_executor(clock_);
  net::MemoryNetwork memory_;
  std::unique_ptr<net::Network> venue_network_ = memory_.host(*executor_);
  std::unique_ptr<net::Network> client_network_ = memory_.host(*executor_);
  std::unique_ptr<ledger::Database> database_;
  std::unique_ptr<PaperVenue> venue_;
  std::unique_ptr<PaperServer> server_;
  std::unique_ptr<PaperConnection> connection_;
};

}  // namespace argosy::brokers
