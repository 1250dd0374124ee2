#include "strategy/strategy_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

#include "core/text.hpp"
#include "core/yaml.hpp"
#include "formula/formula.hpp"
#include "market/instrument.hpp"
#include "strategy/compiled_strategy.hpp"
#include "strategy/numbers.hpp"
#include "strategy/rules.hpp"

namespace argosy::strategy {

using core::Error;
using core::ErrorCode;
using core::fail;
using core::Result;
using core::YamlEntry;
using core::YamlNode;

namespace {

constexpr std::array<std::string_view, 31> kKeys{"name",
                                                 "description",
                                                 "timeframe",
                                                 "symbols",
                                                 "params",
                                                 "let_files",
                                                 "let",
                                                 "buy",
                                                 "sell",
                                                 "short",
                                                 "cover",
                                                 "size",
                                                 "order",
                                                 "stop_loss",
                                                 "take_profit",
                                                 "trailing_stop",
                                                 "max_bars",
                                                 "confidence",
                                                 "minimum_confidence",
                                                 "rebalance",
                                                 "account",
                                                 "account_rules",
                                                 "commission_percent",
                                                 "fees",
                                                 "slippage",
                                                 "volume_cap",
                                                 "latency",
                                                 "limit_fills",
                                                 "limits",
                                                 "interest",
                                                 "borrow"};

constexpr std::array<std::string_view, kRoleCount> kRoleKeys{
    "buy",         "short",         "sell",        "cover",      "size",       "stop_loss",
    "take_profit", "trailing_stop", "order.limit", "order.stop", "confidence", "rebalance.rank"};

// Reads one file; every error knows where it stands.
class Reader {
 public:
  Reader(std::string_view text, std::string_view file, const StrategyReaders& readers) : readers_(readers) {
    strategy_.file = file;
    strategy_.text = text;
  }

  Result<StrategyFile> read() {
    ARGOSY_TRY(const YamlNode root, core::parse_yaml(strategy_.text, strategy_.file));
    if (root.kind != YamlNode::Kind::kMapping) {
      return fail(Error(ErrorCode::kInvalidArgument, "a strategy file is a mapping of keys such as name, buy and sell")
                      .at(strategy_.file, 1, 1)
                      .with_hint("see samples/strategies/golden_cross.yaml"));
    }
    for (const YamlEntry& entry : root.entries) ARGOSY_TRY_VOID(read_key(entry));
    ARGOSY_TRY_VOID(set_numbers(strategy_));
    ARGOSY_TRY_VOID(check_rules(strategy_));
    ARGOSY_TRY_VOID(compile_strategy(strategy_));
    return std::move(strategy_);
  }

 private:
  std::unexpected<Error> at(const YamlNode& node, std::string message, std::string hint = {}) const {
    return fail(Error(ErrorCode::kInvalidArgument, std::move(message))
                    .at(strategy_.file, node.line, node.column)
                    .with_hint(std::move(hint)));
  }

  Result<std::string> scalar(const YamlEntry& entry) const {
    if (entry.value.kind != YamlNode::Kind::kScalar || entry.value.scalar.empty()) {
      return at(entry.value, fmt::format("{} must be a single value", entry.key));
    }
    return entry.value.scalar;
  }

  void place(const std::string& key, const YamlNode& value) {
    strategy_.places.push_back({key, value.line, value.column});
  }

  Result<void> read_formula(const YamlEntry& entry, const std::string& key, std::string& into) {
    ARGOSY_TRY(into, scalar(entry));
    place(key, entry.value);
    return {};
  }
  Result<void> read_formula(const YamlEntry& entry, Role role) {
    return read_formula(entry, std::string(to_string(role)), strategy_.formula(role));
  }

