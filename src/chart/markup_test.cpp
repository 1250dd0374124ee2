#include "chart/markup.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <utility>

#include "chart/markup_check.hpp"

namespace argosy::chart {
namespace {

TEST(Markup, WritesBalancedEscapedElements) {
  Markup markup;
  markup.open("p", {{"class", "note"}, {"title", "a \"b\""}, {"id", ""}}).text("1 < 2 & 3").leaf("br").close();
  EXPECT_EQ(std::move(markup).take(), "<p class=\"note\" title=\"a &quot;b&quot;\">1 &lt; 2 &amp; 3<br/></p>");
}

TEST(Markup, ProseKeepsDatesOnOneLine) {
  Markup markup;
  markup.prose("from 2004-11-15, buy-and-hold  <x>");
  EXPECT_EQ(std::move(markup).take(), "from <span class=\"date\">2004-11-15,</span> buy-and-hold  &lt;x&gt;");
}

TEST(MarkupDeathTest, RefusesUnbalancedElements) {
  EXPECT_DEATH({ Markup().close(); }, "no element is open");
  EXPECT_DEATH(
      {
        Markup markup;
        markup.open("div");
        (void)std::move(markup).take();
      },
      "<div> is still open");
}

TEST(Escape, ReplacesWhatIsNotText) {
  EXPECT_EQ(escape("<script>alert('x')</script>"), "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;");
  EXPECT_EQ(escape("caf\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x93\x88\n\t"), "caf\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x93\x88\n\t");
  const std::string bad = "\xEF\xBF\xBD";
  EXPECT_EQ(escape(std::string_view("a\0b", 3)), "a" + bad + "b");
  EXPECT_EQ(escape("\x1b"), bad);
  EXPECT_EQ(escape("\xFFz"), bad + "z");
  EXPECT_EQ(escape("\xC3"), bad);                                // cut
  EXPECT_EQ(escape("\xC0\xAF"), bad + bad);                      // overlong
  EXPECT_EQ(escape("\xED\xA0\x80"), bad + bad + bad);            // a surrogate
  EXPECT_EQ(escape("\xF4\x90\x80\x80"), bad + bad + bad + bad);  // above U+10FFFF
}

TEST(CssString, CannotLeaveItsQuotesOrItsStyleElement) {
  EXPECT_EQ(css_string("Entry price"), "\"Entry price\"");
  EXPECT_EQ(css_string("a\"}</style>"), "\"a\\22 \\7d \\3c \\2f style\\3e \"");
  EXPECT_EQ(css_string("\xC3\xA9\xFF"), "\"\xC3\xA9\xEF\xBF\xBD\"");
}

RC_GTEST_PROP(Escape, AnyBytesAreWellFormed, (const std::string& text)) {
  Markup markup;
  markup.open("a", {{"title", text}}).prose(text).close();
  const std::string out = std::move(markup).take();
  RC_ASSERT(markup_fault(out).empty());
}

TEST(MarkupCheck, FindsFaults) {
  EXPECT_EQ(markup_fault("<!DOCTYPE html>\n<p>a &amp; b<br/></p><style>a>b{}</style>"), "");
  for (const std::string_view bad : {"<p>", "</p>", "<p></q>", "<p", "a > b", "a & b", "<a b=\"<\"></a>", "<style>"}) {
    EXPECT_NE(markup_fault(bad), "") << bad;
  }
}

}  // namespace
}  // namespace argosy::chart
