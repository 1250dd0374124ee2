// The parts of a report that question it.
#pragma once

#include <optional>
#include <string>

#include "backtest/report.hpp"
#include "chart/markup.hpp"

namespace argosy::backtest::detail {

[[nodiscard]] std::string honesty_style();
// One line under the title: no look-ahead, a leak, or not looked at.
void write_badge(chart::Markup& html, const std::optional<ReportHonesty>& honesty);
// Sections on luck and on costs.
void write_honesty(chart::Markup& html, const std::optional<ReportHonesty>& honesty);

}  // namespace argosy::backtest::detail
