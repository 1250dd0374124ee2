#include "lake/detail/duckdb.hpp"

#include <dlfcn.h>
#include <duckdb.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <mutex>

#include "core/config.hpp"

namespace argosy::lake::detail {

namespace {

using core::ErrorCode;

// clang-format off
#define ARGOSY_DUCKDB_FUNCTIONS(use) \
  use(create_scalar_function) use(scalar_function_set_name) use(scalar_function_set_varargs) \
  use(scalar_function_set_special_handling) use(scalar_function_set_volatile) use(scalar_function_set_return_type) \
  use(scalar_function_set_extra_info) use(scalar_function_set_function) use(register_scalar_function) \
  use(destroy_scalar_function) use(scalar_function_get_extra_info) use(appender_create) use(appender_destroy) \
  use(appender_error) use(append_data_chunk) use(appender_close) use(column_count) use(column_name) use(connect) \
  use(disconnect) use(close) use(create_config) use(set_config) use(destroy_config) use(create_data_chunk) \
  use(destroy_data_chunk) use(data_chunk_set_size) use(data_chunk_get_size) use(data_chunk_reset) \
  use(data_chunk_get_vector) use(vector_get_data) use(vector_get_validity) use(vector_ensure_validity_writable) \
  use(validity_set_row_invalid) use(vector_assign_string_element_len) use(vector_size) use(create_logical_type) \
  use(create_decimal_type) use(destroy_logical_type) use(open_ext) use(free) use(query) use(result_error) \
  use(destroy_result) use(fetch_chunk) use(extract_statements) use(extract_statements_error) use(destroy_extracted) \
  use(prepare_extracted_statement) use(prepare_error) use(destroy_prepare) use(prepared_statement_type) \
  use(prepared_statement_column_count) use(prepared_statement_column_name) use(prepared_statement_column_type)
// clang-format on

// The functions used, under their names without the prefix.
struct Api {
#define ARGOSY_DECLARE(name) decltype(&duckdb_##name) name = nullptr;  // NOLINT(bugprone-macro-parentheses)
  ARGOSY_DUCKDB_FUNCTIONS(ARGOSY_DECLARE)
#undef ARGOSY_DECLARE
};

std::string program_folder() {
  std::array<char, 4096> path{};
  const ssize_t length = readlink("/proc/self/exe", path.data(), path.size());
  if (length <= 0) return {};
  const std::string_view text(path.data(), static_cast<std::size_t>(length));
  return std::string(text.substr(0, text.rfind('/')));
}

core::Result<Api> load_api() {
  std::vector<std::string> places;
  if (auto place = core::system_environment()("ARGOSY_DUCKDB"); place && !place->empty()) places.push_back(*place);
  places.push_back(program_folder() + "/libduckdb.so");
  places.emplace_back(ARGOSY_DUCKDB_LIBRARY);
  void* library = nullptr;
  std::string reasons;
  for (const std::string& place : places) {
    library = dlopen(place.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library != nullptr) break;
    reasons += fmt::format("\n    {}", dlerror());
  }
  if (library == nullptr) {
    return core::fail(core::Error(ErrorCode::kUnavailable, "the DuckDB library cannot be opened:" + reasons)
                          .with_hint("run ./dev setup, or set ARGOSY_DUCKDB to the path of libduckdb.so"));
  }
  Api api;
  const char* missing = nullptr;
#define ARGOSY_FIND(name)                                                                 \
  api.name = reinterpret_cast<decltype(&duckdb_##name)>(dlsym(library, "duckdb_" #name)); \
  if (api.name == nullptr) missing = "duckdb_" #name;
  ARGOSY_DUCKDB_FUNCTIONS(ARGOSY_FIND)
#undef ARGOSY_FIND
  if (missing != nullptr) {
    return core::fail(core::Error(ErrorCode::kUnavailable, fmt::format("the DuckDB library lacks {}", missing))
                          .with_hint("run ./dev setup to get the version this program was made for"));
  }
  return api;
}

// The library stays open until the process ends: closing it would not give back what its threads and statics hold.
core::Result<const Api*> api_of_process() {
  static std::mutex mutex;
  static Api loaded;
  static bool is_loaded = false;
  const std::lock_guard<std::mutex> guard(mutex);
  if (!is_loaded) {
    ARGOSY_TRY(loaded, load_api());
    is_loaded = true;
  }
  return &loaded;
}

bool mentions(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::any_of(words.begin(), words.end(), [&](auto word) { return text.find(word) != std::string_view::npos; });
}

// DuckDB tells errors apart by their text alone.
core::Error error_of(std::string_view text) {
  if (mentions(text, {"No space left", "File too large", "Disk quota"})) {
    return core::Error(ErrorCode::kOutOfSpace, std::string(text)).with_hint("free some space and try again");
  }
  if (mentions(text, {"Read-only file system", "Permission denied", "Operation not permitted"})) {
    return core::Error(ErrorCode::kReadOnly, std::string(text)).with_hint("check the permissions of the folder");
  }
  if (mentions(text, {"No files found", "No such file"})) return core::Error(ErrorCode::kNotFound, std::string(text));
  if (mentions(text, {"magic bytes", "too small to be a Parquet", "IO Error", "TProtocolException", "corrupt", "Snappy",
                      "ZSTD", "Invalid Error"})) {
    return core::Error(ErrorCode::kCorrupt, std::string(text));
  }
  return core::Error(ErrorCode::kInvalidArgument, std::string(text));
}

}  // namespace

struct Rows::State {
  const Api* api;
  duckdb_result result{};
  duckdb_data_chunk chunk = nullptr;

