// Sums over a moving window of one column or of pairs, for full windows and for Qlib's: what moments, covariances and
// regressions are made of.
//
//   BlockSums<VarianceTerms, Windows::kFull> sums(n);
//   const double* in[] = {x};
//   sums.run(in, rows, [&](std::size_t i, const auto& window) { out[i] = clean(root(window_variance(window, 0)));
//   });
//
// The scheme is that of shifted_sums.hpp: blocks of n rows, a window is the tail of one and the head of the next,
// nothing is subtracted, and values are summed relative to a row of the window.
//
// Windows::kFull: a window has a value when all its n rows are there and none is NaN; otherwise its sums are NaN.
// Windows::kPartial: from the first row on, over the rows there are; a row where an input is NaN is left out, though it
// keeps its place. `count` says how many rows were summed; with none the sums are 0 and the caller writes NaN. The
// reference then is the last row of the block before that was not left out; when the window has no row of that block
// any more, the head is summed anew relative to one of its own, once a block.
//
// Terms say what is summed: kInputs columns, kTerms sums, kShifted (relative to a reference, or as they are), and
// add(sum, d, t), d the values relative to the reference, t the row's place on an axis where the newest row of the
// window stands at `newest`.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <vector>

#include "formula/operators/operator.hpp"

namespace argosy::formula {

enum class Windows : std::uint8_t { kFull, kPartial };

template <std::size_t kInputs, std::size_t kTerms>
struct WindowSums {
  std::array<double, kInputs> reference;
  std::array<double, kTerms> sum;
  double count;    // rows in the sums
  double inverse;  // 1 / count
  double newest;   // the place of the newest row, whether it was left out or not

  [[nodiscard]] double mean(std::size_t input = 0) const { return reference[input] + sum[input] * inverse; }
};

template <class Terms, Windows kWindows>
class BlockSums {
 public:
  static constexpr std::size_t kInputs = Terms::kInputs;
  using Window = WindowSums<kInputs, Terms::kTerms>;

  explicit BlockSums(std::size_t n)
      : n_(n), inverse_(1.0 / static_cast<double>(n)), block_(kInputs * n, kNaN), suffix_(n, Sums{}) {
    reset();
  }

  // Calls emit(row, window) for every row in order.
  template <class Emit>
  void run(const double* const* in, std::size_t rows, Emit emit) {
    for (std::size_t i = 0; i < rows;) {
      const std::size_t take = std::min(rows - i, n_ - at_);
      const bool completes = at_ + take == n_;
      Columns block;
      for (std::size_t k = 0; k < kInputs; ++k) {
        block[k] = in[k] + i;
        if (take == n_) continue;
        std::memcpy(block_.data() + k * n_ + at_, in[k] + i, take * sizeof(double));
        block[k] = block_.data() + k * n_;
      }
      head(block, at_ + take - (completes ? 1 : 0), i, emit);
      i += take;
      at_ += take;
      if (completes) {
        tail(block);
        emit(i - 1, window(reference_, suffix_[0], -1.0));
      }
    }
  }

  void reset() {
    Sums empty{};
    if constexpr (kWindows == Windows::kFull) empty.fill(kNaN);
    std::ranges::fill(suffix_, empty);
    reference_.fill(kWindows == Windows::kPartial && !Terms::kShifted ? 0.0 : kNaN);
    sum_ = {};
    at_ = 0;
    last_ = Terms::kShifted ? 0 : n_;
  }

  void persist(StateArchive& archive) { archive(block_, suffix_, reference_, sum_, at_, last_); }

 private:
  // With the count behind the sums where it is not always n.
  static constexpr std::size_t kSums = Terms::kTerms + (kWindows == Windows::kPartial ? 1 : 0);
  using Sums = std::array<double, kSums>;
  using Point = std::array<double, kInputs>;
  using Columns = std::array<const double*, kInputs>;

