// What every operator promises, tested on all of them: any chunking and streaming give the same bits, nothing depends
// on later rows, and NaN goes exactly where the rule says.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include "formula/operators/registry.hpp"

namespace argosy::formula {
namespace {

using Column = std::vector<double>;

// One call of an operator: its inputs and constants.
struct Call {
  const Operator* op = nullptr;
  std::vector<double> arguments;
  std::vector<Column> inputs;
  std::size_t rows = 0;
};

bool same_bits(double a, double b) {
  return (is_nan(a) && is_nan(b)) || std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
}
bool same_bits(const std::vector<Column>& a, const std::vector<Column>& b, std::size_t rows) {
  for (std::size_t k = 0; k < a.size(); ++k) {
    for (std::size_t i = 0; i < rows; ++i) {
      if (!same_bits(a[k][i], b[k][i])) return false;
    }
  }
  return true;
}

void run_rows(Kernel& kernel, const Call& call, std::vector<Column>& out, std::size_t from, std::size_t count) {
  std::vector<const double*> in;
  std::vector<double*> to;
  in.reserve(call.inputs.size());
  to.reserve(out.size());
  for (const Column& input : call.inputs) in.push_back(input.data() + from);
  for (Column& output : out) to.push_back(output.data() + from);
  kernel.run({in.data(), to.data(), count});
}
std::vector<Column> empty_outputs(const Call& call) {
  return std::vector<Column>(call.op->output_count(), Column(call.rows, -77.0));
}
std::vector<Column> run_whole(const Call& call) {
  auto out = empty_outputs(call);
  run_rows(*call.op->kernel(call.arguments), call, out, 0, call.rows);
  return out;
}

std::size_t input_count(const Operator& op) {
  const auto series = std::ranges::count_if(op.parameters, [](const Parameter& p) { return is_series(p.kind); });
  return static_cast<std::size_t>(series) + op.fields.size();
}
bool takes_truth(const Operator& op, std::size_t input) {
  return input < op.parameters.size() && op.parameters[input].kind == ParameterKind::kTruthSeries;
}
// All that have a kernel: a name for another one's output, and a formula, have nothing of their own to test.
std::vector<const Operator*> computed_operators() {
  std::vector<const Operator*> all;
  for (const Operator& op : all_operators()) {
    if (op.is_computed()) all.push_back(&op);
  }
  return all;
}

// A constant's standard value, or the nearest to `wished` that is allowed.
double usual(const Parameter& parameter, double wished) {
  return parameter.standard.value_or(std::clamp(wished, parameter.minimum, parameter.maximum));
}

std::vector<double> any_arguments(const Operator& op) {
  std::vector<double> arguments;
  for (const Parameter& parameter : op.parameters) {
    if (is_series(parameter.kind)) continue;
    const auto from = static_cast<int>(parameter.minimum);
    const auto to = static_cast<int>(std::min(parameter.maximum, parameter.minimum + 8));
    arguments.push_back(*rc::gen::inRange(from, to + 1));
  }
  return arguments;
}

// Prices with two decimals, or truth; here and there a NaN.
Column any_column(std::size_t rows, bool truth, int nan_in_hundred) {
  Column column(rows);
  for (double& value : column) {
    const int cents = *rc::gen::resize(100, rc::gen::inRange(100, 20'000));
    value = truth ? cents % 2 : cents / 100.0;
    if (*rc::gen::resize(100, rc::gen::inRange(0, 100)) < nan_in_hundred) value = kNaN;
  }
  return column;
}

// The operator's bar columns, made to fit together: low is lowest, high is highest. A NaN stays alone in its column.
void make_bars(const Operator& op, std::vector<Column>& inputs, std::size_t rows) {
  const std::size_t first = inputs.size() - op.fields.size();
  std::vector<Column*> prices;
  Column* high = nullptr;
  Column* low = nullptr;
  for (std::size_t k = 0; k < op.fields.size(); ++k) {
    if (op.fields[k] == "volume") continue;
    prices.push_back(&inputs[first + k]);
    if (op.fields[k] == "high") high = prices.back();
    if (op.fields[k] == "low") low = prices.back();
  }
  for (std::size_t i = 0; i < rows; ++i) {
    for (const Column* price : prices) {
      if (high != nullptr && (*high)[i] < (*price)[i]) (*high)[i] = (*price)[i];
      if (low != nullptr && (*low)[i] > (*price)[i]) (*low)[i] = (*price)[i];
    }
  }
}

Call any_call(const Operator& op) {
  Call call{.op = &op,
            .arguments = any_arguments(op),
            .inputs = {},
            .rows = *rc::gen::resize(100, rc::gen::inRange<std::size_t>(1, 80))};
  const int nan_in_hundred = *rc::gen::element(0, 2, 10, 40);
  for (std::size_t k = 0; k < input_count(op); ++k)
    call.inputs.push_back(any_column(call.rows, takes_truth(op, k), nan_in_hundred));
  make_bars(op, call.inputs, call.rows);
  return call;
}

void expect_holds(bool (*property)(const Operator&)) {
  for (const Operator* op : computed_operators()) {
    EXPECT_TRUE(rc::check(std::string(op->name), [&] { RC_ASSERT(property(*op)); })) << op->name;
  }
}

TEST(OperatorContract, AnyChunkingGivesTheSameBits) {
  expect_holds([](const Operator& op) {
    const Call call = any_call(op);
    const auto whole = run_whole(call);
    auto cut = empty_outputs(call);
    const auto kernel = op.kernel(call.arguments);
    for (std::size_t at = 0; at < call.rows;) {
      const std::size_t count = std::min(call.rows - at, *rc::gen::resize(100, rc::gen::inRange<std::size_t>(1, 30)));
      run_rows(*kernel, call, cut, at, count);
      at += count;
    }
    return same_bits(whole, cut, call.rows);
  });
}

TEST(OperatorContract, StreamingEqualsBatch) {
  expect_holds([](const Operator& op) {
    const Call call = any_call(op);
    const auto whole = run_whole(call);
    auto streamed = empty_outputs(call);
    const auto kernel = op.kernel(call.arguments);
    for (std::size_t i = 0; i < call.rows; ++i) run_rows(*kernel, call, streamed, i, 1);
    return same_bits(whole, streamed, call.rows);
  });
}

TEST(OperatorContract, NothingDependsOnLaterRows) {
  expect_holds([](const Operator& op) {
    Call call = any_call(op);
    const auto before = run_whole(call);
    const std::size_t known = *rc::gen::inRange<std::size_t>(0, call.rows + 1);
    for (std::size_t k = 0; k < call.inputs.size(); ++k) {
      const Column other = any_column(call.rows, takes_truth(op, k), 10);
      for (std::size_t i = known; i < call.rows; ++i) call.inputs[k][i] = other[i] * (takes_truth(op, k) ? 1 : 1e5);
    }
    return same_bits(before, run_whole(call), known);
  });
}

TEST(OperatorContract, ResetForgetsEverything) {
  expect_holds([](const Operator& op) {
    const Call call = any_call(op);
    const auto kernel = op.kernel(call.arguments);
    auto first = empty_outputs(call);
    run_rows(*kernel, call, first, 0, call.rows);
    kernel->reset();
    auto second = empty_outputs(call);
    run_rows(*kernel, call, second, 0, call.rows);
    return same_bits(first, second, call.rows) && same_bits(first, run_whole(call), call.rows);
  });
}

TEST(OperatorContract, GoesOnFromASavedState) {
  expect_holds([](const Operator& op) {
    const Call call = any_call(op);
    const auto whole = run_whole(call);
    auto out = empty_outputs(call);
    const std::size_t cut = *rc::gen::inRange<std::size_t>(0, call.rows + 1);
    const auto before = op.kernel(call.arguments);
    run_rows(*before, call, out, 0, cut);
    std::string saved;
    auto saving = StateArchive::saving(saved);
    before->persist(saving);
    const auto after = op.kernel(call.arguments);
    auto loading = StateArchive::loading(saved);
    after->persist(loading);
    run_rows(*after, call, out, cut, call.rows - cut);
    return loading.complete() && same_bits(whole, out, call.rows);
  });
}

// A call's parts, computed by one kernel, against each operator's own.
TEST(OperatorContract, SharedKernelsGiveTheBitsOfTheirOwn) {
  std::size_t shared = 0;
  for (const Operator* op : computed_operators()) {
    if (op->share == nullptr) continue;
    EXPECT_TRUE(rc::check(std::string(op->name), [&] {
      const Call call = any_call(*op);
      std::vector<Part> parts;
      std::vector<Column> expected;
      for (const Operator* other : computed_operators()) {
        if (other->share != op->share || *rc::gen::inRange(0, 3) == 0) continue;
        Call own = call;
        own.op = other;
        own.arguments = any_arguments(*other);
        own.arguments[0] = call.arguments[0];
        const auto whole = run_whole(own);
        for (std::uint32_t k = 0; k < other->output_count(); ++k) {
          if (*rc::gen::inRange(0, 3) == 0) continue;
          parts.push_back({other->first_part + k, own.arguments});
          expected.push_back(whole[k]);
        }
      }
      if (parts.empty()) return;
      std::vector<Column> out(parts.size(), Column(call.rows, -77.0));
      const auto kernel = op->share(parts);
      for (std::size_t at = 0; at < call.rows;) {
        const std::size_t count = std::min(call.rows - at, *rc::gen::resize(100, rc::gen::inRange<std::size_t>(1, 60)));
        run_rows(*kernel, call, out, at, count);
        at += count;
      }
      RC_ASSERT(same_bits(expected, out, call.rows));
    })) << op->name;
    ++shared;
  }
  EXPECT_GT(shared, 2U);
}

// The NaN rule in the plainest words, row by row.
bool should_be_nan(const Call& call, std::size_t row) {
  const std::size_t lookback = call.op->lookback_rows(call.arguments);
  if (row < lookback) return true;
  const auto hole = [&](std::size_t i) {
    return std::ranges::any_of(call.inputs, [i](const Column& input) { return is_nan(input[i]); });
  };
  if (call.op->name == "?:") {
    const double condition = call.inputs[0][row];
    return is_nan(condition) || is_nan(call.inputs[condition != 0 ? 1 : 2][row]);
  }
  if (call.op->memory == Memory::kLag) return hole(row - lookback) || (call.op->name != "[]" && hole(row));
  for (std::size_t i = row - lookback; i <= row; ++i) {
    if (hole(i)) return true;
  }
  return false;
}

TEST(OperatorContract, NaNGoesExactlyWhereTheRuleSays) {
  expect_holds([](const Operator& op) {
    const Call call = any_call(op);
    const auto out = run_whole(call);
    for (const Column& column : out) {
      for (std::size_t i = 0; i < call.rows; ++i) {
        if (op.nan == NanRule::kSpreads && is_nan(column[i]) != should_be_nan(call, i)) return false;
        if (std::isinf(column[i]) || (column[i] == 0 && std::signbit(column[i]))) return false;
      }
    }
    return true;
  });
}

// Long enough for every block, stretch and vector of the loops to begin and end somewhere.
TEST(OperatorContract, LongColumnsAreCutAnywhere) {
  for (const Operator* each : computed_operators()) {
    const Operator& op = *each;
    std::vector<double> arguments;
    for (const Parameter& parameter : op.parameters) {
      if (!is_series(parameter.kind)) arguments.push_back(usual(parameter, 20));
    }
    Call call{.op = &op, .arguments = arguments, .inputs = {}, .rows = 5000};
    std::uint64_t state = 1;
    for (std::size_t k = 0; k < input_count(op); ++k) {
      Column column(call.rows);
      for (double& value : column) {
        state = state * 6364136223846793005U + 1442695040888963407U;
        value = takes_truth(op, k) ? static_cast<double>(state >> 63U) : 1.0 + static_cast<double>(state >> 40U) / 1e3;
        if ((state >> 20U) % 1500 == 0) value = kNaN;
      }
      call.inputs.push_back(std::move(column));
    }
    make_bars(op, call.inputs, call.rows);
    const auto whole = run_whole(call);
    for (const std::size_t size : {1U, 7U, 19U, 20U, 21U, 128U, 1024U, 2047U}) {
      auto cut = empty_outputs(call);
      const auto kernel = op.kernel(call.arguments);
      for (std::size_t at = 0; at < call.rows; at += size)
        run_rows(*kernel, call, cut, at, std::min(size, call.rows - at));
      EXPECT_TRUE(same_bits(whole, cut, call.rows)) << op.name << " in chunks of " << size;
    }
  }
}

// Sums and products beyond the range of a double, here and there: what is not finite must not come and go unseen
// between the ends of chunks.
TEST(OperatorContract, ValuesNearTheLimitAreCutAnywhere) {
  for (const Operator* op : computed_operators()) {
    Call call{.op = op, .arguments = {}, .inputs = {}, .rows = 600};
    for (const Parameter& parameter : op->parameters) {
      if (!is_series(parameter.kind)) call.arguments.push_back(usual(parameter, 10));
    }
    std::uint64_t state = 5;
    for (std::size_t k = 0; k < input_count(*op); ++k) {
      Column column(call.rows);
      for (double& value : column) {
        state = state * 6364136223846793005U + 1442695040888963407U;
        const double size = (state >> 40U) % 4 == 0 ? 1.7e308 : 1e307;
        value = takes_truth(*op, k) ? static_cast<double>(state >> 63U) : ((state >> 50U) % 3 == 0 ? -size : size);
        if ((state >> 44U) % 8 == 0 && !takes_truth(*op, k)) value = 5;
      }
      call.inputs.push_back(std::move(column));
    }
    make_bars(*op, call.inputs, call.rows);
    const auto whole = run_whole(call);
    for (const std::size_t size : {1U, 7U, 128U}) {
      auto cut = empty_outputs(call);
      const auto kernel = op->kernel(call.arguments);
      for (std::size_t at = 0; at < call.rows; at += size)
        run_rows(*kernel, call, cut, at, std::min(size, call.rows - at));
      EXPECT_TRUE(same_bits(whole, cut, call.rows)) << op->name << " in chunks of " << size;
    }
  }
}

// A value too large for its arithmetic is NaN and is forgotten like one.
TEST(OperatorContract, RecoversFromOverflow) {
  for (const Operator* each : computed_operators()) {
    const Operator& op = *each;
    if (op.result == ResultType::kTruth || op.memory == Memory::kNone || op.nan != NanRule::kSpreads) continue;
    Call call{.op = &op, .arguments = {}, .inputs = {}, .rows = 400};
    for (const Parameter& parameter : op.parameters) {
      if (!is_series(parameter.kind)) call.arguments.push_back(usual(parameter, 10));
    }
    for (std::size_t k = 0; k < input_count(op); ++k) {
      Column column(call.rows, 5.0);
      column[100] = 1.7e308;
      column[101] = -1.7e308;
      call.inputs.push_back(std::move(column));
    }
    for (const Column& column : run_whole(call)) {
      for (std::size_t i = std::max<std::size_t>(150, 102 + op.lookback_rows(call.arguments)); i < call.rows; ++i) {
        EXPECT_TRUE(std::isfinite(column[i])) << op.name << " row " << i;
      }
    }
  }
}

TEST(OperatorTable, IsComplete) {
  for (const Operator& op : all_operators()) {
    if (!op.base.empty()) {
      const Operator* base = find_operator(op.base);
      ASSERT_NE(base, nullptr) << op.name;
      EXPECT_EQ(op.base_output.empty(), base->outputs.empty()) << op.name;
      if (!op.base_output.empty()) {
        EXPECT_NE(std::ranges::find(base->outputs, op.base_output), base->outputs.end()) << op.name;
      }
      EXPECT_TRUE(op.make == nullptr && op.share == nullptr) << op.name << ": its base computes it";
      EXPECT_EQ(op.fields, base->fields) << op.name;
      EXPECT_EQ(op.parameters.size(), base->parameters.size()) << op.name;
    }
    EXPECT_EQ(op.is_computed(), op.base.empty() && op.formulas.empty()) << op.name;
    EXPECT_FALSE(op.make != nullptr && op.share != nullptr) << op.name;
    if (!op.formulas.empty()) EXPECT_EQ(op.formulas.size(), op.output_count()) << op.name;
    EXPECT_FALSE(op.meaning.empty() || op.warm_up.empty() || op.source.empty() || op.signature.empty()) << op.name;
    if (op.is_computed()) EXPECT_EQ(op.memory == Memory::kNone, op.lookback == nullptr) << op.name;
    bool constant_seen = false;
    for (const Parameter& parameter : op.parameters) {
      EXPECT_FALSE(is_series(parameter.kind) && (constant_seen || parameter.standard))
          << op.name << ": series stand first";
      constant_seen = constant_seen || !is_series(parameter.kind);
    }
    EXPECT_EQ(find_operator(op.name), &op);
  }
  EXPECT_EQ(find_operator("nothing"), nullptr);
}

}  // namespace
}  // namespace argosy::formula
