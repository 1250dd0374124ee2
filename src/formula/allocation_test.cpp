// Nothing is allocated once an evaluator has seen as many rows in a call as it ever will.
#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <cstdlib>
#include <memory>
#include <new>
#include <string>
#include <vector>

#include "core/files.hpp"
#include "core/rng.hpp"
#include "formula/formula_set.hpp"

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define ARGOSY_COUNTS_ALLOCATIONS 0
#endif
#endif
#ifndef ARGOSY_COUNTS_ALLOCATIONS
#define ARGOSY_COUNTS_ALLOCATIONS 1
#endif

#if ARGOSY_COUNTS_ALLOCATIONS
namespace {
std::atomic<std::size_t> allocations{0};
}  // namespace

// The sanitizers have their own.
// NOLINTBEGIN(cppcoreguidelines-no-malloc): what operator new is made of
void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
// NOLINTEND(cppcoreguidelines-no-malloc)

namespace argosy::formula {
namespace {

class Allocation : public testing::TestWithParam<const char*> {};

TEST_P(Allocation, NoneAfterTheFirstCall) {
  const std::string path = std::string(ARGOSY_SOURCE_DIR) + "/samples/formulas/" + GetParam() + ".yaml";
  const auto set = parse_formula_set(*core::system_files().read(path), path);
  ASSERT_TRUE(set.has_value());
  const auto plan = compile(set->formulas, {.lets = set->lets});
  ASSERT_TRUE(plan.has_value()) << plan.error().describe();

  constexpr std::size_t kRows = 700;
  core::Rng rng(7);
  std::vector<std::vector<double>> fields(plan->fields().size(), std::vector<double>(kRows));
  for (auto& field : fields) {
    for (double& value : field) value = rng.below(50) == 0 ? NAN : 1 + static_cast<double>(rng.below(1000)) / 8;
  }
  std::vector<std::vector<double>> results(plan->outputs().size(), std::vector<double>(kRows));
  std::vector<std::span<const double>> in(fields.size());
  std::vector<std::span<double>> out(results.size());
  Evaluator evaluator(*plan);
  const auto run = [&](std::size_t at, std::size_t rows) {
    for (std::size_t k = 0; k < in.size(); ++k) in[k] = std::span(fields[k]).subspan(at, rows);
    for (std::size_t k = 0; k < out.size(); ++k) out[k] = std::span(results[k]).subspan(at, rows);
    evaluator.evaluate(in, out, rows);
  };
  run(0, 300);
  const std::size_t before = allocations;
  run(300, 300);
  for (std::size_t row = 600; row < kRows; ++row) run(row, 1);
  evaluator.reset();
  run(0, 300);
  EXPECT_EQ(allocations, before);
  const auto counted = std::make_unique<std::vector<double>>(1000);
  EXPECT_GE(allocations, before + counted->size() / 1000) << "they are counted";
}

INSTANTIATE_TEST_SUITE_P(Sets, Allocation, testing::Values("technical", "alpha158"));

}  // namespace
}  // namespace argosy::formula
#endif
