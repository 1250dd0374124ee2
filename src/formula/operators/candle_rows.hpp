// The rows that a candlestick pattern looks at: prices of this row and of those before it, and what counts as long,
// short, near or equal there. The measures are TA-Lib's candle settings.
//
// A mean is over the rows before the one it judges. Its sum is taken anew for each row, oldest first: a row's answer
// depends on its window alone, to the last bit. Differences of prices of one order of magnitude are whole multiples of
// the same power of two, so these sums are exact, and so are TA-Lib's, which it carries from row to row. After a bar of
// a wild range, though, TA-Lib's keep its rounding.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <vector>

#include "formula/operators/operator.hpp"
#include "formula/operators/wide.hpp"

namespace argosy::formula {

// The means a pattern uses, as a set of bits.
enum CandleMeans : unsigned {
  kNoMean = 0,
  kBodies = 1,     // |close - open| of the 10 rows before
  kRanges = 2,     // high - low of the 10 rows before
  kShadows = 4,    // upper + lower shadow of the 10 rows before
  kLastRanges = 8  // high - low of the 5 rows before
};
inline constexpr std::size_t kMeanRows = 10;
inline constexpr std::size_t kLastRows = 5;

// This row and those before it; k rows back in all of its functions.
class Candles {
 public:
  enum Column : std::size_t {
    kOpen,
    kHigh,
    kLow,
    kClose,
    kBody,
    kRange,
    kShadow,
    kBodyMean,
    kRangeMean,
    kShadowMean,
    kLastRangeMean,
    kColumns
  };
  Candles(const double* first_column, std::size_t column_rows, std::size_t row)
      : at_(first_column + row), stride_(column_rows) {}
  [[nodiscard]] Candles later(std::size_t rows) const { return {at_, stride_, rows}; }

  [[nodiscard]] double open(std::size_t k) const { return get(kOpen, k); }
  [[nodiscard]] double high(std::size_t k) const { return get(kHigh, k); }
  [[nodiscard]] double low(std::size_t k) const { return get(kLow, k); }
  [[nodiscard]] double close(std::size_t k) const { return get(kClose, k); }
  [[nodiscard]] double top(std::size_t k) const { return std::max(open(k), close(k)); }
  [[nodiscard]] double bottom(std::size_t k) const { return std::min(open(k), close(k)); }
  [[nodiscard]] double body(std::size_t k) const { return std::abs(close(k) - open(k)); }
  [[nodiscard]] double upper(std::size_t k) const { return high(k) - top(k); }
  [[nodiscard]] double lower(std::size_t k) const { return bottom(k) - low(k); }
  [[nodiscard]] bool white(std::size_t k) const { return close(k) >= open(k); }
  [[nodiscard]] bool black(std::size_t k) const { return close(k) < open(k); }
  [[nodiscard]] double color(std::size_t k) const { return white(k) ? 1 : -1; }
  [[nodiscard]] bool same_color(std::size_t k, std::size_t j) const { return white(k) == white(j); }
  // Between bodies.
  [[nodiscard]] bool gap_up(std::size_t k, std::size_t before) const { return bottom(k) > top(before); }
  [[nodiscard]] bool gap_down(std::size_t k, std::size_t before) const { return top(k) < bottom(before); }

  [[nodiscard]] double mean_body(std::size_t k) const { return get(kBodyMean, k); }
  [[nodiscard]] bool is_long(std::size_t k) const { return body(k) > get(kBodyMean, k); }
  [[nodiscard]] bool is_short(std::size_t k) const { return body(k) < get(kBodyMean, k); }
  [[nodiscard]] bool not_long(std::size_t k) const { return body(k) <= get(kBodyMean, k); }
  [[nodiscard]] double tiny(std::size_t k) const { return 0.1 * get(kRangeMean, k); }
  [[nodiscard]] bool is_doji(std::size_t k) const { return body(k) <= tiny(k); }
  [[nodiscard]] bool no_upper(std::size_t k) const { return upper(k) < tiny(k); }
  [[nodiscard]] bool no_lower(std::size_t k) const { return lower(k) < tiny(k); }
  [[nodiscard]] double short_shadow(std::size_t k) const { return get(kShadowMean, k) / 2.0; }
  [[nodiscard]] double near(std::size_t k) const { return 0.2 * get(kLastRangeMean, k); }
  [[nodiscard]] double far(std::size_t k) const { return 0.6 * get(kLastRangeMean, k); }
  // Whether x is the same as y, measured at row k.
  [[nodiscard]] bool equal(double x, double y, std::size_t k) const {
    const double most = 0.05 * get(kLastRangeMean, k);
    return x <= y + most && x >= y - most;
  }

 private:
  [[nodiscard]] double get(Column column, std::size_t k) const { return *(at_ + column * stride_ - k); }

  const double* at_;
  std::size_t stride_;
};

// Keeps the rows and means that a pattern with so many rows of lookback needs, over chunks of any size.
class CandleRows {
 public:
  static constexpr std::size_t kBlock = 128;  // the most rows of one block

