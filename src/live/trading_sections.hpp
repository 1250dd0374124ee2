// The described records of trading_config.hpp: names, limits and texts of every setting.
#pragma once

#include "live/trading_config.hpp"

template <>
struct argosy::core::RecordOf<argosy::live::StorageSettings> {
  using S = argosy::live::StorageSettings;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(S, ledger, .text = "a file in the home, or postgresql://user@host/database (password: PGPASSWORD)",
                   .required = true),
      ARGOSY_FIELD(S, backups, .text = "folder of backups, in the home unless it is absolute"),
      ARGOSY_FIELD(S, backup_every_minutes, .unit = "minutes", .limits = {.minimum = 0, .maximum = 43'200},
                   .text = "between two backups while the process runs; 0: none"),
      ARGOSY_FIELD(S, keep_backups, .unit = "backups", .limits = {.minimum = 1, .maximum = 10'000},
                   .text = "how many are kept; older ones are removed"),
  };
  static constexpr RecordType kType{"storage", "Where rows are kept that must not be lost", kFields};
};

template <>
struct argosy::core::RecordOf<argosy::live::EnvironmentSettings> {
  using S = argosy::live::EnvironmentSettings;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(S, mode, .limits = {.one_of = argosy::ledger::kEnvironments}, .text = "paper, or live",
                   .required = true),
      ARGOSY_FIELD(S, confirmed, .text = "only for live: \"orders are real and cost real money\""),
  };
  static constexpr RecordType kType{"environment", "Whose money is traded", kFields};
};

template <>
struct argosy::core::RecordOf<argosy::live::FeedSettings> {
  using S = argosy::live::FeedSettings;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(S, kind, .limits = {.one_of = argosy::live::kFeedKinds},
                   .text = "simulated: quotes drawn by a seed, without a single stored bar", .required = true),
      ARGOSY_FIELD(S, market, .limits = {.maximum_length = 200},
                   .text = "of the simulated feed: first prices, volatilities and probabilities, by name or file"),
      ARGOSY_FIELD(S, seed, .limits = {.minimum = 0}, .text = "of everything that the simulated feed draws"),
      ARGOSY_FIELD(S, quote_interval_ms, .unit = "ms", .limits = {.minimum = 1, .maximum = 3'600'000},
                   .text = "between two quotes of a symbol"),
      ARGOSY_FIELD(S, speed, .limits = {.minimum = 0.01, .maximum = 100'000},
                   .text = "times real time, unless --speed says so"),
  };
  static constexpr RecordType kType{"feed", "Where prices come from", kFields};
};

template <>
struct argosy::core::RecordOf<argosy::live::HoursSettings> {
  using S = argosy::live::HoursSettings;
  static constexpr FieldLimits kMinutes{.minimum = 0, .maximum = 720};
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(S, pre_market_minutes, .unit = "minutes", .limits = kMinutes,
                   .text = "services trade so long before the opening"),
      ARGOSY_FIELD(S, post_market_minutes, .unit = "minutes", .limits = kMinutes,
                   .text = "and so long after the close"),
      ARGOSY_FIELD(S, no_entries_before_close_minutes, .unit = "minutes", .limits = kMinutes,
                   .text = "nothing is bought so long before the close"),
      ARGOSY_FIELD(S, flatten_before_close_minutes, .unit = "minutes", .limits = kMinutes,
                   .text = "positions of services are sold so long before the close; 0: they stay"),
  };
  static constexpr RecordType kType{"market_hours", "When services trade, besides the exchange's sessions", kFields};
};

template <>
struct argosy::core::RecordOf<argosy::live::ReconciliationSettings> {
  using S = argosy::live::ReconciliationSettings;
  static constexpr FieldLimits kSeconds{.minimum = 0.1, .maximum = 3'600};
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(S, in_flight_seconds, .unit = "seconds", .limits = kSeconds,
                   .text = "between two looks at orders without an answer"),
      ARGOSY_FIELD(S, open_orders_seconds, .unit = "seconds", .limits = kSeconds,
                   .text = "between two looks at open orders"),
      ARGOSY_FIELD(S, positions_seconds, .unit = "seconds", .limits = kSeconds,
                   .text = "between two comparisons of positions and cash"),
      ARGOSY_FIELD(S, answer_seconds, .unit = "seconds", .limits = kSeconds, .text = "then an answer is missing"),
      ARGOSY_FIELD(S, not_found_needed, .limits = {.minimum = 1, .maximum = 100},
                   .text = "the broker must say so often that it has no such order"),
      ARGOSY_FIELD(S, adopts_positions,
                   .text = "what differs at the broker is taken over after a second look, rather than blocked"),
      ARGOSY_FIELD(S, adopts_cash,
                   .text = "cash that differs is taken over after a second look, rather than the account blocked"),
  };
  static constexpr RecordType kType{"reconciliation", "How often the books are compared with the broker's", kFields};
};

