#include "core/csv.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace argosy::core {
namespace {

using Table = std::vector<std::vector<std::string>>;

Table read_all(std::string_view text, char separator = 0) {
  CsvReader reader(text, separator);
  Table table;
  std::vector<std::string_view> cells;
  while (reader.next(cells)) table.emplace_back(cells.begin(), cells.end());
  return table;
}

RC_GTEST_PROP(CsvProperty, WhatIsWrittenReadsBack, ()) {
  const auto cell = rc::gen::container<std::string>(rc::gen::element('a', ',', '"', '\n', '\r', ';', ' '));
  const auto columns = *rc::gen::inRange<std::size_t>(2, 5);
  const auto table = *rc::gen::container<Table>(rc::gen::container<std::vector<std::string>>(columns, cell));
  std::string text;
  for (const auto& row : table) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (i > 0) text += ',';
      append_csv_cell(text, row[i]);
    }
    text += '\n';
  }
  RC_ASSERT(read_all(text, ',') == table);
}

RC_GTEST_PROP(CsvProperty, AnyTextEnds, ()) {
  const auto text = *rc::gen::container<std::string>(rc::gen::element('a', ',', '"', '\n', '\r'));
  CsvReader reader(text);
  std::vector<std::string_view> cells;
  std::int64_t last = 0;
  while (reader.next(cells)) {
    RC_ASSERT(!cells.empty());
    RC_ASSERT(reader.line() > last);
    last = reader.line();
  }
}

TEST(Csv, LineEndsAndMark) {
  EXPECT_EQ(read_all("\xEF\xBB\xBF"
                     "a,b\r\n1,\r\n\r\n\n,2\n"),
            (Table{{"a", "b"}, {"1", ""}, {"", "2"}}));
  EXPECT_EQ(read_all(""), Table{});
  EXPECT_EQ(read_all("\n\r\n"), Table{});
}

TEST(Csv, Quotes) {
  EXPECT_EQ(read_all("\"a,b\",\"c\"\"d\",\"\"\r\n"), (Table{{"a,b", "c\"d", ""}}));
  EXPECT_EQ(read_all("a \"b\",c\n"), (Table{{"a \"b\"", "c"}}));
  EXPECT_EQ(read_all("\"a\"b,c\n"), (Table{{"ab", "c"}}));
  EXPECT_EQ(read_all("1,\"two\nlines\",3\n4,5,6\n"), (Table{{"1", "two\nlines", "3"}, {"4", "5", "6"}}));
  EXPECT_EQ(read_all("1,\"never closed\n4,5"), (Table{{"1", "never closed\n4,5"}}));
}

TEST(Csv, GuessesTheSeparator) {
  EXPECT_EQ(CsvReader("a;b;c\n1,5;2;3\n").separator(), ';');
  EXPECT_EQ(CsvReader("a\tb,c\td\n").separator(), '\t');
  EXPECT_EQ(CsvReader("\"a;b;c\",d\n").separator(), ',');
  EXPECT_EQ(CsvReader("single\n1;2\n").separator(), ',');
  EXPECT_EQ(read_all("a;b,c\n", ';'), (Table{{"a", "b,c"}}));
}

TEST(Csv, CountsLinesAndSeesACutEnd) {
  CsvReader reader("h,i\n\n\"a\nb\",c\nd,e\nlast,lin");
  std::vector<std::string_view> cells;
  const std::int64_t lines[] = {1, 3, 5, 6};
  for (const std::int64_t line : lines) {
    ASSERT_TRUE(reader.next(cells));
    EXPECT_EQ(reader.line(), line);
    EXPECT_EQ(reader.last_line_unterminated(), line == 6);
  }
  EXPECT_FALSE(reader.next(cells));
  CsvReader quoted("\"a\"");
  ASSERT_TRUE(quoted.next(cells));
  EXPECT_TRUE(quoted.last_line_unterminated());
}

}  // namespace
}  // namespace argosy::core
