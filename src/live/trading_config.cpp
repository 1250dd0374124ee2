#include "live/trading_config.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "core/text.hpp"
#include "core/yaml.hpp"
#include "live/trading_sections.hpp"
#include "market/calendar.hpp"

namespace argosy::live {
namespace {

using core::ConfigSection;
using core::Error;
using core::ErrorCode;
using core::Result;
using core::YamlEntry;
using core::YamlNode;

constexpr std::string_view kHardLimits = "hard_limits";
constexpr std::string_view kBrokers = "brokers";
// Brokers whose accounts hold real money. None of them can be spoken to yet.
constexpr std::array<std::string_view, 3> kLiveBrokers{"trading212", "ibkr", "kis"};
constexpr std::array<std::string_view, 1> kChannels{"log"};

core::Duration seconds(double value) { return core::Duration(std::llround(value * 1e9)); }

// Reads one file; what is wrong is collected.
class ConfigReader {
 public:
  ConfigReader(const YamlNode& root, const std::string& file, const TradingConfigReaders& readers,
               TradingConfig& config)
      : root_(root), file_(file), readers_(readers), config_(config) {
    for (const ConfigSection& section : trading_sections(config)) sections_.push_back(section);
    for (const ConfigSection& section : readers.brokers) sections_.push_back(section);
  }

  std::vector<Error> read() {
    for (const YamlEntry& entry : root_.entries) check_key(entry);
    for (const ConfigSection& section : sections_) {
      static const YamlNode kNothing;
      const YamlNode* node = find(section.name);
      core::read_config_section(node == nullptr ? kNothing : *node, file_, section, errors_);
    }
    read_hard_limits();
    check_storage();
    check_environment();
    check_feed();
    check_notifications();
    check_api();
    check_parameters();
    if (errors_.empty()) ask_others();
    return std::move(errors_);
  }

 private:
  void add(std::string_view path, std::string message, std::string hint = {}) {
    const YamlNode* node = find(path);
    if (node == nullptr) node = find(path.substr(0, path.rfind('.')));
    if (node == nullptr) node = &root_;
    Error error = Error(ErrorCode::kInvalidArgument, std::move(message)).at(file_, node->line, node->column);
    errors_.push_back(hint.empty() ? std::move(error) : std::move(error).with_hint(std::move(hint)));
  }
  void add_key(const YamlEntry& entry, std::string message) {
    errors_.push_back(
        Error(ErrorCode::kInvalidArgument, std::move(message)).at(file_, entry.key_line, entry.key_column));
  }

  // "storage.ledger"
  [[nodiscard]] const YamlNode* find(std::string_view path) const {
    const YamlNode* node = &root_;
    for (const std::string_view key : core::split(path, '.')) {
      node = node->find(key);
      if (node == nullptr) return nullptr;
    }
    return node;
  }

  void check_key(const YamlEntry& entry) {
    std::vector<std::string_view> names{kHardLimits};
    std::vector<std::string_view> members;
    for (const ConfigSection& section : sections_) {
      const std::size_t dot = section.name.find('.');
      const std::string_view top = section.name.substr(0, dot);
      if (std::ranges::find(names, top) == names.end()) names.push_back(top);
      if (top == entry.key && dot != std::string_view::npos) members.push_back(section.name.substr(dot + 1));
    }
    if (std::ranges::find(names, entry.key) == names.end()) {
      add_key(entry, fmt::format("there is no section \"{}\".{}", entry.key, core::did_you_mean(entry.key, names)));
      return;
    }
    if (members.empty() || entry.value.kind == YamlNode::Kind::kNull) return;
    if (entry.value.kind != YamlNode::Kind::kMapping) {
      add_key(entry, fmt::format("{} must hold sections: {}", entry.key, fmt::join(members, ", ")));
      return;
    }
    for (const YamlEntry& member : entry.value.entries) check_member(entry.key, member, members);
  }

  void check_member(std::string_view group, const YamlEntry& member, const std::vector<std::string_view>& members) {
    if (std::ranges::find(members, member.key) != members.end()) return;
    if (group != kBrokers || std::ranges::find(kLiveBrokers, member.key) == kLiveBrokers.end()) {
      add_key(member, fmt::format("the section {} has no key \"{}\".{}", group, member.key,
                                  core::did_you_mean(member.key, members)));
      return;
    }
    const YamlNode* mode = find("environment.mode");
    const bool is_live = mode != nullptr && mode->scalar == "live";
    add_key(member, is_live
                        ? fmt::format("this program cannot speak to {} yet", member.key)
                        : fmt::format("{} is a broker of real accounts, and environment.mode is not live: remove it",
                                      member.key));
  }

