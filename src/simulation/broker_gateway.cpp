#include "simulation/broker_gateway.hpp"

#include <algorithm>
#include <chrono>
#include <set>
#include <utility>
#include <variant>

#include "core/check.hpp"
#include "core/text.hpp"
#include "net/frames.hpp"

namespace argosy::simulation {

using brokers::Answer;
using brokers::to_line;
using trading::OrderReport;

namespace {

constexpr std::uint64_t kShortestDelay = 50;     // ms
constexpr std::uint64_t kLongestDelay = 20'000;  // ms

// The same report with fills at other prices, as if they had been corrected.
OrderReport with_other_prices(OrderReport report) {
  for (trading::ReportedFill& fill : report.fills) fill.price = fill.price + core::Price::from_units(10'000'000);
  return report;
}

}  // namespace

// A stream of the process, and the one to the venue that belongs to it.
class BrokerGateway::Pair : public std::enable_shared_from_this<BrokerGateway::Pair> {
 public:
  Pair(BrokerGateway& gateway, std::int64_t number, std::unique_ptr<net::Stream> process)
      : gateway_(gateway),
        number_(number),
        process_(std::move(process)),
        venue_(gateway.network_.connect(gateway.venue_)),
        from_process_(*this, &Pair::hear_question),
        from_venue_(*this, &Pair::hear_answer) {
    process_->set_listener(from_process_);
    venue_->set_listener(from_venue_);
  }

 private:
  // One side's bytes as lines.
  class Side final : public net::StreamListener {
   public:
    Side(Pair& pair, void (Pair::*hear)(std::string line)) : pair_(pair), hear_(hear) {}
    void on_bytes(std::string_view bytes) override {
      reader_.feed(bytes);
      while (true) {
        const auto line = reader_.next();
        if (!line || !*line) return;
        (pair_.*hear_)(std::string(**line) + "\n");
      }
    }
    void on_closed(const core::Error&) override { pair_.end(); }

   private:
    Pair& pair_;
    void (Pair::*hear_)(std::string);
    net::FrameReader reader_;
  };

  void end() {
    // What is called back from must not be gone before it returns.
    gateway_.executor_.post([pair = shared_from_this()] {});
    process_->close();
    venue_->close();
    gateway_.pairs_.erase(number_);
  }

  // A stream that takes no more is one that lags behind: both are given up.
  void send(net::Stream& to, std::string line) {
    if (!to.write(std::move(line))) end();
  }
  template <class Work>
  void later(Work work) {
    const auto delay = std::chrono::milliseconds(kShortestDelay + gateway_.rng_.below(kLongestDelay - kShortestDelay));
    gateway_.executor_.call_at(gateway_.executor_.clock().now() + delay,
                               [pair = weak_from_this(), work = std::move(work)] {
                                 if (const auto alive = pair.lock()) work(*alive);
                               });
  }
  void send_later(std::string line) {
    later([text = std::move(line)](Pair& pair) {
      if (pair.process_->is_open()) pair.send(*pair.process_, text);
    });
  }
  // What the venue last said of an order that works.
  void remember(const OrderReport& report) {
    if (report.state == trading::ReportedState::kWorking) {
      OrderReport& last = gateway_.reported_[report.broker_order_id];
      last = report;
      last.fills.clear();
      last.is_snapshot = false;
    } else {
      gateway_.reported_.erase(report.broker_order_id);
    }
  }

  void hear_question(std::string line) {
    const auto asked = brokers::parse_question(std::string_view(line).substr(0, line.size() - 1));
    ARGOSY_CHECK(asked && asked->question, "the process says what is no question: {}", line);
    const std::int64_t id = asked->id;
    if (gateway_.listener_ != nullptr) gateway_.listener_->on_question(*asked->question);
    if (std::exchange(gateway_.swallows_, false)) return;
    if (gateway_.draws(BrokerFault::kRevoked))
      return send(*process_, to_line(id, brokers::Refused{.code = "conflict", .message = "no permission"}));
    if (std::holds_alternative<brokers::Login>(*asked->question)) return send(*venue_, std::move(line));
    if (gateway_.draws(BrokerFault::kRateLimits))
      return send(*process_, to_line(id, brokers::Refused{.code = "unavailable", .message = "too many requests"}));
    if (std::holds_alternative<trading::OrderTicket>(*asked->question)) {
      if (gateway_.draws(BrokerFault::kNeverArrives)) return;
      if (gateway_.draws(BrokerFault::kRefuses))
        return send(*process_, to_line(id, brokers::Refused{.code = "conflict", .message = "not today"}));
      if (gateway_.draws(BrokerFault::kForgetsAnswer)) forgotten_ = id;
    }
    if (const auto* ask = std::get_if<brokers::AskOrder>(&*asked->question))
      about_[id] = Answer(brokers::NoOrder{.client_order_id = ask->client_order_id});
    if (const auto* cancel = std::get_if<brokers::CancelOrder>(&*asked->question)) {
      about_[id] = Answer(
          brokers::CancelRefused{.client_order_id = cancel->client_order_id, .reason = "there is no such order"});
    }
    if (std::holds_alternative<brokers::AskOpenOrders>(*asked->question) && gateway_.draws(BrokerFault::kMaintenance))
      return send(*process_, to_line(id, brokers::OpenOrders{}));
    if (std::holds_alternative<brokers::AskAccount>(*asked->question) && gateway_.draws(BrokerFault::kMaintenance))
      return send(*process_, to_line(id, Answer(trading::AccountReport{.time = gateway_.executor_.clock().now()})));
    if (const auto* cancel = std::get_if<brokers::CancelOrder>(&*asked->question);
        cancel != nullptr && gateway_.draws(BrokerFault::kCancelsEarly) && cancel_early(id, *cancel, line))
      return;
    send(*venue_, std::move(line));
  }

