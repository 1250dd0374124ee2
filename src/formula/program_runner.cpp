#include <tbb/enumerable_thread_specific.h>
#include <tbb/parallel_for.h>

#include <algorithm>
#include <mutex>
#include <optional>
#include <set>
#include <unordered_map>

#include "core/check.hpp"
#include "formula/operators/barrier.hpp"
#include "formula/program.hpp"

namespace argosy::formula {
namespace {

using Columns = std::vector<std::vector<double>>;

// A cross-section over the values of one time, in place; NaN is left out.
class Across {
 public:
  Across(const Barrier& barrier, std::size_t members) : barrier_(barrier), known_(members), places_(members) {}

  void run(std::span<double> values) {
    std::size_t count = 0;
    for (std::size_t m = 0; m < values.size(); ++m) {
      known_[count] = values[m];
      places_[count] = m;
      count += is_nan(values[m]) ? 0 : 1;
    }
    if (count == 0) return;
    barrier_.op->across(std::span(known_).first(count), barrier_.arguments);
    for (std::size_t i = 0; i < count; ++i) values[places_[i]] = known_[i];
  }
  // Rows that close at different instants: each is compared with those that had closed by then.
  void run(std::span<double> values, std::span<const std::int64_t> closing) {
    std::set<std::int64_t> instants;
    for (std::size_t m = 0; m < values.size(); ++m) {
      if (!is_nan(values[m])) instants.insert(closing[m]);
    }
    const std::vector<double> given(values.begin(), values.end());
    std::vector<double> closed(values.size());
    for (const std::int64_t instant : instants) {
      for (std::size_t m = 0; m < values.size(); ++m) closed[m] = closing[m] <= instant ? given[m] : kNaN;
      run(closed);
      for (std::size_t m = 0; m < values.size(); ++m) {
        if (closing[m] == instant) values[m] = closed[m];
      }
    }
  }

 private:
  const Barrier& barrier_;
  std::vector<double> known_;
  std::vector<std::size_t> places_;
};

class Runner {
 public:
  Runner(const Program& program, std::span<const std::string> entities, const RowSource& source,
         const std::function<void(double)>& progress)
      : program_(program), entities_(entities), source_(source), progress_(progress) {
    rows_.resize(program.contexts.size());
    fields_.resize(program.contexts.size());
    results_.resize(program.barriers.size());
  }

  core::Result<std::vector<ProgramResult>> run() {
    ARGOSY_TRY_VOID(load());
    std::vector<Columns> outputs;
    for (std::size_t step = 0; step < program_.steps.size(); ++step) {
      outputs = run_step(step);
      for (std::size_t k = 0; k < program_.barriers.size(); ++k) {
        if (program_.barriers[k].step == step && program_.barriers[k].op != nullptr) pass(k, outputs);
      }
    }
    std::vector<ProgramResult> results;
    results.reserve(entities_.size());
    for (std::size_t e = 0; e < entities_.size(); ++e)
      results.push_back({entities_[e], std::move(rows_[0][e].keys), std::move(outputs[e])});
    return results;
  }

 private:
  // Another symbol's rows are the same for all entities.
  [[nodiscard]] std::size_t count(std::uint32_t context) const {
    return program_.contexts[context].symbol.empty() ? entities_.size() : 1;
  }
  [[nodiscard]] const std::string& entity(std::uint32_t context, std::size_t index) const {
    const std::string& other = program_.contexts[context].symbol;
    return other.empty() ? entities_[index] : other;
  }

  core::Result<void> load() {
    std::set<std::uint32_t> used{0};
    for (const ProgramStep& step : program_.steps) used.insert(step.context);
    for (const Barrier& barrier : program_.barriers) used.insert(barrier.context);
    std::size_t total = 0;
    for (const std::uint32_t context : used) total += count(context);
    for (const std::uint32_t context : used) {
      fields_[context] = program_.fields(context);
      rows_[context].resize(count(context));
      ARGOSY_TRY_VOID(load_context(context, total));
    }
    return {};
  }

  core::Result<void> load_context(std::uint32_t context, std::size_t total) {
    std::mutex mutex;
    std::optional<std::pair<std::size_t, core::Error>>
        first;  // of the first entity that fails, whatever the threads do
    tbb::parallel_for(std::size_t{0}, count(context), [&](std::size_t e) {
      auto rows = source_(program_.contexts[context], entity(context, e), fields_[context]);
      const std::scoped_lock lock(mutex);
      ++loaded_;
      if (progress_) progress_(static_cast<double>(loaded_) / static_cast<double>(total));
      if (rows) {
        rows_[context][e] = *std::move(rows);
      } else if (!first || e < first->first) {
        first = {e, std::move(rows).error()};
      }
    });
    if (first) return core::fail(std::move(first->second));
    return {};
  }

