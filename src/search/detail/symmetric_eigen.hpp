// The axes of a symmetric matrix, by Jacobi's rotations: small matrices, the same bits on every machine.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace argosy::search::detail {

struct SymmetricEigen {
  std::vector<double> values;
  std::vector<double> vectors;  // row by row; column k belongs to values[k]

  // B D z and B D^-1 B^T y, where the matrix is B D^2 B^T. Its values must be above zero.
  [[nodiscard]] std::vector<double> root_times(std::span<const double> z) const;
  [[nodiscard]] std::vector<double> inverse_root_times(std::span<const double> y) const;
};

// `matrix`: n x n, row by row.
[[nodiscard]] SymmetricEigen symmetric_eigen(std::vector<double> matrix, std::size_t n);

}  // namespace argosy::search::detail
