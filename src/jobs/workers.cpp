#include "jobs/workers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <csignal>
#include <utility>

#include "core/json.hpp"
#include "core/log.hpp"
#include "core/text.hpp"
#include "ledger/holder.hpp"
#include "ledger/room_changes.hpp"

namespace argosy::jobs {

using core::Result;
using core::Timestamp;
using ledger::Transaction;

namespace {

// Taken from a child's pipe at once; what is more waits for the next look.
constexpr std::size_t kReadBytes = std::size_t{1024} * 1024;
constexpr std::size_t kMostProgressBytes = 4'096;  // of one line
constexpr std::size_t kMostTextBytes = 200;        // of progress
constexpr core::Duration kRemoveEvery = std::chrono::minutes(10);

// What a child wrote may be anything: letters that no database takes become '?'.
std::string clean(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') c = '?';
  }
  std::size_t from = 0;
  while (const auto at = core::find_invalid_utf8(std::string_view(text).substr(from))) {
    from += *at;
    text[from] = '?';
  }
  return text;
}

// Where what it read lay is nobody's business but the machine's: its name is enough.
void leave_out_folders(std::string& text, const std::vector<std::string>& files) {
  for (const std::string& file : files) {
    const std::size_t folder = file.rfind('/') + 1;
    for (std::size_t at = 0; (at = text.find(file, at)) != std::string::npos; at += file.size() - folder)
      text.erase(at, folder);
  }
}

// Why it failed, in its own words: the last line that says "error:", which a hint may follow; otherwise the last line.
std::string last_words(std::string_view log) {
  constexpr std::string_view kError = "error: ";
  constexpr std::size_t kMost = 500;
  log = core::trim(log);
  std::string_view words;
  for (const std::string_view line : core::split(log, '\n')) {
    if (line.starts_with(kError)) words = line.substr(kError.size());
  }
  if (words.empty()) words = log.substr(log.rfind('\n') + 1);
  return clean(std::string(words.substr(0, kMost)));
}

bool tells_of_memory(std::string_view log) {
  const std::string lower = core::to_lower(log);
  return lower.contains("bad_alloc") || lower.contains("out of memory") || lower.contains("cannot allocate memory") ||
         lower.contains("memory exhausted");
}

}  // namespace

struct Workers::Running {
  JobRow job;
  JobCommand command;
  std::unique_ptr<core::ChildProcess> child;  // null: it has ended, or never began
  Timestamp kill_at = Timestamp::max();       // once it was told to end
  std::optional<Outcome> told;                // why it was
  std::string told_reason;
  std::string output;
  std::string log;
  std::string line;  // of progress, not ended yet
  Report report;
  std::optional<Ending> ending;  // to be stored
  bool is_lost = false;          // somebody else has the job: nothing is stored
};

Workers::Workers(ledger::Database& database, WorkersSettings settings, MakeCommand make, core::Processes& processes,
                 core::Files& files, core::Executor& executor)
    : database_(database),
      settings_(std::move(settings)),
      make_(std::move(make)),
      processes_(processes),
      files_(files),
      executor_(executor),
      rng_(settings_.seed) {
  settings_.environment.push_back(fmt::format("{}={}", core::kProgressVariable, core::kProgressDescriptor));
}

Workers::~Workers() { *alive_ = false; }

void Workers::start() {
  executor_.post([this, alive = alive_] {
    if (*alive) turn();
  });
}

void Workers::begin_stop(core::Duration patience) {
  executor_.post([this, alive = alive_, patience] {
    if (!*alive || stop_until_) return;
    stop_until_ = executor_.clock().now() + patience;
    for (const auto& each : running_)
      tell_to_end(*each, Outcome::kInterrupted, "the process that ran it was told to end", patience);
  });
}

void Workers::stop(core::Duration patience) {
  begin_stop(patience);
  std::unique_lock lock(mutex_);
  stopped_changed_.wait_for(lock, patience + std::chrono::seconds(1), [this] { return stopped_; });
}

bool Workers::has_stopped() const {
  const std::scoped_lock lock(mutex_);
  return stopped_;
}

