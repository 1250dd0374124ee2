#include "search/detail/symmetric_eigen.hpp"

#include <cmath>

namespace argosy::search::detail {
namespace {

constexpr int kSweeps = 60;

// Turns axes p and q so that their entry becomes zero (Golub and Van Loan, Matrix Computations, 8.5).
void rotate(std::vector<double>& a, std::vector<double>& b, std::size_t n, std::size_t p, std::size_t q) {
  const double entry = a[p * n + q];
  if (entry == 0) return;
  const double theta = (a[q * n + q] - a[p * n + p]) / (2 * entry);
  const double tangent = (theta >= 0 ? 1 : -1) / (std::fabs(theta) + std::sqrt(theta * theta + 1));
  const double cosine = 1 / std::sqrt(tangent * tangent + 1);
  const double sine = tangent * cosine;
  const auto turn = [&](double& x, double& y) {
    const double kept = x;
    x = cosine * kept - sine * y;
    y = sine * kept + cosine * y;
  };
  for (std::size_t k = 0; k < n; ++k) turn(a[k * n + p], a[k * n + q]);
  for (std::size_t k = 0; k < n; ++k) turn(a[p * n + k], a[q * n + k]);
  for (std::size_t k = 0; k < n; ++k) turn(b[k * n + p], b[k * n + q]);
}

}  // namespace

SymmetricEigen symmetric_eigen(std::vector<double> matrix, std::size_t n) {
  SymmetricEigen result{.values = {}, .vectors = std::vector<double>(n * n, 0)};
  for (std::size_t i = 0; i < n; ++i) result.vectors[i * n + i] = 1;
  for (int sweep = 0; sweep < kSweeps; ++sweep) {
    double off = 0;
    double on = 0;
    for (std::size_t i = 0; i < n; ++i) {
      on += matrix[i * n + i] * matrix[i * n + i];
      for (std::size_t j = i + 1; j < n; ++j) off += matrix[i * n + j] * matrix[i * n + j];
    }
    if (off <= on * 1e-30) break;
    for (std::size_t p = 0; p < n; ++p) {
      for (std::size_t q = p + 1; q < n; ++q) rotate(matrix, result.vectors, n, p, q);
    }
  }
  for (std::size_t i = 0; i < n; ++i) result.values.push_back(matrix[i * n + i]);
  return result;
}

std::vector<double> SymmetricEigen::root_times(std::span<const double> z) const {
  const std::size_t n = values.size();
  std::vector<double> product(n, 0);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t k = 0; k < n; ++k) product[i] += vectors[i * n + k] * std::sqrt(values[k]) * z[k];
  }
  return product;
}

std::vector<double> SymmetricEigen::inverse_root_times(std::span<const double> y) const {
  const std::size_t n = values.size();
  std::vector<double> turned(n, 0);
  for (std::size_t k = 0; k < n; ++k) {
    for (std::size_t i = 0; i < n; ++i) turned[k] += vectors[i * n + k] * y[i];
    turned[k] /= std::sqrt(values[k]);
  }
  std::vector<double> product(n, 0);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t k = 0; k < n; ++k) product[i] += vectors[i * n + k] * turned[k];
  }
  return product;
}

}  // namespace argosy::search::detail
