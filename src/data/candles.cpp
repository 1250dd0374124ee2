#include "data/candles.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <mutex>
#include <utility>

namespace argosy::data {

using core::Error;
using core::ErrorCode;
using core::fail;
using core::Result;
using market::Timeframe;
using market::TimeframeUnit;

bool makes(Timeframe stored, Timeframe longer) {
  if (stored == longer) return true;
  if (stored.nominal() >= longer.nominal()) return false;
  if (longer.is_intraday()) return stored.is_intraday() && longer.nominal().count() % stored.nominal().count() == 0;
  // A month does not begin with a week.
  return stored.is_intraday() || stored.unit() == TimeframeUnit::kDay;
}

namespace {

// The longest stored bars of which those of `wanted` are made.
Result<Timeframe> source_of(const lake::Snapshot& snapshot, const std::string& symbol, Timeframe wanted) {
  std::optional<Timeframe> best;
  std::string there;
  for (const Timeframe each : snapshot.timeframes(symbol)) {
    there += (there.empty() ? "" : ", ") + each.to_string();
    if (makes(each, wanted) && (!best || each.nominal() > best->nominal())) best = each;
  }
  if (best) return *best;
  return fail(Error(ErrorCode::kNotFound, fmt::format("there are no bars of {} of which those of {} could be made",
                                                      symbol, wanted.to_string()))
                  .with_hint(there.empty() ? "GET /stocks lists what there is" : "there are bars of " + there));
}

struct Loaded {
  SymbolData data;
  bool is_cut = false;  // there are older bars
};

void cut(SymbolData& data, std::size_t first) {
  const auto drop = [first](auto& column) {
    if (!column.empty()) column.erase(column.begin(), column.begin() + static_cast<std::ptrdiff_t>(first));
  };
  drop(data.bars.key);
  drop(data.bars.open);
  drop(data.bars.high);
  drop(data.bars.low);
  drop(data.bars.close);
  drop(data.bars.volume);
  drop(data.bars.vwap);
  drop(data.bars.source);
  drop(data.factors.price);
  drop(data.factors.split);
}

// The newest bars that are not after `to`. What is not needed is not read: a wide stretch is tried after a narrow one.
Result<Loaded> load_newest(const lake::Snapshot& snapshot, const std::string& symbol, Timeframe timeframe,
                           std::optional<std::int64_t> to) {
  std::vector<std::optional<std::int64_t>> begins;
  if (timeframe.is_intraday() && to) {
    for (const std::int64_t wide : {1, 8}) {
      std::int64_t stretch = 0;
      std::int64_t begin = 0;
      if (__builtin_mul_overflow(timeframe.nominal().count() * wide, static_cast<std::int64_t>(kMostCandleBars),
                                 &stretch) ||
          __builtin_sub_overflow(*to, stretch, &begin))
        break;
      begins.emplace_back(begin);
    }
  }
  begins.emplace_back(std::nullopt);
  for (const auto& begin : begins) {
    auto data = load_symbol(snapshot, symbol, timeframe, {.from = begin, .to = to});
    const bool is_nothing = !data && data.error().code == ErrorCode::kNotFound;
    if (is_nothing && begin) continue;
    if (!data) return fail(std::move(data).error());
    if (begin && data->bars.size() < kMostCandleBars) continue;
    Loaded loaded{.data = *std::move(data), .is_cut = begin.has_value()};
    if (const std::size_t rows = loaded.data.bars.size(); rows > kMostCandleBars) {
      cut(loaded.data, rows - kMostCandleBars);
      loaded.is_cut = true;
    }
    return loaded;
  }
  return fail(ErrorCode::kNotFound, fmt::format("there are no bars of {}", symbol));
}

// The last key of stored bars that may belong to a longer bar with a key up to `to`.
std::optional<std::int64_t> end_of(std::optional<std::int64_t> to, Timeframe timeframe) {
  if (!to) return std::nullopt;
  // Sessions end up to a day after their date, a month has 31 days.
  const std::int64_t most =
      timeframe.is_intraday() ? timeframe.nominal().count() : std::chrono::nanoseconds(std::chrono::days(33)).count();
  std::int64_t end = 0;
  return __builtin_add_overflow(*to, most, &end) ? to : std::optional(end);
}

Result<formula::ProgramRows> rows_of(const SymbolData& data, Timeframe timeframe, std::span<const std::string> fields,
                                     PriceMode mode) {
  SymbolRows rows;
  if (timeframe == data.timeframe) {
    ARGOSY_TRY(rows, make_rows(data, fields, mode));
  } else {
    ARGOSY_TRY(rows, make_rows(data, fields, mode, timeframe));
  }
  return formula::ProgramRows{.keys = std::move(rows.keys),
                              .closing = std::move(rows.closing),
                              .columns = std::move(rows.columns),
                              .sector = data.instrument.sector,
                              .left_out = {}};
}

// All rows of a plan's fields that begin with a whole bar and are not after the range.
class Rows {
 public:
  Rows(const lake::Snapshot& snapshot, const CandleQuestion& question) : snapshot_(snapshot), question_(question) {}