  explicit State(const Api* functions) : api(functions) {}
  ~State() {
    if (chunk != nullptr) api->destroy_data_chunk(&chunk);
    api->destroy_result(&result);
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
};

Rows::Rows(std::unique_ptr<State> state) : state_(std::move(state)) {}
Rows::~Rows() = default;
Rows::Rows(Rows&&) noexcept = default;
Rows& Rows::operator=(Rows&&) noexcept = default;

std::optional<Chunk> Rows::next() {
  if (state_->chunk != nullptr) state_->api->destroy_data_chunk(&state_->chunk);
  state_->chunk = state_->api->fetch_chunk(state_->result);
  if (state_->chunk == nullptr) return std::nullopt;
  return Chunk(state_->api, state_->chunk);
}

std::size_t Rows::column_count() const { return state_->api->column_count(&state_->result); }
std::string Rows::column_name(std::size_t index) const { return state_->api->column_name(&state_->result, index); }

namespace {

const Api& api_of(const void* functions) { return *static_cast<const Api*>(functions); }

const std::uint64_t* validity(const Api& api, void* chunk, std::size_t index) {
  return api.vector_get_validity(api.data_chunk_get_vector(static_cast<duckdb_data_chunk>(chunk), index));
}

}  // namespace

std::size_t Chunk::size() const {
  return api_of(functions_).data_chunk_get_size(static_cast<duckdb_data_chunk>(chunk_));
}

const void* Chunk::raw_column(std::size_t index) const {
  const Api& api = api_of(functions_);
  return api.vector_get_data(api.data_chunk_get_vector(static_cast<duckdb_data_chunk>(chunk_), index));
}

bool Chunk::has_nulls(std::size_t index) const { return validity(api_of(functions_), chunk_, index) != nullptr; }

bool Chunk::is_null(std::size_t index, std::size_t row) const {
  const auto* valid = validity(api_of(functions_), chunk_, index);
  return valid != nullptr && ((valid[row / 64] >> (row % 64)) & 1U) == 0;
}

std::string_view Chunk::text(std::size_t index, std::size_t row) const {
  const duckdb_string_t& value = column<duckdb_string_t>(index)[row];
  const std::uint32_t length = value.value.inlined.length;
  constexpr std::uint32_t kInlined = 12;
  return {length <= kInlined ? value.value.inlined.inlined : value.value.pointer.ptr, length};
}

struct Database::State {
  const Api* api;
  duckdb_database database = nullptr;
  duckdb_connection connection = nullptr;
  std::mutex visiting;  // one visit at a time
  std::function<void(const Chunk&)> visitor;