template <>
struct argosy::core::RecordOf<argosy::live::TradingSettings> {
  using S = argosy::live::TradingSettings;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(S, price_buffer_percent, .unit = "%", .limits = {.minimum = 0, .maximum = 10},
                   .text = "a purchase is sized as if the price were so much higher"),
      ARGOSY_FIELD(S, failures_to_error, .limits = {.minimum = 1, .maximum = 1'000},
                   .text = "orders that fail in a row put their service into ERROR"),
      ARGOSY_FIELD(S, quote_age_seconds, .unit = "seconds", .limits = {.minimum = 0.1, .maximum = 86'400},
                   .text = "an older price decides nothing"),
      ARGOSY_FIELD(S, protective_retry_seconds, .unit = "seconds", .limits = {.minimum = 0.1, .maximum = 3'600},
                   .text = "a stop that was refused is tried again so much later"),
      ARGOSY_FIELD(S, snapshot_seconds, .unit = "seconds", .limits = {.minimum = 1, .maximum = 86'400},
                   .text = "between two records of equity and prices"),
      ARGOSY_FIELD(S, rate_age_hours, .unit = "hours", .limits = {.minimum = 0.1, .maximum = 8'784},
                   .text = "an older exchange rate converts nothing"),
  };
  static constexpr RecordType kType{"trading", "The trading cycle", kFields};
};

template <>
struct argosy::core::RecordOf<argosy::live::NotificationSettings> {
  using S = argosy::live::NotificationSettings;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(S, channels, .text = "where notifications go: log"),
      ARGOSY_FIELD(S, least_severity, .limits = {.one_of = argosy::live::kSeverities},
                   .text = "what is less is kept and not delivered"),
      ARGOSY_FIELD(S, retry_seconds, .unit = "seconds", .limits = {.minimum = 0.01, .maximum = 3'600},
                   .text = "first wait after a failure; doubled after each further one"),
      ARGOSY_FIELD(S, retry_most_seconds, .unit = "seconds", .limits = {.minimum = 0.01, .maximum = 86'400},
                   .text = "longest wait"),
      ARGOSY_FIELD(S, attempts, .limits = {.minimum = 1, .maximum = 10'000},
                   .text = "then a notification is given up, and stays in the outbox with its error"),
  };
  static constexpr RecordType kType{"notifications", "Who is told", kFields};
};

template <>
struct argosy::core::RecordOf<argosy::live::TradingLogSettings> {
  using S = argosy::live::TradingLogSettings;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(S, level, .limits = {.one_of = argosy::live::kLogLevels}, .text = "the least level that is written"),
      ARGOSY_FIELD(S, folder, .text = "in the home unless it is absolute; empty: standard error"),
      ARGOSY_FIELD(S, daily, .text = "a new file each day (UTC)"),
      ARGOSY_FIELD(S, rotate_megabytes, .unit = "MB", .limits = {.minimum = 0, .maximum = 100'000},
                   .text = "a new file after so much; 0: never"),
      ARGOSY_FIELD(S, keep_days, .unit = "days", .limits = {.minimum = 0, .maximum = 36'500},
                   .text = "older files are removed; 0: none"),
      ARGOSY_FIELD(S, keep_files, .unit = "files", .limits = {.minimum = 0, .maximum = 100'000},
                   .text = "more are removed, the oldest first; 0: none"),
  };
  static constexpr RecordType kType{"log", "What the process writes about itself, as lines of JSON", kFields};
};

template <>
struct argosy::core::RecordOf<argosy::live::ApiSettings> {
  using S = argosy::live::ApiSettings;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(S, address, .text = "that it listens on; other machines need TLS, or a proxy that has it"),
      ARGOSY_FIELD(S, port, .limits = {.minimum = 0, .maximum = 65'535},
                   .text = "unless --port says so; 0: any free one"),
      ARGOSY_FIELD(S, certificate, .text = "PEM file, in the home unless it is absolute; empty: no TLS"),
      ARGOSY_FIELD(S, key, .text = "PEM file of its key"),
      ARGOSY_FIELD(S, proxies, .text = "addresses that tell truly whom they speak for (X-Forwarded-For)"),
      ARGOSY_FIELD(S, public_docs, .text = "what the API can do is told to those who have not logged in, too"),
      ARGOSY_FIELD(S, requests_per_minute, .limits = {.minimum = 0, .maximum = 10'000'000},
                   .text = "of a user; a tenth of it of an address that has not logged in; 0: any number"),
      ARGOSY_FIELD(S, udf_origins,
                   .text = "of pages elsewhere that may read the feed of charts: https://charts.example.com"),
      ARGOSY_FIELD(S, dashboard, .text = "folder of its files, in the home unless it is absolute; empty: the build's"),
  };
  static constexpr RecordType kType{"api", "Where programs and the dashboard reach it", kFields};
};

template <>
struct argosy::core::RecordOf<argosy::live::JobSettings> {
  using S = argosy::live::JobSettings;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(S, workers, .limits = {.minimum = 0, .maximum = 64}, .text = "jobs at a time; 0: none are run"),
      ARGOSY_FIELD(S, memory_megabytes, .unit = "MB", .limits = {.minimum = 0, .maximum = 1'000'000},
                   .text = "address space of a job; 0: no limit"),
      ARGOSY_FIELD(S, keep_days, .unit = "days", .limits = {.minimum = 1, .maximum = 36'500},
                   .text = "jobs that ended before are removed"),
  };
  static constexpr RecordType kType{"jobs", "Long work beside trading, in processes of its own", kFields};
};

template <>
struct argosy::core::RecordOf<argosy::live::ServiceDefaults> {
  using S = argosy::live::ServiceDefaults;
  static constexpr FieldLimits kPercent{.minimum = 0, .maximum = 100};
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(S, strategy, .limits = {.maximum_length = 100}, .text = "what decides: probability, or a strategy"),
      ARGOSY_FIELD(S, allocation_percent, .unit = "%", .limits = {.minimum = 0.01, .maximum = 100},
                   .text = "of its cash spent on a purchase"),
      ARGOSY_FIELD(S, buy_threshold, .unit = "%", .limits = kPercent, .text = "least confidence of a YES to buy"),
      ARGOSY_FIELD(S, sell_threshold, .unit = "%", .limits = kPercent, .text = "least confidence of a YES to sell"),
      ARGOSY_FIELD(S, stop_loss_percent, .unit = "%", .limits = kPercent,
                   .text = "so far below the purchase price it sells without asking; 0: never"),
      ARGOSY_FIELD(S, take_profit_percent, .unit = "%", .limits = {.minimum = 0, .maximum = 10'000},
                   .text = "so far above the purchase price it sells without asking; 0: never"),
      ARGOSY_FIELD(S, interval_seconds, .unit = "seconds", .limits = {.minimum = 1, .maximum = 86'400},
                   .text = "between two decisions; empty: 10 on the simulated feed, 300 otherwise"),
      ARGOSY_FIELD(S, fractional, .text = "buys fractions of shares"),
  };
  static constexpr RecordType kType{"service_defaults", "What a new service has unless it is told otherwise", kFields};
};

namespace argosy::live::detail {
inline constexpr core::FieldLimits kBars{.minimum = 1, .maximum = 10'000};
}

template <>
struct argosy::core::RecordOf<argosy::live::SmaParameters> {
  using S = argosy::live::SmaParameters;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(S, fast, .unit = "bars", .limits = argosy::live::detail::kBars, .text = "the shorter average"),
      ARGOSY_FIELD(S, slow, .unit = "bars", .limits = argosy::live::detail::kBars, .text = "the longer one"),
  };
  static constexpr RecordType kType{"sma", "Moving averages: parameters sma_fast, sma_slow", kFields};
};

template <>
struct argosy::core::RecordOf<argosy::live::MacdParameters> {
  using S = argosy::live::MacdParameters;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(S, fast, .unit = "bars", .limits = argosy::live::detail::kBars, .text = "the shorter average"),
      ARGOSY_FIELD(S, slow, .unit = "bars", .limits = argosy::live::detail::kBars, .text = "the longer one"),
      ARGOSY_FIELD(S, signal, .unit = "bars", .limits = argosy::live::detail::kBars, .text = "of the signal line"),
  };
  static constexpr RecordType kType{"macd", "MACD: parameters macd_fast, macd_slow, macd_signal", kFields};
};

template <>
struct argosy::core::RecordOf<argosy::live::RsiParameters> {
  using S = argosy::live::RsiParameters;
  static constexpr FieldLimits kLevel{.minimum = 0, .maximum = 100};
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(S, length, .unit = "bars", .limits = argosy::live::detail::kBars, .text = "it looks back so far"),
      ARGOSY_FIELD(S, oversold, .limits = kLevel, .text = "below it a share is oversold"),
      ARGOSY_FIELD(S, overbought, .limits = kLevel, .text = "above it a share is overbought"),
  };
  static constexpr RecordType kType{"rsi", "RSI: parameters rsi_length, rsi_oversold, rsi_overbought", kFields};
};

template <>
struct argosy::core::RecordOf<argosy::live::AtrParameters> {
  using S = argosy::live::AtrParameters;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(S, length, .unit = "bars", .limits = argosy::live::detail::kBars, .text = "it looks back so far"),
      ARGOSY_FIELD(S, stop_multiple, .limits = {.minimum = 0.1, .maximum = 100},
                   .text = "a stop lies so many average ranges away"),
  };
  static constexpr RecordType kType{"atr", "ATR: parameters atr_length, atr_stop_multiple", kFields};
};