  Result<void> read_key(const YamlEntry& entry) {
    const std::string& key = entry.key;
    if (key == "name") return assign(strategy_.name, scalar(entry));
    if (key == "description") return assign(strategy_.description, scalar(entry));
    if (key == "timeframe") return read_timeframe(entry);
    if (key == "symbols") return read_symbols(entry, strategy_.symbols);
    if (key == "params") return read_parameters(entry);
    if (key == "let_files") return read_let_files(entry);
    if (key == "let") return read_lets(entry);
    for (const Role role : {Role::kBuy, Role::kShort, Role::kSell, Role::kCover, Role::kConfidence}) {
      if (key == to_string(role)) return read_formula(entry, role);
    }
    if (key == "stop_loss") return read_level(entry, strategy_.stop_loss, Role::kStopDistance);
    if (key == "take_profit") return read_level(entry, strategy_.take_profit, Role::kTargetDistance);
    if (key == "trailing_stop") return read_level(entry, strategy_.trailing_stop, Role::kTrailDistance);
    if (key == "size") return read_size(entry);
    if (key == "order") return read_order(entry);
    if (key == "rebalance") return read_rebalance(entry);
    if (key == "max_bars") return read_number(entry, key);
    if (key == "minimum_confidence") return read_number(entry, key);
    if (key == "account") return read_account(entry);
    if (key == "interest") return read_number(entry, key);
    if (key == "borrow") return read_borrow(entry);
    if (key == "account_rules") return read_account_rules(entry);
    if (key == "commission_percent") return read_commission(entry);
    if (key == "fees") return read_fees(entry);
    if (key == "slippage") return read_formula(entry, key, strategy_.slippage);
    if (key == "volume_cap") return read_formula(entry, key, strategy_.volume_cap);
    if (key == "latency") return read_formula(entry, key, strategy_.latency);
    if (key == "limit_fills") return read_formula(entry, key, strategy_.limit_fills);
    if (key == "limits") return read_formula(entry, key, strategy_.limits);
    return unknown(entry, kKeys);
  }

  std::unexpected<Error> unknown(const YamlEntry& entry, std::span<const std::string_view> known) const {
    return fail(Error(ErrorCode::kInvalidArgument,
                      fmt::format("unknown key \"{}\".{}", entry.key, core::did_you_mean(entry.key, known)))
                    .at(strategy_.file, entry.key_line, entry.key_column));
  }
  Result<void> check_keys(const YamlEntry& entry, std::span<const std::string_view> known) const {
    if (entry.value.kind != YamlNode::Kind::kMapping) {
      return at(entry.value, fmt::format("{} must be a mapping", entry.key),
                fmt::format("its keys are {}", fmt::join(known, ", ")));
    }
    for (const YamlEntry& item : entry.value.entries) {
      if (std::ranges::find(known, item.key) == known.end()) return unknown(item, known);
    }
    return {};
  }

  // One of some words; the index of it.
  Result<std::size_t> word(const YamlEntry& entry, std::span<const std::string_view> words) const {
    ARGOSY_TRY(const std::string text, scalar(entry));
    const auto found = std::ranges::find(words, text);
    if (found != words.end()) return static_cast<std::size_t>(found - words.begin());
    return at(entry.value, fmt::format("{} is \"{}\".{}", entry.key, text, core::did_you_mean(text, words)),
              fmt::format("it is one of {}", fmt::join(words, ", ")));
  }

  // A constant between 0 and 1, such as 60% or 0.6.
  Result<void> read_share(const YamlEntry& entry, core::Rate& into) const {
    ARGOSY_TRY(const double share, number(entry.value, entry.key));
    if (!(share >= 0 && share <= 1))
      return at(entry.value, fmt::format("{} must lie between 0 and 1", entry.key), "60% is 0.6");
    ARGOSY_TRY(into, core::Rate::from_double(share));
    return {};
  }

  // A number that may depend on parameters; they may be read later.
  Result<void> read_number(const YamlEntry& entry, std::string key) {
    ARGOSY_TRY(std::string text, scalar(entry));
    place(key, entry.value);
    strategy_.numbers.emplace_back(std::move(key), std::move(text));
    return {};
  }
  Result<void> read_number_of(std::string_view group, const YamlEntry& entry) {
    return read_number(entry, fmt::format("{}.{}", group, entry.key));
  }

  // "8%", or {distance: 2 * atr(14)}.
  Result<void> read_level(const YamlEntry& entry, std::string& constant, Role role) {
    if (entry.value.kind != YamlNode::Kind::kMapping) return read_formula(entry, entry.key, constant);
    constexpr std::array<std::string_view, 1> kLevelKeys{"distance"};
    ARGOSY_TRY_VOID(check_keys(entry, kLevelKeys));
    if (entry.value.entries.empty()) return at(entry.value, fmt::format("{} has no distance", entry.key));
    return read_formula(entry.value.entries.front(), std::string(to_string(role)), strategy_.formula(role));
  }

