#include "net/detail/http_message.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace argosy::net::detail {

namespace {

bool takes_gzip(const HttpRequest& request) {
  const auto accepted = request.headers.find("Accept-Encoding");
  if (!accepted) return false;
  const std::size_t found = accepted->find("gzip");
  if (found == std::string_view::npos) return false;
  const std::string_view behind = accepted->substr(found + std::string_view("gzip").size());
  return !behind.starts_with(";q=0") || behind.starts_with(";q=0.");
}

bool is_text(std::string_view content_type) {
  return content_type.starts_with("text/") || content_type.contains("json") || content_type.contains("javascript") ||
         content_type.contains("xml") || content_type.contains("yaml");
}

// Empty: it cannot be done.
std::string gzip(std::string text) {
  constexpr int kGzipWindow = 15 + 16;
  constexpr int kMemory = 8;
  z_stream stream{};
  if (::deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, kGzipWindow, kMemory, Z_DEFAULT_STRATEGY) != Z_OK) return {};
  std::string packed(::deflateBound(&stream, static_cast<uLong>(text.size())), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(text.data());
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  const int done = ::deflate(&stream, Z_FINISH);
  packed.resize(done == Z_STREAM_END ? stream.total_out : 0);
  ::deflateEnd(&stream);
  return packed;
}

}  // namespace

bool has_control(std::string_view text) {
  return std::ranges::any_of(text, [](char each) { return each == '\r' || each == '\n' || each == '\0'; });
}

std::string http_date(core::Timestamp time) {
  constexpr std::string_view kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::string_view kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(time - day));
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", kDays[std::chrono::weekday(day).c_encoding()],
                     static_cast<unsigned>(date.day()), kMonths[static_cast<unsigned>(date.month()) - 1],
                     static_cast<int>(date.year()), clock.hours().count(), clock.minutes().count(),
                     clock.seconds().count());
}

void compress(const HttpRequest& request, HttpResponse& response, std::size_t from) {
  const auto type = response.headers.find("Content-Type");
  if (response.body.size() < from || !type || !is_text(*type) || response.headers.find("Content-Encoding")) return;
  response.headers.add("Vary", "Accept-Encoding");
  if (!takes_gzip(request)) return;
  std::string packed = gzip(response.body);
  if (packed.empty() || packed.size() >= response.body.size()) return;
  response.body = std::move(packed);
  response.headers.add("Content-Encoding", "gzip");
  // It names other bytes than those that go out (RFC 9110, 8.8.1).
  if (const auto tag = response.headers.find("ETag"); tag && tag->starts_with('"'))
    response.headers.set("ETag", fmt::format("W/{}", *tag));
}

}  // namespace argosy::net::detail