void Workers::turn() {
  const Timestamp now = executor_.clock().now();
  for (const auto& each : running_) watch(*each);
  bool well = lost_ || notice(store_endings(now));
  // What cannot be stored before the end is found by the next start as a job whose process died.
  const bool is_over = stop_until_ && *stop_until_ <= now;
  std::erase_if(running_, [&](const auto& each) {
    return each->child == nullptr && (!each->ending || each->is_lost || lost_ || is_over);
  });
  if (stop_until_ && running_.empty()) {
    const std::scoped_lock lock(mutex_);
    stopped_ = true;
    stopped_changed_.notify_all();
    return;
  }
  if (!lost_ && !stop_until_ && now >= next_look_) {
    next_look_ = now + settings_.look_every;
    well = notice(take()) && notice(remove_old(now)) && well;
    had_error_ = had_error_ && !well;
  }
  if (!lost_ && now >= next_report_) {
    next_report_ = now + settings_.report_every;
    (void)notice(report(now));
  }
  executor_.call_at(now + (running_.empty() ? settings_.look_every : settings_.poll_every), [this, alive = alive_] {
    if (*alive) turn();
  });
}

// A database that is away is said once, and asked again in the next turn.
bool Workers::notice(const Result<void>& done) {
  if (done) return true;
  if (!std::exchange(had_error_, true))
    core::log_warning("jobs cannot be read or written", {{"why", done.error().describe()}});
  return false;
}

Result<bool> Workers::still_holds(Transaction& work) const {
  if (settings_.fencing == 0) return true;
  ARGOSY_TRY(const auto holder, ledger::current_holder(work));
  return holder && holder->fencing == settings_.fencing;
}

// --- Taking. ---

Result<void> Workers::recover() {
  if (recovered_) return {};
  ARGOSY_TRY(const std::int64_t found, database_.write([&](Transaction& work) -> Result<std::int64_t> {
    ARGOSY_TRY(const bool holds, still_holds(work));
    if (!holds) return 0;
    return recover_jobs(work, settings_.worker, executor_.clock().now());
  }));
  recovered_ = true;
  if (found > 0) core::log_info("jobs whose process died are tried again", {{"jobs", found}});
  return {};
}

Result<void> Workers::take() {
  ARGOSY_TRY_VOID(recover());
  while (std::ssize(running_) < settings_.workers) {
    const Timestamp now = executor_.clock().now();
    ARGOSY_TRY(const bool due, database_.read([&](Transaction& work) { return has_due_job(work, now); }));
    if (!due) return {};
    bool holds = true;
    ARGOSY_TRY(std::optional<JobRow> job, database_.write([&](Transaction& work) -> Result<std::optional<JobRow>> {
      ARGOSY_TRY(holds, still_holds(work));
      if (!holds) return std::optional<JobRow>();
      return take_job(work, settings_.worker, now);
    }));
    if (!job) return {};
    begin(*std::move(job));
  }
  return {};
}

void Workers::begin(JobRow job) {
  auto running = std::make_unique<Running>();
  running->job = std::move(job);
  running_.push_back(std::move(running));
  Running& it = *running_.back();
  auto made = make_(it.job);
  if (!made) {
    it.ending = Ending{.outcome = made.error().retryable ? Outcome::kFailed : Outcome::kNeverAgain,
                       .reason = made.error().describe()};
    return;
  }
  it.command = *std::move(made);
  std::vector<std::string> environment = settings_.environment;
  environment.insert(environment.end(), it.command.environment.begin(), it.command.environment.end());
  auto started = processes_.start({.command = it.command.command,
                                   .environment = std::move(environment),
                                   .most_memory_bytes = settings_.most_memory,
                                   .niceness = settings_.niceness});
  if (!started) {
    it.ending = Ending{.outcome = Outcome::kFailed, .reason = started.error().describe()};
    return;
  }
  it.child = *std::move(started);
  core::log_info("a job begins", {{"job", it.job.job_id},
                                  {"type", it.job.type},
                                  {"attempt", it.job.attempts},
                                  {"process", it.child->process_id()}});
}

