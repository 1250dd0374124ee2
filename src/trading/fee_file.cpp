#include "trading/fee_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "core/text.hpp"
#include "core/yaml.hpp"

namespace argosy::trading {
namespace {

using core::Error;
using core::ErrorCode;
using core::Result;
using core::YamlEntry;
using core::YamlNode;

class Reader {
 public:
  Reader(const std::string& file, const FeeReader& include) : file_(file), include_(include) {}

  Result<FeeFile> read(const YamlNode& root) {
    constexpr std::array<std::string_view, 5> kKeys{"name", "description", "source", "currency", "items"};
    if (root.kind != YamlNode::Kind::kMapping) return fail(root, "a mapping with the keys name, currency and items");
    FeeFile out;
    std::string name;
    std::string currency;
    for (const YamlEntry& entry : root.entries) {
      if (entry.key == "items") {
        ARGOSY_TRY_VOID(read_items(entry.value));
        continue;
      }
      if (std::ranges::find(kKeys, entry.key) == kKeys.end()) return unknown(entry, kKeys);
      ARGOSY_TRY(std::string text, scalar(entry.value, entry.key));
      (entry.key == "name"       ? name
       : entry.key == "currency" ? currency
       : entry.key == "source"   ? out.source
                                 : out.description) = std::move(text);
    }
    if (name.empty()) return fail(root, "the key \"name\" is missing");
    out.schedule = FeeSchedule(std::move(name), std::move(currency), std::move(items_));
    return out;
  }

 private:
  static constexpr std::array<std::string_view, 7> kRateKeys{"from",    "percent", "per_share",      "fixed",
                                                             "minimum", "maximum", "maximum_percent"};

  [[nodiscard]] std::unexpected<Error> fail(const YamlNode& node, std::string message) const {
    return core::fail(Error(ErrorCode::kInvalidArgument, std::move(message)).at(file_, node.line, node.column));
  }
  template <std::size_t kCount>
  [[nodiscard]] std::unexpected<Error> unknown(const YamlEntry& entry,
                                               const std::array<std::string_view, kCount>& keys) const {
    return core::fail(Error(ErrorCode::kInvalidArgument,
                            fmt::format("unknown key \"{}\".{}", entry.key, core::did_you_mean(entry.key, keys)))
                          .at(file_, entry.key_line, entry.key_column));
  }
  [[nodiscard]] Result<std::string> scalar(const YamlNode& node, std::string_view what) const {
    if (node.kind != YamlNode::Kind::kScalar || node.scalar.empty())
      return fail(node, fmt::format("{} must be a single value", what));
    return node.scalar;
  }
  // A decimal that is not negative.
  template <class Amount>
  [[nodiscard]] Result<Amount> amount(const YamlNode& node, std::string_view what) const {
    ARGOSY_TRY(const std::string text, scalar(node, what));
    const auto value = Amount::parse(text);
    if (!value || value->is_negative())
      return fail(node, fmt::format("{} is \"{}\": a number that is not negative is expected", what, text));
    return *value;
  }
  [[nodiscard]] Result<Rate> percent(const YamlNode& node, std::string_view what) const {
    ARGOSY_TRY(const std::string text, scalar(node, what));
    // Two digits more than a rate keeps after the division by a hundred.
    const auto ratio = Rate::parse(text + "e-2");
    if (!ratio || ratio->is_negative() || *ratio > Rate::from_integer(1))
      return fail(node, fmt::format("{} is \"{}\": a percentage from 0 to 100 is expected", what, text));
    return *ratio;
  }

  Result<void> read_items(const YamlNode& node) {
    if (node.kind != YamlNode::Kind::kSequence) return fail(node, "items must be a list");
    for (const YamlNode& item : node.items) {
      if (item.kind != YamlNode::Kind::kMapping)
        return fail(item, "an item is a mapping of keys such as name and percent");
      if (const YamlNode* name = item.find("include"); name != nullptr) {
        ARGOSY_TRY_VOID(read_include(*name));
        continue;
      }
      ARGOSY_TRY(FeeItem read, read_item(item));
      items_.push_back(std::move(read));
    }
    if (items_.size() > FeeSchedule::kMostItems)
      return fail(node, fmt::format("there may be {} items at most", FeeSchedule::kMostItems));
    return {};
  }

  Result<void> read_include(const YamlNode& name) {
    if (!include_) return fail(name, "other files cannot be read here");
    auto other = include_(name.scalar);
    if (!other) return std::unexpected(std::move(other).error());
    const std::size_t first = items_.size();
    for (FeeItem item : other->schedule.items()) {
      if (item.share_of) *item.share_of += first;
      items_.push_back(std::move(item));
    }
    return {};
  }

  Result<FeeItem> read_item(const YamlNode& node) {
    FeeItem item;
    FeeRate always;
    bool has_rate = false;
    for (const YamlEntry& entry : node.entries) {
      if (entry.key != "from" && std::ranges::find(kRateKeys, entry.key) != kRateKeys.end()) {
        ARGOSY_TRY_VOID(read_rate(entry, always));
        has_rate = true;
      } else {
        ARGOSY_TRY_VOID(read_item_key(entry, item));
      }
    }
    if (item.name.empty()) return fail(node, "an item needs a name");
    if (has_rate != item.rates.empty())
      return fail(node, fmt::format("{} needs either rates such as percent, or a list of them under dated", item.name));
    if (has_rate) item.rates.push_back(always);
    return item;
  }

