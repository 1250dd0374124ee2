// Stored backtests, and searches with what they tried. Those of jobs belong to the job's owner, those of commands to
// the operator; admins see all.
#include "ledger/runs.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "ledger/studies.hpp"
#include "rest/answer_schemas.hpp"
#include "rest/resources.hpp"
#include "runs/compare_runs.hpp"

namespace argosy::rest {

using core::Field;
using core::Result;
using ledger::RunRow;
using ledger::StudyRow;
using server::Access;
using server::endpoint;
using server::Method;
using server::None;

// As in a list.
struct RunSummary {
  RunRow row;
};
struct StudySummary {
  StudyRow row;
};
// Without where files lay on the server.
struct RunOut {
  RunRow row;
};
struct StudyOut {
  StudyRow row;
};
struct EquityPoint {
  core::Timestamp time;
  core::Money equity;
  core::Money profit;
};
struct CompareQuery {
  std::int64_t a = 0;
  std::int64_t b = 0;
};

namespace {

// The fields with these names, which lists may be narrowed by.
template <std::size_t kCount>
constexpr std::array<Field, kCount> listed_fields(std::span<const Field> fields,
                                                  const std::array<std::string_view, kCount>& names) {
  std::array<Field, kCount> kept{};
  for (std::size_t i = 0; i < kCount; ++i) {
    for (const Field& field : fields) {
      if (field.name != names[i]) continue;
      kept[i] = field;
      kept[i].notes.filterable = field.type != core::FieldType::kTextList && field.type != core::FieldType::kReal;
    }
  }
  return kept;
}

}  // namespace
}  // namespace argosy::rest

// Named as their tables, so that lists read no more than they show.
template <>
struct argosy::core::RecordOf<argosy::rest::RunSummary> {
  static constexpr std::array<std::string_view, 14> kNames{
      "number",       "run_id",       "owner_id", "created_at",   "strategy", "symbols",   "timeframe",
      "final_equity", "total_return", "sharpe",   "max_drawdown", "trades",   "data_hash", "result_hash"};
  static constexpr auto kFields = argosy::rest::listed_fields(RecordOf<argosy::ledger::RunRow>::kFields, kNames);
  static constexpr RecordType kType{"runs", "A stored backtest, as in a list", kFields};
};
template <>
struct argosy::core::RecordOf<argosy::rest::StudySummary> {
  static constexpr std::array<std::string_view, 9> kNames{"number",     "study_id",    "owner_id", "name", "kind",
                                                          "created_at", "finished_at", "sampler",  "state"};
  static constexpr auto kFields = argosy::rest::listed_fields(RecordOf<argosy::ledger::StudyRow>::kFields, kNames);
  static constexpr RecordType kType{"studies", "A search, as in a list", kFields};
};
template <>
struct argosy::core::RecordOf<argosy::rest::RunOut> {
  static constexpr auto kFields = argosy::rest::fields_without(RecordOf<argosy::ledger::RunRow>::kFields,
                                                               "configuration", "bar_hashes", "trades_hash");
  static constexpr RecordType kType{"run", "A stored backtest", kFields};
};
template <>
struct argosy::core::RecordOf<argosy::rest::StudyOut> {
  static constexpr RecordType kType{"study", "A search over settings", RecordOf<argosy::ledger::StudyRow>::kFields};
};
template <>
struct argosy::core::RecordOf<argosy::rest::EquityPoint> {
  using Row = argosy::rest::EquityPoint;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, time, .text = "of the bar in which trades were closed"),
      ARGOSY_FIELD(Row, equity, .text = "cash at the start, and what closed trades gained until then"),
      ARGOSY_FIELD(Row, profit, .text = "of those closed in this bar, with dividends"),
  };
  static constexpr RecordType kType{"run_equity", "What a run had gained", kFields};
};
template <>
struct argosy::core::RecordOf<argosy::rest::CompareQuery> {
  using Row = argosy::rest::CompareQuery;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, a, .limits = {.minimum = 0}, .text = "number of a run", .required = true),
      ARGOSY_FIELD(Row, b, .limits = {.minimum = 0}, .text = "of the other", .required = true),
  };
  static constexpr RecordType kType{"compare_query", "Which runs", kFields};
};

