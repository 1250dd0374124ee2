#include "data/bar_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "core/csv.hpp"
#include "core/limits.hpp"
#include "core/text.hpp"
#include "market/calendar.hpp"
#include "market/instrument.hpp"

namespace argosy::data {

namespace {

using core::ErrorCode;
using Cells = std::vector<std::string_view>;

constexpr std::size_t kNone = static_cast<std::size_t>(-1);

enum Meaning : std::size_t { kTime, kClock, kOpen, kHigh, kLow, kClose, kVolume, kVwap, kSymbol, kAdjusted, kMeanings };

struct Spelling {
  std::string_view meaning;
  std::vector<std::string_view> headers;  // lower case, words joined by '_'
};

// The usual spellings, the likeliest first.
const std::array<Spelling, kMeanings>& spellings() {
  static const std::array<Spelling, kMeanings> kSpellings{{
      {"time", {"date", "datetime", "date_time", "timestamp", "time", "open_time", "opentime", "day", "ts", "t"}},
      {"clock", {"time", "hour"}},
      {"open", {"open", "o", "open_price", "opening_price", "first"}},
      {"high", {"high", "h", "high_price", "max"}},
      {"low", {"low", "l", "low_price", "min"}},
      {"close", {"close", "c", "close_price", "closing_price", "close_last", "last", "price"}},
      {"volume", {"volume", "vol", "v", "total_volume", "tick_volume", "tickvol"}},
      {"vwap", {"vwap", "vw", "average_price", "weighted_average"}},
      {"symbol", {"symbol", "ticker", "sym", "code"}},
      {"adjusted", {"adj_close", "adjclose", "adjusted_close", "close_adj", "adjusted"}},
  }};
  return kSpellings;
}

// "<Adj Close>" -> "adj_close"
std::string normal_form(std::string_view header) {
  std::string out;
  for (const char c : core::trim(header)) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    const bool upper = c >= 'A' && c <= 'Z';
    if (letter || upper) {
      out += upper ? static_cast<char>(c - 'A' + 'a') : c;
    } else if (!out.empty() && out.back() != '_') {
      out += '_';
    }
  }
  while (!out.empty() && out.back() == '_') out.pop_back();
  return out;
}

struct Layout {
  std::array<std::size_t, kMeanings> column{};
  std::size_t count = 0;
  Layout() { column.fill(kNone); }
  [[nodiscard]] bool has(Meaning meaning) const { return column[meaning] != kNone; }
};

core::Error wrong_header(const std::string& file, std::string message, const Cells& header) {
  std::vector<std::string> names(header.begin(), header.end());
  return core::Error(ErrorCode::kInvalidArgument, std::move(message))
      .at(file, 1)
      .with_hint(
          fmt::format("the header is: {}. Name the columns with --columns time=...,open=...,high=...,low=...,close=...",
                      core::join(names, ", ")));
}

core::Result<void> apply_columns(const Cells& header, const std::string& file, const BarTextOptions& options,
                                 Layout& layout) {
  for (const auto& [meaning, name] : options.columns) {
    const auto& known = spellings();
    const auto* it =
        std::find_if(known.begin(), known.end(), [&](const auto& spelling) { return spelling.meaning == meaning; });
    if (it == known.end() || meaning == "clock" || meaning == "adjusted") {
      const std::vector<std::string_view> meanings{"time", "open", "high", "low", "close", "volume", "vwap", "symbol"};
      return core::fail(
          core::Error(ErrorCode::kInvalidArgument, fmt::format("--columns: \"{}\" is no column of bars", meaning))
              .with_hint(core::did_you_mean(meaning, meanings)));
    }
    const auto cell =
        std::find_if(header.begin(), header.end(), [&, wanted = std::string_view(name)](std::string_view text) {
          return core::trim(text) == wanted || normal_form(text) == normal_form(wanted);
        });
    if (cell == header.end()) {
      return core::fail(wrong_header(file, fmt::format("--columns: the file has no column \"{}\"", name), header));
    }
    layout.column[static_cast<std::size_t>(it - known.begin())] = static_cast<std::size_t>(cell - header.begin());
  }
  return {};
}

core::Result<Layout> find_layout(const Cells& header, const std::string& file, const BarTextOptions& options,
                                 std::vector<std::string>& notes) {
  Layout layout;
  layout.count = header.size();
  ARGOSY_TRY_VOID(apply_columns(header, file, options, layout));
  std::vector<std::string> names;
  for (const std::string_view cell : header) names.push_back(normal_form(cell));
  std::vector<bool> used(names.size());
  for (const std::size_t column : layout.column) {
    if (column != kNone) used[column] = true;
  }
  for (std::size_t meaning = 0; meaning < kMeanings; ++meaning) {
    for (const std::string_view spelling : spellings()[meaning].headers) {
      if (layout.column[meaning] != kNone) break;
      for (std::size_t i = 0; i < names.size() && layout.column[meaning] == kNone; ++i) {
        if (used[i] || names[i] != spelling) continue;
        layout.column[meaning] = i;
        used[i] = true;
      }
    }
  }
  for (const Meaning needed : {kTime, kOpen, kHigh, kLow, kClose}) {
    if (layout.has(needed)) continue;
    return core::fail(
        wrong_header(file, fmt::format("no column for \"{}\" in the header", spellings()[needed].meaning), header));
  }
  if (options.symbol.empty() && !layout.has(kSymbol)) {
    return core::fail(core::Error(ErrorCode::kInvalidArgument, "the file has no symbol column")
                          .at(file, 1)
                          .with_hint("name the symbol: --symbol AAPL"));
  }
  std::vector<std::string> told;
  for (const Meaning meaning : {kTime, kOpen, kHigh, kLow, kClose, kVolume, kVwap, kSymbol}) {
    if (!layout.has(meaning) || (meaning == kSymbol && !options.symbol.empty())) continue;
    const std::string_view cell = core::trim(header[layout.column[meaning]]);
    if (cell != spellings()[meaning].meaning && cell != "date")
      told.push_back(fmt::format("{} from \"{}\"", spellings()[meaning].meaning, cell));
  }
  if (layout.has(kClock))
    told.push_back(fmt::format("time of day from \"{}\"", core::trim(header[layout.column[kClock]])));
  if (!told.empty()) notes.push_back("columns taken: " + core::join(told, ", "));
  if (!layout.has(kVolume)) notes.emplace_back("no volume column: volumes are 0");
  if (layout.has(kAdjusted)) {
    notes.push_back(
        fmt::format("column \"{}\" is ignored: prices are stored raw, with splits and dividends beside them",
                    core::trim(header[layout.column[kAdjusted]])));
  }
  return layout;
}

struct ParsedLine {
  BarLine line;
  WrittenTime time;
  std::string written_time;
};

// What is wrong with a cell, or nothing.
std::optional<std::string> read_price(std::string_view cell, std::string_view name, core::Price& price, bool& rounded) {
  const std::string_view text = core::trim(cell);
  if (const auto exact = core::Price::parse(text); exact) {
    price = *exact;
  } else {
    const auto parsed = core::Price::parse_rounded(text, core::Rounding::kHalfEven);
    if (!parsed) return fmt::format("{} \"{}\" is not a price", name, text);
    price = *parsed;
    rounded = true;
  }
  if (std::abs(price.units()) <= core::limits::kPriceUnits) return std::nullopt;
  return fmt::format("{} {} is larger than the lake can store", name, text);
}

class LineReader {
 public:
  LineReader(const Layout& layout, const BarTextOptions& options) : layout_(layout), options_(options) {}

