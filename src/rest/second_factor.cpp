// The second factor of a login: codes of an authenticator.
#include "auth/second_factor.hpp"

#include "auth/users.hpp"
#include "core/secret.hpp"
#include "rest/resources.hpp"

namespace argosy::rest {

using core::ErrorCode;
using core::fail;
using core::Result;
using server::Access;
using server::endpoint;
using server::Method;
using server::None;

struct EnrolIn {
  core::Secret password;
};
struct CodeIn {
  core::Secret code;
};
struct TurnOffIn {
  core::Secret password;
  core::Secret code;
};
struct EnrolOut {
  std::string secret;
  std::string uri;
};
struct RecoveryOut {
  std::vector<std::string> recovery_codes;
};
struct TotpOut {
  bool is_on = false;
  std::int64_t recovery_codes_left = 0;
};

}  // namespace argosy::rest

template <>
struct argosy::core::RecordOf<argosy::rest::EnrolIn> {
  using Row = argosy::rest::EnrolIn;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, password, .limits = {.maximum_length = 512}, .text = "the own one", .required = true)};
  static constexpr RecordType kType{"totp_enrol", "Who wants a second factor", kFields};
};
template <>
struct argosy::core::RecordOf<argosy::rest::CodeIn> {
  using Row = argosy::rest::CodeIn;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, code, .limits = {.maximum_length = 64}, .text = "of the authenticator", .required = true)};
  static constexpr RecordType kType{"totp_code", "A code", kFields};
};
template <>
struct argosy::core::RecordOf<argosy::rest::TurnOffIn> {
  using Row = argosy::rest::TurnOffIn;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, password, .limits = {.maximum_length = 512}, .text = "the own one", .required = true),
      ARGOSY_FIELD(Row, code, .limits = {.maximum_length = 64}, .text = "of the authenticator, or a recovery code",
                   .required = true),
  };
  static constexpr RecordType kType{"totp_off", "Who wants no second factor any more", kFields};
};
template <>
struct argosy::core::RecordOf<argosy::rest::EnrolOut> {
  using Row = argosy::rest::EnrolOut;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, secret, .text = "base32, shown this once: type it into the authenticator"),
      ARGOSY_FIELD(Row, uri, .text = "the same for a picture (QR code)"),
  };
  static constexpr RecordType kType{"totp_secret", "What an authenticator needs", kFields};
};
template <>
struct argosy::core::RecordOf<argosy::rest::RecoveryOut> {
  using Row = argosy::rest::RecoveryOut;
  static constexpr Field kFields[] = {ARGOSY_FIELD(
      Row, recovery_codes, .text = "each logs in once in place of a code, shown this once: keep them on paper")};
  static constexpr RecordType kType{"recovery", "For when the authenticator is lost", kFields};
};
template <>
struct argosy::core::RecordOf<argosy::rest::TotpOut> {
  using Row = argosy::rest::TotpOut;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, is_on, .text = "a login needs a code"),
      ARGOSY_FIELD(Row, recovery_codes_left, .text = "that were not used"),
  };
  static constexpr RecordType kType{"totp", "The second factor of the own login", kFields};
};

