// What the commands of instruments and stocks share: options of an instrument's fields.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/command.hpp"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace argosy::cli {

// A symbol, and an option for each field: --sector Technology.
struct InstrumentOptions {
  struct FieldOption {
    std::string name;
    std::string text;
    CLI::Option* option = nullptr;
  };
  std::string symbol;
  std::vector<FieldOption> fields;

  // The fields must be of ledger::InstrumentRow. The options outlive the command.
  void add_to(CLI::App& command, std::span<const std::string_view> names);
  // Those that the command line has, with their texts.
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> given() const;
};

void add_stock_prices(CLI::App& parent, Globals& globals);  // stock_prices.cpp

}  // namespace argosy::cli
