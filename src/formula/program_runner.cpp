#include <tbb/blocked_range.h>
#include <tbb/parallel_for.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <optional>
#include <set>

#include "core/check.hpp"
#include "formula/operators/barrier.hpp"
#include "formula/program.hpp"

namespace argosy::formula {
namespace {

using Columns = std::vector<std::vector<double>>;

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
    std::vector<std::set<std::string>> needed(program_.contexts.size());
    for (const ProgramStep& step : program_.steps) {
      for (const std::string& field : step.plan.fields()) {
        if (!field.starts_with('@')) needed[step.context].insert(field);
      }
    }
    std::set<std::uint32_t> used{0};
    for (const ProgramStep& step : program_.steps) used.insert(step.context);
    for (const Barrier& barrier : program_.barriers) used.insert(barrier.context);
    std::size_t total = 0;
    for (const std::uint32_t context : used) total += count(context);
    for (const std::uint32_t context : used) {
      fields_[context].assign(needed[context].begin(), needed[context].end());
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
    tbb::parallel_for(std::size_t{0}, outputs.size(), [&](std::size_t e) {
      const ProgramRows& rows = rows_[step.context][e];
      std::vector<std::span<const double>> in;
      for (const std::string& field : step.plan.fields()) {
        if (field.starts_with('@')) {
          in.emplace_back(results_[static_cast<std::size_t>(std::stoul(field.substr(1)))][e]);
        } else {
          in.emplace_back(rows.columns[static_cast<std::size_t>(std::ranges::find(fields, field) - fields.begin())]);
        }
      }
      outputs[e].assign(step.plan.outputs().size(), std::vector<double>(rows.keys.size()));
      const std::vector<std::span<double>> out(outputs[e].begin(), outputs[e].end());
      Evaluator(step.plan).evaluate(in, out, rows.keys.size());
    });
    return outputs;
  }

  void pass(std::size_t index, const std::vector<Columns>& outputs) {
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

  // One instant after the other, each over the entities that have a row then.
  void pass_across(std::size_t index, const std::vector<Columns>& outputs) {
    const Barrier& barrier = program_.barriers[index];
    const std::vector<ProgramRows>& rows = rows_[barrier.context];
    Columns& results = results_[index];
    results.resize(rows.size());
    std::vector<std::int64_t> times;
    for (std::size_t e = 0; e < rows.size(); ++e) {
      results[e].assign(rows[e].keys.size(), kNaN);
      if (rows[e].keys == times) continue;
      std::vector<std::int64_t> joined;
      std::ranges::set_union(times, rows[e].keys, std::back_inserter(joined));
      times = std::move(joined);
    }
    const auto sectors = groups(barrier.context, barrier.by_sector);
    constexpr std::size_t kTimes = 64;  // a task: enough rows to share cache lines
    const std::size_t blocks = (times.size() + kTimes - 1) / kTimes;
    tbb::parallel_for(std::size_t{0}, blocks * sectors.size(), [&](std::size_t task) {
      const std::vector<std::size_t>& members = sectors[task / blocks];
      const std::size_t begin = task % blocks * kTimes;
      const std::size_t end = std::min(begin + kTimes, times.size());
      std::vector<std::size_t> at;  // each member's next row
      at.reserve(members.size());
      for (const std::size_t e : members)
        at.push_back(
            static_cast<std::size_t>(std::ranges::lower_bound(rows[e].keys, times[begin]) - rows[e].keys.begin()));
      std::vector<double> values;
      std::vector<double*> places;
      for (std::size_t t = begin; t < end; ++t) {
        values.clear();
        places.clear();
        for (std::size_t m = 0; m < members.size(); ++m) {
          const std::size_t e = members[m];
          if (at[m] == rows[e].keys.size() || rows[e].keys[at[m]] != times[t]) continue;
          const double value = outputs[e][barrier.output][at[m]];
          const bool counts = rows[e].left_out.empty() || !rows[e].left_out[at[m]];
          if (!is_nan(value) && counts) {
            values.push_back(value);
            places.push_back(&results[e][at[m]]);
          }
          ++at[m];
        }
        if (values.empty()) continue;
        barrier.op->across(values, barrier.arguments);
        for (std::size_t i = 0; i < values.size(); ++i) *places[i] = values[i];
      }
    });
  }

  // All entities, or those of each sector; an entity without a sector is of the sector "". They stand by name, so that
  // sums over them have the same bits in whatever order the entities are given.
  [[nodiscard]] std::vector<std::vector<std::size_t>> groups(std::uint32_t context, bool by_sector) const {
    const std::vector<ProgramRows>& rows = rows_[context];
    std::map<std::string_view, std::vector<std::size_t>> groups;
    for (std::size_t e = 0; e < rows.size(); ++e)
      groups[by_sector ? std::string_view(rows[e].sector) : ""].push_back(e);
    std::vector<std::vector<std::size_t>> out;
    for (auto& [sector, members] : groups) {
      std::ranges::sort(members, {}, [&](std::size_t e) { return std::string_view(entity(context, e)); });
      out.push_back(std::move(members));
    }
    return out;
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