  // Whatever is filled until the venue hears of it comes after the end of the order.
  bool cancel_early(std::int64_t id, const brokers::CancelOrder& cancel, const std::string& line) {
    const auto known = gateway_.reported_.find(cancel.broker_order_id);
    if (known == gateway_.reported_.end()) return false;
    OrderReport report = known->second;
    report.state = trading::ReportedState::kCancelled;
    report.time = gateway_.executor_.clock().now();
    send(*process_, to_line(id, Answer(std::move(report))));
    answered_.insert(id);
    later([line](Pair& pair) {
      if (pair.venue_->is_open()) pair.send(*pair.venue_, line);
    });
    return true;
  }

  void hear_answer(std::string line) {
    const auto answered = brokers::parse_answer(std::string_view(line).substr(0, line.size() - 1));
    ARGOSY_CHECK(answered && answered->answer, "the venue says what is no answer: {}", line);
    Answer answer = *answered->answer;
    const auto about = about_.extract(answered->id);
    if (gateway_.listener_ != nullptr) gateway_.listener_->on_answer(answered->id, answer);
    if (const auto* report = std::get_if<OrderReport>(&answer)) remember(*report);
    if (std::holds_alternative<brokers::Welcome>(answer)) return send(*process_, std::move(line));
    if (answered->id != 0 && answered->id == std::exchange(forgotten_, 0)) return;
    if (answered_.erase(answered->id) > 0) return;
    if (gateway_.draws(BrokerFault::kGarbage)) {
      const bool cut = gateway_.rng_.below(2) == 0;
      return send(*process_, cut ? line.substr(0, line.size() / 2) + "\n" : "<html>502 Bad Gateway</html>\n");
    }
    if (forget(answer)) line = to_line(answered->id, answer);
    if (const auto* report = std::get_if<OrderReport>(&answer)) {
      if (gateway_.is_forgotten(*report)) {
        if (!about.empty()) send(*process_, to_line(answered->id, about.mapped()));
        return;
      }
      if (answered->id == 0 && gateway_.draws(BrokerFault::kLosesReport)) return;
      if (gateway_.draws(BrokerFault::kRepeats)) send_later(to_line(0, answer));
      if (gateway_.draws(BrokerFault::kDelays)) return send_later(std::move(line));
      if (!report->fills.empty() && gateway_.draws(BrokerFault::kOtherFields))
        send_later(to_line(0, Answer(with_other_prices(*report))));
    }
    send(*process_, std::move(line));
  }

  // What is forgotten is in no list. False: it is as it was.
  bool forget(Answer& answer) {
    const auto is_forgotten = [&](const OrderReport& report) { return gateway_.is_forgotten(report); };
    if (auto* open = std::get_if<brokers::OpenOrders>(&answer)) return std::erase_if(open->orders, is_forgotten) > 0;
    if (auto* past = std::get_if<brokers::History>(&answer)) return std::erase_if(past->orders, is_forgotten) > 0;
    return false;
  }

  BrokerGateway& gateway_;
  std::int64_t number_;
  std::int64_t forgotten_ = 0;            // the question whose answer is
  std::map<std::int64_t, Answer> about_;  // of questions about an order, what is answered of one that is forgotten
  std::set<std::int64_t> answered_;       // those that the venue's answer comes too late for
  std::unique_ptr<net::Stream> process_;
  std::unique_ptr<net::Stream> venue_;
  Side from_process_;
  Side from_venue_;
};

BrokerGateway::BrokerGateway(core::Executor& executor, net::Network& network, const net::Address& own,
                             net::Address venue, std::uint64_t seed)
    : executor_(executor), network_(network), venue_(std::move(venue)), rng_(seed) {
  auto acceptor = network_.listen(own, [this](std::unique_ptr<net::Stream> stream) {
    const std::int64_t number = ++last_pair_;
    pairs_.emplace(number, std::make_shared<Pair>(*this, number, std::move(stream)));
  });
  ARGOSY_CHECK(acceptor.has_value(), "the gateway cannot listen: {}", acceptor.error().message);
  acceptor_ = *std::move(acceptor);
}

BrokerGateway::~BrokerGateway() = default;

// The venue numbers its orders: "P17".
bool BrokerGateway::is_forgotten(const OrderReport& report) {
  const std::string_view id = report.broker_order_id;
  const std::int64_t number = core::parse_integer(id.substr(std::min<std::size_t>(id.size(), 1))).value_or(0);
  last_order_ = std::max(last_order_, number);
  if (number == 0 || number > forgotten_ || report.filled.is_positive()) return false;
  ++counts_[static_cast<std::size_t>(BrokerFault::kForgets)];
  return true;
}

// Draws always, so that the luck of one fault does not depend on the shares of others.
bool BrokerGateway::draws(BrokerFault fault) {
  const auto at = static_cast<std::size_t>(fault);
  if (rng_.uniform() >= shares_[at]) return false;
  ++counts_[at];
  return true;
}

}  // namespace argosy::simulation
