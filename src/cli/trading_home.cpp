#include "cli/trading_home.hpp"

#include <filesystem>
#include <utility>

#include "cli/fee_options.hpp"
#include "cli/home.hpp"
#include "cli/limit_options.hpp"
#include "core/files.hpp"
#include "feeds/demo_market.hpp"

namespace argosy::cli {

using core::Error;
using core::ErrorCode;
using core::fail;
using core::Result;

namespace {

Result<std::string> sample_path() {
  const std::string folder = samples_folder("config");
  if (folder.empty())
    return fail(Error(ErrorCode::kNotFound, "no samples were found beside the program")
                    .with_hint("set ARGOSY_SAMPLES to their folder"));
  return folder + "/trading.yaml";
}

Result<void> check_market(const live::TradingConfig& config, const Globals& globals) {
  ARGOSY_TRY(const std::string path, named_file("demo", config.feed.market, globals));
  ARGOSY_TRY(const std::string text, core::system_files().read(path));
  ARGOSY_TRY_VOID(feeds::parse_demo_market(text, path));
  return {};
}

}  // namespace

std::vector<core::ConfigSection> broker_sections(TradingSetup& setup) {
  return {core::section("brokers.paper", setup.paper)};
}

Result<std::string> default_trading_config_text() {
  ARGOSY_TRY(const std::string path, sample_path());
  return core::system_files().read(path);
}

std::string trading_config_path(const Globals& globals) {
  std::string own = home_folder(globals) + "/trading.yaml";
  if (core::system_files().exists(own)) return own;
  return sample_path().value_or(own);
}

Result<TradingSetup> load_trading(const Globals& globals) {
  return read_trading(trading_config_path(globals), globals);
}

Result<TradingSetup> read_trading(const std::string& path, const Globals& globals) {
  ARGOSY_TRY(const std::string text, core::system_files().read(path));
  TradingSetup setup{.path = path};
  const auto brokers = broker_sections(setup);
  live::TradingConfigReaders readers{.brokers = brokers, .limits = limit_reader(globals)};
  readers.checks.push_back({"feed.market", [&](const auto& config) { return check_market(config, globals); }});
  readers.checks.push_back({"brokers.paper", [&](const auto&) -> Result<void> {
                              ARGOSY_TRY_VOID(brokers::make_paper_terms(setup.paper, fee_reader(globals)));
                              return {};
                            }});
  readers.checks.push_back(
      {"storage.ledger", [](const auto& config) -> Result<void> {
         if (config.storage.ledger == live::StorageSettings().ledger) return {};
         return fail(
             Error(ErrorCode::kUnsupported, "the commands of this version keep the ledger in the home's ledger.db"));
       }});
  ARGOSY_TRY(setup.config, live::parse_trading_config(text, path, readers));
  return setup;
}

std::string in_home(const std::string& path, const Globals& globals) {
  return (std::filesystem::path(home_folder(globals)) / path).lexically_normal().string();
}

}  // namespace argosy::cli
