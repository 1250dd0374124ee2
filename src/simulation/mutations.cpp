#include "simulation/mutations.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "core/check.hpp"
#include "ledger/ledger_schema.hpp"
#include "ledger/maintenance.hpp"
#include "ledger/open.hpp"
#include "ledger/records.hpp"
#include "live/verify.hpp"
#include "simulation/disk.hpp"
#include "simulation/world.hpp"

namespace argosy::simulation {

using core::Result;

namespace {

constexpr std::size_t kPage = 4096;
// https://sqlite.org/fileformat2.html#the_write_ahead_log
constexpr std::size_t kLogHeader = 32;
constexpr std::size_t kFrameHeader = 24;
constexpr std::size_t kFrame = kFrameHeader + kPage;
constexpr const char* kLedger = "/ledger.db";

std::uint32_t big_endian(const std::string& bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = value << 8U | static_cast<std::uint8_t>(bytes[at + i]);
  return value;
}

// Where the log's commits end, in bytes; the frames of before its last beginning are not of it.
std::vector<std::size_t> commits_of(const std::string& log) {
  std::vector<std::size_t> ends;
  for (std::size_t at = kLogHeader; at + kFrame <= log.size(); at += kFrame) {
    if (log.compare(at + 8, 8, log, 16, 8) != 0) break;
    if (big_endian(log, at + 4) != 0) ends.push_back(at + kFrame);
  }
  return ends;
}

// What a checkpoint makes of the file.
std::string copied(const LedgerFiles& files) {
  std::string file = files.file;
  const std::size_t end = commits_of(files.log).back();
  for (std::size_t at = kLogHeader; at < end; at += kFrame) {
    const std::size_t place = (big_endian(files.log, at) - 1) * kPage;
    file.resize(std::max(file.size(), place + kPage));
    file.replace(place, kPage, files.log, at + kFrameHeader, kPage);
  }
  return file;
}

LedgerFiles files_of(World& world) {
  const auto read = [&](const char* rest) {
    const auto bytes = world.disk().files().read(world.disk().folder() + kLedger + rest);
    ARGOSY_CHECK(bytes.has_value(), "the ledger cannot be read: {}", bytes.error().describe());
    return *bytes;
  };
  return {.file = read(""), .log = read("-wal")};
}

// A disk with the files on it.
class LedgerOnDisk {
 public:
  LedgerOnDisk(const LedgerFiles& files, const core::Clock& clock) : disk_(1, clock), clock_(clock) {
    put("", files.file);
    if (!files.log.empty()) put("-wal", files.log);
  }
  // As a process that trades opens it.
  Result<std::unique_ptr<ledger::Database>> open() {
    return ledger::open_database(
        {.path = disk_.folder() + kLedger, .missing = ledger::Missing::kFail, .checked_bytes = UINT64_MAX},
        ledger::ledger_schema(), disk_.files(), clock_);
  }

 private:
  void put(const char* rest, const std::string& bytes) { disk_.make(disk_.folder() + kLedger + rest)->bytes = bytes; }