namespace argosy::rest {

template <>
constexpr Ownership ownership<RunSummary>() {
  return ownership<RunRow>();
}
template <>
constexpr Ownership ownership<StudySummary>() {
  return ownership<StudyRow>();
}

namespace {

Result<runs::StoredRun> load(const Resources& resources, const server::Caller& caller, std::int64_t number) {
  runs::StoredRun stored;
  ARGOSY_TRY(stored.run, resources.runs.get<RunRow>(caller, number));
  ARGOSY_TRY(stored.trades, resources.runs.ledger().read([&](ledger::Transaction& work) {
    return ledger::load_run_trades(work, stored.run.run_id);
  }));
  return stored;
}

// What was gained by the end of each bar in which something was closed.
std::vector<EquityPoint> equity_of(const runs::StoredRun& stored) {
  std::vector<EquityPoint> points;
  for (const ledger::RunTradeRow& trade : stored.trades) {
    if (trade.exit_at)
      points.push_back({.time = *trade.exit_at, .equity = {}, .profit = trade.profit + trade.dividends});
  }
  std::ranges::stable_sort(points, {}, &EquityPoint::time);
  std::vector<EquityPoint> out;
  core::Money equity = stored.run.initial_cash;
  for (const EquityPoint& point : points) {
    equity += point.profit;
    if (out.empty() || out.back().time != point.time) {
      out.push_back(point);
    } else {
      out.back().profit += point.profit;
    }
    out.back().equity = equity;
  }
  return out;
}

struct PageQuery {
  std::int64_t page = 1;
  std::int64_t per_page = 500;
};

}  // namespace
}  // namespace argosy::rest

template <>
struct argosy::core::RecordOf<argosy::rest::PageQuery> {
  using Row = argosy::rest::PageQuery;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, page, .limits = {.minimum = 1, .maximum = argosy::server::kMostPages}),
      ARGOSY_FIELD(Row, per_page, .limits = {.minimum = 1, .maximum = argosy::server::kMostPerPage}),
  };
  static constexpr RecordType kType{"page_query", "Which part", kFields};
};

