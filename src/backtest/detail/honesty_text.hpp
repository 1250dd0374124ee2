// The honesty of a result in JSON and in words.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "backtest/backtest.hpp"
#include "backtest/report.hpp"
#include "core/json.hpp"

namespace argosy::backtest::detail {

// The members quick, look_ahead, warm_up, luck and costs, into an object that is open; null where nothing was asked.
void write_honesty(core::JsonWriter& json, const BacktestResult& result);

// "clean", "leak": what a badge says.
[[nodiscard]] std::string_view badge(const LookAhead& found);
// "No look-ahead at any of 3,270 bars.", or what leaks from where.
[[nodiscard]] std::string look_ahead_sentence(const BacktestResult& result);
// "costs may be 12.3 times as high before nothing is gained"
[[nodiscard]] std::string break_even_sentence(const CostLadder& costs);

// What the report shows of it; nothing where it was not asked for.
[[nodiscard]] std::optional<ReportHonesty> report_honesty(const BacktestResult& result);

}  // namespace argosy::backtest::detail
