// Scales map values to pixels from the top of a plot; ticks are the round values worth a label.
//
//   const Scale scale = Scale::linear(0, 97, 200);
//   scale.y(97)                            // 0: the top
//   for (const Tick& tick : scale.ticks(5)) ...  // 0, 20, 40, 60, 80
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace argosy::chart {

enum class ScaleKind : std::uint8_t { kLinear, kLog };
enum class ValueFormat : std::uint8_t { kNumber, kPercent };  // kPercent: 0.05 is shown as 5%

struct Tick {
  double value = 0;
  std::string label;
};

// Multiples of 1, 2 or 5 times a power of ten within [low, high], about `target` of them. `low` < `high`.
[[nodiscard]] std::vector<double> nice_values(double low, double high, std::size_t target);
// The step between nice_values.
[[nodiscard]] double nice_step(double low, double high, std::size_t target);

class Scale {
 public:
  // Ends may be equal (a constant series is drawn in the middle) or in any order; they must be finite. `height` in
  // pixels.
  [[nodiscard]] static Scale linear(double low, double high, double height);
  // Both ends must be above zero.
  [[nodiscard]] static Scale log(double low, double high, double height);

  // Pixels from the top, within [0, height]; values beyond the ends sit on the edge.
  [[nodiscard]] double y(double value) const;
  [[nodiscard]] double low() const { return low_; }
  [[nodiscard]] double high() const { return high_; }
  [[nodiscard]] double height() const { return height_; }
  [[nodiscard]] ScaleKind kind() const { return kind_; }
  // At most about `target` ticks, at least 15 pixels apart so that labels of 12 pixels do not touch.
  [[nodiscard]] std::vector<Tick> ticks(std::size_t target, ValueFormat format = ValueFormat::kNumber) const;

 private:
  Scale(ScaleKind kind, double low, double high, double height)
      : kind_(kind), low_(low), high_(high), height_(height) {}

  ScaleKind kind_;
  double low_;
  double high_;
  double height_;
};

}  // namespace argosy::chart
