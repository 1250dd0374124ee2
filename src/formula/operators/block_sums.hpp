// Sums over a moving window of one column or of pairs, for full windows and for Qlib's: what moments, covariances and
// regressions are made of.
//
//   BlockSums<VarianceTerms, Windows::kFull> sums(n);
//   const double* in[] = {x};
//   sums.run(in, rows, [&](std::size_t i, const auto& window) { out[i] = clean(root(window_variance(window, 0)));
//   });
//
// They neither drift nor remember what has left the window. Rows are cut into blocks of n. A window of n rows is a tail
// of the block before and a head of the current one, so its sum is a suffix sum, computed when the block before was
// complete, plus a running prefix sum. Nothing is ever subtracted: a spike or a NaN is gone with the row it leaves in.
// (The scheme is van Herk's and Gil and Werman's for running maxima.) Blocks are counted from the first row, so chunks
// cannot change the bits.
//
// Values are summed relative to a reference, the last row of the block before. It lies in every window it serves, so
// sums of squares lose at most about n ulps to cancellation whatever the offset of the data, and a constant column has
// exactly its mean and exactly no deviation.
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
//
// What waits for the row before is summed a piece of rows ahead; the sums of a piece are then joined and emitted by a
// loop without a branch, several rows at a time. In partial windows that is so while the block before and the rows of
// this one have no NaN; the places of the rows that count need then not be kept.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "formula/operators/operator.hpp"

namespace argosy::formula {

enum class Windows : std::uint8_t { kFull, kPartial };

// Rows that count, and where they stand.
struct Places {
  double count = 0;
  double sum = 0;
  double squares = 0;

  void add(double t) {
    count += 1;
    sum += t;
    squares += t * t;
  }
  // Of 0, 1 .. n - 1, and of -1, -2 .. -n.
  static Places first(double n) { return {n, n * (n - 1) / 2, n * (n - 1) * (2 * n - 1) / 6}; }
  static Places before(double n) { return {n, -n * (n + 1) / 2, n * (n + 1) * (2 * n + 1) / 6}; }
};

template <std::size_t kInputs, std::size_t kTerms>
struct WindowSums {
  std::array<double, kInputs> reference;
  std::array<double, kTerms> sum;
  double count;     // rows in the sums
  double inverse;   // 1 / count
  double newest;    // the place of the newest row, whether it was left out or not
  bool full;        // all n rows are in the sums, or they are NaN
  Places places{};  // of the rows in the sums; unset when full

  [[nodiscard]] double mean(std::size_t input = 0) const { return reference[input] + sum[input] * inverse; }
};

template <class Terms, Windows kWindows>
class BlockSums {
 public:
  static constexpr std::size_t kInputs = Terms::kInputs;
  using Window = WindowSums<kInputs, Terms::kTerms>;

  explicit BlockSums(std::size_t n)
      : n_(n),
        rows_(static_cast<double>(n)),
        inverse_(1.0 / rows_),
        block_(kInputs * n, kNaN),
        suffix_(Terms::kTerms * n),
        places_(kPartial ? n : 0) {
    reset();
  }

  // Calls emit(row, window) for every row in order.
  template <class Emit>
  void run(const double* const* in, std::size_t rows, Emit emit) {
    run_pieces(in, rows, [emit](std::size_t row, std::size_t count, const auto& window) {
      for (std::size_t i = 0; i < count; ++i) emit(row + i, window(i));
    });
  }
  // Calls emit(row, count, window) for all rows in order, some at a time: window(i) is that of row + i.
  template <class Emit>
  void run_pieces(const double* const* in, std::size_t rows, Emit emit) {
    for (std::size_t i = 0; i < rows;) {
      if constexpr (kInputs == 1) {
        if (at_ == 0) i += whole_blocks(in[0] + i, i, rows - i, emit);
        if (i == rows) return;
      }
      const std::size_t take = std::min(rows - i, n_ - at_);
      const bool completes = at_ + take == n_;
      Columns block;
      for (std::size_t k = 0; k < kInputs; ++k) {
        block[k] = in[k] + i;
        if (take == n_) continue;
        copy_rows(block_.data() + k * n_ + at_, in[k] + i, take);
        block[k] = block_.data() + k * n_;
      }
      head(block, at_ + take - (completes ? 1 : 0), i, emit);
      i += take;
      at_ += take;
      if (completes) {
        tail(block);
        emit_tail(i - 1, emit);
      }
    }
  }

  void reset() {
    std::ranges::fill(suffix_, kPartial ? 0 : kNaN);
    std::ranges::fill(places_, Places{});
    reference_.fill(kPartial && !Terms::kShifted ? 0.0 : kNaN);
    sum_ = {};
    head_places_ = {};
    at_ = 0;
    last_ = Terms::kShifted ? 0 : n_;
    dense_ = kPartial ? 0 : 1;
  }