  // One plan over all entities of its context: [entity][output].
  std::vector<Columns> run_step(std::size_t index) {
    const ProgramStep& step = program_.steps[index];
    const std::vector<std::string>& fields = fields_[step.context];
    std::vector<Columns> outputs(count(step.context));
    tbb::enumerable_thread_specific<Evaluator> evaluators([&] { return Evaluator(step.plan); });
    tbb::parallel_for(std::size_t{0}, outputs.size(), [&](std::size_t e) {
      const ProgramRows& rows = rows_[step.context][e];
      std::vector<std::span<const double>> in;
      for (const std::string& field : step.plan.fields()) {
        if (const auto barrier = barrier_index(field)) {
          in.emplace_back(results_[*barrier][e]);
        } else {
          in.emplace_back(rows.columns[static_cast<std::size_t>(std::ranges::find(fields, field) - fields.begin())]);
        }
      }
      outputs[e].reserve(step.plan.outputs().size());
      for (std::size_t k = 0; k < step.plan.outputs().size(); ++k) outputs[e].emplace_back(rows.keys.size());
      const std::vector<std::span<double>> out(outputs[e].begin(), outputs[e].end());
      Evaluator& evaluator = evaluators.local();
      evaluator.reset();
      evaluator.evaluate(in, out, rows.keys.size());
    });
    return outputs;
  }

  void pass(std::size_t index, std::vector<Columns>& outputs) {
    const Barrier& barrier = program_.barriers[index];
    switch (barrier.op->kind) {
      case BarrierKind::kCrossSection:
        return pass_across(index, outputs);
      case BarrierKind::kOther:
        return pass_other(index, outputs);
      case BarrierKind::kAhead:
        return pass_ahead(index, outputs);
    }
  }

  // One instant after the other, each over the entities that have a row then. The step's columns become the results,
  // in place, unless a later barrier needs them too.
  void pass_across(std::size_t index, std::vector<Columns>& outputs) {
    const Barrier& barrier = program_.barriers[index];
    const std::vector<ProgramRows>& rows = rows_[barrier.context];
    const bool shared =
        std::any_of(program_.barriers.begin() + static_cast<std::ptrdiff_t>(index) + 1, program_.barriers.end(),
                    [&](const Barrier& later) { return later.step == barrier.step && later.output == barrier.output; });
    Columns& results = results_[index];
    results.resize(rows.size());
    std::vector<std::int64_t> times;
    for (std::size_t e = 0; e < rows.size(); ++e) {
      std::vector<double>& column = outputs[e][barrier.output];
      results[e] = shared ? column : std::move(column);
      if (rows[e].keys == times) continue;
      std::vector<std::int64_t> joined;
      std::ranges::set_union(times, rows[e].keys, std::back_inserter(joined));
      times = std::move(joined);
    }
    const auto sectors = groups(barrier.context, barrier.by_sector);
    const bool together = close_together(rows);
    constexpr std::size_t kTimes = 64;  // a task: enough rows to share cache lines
    const std::size_t blocks = (times.size() + kTimes - 1) / kTimes;
    tbb::parallel_for(std::size_t{0}, blocks * sectors.size(), [&](std::size_t task) {
      const std::size_t begin = task % blocks * kTimes;
      across_block(index, sectors[task / blocks], {times, begin, std::min(begin + kTimes, times.size())}, together);
    });
  }

  // Whether rows of one time all close at one instant, as on one exchange.
  static bool close_together(const std::vector<ProgramRows>& rows) {
    std::unordered_map<std::int64_t, std::int64_t> closing;
    for (std::size_t e = 0; e < rows.size(); ++e) {
      if (e > 0 && rows[e].keys == rows[0].keys && rows[e].closing == rows[0].closing) continue;
      for (std::size_t i = 0; i < rows[e].keys.size(); ++i) {
        if (closing.try_emplace(rows[e].keys[i], rows[e].closing[i]).first->second != rows[e].closing[i]) return false;
      }
    }
    return true;
  }

  // Some of the times at which any entity has a row.
  struct TimeBlock {
    const std::vector<std::int64_t>& times;
    std::size_t begin;
    std::size_t end;
    [[nodiscard]] std::size_t size() const { return end - begin; }

