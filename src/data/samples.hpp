// The sample bars that come with the program, into a new lake.
#pragma once

#include <string>
#include <vector>

#include "core/files.hpp"
#include "core/result.hpp"
#include "data/import.hpp"

namespace argosy::data {

// Imports <folder>/<SYMBOL>.csv for every instrument of <folder>/instruments.csv, as daily bars, with
// <folder>/actions.csv. What the lake already has of it stays as it is.
[[nodiscard]] core::Result<std::vector<ImportReport>> import_samples(const lake::Lake& lake, core::Files& files,
                                                                     const std::string& folder,
                                                                     const lake::Progress& progress = {});

}  // namespace argosy::data
