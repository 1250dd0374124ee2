// What is wrong with the stored data: files that are damaged, and bars that are impossible, odd or missing.
#pragma once

#include <string>
#include <vector>

#include "core/record.hpp"
#include "core/result.hpp"
#include "lake/lake.hpp"

namespace argosy::data {

struct Problem {
  std::string severity;  // "error": data cannot be relied on; "odd": look at it
  std::string symbol;    // or the symbols of a damaged file
  std::string timeframe;
  std::string place;  // a time, or a file
  std::string rule;
  std::string detail;
  std::string advice;
};

struct CheckReport {
  std::int64_t files = 0;
  std::int64_t series = 0;
  std::int64_t bars = 0;
  std::vector<Problem> problems;  // errors first

  [[nodiscard]] std::int64_t errors() const;
};

// Compares every file with its hash, then judges every series by market/quality.hpp.
[[nodiscard]] core::Result<CheckReport> check(const lake::Snapshot& snapshot, const lake::Progress& progress = {});

}  // namespace argosy::data

template <>
struct argosy::core::RecordOf<argosy::data::Problem> {
  using Problem = argosy::data::Problem;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Problem, severity, .text = "error or odd"),
      ARGOSY_FIELD(Problem, symbol, .text = "ticker symbols it concerns"),
      ARGOSY_FIELD(Problem, timeframe, .text = "length of a bar"),
      ARGOSY_FIELD(Problem, place, .text = "time of the bar, or the file"),
      ARGOSY_FIELD(Problem, rule, .text = "what it breaks"),
      ARGOSY_FIELD(Problem, detail, .text = "the values in words"),
      ARGOSY_FIELD(Problem, advice, .text = "what to do"),
  };
  static constexpr RecordType kType{"problem", "Something wrong with stored data", kFields};
};