namespace argosy::rest {
namespace {

// Removes one that the caller may see.
template <class Row, class Id>
void add_remove(server::Api& api, const Resources& resources, server::EndpointNotes notes, Id Row::* id,
                Result<void> (*remove)(ledger::Transaction&, const std::string&)) {
  notes.method = Method::kDelete;
  notes.access = Access::kTrader;
  api.add(endpoint<IdPath, None, None, None>(notes, [&resources, id, remove](const auto& call) -> Result<None> {
    ARGOSY_TRY(const Row row, resources.runs.template get<Row>(*call.caller, call.path.id));
    ARGOSY_TRY_VOID(resources.runs.ledger().write([&](ledger::Transaction& work) { return remove(work, row.*id); }));
    return None{};
  }));
}

// Rows of one run or study.
template <class Parent, class Row>
void add_rows(server::Api& api, const Resources& resources, server::EndpointNotes notes, std::string_view within,
              std::string Parent::* id) {
  notes.access = Access::kViewer;
  api.add(endpoint<IdPath, server::Listing<Row>, None, server::Page<Row>>(
      notes, [&resources, within, id](const auto& call) -> Result<server::Page<Row>> {
        ARGOSY_TRY(const Parent parent, resources.runs.template get<Parent>(*call.caller, call.path.id));
        return resources.runs.list(*call.caller, call.query, within, {parent.*id});
      }));
}

void add_studies(server::Api& api, const Resources& resources) {
  api.add(endpoint<None, server::Listing<StudySummary>, None, server::Page<StudySummary>>(
      {.path = "/studies", .name = "list_studies", .tag = "studies", .summary = "Searches", .access = Access::kViewer},
      [&](const auto& call) { return resources.runs.list(*call.caller, call.query); }));
  api.add(endpoint<IdPath, None, None, StudyOut>({.path = "/studies/{id}",
                                                  .name = "get_study",
                                                  .tag = "studies",
                                                  .summary = "One search",
                                                  .access = Access::kViewer},
                                                 [&](const auto& call) -> Result<StudyOut> {
                                                   ARGOSY_TRY(StudyRow row,
                                                              resources.runs.get<StudyRow>(*call.caller, call.path.id));
                                                   return StudyOut{std::move(row)};
                                                 }));
  add_rows<StudyRow, ledger::StoredTrial>(
      api, resources,
      {.path = "/studies/{id}/trials", .name = "list_trials", .tag = "studies", .summary = "What it tried"},
      "study_id = :id", &StudyRow::study_id);
  add_remove(api, resources,
             {.path = "/studies/{id}",
              .name = "remove_study",
              .tag = "studies",
              .summary = "Forgets a search with what it tried"},
             &StudyRow::study_id, ledger::remove_study);
}

}  // namespace

void add_runs(server::Api& api, const Resources& resources) {
  api.add(endpoint<None, server::Listing<RunSummary>, None, server::Page<RunSummary>>(
      {.path = "/runs", .name = "list_runs", .tag = "runs", .summary = "Stored backtests", .access = Access::kViewer},
      [&](const auto& call) { return resources.runs.list(*call.caller, call.query); }));
  api.add(endpoint<IdPath, None, None, RunOut>(
      {.path = "/runs/{id}", .name = "get_run", .tag = "runs", .summary = "One backtest", .access = Access::kViewer},
      [&](const auto& call) -> Result<RunOut> {
        ARGOSY_TRY(RunRow row, resources.runs.get<RunRow>(*call.caller, call.path.id));
        return RunOut{std::move(row)};
      }));
  add_rows<RunRow, ledger::RunTradeRow>(api, resources,
                                        {.path = "/runs/{id}/trades",
                                         .name = "list_run_trades",
                                         .tag = "runs",
                                         .summary = "Its decisions to enter, and what became of them"},
                                        "run_id = :id", &RunRow::run_id);
  api.add(endpoint<IdPath, PageQuery, None, server::Page<EquityPoint>>(
      {.path = "/runs/{id}/equity",
       .name = "list_run_equity",
       .tag = "runs",
       .summary = "What its closed trades had gained, bar by bar",
       .access = Access::kViewer,
       .text = "Of closed trades alone: what positions were worth while they were held is not stored."},
      [&](const auto& call) -> Result<server::Page<EquityPoint>> {
        ARGOSY_TRY(const runs::StoredRun stored, load(resources, *call.caller, call.path.id));
        return part_of(equity_of(stored), call.query.page, call.query.per_page);
      }));
  api.add(endpoint<None, CompareQuery, None, net::HttpResponse>(
      {.path = "/runs/compare",
       .name = "compare_runs",
       .tag = "runs",
       .summary = "Two backtests: each difference of their trades, with its cause",
       .access = Access::kViewer,
       .text = "Answers as `argosy run compare --json` does.",
       .raw_schema = &kComparisonSchema,
       .parts_schemas = {&kComparedValueSchema, 1}},
      [&](const auto& call) -> Result<net::HttpResponse> {
        ARGOSY_TRY(const runs::StoredRun a, load(resources, *call.caller, call.query.a));
        ARGOSY_TRY(const runs::StoredRun b, load(resources, *call.caller, call.query.b));
        ARGOSY_TRY(const runs::RunComparison comparison, runs::compare_runs(a, b));
        return net::text_response(200, "application/json", runs::to_json(comparison));
      }));
  add_remove(api, resources,
             {.path = "/runs/{id}", .name = "remove_run", .tag = "runs", .summary = "Forgets a backtest"},
             &RunRow::run_id, ledger::remove_run);
  add_studies(api, resources);
}

}  // namespace argosy::rest
