// A study as one HTML page without scripts: the best trials, what was tried, which parameters matter.
//
//   render_study_report({.title = "golden_cross", .space = &space, .result = &result})
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "search/study.hpp"

namespace argosy::search {

struct StudyFigure {
  std::string label;
  std::string value;
  std::string about;  // a line below it: what it says
};

struct StudyReport {
  std::string title;
  std::string description;
  const Space* space = nullptr;         // must outlive the call
  const StudyResult* result = nullptr;  // likewise
  std::string sampler;
  std::string pruner;
  std::string resource;                                    // what a rung is counted in: "years"
  std::string verdict;                                     // the sentence at the top; empty: about the best trial
  std::vector<StudyFigure> headline;                       // before the best value: what matters more
  std::vector<StudyFigure> figures;                        // beside the best value: deflated Sharpe, PBO
  std::vector<std::string> warnings;                       // what to know before believing it
  std::vector<std::pair<std::string, std::string>> facts;  // what was assumed: data, seed, hashes
  std::string extra;                                       // further sections, first; markup made by chart::Markup
};

[[nodiscard]] std::string render_study_report(const StudyReport& report);

}  // namespace argosy::search
