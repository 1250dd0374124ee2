#include "data/stored_rates.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "ledger/instruments.hpp"
#include "ledger/records.hpp"

namespace argosy::data {

using core::Result;
using ledger::ExchangeRateRow;

namespace {

std::string pair_of(const ExchangeRateRow& row) { return fmt::format("{}/{}", row.base, row.quote); }

ledger::AuditEntry audit_of_new(std::span<const ExchangeRateRow> rows, const ledger::ChangedBy& by) {
  ledger::AuditEntry entry{.time = by.time, .actor = by.actor, .action = "rate.add"};
  if (rows.size() == 1) {
    entry.subject = pair_of(rows.front());
    entry.after = ledger::audit_text(rows.front());
    return entry;
  }
  std::set<std::string> pairs;
  for (const ExchangeRateRow& row : rows) pairs.insert(pair_of(row));
  const auto [first, last] = std::ranges::minmax(rows, {}, &ExchangeRateRow::time);
  core::JsonWriter json;
  json.begin_object().key("rates").value(rows.size());
  json.key("from").value(core::format_rfc3339(first.time)).key("to").value(core::format_rfc3339(last.time));
  json.key("pairs").begin_array();
  for (const std::string& pair : pairs) json.value(pair);
  json.end_array().end_object();
  entry.subject = rows.front().source;
  entry.after = std::move(json).take();
  return entry;
}

}  // namespace

Result<RateImport> store_rates(ledger::Database& ledger, std::span<const market::RateQuote> rates,
                               const ledger::ChangedBy& by) {
  std::vector<ExchangeRateRow> rows;
  for (const market::RateQuote& rate : rates) {
    ARGOSY_TRY_VOID(market::check_rate(rate));
    rows.push_back(
        {.base = rate.base, .quote = rate.quote, .rate = rate.rate, .time = rate.time, .source = rate.source});
    auto errors = core::validate(core::record_type<ExchangeRateRow>(), &rows.back());
    if (!errors.empty()) return core::fail(std::move(errors.front()));
  }
  const auto key = [](const ExchangeRateRow& row) { return std::tuple(row.base, row.quote, row.time, row.source); };
  return ledger.write([&](ledger::Transaction& work) -> Result<RateImport> {
    std::map<decltype(key(rows.front())), core::Price> there;
    std::vector<ExchangeRateRow> added;
    std::vector<ledger::AuditEntry> audit;
    ARGOSY_TRY(const auto stored, ledger::select<ExchangeRateRow>(work, ""));
    for (const ExchangeRateRow& row : stored) there.emplace(key(row), row.rate);
    RateImport done;
    std::vector<ExchangeRateRow> changed;
    for (const ExchangeRateRow& row : rows) {
      const auto found = there.find(key(row));
      if (found != there.end() && found->second == row.rate) {
        ++done.unchanged;
        continue;
      }
      if (found == there.end()) {
        ++done.added;
        added.push_back(row);
      } else {
        ++done.changed;
        ExchangeRateRow before = row;
        before.rate = found->second;
        audit.push_back({.time = by.time,
                         .actor = by.actor,
                         .action = "rate.set",
                         .subject = pair_of(row),
                         .before = ledger::audit_text(before),
                         .after = ledger::audit_text(row)});
      }
      there[key(row)] = row.rate;
      changed.push_back(row);
    }
    ARGOSY_TRY_VOID(ledger::upsert<ExchangeRateRow>(work, changed, {"base", "quote", "time", "source"}));
    if (!added.empty()) audit.push_back(audit_of_new(added, by));
    ARGOSY_TRY_VOID(ledger::append_audit(work, audit));
    return done;
  });
}

Result<std::vector<market::RateQuote>> load_rates(ledger::Database& ledger) {
  ARGOSY_TRY(std::vector<ExchangeRateRow> rows, ledger.read([](ledger::Transaction& work) {
    return ledger::select<ExchangeRateRow>(work, "ORDER BY time, source, base, quote");
  }));
  std::vector<market::RateQuote> rates;
  for (ExchangeRateRow& row : rows)
    rates.push_back({.time = row.time,
                     .base = std::move(row.base),
                     .quote = std::move(row.quote),
                     .rate = row.rate,
                     .source = std::move(row.source)});
  return rates;
}

market::RateTable make_rate_table(std::span<const market::RateQuote> rates, core::Duration max_age,
                                  core::Timestamp now) {
  market::RateTable table(max_age);
  for (const market::RateQuote& rate : rates) {
    if (rate.time <= now) table.set(rate);
  }
  return table;
}

std::vector<feeds::SimulatedRate> first_rates(std::vector<feeds::SimulatedRate> usual,
                                              const market::RateTable& stored) {
  for (const market::RateQuote& rate : stored.rates()) {
    const auto same = std::ranges::find_if(usual, [&](const feeds::SimulatedRate& each) {
      return std::minmax(each.base, each.quote) == std::minmax(rate.base, rate.quote);
    });
    feeds::SimulatedRate first{.base = rate.base, .quote = rate.quote, .first = rate.rate};
    if (same == usual.end()) {
      usual.push_back(std::move(first));
    } else {
      first.volatility = same->volatility;
      *same = std::move(first);
    }
  }
  return usual;
}

RateView view_of(const market::RateQuote& rate, core::Timestamp now, core::Duration max_age) {
  return {.base = rate.base,
          .quote = rate.quote,
          .rate = rate.rate,
          .time = rate.time,
          .source = rate.source,
          .age_seconds = std::chrono::floor<std::chrono::seconds>(now - rate.time).count(),
          .is_stale = now - rate.time > max_age};
}

}  // namespace argosy::data
