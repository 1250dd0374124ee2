#include "core/child_process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): POSIX's, for kill and sigaction
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include "core/check.hpp"
#include "core/detail/descriptor.hpp"

namespace argosy::core {

using detail::Descriptor;

namespace {

struct Pipe {
  Descriptor ours;    // does not block
  Descriptor theirs;  // above those that children are given
};

Error system_error(const std::string& what) {
  return Error(ErrorCode::kIo, fmt::format("{}: {}", what, std::generic_category().message(errno)));
}

Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return fail(system_error("no pipe can be made"));
  Pipe made{.ours = Descriptor(ends[0]), .theirs = Descriptor(ends[1])};
  if (::fcntl(made.ours.number(), F_SETFL, O_NONBLOCK) != 0) return fail(system_error("a pipe cannot be set up"));
  // The child moves it to its place; a number that is such a place would be overwritten before.
  made.theirs = Descriptor(::fcntl(ends[1], F_DUPFD_CLOEXEC, 16));
  if (made.theirs.number() < 0) return fail(system_error("a pipe cannot be set up"));
  return made;
}

// What the child needs between its start and its program. It runs in this process's memory (vfork), so it may only make
// system calls, and everything is ready before.
struct Start {
  std::vector<char*> arguments;
  std::vector<char*> environment;
  std::array<int, 4> descriptors{};  // for 0 to 3
  rlimit memory{};
  bool is_limited = false;
  int niceness = 0;
  pid_t parent = 0;
  sigset_t signals{};  // that it begins with
  volatile int error = 0;
};

void set_limits(const Start& start) {
  // Before anything else: a parent that died meanwhile sends no signal.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != start.parent) ::_exit(127);
  ::setpgid(0, 0);
  ::setpriority(PRIO_PROCESS, 0, start.niceness);
  const rlimit no_core{};
  ::setrlimit(RLIMIT_CORE, &no_core);
  if (start.is_limited) ::setrlimit(RLIMIT_AS, &start.memory);
  // When memory runs out, the system ends this one and not who trades.
  const int file = ::open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  if (file >= 0) {
    (void)!::write(file, "800", 3);
    ::close(file);
  }
}

[[noreturn]] void become(Start& start) {
  struct sigaction usual{};
  usual.sa_handler = SIG_DFL;
  for (int number = 1; number < NSIG; ++number) ::sigaction(number, &usual, nullptr);
  set_limits(start);
  for (int place = 0; place < std::ssize(start.descriptors); ++place) {
    if (::dup2(start.descriptors[static_cast<std::size_t>(place)], place) < 0) {
      start.error = errno;
      ::_exit(127);
    }
  }
  // Sockets and locked files of this process, whoever opened them and forgot to say so.
  if (::syscall(SYS_close_range, std::size(start.descriptors), ~0U, 0) != 0) {
    for (int each = static_cast<int>(std::size(start.descriptors)); each < 65'536; ++each) ::close(each);
  }
  ::sigprocmask(SIG_SETMASK, &start.signals, nullptr);
  ::execve(start.arguments.front(), start.arguments.data(), start.environment.data());
  start.error = errno;
  ::_exit(127);
}

class RealChild final : public ChildProcess {
 public:
  RealChild(pid_t process, std::array<Descriptor, 3> streams) : process_(process), streams_(std::move(streams)) {}
  ~RealChild() override {
    if (end_) return;
    RealChild::kill();
    int status = 0;
    while (::waitpid(process_, &status, 0) < 0 && errno == EINTR) {
    }
  }
  RealChild(const RealChild&) = delete;
  RealChild& operator=(const RealChild&) = delete;

  std::size_t read(ChildStream stream, std::string& into, std::size_t most) override {
    const int number = streams_.at(static_cast<std::size_t>(stream)).number();
    std::size_t total = 0;
    std::array<char, std::size_t{16} * 1024> block{};
    while (total < most) {
      const ssize_t got = ::read(number, block.data(), std::min(block.size(), most - total));
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) break;
      into.append(block.data(), static_cast<std::size_t>(got));
      total += static_cast<std::size_t>(got);
    }
    return total;
  }

  std::optional<ChildEnd> poll() override {
    if (end_) return end_;
    siginfo_t info{};
    // While it is not reaped its number belongs to nobody else, so the group can be killed first.
    const int asked = ::waitid(P_PID, static_cast<id_t>(process_), &info, WEXITED | WNOHANG | WNOWAIT);
    if (asked != 0 && errno == EINTR) return {};
    ARGOSY_CHECK(asked == 0, "child {} cannot be waited for: {}", process_, std::generic_category().message(errno));
    if (info.si_pid == 0) return {};
    RealChild::kill();
    int status = 0;
    while (::waitpid(process_, &status, 0) < 0 && errno == EINTR) {
    }
    end_ = ChildEnd{.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 0,
                    .signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0};
    return end_;
  }

  void tell_to_end() override {
    if (!end_) ::kill(-process_, SIGTERM);
  }
  void kill() override {
    if (!end_) ::kill(-process_, SIGKILL);
  }
  std::int64_t process_id() const override { return process_; }

 private:
  pid_t process_;
  std::array<Descriptor, 3> streams_;
  std::optional<ChildEnd> end_;
};

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (std::string& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

class RealProcesses final : public Processes {
 public:
  Result<std::unique_ptr<ChildProcess>> start(const ChildCommand& command) override {
    ARGOSY_CHECK(!command.command.empty(), "a child without a program");
    std::vector<std::string> arguments = command.command;
    std::vector<std::string> environment = command.environment;
    const Descriptor nothing(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    if (nothing.number() < 0) return fail(system_error("/dev/null cannot be opened"));
    // Above those that children are given, as the pipes are.
    const Descriptor input(::fcntl(nothing.number(), F_DUPFD_CLOEXEC, 16));
    if (input.number() < 0) return fail(system_error("/dev/null cannot be opened"));
    std::array<Pipe, 3> pipes;
    for (Pipe& each : pipes) {
      ARGOSY_TRY(each, make_pipe());
    }
    Start start;
    start.arguments = pointers(arguments);
    start.environment = pointers(environment);
    start.descriptors = {input.number(), pipes[0].theirs.number(), pipes[1].theirs.number(), pipes[2].theirs.number()};
    start.memory = {.rlim_cur = command.most_memory_bytes, .rlim_max = command.most_memory_bytes};
    start.is_limited = command.most_memory_bytes > 0;
    start.niceness = ::getpriority(PRIO_PROCESS, 0) + command.niceness;
    start.parent = ::getpid();
    ARGOSY_TRY(const pid_t process, spawn(start));
    return std::make_unique<RealChild>(
        process, std::array{std::move(pipes[0].ours), std::move(pipes[1].ours), std::move(pipes[2].ours)});
  }

 private:
  // vfork and not fork: nothing of this process's memory is copied, and its other threads go on. No signal may come
  // between, whose handler would run in the child, on memory that is ours.
  static Result<pid_t> spawn(Start& start) {
    sigset_t all;
    sigfillset(&all);
    sigset_t before;
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    sigemptyset(&start.signals);
    const pid_t process = ::vfork();  // NOLINT(bugprone-unsafe-functions): posix_spawn sets no limits
    if (process == 0) become(start);
    const int error = process < 0 ? errno : start.error;
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    if (error == 0) return process;
    if (process > 0) ::waitpid(process, nullptr, 0);
    errno = error;
    return fail(system_error(fmt::format("{} cannot be started", start.arguments.front())));
  }
};

}  // namespace

Processes& real_processes() {
  static RealProcesses processes;
  return processes;
}

}  // namespace argosy::core
