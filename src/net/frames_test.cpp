#include "net/frames.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <vector>

namespace argosy::net {
namespace {

struct Read {
  std::vector<std::string> frames;
  bool broken = false;
};

// Feeds the bytes in parts of these sizes, the rest at the end, and takes all frames after each.
Read read(FrameReader& reader, std::string_view bytes, const std::vector<std::size_t>& sizes) {
  Read read;
  const auto feed = [&](std::string_view part) {
    reader.feed(part);
    while (!read.broken) {
      const auto frame = reader.next();
      read.broken = !frame;
      if (!frame || !*frame) return;
      read.frames.emplace_back(**frame);
    }
  };
  for (const std::size_t size : sizes) {
    feed(bytes.substr(0, size));
    bytes.remove_prefix(std::min(size, bytes.size()));
  }
  feed(bytes);
  return read;
}

TEST(Frames, WholeAndInParts) {
  FrameReader reader;
  EXPECT_FALSE(reader.is_within_frame());
  reader.feed("one\ntwo\n\nthr");
  EXPECT_EQ(reader.next().value(), "one");
  EXPECT_EQ(reader.next().value(), "two");
  EXPECT_EQ(reader.next().value(), "");
  EXPECT_EQ(reader.next().value(), std::nullopt);
  EXPECT_TRUE(reader.is_within_frame());
  reader.feed("");
  EXPECT_EQ(reader.next().value(), std::nullopt);
  reader.feed("ee\n");
  EXPECT_EQ(reader.next().value(), "three");
  EXPECT_EQ(reader.next().value(), std::nullopt);
  EXPECT_FALSE(reader.is_within_frame());
}

TEST(Frames, TooLongIsAnErrorThatStays) {
  for (const std::string_view rest : {"\n", "5\n", "56"}) {
    FrameReader reader(4);
    const Read got = read(reader, "1234\n1234" + std::string(rest) + "\n", {});
    EXPECT_EQ(got.frames.size(), rest == "\n" ? 3U : 1U) << rest;
    EXPECT_EQ(got.broken, rest != "\n") << rest;
  }
  FrameReader reader(4);
  reader.feed("ok\n12345");
  EXPECT_EQ(reader.next().value(), "ok");
  EXPECT_EQ(reader.next().error().code, core::ErrorCode::kCorrupt);
  reader.feed("\nok\n");
  const auto still = reader.next();
  ASSERT_FALSE(still);
  EXPECT_EQ(still.error().message, "a message is longer than 4 bytes");
  EXPECT_FALSE(still.error().hint.empty());
}

TEST(Frames, WhatIsWrittenIsChecked) {
  EXPECT_EQ(to_frame("abcd", 4).value(), "abcd\n");
  EXPECT_EQ(to_frame("", 4).value(), "\n");
  EXPECT_EQ(to_frame("abcde", 4).error().code, core::ErrorCode::kLimit);
  EXPECT_EQ(to_frame("a\nb", 4).error().code, core::ErrorCode::kInvalidArgument);
}

RC_GTEST_PROP(FramesProperty, PartsDoNotMatter, ()) {
  const auto texts = *rc::gen::container<std::vector<std::string>>(
      rc::gen::container<std::string>(rc::gen::elementOf(std::string("ab{}\"\\\r\0 ", 9))));
  const auto sizes = *rc::gen::container<std::vector<std::size_t>>(rc::gen::inRange<std::size_t>(0, 8));
  std::string bytes;
  for (const std::string& text : texts) bytes += to_frame(text).value();
  FrameReader reader;
  const Read got = read(reader, bytes, sizes);
  RC_ASSERT(!got.broken);
  RC_ASSERT(got.frames == texts);
  RC_ASSERT(!reader.is_within_frame());
}

}  // namespace
}  // namespace argosy::net
