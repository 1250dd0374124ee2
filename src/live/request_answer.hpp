// What requests are answered with, and what the audit log has of them.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "core/decimal.hpp"
#include "core/json.hpp"
#include "core/record.hpp"
#include "core/result.hpp"

namespace argosy::live {

// {"order_id": 7}
[[nodiscard]] inline std::string answer_with(std::string_view name, std::int64_t id) {
  core::JsonWriter json;
  json.begin_object().key(name).value(id).end_object();
  return std::move(json).take();
}

template <class Row>
[[nodiscard]] std::string row_text(const Row& row) {
  core::JsonWriter json;
  core::write_json(json, row);
  return std::move(json).take();
}

[[nodiscard]] inline core::Error too_little(const char* whose, core::Money there, core::Money wanted,
                                            const std::string& currency) {
  return core::Error(core::ErrorCode::kConflict, fmt::format("the {} has {} {}, less than {}", whose, there.to_string(),
                                                             currency, wanted.to_string()))
      .with_hint("argosy portfolio list shows what is there, argosy portfolio fund adds to it");
}

}  // namespace argosy::live