  static bool complete(const Columns& x, std::size_t row) {
    return std::ranges::none_of(x, [row](const double* column) { return is_nan(column[row]); });
  }
  static Point point(const Columns& x, std::size_t row) {
    Point values;
    for (std::size_t k = 0; k < kInputs; ++k) values[k] = x[k][row];
    return values;
  }

  static void add(Sums& sum, const Point& reference, const Columns& x, std::size_t row, double t) {
    if constexpr (kWindows == Windows::kPartial) {
      if (!complete(x, row)) return;
      sum[Terms::kTerms] += 1;
    }
    Point d;
    for (std::size_t k = 0; k < kInputs; ++k) d[k] = x[k][row] - reference[k];
    Terms::add(sum, d, t);
  }

  [[nodiscard]] Window window(const Point& reference, const Sums& sums, double newest) const {
    Window result;
    result.reference = reference;
    for (std::size_t k = 0; k < Terms::kTerms; ++k) result.sum[k] = sums[k];
    if constexpr (kWindows == Windows::kPartial) {
      result.count = sums[Terms::kTerms];
      result.inverse = 1.0 / result.count;
    } else {
      result.count = static_cast<double>(n_);
      result.inverse = inverse_;
    }
    result.newest = newest;
    return result;
  }

  // Rows of the current block up to `end`: the prefix sums, each joined with the suffix of the block before.
  template <class Emit>
  void head(const Columns& block, std::size_t end, std::size_t row, Emit& emit) {
    for (std::size_t j = at_; j < end;) {
      if constexpr (kWindows == Windows::kPartial && Terms::kShifted) {
        if (j == last_) refer_to_head(block, j);
        if (is_nan(reference_[0]) && complete(block, j)) reference_ = point(block, j);
      }
      // Without a reference a row has nothing to be summed; the next one may have.
      const std::size_t to = kWindows == Windows::kPartial ? std::min(end, is_nan(reference_[0]) ? j + 1 : last_) : end;
      row = stretch(block, j, to, row, emit);
      j = to;
    }
  }
  template <class Emit>
  std::size_t stretch(const Columns& block, std::size_t from, std::size_t to, std::size_t row, Emit& emit) {
    const Sums* __restrict suffix = suffix_.data() + 1;
    const Point reference = reference_;
    Sums sum = sum_;
    auto t = static_cast<double>(from);
    for (std::size_t j = from; j < to; ++j, t += 1) {
      add(sum, reference, block, j, t);
      Sums joined;
      for (std::size_t k = 0; k < kSums; ++k) joined[k] = suffix[j][k] + sum[k];
      emit(row++, window(reference, joined, t));
    }
    sum_ = sum;
    return row;
  }

  // From row j of the block on no window has a row of the block before: its own rows are the reference.
  void refer_to_head(const Columns& block, std::size_t j) {
    last_ = n_;
    reference_.fill(kNaN);
    sum_ = {};
    std::size_t newest = j;
    while (newest > 0 && !complete(block, newest - 1)) --newest;
    if (newest == 0) return;
    reference_ = point(block, newest - 1);
    for (std::size_t i = 0; i < newest; ++i) add(sum_, reference_, block, i, static_cast<double>(i));
  }

  // The suffix sums of a complete block, and the start of the next one.
  void tail(const Columns& block) {
    std::size_t last = n_ - 1;
    if constexpr (Terms::kShifted) {
      if constexpr (kWindows == Windows::kPartial) {
        while (last > 0 && !complete(block, last)) --last;
      }
      reference_ = point(block, last);
      if (kWindows == Windows::kPartial && !complete(block, last)) reference_.fill(kNaN);
    } else {
      reference_.fill(0);
    }
    const Point reference = reference_;
    Sums sum{};
    double t = -1;
    for (std::size_t j = n_; j-- > 0; t -= 1) {
      add(sum, reference, block, j, t);
      suffix_[j] = sum;
    }
    last_ = Terms::kShifted ? last : n_;
    sum_ = {};
    at_ = 0;
  }

