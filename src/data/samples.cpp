#include "data/samples.hpp"

#include "data/tables_import.hpp"

namespace argosy::data {

core::Result<std::vector<ImportReport>> import_samples(const lake::Lake& lake, core::Files& files,
                                                       const std::string& folder, const lake::Progress& progress) {
  const std::string instruments_file = folder + "/instruments.csv";
  const std::string actions_file = folder + "/actions.csv";
  ARGOSY_TRY(const std::string instruments, files.read(instruments_file));
  ARGOSY_TRY(const std::string actions, files.read(actions_file));
  lake::Tables samples;
  Instruments rows;
  ARGOSY_TRY_VOID(import_instruments(instruments, instruments_file, rows));
  ARGOSY_TRY_VOID(import_actions(actions, actions_file, samples));

  std::vector<ImportRequest> requests;
  {
    // Actions go first: they explain the splits' jumps to the judgement of the bars.
    ARGOSY_TRY(auto transaction, lake.begin());
    lake::Tables tables = transaction.tables();
    for (const auto& [symbol, row] : rows) {
      tables.instruments.try_emplace(symbol, copy_of(row));
      tables.actions.try_emplace(symbol, samples.actions[symbol]);
      if (tables.actions[symbol].empty()) tables.actions.erase(symbol);
      requests.push_back({.path = folder + "/" + symbol + ".csv", .symbol = symbol});
    }
    transaction.set_tables(std::move(tables));
    ARGOSY_TRY_VOID(transaction.commit());
  }
  return import_files(lake, files, requests, progress);
}

}  // namespace argosy::data
