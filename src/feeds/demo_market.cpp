#include "feeds/demo_market.hpp"

#include <fmt/format.h>

#include <utility>

#include "core/text.hpp"
#include "core/yaml.hpp"
#include "market/instrument.hpp"

namespace argosy::feeds {
namespace {

using core::Error;
using core::ErrorCode;
using core::Result;
using core::YamlEntry;
using core::YamlNode;

// The keys of the file that are single values.
struct Head {
  std::string name;
  std::string description;
  double spread_basis_points = 2;
  core::Price tick = core::Price::from_units(10'000'000);
};

}  // namespace
}  // namespace argosy::feeds

template <>
struct argosy::core::RecordOf<argosy::feeds::Head> {
  using Head = argosy::feeds::Head;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Head, name, .limits = {.maximum_length = 100}, .text = "what the market is called"),
      ARGOSY_FIELD(Head, description, .limits = {.maximum_length = 1'000}, .text = "what it is for"),
      ARGOSY_FIELD(Head, spread_basis_points, .limits = {.minimum = 0, .maximum = 1'000},
                   .text = "between bid and ask"),
      ARGOSY_FIELD(Head, tick, .limits = {.minimum = 0.0001, .maximum = 1}, .text = "smallest step of a price"),
  };
  static constexpr RecordType kType{"demo_market", "The demo market", kFields};
};

namespace argosy::feeds {
namespace {

class Reader {
 public:
  explicit Reader(const std::string& file) : file_(file) {}

  Result<DemoMarket> read(const YamlNode& root) {
    if (root.kind != YamlNode::Kind::kMapping)
      return fail(root, "a mapping with the keys stocks, default and sell_curve is expected");
    DemoMarket out;
    YamlNode head = root;
    std::erase_if(head.entries, [](const YamlEntry& entry) {
      return entry.key == "stocks" || entry.key == "default" || entry.key == "sell_curve";
    });
    Head values;
    ARGOSY_TRY_VOID(read_record(head, "the file", {"stocks", "default", "sell_curve"}, values));
    out.name = std::move(values.name);
    out.description = std::move(values.description);
    out.spread_basis_points = values.spread_basis_points;
    out.tick = values.tick;
    ARGOSY_TRY(const YamlNode* curve, need(root, "sell_curve"));
    ARGOSY_TRY(out.sell_curve, read_curve(*curve));
    ARGOSY_TRY(const YamlNode* other, need(root, "default"));
    ARGOSY_TRY_VOID(read_record(*other, "the default row", {}, out.other));
    if (!out.other.symbol.empty()) return fail(*other, "the default row has no symbol: it is for all that have no row");
    ARGOSY_TRY(const YamlNode* stocks, need(root, "stocks"));
    ARGOSY_TRY(out.stocks, read_stocks(*stocks));
    return out;
  }

 private:
  [[nodiscard]] std::unexpected<Error> fail(const YamlNode& node, std::string message) const {
    return core::fail(Error(ErrorCode::kInvalidArgument, std::move(message)).at(file_, node.line, node.column));
  }
  [[nodiscard]] Result<const YamlNode*> need(const YamlNode& root, std::string_view key) const {
    const YamlNode* found = root.find(key);
    if (found == nullptr) return fail(root, fmt::format("the key \"{}\" is missing", key));
    return found;
  }

  // Fills a record from a mapping of single values. `also`: keys that are read elsewhere.
  template <class Record>
  [[nodiscard]] Result<void> read_record(const YamlNode& node, std::string_view what,
                                         std::vector<std::string_view> also, Record& out) const {
    const core::RecordType& type = core::record_type<Record>();
    if (node.kind != YamlNode::Kind::kMapping)
      return fail(node, fmt::format("{} must be a mapping of keys to values", what));
    for (const core::Field& field : type.fields) {
      also.push_back(field.name);
      if (field.notes.required && node.find(field.name) == nullptr)
        return fail(node, fmt::format("{} needs the key \"{}\": {}", what, field.name, field.notes.text));
    }
    for (const YamlEntry& entry : node.entries) {
      if (core::find_field(type, entry.key) == nullptr) {
        return core::fail(Error(ErrorCode::kInvalidArgument,
                                fmt::format("unknown key \"{}\".{}", entry.key, core::did_you_mean(entry.key, also)))
                              .at(file_, entry.key_line, entry.key_column));
      }
      if (entry.value.kind != YamlNode::Kind::kScalar) {
        return core::fail(Error(ErrorCode::kInvalidArgument, fmt::format("{} must be a single value", entry.key))
                              .at(file_, entry.key_line, entry.key_column));
      }
      if (auto set = core::set_field(type, &out, entry.key, entry.value.scalar); !set)
        return core::fail(std::move(set).error().at(file_, entry.value.line, entry.value.column));
    }
    return {};
  }

  [[nodiscard]] Result<std::vector<SellPoint>> read_curve(const YamlNode& node) const {
    if (node.kind != YamlNode::Kind::kSequence || node.items.empty())
      return fail(node, "sell_curve must be a list of points such as {profit: 5, probability: 0.45}");
    std::vector<SellPoint> curve;
    for (const YamlNode& item : node.items) {
      SellPoint point;
      ARGOSY_TRY_VOID(read_record(item, "a point of the sell curve", {}, point));
      if (!curve.empty() && point.profit <= curve.back().profit)
        return fail(item, fmt::format("the profit {} stands after {}: profits must ascend",
                                      core::format_double(point.profit), core::format_double(curve.back().profit)));
      curve.push_back(point);
    }
    return curve;
  }

  [[nodiscard]] Result<decltype(DemoMarket::stocks)> read_stocks(const YamlNode& node) const {
    if (node.kind != YamlNode::Kind::kSequence) return fail(node, "stocks must be a list of rows, one a symbol");
    decltype(DemoMarket::stocks) stocks;
    for (const YamlNode& item : node.items) {
      DemoStock stock;
      ARGOSY_TRY_VOID(read_record(item, "a stock", {}, stock));
      const YamlNode* symbol = item.find("symbol");
      if (symbol == nullptr) return fail(item, "a stock needs the key \"symbol\"");
      if (auto checked = market::check_symbol(stock.symbol); !checked)
        return core::fail(std::move(checked).error().at(file_, symbol->line, symbol->column));
      const std::string key = stock.symbol;
      if (!stocks.emplace(key, std::move(stock)).second) return fail(*symbol, fmt::format("{} has a row already", key));
    }
    return stocks;
  }

  const std::string& file_;
};

}  // namespace

const DemoStock& DemoMarket::row(std::string_view symbol) const {
  const auto found = stocks.find(symbol);
  return found == stocks.end() ? other : found->second;
}

Result<DemoMarket> parse_demo_market(std::string_view text, const std::string& file) {
  ARGOSY_TRY(const YamlNode root, core::parse_yaml(text, file));
  return Reader(file).read(root);
}

}  // namespace argosy::feeds