  SimulatedDisk disk_;
  const core::Clock& clock_;
};

// Columns that no amount follows from: texts for people, marks of prices, what was asked for and answered. (Another
// instance gives client order ids that nobody gave before.) All columns of a table that is not named here are books.
constexpr std::string_view kOtherTables[] = {"users",
                                             "exchange_rates",
                                             "strategies",
                                             "order_requests",
                                             "outbox",
                                             "service_commands",
                                             "journal",
                                             "equity_snapshots",
                                             "instruments",
                                             "broker_accounts",
                                             "risk_limits",
                                             "changes",
                                             "transaction_notes"};
constexpr std::pair<std::string_view, std::string_view> kOtherColumns[] = {
    {"positions", "price"},      {"positions", "priced_at"}, {"positions", "rate"},       {"positions", "rate_inverse"},
    {"positions", "held_since"}, {"positions", "traded_at"}, {"daily_pnl", "unrealised"}, {"daily_pnl", "equity"},
    {"holder", "instance"},      {"holder", "process"},      {"holder", "since"},
};

// The rows of a table, sorted.
Result<std::string> rows_of(ledger::Transaction& work, std::string_view table,
                            const std::vector<const core::Field*>& fields) {
  std::string sql = "SELECT ";
  std::vector<ledger::ColumnType> types;
  for (const core::Field* field : fields) {
    sql += fmt::format("{}{}", types.empty() ? "" : ", ", field->name);
    types.push_back(ledger::column_type(field->type));
  }
  std::vector<std::string> rows;
  ARGOSY_TRY_VOID(
      work.query(fmt::format("{} FROM {}", sql, table), types, {}, [&](const ledger::Row& row) -> Result<void> {
        std::string& text = rows.emplace_back();
        for (std::size_t i = 0; i < types.size(); ++i) {
          if (row.is_null(i)) {
            text += "null";
          } else if (types[i] == ledger::ColumnType::kInteger) {
            text += fmt::to_string(row.integer(i));
          } else if (types[i] == ledger::ColumnType::kReal) {
            text += fmt::to_string(row.real(i));
          } else {
            text += fmt::format("{}:{}", row.text(i).size(), row.text(i));
          }
          text += '|';
        }
        return {};
      }));
  std::ranges::sort(rows);
  std::string out;
  for (const std::string& row : rows) out += row + "\n";
  return out;
}

}  // namespace

LedgerMoments take_ledger_moments(std::uint64_t seed) {
  LedgerMoments out;
  const WorldSettings settings{.seed = seed, .services = 3};
  World world(settings);
  const auto steps = [&](int count) {
    for (int i = 0; i < count; ++i) world.run(std::chrono::seconds(20));
  };
  // A log begins anew once it is long, and was copied to the file.
  steps(30);
  const auto beginning = [&] { return files_of(world).log.substr(16, 8); };
  const std::string first = beginning();
  for (int i = 0; beginning() == first; ++i) {
    ARGOSY_CHECK(i < 10'000, "the log is never copied to the file");
    out.earlier = files_of(world);
    steps(1);
  }
  steps(15);
  out.logged = files_of(world);
  // Some of what the log was before it began anew; all of it would only be copied about.
  constexpr std::size_t kOldFrames = 20;
  out.logged.log.resize(std::min(out.logged.log.size(), commits_of(out.logged.log).back() + kOldFrames * kFrame));
  out.time = world.now();
  out.copied = {.file = copied(out.logged), .log = out.logged.log};
  out.closed = {.file = out.copied.file, .log = {}};
  out.earlier_closed = {.file = copied(out.earlier), .log = {}};
  World other({.seed = seed + 1, .services = 3});
  other.run(std::chrono::minutes(10));
  out.other = files_of(other);
  return out;
}

LedgerExaminer::LedgerExaminer(LedgerMoments moments) : moments_(std::move(moments)), clock_(moments_.time) {
  newest_ = look(moments_.closed, false).content;
  const std::string& log = moments_.logged.log;
  for (const std::size_t end : commits_of(log))
    earlier_.insert(look({.file = moments_.logged.file, .log = log.substr(0, end)}, false).content);
  earlier_.insert(look({.file = moments_.logged.file, .log = {}}, false).content);
  // Those of the log before: the log of earlier, under the file of earlier.
  for (const std::size_t end : commits_of(moments_.earlier.log))
    earlier_.insert(look({.file = moments_.earlier.file, .log = moments_.earlier.log.substr(0, end)}, false).content);
  earlier_.insert(look({.file = moments_.earlier.file, .log = {}}, false).content);
  earlier_.erase(newest_);
}

Mutated LedgerExaminer::mutate(Mutation kind, core::Rng& rng) const {
  const bool of_log = kind >= Mutation::kLogBit && kind <= Mutation::kNoLog;
  const std::uint64_t form = rng.below(of_log ? 2 : 3);
  const LedgerFiles& from = form == 0 ? moments_.logged : form == 1 ? moments_.copied : moments_.closed;
  Mutated out{.files = from,
              .what = fmt::format("{} ({})", kMutations[static_cast<std::size_t>(kind)],
                                  form == 0   ? "log"
                                  : form == 1 ? "log copied"
                                              : "closed")};
  std::string& bytes = of_log ? out.files.log : out.files.file;
  const auto place = [&](std::uint64_t size) { return static_cast<std::size_t>(rng.below(size)); };
  const auto page = [&] { return place(bytes.size() / kPage) * kPage; };
  const auto told = [&](std::size_t at) { out.what += fmt::format(" at {}", at); };
  // Most of a log is what it was before it began anew.
  const auto in_log = [&] { return rng.below(4) == 0 ? bytes.size() : commits_of(bytes).back(); };
  switch (kind) {
    case Mutation::kBit:
    case Mutation::kLogBit: {
      const std::size_t at = place(of_log ? in_log() : bytes.size());
      bytes[at] = static_cast<char>(bytes[at] ^ static_cast<char>(1U << rng.below(8)));
      told(at);
      break;
    }
    case Mutation::kByte: {
      const std::size_t at = place(bytes.size());
      bytes[at] = static_cast<char>(bytes[at] + static_cast<char>(1 + rng.below(255)));
      told(at);
      break;
    }
    case Mutation::kRun:
    case Mutation::kLogRun: {
      const std::size_t at = place(of_log ? in_log() : bytes.size());
      const std::size_t length = std::min(bytes.size() - at, std::size_t{2} << rng.below(12));
      for (std::size_t i = 0; i < length; ++i) bytes[at + i] = static_cast<char>(rng.below(256));
      told(at);
      break;
    }
    case Mutation::kZeroPage: {
      const std::size_t at = page();
      bytes.replace(at, kPage, kPage, '\0');
      told(at);
      break;
    }
    case Mutation::kSwapPages: {
      const std::size_t a = page();
      const std::size_t b = page();
      std::swap_ranges(bytes.begin() + static_cast<std::ptrdiff_t>(a),
                       bytes.begin() + static_cast<std::ptrdiff_t>(a + kPage),
                       bytes.begin() + static_cast<std::ptrdiff_t>(b));
      told(a);
      told(b);
      break;
    }
    case Mutation::kCopyPage: {
      const std::size_t a = page();
      const std::size_t b = page();
      bytes.replace(a, kPage, std::string(bytes, b, kPage));
      told(a);
      told(b);
      break;
    }
    case Mutation::kEarlierPage: {
      const std::string& earlier = rng.below(2) == 0 ? moments_.earlier_closed.file : moments_.logged.file;
      const std::size_t at = place(std::min(bytes.size(), earlier.size()) / kPage) * kPage;
      bytes.replace(at, kPage, earlier, at, kPage);
      told(at);
      break;
    }
    case Mutation::kCut:
    case Mutation::kLogCut: {
      const std::size_t size = place(of_log ? in_log() : bytes.size());
      bytes.resize(!of_log && rng.below(2) == 0 ? size / kPage * kPage : size);
      told(bytes.size());
      break;
    }
    case Mutation::kHeader:
      bytes.replace(0, 100, 100, '\0');
      break;
    case Mutation::kLogFrames: {
      const std::size_t count = (in_log() - kLogHeader) / kFrame;
      const std::size_t a = kLogHeader + place(count) * kFrame;
      const std::size_t b = kLogHeader + place(count) * kFrame;
      std::swap_ranges(bytes.begin() + static_cast<std::ptrdiff_t>(a),
                       bytes.begin() + static_cast<std::ptrdiff_t>(a + kFrame),
                       bytes.begin() + static_cast<std::ptrdiff_t>(b));
      told(a);
      told(b);
      break;
    }
    case Mutation::kNoLog:
      bytes.clear();
      break;
    case Mutation::kLogOfOther:
      out.files.log = moments_.other.log;
      break;
    case Mutation::kEarlierLog: {
      const auto ends = commits_of(moments_.earlier.log);
      out.files.log = moments_.earlier.log.substr(0, ends[place(ends.size())]);
      told(out.files.log.size());
      break;
    }
    case Mutation::kEarlierFile: {
      const auto ends = commits_of(moments_.logged.log);
      out.files = {.file = rng.below(2) == 0 ? moments_.earlier.file : moments_.earlier_closed.file,
                   .log = moments_.logged.log.substr(0, ends[place(ends.size())])};
      told(out.files.log.size());
      break;
    }
  }
  return out;
}

LedgerExaminer::Looked LedgerExaminer::look(const LedgerFiles& files, bool verifies) {
  Looked out;
  LedgerOnDisk disk(files, clock_);
  auto opened = disk.open();
  if (!opened) {
    out.refused = opened.error().describe();
    return out;
  }
  ledger::Database& database = **opened;
  if (verifies) {
    if (const auto checked = live::check_before_trading(database); !checked) {
      out.finding = checked.error().describe();
      return out;
    }
  }
  const auto read = database.read([&](ledger::Transaction& work) -> Result<void> {
    for (const core::RecordType* table : ledger::ledger_schema().tables) {
      std::vector<const core::Field*> books;
      std::vector<const core::Field*> others;
      const bool is_other = std::ranges::count(kOtherTables, table->name) > 0;
      for (const core::Field& field : table->fields) {
        const bool apart = is_other || std::ranges::count(kOtherColumns, std::pair(table->name, field.name)) > 0;
        (apart ? others : books).push_back(&field);
      }
      const std::string name(table->name);
      if (!books.empty()) {
        ARGOSY_TRY(out.content.books[name], rows_of(work, name, books));
      }
      if (!others.empty()) {
        ARGOSY_TRY(out.content.others[name], rows_of(work, name, others));
      }
    }
    return {};
  });
  if (!read) out.finding = read.error().describe();
  return out;
}

Examined LedgerExaminer::examine(const LedgerFiles& files) {
  Looked looked = look(files, true);
  if (looked.refused) return {.verdict = Verdict::kUnreadable, .why = *looked.refused};
  if (looked.finding) return {.verdict = Verdict::kContradicts, .why = *looked.finding};
  if (looked.content == newest_) return {};
  if (earlier_.contains(looked.content)) return {.verdict = Verdict::kEarlier, .why = {}};
  // Most like this one.
  Examined out{.verdict = looked.content.books == newest_.books ? Verdict::kElsewhere : Verdict::kWrong, .why = {}};
  for (const Content& each : earlier_) {
    if (out.verdict == Verdict::kWrong && each.books == looked.content.books) out.verdict = Verdict::kElsewhere;
  }
  for (const auto part : {&Content::books, &Content::others}) {
    for (const auto& [table, rows] : looked.content.*part) {
      if ((newest_.*part).at(table) != rows) out.why += table + " ";
    }
  }
  return out;
}

}  // namespace argosy::simulation