// --- Watching. ---

void Workers::tell_to_end(Running& running, Outcome outcome, std::string reason, core::Duration grace) {
  if (running.child == nullptr) return;
  const Timestamp kill_at = executor_.clock().now() + grace;
  running.kill_at = std::min(running.kill_at, kill_at);
  if (running.told) return;
  running.told = outcome;
  running.told_reason = std::move(reason);
  running.child->tell_to_end();
}

void Workers::read_progress(Running& running) {
  running.child->read(core::ChildStream::kProgress, running.line, kReadBytes);
  std::size_t begin = 0;
  for (std::size_t end = running.line.find('\n'); end != std::string::npos; end = running.line.find('\n', begin)) {
    const auto json = core::parse_json(std::string_view(running.line).substr(begin, end - begin));
    begin = end + 1;
    if (!json) continue;
    const core::JsonValue* share = json->find("progress");
    const core::JsonValue* text = json->find("text");
    if (share != nullptr && share->number() != nullptr)
      running.report.progress = core::parse_double(share->number()->text).value_or(running.report.progress);
    if (text != nullptr && text->string() != nullptr)
      running.report.text = clean(text->string()->substr(0, kMostTextBytes));
  }
  running.line.erase(0, begin);
  if (running.line.size() > kMostProgressBytes) running.line.clear();
}

void Workers::read(Running& running) {
  read_progress(running);
  running.child->read(core::ChildStream::kErrors, running.log, kReadBytes);
  if (running.log.size() > settings_.most_log_bytes)
    running.log.erase(0, running.log.size() - settings_.most_log_bytes);
  const std::size_t room =
      settings_.most_result_bytes + 1 - std::min(running.output.size(), settings_.most_result_bytes);
  running.child->read(core::ChildStream::kOutput, running.output, room);
  if (running.output.size() > settings_.most_result_bytes) {
    tell_to_end(running, Outcome::kNeverAgain,
                fmt::format("its result is larger than {} bytes", settings_.most_result_bytes), settings_.grace);
    running.output.resize(settings_.most_result_bytes);  // the rest is not wanted
  }
}

void Workers::hurry(Running& running, Timestamp now) {
  const JobRow& job = running.job;
  if (job.deadline && *job.deadline <= now) {
    tell_to_end(running, Outcome::kNeverAgain, "its deadline is over", settings_.grace);
  } else if (*job.started_at + std::chrono::seconds(job.most_seconds) <= now) {
    tell_to_end(running, Outcome::kFailed, fmt::format("it took longer than {} s", job.most_seconds), settings_.grace);
  }
  if (now >= running.kill_at) running.child->kill();
}

void Workers::watch(Running& running) {
  if (running.child == nullptr) return;
  // Asked before the reading: what it wrote before it ended is read then.
  const auto how = running.child->poll();
  read(running);
  if (how) return end(running, *how);
  hurry(running, executor_.clock().now());
}

void Workers::end(Running& running, const core::ChildEnd& how) {
  // All that is left in its pipes, which is not much: they hold 64 kB.
  read(running);
  running.child.reset();
  for (const std::string& file : running.command.scratch) (void)files_.remove(file);
  Ending ending{.log = clean(running.log)};
  leave_out_folders(ending.log, running.command.scratch);
  const std::string said = last_words(ending.log);
  if (running.told) {
    ending.outcome = *running.told;
    ending.reason = running.told_reason;
  } else if (how.signal == 0 && how.exit_code == 0) {
    ending.outcome = Outcome::kDone;
    ending.result = std::string(core::trim(running.output));
    const auto json = core::parse_json(ending.result);
    if (!json || core::find_invalid_utf8(ending.result)) {
      ending.outcome = Outcome::kNeverAgain;
      ending.reason = "what it wrote is no JSON";
      ending.result.clear();
    }
  } else if (how.signal != 0 || tells_of_memory(ending.log)) {
    ending.outcome = Outcome::kFailed;
    ending.reason = how.signal != 0 ? fmt::format("signal {} ended it", how.signal) : std::string("memory ran out");
    if (how.signal == SIGKILL || tells_of_memory(ending.log))
      ending.reason += settings_.most_memory == 0
                           ? std::string(": perhaps the machine's memory ran out")
                           : fmt::format(": a job may have {} MB", settings_.most_memory / (1024 * 1024));
    if (!said.empty()) ending.reason += "; " + said;
  } else {
    ending.outcome = how.exit_code == 2 ? Outcome::kNeverAgain : Outcome::kFailed;
    ending.reason = said.empty() ? fmt::format("it ended with exit code {}", how.exit_code) : said;
  }
  if (ending.outcome == Outcome::kFailed)
    ending.rest = back_off(settings_.back_off, running.job.attempts, rng_.uniform());
  running.ending = std::move(ending);
}