  static Result<void> assign(std::string& into, Result<std::string> from) {
    ARGOSY_TRY(into, std::move(from));
    return {};
  }

  Result<void> read_timeframe(const YamlEntry& entry) {
    ARGOSY_TRY(const std::string text, scalar(entry));
    auto timeframe = market::Timeframe::parse(text);
    if (!timeframe) return at(entry.value, timeframe.error().message, timeframe.error().hint);
    strategy_.timeframe = *timeframe;
    return {};
  }

  Result<void> read_symbols(const YamlEntry& entry, std::vector<std::string>& into) const {
    if (entry.value.kind != YamlNode::Kind::kSequence)
      return at(entry.value, fmt::format("{} must be a list, for example [AAPL, MSFT]", entry.key));
    for (const YamlNode& item : entry.value.items) {
      auto symbol = market::check_symbol(item.scalar);
      if (!symbol) return at(item, symbol.error().message, symbol.error().hint);
      if (std::ranges::find(into, *symbol) != into.end()) return at(item, fmt::format("{} is listed twice", *symbol));
      into.push_back(*symbol);
    }
    return {};
  }

  Result<double> number(const YamlNode& node, std::string_view what) const {
    if (node.kind != YamlNode::Kind::kScalar) return at(node, fmt::format("{} must be a number", what));
    auto value = formula::constant(node.scalar);
    if (!value) return at(node, fmt::format("{} must be a number, not \"{}\"", what, node.scalar));
    return *value;
  }

  Result<void> read_parameters(const YamlEntry& entry) {
    if (entry.value.kind != YamlNode::Kind::kMapping)
      return at(entry.value, "params must be a mapping of names to numbers");
    for (const YamlEntry& item : entry.value.entries) {
      Parameter parameter{.name = item.key};
      if (item.value.kind == YamlNode::Kind::kMapping) {
        ARGOSY_TRY_VOID(read_range(item, parameter));
      } else {
        ARGOSY_TRY(parameter.value, number(item.value, item.key));
      }
      strategy_.parameters.push_back(std::move(parameter));
    }
    return {};
  }

  Result<void> read_range(const YamlEntry& item, Parameter& parameter) {
    constexpr std::array<std::string_view, 3> kRangeKeys{"default", "range", "step"};
    for (const YamlEntry& part : item.value.entries) {
      if (std::ranges::find(kRangeKeys, part.key) == kRangeKeys.end()) {
        return fail(Error(ErrorCode::kInvalidArgument,
                          fmt::format("unknown key \"{}\".{}", part.key, core::did_you_mean(part.key, kRangeKeys)))
                        .at(strategy_.file, part.key_line, part.key_column));
      }
    }
    const YamlNode* standard = item.value.find("default");
    const YamlNode* range = item.value.find("range");
    const YamlNode* step = item.value.find("step");
    if (standard == nullptr) return at(item.value, fmt::format("the parameter {} has no default", item.key));
    ARGOSY_TRY(parameter.value, number(*standard, "default"));
    if (range == nullptr) return {};
    if (range->kind != YamlNode::Kind::kSequence || range->items.size() != 2)
      return at(*range, "range must be two numbers, for example [5, 100]");
    Parameter::Range limits;
    ARGOSY_TRY(limits.from, number(range->items[0], "range"));
    ARGOSY_TRY(limits.to, number(range->items[1], "range"));
    if (step != nullptr) {
      ARGOSY_TRY(limits.step, number(*step, "step"));
    }
    if (!(limits.from < limits.to)) return at(*range, "the range must ascend");
    if (limits.step < 0) return at(*step, "the step must not be negative");
    if (parameter.value < limits.from || parameter.value > limits.to)
      return at(*standard, "the default lies outside the range");
    parameter.range = limits;
    return {};
  }

  Result<void> read_let_files(const YamlEntry& entry) {
    if (entry.value.kind != YamlNode::Kind::kSequence)
      return at(entry.value, "let_files must be a list of files, for example [common.yaml]");
    if (!readers_.lets) return at(entry.value, "files of names cannot be read here");
    for (const YamlNode& item : entry.value.items) {
      auto set = readers_.lets(item.scalar);
      if (!set) {
        // A file that is missing is an error of this line; what is wrong within a file has its own place.
        if (!set.error().file.empty()) return fail(std::move(set).error());
        return at(item, set.error().message, set.error().hint);
      }
      strategy_.let_files.push_back(item.scalar);
      std::ranges::move(set->lets, std::back_inserter(strategy_.shared_lets));
    }
    return {};
  }

