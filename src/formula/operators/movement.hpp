// How far a bar went beyond the last one: the longer of the two ways counts, neither when they are equal.
#pragma once

namespace argosy::formula {

struct Movement {
  Movement(double high, double low, double last_high, double last_low) {
    const double up = high - last_high;
    const double down = last_low - low;
    plus = up > down && up > 0 ? up : 0;
    minus = down > up && down > 0 ? down : 0;
  }
  double plus;
  double minus;
};

}  // namespace argosy::formula