  void persist(StateArchive& archive) {
    archive(block_, suffix_, places_, reference_, sum_, head_places_, at_, last_, dense_);
  }

 private:
  static constexpr bool kPartial = kWindows == Windows::kPartial;
  static constexpr std::size_t kPiece = 64;
  // So many whole blocks of one column are summed side by side, so that a sum does not wait for the one before. Pairs
  // have sums enough that do not wait for each other.
  static constexpr std::size_t kAbreast = 4;
  static constexpr std::size_t kAbreastRows = 256;  // at most
  using Sums = std::array<double, Terms::kTerms>;
  using Point = std::array<double, kInputs>;
  using Columns = std::array<const double*, kInputs>;

  static bool complete(const Columns& x, std::size_t row) {
    return std::ranges::none_of(x, [row](const double* column) { return is_nan(column[row]); });
  }
  static bool all_complete(const Columns& x, std::size_t from, std::size_t to) {
    double gap = 0;
    for (const double* column : x) {
      std::uint64_t holes = 0;
      for (std::size_t i = from; i < to; ++i) holes |= is_nan(column[i]) ? 1U : 0U;
      gap += static_cast<double>(holes);
    }
    return gap == 0;
  }
  static Point point(const Columns& x, std::size_t row) {
    Point values;
    for (std::size_t k = 0; k < kInputs; ++k) values[k] = x[k][row];
    return values;
  }
  static void add(Sums& sum, const Point& reference, const Columns& x, std::size_t row, double t) {
    Point d;
    for (std::size_t k = 0; k < kInputs; ++k) d[k] = x[k][row] - reference[k];
    Terms::add(sum, d, t);
  }

  [[nodiscard]] Window full_window(const Point& reference, const Sums& sums, double newest) const {
    return {reference, sums, rows_, inverse_, newest, true, {}};
  }
  [[nodiscard]] Window window(const Point& reference, const Sums& sums, const Places& places, double newest) const {
    return {reference, sums, places.count, 1.0 / places.count, newest, places.count == rows_, places};
  }

