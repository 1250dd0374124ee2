#include "trading/limit_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <utility>

#include "core/config.hpp"
#include "core/text.hpp"
#include "core/yaml.hpp"
#include "market/calendar.hpp"
#include "market/instrument.hpp"

namespace argosy::trading {
namespace {

using core::Duration;
using core::Error;
using core::ErrorCode;
using core::Result;
using core::YamlEntry;
using core::YamlNode;

using Names = std::span<const std::string_view>;

// Reads values of the file; every error names its place in it.
class Values {
 public:
  explicit Values(std::string file) : file_(std::move(file)) {}

  [[nodiscard]] std::unexpected<Error> fail(const YamlNode& node, std::string message) const {
    return core::fail(Error(ErrorCode::kInvalidArgument, std::move(message)).at(file_, node.line, node.column));
  }
  [[nodiscard]] std::unexpected<Error> unknown(const YamlEntry& entry, Names names) const {
    return core::fail(Error(ErrorCode::kInvalidArgument,
                            fmt::format("unknown key \"{}\".{}", entry.key, core::did_you_mean(entry.key, names)))
                          .at(file_, entry.key_line, entry.key_column));
  }
  [[nodiscard]] std::unexpected<Error> empty(const YamlEntry& entry) const {
    return core::fail(
        Error(ErrorCode::kInvalidArgument, fmt::format("{} has no value: write one, or unlimited", entry.key))
            .at(file_, entry.key_line, entry.key_column));
  }
  [[nodiscard]] Result<std::string> scalar(const YamlNode& node, std::string_view what) const {
    if (node.kind != YamlNode::Kind::kScalar || node.scalar.empty())
      return fail(node, fmt::format("{} must be a single value", what));
    return node.scalar;
  }
  // One of the names; its index.
  [[nodiscard]] Result<std::size_t> choice(const YamlNode& node, std::string_view what, Names names) const {
    ARGOSY_TRY(const std::string text, scalar(node, what));
    const auto found = std::ranges::find(names, text);
    if (found == names.end())
      return fail(node, fmt::format("{} is \"{}\".{}", what, text, core::did_you_mean(text, names)));
    return static_cast<std::size_t>(found - names.begin());
  }
  // The value of a key that must be there.
  [[nodiscard]] Result<const YamlNode*> need(const YamlNode& node, std::string_view what, std::string_view key) const {
    const YamlNode* found = node.find(key);
    if (found == nullptr) return fail(node, fmt::format("{} needs the key \"{}\"", what, key));
    return found;
  }
  // A mapping with no other keys than these.
  [[nodiscard]] Result<void> mapping(const YamlNode& node, std::string_view what, Names keys) const {
    if (node.kind != YamlNode::Kind::kMapping)
      return fail(node, fmt::format("{} is unlimited or a mapping with the keys {}", what, fmt::join(keys, ", ")));
    for (const YamlEntry& entry : node.entries) {
      if (std::ranges::find(keys, entry.key) == keys.end()) return unknown(entry, keys);
    }
    return {};
  }

