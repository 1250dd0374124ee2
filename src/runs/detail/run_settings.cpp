#include "runs/detail/run_settings.hpp"

#include <fmt/format.h>

#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "core/json.hpp"
#include "core/text.hpp"

namespace argosy::runs::detail {

using core::JsonValue;
using core::Result;

namespace {

// Of the headline: how it was run. `from` and `to` are those of the bars.
constexpr std::string_view kSettings[] = {
    "strategy", "symbols",  "universe",     "timeframe",    "detail",     "from",    "to",     "prices",     "account",
    "currency", "slippage", "initial_cash", "fee_schedule", "volume_cap", "latency", "limits", "limit_fills"};
constexpr std::string_view kFigures[] = {"final_equity",  "total_return", "cagr",         "volatility",   "sharpe",
                                         "sortino",       "calmar",       "max_drawdown", "trades",       "win_rate",
                                         "profit_factor", "expectancy",   "exposure",     "turnover",     "fees",
                                         "charges",       "dividends",    "orders",       "orders_denied"};

std::string text_of(const JsonValue* value) {
  if (value == nullptr || value->is_null()) return "";
  if (value->string() != nullptr) return *value->string();
  if (value->number() != nullptr) return value->number()->text;
  if (value->boolean() != nullptr) return *value->boolean() ? "true" : "false";
  std::string text;
  if (value->array() != nullptr) {
    for (const JsonValue& item : *value->array()) text += (text.empty() ? "" : " ") + text_of(&item);
  }
  return text;
}

// "line 7: sell: ..." of both: where two texts part.
std::pair<std::string, std::string> first_difference(const std::string& a, const std::string& b) {
  const auto lines_a = core::split(a, '\n');
  const auto lines_b = core::split(b, '\n');
  std::size_t at = 0;
  while (at < lines_a.size() && at < lines_b.size() && lines_a[at] == lines_b[at]) ++at;
  const auto line = [&](const std::vector<std::string_view>& lines) {
    return at < lines.size() ? fmt::format("line {}: {}", at + 1, lines[at])
                             : fmt::format("ends before line {}", at + 1);
  };
  return {line(lines_a), line(lines_b)};
}

void add_if_different(std::vector<ComparedValue>& out, std::string_view name, std::string a, std::string b) {
  if (a != b) out.push_back({std::string(name), std::move(a), std::move(b)});
}

// The texts of files by the names by which they were asked for; the strategy's own text stands apart.
std::map<std::string, std::string> texts_of(const JsonValue& configuration, const std::string& strategy_file) {
  std::map<std::string, std::string> texts;
  const JsonValue* files = configuration.find("files");
  const JsonValue* found = files == nullptr ? nullptr : files->find("texts");
  if (found == nullptr || found->object() == nullptr) return texts;
  std::map<std::string, std::string> names;  // by path
  if (const JsonValue* noted = files->find("names"); noted != nullptr && noted->object() != nullptr) {
    for (const auto& [name, path] : *noted->object()) names.emplace(text_of(&path), name);
  }
  for (const auto& [path, text] : *found->object()) {
    if (path == strategy_file) continue;
    const auto name = names.find(path);
    texts.emplace(name == names.end() ? path : name->second, text_of(&text));
  }
  return texts;
}

struct Configuration {
  std::string parameters;
  std::map<std::string, std::string> texts;
};

Result<Configuration> read_configuration(const ledger::RunRow& run) {
  ARGOSY_TRY(const JsonValue json, core::parse_json(run.configuration));
  const JsonValue* options = json.find("options");
  if (options == nullptr) return Configuration{};
  return Configuration{.parameters = text_of(options->find("set")),
                       .texts = texts_of(json, text_of(options->find("file")))};
}

}  // namespace

Result<std::vector<ComparedValue>> compare_settings(const ledger::RunRow& a, const ledger::RunRow& b) {
  std::vector<ComparedValue> out;
  ARGOSY_TRY(const JsonValue statistics_a, core::parse_json(a.statistics));
  ARGOSY_TRY(const JsonValue statistics_b, core::parse_json(b.statistics));
  for (const std::string_view name : kSettings)
    add_if_different(out, name, text_of(statistics_a.find(name)), text_of(statistics_b.find(name)));
  ARGOSY_TRY(const Configuration of_a, read_configuration(a));
  ARGOSY_TRY(const Configuration of_b, read_configuration(b));
  add_if_different(out, "set", of_a.parameters, of_b.parameters);
  const auto add_text = [&](std::string_view name, const std::string& text_a, const std::string& text_b) {
    if (text_a == text_b) return;
    auto [line_a, line_b] = first_difference(text_a, text_b);
    out.push_back({std::string(name), std::move(line_a), std::move(line_b)});
  };
  add_text("strategy_text", a.strategy_text, b.strategy_text);
  for (const auto& [name, text] : of_a.texts) {
    const auto other = of_b.texts.find(name);
    if (other == of_b.texts.end()) {
      out.push_back({name, "used", "not used"});
    } else {
      add_text(name, text, other->second);
    }
  }
  for (const auto& [name, text] : of_b.texts) {
    if (!of_a.texts.contains(name)) out.push_back({name, "not used", "used"});
  }
  add_if_different(out, "data_hash", a.data_hash, b.data_hash);
  add_if_different(out, "code_version", a.code_version, b.code_version);
  add_if_different(out, "seed", fmt::to_string(a.seed), fmt::to_string(b.seed));
  return out;
}

Result<std::vector<ComparedValue>> compare_headlines(const ledger::RunRow& a, const ledger::RunRow& b) {
  ARGOSY_TRY(const JsonValue statistics_a, core::parse_json(a.statistics));
  ARGOSY_TRY(const JsonValue statistics_b, core::parse_json(b.statistics));
  std::vector<ComparedValue> out;
  for (const std::string_view name : kFigures)
    out.push_back({std::string(name), text_of(statistics_a.find(name)), text_of(statistics_b.find(name))});
  return out;
}

Result<bool> have_same_formulas(const ledger::RunRow& a, const ledger::RunRow& b) {
  ARGOSY_TRY(const Configuration of_a, read_configuration(a));
  ARGOSY_TRY(const Configuration of_b, read_configuration(b));
  return a.strategy_text == b.strategy_text && of_a.parameters == of_b.parameters && of_a.texts == of_b.texts;
}

}  // namespace argosy::runs::detail
