// Bytes as what a client says over the WebSocket, and as the name of a room. It is refused with a message that can be
// sent, or read into a record that keeps its limits; a room that is read is called the same again, and its name stands
// in a frame that can be read.
#include <string>

#include "core/json.hpp"
#include "harness.hpp"
#include "push/messages.hpp"
#include "push/rooms.hpp"

namespace argosy::fuzz {
namespace {

void require_json(std::string_view what, const push::Frame& frame) {
  constexpr std::size_t kMost = 20'000;
  if (!core::parse_json(*frame)) require(std::string(what) + " cannot be read: " + *frame);
  if (frame->size() > kMost) require(std::string(what) + " is too long");
}

void look_at_room(const std::string& text) {
  const auto name = push::parse_room(text);
  if (!name) return require_json("a refusal", push::error_frame(push::no_such_room(text), text));
  if (push::to_string(*name) != text) require("a room is called otherwise: " + text);
  require_json("a change", push::change_frame({.room = text, .sequence = 1, .payload = R"({"what":"x","row":{}})"}));
}

}  // namespace

void run(std::span<const std::uint8_t> bytes) {
  const std::string text(bytes.begin(), bytes.end());
  look_at_room(text);
  const auto message = push::read_message(text);
  if (!message) return require_json("a refusal", push::error_frame(message.error(), {}));
  std::visit(
      [](const auto& record) {
        using Record = std::decay_t<decltype(record)>;
        for (const core::Error& error : core::validate(core::record_type<Record>(), &record))
          require("a message is taken with: " + error.describe());
        if constexpr (requires { record.room; }) look_at_room(record.room);
      },
      *message);
}

}  // namespace argosy::fuzz