  // Fills `out`; says what is wrong when it cannot.
  std::optional<std::string> read(const Cells& cells, ParsedLine& out) {
    if (layout_.has(kTime) && layout_.column[kTime] < cells.size()) out.written_time = cells[layout_.column[kTime]];
    out.line.symbol = options_.symbol;
    if (out.line.symbol.empty() && layout_.column[kSymbol] < cells.size()) {
      out.line.symbol = core::trim(cells[layout_.column[kSymbol]]);
    }
    if (cells.size() != layout_.count) return fmt::format("{} cells instead of {}", cells.size(), layout_.count);
    if (const auto symbol = market::check_symbol(out.line.symbol); !symbol) return symbol.error().message;
    if (layout_.has(kClock)) out.written_time += " " + std::string(core::trim(cells[layout_.column[kClock]]));
    const auto time = parse_written_time(out.written_time);
    if (!time)
      return fmt::format("time \"{}\" cannot be read; write 2024-11-29 or 2024-11-29T14:30:00Z", out.written_time);
    out.time = *time;
    market::Bar& bar = out.line.bar;
    bar.source = options_.source;
    for (const auto& [meaning, price] :
         {std::pair(kOpen, &bar.open), {kHigh, &bar.high}, {kLow, &bar.low}, {kClose, &bar.close}}) {
      auto wrong = read_price(cells[layout_.column[meaning]], spellings()[meaning].meaning, *price, rounded_);
      if (wrong) return wrong;
    }
    return read_reals(cells, bar);
  }

  [[nodiscard]] bool rounded() const { return rounded_; }

 private:
  std::optional<std::string> read_reals(const Cells& cells, market::Bar& bar) const {
    if (const std::string_view text = cell(cells, kVolume); !text.empty()) {
      const auto volume = core::parse_double(text);
      if (!volume || *volume < 0) return fmt::format("volume \"{}\" is not a number of zero or more", text);
      bar.volume = *volume;
    }
    if (const std::string_view text = cell(cells, kVwap); !text.empty() && core::to_lower(text) != "nan") {
      const auto vwap = core::parse_double(text);
      if (!vwap) return fmt::format("vwap \"{}\" is not a number", text);
      bar.vwap = *vwap;
    }
    return std::nullopt;
  }
  [[nodiscard]] std::string_view cell(const Cells& cells, Meaning meaning) const {
    return layout_.has(meaning) ? core::trim(cells[layout_.column[meaning]]) : std::string_view();
  }