  // Rows of the current block up to `end`: the prefix sums, each joined with the suffix of the block before.
  template <class Emit>
  void head(const Columns& block, std::size_t end, std::size_t row, Emit& emit) {
    std::size_t j = at_;
    if constexpr (kPartial) {
      if (dense_ != 0 && !all_complete(block, j, end)) {
        for (; complete(block, j); ++j) row = dense_rows(block, j, j + 1, row, emit);
        count_places(j);
      }
      if (dense_ == 0) return gapped_rows(block, j, end, row, emit);
    }
    dense_rows(block, j, end, row, emit);
  }
  template <class Emit>
  std::size_t dense_rows(const Columns& block, std::size_t from, std::size_t end, std::size_t row, Emit& emit) {
    const Point reference = reference_;
    Sums sum = sum_;
    for (std::size_t j = from; j < end; j += kPiece) {
      const std::size_t count = std::min(kPiece, end - j);
      double prefix[Terms::kTerms][kPiece];
      auto t = static_cast<double>(j);
      for (std::size_t i = 0; i < count; ++i, t += 1) {
        add(sum, reference, block, j + i, t);
        for (std::size_t k = 0; k < Terms::kTerms; ++k) prefix[k][i] = sum[k];
      }
      const double* suffix = suffix_.data() + j + 1;
      for (std::size_t k = 0; k < Terms::kTerms; ++k) {
        for (std::size_t i = 0; i < count; ++i) prefix[k][i] = suffix[k * n_ + i] + prefix[k][i];
      }
      // By value, so that what a loop over the rows reads cannot be what it writes. The processor converts two integers
      // of 32 bits at once.
      emit(row, count, [sums = &prefix[0], reference, n = rows_, inverse = inverse_, j](std::size_t i) {
        Window window{.reference = reference, .sum = {}, .count = n, .inverse = inverse, .newest = 0, .full = true};
        for (std::size_t k = 0; k < Terms::kTerms; ++k) window.sum[k] = sums[k][i];
        window.newest = static_cast<double>(static_cast<std::int32_t>(j + i));
        return window;
      });
      row += count;
    }
    sum_ = sum;
    return row;
  }
  // As many rows as make whole blocks abreast; returns how many those were.
  template <class Emit>
  std::size_t whole_blocks(const double* x, std::size_t row, std::size_t rows, Emit& emit) {
    const std::size_t step = kAbreast * n_;
    std::size_t i = 0;
    for (; step <= kAbreastRows && rows - i >= step; i += step) {
      if (dense_ == 0 || (kPartial && !all_complete({x + i}, 0, step))) break;
      abreast(x + i, row + i, emit);
    }
    return i;
  }
  template <class Emit>
  void abreast(const double* x, std::size_t row, Emit& emit) {
    const std::size_t n = n_;
    Point reference[kAbreast + 1];  // of the block before, then of each
    reference[0] = reference_;
    for (std::size_t b = 0; b < kAbreast; ++b) reference[b + 1] = {Terms::kShifted ? x[(b + 1) * n - 1] : 0};
    double suffix[Terms::kTerms][kAbreastRows];
    Sums sum[kAbreast] = {};
    double t = -1;
    for (std::size_t j = n; j-- > 0; t -= 1) {
      for (std::size_t b = 0; b < kAbreast; ++b) {
        add(sum[b], reference[b + 1], {x}, b * n + j, t);
        for (std::size_t k = 0; k < Terms::kTerms; ++k) suffix[k][b * n + j] = sum[b][k];
      }
    }
    double joined[Terms::kTerms][kAbreastRows];
    for (Sums& each : sum) each = {};
    t = 0;
    for (std::size_t j = 0; j + 1 < n; ++j, t += 1) {
      for (std::size_t b = 0; b < kAbreast; ++b) {
        add(sum[b], reference[b], {x}, b * n + j, t);
        for (std::size_t k = 0; k < Terms::kTerms; ++k) joined[k][b * n + j] = sum[b][k];
      }
    }
    double references[kAbreastRows];
    double newest[kAbreastRows];
    for (std::size_t b = 0; b < kAbreast; ++b) {
      const std::size_t at = b * n;
      const std::size_t last = at + n - 1;
      for (std::size_t k = 0; k < Terms::kTerms; ++k) {
        const double* before = b == 0 ? suffix_.data() + k * n : suffix[k] + at - n;
        for (std::size_t j = 0; j + 1 < n; ++j) joined[k][at + j] = before[j + 1] + joined[k][at + j];
        joined[k][last] = suffix[k][at];
      }
      std::fill_n(references + at, n - 1, reference[b][0]);
      references[last] = reference[b + 1][0];
      for (std::size_t j = 0; j + 1 < n; ++j) newest[at + j] = static_cast<double>(static_cast<std::int32_t>(j));
      newest[last] = -1;
    }
    emit(row, kAbreast * n,
         [sums = &joined[0], from = &references[0], place = &newest[0], rows = rows_,
          inverse = inverse_](std::size_t i) {
           Window window{
               .reference = {from[i]}, .sum = {}, .count = rows, .inverse = inverse, .newest = 0, .full = true};
           for (std::size_t k = 0; k < Terms::kTerms; ++k) window.sum[k] = sums[k][i];
           window.newest = place[i];
           return window;
         });
    for (std::size_t k = 0; k < Terms::kTerms; ++k)
      std::copy_n(suffix[k] + (kAbreast - 1) * n, n, suffix_.data() + k * n);
    reference_ = reference[kAbreast];
    last_ = Terms::kShifted ? n - 1 : n;
  }

  // Rows of a block whose own rows or those of the block before have a gap.
  template <class Emit>
  void gapped_rows(const Columns& block, std::size_t from, std::size_t end, std::size_t row, Emit& emit) {
    for (std::size_t j = from; j < end; ++j) {
      if constexpr (Terms::kShifted) {
        if (j == last_) refer_to_head(block, j);
        if (is_nan(reference_[0]) && complete(block, j)) reference_ = point(block, j);
      }
      const auto t = static_cast<double>(j);
      if (complete(block, j)) {
        add(sum_, reference_, block, j, t);
        head_places_.add(t);
      }
      Sums joined;
      for (std::size_t k = 0; k < Terms::kTerms; ++k) joined[k] = suffix_[k * n_ + j + 1] + sum_[k];
      const Places& tail = places_[j + 1];
      const Places places{tail.count + head_places_.count, tail.sum + head_places_.sum,
                          tail.squares + head_places_.squares};
      emit(row++, 1, [&](std::size_t) { return window(reference_, joined, places, t); });
    }
  }
  // From row j of the block on, places are kept: the block before has no gap, nor have the rows before j.
  void count_places(std::size_t j) {
    head_places_ = Places::first(static_cast<double>(j));
    for (std::size_t i = 0; i < n_; ++i) places_[i] = Places::before(static_cast<double>(n_ - i));
    dense_ = 0;
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
    for (std::size_t i = 0; i < newest; ++i) {
      if (complete(block, i)) add(sum_, reference_, block, i, static_cast<double>(i));
    }
  }

