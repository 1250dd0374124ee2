// The configuration of trading that is in force in a home (live/trading_config.hpp), with what this program knows of
// brokers.
//
//   ARGOSY_TRY(const TradingSetup setup, load_trading(globals));
//   const trading::LimitProfile& limits = setup.config.hard_limits;
#pragma once

#include <string>
#include <vector>

#include "brokers/paper_settings.hpp"
#include "cli/command.hpp"
#include "core/result.hpp"
#include "ledger/open.hpp"
#include "live/trading_config.hpp"

namespace argosy::cli {

struct TradingSetup {
  live::TradingConfig config;
  brokers::PaperSettings paper;
  std::string path;  // of the file it was read from
};

// The sections of the brokers that this program has, bound to `setup`.
[[nodiscard]] std::vector<core::ConfigSection> broker_sections(TradingSetup& setup);
// The text of samples/config/trading.yaml: what `init` writes as home/trading.yaml.
[[nodiscard]] core::Result<std::string> default_trading_config_text();
// home/trading.yaml where it is, otherwise the sample.
[[nodiscard]] std::string trading_config_path(const Globals& globals);
// Reads and checks the file: every mistake at once, with line and column.
[[nodiscard]] core::Result<TradingSetup> load_trading(const Globals& globals);
[[nodiscard]] core::Result<TradingSetup> read_trading(const std::string& path, const Globals& globals);
// Where the ledger is, by storage.ledger: a file, in the home unless its path is absolute, or a server.
[[nodiscard]] ledger::Location ledger_location(const TradingSetup& setup, const Globals& globals);
[[nodiscard]] core::Result<ledger::Location> ledger_location(const Globals& globals);
// The same of a file that a backup holds: of what else it names, nothing need be there yet.
[[nodiscard]] core::Result<ledger::Location> backed_up_ledger_location(const std::string& path, const Globals& globals);
// The sample's text with another storage.ledger.
[[nodiscard]] std::string with_ledger(const std::string& text, const std::string& ledger);
// The paper broker's books.
[[nodiscard]] std::string paper_path(const Globals& globals);
// A path of the configuration: as it stands when it is absolute, otherwise within the home.
[[nodiscard]] std::string in_home(const std::string& path, const Globals& globals);

}  // namespace argosy::cli
