#include "jobs/job_types.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <system_error>
#include <utility>

#include "core/check.hpp"
#include "core/text.hpp"
#include "core/yaml.hpp"
#include "ledger/records.hpp"
#include "ledger/users.hpp"

namespace argosy::jobs {

using core::Error;
using core::ErrorCode;
using core::fail;
using core::Field;
using core::FieldType;
using core::RecordType;
using core::Result;
using ledger::JobRow;

namespace {

constexpr std::size_t kMostParameterBytes = std::size_t{64} * 1024;
constexpr std::size_t kMostItems = 1'000;
constexpr std::size_t kMostItemLength = 200;

constexpr const RecordType& kBacktest = core::RecordOf<StrategyParameters>::kBacktest;
constexpr const RecordType& kOptimize = core::RecordOf<StrategyParameters>::kType;
constexpr const RecordType& kImport = core::RecordOf<ImportParameters>::kType;
constexpr const RecordType& kBackup = core::RecordOf<BackupParameters>::kType;

constexpr std::array<JobType, 4> kTypes{{
    {.name = "backtest", .text = kBacktest.text, .parameters = &kBacktest},
    {.name = "optimize", .text = kOptimize.text, .parameters = &kOptimize, .most_seconds = 24 * 3'600},
    {.name = "import", .text = kImport.text, .parameters = &kImport, .is_for_admins = true},
    {.name = "backup", .text = kBackup.text, .parameters = &kBackup, .is_for_admins = true},
}};

// --- Checks. ---

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }
bool is_word(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-' || c == '+';
}

// What is wrong with a text that is not to be taken for a path; empty: nothing.
std::string_view not_plain(std::string_view text) {
  if (text.contains('/') || text.contains('\\') || text.contains("..") || text.ends_with(".yaml") ||
      text.starts_with('.'))
    return "it must be a name and no path";
  return {};
}
// "America/New_York"
std::string_view not_zone(std::string_view text) {
  for (const std::string_view part : core::split(text, '/')) {
    if (part.empty() || !std::ranges::all_of(part, is_word)) return "it is no time zone";
  }
  return {};
}
// "nyse/2024.csv": parts that go down.
std::string_view not_below(std::string_view text) {
  for (const std::string_view part : core::split(text, '/')) {
    if (part.empty() || part.starts_with('.')) return "it must be a file in the home's folder imports";
  }
  return text.contains('\\') ? "it must be a file in the home's folder imports" : std::string_view();
}

std::string_view wrong_text(std::string_view field, std::string_view text) {
  if (std::ranges::any_of(text, is_control) || core::find_invalid_utf8(text)) return "it has letters that cannot be";
  if (field == "file") return not_below(text);
  if (field == "timezone") return not_zone(text);
  if (field == "walk_forward" || field == "note") return {};
  if (field == "columns") return text.contains(',') ? "it must be one column" : std::string_view();
  if (field == "symbols" && text.contains(',')) return "it must be one symbol";
  return not_plain(text);
}

void check_text(const Field& field, std::string_view text, std::vector<Error>& errors) {
  if (text.empty()) return;
  const std::string_view wrong = wrong_text(field.name, text);
  if (!wrong.empty())
    errors.push_back(
        Error(ErrorCode::kInvalidArgument, std::string(wrong)).in_field(std::string(field.name), std::string(text)));
}

void check_list(const Field& field, const std::vector<std::string>& items, std::vector<Error>& errors) {
  const bool is_long =
      std::ranges::any_of(items, [](const std::string& item) { return item.size() > kMostItemLength; });
  if (items.size() > kMostItems || is_long) {
    errors.push_back(Error(ErrorCode::kInvalidArgument,
                           fmt::format("at most {} items of {} letters each", kMostItems, kMostItemLength))
                         .in_field(std::string(field.name)));
    return;
  }
  for (const std::string& item : items) check_text(field, item, errors);
}

const std::byte* member(const Field& field, const void* record) {
  return static_cast<const std::byte*>(record) + field.offset;
}

// A record of parameters, whichever of the types it is.
struct Parameters {
  StrategyParameters strategy;
  ImportParameters import;
  BackupParameters backup;
  [[nodiscard]] void* of(const RecordType& type) {
    if (&type == &kImport) return &import;
    if (&type == &kBackup) return &backup;
    return &strategy;
  }
};

std::vector<Error> read(const RecordType& type, const core::JsonValue& json, Parameters& parameters) {
  void* record = parameters.of(type);
  std::vector<Error> errors = core::read_json(json, type, record);
  if (!errors.empty()) return errors;
  for (const Field& field : type.fields) {
    const std::byte* at = member(field, record);
    if (field.type == FieldType::kText) check_text(field, *reinterpret_cast<const std::string*>(at), errors);
    if (field.type == FieldType::kTextList)
      check_list(field, *reinterpret_cast<const std::vector<std::string>*>(at), errors);
    if (field.notes.required && core::field_text(field, record).empty())
      errors.push_back(Error(ErrorCode::kInvalidArgument, "it is empty").in_field(std::string(field.name)));
  }
  return errors;
}

// --- Commands. ---

// "--walk-forward=3y/1y" for each field that is given: the value cannot be taken for another option.
void add_options(const RecordType& type, const void* record, std::span<const std::string_view> without,
                 std::vector<std::string>& command) {
  for (const Field& field : type.fields) {
    if (std::ranges::find(without, field.name) != without.end()) continue;
    std::string option = "--" + std::string(field.name);
    std::ranges::replace(option, '_', '-');
    const std::byte* at = member(field, record);
    if (field.type == FieldType::kBoolean) {
      if (*reinterpret_cast<const bool*>(at)) command.push_back(option);
    } else if (field.type == FieldType::kTextList) {
      for (const std::string& item : *reinterpret_cast<const std::vector<std::string>*>(at))
        command.push_back(fmt::format("{}={}", option, item));
    } else if (const std::string text = core::field_text(field, record); !text.empty()) {
      command.push_back(fmt::format("{}={}", option, text));
    }
  }
}

Result<std::optional<ledger::StrategyRow>> find_stored(std::int64_t owner_id, const StrategyParameters& asked,
                                                       ledger::Database& ledger) {
  auto found = ledger.read([&](ledger::Transaction& work) {
    std::string condition = "WHERE name = :name AND owner_id = :owner_id";
    std::vector<ledger::Value> values{asked.strategy, owner_id};
    if (asked.version) {
      // A name is one user's. An admin's jobs may read everybody's, where one of its versions is meant.
      condition =
          "WHERE name = :name AND (owner_id = :owner_id OR EXISTS (SELECT 1 FROM users WHERE user_id = :reader_id AND "
          "role = 'admin' AND is_active = 1)) AND version = :version";
      values.insert(values.end(), {owner_id, *asked.version});
    }
    return ledger::select<ledger::StrategyRow>(work, condition + " ORDER BY version DESC LIMIT 1", values);
  });
  if (!found) {
    found.error().retryable = true;
    return fail(std::move(found).error());
  }
  if (found->empty()) return std::optional<ledger::StrategyRow>();
  return std::optional<ledger::StrategyRow>(std::move(found->front()));
}

// The file that the child reads.
Result<std::string> strategy_file(const JobRow& job, const StrategyParameters& asked, const JobPlaces& places,
                                  JobCommand& command) {
  ARGOSY_TRY(const auto stored, find_stored(job.owner_id, asked, *places.ledger));
  if (stored) {
    ARGOSY_TRY_VOID(check_stored_text(stored->text, stored->name));
    std::string path = fmt::format("{}/{}.yaml", places.scratch, job.job_id);
    ARGOSY_TRY_VOID(places.files->make_folders(places.scratch));
    ARGOSY_TRY_VOID(places.files->write_atomic(path, stored->text));
    command.scratch.push_back(path);
    return path;
  }
  if (!asked.version) {
    for (const std::string& folder : places.strategy_folders) {
      std::string path = fmt::format("{}/{}.yaml", folder, asked.strategy);
      if (places.files->exists(path)) return path;
    }
  }
  return fail(Error(ErrorCode::kNotFound, asked.version
                                              ? fmt::format("there is no version {} of a stored strategy \"{}\"",
                                                            *asked.version, asked.strategy)
                                              : fmt::format("there is no strategy \"{}\"", asked.strategy))
                  .with_hint("argosy strategy list shows what there is"));
}

// Links are followed: where they end must be in the folder, too.
Result<std::string> import_file(const std::string& name, const JobPlaces& places) {
  std::error_code failed;
  const std::filesystem::path folder = std::filesystem::canonical(places.imports, failed);
  if (failed) {
    return fail(Error(ErrorCode::kNotFound, "the home has no folder imports")
                    .with_hint("make it, and put files to import there"));
  }
  const std::filesystem::path path = std::filesystem::canonical(folder / name, failed);
  if (failed) return fail(ErrorCode::kNotFound, fmt::format("there is no file {} in the folder imports", name));
  const auto [ended, other] = std::ranges::mismatch(folder, path);
  if (ended != folder.end() || !std::filesystem::is_regular_file(path, failed))
    return fail(Error(ErrorCode::kInvalidArgument, fmt::format("{} is no file in the folder imports", name)));
  return path.string();
}

}  // namespace

std::span<const JobType> job_types() { return kTypes; }

Result<void> check_stored_text(const std::string& text, const std::string& name) {
  ARGOSY_TRY(const core::YamlNode root, core::parse_yaml(text, name));
  const auto check = [&](const core::YamlNode& node) -> Result<void> {
    if (not_plain(node.scalar).empty()) return {};
    return fail(Error(ErrorCode::kInvalidArgument, fmt::format("\"{}\" is a path, and not read in a job", node.scalar))
                    .at(name, node.line, node.column));
  };
  for (const std::string_view key : {"let_files", "fees", "limits"}) {
    const core::YamlNode* node = root.find(key);
    if (node == nullptr) continue;
    ARGOSY_TRY_VOID(check(*node));
    for (const core::YamlNode& item : node->items) ARGOSY_TRY_VOID(check(item));
  }
  return {};
}

Result<const JobType*> find_job_type(std::string_view name) {
  const auto found = std::ranges::find(kTypes, name, &JobType::name);
  if (found != kTypes.end()) return &*found;
  std::vector<std::string_view> names;
  for (const JobType& type : kTypes) names.push_back(type.name);
  return fail(ErrorCode::kNotFound,
              fmt::format("there is no type of job \"{}\".{}", name, core::did_you_mean(name, names)));
}

std::expected<std::string, std::vector<Error>> check_parameters(std::string_view type,
                                                                const core::JsonValue& parameters) {
  auto found = find_job_type(type);
  if (!found) return std::unexpected(std::vector{std::move(found).error()});
  Parameters read_into;
  const RecordType& record = *(*found)->parameters;
  std::vector<Error> errors = read(record, parameters, read_into);
  core::JsonWriter json;
  core::write_json(json, record, read_into.of(record));
  std::string text = std::move(json).take();
  if (errors.empty() && text.size() > kMostParameterBytes)
    errors.emplace_back(ErrorCode::kLimit, fmt::format("parameters of more than {} bytes", kMostParameterBytes));
  if (!errors.empty()) return std::unexpected(std::move(errors));
  return text;
}

Result<JobCommand> make_command(const JobRow& job, const JobPlaces& places) {
  ARGOSY_TRY(const JobType* type, find_job_type(job.type));
  ARGOSY_TRY(const core::JsonValue json, core::parse_json(job.parameters));
  // What is stored is checked again: it is as old as the row.
  Parameters parameters;
  std::vector<Error> errors = read(*type->parameters, json, parameters);
  if (!errors.empty()) return fail(std::move(errors.front()));
  JobCommand out;
  std::vector<std::string>& command = out.command;
  command.push_back(places.program);
  const auto add = [&](std::span<const std::string_view> without) {
    add_options(*type->parameters, parameters.of(*type->parameters), without, command);
  };
  if (type->parameters == &kBackup) {
    command.insert(command.end(), {"backup", places.backups + "/"});
  } else if (type->parameters == &kImport) {
    ARGOSY_TRY(const std::string path, import_file(parameters.import.file, places));
    command.insert(command.end(), {"data", "import", path});
    add(std::array<std::string_view, 1>{"file"});
  } else {
    StrategyParameters& asked = parameters.strategy;
    ARGOSY_TRY(const std::string path, strategy_file(job, asked, places, out));
    command.insert(command.end(), {job.type, path});
    // Studies take all cores by themselves; here others are at work.
    if (type->parameters == &kOptimize && !asked.workers) asked.workers = 1;
    for (const std::string& symbol : asked.symbols) command.push_back("--symbol=" + symbol);
    for (const std::string& each : asked.objectives) command.push_back("--objective=" + each);
    for (const std::string& each : asked.constraints) command.push_back("--constraint=" + each);
    add(std::array<std::string_view, 5>{"strategy", "version", "symbols", "objectives", "constraints"});
  }
  command.insert(command.end(), {"--home=" + places.home, "--json"});
  out.environment.push_back(fmt::format("{}={}", kOwnerVariable, job.owner_id));
  return out;
}

}  // namespace argosy::jobs