// --- The ledger. ---

Result<void> Workers::store_endings(Timestamp now) {
  for (const auto& each : running_) {
    Running& running = *each;
    if (!running.ending || running.is_lost) continue;
    bool holds = true;
    ARGOSY_TRY(const auto state, database_.write([&](Transaction& work) -> Result<std::optional<JobState>> {
      ARGOSY_TRY(holds, still_holds(work));
      if (!holds) return std::optional<JobState>();
      return end_attempt(work, attempt_of(running.job), *running.ending, now);
    }));
    core::log_info("a job's attempt ended",
                   {{"job", running.job.job_id},
                    {"state", state ? ledger::kJobStates[static_cast<std::size_t>(*state)] : std::string_view("lost")},
                    {"why", running.ending->reason}});
    running.ending.reset();
  }
  return {};
}

Result<void> Workers::report(Timestamp now) {
  const bool any = std::ranges::any_of(running_, [](const auto& each) { return each->child != nullptr; });
  if (!any) return {};
  std::vector<Standing> standings;
  bool holds = true;
  ARGOSY_TRY_VOID(database_.write([&](Transaction& work) -> Result<void> {
    standings.clear();
    ARGOSY_TRY(holds, still_holds(work));
    if (!holds) return {};
    for (const auto& each : running_) {
      standings.push_back(Standing::kOurs);
      if (each->child == nullptr) continue;
      each->report.log = clean(each->log);
      ARGOSY_TRY(standings.back(), report_job(work, attempt_of(each->job), each->report, now));
    }
    return {};
  }));
  if (!holds) {
    lost_ = true;
    core::log_warning("another process holds the ledger: jobs are ended here");
    for (const auto& each : running_) {
      if (each->child != nullptr) each->child->kill();
    }
    return {};
  }
  for (std::size_t i = 0; i < standings.size(); ++i) {
    Running& running = *running_[i];
    if (standings[i] == Standing::kCancelRequested) tell_to_end(running, Outcome::kCancelled, "", settings_.grace);
    if (standings[i] == Standing::kLost && running.child != nullptr) {
      running.is_lost = true;
      running.child->kill();
    }
  }
  return {};
}

Result<void> Workers::remove_old(Timestamp now) {
  if (now < next_removal_) return {};
  next_removal_ = now + kRemoveEvery;
  ARGOSY_TRY_VOID(database_.write([&](Transaction& work) -> Result<std::int64_t> {
    ARGOSY_TRY(const bool holds, still_holds(work));
    if (!holds) return 0;
    return remove_old_jobs(work, now - settings_.keep);
  }));
  // In small units of work: who trades writes between them.
  constexpr std::int64_t kAtOnce = 2'000;
  for (std::int64_t removed = kAtOnce, turns = 0; removed == kAtOnce && turns < 100; ++turns) {
    ARGOSY_TRY(removed, database_.write([&](Transaction& work) -> Result<std::int64_t> {
      ARGOSY_TRY(const bool holds, still_holds(work));
      if (!holds) return 0;
      return ledger::remove_old_changes(work, now - ledger::kChangesKept, kAtOnce);
    }));
  }
  return {};
}

}  // namespace argosy::jobs
