// The conditions to leave that depend on the position, bar by bar while one is held.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "formula/formula.hpp"

namespace argosy::strategy {

class PositionExit {
 public:
  explicit PositionExit(const formula::Plan& plan);

  // The close of a bar during which, or before which, the position was opened: kSell of a long one, kCover of a short
  // one, or 0. Called at every close while it is held. `columns` are Signals::columns, `row` the bar's. At the first
  // close of a position its entry price is taken: as quoted then, times `factor`, which makes it comparable with
  // adjusted prices ever after.
  [[nodiscard]] std::uint8_t at_close(double entry_price, bool is_long, double factor,
                                      std::span<const std::vector<double>> columns, std::size_t row);
  // The position grew: its average price is taken again at the next close.
  void enlarged() { retake_ = true; }
  // The position is gone.
  void closed() { held_ = false; }
  // Other conditions from now on. A position that is held keeps its entry and its age; windows over it begin anew.
  void change(const formula::Plan& plan);

 private:
  formula::Evaluator evaluator_;
  std::vector<std::size_t> sources_;  // of each field of the plan: a column, or one of those below
  static constexpr std::size_t kEntryPrice = SIZE_MAX;
  static constexpr std::size_t kBarsHeld = SIZE_MAX - 1;
  static constexpr std::size_t kSide = SIZE_MAX - 2;
  std::vector<std::uint8_t> signals_;  // of each output
  std::vector<double> values_;         // of the fields, in this row
  std::vector<std::span<const double>> fields_;
  std::vector<double> results_;
  std::vector<std::span<double>> outputs_;
  bool held_ = false;
  bool retake_ = false;
  double entry_price_ = 0;
  double bars_held_ = 0;
};

}  // namespace argosy::strategy