  Result<formula::ProgramRows> of(std::string_view symbol, Timeframe timeframe, std::span<const std::string> fields) {
    ARGOSY_TRY(const Loaded* loaded, load(std::string(symbol)));
    ARGOSY_TRY(formula::ProgramRows rows, rows_of(loaded->data, timeframe, fields, question_.prices));
    std::size_t end = rows.keys.size();
    while (question_.range.to && end > 0 && rows.keys[end - 1] > *question_.range.to) --end;
    const std::size_t begin = loaded->is_cut && timeframe != loaded->data.timeframe ? std::min<std::size_t>(1, end) : 0;
    const auto keep = [&](auto& column) {
      column.erase(column.begin() + static_cast<std::ptrdiff_t>(end), column.end());
      column.erase(column.begin(), column.begin() + static_cast<std::ptrdiff_t>(begin));
    };
    keep(rows.keys);
    keep(rows.closing);
    for (std::vector<double>& column : rows.columns) keep(column);
    return rows;
  }

  Result<const Loaded*> load(const std::string& symbol) {
    const std::scoped_lock lock(mutex_);  // programs ask from several threads
    if (const auto found = loaded_.find(symbol); found != loaded_.end()) return &found->second;
    if (loaded_.size() == kMostSymbols)
      return fail(ErrorCode::kInvalidArgument, fmt::format("formulas read {} other symbols at most", kMostSymbols - 1));
    ARGOSY_TRY(const Timeframe source, source_of(snapshot_, symbol, question_.timeframe));
    const auto to =
        source == question_.timeframe ? question_.range.to : end_of(question_.range.to, question_.timeframe);
    ARGOSY_TRY(Loaded loaded, load_newest(snapshot_, symbol, source, to));
    return &loaded_.emplace(symbol, std::move(loaded)).first->second;
  }

 private:
  static constexpr std::size_t kMostSymbols = 10;