  Result<void> read_item_key(const YamlEntry& entry, FeeItem& item) {
    constexpr std::array<std::string_view, 15> kKeys{"name",     "sides",   "exchanges", "conversion",      "above",
                                                     "share_of", "round",   "dated",     "percent",         "per_share",
                                                     "fixed",    "minimum", "maximum",   "maximum_percent", "include"};
    const YamlNode& value = entry.value;
    if (entry.key == "exchanges") {
      if (value.kind != YamlNode::Kind::kSequence) return fail(value, "exchanges must be a list, for example [XLON]");
      for (const YamlNode& each : value.items) item.exchanges.push_back(each.scalar);
      return {};
    }
    if (entry.key == "dated") return read_dated(value, item);
    if (std::ranges::find(kKeys, entry.key) == kKeys.end()) return unknown(entry, kKeys);
    if (entry.key == "above") {
      ARGOSY_TRY(item.above, amount<Money>(value, "above"));
      return {};
    }
    ARGOSY_TRY(const std::string text, scalar(value, entry.key));
    if (entry.key == "name") {
      item.name = text;
    } else if (entry.key == "sides") {
      if (text != "buy" && text != "sell" && text != "both") return fail(value, "sides is buy, sell or both");
      item.on_buy = text != "sell";
      item.on_sell = text != "buy";
    } else if (entry.key == "conversion") {
      if (text != "true" && text != "false") return fail(value, "conversion is true or false");
      item.conversion = text == "true";
    } else if (entry.key == "round") {
      if (text != "exact" && text != "cent" && text != "cent_up") return fail(value, "round is exact, cent or cent_up");
      item.rounding = text == "cent"      ? FeeRounding::kCent
                      : text == "cent_up" ? FeeRounding::kCentUp
                                          : FeeRounding::kExact;
    } else {
      const auto found = std::ranges::find(items_, text, &FeeItem::name);
      if (found == items_.end()) return fail(value, fmt::format("there is no item \"{}\" before this one", text));
      item.share_of = static_cast<std::size_t>(found - items_.begin());
    }
    return {};
  }

  Result<void> read_dated(const YamlNode& node, FeeItem& item) {
    if (node.kind != YamlNode::Kind::kSequence || node.items.empty())
      return fail(node, "dated must be a list of rates, each with its first day: {from: 2024-05-22, percent: 0.00278}");
    for (const YamlNode& each : node.items) {
      FeeRate rate;
      const YamlNode* from = each.find("from");
      if (from == nullptr) return fail(each, "a dated rate needs its first day: from");
      const auto date = core::Date::parse(from->scalar);
      if (!date) return fail(*from, date.error().message);
      rate.from = *date;
      if (!item.rates.empty() && rate.from <= item.rates.back().from) return fail(*from, "dates must ascend");
      for (const YamlEntry& entry : each.entries) {
        if (entry.key != "from") ARGOSY_TRY_VOID(read_rate(entry, rate));
      }
      item.rates.push_back(rate);
    }
    return {};
  }

  Result<void> read_rate(const YamlEntry& entry, FeeRate& rate) const {
    const YamlNode& value = entry.value;
    if (entry.key == "percent") {
      ARGOSY_TRY(rate.ratio, percent(value, "percent"));
    } else if (entry.key == "per_share") {
      ARGOSY_TRY(rate.per_share, amount<Price>(value, "per_share"));
    } else if (entry.key == "fixed") {
      ARGOSY_TRY(rate.fixed, amount<Money>(value, "fixed"));
    } else if (entry.key == "minimum") {
      ARGOSY_TRY(rate.minimum, amount<Money>(value, "minimum"));
    } else if (entry.key == "maximum") {
      ARGOSY_TRY(rate.maximum, amount<Money>(value, "maximum"));
    } else if (entry.key == "maximum_percent") {
      ARGOSY_TRY(rate.maximum_ratio, percent(value, "maximum_percent"));
    } else {
      return unknown(entry, kRateKeys);
    }
    return {};
  }

  const std::string& file_;
  const FeeReader& include_;
  std::vector<FeeItem> items_;
};

}  // namespace

Result<FeeFile> parse_fee_file(std::string_view text, const std::string& file, const FeeReader& include) {
  ARGOSY_TRY(const YamlNode root, core::parse_yaml(text, file));
  return Reader(file, include).read(root);
}

Result<FeeSchedule> find_fees(const std::string& text, const FeeReader& read) {
  if (text == "free") return FeeSchedule();
  const std::size_t colon = text.find(':');
  const std::string kind = text.substr(0, colon);
  if (colon != std::string::npos && (kind == "percent" || kind == "per_share")) {
    const std::string rate =
        fmt::format("name: {}\nitems: [{{name: commission, {}: {}}}]\n", text, kind, text.substr(colon + 1));
    ARGOSY_TRY(FeeFile file, parse_fee_file(rate, text));
    return std::move(file.schedule);
  }
  ARGOSY_TRY(FeeFile file, read(text));
  return std::move(file.schedule);
}

}  // namespace argosy::trading
