#include "ledger/detail/postgres_address.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <utility>

#include "core/text.hpp"

namespace argosy::ledger::detail {

using core::Error;
using core::ErrorCode;
using core::fail;
using core::Result;

namespace {

constexpr std::string_view kSocketFolder = "/var/run/postgresql";  // where Debian's server has its socket
constexpr std::string_view kPort = "5432";
constexpr std::array<std::string_view, 9> kOptions = {"host",    "user",   "port",   "sslmode",        "sslrootcert",
                                                      "sslcert", "sslkey", "sslcrl", "connect_timeout"};
constexpr std::array<std::string_view, 5> kLocalModes = {"disable", "allow", "prefer", "require", "verify-full"};

std::unexpected<Error> wrong(std::string message, std::string hint) {
  return fail(Error(ErrorCode::kInvalidArgument, std::move(message)).with_hint(std::move(hint)));
}

std::unexpected<Error> password_within() {
  return wrong("the ledger's address holds a password",
               "take it out, change it, and give it in the environment variable PGPASSWORD");
}

bool is_one_of(std::span<const std::string_view> names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

std::optional<int> hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

// "%2F" is "/".
Result<std::string> decode(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    const auto high = i + 1 < text.size() ? hex_digit(text[i + 1]) : std::nullopt;
    const auto low = i + 2 < text.size() ? hex_digit(text[i + 2]) : std::nullopt;
    if (!high || !low || (*high == 0 && *low == 0))
      return wrong("a % in the ledger's address is not followed by a character's two digits", "write % as %25");
    decoded += static_cast<char>(*high * 16 + *low);
    i += 2;
  }
  return decoded;
}

Result<void> read_option(std::string_view text, PostgresAddress& address) {
  const std::size_t equals = text.find('=');
  ARGOSY_TRY(const std::string name, decode(text.substr(0, equals)));
  if (name.contains("password") || name == "passfile") return password_within();
  if (equals == std::string_view::npos || !is_one_of(kOptions, name)) {
    return wrong(fmt::format("the ledger's address has an option \"{}\" that is not known", name),
                 fmt::format("there are {}", fmt::join(kOptions, ", ")));
  }
  ARGOSY_TRY(std::string value, decode(text.substr(equals + 1)));
  if (name == "host") {
    address.host = std::move(value);
  } else if (name == "user") {
    address.user = std::move(value);
  } else if (name == "port") {
    address.port = std::move(value);
  } else {
    address.options[name] = std::move(value);
  }
  return {};
}

// "user@host:port", each part of which may be missing; an address of IP version 6 stands in brackets.
Result<void> read_authority(std::string_view text, PostgresAddress& address) {
  if (const std::size_t at = text.rfind('@'); at != std::string_view::npos) {
    ARGOSY_TRY(address.user, decode(text.substr(0, at)));
    text.remove_prefix(at + 1);
  }
  std::size_t end_of_host = text.starts_with('[') ? text.find(']') : 0;
  if (end_of_host == std::string_view::npos) return wrong("the ledger's address has a [ without its ]", "");
  const std::size_t colon = text.find(':', end_of_host);
  if (colon != std::string_view::npos) address.port = std::string(text.substr(colon + 1));
  std::string_view host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  ARGOSY_TRY(address.host, decode(host));
  return {};
}

Result<void> check(const PostgresAddress& address) {
  const auto port = core::parse_integer(address.port);
  if (!port || *port < 1 || *port > 65535) {
    // Not shown: a password without its @ would stand there.
    return wrong("the port in the ledger's address is none",
                 "write one server, postgresql://user@host:port/database, with a port from 1 to 65535");
  }
  if (address.host.contains(','))
    return wrong("the ledger's address names several hosts", "name the one that holds the ledger");
  if (address.database.empty() || address.database.contains('/')) {
    return wrong("the ledger's address names no database",
                 "write postgresql://user@host:port/database; the database must be there: createdb");
  }
  const auto mode = address.options.find("sslmode");
  if (mode == address.options.end()) return {};
  if (!is_one_of(kLocalModes, mode->second)) {
    return wrong(fmt::format("the ledger's address has sslmode={}", mode->second),
                 "leave it out: it is verify-full wherever a network is used");
  }
  if (address.is_local() || mode->second == "verify-full") return {};
  return wrong(fmt::format("sslmode={} does not check with whom it speaks, and {} is not this machine", mode->second,
                           address.host),
               "leave sslmode out; a certificate that no public authority signed is named by sslrootcert=FILE");
}

// "%2F" for "/".
std::string encode(std::string_view text) {
  std::string answer;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    answer += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return answer;
}

}  // namespace

bool PostgresAddress::is_local() const {
  return host.starts_with('/') || host == "localhost" || host == "127.0.0.1" || host == "::1";
}

std::string PostgresAddress::text() const {
  const std::string who = user.empty() ? "" : user + "@";
  if (host.starts_with('/')) return fmt::format("postgresql://{}/{}?host={}&port={}", who, database, host, port);
  return fmt::format("postgresql://{}{}:{}/{}", who, host.contains(':') ? "[" + host + "]" : host, port, database);
}

Result<PostgresAddress> parse_postgres_address(std::string_view url) {
  std::string_view rest = url;
  for (const std::string_view beginning : {"postgresql://", "postgres://"}) {
    if (rest == url && url.starts_with(beginning)) rest.remove_prefix(beginning.size());
  }
  if (rest == url) return wrong("this is no address of a PostgreSQL server", "it begins with postgresql://");
  // Looked for in all of it: a password may hold the marks by which an address is cut into parts.
  if (const std::size_t at = rest.rfind('@'); at != std::string_view::npos && rest.substr(0, at).contains(':'))
    return password_within();
  PostgresAddress address;
  const std::size_t question = rest.find('?');
  const std::string_view options = question == std::string_view::npos ? "" : rest.substr(question + 1);
  rest = rest.substr(0, question);
  const std::size_t slash = rest.find('/');
  ARGOSY_TRY_VOID(read_authority(rest.substr(0, slash), address));
  if (slash != std::string_view::npos) {
    ARGOSY_TRY(address.database, decode(rest.substr(slash + 1)));
  }
  if (!options.empty()) {
    for (const std::string_view option : core::split(options, '&')) ARGOSY_TRY_VOID(read_option(option, address));
  }
  if (address.host.empty()) address.host = kSocketFolder;
  if (address.port.empty()) address.port = kPort;
  ARGOSY_TRY_VOID(check(address));
  return address;
}

std::string connection_text(const PostgresAddress& address, std::string_view schema, const core::Secret& password) {
  std::map<std::string, std::string> fields = address.options;
  fields["host"] = address.host;
  fields["hostaddr"] = "";
  fields["port"] = address.port;
  fields["dbname"] = address.database;
  fields["sslmode"] = address.is_local() ? "prefer" : "verify-full";
  if (const auto mode = address.options.find("sslmode"); mode != address.options.end())
    fields["sslmode"] = mode->second;
  fields["gssencmode"] = "disable";  // it would be taken for the encryption that sslmode asks for
  fields["client_encoding"] = "UTF8";
  fields["application_name"] = "argosy";
  fields.try_emplace("connect_timeout", "5");
  // A network that falls silent is a lost connection after half a minute, not after the hours that are customary.
  fields["keepalives_idle"] = fields["keepalives_interval"] = "10";
  fields["keepalives_count"] = "2";
  fields["tcp_user_timeout"] = "30000";
  fields["options"] = fmt::format(
      "-c search_path=\"{}\" -c timezone=UTC -c datestyle=ISO -c intervalstyle=postgres "
      "-c standard_conforming_strings=on -c bytea_output=hex -c client_min_messages=error "
      // The server's end, too: a machine that is gone must not keep its locks.
      "-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=10 -c tcp_keepalives_count=2",
      schema);
  if (!address.user.empty()) fields["user"] = address.user;
  if (!password.empty()) fields["password"] = password.expose();
  // As an address: SOCI takes the blanks out of "name='a b'".
  std::string text = "postgresql://";
  for (const auto& [name, value] : fields)
    text += fmt::format("{}{}={}", text.ends_with('/') ? '?' : '&', name, encode(value));
  return text;
}

}  // namespace argosy::ledger::detail
