#include "cli/serve_health.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "live/order_text.hpp"

namespace argosy::cli {

live::HealthFacts process_facts(live::Process& process, double speed) {
  live::HealthFacts facts;
  live::Trader& trader = process.trader();
  const core::Timestamp now = process.recorder().now();
  live::FeedHealth feed{.name = "simulated", .silent_for = {}};
  std::optional<core::Duration> ahead;  // the newest price's time of our clock
  for (live::Slot slot = 0; slot < trader.slots(); ++slot) {
    if (trader.services_of(slot) == 0 || !trader.is_open(slot)) continue;
    feed.is_in_session = true;
    const auto last = trader.last_quote(slot);
    if (!last) continue;
    const core::Duration silent(
        static_cast<std::int64_t>(static_cast<double>((now - *last).count()) / std::max(speed, 1.0)));
    feed.silent_for = std::max(feed.silent_for.value_or(silent), silent);
    ahead = std::max(ahead.value_or(core::Duration()), -silent);
  }
  facts.feeds.push_back(feed);
  // A price may be late, but none comes from later than it is.
  if (ahead) facts.clock_skew = -*ahead;
  for (const auto& desk : process.desks()) {
    facts.brokers.push_back({.name = desk->settings().broker, .is_connected = desk->is_connected()});
    facts.unknown_orders += static_cast<std::int64_t>(desk->unknown_orders());
    for (const auto& [i, why] : desk->blocks())
      facts.blocked_instruments.push_back(desk->account().instruments()[i].symbol);
    for (const auto& [what, why] : desk->account_blocks())
      facts.blocked_accounts.push_back(fmt::format("account {}: {}", desk->settings().broker_account_id, why));
    for (const std::string& missed : desk->missed_rates())
      facts.blocked_accounts.push_back(fmt::format("account {}: {}", desk->settings().broker_account_id, missed));
  }
  const auto figures = process.writer().figures();
  if (figures.commits > 0) {
    facts.commit_last = figures.last;
    facts.commit_p99 = figures.p99;
  }
  facts.commit_stalled = figures.stalled;
  facts.queues.push_back({.name = "ledger writer",
                          .depth = static_cast<std::int64_t>(process.writer().waiting()),
                          .limit = live::LedgerWriter::kMostWaiting});
  for (const auto& [id, row] : process.book().switches()) {
    const std::string whom = row.subject.empty() ? row.scope : fmt::format("{} {}", row.scope, row.subject);
    if (!row.released_at) facts.kill_switches.push_back(fmt::format("{}: {}", whom, row.reason));
  }
  facts.stopping = trader.stopped();
  if (process.failure()) facts.ledger_error = process.failure()->message;
  if (!trader.ledger_down().empty()) facts.ledger_error = trader.ledger_down();
  return facts;
}

server::ProcessSamples process_samples(live::Process& process, const live::HealthFacts& facts) {
  const auto seconds = [](core::Duration duration) { return std::chrono::duration<double>(duration).count(); };
  server::ProcessSamples samples;
  samples.fills = static_cast<double>(process.trader().counts().fills);
  for (const auto& [id, order] : process.book().orders()) {
    if (!trading::is_final(live::parse_order_state(order.state))) ++samples.orders[order.state];
  }
  for (const auto& desk : process.desks()) {
    for (const auto& [reason, count] : desk->denials())
      samples.denials[std::string(trading::to_string(reason))] += static_cast<double>(count);
    const bool is_open = desk->gate().guard().breaker().state(facts.time) == trading::BreakerState::kOpen;
    samples.is_breaker_open = samples.is_breaker_open.value_or(false) || is_open;
    if (desk->is_ready()) samples.equity[desk->settings().broker] = desk->account().equity().to_double();
  }
  for (const live::QueueHealth& queue : facts.queues) samples.queues[queue.name] = static_cast<double>(queue.depth);
  if (facts.commit_p99) samples.ledger_write_s["0.99"] = seconds(*facts.commit_p99);
  for (const live::FeedHealth& feed : facts.feeds) {
    if (feed.silent_for) samples.feed_age_s = std::max(samples.feed_age_s.value_or(0), seconds(*feed.silent_for));
  }
  return samples;
}

}  // namespace argosy::cli