  explicit State(const Api* functions) : api(functions) {}
  ~State() {
    if (connection != nullptr) api->disconnect(&connection);
    if (database != nullptr) api->close(&database);
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
};

namespace {

constexpr const char* kVisit = "argosy_visit";

// Makes a SQL function of any arguments known that shows them to `visitor` and returns true.
void add_visit(const Api& api, duckdb_connection connection, std::function<void(const Chunk&)>& visitor) {
  duckdb_scalar_function function = api.create_scalar_function();
  duckdb_logical_type any = api.create_logical_type(DUCKDB_TYPE_ANY);
  duckdb_logical_type boolean = api.create_logical_type(DUCKDB_TYPE_BOOLEAN);
  api.scalar_function_set_name(function, kVisit);
  api.scalar_function_set_varargs(function, any);
  api.scalar_function_set_return_type(function, boolean);
  api.scalar_function_set_special_handling(function);  // nulls are shown too
  api.scalar_function_set_volatile(function);          // never folded, never skipped
  api.scalar_function_set_extra_info(function, &visitor, nullptr);
  api.scalar_function_set_function(
      function, [](duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
        static const Api& functions = **api_of_process();
        const Chunk chunk(&functions, input);
        (*static_cast<std::function<void(const Chunk&)>*>(functions.scalar_function_get_extra_info(info)))(chunk);
        std::memset(functions.vector_get_data(output), 1, chunk.size());
      });
  const auto added = api.register_scalar_function(connection, function);
  ARGOSY_CHECK(added == DuckDBSuccess, "the function {} cannot be added", kVisit);
  api.destroy_logical_type(&any);
  api.destroy_logical_type(&boolean);
  api.destroy_scalar_function(&function);
}

}  // namespace

Database::Database(std::unique_ptr<State> state) : state_(std::move(state)) {}
Database::~Database() = default;

core::Result<std::shared_ptr<Database>> Database::open(int threads) {
  ARGOSY_TRY(const Api* api, api_of_process());
  auto state = std::make_unique<State>(api);
  duckdb_config config = nullptr;
  api->create_config(&config);
  // Parquet is built in; nothing else may be fetched from a network.
  api->set_config(config, "autoinstall_known_extensions", "false");
  api->set_config(config, "autoload_known_extensions", "false");
  if (threads > 0) api->set_config(config, "threads", std::to_string(threads).c_str());
  char* message = nullptr;
  const auto opened = api->open_ext(":memory:", &state->database, config, &message);
  api->destroy_config(&config);
  if (opened != DuckDBSuccess || api->connect(state->database, &state->connection) != DuckDBSuccess) {
    auto error =
        core::Error(ErrorCode::kUnavailable, fmt::format("DuckDB: {}", message != nullptr ? message : "no connection"));
    if (message != nullptr) api->free(message);
    return core::fail(std::move(error));
  }
  add_visit(*api, state->connection, state->visitor);
  return std::shared_ptr<Database>(new Database(std::move(state)));
}

core::Result<Rows> Database::query(const std::string& sql) {
  auto rows = std::make_unique<Rows::State>(state_->api);
  if (state_->api->query(state_->connection, sql.c_str(), &rows->result) != DuckDBSuccess) {
    const char* text = state_->api->result_error(&rows->result);
    return core::fail(error_of(text != nullptr ? text : "the query failed"));
  }
  return Rows(std::move(rows));
}

core::Result<void> Database::execute(const std::string& sql) {
  ARGOSY_TRY_VOID(query(sql));
  return {};
}

core::Result<void> Database::visit(const std::string& columns, const std::string& from,
                                   const std::function<void(const Chunk&)>& visit) {
  const std::scoped_lock lock(state_->visiting);
  state_->visitor = visit;
  auto done = execute(fmt::format("SELECT bool_and({}({})) {}", kVisit, columns, from));
  state_->visitor = nullptr;
  return done;
}

core::Result<StatementInfo> Database::describe(const std::string& sql) {
  const Api& api = *state_->api;
  duckdb_extracted_statements statements = nullptr;
  const idx_t count = api.extract_statements(state_->connection, sql.c_str(), &statements);
  StatementInfo info;
  core::Result<StatementInfo> result = info;
  if (count == 0) {
    const char* text = api.extract_statements_error(statements);
    result = core::fail(ErrorCode::kInvalidArgument, text != nullptr ? text : "the text holds no SQL statement");
  } else if (count > 1) {
    result = core::fail(ErrorCode::kInvalidArgument, fmt::format("{} statements where one is expected", count));
  } else {
    duckdb_prepared_statement prepared = nullptr;
    if (api.prepare_extracted_statement(state_->connection, statements, 0, &prepared) != DuckDBSuccess) {
      result = core::fail(ErrorCode::kInvalidArgument, api.prepare_error(prepared));
    } else {
      info.is_select = api.prepared_statement_type(prepared) == DUCKDB_STATEMENT_TYPE_SELECT;
      for (idx_t i = 0; i < api.prepared_statement_column_count(prepared); ++i) {
        const char* name = api.prepared_statement_column_name(prepared, i);
        info.names.emplace_back(name);
        api.free(const_cast<char*>(name));
        const duckdb_type type = api.prepared_statement_column_type(prepared, i);
        info.numeric.push_back(type >= DUCKDB_TYPE_TINYINT && type <= DUCKDB_TYPE_DOUBLE);
      }
      result = info;
    }
    api.destroy_prepare(&prepared);
  }
  api.destroy_extracted(&statements);
  return result;
}

namespace {

// Fills rows [first, first + rows) of a column's source into a vector.
void fill_vector(const Api& api, duckdb_vector vector, const ColumnInput& column, std::size_t first, std::size_t rows) {
  void* out = api.vector_get_data(vector);
  switch (column.type) {
    case ColumnInput::Type::kDate:
      std::memcpy(out, static_cast<const std::int32_t*>(column.data) + first, rows * sizeof(std::int32_t));
      return;
    case ColumnInput::Type::kTimestamp:
    case ColumnInput::Type::kDecimal:
      std::memcpy(out, static_cast<const std::int64_t*>(column.data) + first, rows * sizeof(std::int64_t));
      return;
    case ColumnInput::Type::kDouble: {
      const auto* values = static_cast<const double*>(column.data) + first;
      std::memcpy(out, values, rows * sizeof(double));
      for (std::size_t i = 0; i < rows; ++i) {
        if (!std::isnan(values[i])) continue;
        api.vector_ensure_validity_writable(vector);
        api.validity_set_row_invalid(api.vector_get_validity(vector), i);
      }
      return;
    }
    case ColumnInput::Type::kText:
    case ColumnInput::Type::kConstantText: {
      const bool constant = column.type == ColumnInput::Type::kConstantText;
      const auto* values = static_cast<const std::string_view*>(column.data) + (constant ? 0 : first);
      for (std::size_t i = 0; i < rows; ++i) {
        const std::string_view text = values[constant ? 0 : i];
        api.vector_assign_string_element_len(vector, i, text.data(), text.size());
      }
      return;
    }
  }
}

duckdb_logical_type logical_type(const Api& api, ColumnInput::Type type) {
  switch (type) {
    case ColumnInput::Type::kDate:
      return api.create_logical_type(DUCKDB_TYPE_DATE);
    case ColumnInput::Type::kTimestamp:
      return api.create_logical_type(DUCKDB_TYPE_TIMESTAMP_NS);
    case ColumnInput::Type::kDecimal:
      return api.create_decimal_type(18, 9);
    case ColumnInput::Type::kDouble:
      return api.create_logical_type(DUCKDB_TYPE_DOUBLE);
    case ColumnInput::Type::kText:
    case ColumnInput::Type::kConstantText:
      break;
  }
  return api.create_logical_type(DUCKDB_TYPE_VARCHAR);
}

}  // namespace

core::Result<void> Database::append(const std::string& table, std::size_t rows, std::span<const ColumnInput> columns) {
  const Api& api = *state_->api;
  duckdb_appender appender = nullptr;
  if (api.appender_create(state_->connection, nullptr, table.c_str(), &appender) != DuckDBSuccess) {
    const char* text = api.appender_error(appender);
    auto error = error_of(text != nullptr ? text : "no such table");
    api.appender_destroy(&appender);
    return core::fail(std::move(error));
  }
  std::vector<duckdb_logical_type> types;
  for (const ColumnInput& column : columns) types.push_back(logical_type(api, column.type));
  const std::size_t chunk_rows = api.vector_size();
  bool good = true;
  for (std::size_t first = 0; first < rows && good; first += chunk_rows) {
    const std::size_t count = std::min(chunk_rows, rows - first);
    duckdb_data_chunk chunk = api.create_data_chunk(types.data(), types.size());
    for (std::size_t i = 0; i < columns.size(); ++i) {
      fill_vector(api, api.data_chunk_get_vector(chunk, i), columns[i], first, count);
    }
    api.data_chunk_set_size(chunk, count);
    good = api.append_data_chunk(appender, chunk) == DuckDBSuccess;
    api.destroy_data_chunk(&chunk);
  }
  for (auto& type : types) api.destroy_logical_type(&type);
  good = good && api.appender_close(appender) == DuckDBSuccess;
  core::Result<void> result;
  if (!good) {
    const char* text = api.appender_error(appender);
    result = core::fail(error_of(text != nullptr ? text : "rows cannot be appended"));
  }
  api.appender_destroy(&appender);
  return result;
}

std::string quote(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') out += '\'';
    out += c;
  }
  return out + "'";
}

std::string quote_list(std::span<const std::string> texts) {
  std::string out = "[";
  for (const std::string& text : texts) {
    if (out.size() > 1) out += ", ";
    out += quote(text);
  }
  return out + "]";
}

}  // namespace argosy::lake::detail
