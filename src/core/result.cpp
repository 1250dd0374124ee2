#include "core/result.hpp"

#include <fmt/format.h>

namespace argosy::core {

std::string_view to_string(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument:
      return "invalid_argument";
    case ErrorCode::kNotFound:
      return "not_found";
    case ErrorCode::kAlreadyExists:
      return "already_exists";
    case ErrorCode::kConflict:
      return "conflict";
    case ErrorCode::kCorrupt:
      return "corrupt";
    case ErrorCode::kIo:
      return "io";
    case ErrorCode::kOutOfSpace:
      return "out_of_space";
    case ErrorCode::kReadOnly:
      return "read_only";
    case ErrorCode::kUnsupported:
      return "unsupported";
    case ErrorCode::kUnavailable:
      return "unavailable";
    case ErrorCode::kLimit:
      return "limit";
    case ErrorCode::kUnauthorized:
      return "unauthorized";
    case ErrorCode::kForbidden:
      return "forbidden";
  }
  return "unknown";
}

Error Error::with_hint(std::string text) && {
  hint = std::move(text);
  return std::move(*this);
}

Error Error::at(std::string file_name, std::int64_t line_number, std::int64_t column_number) && {
  file = std::move(file_name);
  line = line_number;
  column = column_number;
  return std::move(*this);
}

Error Error::in_field(std::string field_name, std::string field_value) && {
  field = std::move(field_name);
  value = std::move(field_value);
  return std::move(*this);
}

std::string Error::describe() const {
  std::string out;
  if (!file.empty()) {
    out += file;
    if (line > 0) out += fmt::format(":{}", line);
    if (column > 0) out += fmt::format(":{}", column);
    out += ": ";
  }
  out += message;
  if (!field.empty()) {
    out += value.empty() ? fmt::format(" (field {})", field) : fmt::format(" (field {} = \"{}\")", field, value);
  }
  return out;
}

}  // namespace argosy::core