  Result<void> read_lets(const YamlEntry& entry) {
    if (entry.value.kind != YamlNode::Kind::kMapping)
      return at(entry.value, "let must be a mapping of names to formulas");
    for (const YamlEntry& item : entry.value.entries) {
      ARGOSY_TRY(std::string text, scalar(item));
      place("let." + item.key, item.value);
      strategy_.lets.emplace_back(item.key, std::move(text));
    }
    return {};
  }

  Result<void> read_size(const YamlEntry& entry) {
    constexpr std::array<std::string_view, 6> kKinds{"shares",    "cash", "percent", "atr_risk", "volatility_target",
                                                     "half_kelly"};
    const char* hint =
        "write one of {shares: 100}, {cash: 10000}, {percent: 20}, {atr_risk: {risk: 1%, multiple: 2, length: 14}}, "
        "{volatility_target: {target: 15%, length: 20}}, {half_kelly: {cap: 25%}}";
    if (entry.value.kind != YamlNode::Kind::kMapping || entry.value.entries.size() != 1)
      return at(entry.value, "size must name one kind and its number", hint);
    const YamlEntry& item = entry.value.entries.front();
    if (std::ranges::find(kKinds, item.key) == kKinds.end()) {
      return fail(Error(ErrorCode::kInvalidArgument,
                        fmt::format("unknown size \"{}\".{}", item.key, core::did_you_mean(item.key, kKinds)))
                      .at(strategy_.file, item.key_line, item.key_column)
                      .with_hint(hint));
    }
    place("size", item.value);
    if (item.key == "atr_risk") return read_risk(item);
    if (item.key == "volatility_target") return read_volatility(item);
    if (item.key == "half_kelly") return read_kelly(item);
    return read_amount(item);
  }

  Result<void> read_amount(const YamlEntry& item) {
    ARGOSY_TRY(const std::string text, scalar(item));
    const auto positive = [&](auto amount) -> bool { return amount && amount->is_positive(); };
    trading::Sizing& size = strategy_.size;
    if (!core::parse_double(text)) {
      size.by_formula = true;
      strategy_.formula(Role::kSize) = text;
    }
    if (item.key == "shares") {
      size.kind = trading::SizeKind::kShares;
      if (size.by_formula) return {};
      const auto shares = core::Quantity::parse(text);
      if (!positive(shares)) return at(item.value, fmt::format("\"{}\" is not a number of shares above 0", text));
      size.shares = *shares;
    } else if (item.key == "cash") {
      size.kind = trading::SizeKind::kCash;
      if (size.by_formula) return {};
      const auto cash = core::Money::parse(text);
      if (!positive(cash)) return at(item.value, fmt::format("\"{}\" is not an amount of cash above 0", text));
      size.cash = *cash;
    } else if (!size.by_formula) {
      const auto percent = core::Rate::parse(text);
      // A margin account may spend more than its equity; what it can carry is the gate's business.
      if (!positive(percent) || *percent > core::Rate::from_integer(400))
        return at(item.value, fmt::format("\"{}\" is not a percentage of the equity between 0 and 400", text));
      size.fraction = core::scale(*percent, 1, 100, core::Rounding::kHalfEven);
    }
    return {};
  }

  Result<void> read_risk(const YamlEntry& entry) {
    constexpr std::array<std::string_view, 4> kRiskKeys{"risk", "multiple", "length", "distance"};
    ARGOSY_TRY_VOID(check_keys(entry, kRiskKeys));
    strategy_.size = {.kind = trading::SizeKind::kRisk, .fraction = core::Rate::from_units(10'000'000)};
    std::string multiple = "2";
    std::string length = "14";
    std::string& distance = strategy_.formula(Role::kSize);
    for (const YamlEntry& item : entry.value.entries) {
      if (item.key == "risk") ARGOSY_TRY_VOID(read_number_of("size", item));
      if (item.key == "multiple") ARGOSY_TRY_VOID(assign(multiple, scalar(item)));
      if (item.key == "length") ARGOSY_TRY_VOID(assign(length, scalar(item)));
      if (item.key == "distance") ARGOSY_TRY_VOID(assign(distance, scalar(item)));
    }
    if (distance.empty()) distance = fmt::format("({}) * atr({})", multiple, length);
    return {};
  }

