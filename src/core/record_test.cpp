#include "core/record.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "core/csv.hpp"
#include "core/sample_record.hpp"

namespace argosy::core {
namespace {

Sample full() {
  Sample sample;
  sample.name = "alpha";
  sample.active = true;
  sample.count = 7;
  sample.ratio = 0.25;
  sample.price = *Price::parse("118.5");
  sample.quantity = *Quantity::parse("3");
  sample.money = *Money::parse("-0.01");
  sample.rate = *Rate::parse("0.001");
  sample.time = *parse_rfc3339("2024-11-29T18:00:00.5Z");
  sample.date = *Date::parse("2024-11-29");
  sample.tags = {"a,b", "c"};
  sample.token = Secret("hush");
  sample.note = "say \"hi\"";
  sample.limit = 5;
  return sample;
}

std::string to_json(const Sample& sample) {
  JsonWriter json;
  write_json(json, sample);
  return std::move(json).take();
}

std::vector<std::string> messages(const std::vector<Error>& errors) {
  std::vector<std::string> out;
  for (const Error& error : errors) out.push_back(error.describe());
  return out;
}

std::vector<std::string> read(std::string_view text, Sample& sample) {
  return messages(read_json(*parse_json(text), record_type<Sample>(), &sample));
}

constexpr std::string_view kFullJson =
    R"({"name":"alpha","active":true,"count":7,"ratio":0.25,"price":"118.5","quantity":"3","money":"-0.01","rate":"0.001",)"
    R"("time":"2024-11-29T18:00:00.500Z","date":"2024-11-29","tags":["a,b","c"],"note":"say \"hi\"","limit":5,"first":null})";

TEST(Record, WritesJsonWithoutTheSecret) { EXPECT_EQ(to_json(full()), kFullJson); }

TEST(Record, JsonReadsBack) {
  Sample sample;
  sample.first = Date();
  EXPECT_EQ(read(kFullJson, sample), std::vector<std::string>{});
  EXPECT_EQ(to_json(sample), kFullJson);
  EXPECT_TRUE(sample.token.empty());
  EXPECT_EQ(read(R"({"name":"beta","token":"key"})", sample), std::vector<std::string>{});
  EXPECT_EQ(sample.token.expose(), "key");
  EXPECT_EQ(sample.count, 7);  // what is absent stays
}

TEST(Record, NotANumberIsNullAndNotRead) {
  Sample sample;
  sample.ratio = std::nan("");
  EXPECT_NE(to_json(sample).find("\"ratio\":null"), std::string::npos);
  EXPECT_EQ(field_text(*find_field(record_type<Sample>(), "ratio"), &sample), "");
  EXPECT_EQ(read(R"({"name":"n","ratio":null})", sample),
            std::vector<std::string>{"ratio: expected number, found null (field ratio)"});
  EXPECT_TRUE(messages(validate(record_type<Sample>(), &sample)).empty());
}

TEST(Record, AllErrorsAtOnce) {
  Sample sample;
  const auto errors =
      read(R"({"nam":"x","count":11,"active":"yes","price":-1,"quantity":"1e99","time":"today","tags":["toolong"],)"
           R"("limit":1.5,"token":"much too long","money":"0.0000001","first":5})",
           sample);
  EXPECT_EQ(errors,
            (std::vector<std::string>{
                "sample has no \"nam\". Did you mean \"name\"? (field nam)",
                "count is 11 bars; it must be at most 10 (field count = \"11\")",
                "active: expected boolean, found string (field active)",
                "price: expected string, found number (field price)",
                "\"1e99\" does not fit in a quantity (field quantity = \"1e99\")",
                "\"today\" is not a time (field time = \"today\")",
                "tags has 7 bytes, more than 5 (field tags = \"toolong\")",
                "\"1.5\" is not an integer (field limit = \"1.5\")",
                "token has 13 bytes, more than 8 (field token = \"***\")",
                "\"0.0000001\" has more than the 6 fraction digits of a money amount (field money = \"0.0000001\")",
                "first: expected string, found number (field first)",
                "name is missing (field name)",
            }));
  EXPECT_EQ(sample.count, 1);
  EXPECT_EQ(read("[1]", sample), std::vector<std::string>{"sample: expected object, found array"});
  EXPECT_EQ(read(R"({"name":"gamma","tags":[1]})", sample),
            (std::vector<std::string>{"\"gamma\" is not a known name. Known: n, alpha, beta. (field name = \"gamma\")",
                                      "tags: expected strings only, found number (field tags)"}));
}

TEST(Record, SetsFieldsFromText) {
  const RecordType& type = record_type<Sample>();
  Sample sample;
  for (const auto& [name, text] :
       std::initializer_list<std::pair<const char*, const char*>>{{"name", "alpha"},
                                                                  {"active", "true"},
                                                                  {"count", "7"},
                                                                  {"ratio", "0.25"},
                                                                  {"price", "118.50"},
                                                                  {"quantity", "3"},
                                                                  {"money", "-0.01"},
                                                                  {"rate", "0.001"},
                                                                  {"time", "2024-11-29 18:00:00.5Z"},
                                                                  {"date", "2024-11-29"},
                                                                  {"note", "say \"hi\""},
                                                                  {"limit", "5"},
                                                                  {"first", ""}}) {
    EXPECT_TRUE(set_field(type, &sample, name, text).has_value()) << name;
  }
  EXPECT_TRUE(set_list_field(type, &sample, "tags", {"a,b", "c"}).has_value());
  EXPECT_EQ(to_json(sample), kFullJson);
  EXPECT_TRUE(set_field(type, &sample, "tags", "x, y").has_value());
  EXPECT_EQ(sample.tags, (std::vector<std::string>{"x", "y"}));
  EXPECT_TRUE(set_field(type, &sample, "tags", "").has_value());
  EXPECT_TRUE(sample.tags.empty());
  EXPECT_TRUE(set_field(type, &sample, "limit", "").has_value());
  EXPECT_FALSE(sample.limit.has_value());
}

