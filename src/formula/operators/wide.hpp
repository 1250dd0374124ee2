// Loops whose rows do not wait for each other.
#pragma once

#include <cstddef>

namespace argosy::formula {

#if defined(__x86_64__)
inline const bool kFourAbreast = __builtin_cpu_supports("avx2") != 0;

template <class Row>
[[gnu::target("avx2"), gnu::flatten, gnu::noinline]] void rows_by_four(std::size_t rows, Row row) {
  for (std::size_t i = 0; i < rows; ++i) row(i);
}
#endif

// Calls row(i) for all rows, four at once where the processor can, else two: division and roots then take half the
// time. The operations of each row are the same ones, so the bits are too.
template <class Row>
void for_rows(std::size_t rows, Row row) {
#if defined(__x86_64__)
  if (rows >= 8 && kFourAbreast) return rows_by_four(rows, row);
#endif
  for (std::size_t i = 0; i < rows; ++i) row(i);
}

}  // namespace argosy::formula