  const Layout& layout_;
  const BarTextOptions& options_;
  bool rounded_ = false;
};

std::string join_cells(const Cells& cells) {
  std::string out;
  for (const std::string_view cell : cells) {
    if (!out.empty()) out += ',';
    core::append_csv_cell(out, cell);
  }
  return out;
}

core::Error needs_zone(const std::string& file, const ParsedLine& line) {
  return core::Error(ErrorCode::kInvalidArgument, fmt::format("the time \"{}\" has no zone", line.written_time))
      .at(file, line.line.line)
      .with_hint("say whose clock it is: --timezone America/New_York, or --timezone UTC");
}

// The date a daily bar belongs to. Time stamps that all have the same time of day are their date as written; otherwise
// (a session's start in UTC moves with summer time) it is the date on the exchange's wall clock.
core::Result<void> resolve_dates(const std::string& file, const BarTextOptions& options, std::vector<ParsedLine>& lines,
                                 std::vector<std::string>& notes) {
  const auto time_of = [](const ParsedLine& line) { return line.time.time_of_day.value_or(core::Duration(0)); };
  const bool same = std::all_of(lines.begin(), lines.end(),
                                [&](const auto& line) { return time_of(line) == time_of(lines.front()); });
  if (same) {
    if (lines.front().time.time_of_day) {
      notes.push_back(fmt::format("every line has the same time of day (\"{}\"): only the date counts",
                                  lines.front().written_time));
    }
    for (ParsedLine& line : lines) line.line.bar.key = market::date_key(line.time.date);
    return {};
  }
  ARGOSY_TRY(const market::Calendar* calendar, market::find_calendar(options.exchange));
  for (ParsedLine& line : lines) {
    if (!line.time.offset) {
      line.line.bar.key = market::date_key(line.time.date);
      continue;
    }
    const core::Timestamp instant = core::utc_midnight(line.time.date) + time_of(line) - *line.time.offset;
    line.line.bar.key = market::date_key(calendar->local_date(instant));
  }
  notes.push_back(
      fmt::format("times of day differ: dates are those of the wall clock of {} ({})", options.exchange, file));
  return {};
}

core::Result<void> resolve_instants(const std::string& file, const BarTextOptions& options,
                                    std::vector<ParsedLine>& lines, BarText& out) {
  std::vector<ParsedLine> good;
  good.reserve(lines.size());
  for (ParsedLine& line : lines) {
    const core::Duration time = line.time.time_of_day.value_or(core::Duration(0));
    if (line.time.offset) {
      line.line.bar.key = (core::utc_midnight(line.time.date) + time - *line.time.offset).time_since_epoch().count();
    } else if (options.time_zone.empty()) {
      return core::fail(needs_zone(file, line));
    } else {
      const auto instant = market::to_utc(line.time.date, time, options.time_zone);
      if (!instant) {
        out.bad.push_back(
            {line.line.line, line.line.symbol, line.written_time, instant.error().message, line.line.text});
        continue;
      }
      line.line.bar.key = instant->time_since_epoch().count();
    }
    good.push_back(std::move(line));
  }
  lines = std::move(good);
  return {};
}

}  // namespace

core::Result<BarText> read_bar_text(std::string_view csv, const std::string& file, const BarTextOptions& options) {
  if (!options.time_zone.empty() && !market::is_time_zone(options.time_zone)) {
    return core::fail(
        core::Error(ErrorCode::kInvalidArgument, fmt::format("\"{}\" is not a time zone", options.time_zone))
            .with_hint("write an IANA name such as America/New_York, Europe/Berlin or UTC"));
  }
  BarText out;
  core::CsvReader reader(csv);
  Cells cells;
  if (!reader.next(cells)) {
    return core::fail(core::Error(ErrorCode::kInvalidArgument, "the file is empty")
                          .at(file)
                          .with_hint("the first line names the columns: date,open,high,low,close,volume"));
  }
  ARGOSY_TRY(const Layout layout, find_layout(cells, file, options, out.notes));
  LineReader line_reader(layout, options);
  std::vector<ParsedLine> lines;
  while (reader.next(cells)) {
    ParsedLine line;
    line.line.line = reader.line();
    auto wrong = line_reader.read(cells, line);
    line.line.text = join_cells(cells);
    if (!wrong) {
      lines.push_back(std::move(line));
      continue;
    }
    if (reader.last_line_unterminated() && cells.size() < layout.count)
      *wrong += ": the file is cut in the middle of this line";
    out.bad.push_back({line.line.line, line.line.symbol, line.written_time, *std::move(wrong), line.line.text});
  }
  if (reader.last_line_unterminated() && !lines.empty() && lines.back().line.line == reader.line()) {
    out.notes.emplace_back("the last line has no line end: if the file was cut, its last number may be too");
  }
  if (line_reader.rounded()) out.notes.emplace_back("prices of more than 9 decimals were rounded half to even");
  if (!lines.empty()) {
    ARGOSY_TRY_VOID(options.timeframe.is_intraday() ? resolve_instants(file, options, lines, out)
                                                    : resolve_dates(file, options, lines, out.notes));
  }
  out.lines.reserve(lines.size());
  for (ParsedLine& line : lines) out.lines.push_back(std::move(line.line));
  return out;
}

}  // namespace argosy::data