TEST(Record, RefusesTextAndKeepsTheValue) {
  const RecordType& type = record_type<Sample>();
  Sample sample;
  for (const auto& [name, text] : std::initializer_list<std::pair<const char*, const char*>>{{"active", "yes"},
                                                                                             {"active", ""},
                                                                                             {"count", ""},
                                                                                             {"count", "0"},
                                                                                             {"count", "1.0"},
                                                                                             {"ratio", "nan"},
                                                                                             {"ratio", ""},
                                                                                             {"ratio", "inf"},
                                                                                             {"price", "-1"},
                                                                                             {"price", ""},
                                                                                             {"date", "29.11.2024"},
                                                                                             {"first", "x"},
                                                                                             {"name", "gamma"}}) {
    const auto done = set_field(type, &sample, name, text);
    ASSERT_FALSE(done.has_value()) << name << " = " << text;
    EXPECT_EQ(done.error().field, name);
  }
  EXPECT_EQ(set_field(type, &sample, "coutn", "1").error().message, "sample has no \"coutn\". Did you mean \"count\"?");
  EXPECT_FALSE(set_list_field(type, &sample, "name", {"n"}).has_value());
  EXPECT_EQ(to_json(sample), to_json(Sample{}));
}

TEST(Record, NeverTellsASecret) {
  const Sample sample = full();
  EXPECT_EQ(field_text(*find_field(record_type<Sample>(), "token"), &sample), "***");
  EXPECT_EQ(csv_row(record_type<Sample>(), &sample).find("hush"), std::string::npos);
  Sample other;
  const auto done = set_field(record_type<Sample>(), &other, "token", "much too long");
  ASSERT_FALSE(done.has_value());
  EXPECT_EQ(done.error().describe().find("much"), std::string::npos);
}

TEST(Record, CsvReadsBack) {
  const RecordType& type = record_type<Sample>();
  Sample sample = full();
  sample.tags = {"a", "b"};
  EXPECT_EQ(csv_header(type), "name,active,count,ratio,price,quantity,money,rate,time,date,tags,note,limit,first");
  EXPECT_EQ(csv_row(type, &sample),
            "alpha,true,7,0.25,118.5,3,-0.01,0.001,2024-11-29T18:00:00.500Z,2024-11-29,\"a,b\",\"say \"\"hi\"\"\",5,");
  const std::string text = csv_header(type) + "\n" + csv_row(type, &sample) + "\n";
  CsvReader reader(text);
  std::vector<std::string_view> header;
  std::vector<std::string_view> cells;
  ASSERT_TRUE(reader.next(header));
  const std::vector<std::string> names(header.begin(), header.end());
  ASSERT_TRUE(reader.next(cells));
  ASSERT_EQ(cells.size(), names.size());
  Sample back;
  for (std::size_t i = 0; i < names.size(); ++i)
    ASSERT_TRUE(set_field(type, &back, names[i], cells[i]).has_value()) << names[i];
  EXPECT_EQ(to_json(back), to_json(sample));
}

TEST(Record, Validates) {
  Sample sample = full();
  EXPECT_TRUE(validate(record_type<Sample>(), &sample).empty());
  sample.count = 0;
  sample.name = "gamma";
  sample.price = *Price::parse("-1");
  EXPECT_EQ(messages(validate(record_type<Sample>(), &sample)),
            (std::vector<std::string>{"\"gamma\" is not a known name. Known: n, alpha, beta. (field name = \"gamma\")",
                                      "count is 0 bars; it must be at least 1 (field count = \"0\")",
                                      "price is -1; it must be at least 0 (field price = \"-1\")"}));
}

TEST(Record, WritesAListWithItsCount) {
  const Sample samples[] = {full()};
  EXPECT_EQ(json_list(std::span<const Sample>(samples), 0),
            R"({"items":[)" + std::string(kFullJson) + R"(],"meta":{"count":1}})");
}

TEST(Record, DescribesItselfAsASchema) {
  JsonWriter json;
  write_json_schema(json, record_type<Sample>());
  const std::string text = std::move(json).take();
  const auto schema = parse_json(text);
  ASSERT_TRUE(schema.has_value()) << text;
  const JsonValue* properties = schema->find("properties");
  ASSERT_NE(properties, nullptr);
  EXPECT_EQ(properties->object()->size(), record_type<Sample>().fields.size());
  EXPECT_EQ(*schema->find("additionalProperties")->boolean(), false);
  EXPECT_EQ(*schema->find("required")->array()->at(0).string(), "name");
  const JsonValue* count = properties->find("count");
  EXPECT_EQ(*count->find("type")->string(), "integer");
  EXPECT_EQ(count->find("minimum")->number()->text, "1");
  EXPECT_EQ(*count->find("x-unit")->string(), "bars");
  EXPECT_EQ(*count->find("description")->string(), "how many");
  EXPECT_EQ(properties->find("name")->find("enum")->array()->size(), 3U);
  EXPECT_EQ(*properties->find("price")->find("format")->string(), "decimal");
  EXPECT_EQ(*properties->find("token")->find("writeOnly")->boolean(), true);
  EXPECT_EQ(*properties->find("limit")->find("type")->array()->at(1).string(), "null");
  EXPECT_EQ(properties->find("tags")->find("items")->find("maxLength")->number()->text, "5");
}

}  // namespace
}  // namespace argosy::core