  Result<void> read_volatility(const YamlEntry& entry) {
    constexpr std::array<std::string_view, 4> kVolatilityKeys{"target", "length", "volatility", "cap"};
    ARGOSY_TRY_VOID(check_keys(entry, kVolatilityKeys));
    strategy_.size = {.kind = trading::SizeKind::kVolatility, .fraction = core::Rate::from_units(150'000'000)};
    std::string length = "20";
    std::string& volatility = strategy_.formula(Role::kSize);
    for (const YamlEntry& item : entry.value.entries) {
      if (item.key == "target" || item.key == "cap") ARGOSY_TRY_VOID(read_number_of("size", item));
      if (item.key == "length") ARGOSY_TRY_VOID(assign(length, scalar(item)));
      if (item.key == "volatility") ARGOSY_TRY_VOID(assign(volatility, scalar(item)));
    }
    // How many bars a year has is known of daily bars; of others the file says what the volatility is.
    if (volatility.empty()) volatility = fmt::format("stddev(close / close[1] - 1, {}) * sqrt(252)", length);
    return {};
  }

  Result<void> read_kelly(const YamlEntry& entry) {
    constexpr std::array<std::string_view, 3> kKellyKeys{"cap", "trades", "until"};
    ARGOSY_TRY_VOID(check_keys(entry, kKellyKeys));
    strategy_.size = {.kind = trading::SizeKind::kHalfKelly,
                      .fraction = core::Rate::from_units(50'000'000),
                      .cap = core::Rate::from_units(250'000'000)};
    for (const YamlEntry& item : entry.value.entries) ARGOSY_TRY_VOID(read_number_of("size", item));
    return {};
  }

  Result<void> read_order(const YamlEntry& entry) {
    constexpr std::array<std::string_view, 6> kOrderKeys{"type",         "limit",       "stop",
                                                         "limit_offset", "stop_offset", "time_in_force"};
    constexpr std::array<std::string_view, 4> kTypes{"market", "limit", "stop", "stop_limit"};
    constexpr std::array<std::string_view, 6> kTimes{"gtc", "day", "ioc", "fok", "at_open", "at_close"};
    ARGOSY_TRY_VOID(check_keys(entry, kOrderKeys));
    place("order", entry.value);
    EntryOrder& order = strategy_.order;
    bool timed = false;
    for (const YamlEntry& item : entry.value.entries) {
      if (item.key == "type") {
        ARGOSY_TRY(const std::size_t type, word(item, kTypes));
        order.kind = static_cast<trading::OrderKind>(type);
      } else if (item.key == "time_in_force") {
        ARGOSY_TRY(const std::size_t time, word(item, kTimes));
        order.time_in_force = static_cast<trading::TimeInForce>(time);
        timed = true;
      } else if (item.key == "limit") {
        ARGOSY_TRY_VOID(read_formula(item, Role::kLimit));
      } else if (item.key == "stop") {
        ARGOSY_TRY_VOID(read_formula(item, Role::kStop));
      } else {
        ARGOSY_TRY_VOID(read_number_of("order", item));
      }
    }
    // An order that waits for its price is one for the next session unless it is said otherwise.
    if (!timed && order.kind != trading::OrderKind::kMarket) order.time_in_force = trading::TimeInForce::kDay;
    return {};
  }

  Result<void> read_rebalance(const YamlEntry& entry) {
    constexpr std::array<std::string_view, 5> kRebalanceKeys{"every", "rank", "hold", "weight", "drift"};
    ARGOSY_TRY_VOID(check_keys(entry, kRebalanceKeys));
    place("rebalance", entry.value);
    Rebalance& rebalance = strategy_.rebalance.emplace();
    for (const YamlEntry& item : entry.value.entries) {
      if (item.key == "every") {
        ARGOSY_TRY_VOID(read_every(item, rebalance));
      } else if (item.key == "rank") {
        ARGOSY_TRY_VOID(read_formula(item, Role::kRank));
      } else {
        ARGOSY_TRY_VOID(read_number_of("rebalance", item));
      }
    }
    if (strategy_.formula(Role::kRank).empty())
      return at(entry.value, "rebalance has no rank", "write rank: close / close[126] - 1");
    return {};
  }