namespace argosy::rest {
namespace {

// A key that was taken must not lock its user out.
Result<void> refuse_keys(const server::Caller& caller) {
  if (!caller.session_id.empty()) return {};
  return fail(ErrorCode::kForbidden, "a key changes no second factor: log in");
}

Result<EnrolOut> enrol(const Resources& resources, const server::Call<None, None, EnrolIn>& call) {
  ARGOSY_TRY_VOID(refuse_keys(*call.caller));
  ARGOSY_TRY_VOID(resources.access.check_password_of(*call.caller, call.body.password, "password"));
  ARGOSY_TRY(auth::Enrolment made, resources.access.second_factor().enrol(*call.caller));
  call.reply.headers.add("Cache-Control", "no-store");
  return EnrolOut{.secret = std::move(made.secret), .uri = std::move(made.uri)};
}

// A wrong code says nothing against the caller's token, so it is no 401.
template <class T>
Result<T> as_wrong_input(Result<T> result, server::Reply& reply) {
  if (result || result.error().field != "code") return result;
  reply.status = result.error().code == ErrorCode::kLimit ? 429 : 400;
  reply.code = "totp_wrong";
  if (reply.status == 429) reply.headers.add("Retry-After", result.error().value);
  return result;
}

Result<RecoveryOut> confirm(const Resources& resources, const server::Call<None, None, CodeIn>& call) {
  ARGOSY_TRY_VOID(refuse_keys(*call.caller));
  ARGOSY_TRY(
      std::vector<std::string> codes,
      as_wrong_input(resources.access.second_factor().confirm(*call.caller, call.body.code.expose()), call.reply));
  call.reply.headers.add("Cache-Control", "no-store");
  return RecoveryOut{.recovery_codes = std::move(codes)};
}

Result<None> turn_off(const Resources& resources, const server::Call<None, None, TurnOffIn>& call) {
  ARGOSY_TRY_VOID(refuse_keys(*call.caller));
  ARGOSY_TRY_VOID(resources.access.check_password_of(*call.caller, call.body.password, "password"));
  ARGOSY_TRY_VOID(
      as_wrong_input(resources.access.second_factor().turn_off(*call.caller, call.body.code.expose()), call.reply));
  return None{};
}

Result<None> reset(const Resources& resources, const server::Call<IdPath, None, None>& call) {
  ARGOSY_TRY_VOID(refuse_keys(*call.caller));
  ARGOSY_TRY_VOID(resources.store.get<ledger::UserRow>(*call.caller, call.path.id));
  ARGOSY_TRY_VOID(resources.store.ledger().write([&](ledger::Transaction& work) {
    return auth::reset_second_factor(work, call.path.id,
                                     {.actor = call.caller->username, .time = resources.clock.now()});
  }));
  return None{};
}

}  // namespace

void add_second_factor(server::Api& api, const Resources& resources) {
  api.add(endpoint<None, None, None, TotpOut>(
      {.path = "/auth/totp",
       .name = "get_totp",
       .tag = "auth",
       .summary = "Whether a login needs a code",
       .access = Access::kViewer},
      [&](const auto& call) -> Result<TotpOut> {
        ARGOSY_TRY(const auto state, resources.access.second_factor().state(call.caller->user_id));
        return TotpOut{.is_on = state.is_on, .recovery_codes_left = state.recovery_codes_left};
      }));
  api.add(endpoint<None, None, EnrolIn, EnrolOut>(
      {.method = Method::kPost,
       .path = "/auth/totp",
       .name = "enrol_totp",
       .tag = "auth",
       .summary = "A secret for an authenticator, shown once; asked for when it has been confirmed",
       .access = Access::kViewer,
       .status = 201},
      [&](const auto& call) { return enrol(resources, call); }));
  api.add(
      endpoint<None, None, CodeIn, RecoveryOut>({.method = Method::kPost,
                                                 .path = "/auth/totp/confirm",
                                                 .name = "confirm_totp",
                                                 .tag = "auth",
                                                 .summary = "From now on a login needs a code; gives recovery codes",
                                                 .access = Access::kViewer},
                                                [&](const auto& call) { return confirm(resources, call); }));
  api.add(endpoint<None, None, TurnOffIn, None>({.method = Method::kPost,
                                                 .path = "/auth/totp/off",
                                                 .name = "turn_off_totp",
                                                 .tag = "auth",
                                                 .summary = "A login needs no code any more",
                                                 .access = Access::kViewer},
                                                [&](const auto& call) { return turn_off(resources, call); }));
  api.add(endpoint<IdPath, None, None, None>({.method = Method::kPost,
                                              .path = "/users/{id}/reset-totp",
                                              .name = "reset_totp",
                                              .tag = "users",
                                              .summary = "Takes a user's second factor away",
                                              .access = Access::kAdmin},
                                             [&](const auto& call) { return reset(resources, call); }));
}

}  // namespace argosy::rest