  Result<void> read(const YamlNode& node, std::string_view what, std::int64_t& out) const {
    ARGOSY_TRY(out, count(node, what, 1));
    return {};
  }
  Result<void> read(const YamlNode& node, std::string_view what, Duration& out) const {
    ARGOSY_TRY(out, duration(node, what, Duration(1)));
    return {};
  }
  Result<void> read(const YamlNode& node, std::string_view what, Quantity& out) const {
    return positive(node, what, out, "a quantity above 0");
  }
  Result<void> read(const YamlNode& node, std::string_view what, Money& out) const {
    return positive(node, what, out, "an amount above 0");
  }
  Result<void> read(const YamlNode& node, std::string_view what, Rate& out) const {
    ARGOSY_TRY(const std::string text, scalar(node, what));
    const auto share =
        text.ends_with('%') ? Rate::parse(text.substr(0, text.size() - 1) + "e-2") : Result<Rate>(Rate());
    if (!share || !share->is_positive() || *share > Rate::from_integer(1))
      return fail(node,
                  fmt::format("{} is \"{}\": a share above 0% and at most 100% is expected, such as 5%", what, text));
    out = *share;
    return {};
  }
  Result<void> read(const YamlNode& node, std::string_view what, Allowance& out) const {
    ARGOSY_TRY(const std::string text, scalar(node, what));
    if (text.ends_with('%')) {
      out = Allowance::of_share({});
      return read(node, what, out.share);
    }
    out = Allowance::of_money({});
    return positive(node, what, out.amount, "an amount above 0, or a share such as 5%,");
  }
  Result<void> read(const YamlNode& node, std::string_view what, Leverage& out) const {
    ARGOSY_TRY_VOID(positive(node, what, out.times, "a multiple of the equity, such as 1.5,"));
    if (out.times > Rate::from_integer(1000))
      return fail(node, fmt::format("{} is \"{}\": 1000 is the most", what, node.scalar));
    return {};
  }
  Result<void> read(const YamlNode& node, std::string_view what, Burst& out) const {
    constexpr std::array<std::string_view, 2> kKeys{"most", "within"};
    ARGOSY_TRY_VOID(mapping(node, what, kKeys));
    ARGOSY_TRY_VOID(member(node, what, "most", out.most));
    if (out.most > kMostEvents) return fail(*node.find("most"), fmt::format("most is {} at most", kMostEvents));
    return member(node, what, "within", out.within);
  }
  Result<void> read(const YamlNode& node, std::string_view what, MessageRate& out) const {
    constexpr std::array<std::string_view, 3> kKeys{"per_second", "burst", "reserve"};
    ARGOSY_TRY_VOID(mapping(node, what, kKeys));
    ARGOSY_TRY_VOID(member(node, what, "per_second", out.per_second));
    ARGOSY_TRY_VOID(member(node, what, "burst", out.burst));
    ARGOSY_TRY(const YamlNode* reserve, need(node, what, "reserve"));
    ARGOSY_TRY(out.reserve, count(*reserve, "reserve", 0));
    if (out.burst > kMostEvents || out.per_second > kMostEvents)
      return fail(node, fmt::format("per_second and burst are {} at most", kMostEvents));
    if (out.reserve >= out.burst)
      return fail(*reserve,
                  fmt::format("reserve is {}: it must be less than burst, or no order could be sent", out.reserve));
    return {};
  }
  Result<void> read(const YamlNode& node, std::string_view what, TradingHours& out) const {
    constexpr std::array<std::string_view, 2> kKeys{"after_open", "before_close"};
    ARGOSY_TRY_VOID(mapping(node, what, kKeys));
    ARGOSY_TRY(const YamlNode* open, need(node, what, "after_open"));
    ARGOSY_TRY(out.after_open, duration(*open, "after_open", Duration::zero()));
    ARGOSY_TRY(const YamlNode* close, need(node, what, "before_close"));
    ARGOSY_TRY(out.before_close, duration(*close, "before_close", Duration::zero()));
    return {};
  }
  Result<void> read(const YamlNode& node, std::string_view what, CorrelationLimit& out) const {
    constexpr std::array<std::string_view, 2> kKeys{"above", "share"};
    ARGOSY_TRY_VOID(mapping(node, what, kKeys));
    ARGOSY_TRY(const YamlNode* above, need(node, what, "above"));
    ARGOSY_TRY(const std::string text, scalar(*above, "above"));
    const auto value = Rate::parse(text);
    if (!value || value->is_negative() || *value >= Rate::from_integer(1))
      return fail(*above, fmt::format("above is \"{}\": a correlation from 0 to below 1 is expected", text));
    out.above = *value;
    return member(node, what, "share", out.share);
  }
  Result<void> read(const YamlNode& node, std::string_view what, LossVelocity& out) const {
    constexpr std::array<std::string_view, 2> kKeys{"loss", "within"};
    ARGOSY_TRY_VOID(mapping(node, what, kKeys));
    ARGOSY_TRY_VOID(member(node, what, "loss", out.loss));
    return member(node, what, "within", out.within);
  }
  Result<void> read(const YamlNode& node, std::string_view what, FailureRate& out) const {
    constexpr std::array<std::string_view, 3> kKeys{"share", "within", "least"};
    ARGOSY_TRY_VOID(mapping(node, what, kKeys));
    ARGOSY_TRY_VOID(member(node, what, "share", out.share));
    ARGOSY_TRY_VOID(member(node, what, "within", out.within));
    return member(node, what, "least", out.least);
  }
  Result<void> read(const YamlNode& node, std::string_view what, Refused&) const {
    if (node.scalar != "refuse") return fail(node, fmt::format("{} is refuse or unlimited", what));
    return {};
  }
  Result<void> read(const YamlNode& node, std::string_view what, Symbols& out) const {
    if (node.kind != YamlNode::Kind::kSequence || node.items.empty())
      return fail(node, fmt::format("{} is unlimited or a list of symbols, such as [AAPL, MSFT]", what));
    out.clear();
    for (const YamlNode& each : node.items) {
      const auto symbol = market::check_symbol(each.scalar);
      if (!symbol) return fail(each, symbol.error().message);
      out.push_back(*symbol);
    }
    return {};
  }
  Result<void> read(const YamlNode& node, std::string_view what, DailyLoss& out) const {
    constexpr std::array<std::string_view, 2> kKeys{"loss", "ends"};
    constexpr std::array<std::string_view, 2> kEnds{"day", "account"};
    ARGOSY_TRY_VOID(mapping(node, what, kKeys));
    ARGOSY_TRY_VOID(member(node, what, "loss", out.loss));
    ARGOSY_TRY(const YamlNode* ends, need(node, what, "ends"));
    ARGOSY_TRY(const std::size_t which, choice(*ends, "ends", kEnds));
    out.ends_account = which == 1;
    return {};
  }
  Result<void> read(const YamlNode& node, std::string_view what, TrailingLoss& out) const {
    constexpr std::array<std::string_view, 3> kKeys{"loss", "from", "locks_at_start"};
    constexpr std::array<std::string_view, 2> kFrom{"equity", "end_of_day"};
    constexpr std::array<std::string_view, 2> kTruth{"false", "true"};
    ARGOSY_TRY_VOID(mapping(node, what, kKeys));
    ARGOSY_TRY_VOID(member(node, what, "loss", out.loss));
    ARGOSY_TRY(const YamlNode* from, need(node, what, "from"));
    ARGOSY_TRY(const std::size_t which, choice(*from, "from", kFrom));
    out.from = which == 0 ? TrailingLoss::From::kEquity : TrailingLoss::From::kEndOfDay;
    ARGOSY_TRY(const YamlNode* locks, need(node, what, "locks_at_start"));
    ARGOSY_TRY(const std::size_t truth, choice(*locks, "locks_at_start", kTruth));
    out.locks_at_start = truth == 1;
    return {};
  }
  Result<void> read(const YamlNode& node, std::string_view what, FlattenRule& out) const {
    constexpr std::array<std::string_view, 4> kKeys{"at", "calendar", "before_close", "over"};
    constexpr std::array<std::string_view, 2> kOver{"nights", "weekends"};
    ARGOSY_TRY_VOID(mapping(node, what, kKeys));
    out = {};
    const YamlNode* at = node.find("at");
    const YamlNode* calendar = node.find("calendar");
    if ((at == nullptr) == (calendar == nullptr))
      return fail(node,
                  fmt::format("{} needs a time of the day (at) or an exchange (calendar and before_close)", what));
    if (at != nullptr) {
      ARGOSY_TRY(out.at, clock(*at, "at"));
      if (const YamlNode* before = node.find("before_close"); before != nullptr)
        return fail(*before, "before_close belongs to a calendar");
    } else {
      ARGOSY_TRY(const std::string name, scalar(*calendar, "calendar"));
      const auto found = market::find_calendar(name);
      if (!found) return fail(*calendar, found.error().message);
      out.calendar = (*found)->name();
      ARGOSY_TRY_VOID(member(node, what, "before_close", out.before_close));
    }
    ARGOSY_TRY(const YamlNode* over, need(node, what, "over"));
    ARGOSY_TRY(const std::size_t which, choice(*over, "over", kOver));
    out.every_day = which == 0;
    return {};
  }