  void read_hard_limits() {
    const YamlNode* node = find(kHardLimits);
    if (node == nullptr || node->kind == YamlNode::Kind::kNull) {
      add(kHardLimits, "the section hard_limits is missing",
          "nothing is allowed without limits; argosy config schema and the sample show them");
      return;
    }
    const std::size_t before = errors_.size();
    config_.hard_limits = trading::read_limits(*node, file_, readers_.limits, errors_);
    config_.hard_limits.name = kHardLimits;
    // A limit that could not be read is not set either; it has its error already.
    if (errors_.size() != before || node->kind != YamlNode::Kind::kMapping) return;
    for (const std::string& name : trading::unset_limits(config_.hard_limits)) {
      add(fmt::format("{}.{}", kHardLimits, name), fmt::format("the limit {}.{} is not set", kHardLimits, name),
          "write a value, or the word unlimited");
    }
  }

  void check_storage() {
    const StorageSettings& storage = config_.storage;
    if (storage.ledger.empty()) add("storage.ledger", "storage.ledger is empty");
    if (storage.backups.empty()) add("storage.backups", "storage.backups is empty");
    if (storage.ledger.starts_with("postgres:"))
      add("storage.ledger", "storage.ledger: write postgresql://user@host:port/database");
    if (!is_postgres(storage)) return;
    const std::string_view rest = std::string_view(storage.ledger).substr(storage.ledger.find("//") + 2);
    const std::string_view authority = rest.substr(0, rest.find('/'));
    const std::size_t at = authority.rfind('@');
    const bool has_password = at != std::string_view::npos && authority.substr(0, at).contains(':');
    if (has_password || rest.contains("password="))
      add("storage.ledger", "storage.ledger: a password must not stand in this file", "set PGPASSWORD");
  }

  void check_environment() {
    const EnvironmentSettings& environment = config_.environment;
    if (environment.mode == ledger::Environment::kPaper) {
      if (environment.confirmed)
        add("environment.confirmed", "environment.confirmed belongs to live, and environment.mode is paper");
      return;
    }
    if (environment.confirmed != kLiveConfirmed)
      add("environment.confirmed", "environment.mode is live, and environment.confirmed does not say so",
          fmt::format("write confirmed: \"{}\"", kLiveConfirmed));
    const bool has_live = std::ranges::any_of(readers_.brokers, [](const ConfigSection& section) {
      return std::ranges::find(kLiveBrokers, section.name.substr(kBrokers.size() + 1)) != kLiveBrokers.end();
    });
    if (!has_live)
      add("environment.mode", "environment.mode is live, and this program has no broker of real accounts yet",
          "write mode: paper");
  }

  void check_feed() {
    if (config_.feed.market.empty()) add("feed.market", "feed.market is empty");
  }

  void check_notifications() {
    const NotificationSettings& settings = config_.notifications;
    for (const std::string& channel : settings.channels) {
      if (std::ranges::find(kChannels, channel) == kChannels.end())
        add("notifications.channels", fmt::format("notifications.channels: there is no channel \"{}\".{}", channel,
                                                  core::did_you_mean(channel, kChannels)));
    }
    if (settings.retry_most_seconds < settings.retry_seconds)
      add("notifications.retry_most_seconds", "notifications.retry_most_seconds is less than retry_seconds");
  }

  void check_api() {
    const ApiSettings& api = config_.api;
    if (api.certificate.empty() != api.key.empty())
      add("api", "api.certificate and api.key belong together", "name both, or none");
    if (!is_loopback(api.address) && api.certificate.empty() && api.proxies.empty())
      add("api.address",
          fmt::format("api.address {} can be reached from other machines, and passwords would be sent "
                      "in the clear",
                      api.address),
          "name api.certificate and api.key, or the proxy before it in api.proxies");
  }

  void ask_others() {
    for (const SettingCheck& each : readers_.checks) {
      const auto done = each.check(config_);
      if (done) continue;
      const Error& error = done.error();
      const std::string path = error.field.empty() ? each.path : each.path + "." + error.field;
      add(path, fmt::format("{}: {}", path, error.message), error.hint);
    }
  }

  void check_parameters() {
    const auto ordered = [&](bool is_ordered, std::string_view path, std::string_view other) {
      if (!is_ordered) add(path, fmt::format("{} must be less than {}", path, other));
    };
    ordered(config_.sma.fast < config_.sma.slow, "strategy_parameters.sma.fast", "slow");
    ordered(config_.macd.fast < config_.macd.slow, "strategy_parameters.macd.fast", "slow");
    ordered(config_.rsi.oversold < config_.rsi.overbought, "strategy_parameters.rsi.oversold", "overbought");
    if (config_.service_defaults.strategy.empty())
      add("service_defaults.strategy", "service_defaults.strategy is empty");
  }

