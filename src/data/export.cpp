#include "data/export.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/check.hpp"
#include "core/json.hpp"
#include "core/text.hpp"
#include "lake/query.hpp"

namespace argosy::data {

namespace {

bool any_vwap(std::span<const SymbolData> symbols) {
  return std::any_of(symbols.begin(), symbols.end(), [](const auto& data) { return !data.bars.vwap.empty(); });
}

std::string_view key_name(const SymbolData& data) { return data.timeframe.is_intraday() ? "time" : "date"; }

}  // namespace

core::Result<ExportFormat> parse_export_format(std::string_view text) {
  if (text == "csv") return ExportFormat::kCsv;
  if (text == "json") return ExportFormat::kJson;
  if (text == "parquet") return ExportFormat::kParquet;
  return core::fail(core::Error(core::ErrorCode::kInvalidArgument, fmt::format("\"{}\" is not a format", text))
                        .with_hint("write csv, json or parquet"));
}

core::Result<ExportFormat> format_of_path(std::string_view path) {
  const std::size_t dot = path.rfind('.');
  if (auto format =
          parse_export_format(core::to_lower(path.substr(dot == std::string_view::npos ? path.size() : dot + 1))))
    return format;
  return core::fail(
      core::Error(core::ErrorCode::kInvalidArgument, fmt::format("the name {} does not tell a format", path))
          .with_hint("end it in .csv, .json or .parquet, or say --format"));
}

market::BarColumns adjusted_bars(const SymbolData& data, const LastFactors& last) {
  market::BarColumns out = data.bars;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const double price = data.factors.price[i] / last.price;
    for (auto* column : {&out.open, &out.high, &out.low, &out.close}) {
      const auto adjusted = core::Price::from_double((*column)[i].to_double() * price);
      ARGOSY_CHECK(adjusted.has_value(), "{}: adjusted price at row {}", data.instrument.symbol, i);
      (*column)[i] = *adjusted;
    }
    out.volume[i] *= last.split / data.factors.split[i];
    if (!out.vwap.empty()) out.vwap[i] *= price;
  }
  return out;
}

std::string bars_csv(std::span<const SymbolData> symbols) {
  const bool vwap = any_vwap(symbols);
  std::string out =
      fmt::format("symbol,{},open,high,low,close,volume{},source\n", key_name(symbols.front()), vwap ? ",vwap" : "");
  for (const SymbolData& data : symbols) {
    for (std::size_t i = 0; i < data.bars.size(); ++i) {
      const market::Bar bar = data.bars.at(i);
      out += fmt::format("{},{},{},{},{},{},", data.instrument.symbol, market::format_key(bar.key, data.timeframe),
                         bar.open.to_string(), bar.high.to_string(), bar.low.to_string(), bar.close.to_string());
      core::append_double(out, bar.volume);
      if (vwap) out += ',';
      if (vwap && !std::isnan(bar.vwap)) core::append_double(out, bar.vwap);
      out += fmt::format(",{}\n", market::to_string(bar.source));
    }
  }
  return out;
}

std::string bars_json(std::span<const SymbolData> symbols) {
  const bool vwap = any_vwap(symbols);
  core::JsonWriter json;
  json.begin_object().key("items").begin_array();
  std::size_t rows = 0;
  for (const SymbolData& data : symbols) {
    rows += data.bars.size();
    for (std::size_t i = 0; i < data.bars.size(); ++i) {
      const market::Bar bar = data.bars.at(i);
      json.begin_object().key("symbol").value(data.instrument.symbol);
      json.key(key_name(data)).value(market::format_key(bar.key, data.timeframe));
      json.key("open").value(bar.open).key("high").value(bar.high).key("low").value(bar.low).key("close").value(
          bar.close);
      json.key("volume").value(bar.volume);
      if (vwap) json.key("vwap").value(bar.vwap);
      json.key("source").value(market::to_string(bar.source)).end_object();
    }
  }
  json.end_array().key("meta").begin_object().key("count").value(rows).end_object().end_object();
  return std::move(json).take() + "\n";
}

core::Result<void> export_bars(core::Files& files, std::span<const SymbolData> symbols, ExportFormat format,
                               const std::string& path) {
  switch (format) {
    case ExportFormat::kCsv:
      return files.write_atomic(path, bars_csv(symbols));
    case ExportFormat::kJson:
      return files.write_atomic(path, bars_json(symbols));
    case ExportFormat::kParquet:
      break;
  }
  std::map<std::string, market::BarColumns> bars;
  for (const SymbolData& data : symbols) bars[data.instrument.symbol] = data.bars;
  return lake::write_parquet(files, path, symbols.front().timeframe, bars);
}

}  // namespace argosy::data
