// What holds for every table of every database.
#include "ledger/schema.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "core/text.hpp"
#include "ledger/detail/catalog.hpp"
#include "ledger/ledger_schema.hpp"
#include "ledger/records.hpp"
#include "ledger/test_ledger.hpp"

namespace argosy::ledger {
namespace {

using core::Field;
using core::RecordType;

std::string_view sql_type(ColumnType type) {
  return type == ColumnType::kInteger ? "INTEGER" : type == ColumnType::kReal ? "REAL" : "TEXT";
}

class SchemaTest : public StoreTest {};

ARGOSY_ON_EACH_STORE(SchemaTest);

void expect_columns_of_records(Database& database, const Schema& schema) {
  EXPECT_TRUE(database.read([&](Transaction& work) -> core::Result<void> {
    for (const RecordType* table : schema.tables) {
      ARGOSY_TRY(const auto columns, detail::table_columns(work, database.dialect(), std::string(table->name)));
      std::vector<std::string> found;
      std::vector<std::string> wanted;
      for (const auto& [name, type, not_null] : columns)
        found.push_back(fmt::format("{} {}{}", name, type, not_null ? " NOT NULL" : ""));
      for (const Field& field : table->fields) {
        wanted.push_back(fmt::format("{} {}{}", field.name, sql_type(column_type(field.type)),
                                     may_be_null(field) ? "" : " NOT NULL"));
      }
      EXPECT_EQ(found, wanted) << table->name;
    }
    // No table that no record describes.
    ARGOSY_TRY(const auto tables, detail::table_names(work, database.dialect()));
    EXPECT_EQ(tables.size(), schema.tables.size() + 1) << "and the migrations";
    return {};
  }));
  // And no column of money, price or quantity is REAL.
  for (const RecordType* table : schema.tables) {
    for (const Field& field : table->fields) {
      if (column_type(field.type) == ColumnType::kReal) EXPECT_EQ(field.type, core::FieldType::kReal) << field.name;
    }
  }
}

// The migrations, one after the other, give the columns that the records have.
TEST_P(SchemaTest, TheColumnsAreTheRecordsFields) {
  expect_columns_of_records(*open(), runs_schema());
  const auto ledger = open_database({.path = location_of("ledger")}, ledger_schema(), core::system_files(), clock);
  ASSERT_TRUE(ledger) << ledger.error().describe();
  expect_columns_of_records(**ledger, ledger_schema());
}

struct Amounts {
  std::int64_t number = 0;
  core::Price price;
  core::Money money;
  std::optional<core::Quantity> quantity;
  core::Timestamp time;
  core::Date date;
  bool truth = false;
  double real = 0;
  std::vector<std::string> list;
};

}  // namespace
}  // namespace argosy::ledger

template <>
struct argosy::core::RecordOf<argosy::ledger::Amounts> {
  using Amounts = argosy::ledger::Amounts;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Amounts, number),   ARGOSY_FIELD(Amounts, price), ARGOSY_FIELD(Amounts, money),
      ARGOSY_FIELD(Amounts, quantity), ARGOSY_FIELD(Amounts, time),  ARGOSY_FIELD(Amounts, date),
      ARGOSY_FIELD(Amounts, truth),    ARGOSY_FIELD(Amounts, real),  ARGOSY_FIELD(Amounts, list)};
  static constexpr RecordType kType{"amounts", "One field of each type", kFields};
};

namespace argosy::ledger {
namespace {

constexpr const char* kAmounts[] = {
    "CREATE TABLE amounts (number INTEGER NOT NULL, price INTEGER NOT NULL, money INTEGER NOT NULL, quantity INTEGER, "
    "time INTEGER NOT NULL, date INTEGER NOT NULL, truth INTEGER NOT NULL, real REAL, list TEXT NOT NULL) STRICT"};
constexpr Migration kSteps[] = {{"amounts", kAmounts}};
constexpr const RecordType* kTables[] = {&core::RecordOf<Amounts>::kType};
constexpr Schema kSchema{.name = "amounts", .migrations = kSteps, .tables = kTables};

// The views write what the program itself writes.
TEST_P(SchemaTest, ViewsShowAmountsAndTimesAsPeopleReadThem) {
  const auto database = open_database({.path = location()}, kSchema, core::system_files(), clock);
  ASSERT_TRUE(database) << database.error().describe();
  std::vector<Amounts> rows;
  std::int64_t number = 0;
  const std::int64_t most = std::numeric_limits<std::int64_t>::max();
  for (const std::int64_t units :
       {std::int64_t{0}, std::int64_t{1}, std::int64_t{-1}, std::int64_t{1'500'000'000}, std::int64_t{-1'500'000'000},
        std::int64_t{-999'999'999}, std::int64_t{100'000'000'000'000'000}, most, -most - 1}) {
    rows.push_back({.number = number++,
                    .price = core::Price::from_units(units),
                    .money = core::Money::from_units(units),
                    .time = core::Timestamp(core::Duration(units / 10)),
                    .date = core::Date::from_days(static_cast<std::int32_t>(units % 100'000)),
                    .truth = units > 0,
                    .real = units == 1 ? std::nan("") : static_cast<double>(units),
                    .list = {"a,b", "\"c\""}});
    if (units != 0) rows.back().quantity = core::Quantity::from_units(units);
  }
  ASSERT_TRUE((*database)->write([&](Transaction& work) { return insert<Amounts>(work, rows); }));
  const auto back = (*database)->read([&](Transaction& work) { return select<Amounts>(work, "ORDER BY number"); });
  ASSERT_TRUE(back) << back.error().describe();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Amounts& row = rows[i];
    EXPECT_EQ((*back)[i].price, row.price);
    EXPECT_EQ((*back)[i].quantity, row.quantity);
    EXPECT_EQ((*back)[i].time, row.time);
    EXPECT_EQ((*back)[i].date, row.date);
    EXPECT_EQ((*back)[i].truth, row.truth);
    EXPECT_EQ((*back)[i].list, row.list);
    EXPECT_EQ(std::isnan((*back)[i].real), std::isnan(row.real));
    const auto shown = [&](const char* column) {
      return texts(**database, fmt::format("SELECT {} FROM v_amounts WHERE number = {}", column, i)).front();
    };
    EXPECT_EQ(shown("price"), row.price.to_string());
    EXPECT_EQ(shown("money"), row.money.to_string());
    EXPECT_EQ(shown("quantity"), row.quantity ? row.quantity->to_string() : "NULL");
    EXPECT_EQ(*core::parse_rfc3339(shown("time")), row.time) << shown("time");
    EXPECT_EQ(shown("date"), row.date.to_string());
  }
}

}  // namespace
}  // namespace argosy::ledger