  const YamlNode& root_;
  const std::string& file_;
  const TradingConfigReaders& readers_;
  TradingConfig& config_;
  std::vector<ConfigSection> sections_;
  std::vector<Error> errors_;
};

}  // namespace

bool is_loopback(std::string_view address) {
  return address == "127.0.0.1" || address == "::1" || address == "localhost";
}

std::vector<ConfigSection> trading_sections(TradingConfig& config) {
  return {core::section("storage", config.storage),
          core::section("environment", config.environment),
          core::section("feed", config.feed),
          core::section("quotes", config.quotes),
          core::section("market_hours", config.market_hours),
          core::section("reconciliation", config.reconciliation),
          core::section("trading", config.trading),
          core::section("health", config.health),
          core::section("notifications", config.notifications),
          core::section("log", config.log),
          core::section("api", config.api),
          core::section("jobs", config.jobs),
          core::section("service_defaults", config.service_defaults),
          core::section("strategy_parameters.sma", config.sma),
          core::section("strategy_parameters.macd", config.macd),
          core::section("strategy_parameters.rsi", config.rsi),
          core::section("strategy_parameters.atr", config.atr)};
}

Result<TradingConfig> parse_trading_config(std::string_view text, const std::string& file,
                                           const TradingConfigReaders& readers) {
  ARGOSY_TRY(const YamlNode root, core::parse_yaml(text, file));
  if (root.kind != YamlNode::Kind::kMapping) {
    return core::fail(Error(ErrorCode::kInvalidArgument, "a configuration holds sections of key: value")
                          .at(file, root.line, root.column));
  }
  TradingConfig config;
  std::vector<Error> errors = ConfigReader(root, file, readers, config).read();
  if (!errors.empty()) return core::fail(core::join_errors(std::move(errors)));
  return config;
}

MarketHoursSettings market_hours_settings(const TradingConfig& config) {
  const HoursSettings& hours = config.market_hours;
  return {.pre_market = std::chrono::minutes(hours.pre_market_minutes),
          .post_market = std::chrono::minutes(hours.post_market_minutes),
          .no_entries_before_close = std::chrono::minutes(hours.no_entries_before_close_minutes),
          .flatten_before_close = std::chrono::minutes(hours.flatten_before_close_minutes)};
}

TraderSettings trader_settings(const TradingConfig& config) {
  const TradingSettings& trading = config.trading;
  return {.hours = market_hours_settings(config),
          .limits = config.hard_limits,
          .price_buffer = core::scale(trading.price_buffer_percent, 1, 100, core::Rounding::kHalfEven),
          .failures_to_error = trading.failures_to_error,
          .quote_age = seconds(trading.quote_age_seconds),
          .protective_retry = seconds(trading.protective_retry_seconds),
          .snapshot_every = seconds(trading.snapshot_seconds)};
}

DeskSettings desk_settings(const TradingConfig& config) {
  const ReconciliationSettings& checks = config.reconciliation;
  DeskSettings settings;
  settings.in_flight_check = seconds(checks.in_flight_seconds);
  settings.open_orders_check = seconds(checks.open_orders_seconds);
  settings.positions_check = seconds(checks.positions_seconds);
  settings.answer_time = seconds(checks.answer_seconds);
  settings.not_found_needed = static_cast<int>(checks.not_found_needed);
  settings.adopts_positions = checks.adopts_positions;
  settings.adopts_cash = checks.adopts_cash;
  return settings;
}

core::Duration rate_age(const TradingConfig& config) {
  return std::chrono::duration_cast<core::Duration>(
      std::chrono::duration<double, std::ratio<3600>>(config.trading.rate_age_hours));
}

std::int64_t service_interval(const TradingConfig& config) {
  constexpr std::int64_t kSimulated = 10;
  constexpr std::int64_t kOthers = 300;
  return config.service_defaults.interval_seconds.value_or(config.feed.kind == FeedKind::kSimulated ? kSimulated
                                                                                                    : kOthers);
}

std::vector<std::pair<std::string, double>> strategy_parameters(const TradingConfig& config) {
  const auto number = [](std::int64_t value) { return static_cast<double>(value); };
  return {{"sma_fast", number(config.sma.fast)},       {"sma_slow", number(config.sma.slow)},
          {"macd_fast", number(config.macd.fast)},     {"macd_slow", number(config.macd.slow)},
          {"macd_signal", number(config.macd.signal)}, {"rsi_length", number(config.rsi.length)},
          {"rsi_oversold", config.rsi.oversold},       {"rsi_overbought", config.rsi.overbought},
          {"atr_length", number(config.atr.length)},   {"atr_stop_multiple", config.atr.stop_multiple}};
}

bool is_postgres(const StorageSettings& storage) { return storage.ledger.starts_with("postgresql://"); }

}  // namespace argosy::live
