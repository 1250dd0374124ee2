#include "live/health.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/json.hpp"
#include "core/text.hpp"

namespace argosy::live {
namespace {

using core::Duration;
using core::JsonWriter;

constexpr double kMegabyte = 1024.0 * 1024.0;

double to_seconds(Duration value) { return std::chrono::duration<double>(value).count(); }
double to_milliseconds(Duration value) { return 1'000 * to_seconds(value); }
double to_megabytes(std::uint64_t bytes) { return static_cast<double>(bytes) / kMegabyte; }

class Judge {
 public:
  Judge(const HealthFacts& facts, const HealthSettings& settings) : facts_(facts), settings_(settings) {}

  HealthReport take() {
    judge_trading();
    judge_feeds();
    judge_brokers();
    judge_ledger();
    judge_machine();
    judge_queues();
    return std::move(report_);
  }

 private:
  void add(HealthState state, std::string what, std::string text) {
    report_.state = std::max(report_.state, state);
    report_.reasons.push_back({state, std::move(what), std::move(text)});
  }
  // A number that should be below both thresholds.
  void compare(double value, double degraded, double halted, std::string what, const std::string& text) {
    if (value >= halted) {
      add(HealthState::kHalted, std::move(what), text);
    } else if (value >= degraded) {
      add(HealthState::kDegraded, std::move(what), text);
    }
  }

  void judge_trading() {
    if (!facts_.stopping.empty()) add(HealthState::kHalted, "stopping", facts_.stopping);
    for (const std::string& on : facts_.kill_switches) {
      // One that stops everything halts; others leave the rest alone.
      const bool stops_all = on == "all" || on.starts_with("all:");
      add(stops_all ? HealthState::kHalted : HealthState::kDegraded, "kill_switch", "a kill switch is on: " + on);
    }
    if (facts_.unknown_orders > 0)
      add(HealthState::kDegraded, "unknown_orders",
          fmt::format("orders of which the broker has not told what became of them: {}", facts_.unknown_orders));
    if (!facts_.blocked_instruments.empty())
      add(HealthState::kDegraded, "blocked_instruments",
          fmt::format("nothing is bought until somebody has looked: {}", core::join(facts_.blocked_instruments, ", ")));
    for (const std::string& account : facts_.blocked_accounts) {
      // The only one, or all of them: nothing new is bought.
      const bool all = facts_.blocked_accounts.size() >= facts_.brokers.size();
      add(all ? HealthState::kHalted : HealthState::kDegraded, "blocked_accounts",
          "no position may grow until somebody has looked: " + account);
    }
    if (facts_.quarantined_quotes >= settings_.quarantined_degraded)
      add(HealthState::kDegraded, "quotes",
          fmt::format("{} quotes of the last minute were not believed", facts_.quarantined_quotes));
  }

  void judge_feeds() {
    for (const FeedHealth& feed : facts_.feeds) {
      if (!feed.is_in_session || !feed.silent_for) continue;
      const double silent = to_seconds(*feed.silent_for);
      compare(silent, settings_.feed_degraded_seconds, settings_.feed_halted_seconds, "feed",
              fmt::format("the feed {} has been silent for {:.0f} s", feed.name, silent));
    }
  }

  void judge_brokers() {
    for (const BrokerHealth& broker : facts_.brokers) {
      if (!broker.is_connected)
        add(HealthState::kHalted, "broker", fmt::format("there is no connection to the broker {}", broker.name));
    }
  }

  void judge_ledger() {
    if (!facts_.ledger_error.empty())
      add(HealthState::kHalted, "ledger", "the ledger cannot be written: " + facts_.ledger_error);
    if (facts_.commit_stalled) {
      const double waited = to_milliseconds(*facts_.commit_stalled);
      if (waited >= settings_.commit_halted_ms)
        add(HealthState::kHalted, "ledger", fmt::format("something has waited for {:.0f} ms to be written", waited));
    }
    if (facts_.commit_p99) {
      const double slow = to_milliseconds(*facts_.commit_p99);
      if (slow >= settings_.commit_degraded_ms)
        add(HealthState::kDegraded, "ledger", fmt::format("one of 100 writes takes {:.0f} ms or longer", slow));
    }
  }

  void judge_machine() {
    if (facts_.disk_free_bytes) {
      const double free = to_megabytes(*facts_.disk_free_bytes);
      if (free < std::max(settings_.disk_degraded_megabytes, settings_.disk_halted_megabytes))
        add(free < settings_.disk_halted_megabytes ? HealthState::kHalted : HealthState::kDegraded, "disk",
            fmt::format("{:.0f} MB are free on the disk", free));
    }
    if (facts_.clock_skew) {
      const double skew = to_seconds(*facts_.clock_skew);
      compare(std::abs(skew), settings_.skew_degraded_seconds, settings_.skew_halted_seconds, "clock",
              fmt::format("our clock is {:.1f} s {}", std::abs(skew), skew < 0 ? "behind" : "ahead"));
    }
    if (facts_.clock_set && std::abs(to_seconds(*facts_.clock_set)) >= settings_.skew_degraded_seconds) {
      const double moved = to_seconds(*facts_.clock_set);
      add(HealthState::kDegraded, "clock",
          fmt::format("within the last hour our clock was set {} by {:.1f} s{}", moved < 0 ? "back" : "forward",
                      std::abs(moved), moved < 0 ? "" : ", or the machine slept"));
    }
    if (facts_.resident_bytes && to_megabytes(*facts_.resident_bytes) > settings_.memory_degraded_megabytes)
      add(HealthState::kDegraded, "memory",
          fmt::format("the process uses {:.0f} MB of memory", to_megabytes(*facts_.resident_bytes)));
  }

  void judge_queues() {
    for (const QueueHealth& queue : facts_.queues) {
      if (queue.limit <= 0) continue;
      const double full = 100.0 * static_cast<double>(queue.depth) / static_cast<double>(queue.limit);
      compare(full, settings_.queue_degraded_percent, settings_.queue_halted_percent, "queue",
              fmt::format("the queue {} holds {} of {}", queue.name, queue.depth, queue.limit));
    }
  }

  const HealthFacts& facts_;
  const HealthSettings& settings_;
  HealthReport report_;
};

void write_optional(JsonWriter& json, std::string_view key, const std::optional<double>& value) {
  json.key(key);
  if (value) {
    json.value(*value);
  } else {
    json.null();
  }
}

std::optional<double> milliseconds(const std::optional<Duration>& value) {
  return value ? std::optional(to_milliseconds(*value)) : std::nullopt;
}
std::optional<double> bytes(const std::optional<std::uint64_t>& value) {
  return value ? std::optional(static_cast<double>(*value)) : std::nullopt;
}

void write_texts(JsonWriter& json, std::string_view key, const std::vector<std::string>& texts) {
  json.key(key).begin_array();
  for (const std::string& text : texts) json.value(text);
  json.end_array();
}

void write_facts(JsonWriter& json, const HealthFacts& facts) {
  json.key("facts").begin_object().key("feeds").begin_array();
  for (const FeedHealth& feed : facts.feeds) {
    json.begin_object().key("name").value(feed.name).key("in_session").value(feed.is_in_session);
    write_optional(json, "silent_ms", milliseconds(feed.silent_for));
    json.end_object();
  }
  json.end_array().key("brokers").begin_array();
  for (const BrokerHealth& broker : facts.brokers)
    json.begin_object().key("name").value(broker.name).key("connected").value(broker.is_connected).end_object();
  json.end_array().key("queues").begin_array();
  for (const QueueHealth& queue : facts.queues) {
    json.begin_object().key("name").value(queue.name).key("depth").value(queue.depth);
    json.key("limit").value(queue.limit).end_object();
  }
  json.end_array();
  write_optional(json, "disk_free_bytes", bytes(facts.disk_free_bytes));
  write_optional(json, "commit_p99_ms", milliseconds(facts.commit_p99));
  write_optional(json, "commit_last_ms", milliseconds(facts.commit_last));
  write_optional(json, "commit_stalled_ms", milliseconds(facts.commit_stalled));
  json.key("ledger_error").value(facts.ledger_error);
  write_optional(json, "clock_skew_ms", milliseconds(facts.clock_skew));
  write_optional(json, "clock_set_ms", milliseconds(facts.clock_set));
  write_optional(json, "resident_bytes", bytes(facts.resident_bytes));
  json.key("unknown_orders").value(facts.unknown_orders);
  write_texts(json, "blocked_instruments", facts.blocked_instruments);
  write_texts(json, "blocked_accounts", facts.blocked_accounts);
  write_texts(json, "kill_switches", facts.kill_switches);
  json.key("quarantined_quotes").value(facts.quarantined_quotes).end_object();
}

}  // namespace

HealthReport judge_health(const HealthFacts& facts, const HealthSettings& settings) {
  return Judge(facts, settings).take();
}

std::string health_json(const HealthReport& report, const HealthFacts& facts) {
  JsonWriter json(2);
  json.begin_object().key("time").value(core::format_rfc3339(facts.time));
  json.key("state").value(to_string(report.state)).key("reasons").begin_array();
  for (const HealthReason& reason : report.reasons) {
    json.begin_object().key("state").value(to_string(reason.state)).key("what").value(reason.what);
    json.key("text").value(reason.text).end_object();
  }
  json.end_array();
  write_facts(json, facts);
  json.end_object();
  return std::move(json).take() + "\n";
}

}  // namespace argosy::live
