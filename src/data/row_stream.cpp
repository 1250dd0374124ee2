#include "data/row_stream.hpp"

#include <utility>

#include "core/check.hpp"

namespace argosy::data {
namespace {

const market::Calendar* calendar_of(const market::Instrument& instrument) {
  const auto calendar = market::find_calendar(instrument.exchange);
  ARGOSY_CHECK(calendar.has_value(), "no calendar of {}", instrument.symbol);
  return *calendar;
}

}  // namespace

RowStream::RowStream(const SymbolData& symbol, std::vector<std::string> fields, PriceMode mode,
                     std::optional<market::Timeframe> longer)
    : fields_(std::move(fields)), mode_(mode), longer_(longer), calendar_(calendar_of(symbol.instrument)) {
  part_.instrument = symbol.instrument;
  part_.timeframe = symbol.timeframe;
  ARGOSY_CHECK(!longer_ || longer_->nominal() > symbol.timeframe.nominal(), "{} is not longer than {}",
               longer_->to_string(), symbol.timeframe.to_string());
}

void RowStream::add(const market::Bar& bar, const BarFactors& factors, std::vector<StreamedRow>& out) {
  if (longer_) {
    const std::int64_t key = longer_key(bar.key, part_.timeframe, *longer_, *calendar_);
    if (!part_.bars.empty() && key != key_) take(out);
    key_ = key;
  }
  part_.bars.push_back(bar);
  part_.factors.price.push_back(factors.price);
  part_.factors.split.push_back(factors.split);
  if (longer_ && calendar_->closing_instant(key_, *longer_) > calendar_->closing_instant(bar.key, part_.timeframe))
    return;
  take(out);
}

void RowStream::take(std::vector<StreamedRow>& out) {
  const auto rows = longer_ ? make_rows(part_, fields_, mode_, *longer_) : make_rows(part_, fields_, mode_);
  ARGOSY_CHECK(rows.has_value() && rows->keys.size() == 1, "a row of {}", part_.instrument.symbol);
  StreamedRow& row = out.emplace_back();
  row.key = rows->keys.front();
  row.closing = rows->closing.front();
  for (const std::vector<double>& column : rows->columns) row.values.push_back(column.front());
  part_.bars = {};
  part_.factors = {};
}

}  // namespace argosy::data
