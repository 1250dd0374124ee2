#include "net/http.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/text.hpp"

namespace argosy::net {

using core::Error;
using core::ErrorCode;
using core::fail;
using core::Result;

namespace {

char lower(char each) { return each >= 'A' && each <= 'Z' ? static_cast<char>(each - 'A' + 'a') : each; }

bool is_same(std::string_view one, std::string_view other) { return std::ranges::equal(one, other, {}, lower, lower); }

std::optional<int> digit(char each) {
  if (each >= '0' && each <= '9') return each - '0';
  const char small = lower(each);
  if (small >= 'a' && small <= 'f') return small - 'a' + 10;
  return std::nullopt;
}

bool is_plain(char each) {
  return (each >= '0' && each <= '9') || (lower(each) >= 'a' && lower(each) <= 'z') ||
         std::string_view("-._~").contains(each);
}

// Calls `use` with each part of what a character divides.
template <class Use>
Result<void> each_part(std::string_view text, char divider, Use use) {
  while (true) {
    const std::size_t end = std::min(text.find(divider), text.size());
    ARGOSY_TRY_VOID(use(text.substr(0, end)));
    if (end == text.size()) return {};
    text.remove_prefix(end + 1);
  }
}

}  // namespace

std::optional<std::string_view> HttpHeaders::find(std::string_view name) const {
  const auto found = std::ranges::find_if(headers_, [&](const Header& header) { return is_same(header.first, name); });
  return found == headers_.end() ? std::nullopt : std::optional<std::string_view>(found->second);
}

void HttpHeaders::set(std::string_view name, std::string value) {
  std::erase_if(headers_, [&](const Header& header) { return is_same(header.first, name); });
  add(std::string(name), std::move(value));
}

HttpResponse text_response(int status, std::string content_type, std::string body) {
  return {.status = status, .headers = {{"Content-Type", std::move(content_type)}}, .body = std::move(body)};
}

Result<std::string> percent_decode(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    char each = text[i];
    if (each == '%') {
      const auto high = i + 1 < text.size() ? digit(text[i + 1]) : std::nullopt;
      const auto low = i + 2 < text.size() ? digit(text[i + 2]) : std::nullopt;
      if (!high || !low) {
        return fail(Error(ErrorCode::kInvalidArgument, "a '%' without two hexadecimal digits")
                        .with_hint("write a percent sign as %25"));
      }
      each = static_cast<char>(*high * 16 + *low);
      i += 2;
    }
    if (each == '\0') return fail(ErrorCode::kInvalidArgument, "a NUL character");
    decoded += each;
  }
  return decoded;
}

std::string percent_encode(std::string_view text) {
  std::string encoded;
  for (const char each : text) {
    if (is_plain(each)) {
      encoded += each;
    } else {
      encoded += fmt::format("%{:02X}", static_cast<unsigned char>(each));
    }
  }
  return encoded;
}

Result<std::vector<std::string>> split_path(std::string_view path) {
  std::vector<std::string> parts;
  if (!path.starts_with('/')) return fail(ErrorCode::kInvalidArgument, "a path begins with '/'");
  if (path == "/") return parts;
  ARGOSY_TRY_VOID(each_part(path.substr(1), '/', [&](std::string_view part) -> Result<void> {
    ARGOSY_TRY(std::string decoded, percent_decode(part));
    if (decoded.empty() || decoded == "." || decoded == "..")
      return fail(ErrorCode::kInvalidArgument, fmt::format("a part of the path is \"{}\"", decoded));
    parts.push_back(std::move(decoded));
    return {};
  }));
  return parts;
}

Result<std::vector<std::pair<std::string, std::string>>> parse_query(std::string_view query) {
  std::vector<std::pair<std::string, std::string>> pairs;
  if (query.empty()) return pairs;
  const auto decode = [](std::string_view part) {
    std::string spaced(part);
    std::ranges::replace(spaced, '+', ' ');
    return percent_decode(spaced);
  };
  ARGOSY_TRY_VOID(each_part(query, '&', [&](std::string_view part) -> Result<void> {
    if (part.empty()) return {};
    const std::size_t middle = std::min(part.find('='), part.size());
    ARGOSY_TRY(std::string name, decode(part.substr(0, middle)));
    ARGOSY_TRY(std::string value, decode(part.substr(std::min(middle + 1, part.size()))));
    pairs.emplace_back(std::move(name), std::move(value));
    return {};
  }));
  return pairs;
}

}  // namespace argosy::net
