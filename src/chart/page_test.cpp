#include "chart/page.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "chart/markup_check.hpp"

namespace argosy::chart {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Page, IsOneFileWithoutScriptsOrRequests) {
  const std::string html = render_page({.title = "A <b> & c", .body = "<p>Hello</p>", .style = "p{margin:0}"});
  EXPECT_THAT(html, testing::StartsWith("<!DOCTYPE html>\n<html lang=\"en\">"));
  EXPECT_THAT(html,
              HasSubstr("content=\"default-src &#39;none&#39;; style-src &#39;unsafe-inline&#39;; img-src data:\""));
  EXPECT_THAT(html, HasSubstr("<title>A &lt;b&gt; &amp; c</title>"));
  EXPECT_THAT(html, HasSubstr("<body><p>Hello</p>"));
  EXPECT_THAT(html, HasSubstr("prefers-color-scheme:dark"));
  EXPECT_THAT(html, HasSubstr("@media print"));
  for (const std::string_view bad : {"<script", "http:", "https:", "url(", "@import", "src="}) {
    EXPECT_THAT(html, Not(HasSubstr(bad)));
  }
  EXPECT_EQ(markup_fault(html), "");
}

}  // namespace
}  // namespace argosy::chart
