#include "formula/written.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <set>
#include <utility>

#include "core/text.hpp"

namespace argosy::formula {

Assignment split_assignment(std::string_view text) {
  const std::size_t at = text.find('=');
  const bool comparison = at == std::string_view::npos || text.substr(at, 2) == "==";
  const std::string_view left = core::trim(text.substr(0, comparison ? 0 : at));
  const bool name =
      !left.empty() && std::ranges::all_of(left, [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; });
  if (!name) return {.name = {}, .text = std::string(text)};
  return {.name = std::string(left), .text = std::string(text.substr(at + 1))};
}

std::vector<Output> written_outputs(std::span<const std::string> texts, const WrittenOptions& options) {
  std::vector<Output> outputs;
  const bool is_alone = texts.size() == 1;
  for (const std::string& each : texts) {
    auto [name, text] = split_assignment(each);
    const bool has_usual = is_alone && !options.single.empty();
    // Of all outputs each column is called as the operator calls it.
    if (name.empty() && !(has_usual && options.all_outputs)) name = has_usual ? std::string(options.single) : text;
    outputs.push_back({.name = std::move(name), .text = std::move(text), .all_outputs = options.all_outputs});
  }
  return outputs;
}

core::Result<void> check_names(const Program& program) {
  std::set<std::string_view> names;
  for (const OutputColumn& column : program.last().outputs()) {
    if (names.insert(column.name).second) continue;
    return core::fail(
        core::Error(core::ErrorCode::kInvalidArgument, fmt::format("two columns are called \"{}\"", column.name))
            .with_hint("name them: 'fast=sma(close,10)' 'slow=sma(close,20)'"));
  }
  return {};
}

}  // namespace argosy::formula
