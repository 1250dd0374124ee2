#include "server/policy_reports.hpp"

#include <chrono>
#include <utility>

#include "core/json.hpp"
#include "core/log.hpp"
#include "core/text.hpp"

namespace argosy::server {

using core::ErrorCode;
using core::fail;
using core::Result;

namespace {

constexpr core::Duration kToldEvery = std::chrono::minutes(1);

std::string text_of(const core::JsonValue& report, std::string_view name) {
  const core::JsonValue* value = report.find(name);
  const std::string* text = value == nullptr ? nullptr : value->string();
  if (text == nullptr) return {};
  std::string cut = text->substr(0, PolicyReports::kMostText);
  if (const auto broken = core::find_invalid_utf8(cut)) cut.resize(*broken);  // it was cut within a letter
  return cut;
}

// An address without what may be secret in it.
std::string address_of(const core::JsonValue& report, std::string_view name) {
  std::string text = text_of(report, name);
  if (const std::size_t end = text.find_first_of("?#"); end != std::string::npos) text.resize(end);
  return text;
}

std::int64_t number_of(const core::JsonValue& report, std::string_view name) {
  const core::JsonValue* value = report.find(name);
  const core::JsonValue::Number* number = value == nullptr ? nullptr : value->number();
  return number == nullptr ? 0 : core::parse_integer(number->text).value_or(0);
}

}  // namespace

Result<void> PolicyReports::take(std::string_view body) {
  if (body.size() > kMostBytes) return fail(ErrorCode::kInvalidArgument, "a report is shorter than that");
  ARGOSY_TRY(const core::JsonValue sent, core::parse_json(body));
  const core::JsonValue* report = sent.find("csp-report");
  if (report == nullptr || report->object() == nullptr)
    return fail(ErrorCode::kInvalidArgument, "this is no report of a policy: it has no object csp-report");
  PolicyReport kept{.time = clock_.now(),
                    .directive = text_of(*report, "effective-directive"),
                    .blocked = address_of(*report, "blocked-uri"),
                    .page = address_of(*report, "document-uri"),
                    .source = address_of(*report, "source-file"),
                    .line = number_of(*report, "line-number"),
                    .column = number_of(*report, "column-number")};
  if (kept.directive.empty()) kept.directive = text_of(*report, "violated-directive");
  std::int64_t told = 0;
  {
    const std::lock_guard guard(mutex_);
    kept_.push_front(std::move(kept));
    if (kept_.size() > kMostKept) kept_.pop_back();
    ++untold_;
    const core::Duration now = clock_.monotonic();
    if (!told_ || now - *told_ >= kToldEvery) {
      told_ = now;
      told = std::exchange(untold_, 0);
    }
  }
  if (told > 0) core::log_warning("browsers report that pages broke their policy", {{"reports", told}});
  return {};
}

std::vector<PolicyReport> PolicyReports::kept() const {
  const std::lock_guard guard(mutex_);
  return {kept_.begin(), kept_.end()};
}

void add_policy_reports(Api& api, PolicyReports& reports) {
  api.add(endpoint<None, None, None, None>({.method = Method::kPost,
                                            .path = "/csp-reports",
                                            .name = "take_csp_report",
                                            .access = Access::kPublic,
                                            .is_listed = false},
                                           [&reports](const auto& call) -> Result<None> {
                                             ARGOSY_TRY_VOID(reports.take(call.http.body));
                                             return None{};
                                           }));
  api.add(endpoint<None, None, None, Page<PolicyReport>>(
      {.path = "/csp-reports", .name = "list_csp_reports", .access = Access::kAdmin, .is_listed = false},
      [&reports](const auto&) -> Result<Page<PolicyReport>> {
        std::vector<PolicyReport> kept = reports.kept();
        const auto total = static_cast<std::int64_t>(kept.size());
        return Page<PolicyReport>{.items = std::move(kept),
                                  .page = 1,
                                  .per_page = static_cast<std::int64_t>(PolicyReports::kMostKept),
                                  .total = total};
      }));
}

}  // namespace argosy::server
