#include "core/yaml.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "core/limits.hpp"

namespace argosy::core {
namespace {

TEST(Yaml, RemembersWhereEverythingStands) {
  const auto root = parse_yaml(
      "name: golden\nparams:\n  fast: {default: 50, step: 5}\n  list: [a, 'b', \"1\"]\nnone: ~\nalso:\n", "s.yaml");
  ASSERT_TRUE(root.has_value()) << root.error().describe();
  ASSERT_EQ(root->kind, YamlNode::Kind::kMapping);
  ASSERT_EQ(root->entries.size(), 4U);
  EXPECT_EQ(root->entries[1].key, "params");
  EXPECT_EQ(root->entries[1].key_line, 2);
  EXPECT_EQ(root->find("name")->scalar, "golden");
  EXPECT_EQ(root->find("name")->line, 1);
  EXPECT_EQ(root->find("name")->column, 7);
  const YamlNode* fast = root->find("params")->find("fast");
  EXPECT_EQ(fast->line, 3);
  EXPECT_EQ(fast->column, 9);
  EXPECT_EQ(fast->find("step")->scalar, "5");
  EXPECT_FALSE(fast->find("step")->quoted);
  const YamlNode* list = root->find("params")->find("list");
  ASSERT_EQ(list->items.size(), 3U);
  EXPECT_FALSE(list->items[0].quoted);
  EXPECT_TRUE(list->items[1].quoted);
  EXPECT_TRUE(list->items[2].quoted);
  EXPECT_EQ(root->find("none")->kind, YamlNode::Kind::kNull);
  EXPECT_EQ(root->find("also")->kind, YamlNode::Kind::kNull);
  EXPECT_EQ(root->find("nothing"), nullptr);
}

TEST(Yaml, EmptyTextIsNull) {
  for (const char* text : {"", "\n", "# only a comment\n", "---\n"}) {
    const auto root = parse_yaml(text, "s.yaml");
    ASSERT_TRUE(root.has_value()) << text;
    EXPECT_EQ(root->kind, YamlNode::Kind::kNull) << text;
  }
}

TEST(Yaml, QuotedTexts) {
  const auto root =
      parse_yaml("\xEF\xBB\xBF\xC3\xBC: 'it''s'\r\nb: \"a\\\"b\\n\"\r\nc: ''\r\nd: \"two\n  lines\"", "s.yaml");
  ASSERT_TRUE(root.has_value()) << root.error().describe();
  EXPECT_EQ(root->find("\xC3\xBC")->scalar, "it's");
  EXPECT_EQ(root->find("b")->scalar, "a\"b\n");
  EXPECT_EQ(root->find("c")->scalar, "");
  EXPECT_TRUE(root->find("c")->quoted);
  EXPECT_EQ(root->find("d")->scalar, "two lines");
}

TEST(Yaml, BlockTexts) {
  const auto root = parse_yaml("buy: >\n  cross_above(fast,\n  slow)\nsell: |\n  a\n  b\n", "s.yaml");
  EXPECT_EQ(root->find("buy")->scalar, "cross_above(fast, slow)\n");
  EXPECT_EQ(root->find("sell")->scalar, "a\nb\n");
}

TEST(Yaml, RefusesWithPlaceAndReason) {
  const std::pair<std::string, const char*> cases[] = {
      {"a: 1\nb: 2\na: 3\n", "s.yaml:3:1: the key \"a\" stands twice"},
      {"a: {b: 1, b: 2}\n", "s.yaml:1:11: the key \"b\" stands twice"},
      {"a: &x 1\n", "anchors (&) and aliases (*) are not supported"},
      {"a: *x\n", "s.yaml:1:4: "},
      {"a: &x [1]\nb: *x\n", "anchors (&)"},
      {"a: !!str 1\n", "s.yaml:1:4: the tag tag:yaml.org,2002:str is not supported"},
      {"a: !mine {b: 1}\n", "the tag !mine is not supported"},
      {"a: 1\n---\nb: 2\n", "a second document starts here"},
      {"[a, b]: 1\n", "s.yaml:1:1: a key must be a plain text"},
      {"~: 1\n", "a key must be a plain text"},
      {"a: 1\n b: 2\n", "s.yaml:2:"},
      {"a: [1, 2\n", "this is not YAML"},
      {"a: \"open\n", "s.yaml:1:4: a quote opens here and is never closed"},
      {"\xEF\xBB\xBF\xC3\xBC: 'it''s\n\n", "a quote opens here and is never closed"},
      {"a: b: c\n", "s.yaml:1:5: this is not YAML"},
      {"ok: 1\nbad: \xFF\n", "s.yaml:2:6: this byte is not UTF-8"},
      {std::string("a: 1\0", 5), "s.yaml:1:5: a zero byte"},
      {std::string(65, '[') + std::string(65, ']'), "nested more than 64 deep"},
      {std::string(1'000'000, '['), "s.yaml:1:"},
  };
  for (const auto& [text, message] : cases) {
    const auto root = parse_yaml(text, "s.yaml");
    ASSERT_FALSE(root.has_value()) << text;
    EXPECT_NE(root.error().describe().find(message), std::string::npos)
        << text.substr(0, 80) << " -> " << root.error().describe();
  }
}

TEST(Yaml, SizeIsLimited) {
  const auto root = parse_yaml(std::string(limits::kYamlBytes + 1, ' '), "s.yaml");
  ASSERT_FALSE(root.has_value());
  EXPECT_EQ(root.error().code, ErrorCode::kLimit);
}

RC_GTEST_PROP(YamlProperty, AnyTextIsReadOrRefused, ()) {
  const auto text = *rc::gen::container<std::string>(rc::gen::element(
      'a', ':', ' ', '\n', '-', '[', ']', '{', '}', ',', '"', '\'', '#', '|', '>', '?', '&', '*', '!', '%', '\t'));
  if (const auto root = parse_yaml(text, "s.yaml"); !root) RC_ASSERT(!root.error().message.empty());
}

}  // namespace
}  // namespace argosy::core
