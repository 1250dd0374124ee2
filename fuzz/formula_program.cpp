// Bytes as decisions: a random formula with barriers over some entities whose rows differ in number and time. The
// result depends neither on the order of the entities nor on the number of threads, and without ahead() no row depends
// on what is known later than it.
#include <fmt/format.h>
#include <tbb/global_control.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "formula/any_formula.hpp"
#include "formula/program.hpp"
#include "formula/promises.hpp"
#include "harness.hpp"

namespace argosy::fuzz {
namespace {

using formula::Program;
using formula::ProgramResult;
using formula::ProgramRows;
using formula::properties::Choices;

constexpr std::array<std::string_view, 5> kEntities = {"A", "B", "C", "D", "E"};
constexpr std::int64_t kEver = std::numeric_limits<std::int64_t>::max();

// The rows of all entities, as they are known at an instant: what is known later is missing, or is something else.
class World {
 public:
  explicit World(Choices& choices) {
    for (Entity& entity : entities_) {
      entity.rows = choices.below(choices.one_in(4) ? 150 : 30);
      entity.missing = choices.below(3);
      entity.late = choices.below(4);
      entity.left_out = choices.below(3);
      entity.sector = choices.below(2) == 0 ? "x" : "y";
      entity.seed = static_cast<std::uint8_t>(choices.below(256));
    }
  }

  World known_at(std::int64_t instant, bool others_later) const {
    World world = *this;
    world.known_ = instant;
    world.others_later_ = others_later;
    return world;
  }
  [[nodiscard]] std::int64_t last_instant() const { return 160 * kUnit; }

  core::Result<ProgramRows> operator()(const formula::RowContext& context, std::string_view name,
                                       std::span<const std::string> fields) const {
    const Entity& entity = entities_.at(static_cast<std::size_t>(name[0] - 'A'));
    const std::int64_t step = context.timeframe.empty() ? 1 : (context.timeframe == "1w" ? 5 : 20);
    core::Rng rng(entity.seed);
    ProgramRows rows;
    rows.sector = entity.sector;
    for (std::int64_t key = 0; key < static_cast<std::int64_t>(entity.rows); key += step) {
      if (rng.below(8) < entity.missing) continue;
      const std::int64_t closing = (key + step) * kUnit + static_cast<std::int64_t>(entity.late);
      if (closing > known_ && !others_later_) break;
      rows.keys.push_back(key);
      rows.closing.push_back(closing);
      rows.left_out.push_back(rng.below(8) < entity.left_out);
    }
    for (std::size_t k = 0; k < fields.size(); ++k) rows.columns.push_back(column(rows, entity, k, fields[k]));
    return rows;
  }

 private:
  static constexpr std::int64_t kUnit = 10;
  struct Entity {
    std::size_t rows = 0;
    std::size_t missing = 0;   // of eight
    std::size_t late = 0;      // after the instant of the others
    std::size_t left_out = 0;  // of eight
    std::string sector;
    std::uint8_t seed = 0;
  };

  std::vector<double> column(const ProgramRows& rows, const Entity& entity, std::size_t index,
                             std::string_view field) const {
    const auto values = [&](std::size_t seed) {
      const std::array<std::uint8_t, 5> bytes = {static_cast<std::uint8_t>(seed + index / 2),
                                                 static_cast<std::uint8_t>(seed / 10), 0,
                                                 static_cast<std::uint8_t>(index), static_cast<std::uint8_t>(seed)};
      Choices choices(bytes);
      return formula::properties::any_column(rows.keys.size(), choices);
    };
    std::vector<double> column = values(entity.seed);
    const std::vector<double> later = values(entity.seed + 101U);
    for (std::size_t i = 0; i < column.size(); ++i) {
      if (rows.closing[i] > known_) column[i] = later[i];
      if (field == "is_month_end" && !std::isnan(column[i])) column[i] = column[i] > 1 ? 1 : 0;
    }
    return column;
  }

  std::array<Entity, kEntities.size()> entities_;
  std::int64_t known_ = kEver;
  bool others_later_ = false;
};

using Results = std::vector<ProgramResult>;

Results results_of(const Program& program, const std::vector<std::string>& entities, const World& world) {
  auto results = run_program(program, entities, world);
  if (!results) require("the program does not run: " + results.error().describe());
  return *std::move(results);
}

// Nothing when the first rows of two runs of an entity have the same bits.
std::string difference(const ProgramResult& a, const ProgramResult& b, std::size_t rows, const std::string& when) {
  for (std::size_t i = 0; i < rows; ++i) {
    if (i >= b.keys.size() || a.keys[i] != b.keys[i]) return fmt::format("{} row {} is missing {}", a.entity, i, when);
    for (std::size_t k = 0; k < a.outputs.size(); ++k) {
      if (!formula::properties::same_bits(a.outputs[k][i], b.outputs[k][i]))
        return fmt::format("{} row {} is {} and {} {}", a.entity, i, a.outputs[k][i], b.outputs[k][i], when);
    }
  }
  return {};
}

std::string broken_promise(const Program& program, Choices& choices, bool looks_ahead) {
  const World world(choices);
  std::vector<std::string> entities(kEntities.begin(), kEntities.end());
  const Results all = results_of(program, entities, world);
  for (const ProgramResult& result : all) {
    for (const double value : result.outputs[0]) {
      if (std::isinf(value) || (value == 0 && std::signbit(value)))
        return fmt::format("{} holds {}", result.entity, value);
    }
  }
  std::ranges::rotate(entities, entities.begin() + static_cast<std::ptrdiff_t>(1 + choices.below(4)));
  if (choices.below(2) == 0) std::ranges::reverse(entities);
  Results shuffled;
  {
    const tbb::global_control one_thread(tbb::global_control::max_allowed_parallelism, 1);
    shuffled = results_of(program, entities, world);
  }
  const std::int64_t instant = static_cast<std::int64_t>(choices.below(200)) * world.last_instant() / 200;
  const std::vector<std::string> in_order(kEntities.begin(), kEntities.end());
  const Results cut = results_of(program, in_order, world.known_at(instant, false));
  const Results changed = results_of(program, in_order, world.known_at(instant, true));
  for (std::size_t e = 0; e < all.size(); ++e) {
    const auto place = std::ranges::find(shuffled, all[e].entity, &ProgramResult::entity);
    std::string found = difference(all[e], *place, all[e].keys.size(), "in another order and one thread");
    if (found.empty() && !looks_ahead) found = difference(cut[e], all[e], cut[e].keys.size(), "when cut");
    if (found.empty() && !looks_ahead)
      found = difference(cut[e], changed[e], cut[e].keys.size(), "when later rows differ");
    if (!found.empty()) return found;
  }
  return {};
}

}  // namespace

void run(std::span<const std::uint8_t> bytes) {
  Choices choices(bytes);
  const bool labels = choices.one_in(4);
  formula::properties::AnyFormula formulas(choices, {.barriers = true, .labels = labels});
  const std::string text = formulas.number(static_cast<int>(1 + choices.below(4)));
  const auto program = formula::compile_program({{{"v", text}}}, {.labels = labels});
  if (!program) return;  // a constant part without a value
  if (const std::string broken = broken_promise(*program, choices, labels && text.contains("ahead(")); !broken.empty())
    require(fmt::format("{}\n  {}", broken, text));
}

}  // namespace argosy::fuzz
