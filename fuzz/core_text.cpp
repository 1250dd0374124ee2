// Bytes as the texts that come from outside: YAML, JSON, CSV, numbers and times. The first byte says which. What is
// read is read again from what is written of it; what is refused is refused with a message.
#include <cstddef>
#include <string>
#include <vector>

#include "core/csv.hpp"
#include "core/decimal.hpp"
#include "core/json.hpp"
#include "core/text.hpp"
#include "core/time.hpp"
#include "core/yaml.hpp"
#include "harness.hpp"

namespace argosy::fuzz {
namespace {

void read_yaml(std::string_view text) {
  const auto tree = core::parse_yaml(text, "a.yaml");
  if (!tree && tree.error().describe().empty()) require("YAML is refused without a message");
}

// Numbers are written as texts: their digits must stay.
void write(core::JsonWriter& json, const core::JsonValue& value) {
  if (const bool* truth = value.boolean()) {
    json.value(*truth);
  } else if (const auto* number = value.number()) {
    json.value(number->text);
  } else if (const std::string* text = value.string()) {
    json.value(*text);
  } else if (const auto* array = value.array()) {
    json.begin_array();
    for (const core::JsonValue& item : *array) write(json, item);
    json.end_array();
  } else if (const auto* object = value.object()) {
    json.begin_object();
    for (const auto& [name, member] : *object) write(json.key(name), member);
    json.end_object();
  } else {
    json.null();
  }
}
std::string written(const core::JsonValue& value) {
  core::JsonWriter json;
  write(json, value);
  return std::move(json).take();
}

void read_json(std::string_view text) {
  const auto value = core::parse_json(text);
  if (!value) return require(value.error().describe().empty() ? "JSON is refused without a message" : "");
  const std::string once = written(*value);
  const auto again = core::parse_json(once);
  if (!again) return require("what is written is refused: " + once);
  if (written(*again) != once) require("read again it is another: " + once);
}

using Rows = std::vector<std::vector<std::string>>;

Rows rows_of(std::string_view text, char separator) {
  core::CsvReader reader(text, separator);
  Rows rows;
  for (std::vector<std::string_view> cells; reader.next(cells);) rows.emplace_back(cells.begin(), cells.end());
  return rows;
}

void read_csv(std::string_view text) {
  const Rows rows = rows_of(text, 0);
  std::string out = "a\n";  // a mark of the byte order is left out at the start only
  Rows wanted = {{"a"}};
  for (const auto& row : rows) {
    if (row.empty()) require("a line without cells");
    if (row.size() == 1 && row[0].empty()) continue;  // written, an empty line
    for (std::size_t k = 0; k < row.size(); ++k) {
      if (k > 0) out += ',';
      core::append_csv_cell(out, row[k]);
    }
    out += '\n';
    wanted.push_back(row);
  }
  if (rows_of(out, ',') != wanted) require("read again the cells are others: " + out);
}

// A value that its own text gives again.
template <class Parse, class Write>
void read_scalar(const std::string& text, Parse parse, Write write) {
  const auto value = parse(text);
  if (!value) return;
  const auto again = parse(write(*value));
  if (!again || *again != *value) require("read again it is another: " + text);
}

void read_scalars(const std::string& text) {
  read_scalar(text, core::parse_double, core::format_double);
  read_scalar(text, core::parse_integer, [](std::int64_t value) { return std::to_string(value); });
  read_scalar(text, core::Date::parse, [](core::Date value) { return value.to_string(); });
  read_scalar(text, core::parse_rfc3339, [](core::Timestamp value) { return core::format_rfc3339(value); });
  read_scalar(text, core::Price::parse, [](core::Price value) { return value.to_string(); });
}

}  // namespace

void run(std::span<const std::uint8_t> bytes) {
  if (bytes.empty()) return;
  const std::string text(bytes.begin() + 1, bytes.end());
  switch (bytes[0] % 4) {
    case 0:
      return read_yaml(text);
    case 1:
      return read_json(text);
    case 2:
      return read_csv(text);
    default:
      return read_scalars(text);
  }
}

}  // namespace argosy::fuzz