  // The suffix sums of a complete block, and the start of the next one.
  void tail(const Columns& block) {
    if constexpr (kPartial) dense_ = all_complete(block, 0, n_) ? 1 : 0;
    std::size_t last = n_ - 1;
    if constexpr (Terms::kShifted) {
      if (dense_ == 0) {
        while (last > 0 && !complete(block, last)) --last;
      }
      reference_ = point(block, last);
      if (dense_ == 0 && !complete(block, last)) reference_.fill(kNaN);
    } else {
      reference_.fill(0);
    }
    if (dense_ == 0) {
      gapped_tail(block);
    } else {
      const Point reference = reference_;
      Sums sum{};
      double t = -1;
      for (std::size_t j = n_; j-- > 0; t -= 1) {
        add(sum, reference, block, j, t);
        for (std::size_t k = 0; k < Terms::kTerms; ++k) suffix_[k * n_ + j] = sum[k];
      }
    }
    last_ = Terms::kShifted ? last : n_;
    sum_ = {};
    head_places_ = {};
    at_ = 0;
  }
  void gapped_tail(const Columns& block) {
    Sums sum{};
    Places places;
    double t = -1;
    for (std::size_t j = n_; j-- > 0; t -= 1) {
      if (complete(block, j)) {
        add(sum, reference_, block, j, t);
        places.add(t);
      }
      for (std::size_t k = 0; k < Terms::kTerms; ++k) suffix_[k * n_ + j] = sum[k];
      places_[j] = places;
    }
  }
  // The row that completed the block: the block is its window.
  template <class Emit>
  void emit_tail(std::size_t row, Emit& emit) const {
    Sums sums;
    for (std::size_t k = 0; k < Terms::kTerms; ++k) sums[k] = suffix_[k * n_];
    if (dense_ != 0) return emit(row, 1, [&](std::size_t) { return full_window(reference_, sums, -1.0); });
    emit(row, 1, [&](std::size_t) { return window(reference_, sums, places_[0], -1.0); });
  }

  std::size_t n_;
  double rows_;  // n
  double inverse_;
  std::vector<double> block_;   // the current block's rows, while it is incomplete, one column after the other
  std::vector<double> suffix_;  // [k n + j]: term k of rows j to n - 1 of the block before
  std::vector<Places> places_;  // [j]: of the same rows; partial windows, and only when not dense
  Point reference_{};           // full windows: NaN in the first block; partial ones: NaN while there is none
  Sums sum_{};                  // of the current block's rows so far
  Places head_places_;          // of the same rows, when not dense
  std::size_t at_ = 0;          // rows of the current block so far
  std::size_t last_ = 0;     // partial: the last row of the block before that counts; n when the head is the reference
  std::uint64_t dense_ = 0;  // not 0: full windows, or no gap in the block before nor in the current one so far
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

// A column against the row number: d, d^2 where asked for, t d.
template <bool kSquares>
struct TrendTerms {
  static constexpr std::size_t kInputs = 1;
  static constexpr std::size_t kTerms = kSquares ? 3 : 2;
  static constexpr bool kShifted = true;
  template <class Sums>
  static void add(Sums& sum, const std::array<double, 1>& d, double t) {
    sum[0] += d[0];
    if constexpr (kSquares) sum[1] += d[0] * d[0];
    sum[kTerms - 1] += t * d[0];
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

// Of VarianceTerms or TrendTerms<true>; of fewer than ddof + 1 rows it is not finite or NaN: clean() it.
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
  double squares;    // the sum of (x - mean)^2; NaN without squares in the sums
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

// 1 / the sum of (t - mean t)^2 over n rows.
[[nodiscard]] inline double full_spread(double n) { return 12 / (n * (n * n - 1)); }

// Of TrendTerms. A window with one point has no slope: NaN.
template <class Window>
[[nodiscard]] Line window_line(const Window& w) {
  double place = w.newest - (w.count - 1) / 2;  // the mean place
  double spread = full_spread(w.count);         // 1 / the sum of (t - place)^2
  if (!w.full) {
    place = w.places.sum * w.inverse;
    spread = 1 / (w.places.squares - w.places.sum * place);
  }
  Line line{};
  line.cross = w.sum.back() - place * w.sum[0];
  line.slope = line.cross * spread;
  line.reference = w.reference[0];
  line.mean = w.sum[0] * w.inverse;
  line.middle = w.newest - place;
  line.squares = w.sum.size() > 2 ? not_negative(centred(w.sum[1], w.sum[0], w.sum[0], w.inverse)) : kNaN;
  return line;
}

}  // namespace argosy::formula
