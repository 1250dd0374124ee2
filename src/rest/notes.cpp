// What people write about transactions. Notes stand beside the books: the process that trades does not know them.
#include "ledger/notes.hpp"

#include "core/text.hpp"
#include "ledger/records.hpp"
#include "rest/resources.hpp"

namespace argosy::rest {

using core::ErrorCode;
using core::fail;
using core::Result;
using server::Access;
using server::endpoint;
using server::Method;
using server::None;

struct NoteIn {
  std::string text;
};

}  // namespace argosy::rest

template <>
struct argosy::core::RecordOf<argosy::rest::NoteIn> {
  using Row = argosy::rest::NoteIn;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, text, .limits = {.maximum_length = 2000}, .text = "in words", .required = true)};
  static constexpr RecordType kType{"new_note", "A note to be added", kFields};
};

namespace argosy::rest {
namespace {

Result<ledger::NoteRow> add(const Resources& resources, const server::Call<IdPath, None, NoteIn>& call) {
  ARGOSY_TRY(const auto row, resources.store.get<ledger::TransactionRow>(*call.caller, call.path.id));
  if (core::trim(call.body.text).empty())
    return fail(core::Error(ErrorCode::kInvalidArgument, "a note needs a text").in_field("text", {}));
  ledger::NoteRow note{.transaction_id = row.transaction_id,
                       .author = call.caller->username,
                       .text = call.body.text,
                       .created_at = resources.clock.now()};
  ARGOSY_TRY_VOID(resources.store.ledger().write([&](ledger::Transaction& work) -> Result<void> {
    ARGOSY_TRY(note.note_id, ledger::next_number(work, "transaction_notes", "note_id"));
    return ledger::insert<ledger::NoteRow>(work, {&note, 1});
  }));
  return note;
}

}  // namespace

void add_notes(server::Api& api, const Resources& resources) {
  api.add(endpoint<IdPath, server::Listing<ledger::NoteRow>, None, server::Page<ledger::NoteRow>>(
      {.path = "/transactions/{id}/notes",
       .name = "list_notes",
       .tag = "transactions",
       .summary = "What people wrote about it",
       .access = Access::kViewer},
      [&](const auto& call) -> Result<server::Page<ledger::NoteRow>> {
        ARGOSY_TRY(const auto row, resources.store.get<ledger::TransactionRow>(*call.caller, call.path.id));
        return resources.store.list(*call.caller, call.query, "transaction_id = :transaction_id", {row.transaction_id});
      }));
  api.add(endpoint<IdPath, None, NoteIn, ledger::NoteRow>({.method = Method::kPost,
                                                           .path = "/transactions/{id}/notes",
                                                           .name = "add_note",
                                                           .tag = "transactions",
                                                           .summary = "Adds a note; it stays",
                                                           .access = Access::kTrader,
                                                           .status = 201,
                                                           .takes_key = true},
                                                          [&](const auto& call) { return add(resources, call); }));
}

}  // namespace argosy::rest
