#include "live/direct.hpp"

#include <fmt/format.h>

#include <utility>

#include "live/ledger_writer.hpp"

namespace argosy::live {

using core::Error;
using core::ErrorCode;
using core::fail;
using core::Result;

std::vector<TradedInstrument> traded_instruments(const std::vector<ledger::InstrumentRow>& rows) {
  std::vector<TradedInstrument> out;
  out.reserve(rows.size());
  for (const ledger::InstrumentRow& row : rows) {
    out.push_back({.instrument_id = row.instrument_id,
                   .instrument = {.symbol = row.symbol,
                                  .exchange = row.exchange,
                                  .currency = row.currency,
                                  .tick = row.tick,
                                  .lot = row.lot,
                                  .fractional = row.fractional,
                                  .may_be_negative = row.may_be_negative,
                                  .name = row.name,
                                  .sector = row.sector},
                   .is_active = row.is_active});
  }
  return out;
}

Result<std::string> apply_directly(ledger::Database& database, const ledger::HolderRow& holder,
                                   const core::Clock& clock, const MakerSource& makers, const DirectRequest& request,
                                   const trading::LimitProfile& limits) {
  if (needs_orders(request.kind))
    return fail(Error(ErrorCode::kUnavailable, "nothing is running that could send an order or a cancel")
                    .with_hint("start it with argosy serve and ask again"));
  ARGOSY_TRY(ledger::TradingRows rows,
             database.read([](ledger::Transaction& work) { return ledger::load_trading_rows(work); }));
  const std::vector<TradedInstrument> instruments = traded_instruments(rows.instruments);
  Book book;
  book.load(std::move(rows));
  Recorder recorder(book, clock);
  Trader trader({.limits = limits}, {}, recorder, makers);
  for (const TradedInstrument& each : instruments) trader.watch(each);
  trader.begin();
  recorder.record(RequestTaken{
      .request_id = 0, .kind = request.kind, .payload = request.payload, .requested_by = request.requested_by});
  ARGOSY_TRY(std::string answer, trader.take_request(request.kind, request.payload, request.requested_by));
  if (auto batch = recorder.take())
    ARGOSY_TRY_VOID(LedgerWriter::write_now(database, holder.fencing, clock.now(), *std::move(batch)));
  return answer;
}

}  // namespace argosy::live
