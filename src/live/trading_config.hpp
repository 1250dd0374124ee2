// The configuration of the process that trades: what a user of it may not change. Read from home/trading.yaml, or else
// from samples/config/trading.yaml, which explains every line; checked whole before anything starts.
//
//   brokers::PaperSettings paper;
//   const core::ConfigSection brokers[] = {core::section("brokers.paper", paper)};
//   ARGOSY_TRY(const TradingConfig config, parse_trading_config(text, "trading.yaml", {.brokers = brokers}));
//   Trader trader(trader_settings(config), ...);
//
// Services, strategies and the limits that users set for themselves live in the ledger.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/config.hpp"
#include "core/log.hpp"
#include "core/record.hpp"
#include "core/result.hpp"
#include "ledger/services.hpp"
#include "live/desk.hpp"
#include "live/health.hpp"
#include "live/recorder.hpp"
#include "live/trader.hpp"
#include "market/quote_validator.hpp"
#include "trading/limit_file.hpp"

namespace argosy::live {

struct StorageSettings {
  std::string ledger = "ledger.db";  // beside trading.yaml unless it is an absolute path; or postgresql://...
  std::string backups = "backups";
  std::int64_t backup_every_minutes = 1'440;
  std::int64_t keep_backups = 14;
};

struct EnvironmentSettings {
  ledger::Environment mode = ledger::Environment::kPaper;
  std::optional<std::string> confirmed;  // the second line that live needs
};
inline constexpr std::string_view kLiveConfirmed = "orders are real and cost real money";

enum class FeedKind : std::uint8_t { kSimulated };
inline constexpr std::array<std::string_view, 1> kFeedKinds{"simulated"};

struct FeedSettings {
  FeedKind kind = FeedKind::kSimulated;
  std::string market = "market";
  std::int64_t seed = 1;
  std::int64_t quote_interval_ms = 1'000;
  double speed = 1;
};

struct HoursSettings {
  std::int64_t pre_market_minutes = 0;
  std::int64_t post_market_minutes = 0;
  std::int64_t no_entries_before_close_minutes = 5;
  std::int64_t flatten_before_close_minutes = 0;
};

struct ReconciliationSettings {
  double in_flight_seconds = 2;
  double open_orders_seconds = 5;
  double positions_seconds = 60;
  double answer_seconds = 5;
  std::int64_t not_found_needed = 3;
  bool adopts_positions = false;
  bool adopts_cash = false;
};

struct TradingSettings {
  Rate price_buffer_percent = Rate::from_units(500'000'000);  // 0.5
  std::int64_t failures_to_error = 5;
  double quote_age_seconds = 60;
  double protective_retry_seconds = 1;
  double snapshot_seconds = 60;
  double rate_age_hours = 96;
};

inline constexpr std::array<std::string_view, 3> kSeverities{"info", "warning", "error"};

struct NotificationSettings {
  std::vector<std::string> channels{"log"};
  Severity least_severity = Severity::kInfo;
  double retry_seconds = 1;
  double retry_most_seconds = 300;
  std::int64_t attempts = 20;
};

struct TradingLogSettings {
  core::LogLevel level = core::LogLevel::kInfo;
  std::string folder = "logs";
  bool daily = true;
  std::int64_t rotate_megabytes = 100;
  std::int64_t keep_days = 30;
  std::int64_t keep_files = 100;
};
inline constexpr std::array<std::string_view, 4> kLogLevels{"debug", "info", "warning", "error"};

// Where programs and the dashboard reach the process that trades.
struct ApiSettings {
  std::string address = "127.0.0.1";
  std::int64_t port = 8'080;
  std::string certificate;           // PEM; with the key: TLS
  std::string key;                   // PEM
  std::vector<std::string> proxies;  // addresses whose X-Forwarded-For is believed
  bool public_docs = true;
  std::int64_t requests_per_minute = 1'200;  // of a user; a tenth of it of an address that has not logged in; 0: any
  std::vector<std::string> udf_origins;      // of pages that may read the feed of charts
  std::string dashboard;                     // folder of its files; empty: where the build puts them
};

// Whether only this machine reaches it.
[[nodiscard]] bool is_loopback(std::string_view address);

// Long work in child processes (jobs/workers.hpp).
struct JobSettings {
  std::int64_t workers = 1;
  std::int64_t memory_megabytes = 4'096;
  std::int64_t keep_days = 30;
};

// What a new service has where its creation does not say otherwise.
struct ServiceDefaults {
  std::string strategy = "probability";
  Rate allocation_percent = Rate::from_integer(100);
  Rate buy_threshold;
  Rate sell_threshold;
  Rate stop_loss_percent = Rate::from_integer(5);
  Rate take_profit_percent = Rate::from_integer(10);
  std::optional<std::int64_t> interval_seconds;
  bool fractional = false;
};

// Values of parameters that a strategy's file has under these names: sma_fast, sma_slow, macd_fast, ...
struct SmaParameters {
  std::int64_t fast = 50;
  std::int64_t slow = 200;
};
struct MacdParameters {
  std::int64_t fast = 12;
  std::int64_t slow = 26;
  std::int64_t signal = 9;
};
struct RsiParameters {
  std::int64_t length = 14;
  double oversold = 30;
  double overbought = 70;
};
struct AtrParameters {
  std::int64_t length = 14;
  double stop_multiple = 3;
};

struct TradingConfig {
  StorageSettings storage;
  EnvironmentSettings environment;
  FeedSettings feed;
  market::QuoteRules quotes;
  trading::LimitProfile hard_limits;  // of each broker account; no command raises them
  HoursSettings market_hours;
  ReconciliationSettings reconciliation;
  TradingSettings trading;
  HealthSettings health;
  NotificationSettings notifications;
  TradingLogSettings log;
  ApiSettings api;
  JobSettings jobs;
  ServiceDefaults service_defaults;
  SmaParameters sma;
  MacdParameters macd;
  RsiParameters rsi;
  AtrParameters atr;
};

// The sections of the file but for brokers and hard limits, bound to `config`, in the order of the file.
[[nodiscard]] std::vector<core::ConfigSection> trading_sections(TradingConfig& config);

// Whether a setting that reads well means something: that a file exists, that a text can be understood.
struct SettingCheck {
  std::string path;  // "feed.market"; an error that names a field is told where that stands below it
  std::function<core::Result<void>(const TradingConfig&)> check;
};

// What is read and checked by others.
struct TradingConfigReaders {
  std::span<const core::ConfigSection> brokers = {};  // "brokers.paper", ...: those that this program has
  trading::LimitReader limits = {};                   // of `extends`
  std::vector<SettingCheck> checks = {};              // asked when everything else is right
};

// Everything that is wrong at once, each with line and column.
[[nodiscard]] core::Result<TradingConfig> parse_trading_config(std::string_view text, const std::string& file,
                                                               const TradingConfigReaders& readers);
// A file that reads back as the same.
[[nodiscard]] std::string render_trading_config(TradingConfig& config, std::span<const core::ConfigSection> brokers);
// {"storage": {...}, ...}, as an object value.
void write_trading_config(core::JsonWriter& json, TradingConfig& config, std::span<const core::ConfigSection> brokers);
// The JSON Schema (2020-12) of the file, for editors that complete and check YAML.
[[nodiscard]] std::string trading_config_schema(std::span<const core::ConfigSection> brokers);
// Markdown tables of every key.
[[nodiscard]] std::string trading_config_reference(std::span<const core::ConfigSection> brokers);

// --- What the settings mean to those who use them. ---

[[nodiscard]] MarketHoursSettings market_hours_settings(const TradingConfig& config);
[[nodiscard]] TraderSettings trader_settings(const TradingConfig& config);
// Without account, broker, instance and currency.
[[nodiscard]] DeskSettings desk_settings(const TradingConfig& config);
// Of a new service that gives no interval of its own: 10 seconds on the simulated feed, 300 on others.
[[nodiscard]] std::int64_t service_interval(const TradingConfig& config);
// An exchange rate that is older buys nothing.
[[nodiscard]] core::Duration rate_age(const TradingConfig& config);
// {"sma_fast", 50}, ...: what a parameter of that name gets when a strategy's file has one.
[[nodiscard]] std::vector<std::pair<std::string, double>> strategy_parameters(const TradingConfig& config);
// Whether the ledger is a server's rather than a file.
[[nodiscard]] bool is_postgres(const StorageSettings& storage);

}  // namespace argosy::live
