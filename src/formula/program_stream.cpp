#include "formula/program_stream.hpp"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include "core/check.hpp"
#include "formula/operators/barrier.hpp"

namespace argosy::formula {
namespace {

std::vector<std::vector<std::size_t>> groups_of(const std::vector<ProgramStream::Entity>& entities, bool by_sector) {
  std::vector<std::string_view> names;
  std::vector<std::string_view> sectors;
  for (const ProgramStream::Entity& entity : entities) {
    names.emplace_back(entity.name);
    sectors.emplace_back(entity.sector);
  }
  return symbol_groups(names, sectors, by_sector);
}

}  // namespace

core::Result<ProgramStream> ProgramStream::make(const Program& program, const std::vector<Entity>& entities) {
  const auto ahead = [](const Barrier& b) { return b.op != nullptr && b.op->kind == BarrierKind::kAhead; };
  if (std::ranges::any_of(program.barriers, ahead)) {
    return core::fail(core::ErrorCode::kUnsupported, "a formula that looks ahead cannot be computed row by row");
  }
  return ProgramStream(program, entities);
}

ProgramStream::ProgramStream(const Program& program, const std::vector<Entity>& entities)
    : program_(&program),
      contexts_(program.contexts.size()),
      steps_(program.steps.size()),
      barriers_(program.barriers.size()) {
  const auto count = [&](std::uint32_t context) {
    return program.contexts[context].symbol.empty() ? entities.size() : std::size_t{1};
  };
  for (std::size_t s = 0; s < steps_.size(); ++s) {
    const ProgramStep& step = program.steps[s];
    for (std::size_t e = 0; e < count(step.context); ++e) steps_[s].evaluators.emplace_back(step.plan);
    steps_[s].outputs.assign(count(step.context), std::vector<double>(step.plan.outputs().size()));
  }
  for (std::uint32_t c = 0; c < contexts_.size(); ++c) {
    contexts_[c].fields = program.fields(c);
    contexts_[c].rows.resize(count(c));
    contexts_[c].last_closing.assign(count(c), INT64_MIN);
  }
  for (std::size_t s = 0; s < steps_.size(); ++s) find_sources(s);
  for (std::size_t k = 0; k < barriers_.size(); ++k) {
    const Barrier& barrier = program.barriers[k];
    if (barrier.op == nullptr) continue;
    barriers_[k].inputs.resize(count(program.steps[barrier.step].context));
    barriers_[k].column.assign(count(barrier.context), std::numeric_limits<double>::quiet_NaN());
    if (barrier.op->kind == BarrierKind::kCrossSection && program.contexts[barrier.context].symbol.empty()) {
      barriers_[k].groups = groups_of(entities, barrier.by_sector);
    } else if (barrier.op->kind == BarrierKind::kCrossSection) {
      barriers_[k].groups = {{0}};
    }
  }
}

void ProgramStream::add(std::uint32_t context, std::size_t entity, const Row& row) {
  Context& rows = contexts_[context];
  ARGOSY_CHECK(row.fields.size() == rows.fields.size(), "{} values for {} fields", row.fields.size(),
               rows.fields.size());
  ARGOSY_CHECK(row.closing >= rows.last_closing[entity], "rows of an entity come in order of closing");
  rows.last_closing[entity] = row.closing;
  rows.rows[entity].push_back({row.key, row.closing, row.left_out, {row.fields.begin(), row.fields.end()}});
}

void ProgramStream::advance(std::int64_t watermark, const std::function<void(const Result&)>& out) {
  for (;;) {
    std::int64_t instant = INT64_MAX;
    for (const Context& context : contexts_) {
      for (const auto& rows : context.rows) {
        if (!rows.empty()) instant = std::min(instant, rows.front().closing);
      }
    }
    if (instant > watermark || instant == INT64_MAX) return;
    compute(instant, out);
  }
}

bool ProgramStream::is_due(std::uint32_t context, std::size_t entity, std::int64_t instant) const {
  const std::deque<Waiting>& rows = contexts_[context].rows[entity];
  return !rows.empty() && rows.front().closing == instant;
}

void ProgramStream::compute(std::int64_t instant, const std::function<void(const Result&)>& out) {
  for (std::size_t s = 0; s < steps_.size(); ++s) {
    const std::uint32_t context = program_->steps[s].context;
    for (std::size_t e = 0; e < contexts_[context].rows.size(); ++e) {
      if (is_due(context, e, instant)) run_step(s, e);
    }
    for (std::size_t k = 0; k < barriers_.size(); ++k) {
      if (program_->barriers[k].step == s && program_->barriers[k].op != nullptr) pass(k, instant);
    }
  }
  for (std::size_t e = 0; e < contexts_[0].rows.size(); ++e) {
    if (is_due(0, e, instant)) out({e, contexts_[0].rows[e].front().key, steps_.back().outputs[e]});
  }
  for (std::uint32_t c = 0; c < contexts_.size(); ++c) {
    for (std::size_t e = 0; e < contexts_[c].rows.size(); ++e) {
      if (is_due(c, e, instant)) contexts_[c].rows[e].pop_front();
    }
  }
}

void ProgramStream::run_step(std::size_t index, std::size_t entity) {
  Step& step = steps_[index];
  const Waiting& row = contexts_[program_->steps[index].context].rows[entity].front();
  for (std::size_t k = 0; k < step.sources.size(); ++k) {
    const Step::Source& source = step.sources[k];
    if (!source.of_barrier) {
      step.values[k] = row.fields[source.index];
      continue;
    }
    const Passed& barrier = barriers_[source.index];
    step.values[k] =
        barrier.groups.empty() ? barrier.inputs[barrier.inputs.size() == 1 ? 0 : entity].value : barrier.column[entity];
  }
  outputs_.clear();
  for (double& value : step.outputs[entity]) outputs_.emplace_back(&value, 1);
  step.evaluators[entity].evaluate(step.in, outputs_, 1);
}

void ProgramStream::find_sources(std::size_t index) {
  const ProgramStep& step = program_->steps[index];
  const std::vector<std::string>& columns = contexts_[step.context].fields;
  Step& own = steps_[index];
  for (const std::string& field : step.plan.fields()) {
    const auto barrier = barrier_index(field);
    const auto column = static_cast<std::size_t>(std::ranges::lower_bound(columns, field) - columns.begin());
    own.sources.push_back({barrier.has_value(), barrier.value_or(column)});
  }
  own.values.resize(own.sources.size());
  for (const double& value : own.values) own.in.emplace_back(&value, 1);
}

void ProgramStream::pass(std::size_t index, std::int64_t instant) {
  const Barrier& barrier = program_->barriers[index];
  const std::uint32_t from = program_->steps[barrier.step].context;
  for (std::size_t e = 0; e < barriers_[index].inputs.size(); ++e) {
    if (!is_due(from, e, instant)) continue;
    const Waiting& row = contexts_[from].rows[e].front();
    barriers_[index].inputs[e] = {row.key, steps_[barrier.step].outputs[e][barrier.output], !row.left_out};
  }
  for (const std::vector<std::size_t>& group : barriers_[index].groups) pass_across(index, group, instant);
}

void ProgramStream::pass_across(std::size_t index, const std::vector<std::size_t>& group, std::int64_t instant) {
  const Barrier& barrier = program_->barriers[index];
  Passed& passed = barriers_[index];
  std::set<std::int64_t> keys;
  for (const std::size_t e : group) {
    if (is_due(barrier.context, e, instant)) keys.insert(passed.inputs[e].key);
  }
  for (const std::int64_t key : keys) {
    std::vector<double> values;
    std::vector<std::size_t> places;
    for (const std::size_t e : group) {
      const Passed::Input& input = passed.inputs[e];
      if (input.key != key) continue;
      if (is_due(barrier.context, e, instant)) passed.column[e] = std::numeric_limits<double>::quiet_NaN();
      if (is_nan(input.value) || !input.counts) continue;
      values.push_back(input.value);
      places.push_back(e);
    }
    if (values.empty()) continue;
    barrier.op->across(values, barrier.arguments);
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (is_due(barrier.context, places[i], instant)) passed.column[places[i]] = values[i];
    }
  }
}

