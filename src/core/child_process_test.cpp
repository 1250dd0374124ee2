#include "core/child_process.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): POSIX's, for kill
#include <unistd.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include "core/text.hpp"

namespace argosy::core {
namespace {

ChildCommand shell(const std::string& script) { return {.command = {"/bin/sh", "-c", script}, .environment = {}}; }

struct Ended {
  ChildEnd end;
  std::string output;
  std::string errors;
  std::string progress;
};

// The thread sanitizer makes a fork of vfork, and the child no longer says how it began.
#if __has_feature(thread_sanitizer)
constexpr bool kForks = true;
#else
constexpr bool kForks = false;
#endif

class ChildProcessTest : public testing::Test {
 protected:
  void SetUp() override {
    if (kForks) GTEST_SKIP() << "the thread sanitizer has no vfork";
  }

  static std::unique_ptr<ChildProcess> start(const ChildCommand& command) {
    auto started = real_processes().start(command);
    if (!started) ADD_FAILURE() << started.error().describe();
    return started ? *std::move(started) : nullptr;
  }
  static Ended wait(ChildProcess& child) {
    Ended ended;
    for (int i = 0; i < 2'000; ++i) {
      const auto end = child.poll();
      child.read(ChildStream::kOutput, ended.output, 1 << 20);
      child.read(ChildStream::kErrors, ended.errors, 1 << 20);
      child.read(ChildStream::kProgress, ended.progress, 1 << 20);
      if (end) {
        ended.end = *end;
        return ended;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    ADD_FAILURE() << "it did not end within ten seconds";
    return ended;
  }
  static Ended run(const ChildCommand& command) {
    const auto child = start(command);
    return child ? wait(*child) : Ended();
  }
  static bool is_alive(std::int64_t process) { return ::kill(static_cast<pid_t>(process), 0) == 0; }
};

TEST_F(ChildProcessTest, WritesAndEnds) {
  const Ended ended = run(shell("echo out; echo err >&2; echo '{}' >&3; exit 7"));
  EXPECT_EQ(ended.end.exit_code, 7);
  EXPECT_EQ(ended.end.signal, 0);
  EXPECT_EQ(ended.output, "out\n");
  EXPECT_EQ(ended.errors, "err\n");
  EXPECT_EQ(ended.progress, "{}\n");
}

TEST_F(ChildProcessTest, ArgumentsAreNotReadByAShell) {
  EXPECT_EQ(run({.command = {"/bin/echo", "$HOME; `id`", "a b"}}).output, "$HOME; `id` a b\n");
}

TEST_F(ChildProcessTest, HasTheEnvironmentThatItIsGiven) {
  ChildCommand command{.command = {"/usr/bin/env"}, .environment = {"ARGOSY_HOME=/h"}};
  EXPECT_EQ(run(command).output, "ARGOSY_HOME=/h\n");
}

TEST_F(ChildProcessTest, InheritsNoFiles) {
  const int file = ::open("/dev/null", O_RDONLY);  // NOLINT: without O_CLOEXEC on purpose
  const int high = ::fcntl(file, F_DUPFD, 50);
  // The folder that is listed is one more.
  EXPECT_EQ(run({.command = {"/bin/ls", "/proc/self/fd"}}).output, "0\n1\n2\n3\n4\n");
  ::close(file);
  ::close(high);
}

TEST_F(ChildProcessTest, WhatIsNotThereIsAnError) {
  const auto started = real_processes().start({.command = {"/no/such/program"}});
  ASSERT_FALSE(started);
  EXPECT_TRUE(started.error().message.contains("/no/such/program cannot be started")) << started.error().message;
}

TEST_F(ChildProcessTest, IsHeldByItsLimitOfMemory) {
  ChildCommand command = shell("ulimit -v; ulimit -c; nice");
  command.most_memory_bytes = std::uint64_t{64} * 1024 * 1024;
  command.niceness = 5;
  EXPECT_EQ(run(command).output, "65536\n0\n5\n");
  // A text that is doubled until it has no room.
  command.command = {"/bin/sh", "-c", "x=aaaaaaaaaaaaaaaa; while :; do x=$x$x; done"};
  const Ended ended = run(command);
  EXPECT_TRUE(ended.end.exit_code != 0 || ended.end.signal != 0);
}

TEST_F(ChildProcessTest, EndsWhenItIsTold) {
  const auto polite = start(shell("sleep 60"));
  EXPECT_FALSE(polite->poll());
  polite->tell_to_end();
  EXPECT_EQ(wait(*polite).end.signal, SIGTERM);

  const auto stubborn = start(shell("trap '' TERM; echo ready; while :; do sleep 0.1; done"));
  std::string output;
  while (output.empty()) stubborn->read(ChildStream::kOutput, output, 100);
  stubborn->tell_to_end();
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  EXPECT_FALSE(stubborn->poll());
  stubborn->kill();
  EXPECT_EQ(wait(*stubborn).end.signal, SIGKILL);
}

TEST_F(ChildProcessTest, TakesItsOwnChildrenWithIt) {
  const Ended ended = run(shell("sleep 60 & echo $!"));
  const auto grandchild = parse_integer(trim(ended.output));
  ASSERT_TRUE(grandchild) << ended.output;
  // Its new parent may take a moment to hear of it.
  const auto is_gone = [&] {
    const std::string path = "/proc/" + std::to_string(*grandchild) + "/stat";
    std::unique_ptr<FILE, int (*)(FILE*)> file(std::fopen(path.c_str(), "r"), &std::fclose);
    if (file == nullptr) return true;
    std::string text(200, ' ');
    text.resize(std::fread(text.data(), 1, text.size(), file.get()));
    return text.contains(") Z");
  };
  for (int i = 0; i < 200 && !is_gone(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  EXPECT_TRUE(is_gone());
}

TEST_F(ChildProcessTest, IsKilledWithItsObject) {
  auto child = start(shell("sleep 60"));
  const std::int64_t process = child->process_id();
  EXPECT_TRUE(is_alive(process));
  child.reset();
  EXPECT_FALSE(is_alive(process));
}

TEST_F(ChildProcessTest, EndsWithTheThreadThatStartedIt) {
  std::unique_ptr<ChildProcess> child;
  std::thread([&] { child = start(shell("sleep 60")); }).join();
  EXPECT_EQ(wait(*child).end.signal, SIGKILL);
}

TEST_F(ChildProcessTest, OneThatWritesWithoutEndIsHeldUpAndNotHeard) {
  const auto child = start(shell("yes"));
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  std::string some;
  EXPECT_EQ(child->read(ChildStream::kOutput, some, 1'000), 1'000U);
  EXPECT_EQ(some.size(), 1'000U);
  child->kill();
  EXPECT_EQ(wait(*child).end.signal, SIGKILL);
}

}  // namespace
}  // namespace argosy::core
