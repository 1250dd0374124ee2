// The program itself.
#include "rest/answer_schemas.hpp"
#include "rest/resources.hpp"

namespace argosy::rest {

using core::Result;
using server::Access;
using server::endpoint;
using server::None;

struct LogQuery {
  std::int64_t lines = 200;
};
struct LogOut {
  std::vector<std::string> lines;
};
struct BackupOut {
  std::string file;
  std::int64_t bytes = 0;
  core::Timestamp made_at;
};
struct InfoOut {
  std::string version;
  core::Timestamp time;
};

}  // namespace argosy::rest

template <>
struct argosy::core::RecordOf<argosy::rest::InfoOut> {
  using Row = argosy::rest::InfoOut;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, version, .text = "of the program"),
      ARGOSY_FIELD(Row, time, .text = "of the server's clock"),
  };
  static constexpr RecordType kType{"system_info", "The program", kFields};
};

template <>
struct argosy::core::RecordOf<argosy::rest::LogQuery> {
  using Row = argosy::rest::LogQuery;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, lines, .limits = {.minimum = 1, .maximum = 1'000}, .text = "how many of the newest")};
  static constexpr RecordType kType{"log_query", "How much of the log", kFields};
};
template <>
struct argosy::core::RecordOf<argosy::rest::LogOut> {
  using Row = argosy::rest::LogOut;
  static constexpr Field kFields[] = {ARGOSY_FIELD(Row, lines, .text = "each a JSON object, the oldest first")};
  static constexpr RecordType kType{"log", "The newest lines of the log", kFields};
};
template <>
struct argosy::core::RecordOf<argosy::rest::BackupOut> {
  using Row = argosy::rest::BackupOut;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, file, .text = "in the folder of backups"),
      ARGOSY_FIELD(Row, bytes, .unit = "bytes"),
      ARGOSY_FIELD(Row, made_at, .text = "when it was written"),
  };
  static constexpr RecordType kType{"ledger_backup", "A backup of the ledger", kFields};
};

namespace argosy::rest {

void add_system(server::Api& api, const Resources& resources) {
  api.add(endpoint<None, None, None, InfoOut>({.path = "/system/info",
                                               .name = "get_info",
                                               .tag = "system",
                                               .summary = "The program",
                                               .access = Access::kViewer},
                                              [&](const auto&) -> Result<InfoOut> {
                                                return InfoOut{.version = resources.version,
                                                               .time = resources.clock.now()};
                                              }));
  api.add(endpoint<None, None, None, net::HttpResponse>({.path = "/system/health",
                                                         .name = "get_health",
                                                         .tag = "system",
                                                         .summary = "Whether all is well, and why not",
                                                         .access = Access::kViewer,
                                                         .raw_schema = &kHealthSchema},
                                                        [&](const auto&) -> Result<net::HttpResponse> {
                                                          return net::text_response(200, "application/json",
                                                                                    resources.health());
                                                        }));
  api.add(endpoint<None, LogQuery, None, LogOut>(
      {.path = "/system/log",
       .name = "get_log",
       .tag = "system",
       .summary = "The newest lines of the program's log",
       .access = Access::kAdmin},
      [&](const auto& call) -> Result<LogOut> {
        LogOut out;
        ARGOSY_TRY(out.lines, resources.log_lines(static_cast<std::size_t>(call.query.lines)));
        return out;
      }));
  api.add(endpoint<None, None, None, server::Page<BackupOut>>(
      {.path = "/system/backups",
       .name = "list_backups",
       .tag = "system",
       .summary = "Backups of the ledger, the newest first; a job makes one more",
       .access = Access::kAdmin},
      [&](const auto&) -> Result<server::Page<BackupOut>> {
        ARGOSY_TRY(const auto found, resources.backups());
        std::vector<BackupOut> items;
        for (const core::FileInfo& each : found)
          items.push_back({.file = each.name, .bytes = static_cast<std::int64_t>(each.size), .made_at = each.modified});
        constexpr std::int64_t kMost = 500;
        return part_of(std::move(items), 1, kMost);
      }));
  add_list<ledger::AuditRow>(api, resources,
                             {.path = "/system/audit",
                              .name = "list_audit",
                              .tag = "system",
                              .summary = "Who changed what",
                              .access = Access::kAdmin});
}

}  // namespace argosy::rest
