// Formulas that clients send, read with errors that say where in the text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/record.hpp"
#include "core/result.hpp"
#include "data/candles.hpp"
#include "formula/program.hpp"
#include "rest/resources.hpp"

namespace argosy::rest {

inline constexpr std::size_t kMostFormulas = 20;          // of a request
inline constexpr std::size_t kMostFormulaLength = 2'000;  // letters of one
inline constexpr std::int64_t kMostCandles = 10'000;      // of an answer

// Where formulas stand in the request: a parameter, or a member of the body that is a list.
struct FormulaPlace {
  std::string_view name;
  bool is_list = false;
};

// kInvalidArgument for what cannot be compiled, with the place and the column within the text that was sent.
[[nodiscard]] core::Result<formula::Program> read_formulas(const std::vector<std::string>& texts, FormulaPlace place);

// The stock's candles; kNotFound for a symbol that is no stock.
struct CandleRequest {
  std::string symbol;
  std::string timeframe = "1d";
  std::string from;
  std::string to;
  std::int64_t limit = 500;
  std::string prices = "adjusted";
};
[[nodiscard]] core::Result<data::Candles> read_candles(const Resources& resources, const CandleRequest& request,
                                                       const formula::Program* program);
// The members of an open object that say what candles are of, and the formulas' columns.
void write_columns(core::JsonWriter& json, const CandleRequest& request, const data::Candles& candles);

}  // namespace argosy::rest

template <>
struct argosy::core::RecordOf<argosy::rest::CandleRequest> {
  using Row = argosy::rest::CandleRequest;
  static constexpr std::string_view kPrices[] = {"adjusted", "raw"};
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, symbol, .limits = {.maximum_length = 20}, .text = "of the stock", .required = true),
      ARGOSY_FIELD(Row, timeframe, .limits = {.maximum_length = 10}, .text = "1m ... 12h, 1d, 1w, 1mo"),
      ARGOSY_FIELD(Row, from, .limits = {.maximum_length = 40}, .text = "first bar: a date or a time"),
      ARGOSY_FIELD(Row, to, .limits = {.maximum_length = 40}, .text = "last bar, included"),
      ARGOSY_FIELD(Row, limit, .limits = {.minimum = 1, .maximum = argosy::rest::kMostCandles},
                   .text = "the newest of the range"),
      ARGOSY_FIELD(Row, prices, .limits = {.one_of = kPrices}, .text = "adjusted, or raw: as quoted"),
  };
};
