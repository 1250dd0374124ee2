#include "lake/detail/append_file.hpp"

#include <fmt/format.h>

#include <bit>
#include <cstring>

#include "core/hash.hpp"
#include "lake/manifest.hpp"

namespace argosy::lake::detail {

namespace {

static_assert(std::endian::native == std::endian::little);

constexpr std::size_t kHeadBytes = 8;
constexpr std::size_t kBarBytes = 7 * 8 + 1;

template <class T>
void put(std::string& out, T value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

// Takes values off the front of a text; `good` turns false when it is too short.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}
  template <class T>
  T take() {
    T value{};
    const std::string_view from = take_text(sizeof value);
    if (good_) std::memcpy(&value, from.data(), from.size());
    return value;
  }
  std::string_view take_text(std::size_t length) {
    good_ = good_ && length <= bytes_.size();
    if (!good_) return {};
    const std::string_view text = bytes_.substr(0, length);
    bytes_.remove_prefix(length);
    return text;
  }
  [[nodiscard]] bool good() const { return good_; }
  [[nodiscard]] std::size_t left() const { return good_ ? bytes_.size() : 0; }

 private:
  std::string_view bytes_;
  bool good_ = true;
};

market::Bar take_bar(Reader& reader) {
  market::Bar bar;
  bar.key = reader.take<std::int64_t>();
  for (core::Price* price : {&bar.open, &bar.high, &bar.low, &bar.close}) {
    *price = core::Price::from_units(reader.take<std::int64_t>());
  }
  bar.volume = reader.take<double>();
  bar.vwap = reader.take<double>();
  bar.source = static_cast<market::PriceSource>(reader.take<std::uint8_t>());
  return bar;
}

// False when the body is no sequence of groups with ascending keys.
bool decode_body(std::string_view body, SymbolBars& bars) {
  Reader reader(body);
  while (reader.left() > 0) {
    const std::string symbol(reader.take_text(reader.take<std::uint16_t>()));
    const auto count = reader.take<std::uint32_t>();
    if (!reader.good() || symbol.empty() || reader.left() / kBarBytes < count) return false;
    market::BarColumns group;
    group.reserve(count);
    for (std::uint32_t i = 0; i < count; ++i) {
      const market::Bar bar = take_bar(reader);
      if (bar.source > market::PriceSource::kHistorical) return false;
      if (!group.empty() && bar.key <= group.key.back()) return false;
      group.push_back(bar);
    }
    market::BarColumns& all = bars[symbol];
    if (all.empty() || group.empty() || group.key.front() <= all.key.back()) {
      all = merge(all, group);
    } else {
      // Bars come in the order of time: a file of many records is not copied for each of them.
      for (std::size_t i = 0; i < group.size(); ++i) all.push_back(group.at(i));
    }
  }
  return reader.good();
}

}  // namespace

std::string encode_record(const SymbolBars& bars) {
  std::string body;
  for (const auto& [symbol, columns] : bars) {
    put(body, static_cast<std::uint16_t>(symbol.size()));
    body += symbol;
    put(body, static_cast<std::uint32_t>(columns.size()));
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const market::Bar bar = columns.at(i);
      put(body, bar.key);
      for (const core::Price price : {bar.open, bar.high, bar.low, bar.close}) put(body, price.units());
      put(body, bar.volume);
      put(body, bar.vwap);
      put(body, static_cast<std::uint8_t>(bar.source));
    }
  }
  std::string record;
  put(record, static_cast<std::uint32_t>(body.size()));
  put(record, core::crc32c(body));
  return record + body;
}

core::Result<AppendContents> decode_records(std::string_view bytes, const std::string& path) {
  AppendContents contents;
  while (bytes.size() - contents.valid_bytes >= kHeadBytes) {
    Reader reader(bytes.substr(contents.valid_bytes));
    const auto length = reader.take<std::uint32_t>();
    const auto checksum = reader.take<std::uint32_t>();
    const std::string_view body = reader.take_text(length);
    const bool whole = reader.good() && length > 0;
    if (whole && core::crc32c(body) == checksum && decode_body(body, contents.bars)) {
      contents.valid_bytes += kHeadBytes + length;
      continue;
    }
    // After a crash the end of a file may be missing or be zeros; anything else was damaged later.
    if (whole && reader.left() > 0) {
      return core::fail(
          core::Error(core::ErrorCode::kCorrupt, fmt::format("the record at byte {} is damaged", contents.valid_bytes))
              .at(path)
              .with_hint("restore the file from a backup, or delete it and import its bars again"));
    }
    break;
  }
  return contents;
}

}  // namespace argosy::lake::detail
