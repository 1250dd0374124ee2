#include "ledger/database.hpp"

#include "core/check.hpp"

namespace argosy::ledger {

std::int64_t Row::integer(std::size_t column) const {
  const auto* value = std::get_if<std::int64_t>(&values_[column]);
  ARGOSY_CHECK(value != nullptr, "column {} is no integer", column);
  return *value;
}

double Row::real(std::size_t column) const {
  const auto* value = std::get_if<double>(&values_[column]);
  ARGOSY_CHECK(value != nullptr, "column {} is no real number", column);
  return *value;
}

const std::string& Row::text(std::size_t column) const {
  const auto* value = std::get_if<std::string>(&values_[column]);
  ARGOSY_CHECK(value != nullptr, "column {} is no text", column);
  return *value;
}

}  // namespace argosy::ledger
