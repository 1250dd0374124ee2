// The client's half of the protocol, without a stream and without a clock: bytes and times go in, bytes come out, and
// the listener is told what they say. PaperConnection joins it to a stream.
//
//   client.start(now);                        // a stream stands; the login is in the output
//   send(client.take_output());
//   ARGOSY_TRY_VOID(client.receive(bytes, now));     // an error: the stream makes no sense, close it
//   client.stop(why);                         // the stream is gone
//
// Listeners may call anything here but its destructor.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "brokers/paper_protocol.hpp"
#include "core/result.hpp"
#include "core/time.hpp"
#include "net/frames.hpp"
#include "trading/broker_connection.hpp"

namespace argosy::brokers {

class PaperClient {
 public:
  static constexpr std::size_t kMostListed = 100'000;  // orders in one answer

  // `answers_within`: after three times as long without a whole line, while a question is open, the stream is taken for
  // dead.
  PaperClient(std::string account, core::Duration answers_within);

  void set_listener(trading::BrokerConnectionListener& listener) { listener_ = &listener; }
  [[nodiscard]] const trading::BrokerCapabilities& capabilities() const { return capabilities_; }
  // Logged in.
  [[nodiscard]] bool is_ready() const { return state_ == State::kReady; }

  void start(core::Timestamp now);
  void stop(const core::Error& why);
  // The same, for a client that wants it so: the listener is not told.
  void leave();
  // Tells the listener of every whole line. Errors: kCorrupt, kUnsupported, kLimit; nothing after the wrong line is
  // looked at.
  [[nodiscard]] core::Result<void> receive(std::string_view bytes, core::Timestamp now);
  // What shall be sent.
  [[nodiscard]] std::string take_output();
  // When the stream must be taken for dead unless a line comes before.
  [[nodiscard]] std::optional<core::Timestamp> deadline() const;

  // kUnavailable when not logged in.
  [[nodiscard]] core::Result<void> submit(trading::Committed<trading::OrderTicket>&& ticket, core::Timestamp now);
  [[nodiscard]] core::Result<void> ask(const Question& question, core::Timestamp now);

 private:
  enum class State : std::uint8_t { kStopped, kStarted, kReady };

  [[nodiscard]] core::Result<void> handle(std::string_view line);
  [[nodiscard]] core::Result<void> welcome(const Welcome& welcome);
  [[nodiscard]] core::Result<void> tell(std::int64_t id, Answer&& answer);
  void tell_one(std::int64_t id, const Answer& answer);
  // The whole list with its last part; nothing before.
  [[nodiscard]] core::Result<std::optional<std::vector<trading::OrderReport>>> gather(
      std::int64_t id, std::vector<trading::OrderReport>&& orders, bool is_last);
  // What became of a submit is told under the client's id, which a venue may have thrown away.
  void tell_order(std::int64_t id, trading::OrderReport&& report);
  void tell_refused(std::int64_t id, const Refused& refused);
  void send(const Question& question, core::Timestamp now);

  std::string account_;
  core::Duration answers_within_;
  trading::BrokerConnectionListener* listener_ = nullptr;
  trading::BrokerCapabilities capabilities_;
  State state_ = State::kStopped;
  std::int64_t starts_ = 0;  // counts streams, so that a listener that closes one is noticed
  net::FrameReader reader_;
  std::string output_;
  std::int64_t last_question_ = 0;
  core::Timestamp last_line_;
  std::map<std::int64_t, Question> open_;                            // questions without an answer, by number
  std::map<std::int64_t, std::vector<trading::OrderReport>> parts_;  // of lists that come in parts, by question
};

}  // namespace argosy::brokers
