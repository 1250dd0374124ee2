// The port of what is searched: a strategy over bars, a network, a booster. A study hands it settings in batches, so
// that thousands of them can share work, and may ask for the same trial again with more of the resource.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "search/space.hpp"

namespace argosy::search {

struct Request {
  std::int64_t trial = 0;
  Setting setting;
  // How much to spend, in the evaluator's unit (years, symbols, epochs): 1 to the study's maximum, which means all.
  std::int64_t resource = 0;
};

struct Outcome {
  std::vector<double> values;       // one an objective, in the study's order; NaN fails the trial
  std::vector<double> constraints;  // at or below 0 is fine; as many in every outcome
  std::int64_t resource = 0;        // what was spent when that is more than was asked for; the maximum ends the trial
  std::string engine;               // what computed it, in words: "kernel", "core"
  std::string result_hash;          // of what was computed, without times
  std::string statistics = "{}";    // JSON of what else was measured, kept with the trial
  std::string error;                // not empty: the trial failed, and this says why
  std::vector<double> returns;      // of each bar or day, where the caller wants statistics over trials
  std::int64_t duration_ns = 0;     // 0: the study shares out the time of the batch
};

class Evaluator {
 public:
  virtual ~Evaluator() = default;
  // One outcome a request, in their order, the same ones for the same requests. An error ends the study; the failure
  // of one trial is an outcome with an error.
  [[nodiscard]] virtual core::Result<std::vector<Outcome>> evaluate(std::span<const Request> requests) = 0;
};

}  // namespace argosy::search