  CandleRows(std::size_t lookback, unsigned means)
      : history_(std::max(lookback, kMeanRows)),
        needed_(lookback + 1),
        means_(means),
        rows_(history_ + kBlock),
        data_(Candles::kColumns * rows_),
        end_(history_) {}

  // Calls block(i, count, first, unknown) for the chunk's rows i to i + count - 1 in order: `first` is row i, and
  // unknown[j] is 0, or NaN where one of the `lookback` + 1 rows up to row i + j is missing or NaN.
  template <class Block>
  void run(const Chunk& chunk, Block block) {
    for (std::size_t i = 0; i < chunk.rows;) {
      if (end_ == rows_) move_to_front();
      const std::size_t take = std::min(chunk.rows - i, rows_ - end_);
      append(chunk, i, take);
      look_for_gaps(take);
      block(i, take, Candles(data_.data(), rows_, end_), unknown_.data());
      end_ += take;
      i += take;
    }
  }

  void reset() {
    std::ranges::fill(data_, 0.0);
    end_ = history_;
    sound_ = 0;
  }
  void persist(StateArchive& archive) {
    move_to_front();
    for (std::size_t k = 0; k < Candles::kColumns; ++k) {
      for (std::size_t j = 0; j < history_; ++j) archive(column(k)[j]);
    }
    archive(sound_);
  }

 private:
  [[nodiscard]] double* column(std::size_t k) { return data_.data() + k * rows_; }

  void move_to_front() {
    for (std::size_t k = 0; k < Candles::kColumns; ++k) std::copy_n(column(k) + (end_ - history_), history_, column(k));
    end_ = history_;
  }

  void look_for_gaps(std::size_t count) {
    double* __restrict unknown = unknown_.data();
    const double* __restrict open = column(Candles::kOpen) + end_;
    const double* __restrict high = column(Candles::kHigh) + end_;
    const double* __restrict low = column(Candles::kLow) + end_;
    const double* __restrict close = column(Candles::kClose) + end_;
    unsigned gaps = 0;
    for (std::size_t j = 0; j < count; ++j) {
      unknown[j] = ((open[j] - open[j]) + (high[j] - high[j])) + ((low[j] - low[j]) + (close[j] - close[j]));
      gaps |= is_nan(unknown[j]) ? 1U : 0U;
    }
    if (gaps == 0 && sound_ == needed_) return;
    for (std::size_t j = 0; j < count; ++j) {
      sound_ = is_nan(unknown[j]) ? 0 : std::min(sound_ + 1, needed_);
      unknown[j] = sound_ == needed_ ? 0.0 : kNaN;
    }
  }

  void append(const Chunk& chunk, std::size_t from, std::size_t count) {
    for (std::size_t k = 0; k < 4; ++k) std::copy_n(chunk.in[k] + from, count, column(k) + end_);
    const double* __restrict open = column(Candles::kOpen) + end_;
    const double* __restrict high = column(Candles::kHigh) + end_;
    const double* __restrict low = column(Candles::kLow) + end_;
    const double* __restrict close = column(Candles::kClose) + end_;
    if ((means_ & kBodies) != 0) {
      double* __restrict body = column(Candles::kBody) + end_;
      for (std::size_t j = 0; j < count; ++j) body[j] = std::abs(close[j] - open[j]);
      mean<kMeanRows>(Candles::kBody, Candles::kBodyMean, count);
    }
    if ((means_ & (kRanges | kLastRanges)) != 0) {
      double* __restrict range = column(Candles::kRange) + end_;
      for (std::size_t j = 0; j < count; ++j) range[j] = high[j] - low[j];
      if ((means_ & kRanges) != 0) mean<kMeanRows>(Candles::kRange, Candles::kRangeMean, count);
      if ((means_ & kLastRanges) != 0) mean<kLastRows>(Candles::kRange, Candles::kLastRangeMean, count);
    }
    if ((means_ & kShadows) != 0) {
      double* __restrict shadow = column(Candles::kShadow) + end_;
      for (std::size_t j = 0; j < count; ++j) {
        const double top = open[j] > close[j] ? open[j] : close[j];
        const double bottom = open[j] > close[j] ? close[j] : open[j];
        shadow[j] = (high[j] - top) + (bottom - low[j]);
      }
      mean<kMeanRows>(Candles::kShadow, Candles::kShadowMean, count);
    }
  }

  template <std::size_t kRows>
  void mean(Candles::Column of, Candles::Column to, std::size_t count) {
    const double* __restrict x = column(of) + end_ - kRows;
    double* __restrict out = column(to) + end_;
    for_rows(count, [x, out](std::size_t j) {
      double sum = x[j];
      for (std::size_t k = 1; k < kRows; ++k) sum += x[j + k];
      out[j] = sum / static_cast<double>(kRows);
    });
  }

  std::size_t history_;  // rows before the next one that are kept
  std::size_t needed_;
  unsigned means_;
  std::size_t rows_;          // of a column
  std::vector<double> data_;  // column after column
  std::array<double, kBlock> unknown_{};
  std::size_t end_;        // the next row
  std::size_t sound_ = 0;  // rows without NaN up to the last, at most needed_
};

}  // namespace argosy::formula
