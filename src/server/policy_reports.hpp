// What browsers report of pages that broke their Content-Security-Policy: a script, style or connection that the
// dashboard should not have asked for, or that somebody has brought into it.
//
//   PolicyReports reports(clock);
//   add_policy_reports(api, reports);          // POST for browsers, GET for admins
#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "core/record.hpp"
#include "core/result.hpp"
#include "server/api.hpp"

namespace argosy::server {

// Where browsers send them: `report-uri` of the policy.
inline constexpr std::string_view kPolicyReportsPath = "/api/v1/csp-reports";

struct PolicyReport {
  core::Timestamp time;
  std::string directive;  // "style-src-attr"
  std::string blocked;    // "inline", or an address
  std::string page;       // without its query
  std::string source;     // the file that did it
  std::int64_t line = 0;
  std::int64_t column = 0;
};

// Anybody may send what they like: each text is cut, the newest few are kept, and the log says now and then how many
// came, in no words of theirs. From any thread.
class PolicyReports {
 public:
  static constexpr std::size_t kMostKept = 50;
  static constexpr std::size_t kMostBytes = 16 * 1024;  // of one
  static constexpr std::size_t kMostText = 200;         // bytes of each text that is kept

  explicit PolicyReports(const core::Clock& clock) : clock_(clock) {}

  // What a browser sent, as `report-uri` has it: {"csp-report": {...}}. kInvalidArgument: it is none.
  [[nodiscard]] core::Result<void> take(std::string_view body);
  // The newest first.
  [[nodiscard]] std::vector<PolicyReport> kept() const;

 private:
  const core::Clock& clock_;
  mutable std::mutex mutex_;
  std::deque<PolicyReport> kept_;
  std::int64_t untold_ = 0;  // since the log last told of any
  std::optional<core::Duration> told_;
};

// They outlive the Api.
void add_policy_reports(Api& api, PolicyReports& reports);

}  // namespace argosy::server

template <>
struct argosy::core::RecordOf<argosy::server::PolicyReport> {
  using Record = argosy::server::PolicyReport;
  static constexpr Field kFields[] = {ARGOSY_FIELD(Record, time),    ARGOSY_FIELD(Record, directive),
                                      ARGOSY_FIELD(Record, blocked), ARGOSY_FIELD(Record, page),
                                      ARGOSY_FIELD(Record, source),  ARGOSY_FIELD(Record, line),
                                      ARGOSY_FIELD(Record, column)};
  static constexpr RecordType kType{"policy_report", "What a page was kept from", kFields};
};