    // visit(place in the block, row) for each row at one of its times.
    template <class Visit>
    void each_row(const std::vector<std::int64_t>& keys, Visit visit) const {
      if (keys.size() == times.size()) {  // a row at every time
        for (std::size_t t = begin; t < end; ++t) visit(t - begin, t);
        return;
      }
      auto row = static_cast<std::size_t>(std::ranges::lower_bound(keys, times[begin]) - keys.begin());
      for (std::size_t t = begin; t < end && row < keys.size(); ++t) {
        if (keys[row] == times[t]) visit(t - begin, row++);
      }
    }
  };

  // The times of a block over one group. The values are turned, so that those of one time lie together, and back.
  void across_block(std::size_t index, std::span<const std::size_t> members, const TimeBlock& times, bool together) {
    const Barrier& barrier = program_.barriers[index];
    const std::vector<ProgramRows>& rows = rows_[barrier.context];
    std::vector<double> turned(times.size() * members.size(), kNaN);  // [time][member]
    std::vector<std::int64_t> closing(together ? 0 : turned.size());  // likewise
    for (std::size_t m = 0; m < members.size(); ++m) {
      const std::vector<double>& column = results_[index][members[m]];
      const std::vector<bool>& left_out = rows[members[m]].left_out;
      times.each_row(rows[members[m]].keys, [&](std::size_t t, std::size_t row) {
        if (left_out.empty() || !left_out[row]) turned[t * members.size() + m] = column[row];
        if (!together) closing[t * members.size() + m] = rows[members[m]].closing[row];
      });
    }
    Across across(barrier, members.size());
    for (std::size_t t = 0; t < times.size(); ++t) {
      const auto values = std::span(turned).subspan(t * members.size(), members.size());
      if (together) {
        across.run(values);
      } else {
        across.run(values, std::span(closing).subspan(t * members.size(), members.size()));
      }
    }
    for (std::size_t m = 0; m < members.size(); ++m) {
      std::vector<double>& column = results_[index][members[m]];
      times.each_row(rows[members[m]].keys,
                     [&](std::size_t t, std::size_t row) { column[row] = turned[t * members.size() + m]; });
    }
  }

  [[nodiscard]] std::vector<std::vector<std::size_t>> groups(std::uint32_t context, bool by_sector) const {
    std::vector<std::string_view> names;
    std::vector<std::string_view> sectors;
    for (std::size_t e = 0; e < rows_[context].size(); ++e) {
      names.emplace_back(entity(context, e));
      sectors.emplace_back(rows_[context][e].sector);
    }
    return symbol_groups(names, sectors, by_sector);
  }

  // At each row the other rows' last value that was known when this row was.
  void pass_other(std::size_t index, const std::vector<Columns>& outputs) {
    const Barrier& barrier = program_.barriers[index];
    const std::uint32_t from = program_.steps[barrier.step].context;
    Columns& results = results_[index];
    results.resize(count(barrier.context));
    tbb::parallel_for(std::size_t{0}, results.size(), [&](std::size_t e) {
      const std::size_t other = count(from) == 1 ? 0 : e;
      const std::vector<std::int64_t>& theirs = rows_[from][other].closing;
      const std::vector<std::int64_t>& own = rows_[barrier.context][e].closing;
      const std::vector<double>& values = outputs[other][barrier.output];
      results[e].assign(own.size(), kNaN);
      std::size_t known = 0;
      for (std::size_t i = 0; i < own.size(); ++i) {
        while (known < theirs.size() && theirs[known] <= own[i]) ++known;
        if (known > 0) results[e][i] = values[known - 1];
      }
    });
  }

  void pass_ahead(std::size_t index, const std::vector<Columns>& outputs) {
    const Barrier& barrier = program_.barriers[index];
    const auto n = static_cast<std::size_t>(barrier.arguments[0]);
    Columns& results = results_[index];
    results.resize(outputs.size());
    for (std::size_t e = 0; e < outputs.size(); ++e) {
      const std::vector<double>& values = outputs[e][barrier.output];
      results[e].assign(values.size(), kNaN);
      if (values.size() > n)
        std::copy(values.begin() + static_cast<std::ptrdiff_t>(n), values.end(), results[e].begin());
    }
  }

  const Program& program_;
  std::span<const std::string> entities_;
  const RowSource& source_;
  const std::function<void(double)>& progress_;
  std::vector<std::vector<ProgramRows>> rows_;    // [context][entity]
  std::vector<std::vector<std::string>> fields_;  // [context], sorted
  std::vector<Columns> results_;                  // [barrier][entity]
  std::size_t loaded_ = 0;
};

}  // namespace

core::Result<std::vector<ProgramResult>> run_program(const Program& program, std::span<const std::string> entities,
                                                     const RowSource& source,
                                                     const std::function<void(double)>& progress) {
  return Runner(program, entities, source, progress).run();
}

}  // namespace argosy::formula
