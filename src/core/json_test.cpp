#include "core/json.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <limits>

#include "core/limits.hpp"
#include "core/text.hpp"

namespace argosy::core {
namespace {

// Writes a parsed document again.
void write(JsonWriter& json, const JsonValue& value) {
  if (const auto* items = value.array()) {
    json.begin_array();
    for (const JsonValue& item : *items) write(json, item);
    json.end_array();
  } else if (const auto* members = value.object()) {
    json.begin_object();
    for (const auto& [name, member] : *members) write(json.key(name), member);
    json.end_object();
  } else if (const auto* text = value.string()) {
    json.value(std::string_view(*text));
  } else if (const auto* number = value.number()) {
    json.value(*parse_double(number->text));
  } else if (const auto* truth = value.boolean()) {
    json.value(*truth);
  } else {
    json.null();
  }
}

std::string rewritten(std::string_view text, int indent) {
  const auto value = parse_json(text);
  if (!value) return value.error().message;
  JsonWriter json(indent);
  write(json, *value);
  return std::move(json).take();
}

// A random document, in compact form.
void write_random(JsonWriter& json, int depth) {
  const int kind = *rc::gen::inRange(0, depth > 4 ? 5 : 7);
  switch (kind) {
    case 0:
      json.null();
      break;
    case 1:
      json.value(*rc::gen::arbitrary<bool>());
      break;
    case 2:
      json.value(*rc::gen::arbitrary<std::int64_t>());
      break;
    case 3:
      json.value(std::ldexp(static_cast<double>(*rc::gen::inRange(-100000, 100000)), *rc::gen::inRange(-300, 300)));
      break;
    case 4:
      json.value(std::string_view(*rc::gen::container<std::string>(rc::gen::inRange<char>(0, 127))));
      break;
    case 5: {
      json.begin_array();
      for (int left = *rc::gen::inRange(0, 4); left > 0; --left) write_random(json, depth + 1);
      json.end_array();
      break;
    }
    default: {
      json.begin_object();
      for (int left = *rc::gen::inRange(0, 4); left > 0; --left) {
        json.key(fmt::format("{}{}", left, *rc::gen::container<std::string>(rc::gen::inRange<char>(0, 127))));
        write_random(json, depth + 1);
      }
      json.end_object();
    }
  }
}

RC_GTEST_PROP(JsonProperty, WhatIsWrittenReadsBack, ()) {
  JsonWriter json;
  write_random(json, 0);
  const std::string text = std::move(json).take();
  // Whole numbers beyond 2^53 pass through a double here, so compare once they have.
  const std::string once = rewritten(text, 0);
  RC_ASSERT(rewritten(once, 0) == once);
  RC_ASSERT(rewritten(rewritten(once, 2), 0) == once);
}

RC_GTEST_PROP(JsonProperty, AnyBytesAreReadOrRefused, ()) {
  std::string text = R"({"a":[1,2.5e3,"x\u00e4"],"b":{"c":null,"d":true}})";
  for (int left = *rc::gen::inRange(1, 4); left > 0; --left) {
    text[*rc::gen::inRange<std::size_t>(0, text.size())] = *rc::gen::arbitrary<char>();
  }
  if (const auto value = parse_json(text); !value) RC_ASSERT(value.error().line >= 1);
}

RC_GTEST_PROP(JsonProperty, AnyBytesAreWrittenAsReadableText, ()) {
  JsonWriter json;
  json.value(std::string_view(*rc::gen::arbitrary<std::string>()));
  RC_ASSERT(parse_json(std::move(json).take()).has_value());
}

TEST(Json, WritesCompactAndIndented) {
  const std::string text = R"({"rows":5,"list":[1,"a",null,true],"empty":{},"none":[]})";
  EXPECT_EQ(rewritten(text, 0), text);
  EXPECT_EQ(rewritten(text, 2), R"({
  "rows": 5,
  "list": [
    1,
    "a",
    null,
    true
  ],
  "empty": {},
  "none": []
})");
}

TEST(Json, WritesValues) {
  JsonWriter json;
  json.begin_array().value(0.1).value(std::nan("")).value(std::numeric_limits<double>::infinity()).value(1e300);
  json.value(*Price::parse("118.50")).value(std::size_t{7}).value("text").end_array();
  EXPECT_EQ(std::move(json).take(), R"([0.1,null,null,1e+300,"118.5",7,"text"])");
}

TEST(Json, EscapesText) {
  JsonWriter json;
  json.value(std::string_view("q\"b\\n\nt\tr\r\x01\x00 \xC3\xA4 \xFF!", 18));
  EXPECT_EQ(std::move(json).take(), "\"q\\\"b\\\\n\\nt\\tr\\r\\u0001\\u0000 \xC3\xA4 \xEF\xBF\xBD!\"");
}

TEST(Json, ReadsEscapes) {
  EXPECT_EQ(*parse_json(R"("\u00e4\ud83d\udea2\n\/")")->string(), "\xC3\xA4\xF0\x9F\x9A\xA2\n/");
  EXPECT_EQ(*parse_json("\"" + std::string(100'000, 'a') + "\\n\"")->string(), std::string(100'000, 'a') + "\n");
}

TEST(Json, NumbersKeepTheirText) {
  const auto value = parse_json(R"({"a":1.10,"b":123456789012345678901234567890,"c":-0,"d":1E5})");
  EXPECT_EQ(value->find("a")->number()->text, "1.10");
  EXPECT_EQ(value->find("b")->number()->text, "123456789012345678901234567890");
  EXPECT_EQ(value->find("c")->number()->text, "-0");
  EXPECT_EQ(value->find("d")->number()->text, "1E5");
  EXPECT_EQ(value->find("e"), nullptr);
  EXPECT_EQ(value->find("a")->find("x"), nullptr);
  EXPECT_EQ(value->kind(), "object");
}

TEST(Json, RefusesWithPlaceAndReason) {
  const std::pair<const char*, const char*> cases[] = {
      {"{\n  \"a\": 1,\n  \"a\": 2\n}", "JSON, line 3, column 5: the key \"a\" stands twice"},
      {R"({"a":{"b":1,"b":2}})", "the key \"b\" stands twice"},
      {R"({"a":1,"\u0061":2})", "the key \"a\" stands twice"},
      {"1e999", "beyond the range of a double"},
      {"[1, NaN]", "JSON, line 1, column 5: this is not JSON"},
      {"[1] 2", "JSON, line 1, column 5: text follows the document"},
      {"[1,", "the document ends too early"},
      {"", "the document ends too early"},
      {"\"abc", "the document ends too early"},
      {"[1,]", "this is not JSON"},
      {"{'a':1}", "this is not JSON"},
      {"01", "text follows the document"},
      {"\"\xFF\"", "this is not JSON"},
      {"\"a\nb\"", "this is not JSON"},
      {"/* c */ 1", "this is not JSON"},
  };
  for (const auto& [text, message] : cases) {
    const auto value = parse_json(text);
    ASSERT_FALSE(value.has_value()) << text;
    EXPECT_NE(value.error().message.find(message), std::string::npos) << text << " -> " << value.error().message;
  }
}

TEST(Json, DepthIsLimited) {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_TRUE(parse_json(nested(limits::kJsonDepth)).has_value());
  const auto deep = parse_json(nested(limits::kJsonDepth + 1));
  ASSERT_FALSE(deep.has_value());
  EXPECT_NE(deep.error().message.find("nested more than 64 deep"), std::string::npos) << deep.error().message;
  EXPECT_FALSE(parse_json(std::string(1'000'000, '[')).has_value());
}

TEST(JsonDeathTest, WrongOrderStopsTheProgram) {
  EXPECT_DEATH((void)JsonWriter().begin_object().value(1), "needs a key");
  EXPECT_DEATH((void)JsonWriter().begin_array().end_object(), "wrong order");
  EXPECT_DEATH((void)JsonWriter().begin_array().key("a"), "outside an object");
  EXPECT_DEATH((void)std::move(JsonWriter().begin_array()).take(), "not finished");
  EXPECT_DEATH((void)JsonWriter().value(1).value(2), "has one value");
}

TEST(Json, NumbersOfManyDigitsAreRefused) {
  EXPECT_TRUE(parse_json(std::string(limits::kJsonNumberLength - 300, '0').insert(0, "0.")));
  for (const std::string& text : {"0." + std::string(limits::kJsonNumberLength, '9'), std::string(5'000'000, '1'),
                                  "[1e" + std::string(limits::kJsonNumberLength, '0') + "]"}) {
    const auto refused = parse_json(text);
    ASSERT_FALSE(refused) << text.size();
    EXPECT_LT(refused.error().describe().size(), 200U);
  }
}

}  // namespace
}  // namespace argosy::core
