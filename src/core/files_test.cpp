#include "core/files.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <thread>

namespace argosy::core {
namespace {

using std::chrono::milliseconds;

class FilesTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "argosy_filesXXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(folder); }

  [[nodiscard]] std::string path(const std::string& name) const { return folder + "/" + name; }
  [[nodiscard]] std::size_t entry_count() { return files.list(folder)->size(); }

  std::string folder;
  Files& files = system_files();
};

pid_t start_child(const std::function<int()>& work) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(work());
  return child;
}

// The exit code of `work` run in a child process, where limits and users can be changed without harm.
int run_in_child(const std::function<int()>& work) {
  int status = 0;
  const pid_t child = start_child(work);
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

TEST_F(FilesTest, WritesReadsAndReplaces) {
  const std::string bytes("a\0b", 3);
  ASSERT_TRUE(files.write_atomic(path("f"), bytes));
  EXPECT_EQ(*files.read(path("f")), bytes);
  const std::string large(1'000'000, 'x');
  ASSERT_TRUE(files.write_atomic(path("f"), large));
  EXPECT_EQ(*files.read(path("f")), large);
  ASSERT_TRUE(files.write_atomic(path("f"), ""));
  EXPECT_EQ(*files.read(path("f")), "");
  EXPECT_EQ(entry_count(), 1U);
  EXPECT_FALSE(files.read("/proc/self/status")->empty());
}

TEST_F(FilesTest, ListsSortedWithSizes) {
  ASSERT_TRUE(files.write_atomic(path("b"), "12345"));
  ASSERT_TRUE(files.write_atomic(path("a"), ""));
  ASSERT_TRUE(files.make_folders(path("c/d/e")));
  const auto entries = files.list(folder);
  ASSERT_EQ(entries->size(), 3U);
  EXPECT_EQ((*entries)[0].name, "a");
  EXPECT_EQ((*entries)[1].size, 5U);
  EXPECT_FALSE((*entries)[1].is_folder);
  EXPECT_TRUE((*entries)[2].is_folder);
  const auto info = files.info(path("b"));
  EXPECT_EQ(info->name, "b");
  EXPECT_EQ(info->size, 5U);
  EXPECT_GT(info->modified, *parse_rfc3339("2024-01-01T00:00:00Z"));
  EXPECT_TRUE(files.exists(path("c/d/e")));
  EXPECT_FALSE(files.exists(path("c/x")));
}

TEST_F(FilesTest, MissingIsNotFound) {
  EXPECT_EQ(files.read(path("x")).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(files.info(path("x")).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(files.list(path("x")).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(files.remove(path("x")).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(files.truncate(path("x"), 0).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(files.write_atomic(path("x/y"), "").error().code, ErrorCode::kNotFound);
  EXPECT_EQ(files.open_append(path("x/y")).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(files.sync_and_rename(path("x"), path("y")).error().code, ErrorCode::kNotFound);
  const Error error = files.read(path("x")).error();
  EXPECT_EQ(error.file, path("x"));
  EXPECT_NE(error.message.find("No such file"), std::string::npos) << error.message;
  EXPECT_FALSE(error.hint.empty());
}

TEST_F(FilesTest, AFolderIsNoFile) {
  EXPECT_EQ(files.read(folder).error().code, ErrorCode::kIo);
  ASSERT_TRUE(files.write_atomic(path("f"), ""));
  EXPECT_EQ(files.make_folders(path("f/g")).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(files.make_folders(path("f")).error().code, ErrorCode::kNotFound);
  EXPECT_TRUE(files.make_folders(folder));
  EXPECT_FALSE(files.write_atomic(folder, "x"));
  EXPECT_FALSE(files.exists(folder + ".tmp"));
}

TEST_F(FilesTest, AppendsAndTruncates) {
  auto file = files.open_append(path("log"));
  ASSERT_TRUE(file.has_value());
  ASSERT_TRUE((*file)->append("one"));
  ASSERT_TRUE((*file)->append("two"));
  ASSERT_TRUE((*file)->sync());
  ASSERT_TRUE((*file)->sync());
  EXPECT_EQ(*files.read(path("log")), "onetwo");
  ASSERT_TRUE(files.truncate(path("log"), 4));
  ASSERT_TRUE((*file)->append("!"));
  EXPECT_EQ(*files.read(path("log")), "onet!");
  auto again = files.open_append(path("log"));
  ASSERT_TRUE((*again)->append("?"));
  EXPECT_EQ(*files.read(path("log")), "onet!?");
}

TEST_F(FilesTest, RenamesAndRemoves) {
  ASSERT_TRUE(files.write_atomic(path("from"), "new"));
  ASSERT_TRUE(files.write_atomic(path("to"), "old"));
  ASSERT_TRUE(files.sync_and_rename(path("from"), path("to")));
  EXPECT_FALSE(files.exists(path("from")));
  EXPECT_EQ(*files.read(path("to")), "new");
  ASSERT_TRUE(files.remove(path("to")));
  EXPECT_EQ(entry_count(), 0U);
}

TEST_F(FilesTest, AWriterThatIsKilledLeavesOldOrNewBytes) {
  const std::string contents[] = {std::string(300'000, 'a'), std::string(200'000, 'b')};
  ASSERT_TRUE(files.write_atomic(path("f"), contents[0]));
  for (int round = 0; round < 20; ++round) {
    const pid_t child = start_child([&] {
      for (std::size_t i = 0;; ++i) {
        if (!files.write_atomic(path("f"), contents[i % 2])) return 1;
      }
    });
    std::this_thread::sleep_for(milliseconds{1 + round * 2});
    ASSERT_EQ(::kill(child, SIGKILL), 0);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status));
    const auto bytes = files.read(path("f"));
    ASSERT_TRUE(bytes.has_value());
    EXPECT_TRUE(*bytes == contents[0] || *bytes == contents[1]) << bytes->size();
  }
}

TEST_F(FilesTest, OutOfSpaceKeepsTheOldBytes) {
  ASSERT_TRUE(files.write_atomic(path("f"), "old"));
  const int code = run_in_child([&] {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{4096, 4096};
    if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) return 1;
    const auto written = files.write_atomic(path("f"), std::string(100'000, 'x'));
    if (written || written.error().code != ErrorCode::kOutOfSpace) return 2;
    if (written.error().hint.find("free some space") == std::string::npos) return 3;
    auto file = files.open_append(path("log"));
    if (!file || !(*file)->append("record")) return 4;
    const auto appended = (*file)->append(std::string(100'000, 'x'));
    if (appended || appended.error().code != ErrorCode::kOutOfSpace) return 5;
    return (*file)->append("second") ? 0 : 6;
  });
  EXPECT_EQ(code, 0);
  EXPECT_EQ(*files.read(path("f")), "old");
  EXPECT_EQ(*files.read(path("log")), "recordsecond");
  EXPECT_EQ(entry_count(), 2U);
}

TEST_F(FilesTest, AReadOnlyFolderIsToldApart) {
  ASSERT_TRUE(files.write_atomic(path("f"), "old"));
  ASSERT_TRUE(files.write_atomic(path("lock"), ""));
  ASSERT_EQ(::chmod(folder.c_str(), 0555), 0);
  const int code = run_in_child([&] {
    // Permissions do not bind root, so go on as nobody.
    if (::geteuid() == 0 && ::setuid(65534) != 0) return 77;
    const auto written = files.write_atomic(path("f"), "new");
    if (written || written.error().code != ErrorCode::kReadOnly) return 1;
    if (written.error().hint.find("check the permissions of " + folder) == std::string::npos) return 2;
    if (files.open_append(path("g")).error().code != ErrorCode::kReadOnly) return 3;
    if (files.make_folders(path("h/i")).error().code != ErrorCode::kReadOnly) return 4;
    if (files.remove(path("f")).error().code != ErrorCode::kReadOnly) return 5;
    return files.lock(path("lock"), {}) ? 0 : 6;
  });
  ASSERT_EQ(::chmod(folder.c_str(), 0755), 0);
  if (code == 77) GTEST_SKIP() << "this process may not become another user";
  EXPECT_EQ(code, 0);
  EXPECT_EQ(*files.read(path("f")), "old");
  EXPECT_EQ(entry_count(), 2U);
}

TEST_F(FilesTest, LocksKeepProcessesApart) {
  auto held = files.lock(path("lock"), {});
  ASSERT_TRUE(held.has_value());
  const auto try_lock = [&](Duration wait) {
    return run_in_child([&] {
      const auto lock = files.lock(path("lock"), wait);
      if (lock) return 0;
      return lock.error().code == ErrorCode::kUnavailable && lock.error().retryable ? 1 : 2;
    });
  };
  const auto before = std::chrono::steady_clock::now();
  EXPECT_EQ(try_lock(milliseconds{60}), 1);
  EXPECT_GE(std::chrono::steady_clock::now() - before, milliseconds{60});
  held->reset();
  EXPECT_EQ(try_lock({}), 0);
  // The child's exit released it; a killed holder does so too.
  const pid_t holder = start_child([&] {
    const auto lock = files.lock(path("lock"), {});
    if (!lock) return 1;
    if (!files.write_atomic(path("held"), "")) return 2;
    while (true) ::pause();
  });
  while (!files.exists(path("held"))) std::this_thread::sleep_for(milliseconds{1});
  EXPECT_FALSE(files.lock(path("lock"), {}).has_value());
  ::kill(holder, SIGKILL);
  int status = 0;
  ASSERT_EQ(::waitpid(holder, &status, 0), holder);
  EXPECT_TRUE(files.lock(path("lock"), {}).has_value());
}

TEST_F(FilesTest, AWaiterGetsTheLockWhenItIsFree) {
  auto held = files.lock(path("lock"), {});
  ASSERT_TRUE(held.has_value());
  EXPECT_EQ(files.lock(path("lock"), {}).error().code, ErrorCode::kUnavailable);
  const pid_t waiter = start_child([&] {
    // The child has the parent's descriptor too: the lock is free when both are closed.
    held->reset();
    return files.lock(path("lock"), std::chrono::seconds{20}) ? 0 : 1;
  });
  std::this_thread::sleep_for(milliseconds{30});
  held->reset();
  int status = 0;
  ASSERT_EQ(::waitpid(waiter, &status, 0), waiter);
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

}  // namespace
}  // namespace argosy::core
