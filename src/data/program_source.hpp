// The rows that a program's plans run over, from a snapshot of the lake.
//
//   ProgramSource source(snapshot, timeframe, range, PriceMode::kAdjusted);
//   formula::run_program(program, symbols, std::ref(source));
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>

#include "core/result.hpp"
#include "data/symbol_data.hpp"
#include "formula/program.hpp"

namespace argosy::data {

// Loads each symbol once, whatever rows are made of it. May be called from several threads at once.
class ProgramSource {
 public:
  ProgramSource(const lake::Snapshot& snapshot, market::Timeframe timeframe, KeyRange range, PriceMode prices)
      : snapshot_(snapshot), timeframe_(timeframe), range_(range), prices_(prices) {}
  // A symbol that is loaded already; it must live as long as this.
  void add(const SymbolData& symbol);

  [[nodiscard]] core::Result<formula::ProgramRows> operator()(const formula::RowContext& context,
                                                              std::string_view entity,
                                                              std::span<const std::string> fields);
  // All symbols that were read, by name. Not while a program runs.
  [[nodiscard]] const std::map<std::string, std::shared_ptr<const SymbolData>>& loaded() const { return loaded_; }

 private:
  core::Result<std::shared_ptr<const SymbolData>> load(const std::string& symbol);

  const lake::Snapshot& snapshot_;
  market::Timeframe timeframe_;
  KeyRange range_;
  PriceMode prices_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<const SymbolData>> loaded_;
};

}  // namespace argosy::data