  std::size_t n_;
  double inverse_;
  std::vector<double> block_;  // the current block's rows, while it is incomplete, one column after the other
  std::vector<Sums> suffix_;   // [j]: of rows j to n - 1 of the block before
  Point reference_{};          // full windows: NaN in the first block; partial ones: NaN while there is none
  Sums sum_{};                 // of the current block's rows so far
  std::size_t at_ = 0;         // rows of the current block so far
  std::size_t last_ = 0;  // partial: the last row of the block before that counts; n when the head is the reference
};

// What is summed. d: values relative to the reference.

struct SumTerms {  // x itself
  static constexpr std::size_t kInputs = 1;
  static constexpr std::size_t kTerms = 1;
  static constexpr bool kShifted = false;
  template <class Sums>
  static void add(Sums& sum, const std::array<double, 1>& d, double) {
    sum[0] += d[0];
  }
};

// d, d^2 .. d^kPower
template <std::size_t kPower>
struct PowerTerms {
  static constexpr std::size_t kInputs = 1;
  static constexpr std::size_t kTerms = kPower;
  static constexpr bool kShifted = true;
  template <class Sums>
  static void add(Sums& sum, const std::array<double, 1>& d, double) {
    const double square = d[0] * d[0];
    sum[0] += d[0];
    if constexpr (kPower > 1) sum[1] += square;
    if constexpr (kPower > 2) sum[2] += square * d[0];
    if constexpr (kPower > 3) sum[3] += square * square;
  }
};
using MeanTerms = PowerTerms<1>;
using VarianceTerms = PowerTerms<2>;

// x, y, x y; then x^2 and y^2 as far as asked for.
template <std::size_t kSquares>
struct PairTerms {
  static constexpr std::size_t kInputs = 2;
  static constexpr std::size_t kTerms = 3 + kSquares;
  static constexpr bool kShifted = true;
  template <class Sums>
  static void add(Sums& sum, const std::array<double, 2>& d, double) {
    sum[0] += d[0];
    sum[1] += d[1];
    sum[2] += d[0] * d[1];
    if constexpr (kSquares > 0) sum[3] += d[0] * d[0];
    if constexpr (kSquares > 1) sum[4] += d[1] * d[1];
  }
};
using CovarianceTerms = PairTerms<0>;
using CorrelationTerms = PairTerms<2>;

// A column against the row number: d, t d, d^2; for partial windows also t and t^2 of the rows that count.
template <Windows kWindows>
struct TrendTerms {
  static constexpr std::size_t kInputs = 1;
  static constexpr std::size_t kTerms = kWindows == Windows::kFull ? 3 : 5;
  static constexpr bool kShifted = true;
  template <class Sums>
  static void add(Sums& sum, const std::array<double, 1>& d, double t) {
    sum[0] += d[0];
    sum[1] += t * d[0];
    sum[2] += d[0] * d[0];
    if constexpr (kWindows == Windows::kPartial) {
      sum[3] += t;
      sum[4] += t * t;
    }
  }
};

// What is made of the sums. Rounding never makes a sum of squares negative.

// The square root without errno, so that loops vectorise.
[[nodiscard]] inline double root(double value) {
#if __has_builtin(__builtin_elementwise_sqrt)
  return __builtin_elementwise_sqrt(value);
#else
  return std::sqrt(value);
#endif
}
[[nodiscard]] inline double not_negative(double value) { return value < 0 ? 0 : value; }  // NaN stays

// The sum of (x - mean of x) (y - mean of y) from the sums of x, y and x y.
[[nodiscard]] inline double centred(double product, double a, double b, double inverse) {
  return product - a * b * inverse;
}

// Of VarianceTerms; of fewer than ddof + 1 rows it is not finite or NaN: clean() it.
template <class Window>
[[nodiscard]] double window_variance(const Window& w, double ddof) {
  const double squares = not_negative(centred(w.sum[1], w.sum[0], w.sum[0], w.inverse));
  return ddof == 0 ? squares * w.inverse : squares / (w.count - ddof);
}

// Of PowerTerms<3>: bias-corrected, 0 where nothing deviates; needs three rows.
template <class Window>
[[nodiscard]] double window_skew(const Window& w) {
  const double n = w.count;
  const double mean = w.sum[0] * w.inverse;
  const double m2 = not_negative(w.sum[1] * w.inverse - mean * mean);
  const double m3 = w.sum[2] * w.inverse - mean * (3 * w.sum[1] * w.inverse - 2 * mean * mean);
  if (m2 == 0) return 0;
  return root(n * (n - 1)) / (n - 2) * m3 / (m2 * root(m2));
}

// Of PowerTerms<4>: the excess, bias-corrected, -3 where nothing deviates; needs four rows.
template <class Window>
[[nodiscard]] double window_kurtosis(const Window& w) {
  const double n = w.count;
  const double mean = w.sum[0] * w.inverse;
  const double m2 = not_negative(w.sum[1] * w.inverse - mean * mean);
  const double m4 =
      w.sum[3] * w.inverse - mean * (4 * w.sum[2] * w.inverse - mean * (6 * w.sum[1] * w.inverse - 3 * mean * mean));
  if (m2 == 0) return -3;
  return (n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * (m4 / (m2 * m2)) - 3 * (n - 1));
}

// Of PairTerms.
template <class Window>
[[nodiscard]] double window_covariance(const Window& w, double ddof) {
  const double products = centred(w.sum[2], w.sum[0], w.sum[1], w.inverse);
  return ddof == 0 ? products * w.inverse : products / (w.count - ddof);
}

// Within -1 and 1, and 0 where a column does not deviate; xx, yy and xy are the centred sums.
[[nodiscard]] inline double correlation(double xx, double yy, double xy) {
  const double scale = root(xx) * root(yy);
  const double ratio = xy / (scale == 0 ? std::numeric_limits<double>::infinity() : scale);
  const double below = ratio > 1 ? 1 : ratio;
  return below < -1 ? -1 : below;
}

// Of CorrelationTerms.
template <class Window>
[[nodiscard]] double window_correlation(const Window& w) {
  return correlation(not_negative(centred(w.sum[3], w.sum[0], w.sum[0], w.inverse)),
                     not_negative(centred(w.sum[4], w.sum[1], w.sum[1], w.inverse)),
                     centred(w.sum[2], w.sum[0], w.sum[1], w.inverse));
}

// The least-squares line through a window's points.
struct Line {
  double slope;      // a row
  double reference;  // levels are relative to it
  double mean;       // of the column
  double middle;     // the mean place of the points, in rows before the newest: (n - 1) / 2 for a full window
  double squares;    // the sum of (x - mean)^2
  double cross;      // the sum of (x - mean) (t - mean t)
  // The share of the deviation that the line explains; 0 where nothing deviates.
  double rsquare() const {
    const double share = slope * cross / (squares == 0 ? std::numeric_limits<double>::infinity() : squares);
    return share > 1 ? 1 : share;
  }
  // The line's value so many rows after the newest.
  double level(double ahead = 0) const { return reference + (mean + slope * (middle + ahead)); }
  // How far the newest value, x, lies above the line.
  double residual(double x) const { return (x - reference) - (mean + slope * middle); }
};

// Of TrendTerms. A window with one point has no slope: NaN.
template <Windows kWindows, class Window>
[[nodiscard]] Line window_line(const Window& w) {
  double place = 0;   // the mean place
  double spread = 0;  // 1 / the sum of (t - place)^2
  if constexpr (kWindows == Windows::kFull) {
    place = w.newest - (w.count - 1) / 2;
    spread = 12 / (w.count * (w.count * w.count - 1));
  } else {
    place = w.sum[3] * w.inverse;
    spread = 1 / (w.sum[4] - w.sum[3] * place);
  }
  Line line{};
  line.cross = w.sum[1] - place * w.sum[0];
  line.slope = line.cross * spread;
  line.reference = w.reference[0];
  line.mean = w.sum[0] * w.inverse;
  line.middle = w.newest - place;
  line.squares = not_negative(centred(w.sum[2], w.sum[0], w.sum[0], w.inverse));
  return line;
}

}  // namespace argosy::formula
