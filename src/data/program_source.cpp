#include "data/program_source.hpp"

#include <utility>

#include "lake/lake.hpp"

namespace argosy::data {

void ProgramSource::add(const SymbolData& symbol) {
  loaded_[symbol.instrument.symbol] = {std::shared_ptr<void>(), &symbol};
}

core::Result<formula::ProgramRows> ProgramSource::operator()(const formula::RowContext& context,
                                                             std::string_view entity,
                                                             std::span<const std::string> fields) {
  ARGOSY_TRY(const auto symbol, load(std::string(entity)));
  SymbolRows rows;
  if (context.timeframe.empty()) {
    ARGOSY_TRY(rows, make_rows(*symbol, fields, prices_));
  } else {
    ARGOSY_TRY(const market::Timeframe timeframe, market::Timeframe::parse(context.timeframe));
    ARGOSY_TRY(rows, make_rows(*symbol, fields, prices_, timeframe));
  }
  return formula::ProgramRows{.keys = std::move(rows.keys),
                              .closing = std::move(rows.closing),
                              .columns = std::move(rows.columns),
                              .sector = symbol->instrument.sector,
                              .left_out = {}};
}

core::Result<std::shared_ptr<const SymbolData>> ProgramSource::load(const std::string& symbol) {
  // One symbol at a time: the lake's library uses all cores for each.
  const std::scoped_lock lock(mutex_);
  if (const auto found = loaded_.find(symbol); found != loaded_.end()) return found->second;
  ARGOSY_TRY(SymbolData data, load_symbol(snapshot_, symbol, timeframe_, range_));
  auto shared = std::make_shared<const SymbolData>(std::move(data));
  loaded_[symbol] = shared;
  return shared;
}

}  // namespace argosy::data
