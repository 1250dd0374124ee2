// Answers that are written by hand fit the schemas that the document has of them, to the last member.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "rest/test_lake.hpp"

namespace argosy::rest {
namespace {

using core::JsonValue;

// As much of JSON Schema as these use; a member that the schema does not name is wrong, too.
class Schemas {
 public:
  explicit Schemas(const JsonValue& document) : schemas_(*document.find("components")->find("schemas")) {}

  void check(const JsonValue& schema, const JsonValue& value, const std::string& at) {
    if (const JsonValue* reference = schema.find("$ref")) {
      const std::string& name = *reference->string();
      const JsonValue* found = schemas_.find(name.substr(name.rfind('/') + 1));
      return found == nullptr ? wrong.push_back(name + " is not there") : check(*found, value, at);
    }
    if (const JsonValue* any = schema.find("anyOf")) return check_any(*any, value, at);
    if (!fits_type(schema.find("type"), value)) return wrong.push_back(at + " is a " + std::string(value.kind()));
    if (const JsonValue* one = schema.find("const"); one != nullptr && *one->string() != *value.string())
      wrong.push_back(at + " is " + *value.string());
    if (const JsonValue* of = schema.find("enum")) check_enum(*of, value, at);
    if (value.array() != nullptr) {
      for (const JsonValue& each : *value.array()) check(*schema.find("items"), each, at + "[]");
    }
    if (value.object() != nullptr) check_members(schema, value, at);
  }

  std::vector<std::string> wrong;

 private:
  void check_any(const JsonValue& any, const JsonValue& value, const std::string& at) {
    std::vector<std::string> why;
    for (const JsonValue& each : *any.array()) {
      std::vector<std::string> before = std::exchange(wrong, {});
      check(each, value, at);
      std::swap(before, wrong);
      if (before.empty()) return;
      why.insert(why.end(), before.begin(), before.end());
    }
    wrong.insert(wrong.end(), why.begin(), why.end());
  }
  static bool fits_type(const JsonValue* type, const JsonValue& value) {
    if (type->array() != nullptr)
      return std::ranges::any_of(*type->array(), [&](const JsonValue& each) { return fits_type(&each, value); });
    if (*type->string() == "integer")
      return value.number() != nullptr && value.number()->text.find_first_of(".eE") == std::string::npos;
    return value.kind() == *type->string();
  }
  void check_enum(const JsonValue& of, const JsonValue& value, const std::string& at) {
    const bool is_one =
        std::ranges::any_of(*of.array(), [&](const JsonValue& each) { return *each.string() == *value.string(); });
    if (!is_one) wrong.push_back(at + " is " + *value.string());
  }
  void check_members(const JsonValue& schema, const JsonValue& value, const std::string& at) {
    if (const JsonValue* required = schema.find("required")) {
      for (const JsonValue& each : *required->array()) {
        if (value.find(*each.string()) == nullptr) wrong.push_back(at + " has no " + *each.string());
      }
    }
    const JsonValue* known = schema.find("properties");
    const JsonValue* others = schema.find("additionalProperties");
    for (const auto& [name, member] : *value.object()) {
      const JsonValue* of = known == nullptr ? nullptr : known->find(name);
      if (of == nullptr) of = others;
      if (of == nullptr) {
        wrong.push_back(at + "." + name + " is not in the schema");
      } else {
        check(*of, member, at + "." + name);
      }
    }
  }

  const JsonValue& schemas_;
};

class AnswerSchemasTest : public LakeTest {
 protected:
  // What is wrong with an answer, by the document.
  std::vector<std::string> wrong_with(const std::string& method, const std::string& target,
                                      const std::string& body = {}, std::int64_t caller = kOwner) {
    const std::string path = target.substr(0, target.find('?'));
    const JsonValue* operation = document.find("paths")->find(path)->find(method == "GET" ? "get" : "post");
    const JsonValue* content = operation->find("responses")->find("200")->find("content");
    if (content == nullptr) return {path + " has no schema"};
    const net::HttpResponse answer = ask(caller, method, target, body);
    if (answer.status != 200) return {answer.body};
    Schemas schemas(document);
    schemas.check(*content->find("application/json")->find("schema"), *core::parse_json(answer.body), path);
    return schemas.wrong;
  }
  JsonValue document = *core::parse_json(api.openapi());
};

TEST_F(AnswerSchemasTest, AllHaveOne) {
  // Text and a page.
  const std::set<std::string_view> without{"/udf/time", "/runs/{id}/report"};
  for (const auto& each : api.endpoints()) {
    if (each->form != server::Endpoint::Form::kRaw || without.contains(each->notes.path)) continue;
    EXPECT_NE(each->notes.raw_schema, nullptr) << each->notes.name;
  }
}

TEST_F(AnswerSchemasTest, AnswersFit) {
  const std::string bars = "/udf/history?symbol=AAPL&resolution=1D&from=0&to=";
  for (const std::string& target :
       {std::string("/prices/candles?symbol=AAPL&limit=3&formula=sma(close,3);up=close%20%3E%20open"),
        std::string("/prices/candles?symbol=AAPL"), std::string("/udf/config"), std::string("/udf/symbols?symbol=AAPL"),
        std::string("/udf/symbols?symbol=NOPE"), std::string("/udf/search?query=A"), bars + "1600000000", bars + "1",
        bars + "1600000000&countback=0", std::string("/udf/history?symbol=NOPE&resolution=1D&from=0&to=1"),
        std::string("/udf/quotes?symbols=AAPL,NOPE"), std::string("/runs/compare?a=1&b=1")})
    EXPECT_THAT(wrong_with("GET", target), testing::IsEmpty()) << target;
  EXPECT_THAT(wrong_with("POST", "/formulas/evaluate", R"({"symbol":"AAPL","formulas":["close","a=close>2"]})"),
              testing::IsEmpty());
  for (const char* text :
       {R"({"text":"name: x\nbuy: close > 1\nsell: close < 1\n"})", R"({"text":"name: x\nbuy: clse"})"})
    EXPECT_THAT(wrong_with("POST", "/strategies/check", text), testing::IsEmpty()) << text;
}

TEST_F(AnswerSchemasTest, WhatDoesNotFitIsSeen) {
  Schemas schemas(document);
  const auto of = [&](const char* name) { return *document.find("components")->find("schemas")->find(name); };
  schemas.check(of("udf_config"), *core::parse_json(R"({"supports_search":1,"more":2})"), "");
  EXPECT_THAT(schemas.wrong, testing::SizeIs(4));  // two that are missing, one of another type, one that is not named
}

}  // namespace
}  // namespace argosy::rest
