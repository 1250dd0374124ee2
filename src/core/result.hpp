// Expected errors as values: Error says what failed, where, and what to do about it; Result<T> carries one or a T.
//
//   Result<Price> parse(std::string_view text);
//   Result<void> load(std::string_view text) {
//     ARGOSY_TRY(const Price price, parse(text));
//     ARGOSY_TRY_VOID(store(price));
//     return {};
//   }
//
// Start-up and configuration may throw ErrorException instead; main catches it. A broken invariant is ARGOSY_CHECK.
#pragma once

#include <cstdint>
#include <exception>
#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace argosy::core {

enum class ErrorCode : std::uint8_t {
  kInvalidArgument,  // the caller's input is wrong: exit code 2
  kNotFound,
  kAlreadyExists,
  kConflict,
  kCorrupt,  // stored bytes are not what was written
  kIo,
  kOutOfSpace,
  kReadOnly,
  kUnsupported,
  kUnavailable,
  kLimit,
  kUnauthorized,  // who asks is not known, or no longer
  kForbidden,     // who asks is known, and may not
};

// The stable lower-case name of a code, e.g. "invalid_argument".
std::string_view to_string(ErrorCode code);

// What went wrong. `message` names the thing and its value, `hint` says the way out; place fields are empty or 0 when
// they do not apply.
struct [[nodiscard]] Error {
  ErrorCode code = ErrorCode::kInvalidArgument;
  std::string message;
  std::string hint;
  std::string file;
  std::int64_t line = 0;    // 1-based
  std::int64_t column = 0;  // 1-based
  std::string field;
  std::string value;
  bool retryable = false;

  Error(ErrorCode error_code, std::string error_message) : code(error_code), message(std::move(error_message)) {}

  // Fluent additions, for temporaries and moved errors: `error = std::move(error).at(file)`.
  Error with_hint(std::string text) &&;
  Error at(std::string file_name, std::int64_t line_number = 0, std::int64_t column_number = 0) &&;
  Error in_field(std::string field_name, std::string field_value = {}) &&;

  // "file:line:column: message (field x = "value")", without the hint.
  [[nodiscard]] std::string describe() const;
};

template <class T>
using Result = std::expected<T, Error>;

// Shorthand for `return fail(ErrorCode::kNotFound, "...")` in a function that returns Result<T>.
inline std::unexpected<Error> fail(ErrorCode code, std::string message) {
  return std::unexpected<Error>(Error(code, std::move(message)));
}
inline std::unexpected<Error> fail(Error error) { return std::unexpected<Error>(std::move(error)); }

// An Error thrown at start-up, by configuration, or by code that main alone can answer.
class ErrorException : public std::exception {
 public:
  explicit ErrorException(Error error) : error_(std::move(error)), text_(error_.describe()) {}
  [[nodiscard]] const Error& error() const { return error_; }
  [[nodiscard]] const char* what() const noexcept override { return text_.c_str(); }

 private:
  Error error_;
  std::string text_;
};

}  // namespace argosy::core

#define ARGOSY_CONCAT_INNER(a, b) a##b
#define ARGOSY_CONCAT(a, b) ARGOSY_CONCAT_INNER(a, b)
#define ARGOSY_TRY_IMPL(name, declaration, ...)               \
  auto name = (__VA_ARGS__);                                  \
  if (!name) return std::unexpected(std::move(name).error()); \
  declaration = *std::move(name)
// Evaluates an expression of type Result<T>; returns its error from this function, or binds its value.
#define ARGOSY_TRY(declaration, ...) ARGOSY_TRY_IMPL(ARGOSY_CONCAT(argosy_try_, __COUNTER__), declaration, __VA_ARGS__)
// The same for Result<void>, or where the value is not wanted.
#define ARGOSY_TRY_VOID(...)                                        \
  do {                                                              \
    if (auto argosy_try_result = (__VA_ARGS__); !argosy_try_result) \
      return std::unexpected(std::move(argosy_try_result).error()); \
  } while (false)