  const lake::Snapshot& snapshot_;
  const CandleQuestion& question_;
  std::mutex mutex_;
  std::map<std::string, Loaded> loaded_;
};

Result<std::size_t> check_program(const CandleQuestion& question) {
  if (question.program == nullptr) return std::size_t{0};
  if (question.program->looks_across())
    return fail(Error(ErrorCode::kInvalidArgument, "a cross-section needs several symbols")
                    .with_hint("a backtest ranks a universe; here a formula sees one symbol"));
  std::size_t warm_up = 0;
  for (const formula::ProgramStep& step : question.program->steps) warm_up += step.plan.warm_up();
  if (warm_up > kMostCandleWarmUp)
    return fail(Error(ErrorCode::kInvalidArgument,
                      fmt::format("the formulas need {} bars before their first value; at most {} can be asked for",
                                  warm_up, kMostCandleWarmUp))
                    .with_hint("shorter windows, or a backtest: it runs as a job"));
  return warm_up;
}

Error too_many(const CandleQuestion& question) {
  return Error(ErrorCode::kInvalidArgument,
               fmt::format("the range has more than the {} bars that are read at once", kMostCandleBars))
      .with_hint(question.program == nullptr ? "ask for a shorter one"
                                             : "ask for a shorter one; the formulas' first bars count too");
}

// The program's columns over all rows of the symbol.
Result<std::vector<std::vector<double>>> evaluate(Rows& rows, const CandleQuestion& question) {
  const formula::RowSource source = [&](const formula::RowContext& context, std::string_view entity,
                                        std::span<const std::string> fields) -> Result<formula::ProgramRows> {
    Timeframe timeframe = question.timeframe;
    if (!context.timeframe.empty()) {
      ARGOSY_TRY(timeframe, Timeframe::parse(context.timeframe));
      if (timeframe.nominal() <= question.timeframe.nominal())
        return fail(ErrorCode::kInvalidArgument, fmt::format("bars of {} cannot be made of bars of {}",
                                                             timeframe.to_string(), question.timeframe.to_string()));
    }
    return rows.of(entity, timeframe, fields);
  };
  auto results = formula::run_program(*question.program, std::array{question.symbol}, source);
  if (results) return std::move(results->front().outputs);
  // A symbol that a formula names and that is not there is the formula's mistake.
  Error error = std::move(results).error();
  if (error.code == ErrorCode::kNotFound) error.code = ErrorCode::kInvalidArgument;
  return fail(std::move(error));
}

}  // namespace

Result<Candles> load_candles(const lake::Snapshot& snapshot, const CandleQuestion& question) {
  if (question.limit == 0) return fail(ErrorCode::kInvalidArgument, "the limit is 0");
  Candles out{.timeframe = question.timeframe};
  ARGOSY_TRY(out.warm_up, check_program(question));
  ARGOSY_TRY(out.made_of, source_of(snapshot, question.symbol, question.timeframe));
  Rows rows(snapshot, question);
  const auto loaded = rows.load(question.symbol);
  if (!loaded && loaded.error().code == ErrorCode::kNotFound) return out;
  if (!loaded) return fail(loaded.error());
  const std::vector<std::string> fields{"open", "high", "low", "close", "volume"};
  ARGOSY_TRY(const formula::ProgramRows all, rows.of(question.symbol, question.timeframe, fields));

  const std::size_t end = all.keys.size();
  // Where older bars were left out, formulas have no value in the first ones, and one is before those given.
  const std::size_t least = (*loaded)->is_cut ? std::min(std::max<std::size_t>(out.warm_up, 1), end) : 0;
  std::size_t begin = least;
  if (question.range.from)
    begin = static_cast<std::size_t>(std::ranges::lower_bound(all.keys, *question.range.from) - all.keys.begin());
  begin = std::max(begin, end - std::min(end, question.limit));
  if (begin < least) return fail(too_many(question));

  const auto shown = [&](const std::vector<double>& column) {
    return std::vector<double>(column.begin() + static_cast<std::ptrdiff_t>(begin), column.end());
  };
  out.keys.assign(all.keys.begin() + static_cast<std::ptrdiff_t>(begin), all.keys.end());
  out.open = shown(all.columns[0]);
  out.high = shown(all.columns[1]);
  out.low = shown(all.columns[2]);
  out.close = shown(all.columns[3]);
  out.volume = shown(all.columns[4]);
  if (begin > 0) out.earlier = all.keys[begin - 1];
  if (question.program == nullptr || out.keys.empty()) return out;
  if ((*loaded)->is_cut) out.formulas_from = all.keys.front();
  ARGOSY_TRY(const auto values, evaluate(rows, question));
  const auto outputs = question.program->last().outputs();
  for (std::size_t k = 0; k < outputs.size(); ++k)
    out.columns.push_back({.output = outputs[k], .values = shown(values[k])});
  return out;
}

}  // namespace argosy::data