  // "16:50"
  [[nodiscard]] Result<Duration> clock(const YamlNode& node, std::string_view what) const {
    ARGOSY_TRY(const std::string text, scalar(node, what));
    const auto digit = [&](std::size_t i) { return text[i] >= '0' && text[i] <= '9'; };
    if (text.size() == 5 && digit(0) && digit(1) && text[2] == ':' && digit(3) && digit(4)) {
      const int hours = (text[0] - '0') * 10 + (text[1] - '0');
      const int minutes = (text[3] - '0') * 10 + (text[4] - '0');
      if (hours < 24 && minutes < 60) return std::chrono::hours(hours) + std::chrono::minutes(minutes);
    }
    return fail(node, fmt::format("{} is \"{}\": a time such as \"16:50\" is expected", what, text));
  }

 private:
  // More than anything that is counted within a window: the room for it is reserved.
  static constexpr std::int64_t kMostEvents = 10'000;

  template <class T>
  Result<void> member(const YamlNode& node, std::string_view what, std::string_view key, T& out) const {
    ARGOSY_TRY(const YamlNode* value, need(node, what, key));
    return read(*value, key, out);
  }
  template <class Amount>
  Result<void> positive(const YamlNode& node, std::string_view what, Amount& out, std::string_view expected) const {
    ARGOSY_TRY(const std::string text, scalar(node, what));
    const auto value = Amount::parse(text);
    if (!value || !value->is_positive())
      return fail(node, fmt::format("{} is \"{}\": {} or unlimited is expected", what, text, expected));
    out = *value;
    return {};
  }
  [[nodiscard]] Result<std::int64_t> count(const YamlNode& node, std::string_view what, std::int64_t least) const {
    ARGOSY_TRY(const std::string text, scalar(node, what));
    const auto value = core::parse_integer(text);
    if (!value || *value < least)
      return fail(node, fmt::format("{} is \"{}\": a whole number from {} is expected", what, text, least));
    return *value;
  }
  [[nodiscard]] Result<Duration> duration(const YamlNode& node, std::string_view what, Duration least) const {
    constexpr std::array<std::pair<std::string_view, std::int64_t>, 5> kUnits{{{"ms", 1'000'000},
                                                                               {"s", 1'000'000'000},
                                                                               {"m", 60'000'000'000},
                                                                               {"h", 3'600'000'000'000},
                                                                               {"d", 86'400'000'000'000}}};
    constexpr std::int64_t kMostDays = 3660;
    ARGOSY_TRY(const std::string text, scalar(node, what));
    const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
    const auto unit =
        std::ranges::find(kUnits, std::string_view(text).substr(digits), [](const auto& each) { return each.first; });
    const auto number = core::parse_integer(std::string_view(text).substr(0, digits));
    if (unit != kUnits.end() && number && *number <= kMostDays * (kUnits.back().second / unit->second)) {
      const Duration value(*number * unit->second);
      if (value >= least) return value;
    }
    return fail(node, fmt::format("{} is \"{}\": a time such as 500ms, 90s, 5m, 1h or 2d is expected, up to {}d", what,
                                  text, kMostDays));
  }

  std::string file_;
};

class Reader {
 public:
  Reader(const LimitReader& read, std::vector<std::string> chain, std::vector<Error>& errors)
      : read_(read), chain_(std::move(chain)), errors_(errors) {}

  // What cannot be read is in the errors, and not set in the profile.
  LimitProfile read(std::string_view text, const std::string& file) {
    const auto root = core::parse_yaml(text, file);
    if (!root) {
      errors_.push_back(root.error());
      return {};
    }
    LimitProfile out = read(*root, file);
    if (root->kind == YamlNode::Kind::kMapping && root->find("name") == nullptr)
      note(Values(file).fail(*root, "the key \"name\" is missing"));
    return out;
  }

  LimitProfile read(const YamlNode& root, const std::string& file) {
    constexpr std::array<std::string_view, 7> kKeys{"name",   "description",     "extends",  "day",
                                                    "limits", "circuit_breaker", "prop_firm"};
    const Values values(file);
    LimitProfile out;
    if (root.kind != YamlNode::Kind::kMapping) {
      note(values.fail(root, "a mapping with the keys name, limits and circuit_breaker is expected"));
      return out;
    }
    chain_.push_back(file);
    if (const YamlNode* base = root.find("extends"); base != nullptr) {
      if (auto profile = read_base(*base, values)) {
        out = *std::move(profile);
      } else {
        errors_.push_back(std::move(profile).error());
      }
    }
    out.name.clear();
    out.description.clear();
    for (const YamlEntry& entry : root.entries) {
      const bool is_known = std::ranges::find(kKeys, entry.key) != kKeys.end();
      note(is_known ? read_key(entry, values, out) : Result<void>(values.unknown(entry, kKeys)));
    }
    return out;
  }

 private:
  void note(Result<void> done) {
    if (!done) errors_.push_back(std::move(done).error());
  }

  Result<LimitProfile> read_base(const YamlNode& node, const Values& values) {
    ARGOSY_TRY(const std::string name, values.scalar(node, "extends"));
    if (!read_) return values.fail(node, "other files cannot be read here");
    auto base = read_(name, chain_.back());
    if (!base) return std::unexpected(std::move(base).error());
    if (std::ranges::find(chain_, base->file) != chain_.end())
      return values.fail(
          node, fmt::format("files extend each other in a circle: {} -> {}", fmt::join(chain_, " -> "), base->file));
    return Reader(read_, chain_, errors_).read(base->text, base->file);
  }

  Result<void> read_key(const YamlEntry& entry, const Values& values, LimitProfile& out) {
    if (entry.key == "name") {
      ARGOSY_TRY(out.name, values.scalar(entry.value, "name"));
    } else if (entry.key == "description") {
      ARGOSY_TRY(out.description, values.scalar(entry.value, "description"));
    } else if (entry.key == "day") {
      return read_day(entry.value, values, out.day);
    } else if (entry.key == "limits") {
      return read_section(entry, values, out.limits);
    } else if (entry.key == "circuit_breaker") {
      return read_section(entry, values, out.breaker);
    } else if (entry.key == "prop_firm") {
      if (!out.prop) out.prop.emplace();
      return read_section(entry, values, *out.prop);
    }
    return {};
  }

  static Result<void> read_day(const YamlNode& node, const Values& values, DayStart& out) {
    constexpr std::array<std::string_view, 2> kKeys{"zone", "starts"};
    ARGOSY_TRY_VOID(values.mapping(node, "day", kKeys));
    ARGOSY_TRY(const YamlNode* zone, values.need(node, "day", "zone"));
    ARGOSY_TRY(out.zone, values.scalar(*zone, "zone"));
    if (!market::is_time_zone(out.zone))
      return values.fail(
          *zone, fmt::format("there is no time zone \"{}\": write a name such as America/New_York or UTC", out.zone));
    ARGOSY_TRY(const YamlNode* starts, values.need(node, "day", "starts"));
    ARGOSY_TRY(out.at, values.clock(*starts, "starts"));
    return {};
  }

  template <class Record>
  Result<void> read_section(const YamlEntry& section, const Values& values, Record& out) {
    const auto fields = limit_fields<Record>();
    std::vector<std::string_view> names;
    for (const auto& field : fields) names.push_back(field.name);
    if (section.value.kind != YamlNode::Kind::kMapping)
      return values.fail(section.value,
                         fmt::format("{} is a mapping of limits, each a value or the word unlimited", section.key));
    for (const YamlEntry& entry : section.value.entries) {
      const auto found = std::ranges::find(fields, entry.key, &LimitField<Record>::name);
      if (found == fields.end()) {
        note(values.unknown(entry, names));
      } else {
        note(std::visit([&](auto member) { return read_limit(entry, values, out.*member); }, found->member));
      }
    }
    return {};
  }

  template <class T>
  static Result<void> read_limit(const YamlEntry& entry, const Values& values, Limit<T>& out) {
    if (entry.value.kind == YamlNode::Kind::kScalar && entry.value.scalar == "unlimited") {
      out = Limit<T>::unlimited();
      return {};
    }
    if (entry.value.kind == YamlNode::Kind::kNull) return values.empty(entry);
    T value{};
    ARGOSY_TRY_VOID(values.read(entry.value, entry.key, value));
    out = Limit<T>::of(std::move(value));
    return {};
  }

  const LimitReader& read_;
  std::vector<std::string> chain_;  // the files that extend this one
  std::vector<Error>& errors_;
};

}  // namespace

Result<LimitProfile> parse_limit_file(std::string_view text, const std::string& file, const LimitReader& read) {
  std::vector<Error> errors;
  LimitProfile profile = Reader(read, {}, errors).read(text, file);
  if (!errors.empty()) return core::fail(core::join_errors(std::move(errors)));
  return profile;
}

LimitProfile read_limits(const YamlNode& node, const std::string& file, const LimitReader& read,
                         std::vector<Error>& errors) {
  return Reader(read, {}, errors).read(node, file);
}

std::vector<std::string> unset_limits(const LimitProfile& profile) {
  std::vector<std::string> names;
  for (const std::string_view name : unset_limits(profile.limits)) names.push_back(fmt::format("limits.{}", name));
  for (const std::string_view name : unset_limits(profile.breaker))
    names.push_back(fmt::format("circuit_breaker.{}", name));
  if (profile.prop) {
    for (const std::string_view name : unset_limits(*profile.prop)) names.push_back(fmt::format("prop_firm.{}", name));
  }
  return names;
}

}  // namespace argosy::trading