namespace {

// One entity's rows in a context, and how many of them were given to the stream.
struct Feed {
  std::uint32_t context = 0;
  std::size_t entity = 0;
  ProgramRows rows{};
  std::size_t next = 0;

  [[nodiscard]] std::int64_t closing() const { return next < rows.closing.size() ? rows.closing[next] : INT64_MAX; }
  void give(ProgramStream& stream) {
    std::vector<double> fields;
    for (const auto& column : rows.columns) fields.push_back(column[next]);
    const bool left_out = !rows.left_out.empty() && rows.left_out[next];
    stream.add(context, entity, {rows.keys[next], rows.closing[next], fields, left_out});
    ++next;
  }
};

}  // namespace

core::Result<std::vector<ProgramResult>> stream_program(const Program& program, std::span<const std::string> entities,
                                                        const RowSource& source) {
  std::vector<ProgramStream::Entity> named;
  for (const std::string& entity : entities) {
    ARGOSY_TRY(const ProgramRows rows, source({}, entity, {}));
    named.push_back({entity, rows.sector});
  }
  ARGOSY_TRY(ProgramStream stream, ProgramStream::make(program, named));
  std::vector<Feed> feeds;
  for (std::uint32_t c = 0; c < program.contexts.size(); ++c) {
    const std::string& other = program.contexts[c].symbol;
    for (std::size_t e = 0; e < stream.entity_count(c); ++e) {
      Feed feed{.context = c, .entity = e};
      ARGOSY_TRY(feed.rows, source(program.contexts[c], other.empty() ? entities[e] : other, stream.fields(c)));
      feeds.push_back(std::move(feed));
    }
  }
  std::vector<ProgramResult> results;
  for (const std::string& entity : entities)
    results.push_back({entity, {}, std::vector<std::vector<double>>(program.last().outputs().size())});
  for (;;) {
    const std::int64_t instant = std::ranges::min(feeds, {}, &Feed::closing).closing();
    if (instant == INT64_MAX) return results;
    for (Feed& feed : feeds) {
      if (feed.closing() == instant) feed.give(stream);
    }
    stream.advance(instant, [&](const ProgramStream::Result& row) {
      results[row.entity].keys.push_back(row.key);
      for (std::size_t k = 0; k < row.outputs.size(); ++k) results[row.entity].outputs[k].push_back(row.outputs[k]);
    });
  }
}

}  // namespace argosy::formula
