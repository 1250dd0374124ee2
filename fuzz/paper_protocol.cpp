// Bytes as a line of the paper broker's protocol. What is no message is refused with one; what is read is read again
// from what is written of it. The same bytes then go to a client that has logged in, in two pieces: it takes them or
// says what is wrong.
#include "brokers/paper_protocol.hpp"

#include <string>

#include "brokers/paper_client.hpp"
#include "harness.hpp"

namespace argosy::fuzz {
namespace {

class Nobody final : public trading::BrokerConnectionListener {
  void on_connected() override {}
  void on_disconnected(const core::Error&) override {}
  void on_order(const trading::OrderReport&) override {}
  void on_no_order(const std::string&) override {}
  void on_open_orders(std::span<const trading::OrderReport>) override {}
  void on_history(std::span<const trading::OrderReport>) override {}
  void on_account(const trading::AccountReport&) override {}
  void on_cancel_refused(const std::string&, const std::string&) override {}
  void on_funded(std::int64_t) override {}
};

template <class Parse, class Body>
void read(std::string_view text, Parse parse, Body body) {
  const auto line = parse(text);
  if (!line) return require(line.error().describe().empty() ? "a line is refused without a message" : "");
  const auto& message = body(*line);
  if (!message) return require(message.error().describe().empty() ? "a message is refused without one" : "");
  const std::string once = brokers::to_line(line->id, *message);
  if (once.find('\n') + 1 != once.size()) require("a line within a line: " + once);
  const auto again = parse(std::string_view(once).substr(0, once.size() - 1));
  if (!again || !body(*again)) return require("what is written is refused: " + once);
  if (brokers::to_line(again->id, *body(*again)) != once) require("read again it is another: " + once);
}

}  // namespace

void run(std::span<const std::uint8_t> bytes) {
  const std::string text(bytes.begin(), bytes.end());
  read(text, brokers::parse_question, [](const brokers::AskedLine& line) -> const auto& { return line.question; });
  read(text, brokers::parse_answer, [](const brokers::AnsweredLine& line) -> const auto& { return line.answer; });

  Nobody nobody;
  brokers::PaperClient client("paper", std::chrono::seconds(5));
  client.set_listener(nobody);
  client.start({});
  if (!client.receive(brokers::to_line(1, brokers::Answer(brokers::Welcome{.account = "paper"})), {}))
    require("a welcome is refused");
  (void)client.ask(brokers::AskAccount(), {});
  const std::size_t half = text.size() / 2;
  const auto done = client.receive(text.substr(0, half), {});
  if (done) (void)client.receive(text.substr(half) + '\n', {});
}

}  // namespace argosy::fuzz
