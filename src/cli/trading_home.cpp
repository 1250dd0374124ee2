#include "cli/trading_home.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <utility>

#include "cli/fee_options.hpp"
#include "cli/home.hpp"
#include "cli/limit_options.hpp"
#include "core/check.hpp"
#include "core/files.hpp"
#include "core/yaml.hpp"
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

Result<void> check_ledger(const live::TradingConfig& config) {
  for (const char* other : {"runs.db", "paper.db"}) {
    if (config.storage.ledger == other)
      return fail(ErrorCode::kInvalidArgument, fmt::format("{} is another database of the home", other));
  }
  return ledger::check_location(config.storage.ledger);
}

ledger::Location location_of(const std::string& ledger, const Globals& globals) {
  ledger::Location location(ledger);
  if (!location.is_server()) location.path = in_home(ledger, globals);
  return location;
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
  readers.checks.push_back({"storage.ledger", check_ledger});
  ARGOSY_TRY(setup.config, live::parse_trading_config(text, path, readers));
  return setup;
}

ledger::Location ledger_location(const TradingSetup& setup, const Globals& globals) {
  return location_of(setup.config.storage.ledger, globals);
}

Result<ledger::Location> ledger_location(const Globals& globals) {
  ARGOSY_TRY(const TradingSetup setup, load_trading(globals));
  return ledger_location(setup, globals);
}

Result<ledger::Location> backed_up_ledger_location(const std::string& path, const Globals& globals) {
  ARGOSY_TRY(const std::string text, core::system_files().read(path));
  ARGOSY_TRY(const core::YamlNode root, core::parse_yaml(text, path));
  const core::YamlNode* storage = root.find("storage");
  const core::YamlNode* ledger = storage == nullptr ? nullptr : storage->find("ledger");
  const bool is_named = ledger != nullptr && ledger->kind == core::YamlNode::Kind::kScalar;
  ledger::Location location = location_of(is_named ? ledger->scalar : live::StorageSettings().ledger, globals);
  ARGOSY_TRY_VOID(ledger::check_location(location));
  return location;
}

std::string with_ledger(const std::string& text, const std::string& ledger) {
  const std::string line = fmt::format("\n  ledger: {}\n", live::StorageSettings().ledger);
  const std::size_t at = text.find(line);
  ARGOSY_CHECK(at != std::string::npos, "the sample of trading.yaml has no line \"ledger: ...\"");
  std::string quoted;
  for (const char c : ledger) quoted += c == '\'' ? "''" : std::string(1, c);
  return text.substr(0, at) + fmt::format("\n  ledger: '{}'\n", quoted) + text.substr(at + line.size());
}

std::string in_home(const std::string& path, const Globals& globals) {
  return (std::filesystem::path(home_folder(globals)) / path).lexically_normal().string();
}

std::string paper_path(const Globals& globals) { return home_folder(globals) + "/paper.db"; }

}  // namespace argosy::cli
