// A program row by row, as live data comes in: the same bits as run_program() over the whole history.
//
//   ProgramStream stream(program, {{"AAPL", "Technology"}, {"IBM", "Technology"}});
//   stream.add(context, entity, {.key = key, .closing = closing, .fields = values});
//   stream.advance(watermark, [](const ProgramStream::Result& row) { ... });
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "formula/program.hpp"

namespace argosy::formula {

class ProgramStream {
 public:
  struct Entity {
    std::string name;
    std::string sector;
  };
  struct Row {
    std::int64_t key = 0;
    std::int64_t closing = 0;        // the instant it is known, nanoseconds since 1970
    std::span<const double> fields;  // in the order of fields(context)
    bool left_out = false;           // is of no cross-section
  };
  struct Result {
    std::size_t entity = 0;
    std::int64_t key = 0;
    std::span<const double> outputs;
  };

  // The program must live as long as this. kUnsupported when it looks ahead.
  [[nodiscard]] static core::Result<ProgramStream> make(const Program& program, const std::vector<Entity>& entities);

  // The bar columns that rows of a context bring, sorted.
  [[nodiscard]] std::span<const std::string> fields(std::uint32_t context) const { return contexts_[context].fields; }
  // Whose rows a context wants: all entities', or those of the one symbol it names, given as entity 0.
  [[nodiscard]] std::size_t entity_count(std::uint32_t context) const { return contexts_[context].rows.size(); }

  // The next row of an entity in a context; each one's rows come in order of closing.
  void add(std::uint32_t context, std::size_t entity, const Row& row);
  // All rows that close by `watermark` have been added: computes those among them that wait, in order of closing, then
  // of entity. A cross-section is over the entities whose row of that key closed by then.
  void advance(std::int64_t watermark, const std::function<void(const Result&)>& out);

 private:
  struct Waiting {
    std::int64_t key = 0;
    std::int64_t closing = 0;
    bool left_out = false;
    std::vector<double> fields;
  };
  struct Context {
    std::vector<std::string> fields;
    std::vector<std::deque<Waiting>> rows;  // of each entity: those not yet computed
    std::vector<std::int64_t> last_closing;
  };
  struct Step {
    // Where a field of the plan comes from: a barrier, or a column of the context's rows.
    struct Source {
      bool of_barrier = false;
      std::size_t index = 0;
    };
    std::vector<Source> sources;
    std::vector<double> values;  // of the fields, at the row at hand
    std::vector<std::span<const double>> in;
    std::vector<Evaluator> evaluators;         // of each entity
    std::vector<std::vector<double>> outputs;  // of each entity, at its last row
  };
  // A barrier: what its input was at each entity's last row, and its column at each entity's row at hand.
  struct Passed {
    struct Input {
      std::int64_t key = INT64_MIN;
      double value = std::numeric_limits<double>::quiet_NaN();
      bool counts = false;
    };
    std::vector<Input> inputs;
    std::vector<double> column;
    std::vector<std::vector<std::size_t>> groups;  // of a cross-section
  };

  ProgramStream(const Program& program, const std::vector<Entity>& entities);
  [[nodiscard]] bool is_due(std::uint32_t context, std::size_t entity, std::int64_t instant) const;
  void compute(std::int64_t instant, const std::function<void(const Result&)>& out);
  void find_sources(std::size_t index);
  void run_step(std::size_t index, std::size_t entity);
  void pass(std::size_t index, std::int64_t instant);
  void pass_across(std::size_t index, const std::vector<std::size_t>& group, std::int64_t instant);

  const Program* program_;
  std::vector<Context> contexts_;
  std::vector<Step> steps_;
  std::vector<Passed> barriers_;
  std::vector<std::span<double>> outputs_;  // of the row at hand
};

// As run_program(), row by row in the order in which rows close.
[[nodiscard]] core::Result<std::vector<ProgramResult>> stream_program(const Program& program,
                                                                      std::span<const std::string> entities,
                                                                      const RowSource& source);

}  // namespace argosy::formula