  // A period, or a number of bars.
  Result<void> read_every(const YamlEntry& entry, Rebalance& rebalance) {
    constexpr std::array<std::string_view, 4> kPeriods{"week", "month", "quarter", "year"};
    ARGOSY_TRY(const std::string text, scalar(entry));
    const auto period = std::ranges::find(kPeriods, text);
    rebalance.every = static_cast<Rebalance::Every>(period == kPeriods.end() ? 0 : period - kPeriods.begin() + 1);
    return period == kPeriods.end() ? read_number_of("rebalance", entry) : Result<void>();
  }

  Result<void> read_account(const YamlEntry& entry) {
    constexpr std::array<std::string_view, 2> kTypes{"cash", "margin"};
    ARGOSY_TRY(const std::size_t type, word(entry, kTypes));
    strategy_.account = static_cast<trading::AccountType>(type);
    return {};
  }

  Result<void> read_borrow(const YamlEntry& entry) {
    constexpr std::array<std::string_view, 3> kBorrowKeys{"rate", "rates", "unavailable"};
    ARGOSY_TRY_VOID(check_keys(entry, kBorrowKeys));
    for (const YamlEntry& item : entry.value.entries) {
      if (item.key == "rate") ARGOSY_TRY_VOID(read_number_of("borrow", item));
      if (item.key == "rates") ARGOSY_TRY_VOID(read_borrow_rates(item));
      if (item.key == "unavailable") ARGOSY_TRY_VOID(read_symbols(item, strategy_.borrow.unavailable));
    }
    return {};
  }

  Result<void> read_borrow_rates(const YamlEntry& entry) {
    if (entry.value.kind != YamlNode::Kind::kMapping)
      return at(entry.value, "rates must be a mapping of symbols to rates a year, for example {GME: 30%}");
    for (const YamlEntry& item : entry.value.entries) {
      ARGOSY_TRY(const double share, number(item.value, item.key));
      const auto rate = core::Rate::from_double(share);
      if (!rate || !(share >= 0 && share <= 10))
        return at(item.value, fmt::format("the rate of {} must lie between 0 and 10", item.key), "30% is 0.3");
      strategy_.borrow.rates.emplace_back(item.key, *rate);
    }
    return {};
  }

  Result<void> read_account_rules(const YamlEntry& entry) {
    constexpr std::array<std::string_view, 2> kRules{"warn", "refuse"};
    ARGOSY_TRY(const std::size_t rule, word(entry, kRules));
    strategy_.account_rules = static_cast<trading::Enforcement>(rule);
    return {};
  }

  Result<void> read_commission(const YamlEntry& entry) {
    ARGOSY_TRY(const std::string text, scalar(entry));
    auto rate = parse_percent(text, "commission_percent");
    if (!rate) return at(entry.value, rate.error().message, rate.error().hint);
    strategy_.fees = trading::FeeSchedule::percent(*rate);
    return costs_once(entry);
  }

  Result<void> read_fees(const YamlEntry& entry) {
    ARGOSY_TRY(const std::string text, scalar(entry));
    const bool named = text != "free" && text.find(':') == std::string::npos;
    if (named && !readers_.fees) return at(entry.value, "files of fees cannot be read here");
    auto fees = trading::find_fees(text, readers_.fees);
    if (!fees) return at(entry.value, fees.error().message, fees.error().hint);
    strategy_.fees = *std::move(fees);
    return costs_once(entry);
  }

  Result<void> costs_once(const YamlEntry& entry) {
    if (has_costs_) return at(entry.value, "write fees or commission_percent, not both");
    has_costs_ = true;
    return {};
  }

  const StrategyReaders& readers_;
  bool has_costs_ = false;  // fees or commission_percent were read
  StrategyFile strategy_;
};

}  // namespace

std::string_view to_string(Role role) { return kRoleKeys[static_cast<std::size_t>(role)]; }

Error StrategyFile::locate(std::string_view key, Error error) const {
  for (const Place& place : places) {
    if (place.key == key) return std::move(error).at(file, place.line, place.column).in_field(std::string(key));
  }
  return error;
}

Result<StrategyFile> parse_strategy(std::string_view text, std::string_view file, const StrategyReaders& readers) {
  return Reader(text, file, readers).read();
}

}  // namespace argosy::strategy
