// Row by row as batch, on random rows of entities whose bars close at different times.
#include "formula/program_stream.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <bit>
#include <cmath>
#include <map>
#include <string>
#include <utility>

namespace argosy::formula {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

// Rows of some symbols: keys are days; a symbol closes at its own hour, and some days are missing.
struct World {
  std::vector<std::string> names;
  std::map<std::string, ProgramRows> rows;

  core::Result<ProgramRows> operator()(const RowContext& context, std::string_view entity,
                                       std::span<const std::string> fields) const {
    const ProgramRows& own = rows.at(std::string(entity));
    ProgramRows out{.keys = {}, .closing = {}, .columns = {}, .sector = own.sector, .left_out = {}};
    const std::size_t step = context.timeframe.empty() ? 1 : 3;  // a "week" has three rows
    std::vector<double> column;
    for (std::size_t i = step - 1; i < own.keys.size(); i += step) {
      out.keys.push_back(own.keys[i + 1 - step]);
      out.closing.push_back(own.closing[i]);
      out.left_out.push_back(own.left_out[i]);
      column.push_back(own.columns[0][i]);
    }
    out.columns.assign(fields.size(), column);
    return out;
  }
};

World any_world() {
  World world{.names = {"C", "A", "B", "D"}, .rows = {}};
  for (const std::string& name : world.names) {
    const std::int64_t hour = *rc::gen::inRange<std::int64_t>(1, 4);  // some close together
    ProgramRows rows;
    rows.sector = *rc::gen::element<std::string>("x", "y");
    rows.columns.resize(1);
    for (std::int64_t day = 0; day < 25; ++day) {
      if (*rc::gen::inRange(0, 5) == 0) continue;
      rows.keys.push_back(day * 24);
      rows.closing.push_back(day * 24 + hour);
      rows.left_out.push_back(*rc::gen::inRange(0, 6) == 0);
      const int value = *rc::gen::inRange(-5, 40);
      rows.columns[0].push_back(value < 0 ? kUnknown : value / 4.0);
    }
    world.rows[name] = std::move(rows);
  }
  return world;
}

using Outputs = std::map<std::pair<std::size_t, std::int64_t>, std::vector<double>>;  // by entity and key

Outputs batch(const Program& program, const World& world) {
  Outputs out;
  const auto results = run_program(program, world.names, world);
  for (std::size_t e = 0; e < results->size(); ++e) {
    for (std::size_t i = 0; i < (*results)[e].keys.size(); ++i) {
      for (const auto& column : (*results)[e].outputs) out[{e, (*results)[e].keys[i]}].push_back(column[i]);
    }
  }
  return out;
}

Outputs stream(const Program& program, const World& world, const std::vector<std::int64_t>& watermarks) {
  std::vector<ProgramStream::Entity> entities;
  for (const std::string& name : world.names) entities.push_back({name, world.rows.at(name).sector});
  ProgramStream stream = *ProgramStream::make(program, entities);
  Outputs out;
  std::int64_t before = INT64_MIN;
  for (const std::int64_t watermark : watermarks) {
    for (std::uint32_t c = 0; c < program.contexts.size(); ++c) {
      const RowContext& context = program.contexts[c];
      for (std::size_t e = 0; e < stream.entity_count(c); ++e) {
        const std::string& name = context.symbol.empty() ? world.names[e] : context.symbol;
        const ProgramRows rows = *world(context, name, stream.fields(c));
        for (std::size_t i = 0; i < rows.keys.size(); ++i) {
          if (rows.closing[i] <= before || rows.closing[i] > watermark) continue;
          std::vector<double> fields;
          for (const auto& column : rows.columns) fields.push_back(column[i]);
          stream.add(c, e, {rows.keys[i], rows.closing[i], fields, rows.left_out[i]});
        }
      }
    }
    stream.advance(watermark, [&](const ProgramStream::Result& row) {
      out[{row.entity, row.key}].assign(row.outputs.begin(), row.outputs.end());
    });
    before = watermark;
  }
  return out;
}

bool same(const Outputs& a, const Outputs& b) {
  return std::ranges::equal(a, b, [](const auto& x, const auto& y) {
    return x.first == y.first && std::ranges::equal(x.second, y.second, [](double one, double other) {
             return (std::isnan(one) && std::isnan(other)) ||
                    std::bit_cast<std::uint64_t>(one) == std::bit_cast<std::uint64_t>(other);
           });
  });
}

constexpr const char* kFormulas[] = {
    "cs_rank(close)",
    "cs_zscore(sma(close, 3), by: sector)",
    "sma(cs_demean(ema(close, 2)), 2) + close",
    "close - of(\"A\", sma(close, 2))",
    "on(\"1w\", close) > close ? cs_mean(close) : on(\"1w\", sma(close, 2))",
    "cs_rank(close / on(\"1w\", close))",
    "of(\"B\", on(\"1w\", close[1]))",
    "cs_quantile(cs_rank(close), 0.3)",
};

RC_GTEST_PROP(ProgramStream, GivesTheBitsOfBatchHoweverRowsCome, ()) {
  const auto formula = *rc::gen::elementOf(std::vector<std::string>(std::begin(kFormulas), std::end(kFormulas)));
  const auto program = compile_program({{{"v", formula}}});
  RC_ASSERT(program.has_value());
  const World world = any_world();
  const Outputs expected = batch(*program, world);
  std::vector<std::int64_t> hourly;
  for (std::int64_t hour = 0; hour <= 25 * 24; ++hour) hourly.push_back(hour);
  RC_ASSERT(same(stream(*program, world, hourly), expected));
  RC_ASSERT(same(stream(*program, world, {*rc::gen::inRange<std::int64_t>(0, 600), 600}), expected));
}

TEST(ProgramStream, WaitsForTheWatermark) {
  const auto program = *compile_program({{{"v", "cs_rank(close)"}}});
  ProgramStream stream = *ProgramStream::make(program, {{"A", ""}, {"B", ""}});
  const double low = 1;
  const double high = 2;
  stream.add(0, 0, {.key = 0, .closing = 10, .fields = {&low, 1}});
  std::vector<std::pair<std::size_t, double>> seen;
  const auto keep = [&](const ProgramStream::Result& row) { seen.emplace_back(row.entity, row.outputs[0]); };
  stream.advance(9, keep);
  EXPECT_TRUE(seen.empty()) << "the other symbol's bar may still come";
  stream.add(0, 1, {.key = 0, .closing = 10, .fields = {&high, 1}});
  stream.advance(10, keep);
  EXPECT_THAT(seen, testing::ElementsAre(std::pair(0U, 0.5), std::pair(1U, 1.0)));
}

TEST(ProgramStream, RefusesToLookAhead) {
  const auto program = *compile_program({{{"v", "ahead(close, 1)"}}}, {.labels = true});
  EXPECT_FALSE(ProgramStream::make(program, {{"A", ""}}).has_value());
}

}  // namespace
}  // namespace argosy::formula
