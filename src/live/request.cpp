#include "live/request.hpp"

#include <fmt/format.h>

#include "core/text.hpp"

namespace argosy::live {

using core::Error;
using core::ErrorCode;
using core::fail;
using core::Result;

bool needs_orders(std::string_view kind) {
  return kind == "close_position" || kind == "order_cancel" || kind == "cancel_all" || kind == "risk_try" ||
         kind == "breaker_reset" || kind == "order_place" || kind == "order_replace";
}

Result<std::int64_t> answered_number(const core::JsonValue& answer, std::string_view name) {
  const core::JsonValue* found = answer.find(name);
  const auto number =
      found == nullptr || found->number() == nullptr ? std::nullopt : core::parse_integer(found->number()->text);
  if (!number) return fail(ErrorCode::kCorrupt, fmt::format("the answer has no number \"{}\"", name));
  return *number;
}

Error answered_error(const core::JsonValue& answer) {
  const core::JsonValue* error = answer.find("error");
  const auto text = [&](std::string_view name) -> std::string {
    const core::JsonValue* found = error == nullptr ? nullptr : error->find(name);
    return found == nullptr || found->string() == nullptr ? std::string() : *found->string();
  };
  ErrorCode code = ErrorCode::kConflict;
  for (int i = 0; i <= static_cast<int>(ErrorCode::kForbidden); ++i) {
    const auto each = static_cast<ErrorCode>(i);
    if (core::to_string(each) == text("code")) code = each;
  }
  const std::string message = text("message");
  return Error(code, message.empty() ? "the request was refused without a reason" : message).with_hint(text("hint"));
}

}  // namespace argosy::live
