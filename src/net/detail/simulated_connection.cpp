#include "net/detail/simulated_connection.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "core/limits.hpp"
#include "net/detail/errors.hpp"
#include "net/detail/simulated_world.hpp"

namespace argosy::net::detail {

class SimulatedConnection::End final : public Stream {
 public:
  End(std::shared_ptr<SimulatedConnection> connection, Side side) : connection_(std::move(connection)), side_(side) {}
  ~End() override { End::close(); }
  End(const End&) = delete;
  End& operator=(const End&) = delete;

  void set_listener(StreamListener& listener) override { inbox().set_listener(listener); }
  core::Result<void> write(std::string bytes) override {
    if (!is_open()) return core::fail(write_after_close());
    return connection_->write(side_, std::move(bytes));
  }
  void close() override {
    if (is_open()) connection_->close(side_);
  }
  [[nodiscard]] bool is_open() const override { return inbox().is_open(); }

 private:
  [[nodiscard]] Inbox& inbox() const { return *connection_->inboxes_.at(side_); }

  std::shared_ptr<SimulatedConnection> connection_;
  Side side_;
};

SimulatedConnection::SimulatedConnection(std::shared_ptr<SimulatedWorld> world, const core::Rng& rng, std::string from,
                                         Address to)
    : world_(std::move(world)),
      rng_(rng),
      address_(std::move(to)),
      hosts_{std::move(from), address_.host},
      inboxes_{std::make_shared<Inbox>(world_->executor()), std::make_shared<Inbox>(world_->executor())} {}

void SimulatedConnection::begin() {
  for (const Side side : {kOpener, kListener}) {
    inboxes_.at(side)->when_room([weak = weak_from_this(), side] {
      if (const auto self = weak.lock()) self->deliver(other(side));
    });
  }
  send(kOpener, {.kind = Parcel::Kind::kOpen});
}

std::unique_ptr<Stream> SimulatedConnection::make_stream(Side side) {
  return std::make_unique<End>(shared_from_this(), side);
}

bool SimulatedConnection::is_between(std::string_view one, std::string_view other) const {
  return (hosts_[kOpener] == one && hosts_[kListener] == other) ||
         (hosts_[kOpener] == other && hosts_[kListener] == one);
}

const LinkSettings& SimulatedConnection::link(Side from) const {
  return world_->link(hosts_.at(from), hosts_.at(other(from)));
}

core::Timestamp SimulatedConnection::now() const { return world_->executor().clock().now(); }

core::Timestamp SimulatedConnection::next_arrival(Side from) {
  const LinkSettings& settings = link(from);
  const double late = settings.jitter.count() > 0 ? static_cast<double>(settings.jitter.count()) * rng_.uniform() : 0;
  Flow& flow = flows_.at(from);
  flow.no_earlier =
      std::max(flow.no_earlier, now() + settings.latency + core::Duration(static_cast<std::int64_t>(late)));
  return flow.no_earlier;
}

core::Result<void> SimulatedConnection::write(Side from, std::string bytes) {
  Flow& flow = flows_.at(from);
  if (bytes.empty()) return {};
  if (!fits(bytes.size(), flow.unsent)) {
    flow.refused = true;
    return core::fail(too_much(bytes.size(), flow.unsent));
  }
  const LinkSettings settings = link(from);
  if (happens(settings.silence) && !flow.silent) {
    flow.silent = true;
    ++world_->counts().silences;
  }
  if (happens(settings.clog)) {
    flow.no_earlier = std::max(flow.no_earlier, now() + settings.clog_time);
    ++world_->counts().clogs;
  }
  const bool breaks = happens(settings.cut);
  if (!flow.ended && !flow.silent && happens(settings.split)) {
    send_in_pieces(from, std::move(bytes));
  } else {
    send_bytes(from, std::move(bytes));
  }
  if (breaks) cut();
  return {};
}

void SimulatedConnection::close(Side from) {
  inboxes_.at(from)->stop();
  send(from,
       {.kind = Parcel::Kind::kEnd, .why = closed_by_peer(from == kListener ? address_.to_string() : hosts_[from])});
  flows_.at(from).ended = true;
}

void SimulatedConnection::send_bytes(Side from, std::string bytes) {
  Flow& flow = flows_.at(from);
  flow.unsent += bytes.size();
  if (flow.silent) world_->counts().lost_bytes += static_cast<std::int64_t>(bytes.size());
  send(from, {.bytes = std::move(bytes)});
}

// Two to four pieces at random places. What is behind the end of the piece before them may join the first.
void SimulatedConnection::send_in_pieces(Side from, std::string bytes) {
  Flow& flow = flows_.at(from);
  if (!flow.parcels.empty() && flow.parcels.back().kind == Parcel::Kind::kBytes &&
      flow.parcels.back().bytes.size() + bytes.size() <= core::limits::kStreamReadBytes) {
    flow.unsent -= flow.parcels.back().bytes.size();
    bytes.insert(0, flow.parcels.back().bytes);
    flow.parcels.pop_back();
  }
  ++world_->counts().splits;
  std::vector<std::size_t> places{0, bytes.size()};
  for (std::uint64_t more = 1 + rng_.below(3); more > 0; --more) {
    places.push_back(static_cast<std::size_t>(rng_.below(bytes.size() + 1)));
  }
  std::ranges::sort(places);
  for (std::size_t i = 1; i < places.size(); ++i) {
    if (places[i] > places[i - 1]) send_bytes(from, bytes.substr(places[i - 1], places[i] - places[i - 1]));
  }
}

void SimulatedConnection::send(Side from, Parcel parcel) {
  Flow& flow = flows_.at(from);
  if (flow.ended || flow.silent) return;
  parcel.arrives = next_arrival(from);
  flow.parcels.push_back(std::move(parcel));
  set_timer(from);
}

void SimulatedConnection::lose(Side from, std::size_t kept) {
  std::erase_if(flows_.at(from).parcels, [&](Parcel& parcel) {
    if (parcel.kind != Parcel::Kind::kBytes) return parcel.kind == Parcel::Kind::kEnd;
    const std::size_t left = std::min(kept, parcel.bytes.size());
    kept -= left;
    world_->counts().lost_bytes += static_cast<std::int64_t>(parcel.bytes.size() - left);
    parcel.bytes.resize(left);
    return left == 0;
  });
}

void SimulatedConnection::cut() {
  if (flows_[kOpener].ended && flows_[kListener].ended) return;
  ++world_->counts().cuts;
  for (const Side from : {kOpener, kListener}) {
    std::size_t on_its_way = 0;
    for (const Parcel& parcel : flows_.at(from).parcels) on_its_way += parcel.bytes.size();
    lose(from, static_cast<std::size_t>(rng_.below(on_its_way + 1)));
    flows_.at(from).ended = false;  // an end that was on its way is lost, too
    const std::string peer = from == kListener ? address_.to_string() : hosts_[from];
    send(from, {.kind = Parcel::Kind::kEnd, .why = broken(peer, "Connection reset by peer")});
    flows_.at(from).ended = true;
  }
}

void SimulatedConnection::silence(std::string_view from) {
  for (const Side side : {kOpener, kListener}) {
    Flow& flow = flows_.at(side);
    if (hosts_.at(side) != from || flow.ended || std::exchange(flow.silent, true)) continue;
    ++world_->counts().silences;
  }
}

void SimulatedConnection::clog(std::string_view from, core::Duration time) {
  const core::Timestamp end = now() + time;
  for (const Side side : {kOpener, kListener}) {
    if (hosts_.at(side) != from) continue;
    ++world_->counts().clogs;
    flows_.at(side).no_earlier = std::max(flows_.at(side).no_earlier, end);
    for (Parcel& parcel : flows_.at(side).parcels) parcel.arrives = std::max(parcel.arrives, end);
  }
}

void SimulatedConnection::heal() {
  for (const Side side : {kOpener, kListener}) {
    // What waited is sent again.
    const core::Timestamp soonest = now() + link(side).latency;
    flows_.at(side).no_earlier = std::max(flows_.at(side).no_earlier, soonest);
    for (Parcel& parcel : flows_.at(side).parcels) parcel.arrives = std::max(parcel.arrives, soonest);
    set_timer(side);
  }
}

// Times of arrival only move back, so a timer is never too late; one that is too early looks again.
void SimulatedConnection::set_timer(Side from) {
  Flow& flow = flows_.at(from);
  if (flow.parcels.empty() || flow.timed) return;
  flow.timed = true;
  world_->executor().call_at(flow.parcels.front().arrives, [self = shared_from_this(), from] {
    self->flows_.at(from).timed = false;
    self->deliver(from);
  });
}

void SimulatedConnection::deliver(Side from) {
  Flow& flow = flows_.at(from);
  while (!flow.parcels.empty()) {
    if (world_->is_partitioned(hosts_[kOpener], hosts_[kListener])) return;  // heal() goes on
    if (flow.parcels.front().arrives > now()) return set_timer(from);
    if (!arrive(from, flow.parcels.front())) return;  // when_room goes on
    flow.parcels.pop_front();
  }
}

bool SimulatedConnection::arrive(Side from, Parcel& parcel) {
  const Side to = other(from);
  Inbox& inbox = *inboxes_.at(to);
  Flow& flow = flows_.at(from);
  switch (parcel.kind) {
    case Parcel::Kind::kOpen:
      if (to == kListener) {
        arrive_to_open();
      } else {
        inbox.connected();
      }
      return true;
    case Parcel::Kind::kBytes: {
      const std::size_t size = parcel.bytes.size();
      if (!inbox.offer(parcel.bytes)) return false;
      parcel.bytes.clear();
      flow.unsent -= size;
      if (flow.refused && has_room_again(flow.unsent)) {
        flow.refused = false;
        inboxes_.at(from)->writable();
      }
      return true;
    }
    case Parcel::Kind::kEnd:
      flows_.at(to).ended = true;
      inbox.end(*std::move(parcel.why));
      return true;
  }
  return true;
}

void SimulatedConnection::arrive_to_open() {
  if (const auto queue = world_->board().find(address_)) {
    send(kListener, {.kind = Parcel::Kind::kOpen});
    inboxes_[kListener]->connected();
    ++world_->counts().connections;
    (void)queue->push(make_stream(kListener));  // one too many is closed
    return;
  }
  ++world_->counts().refused;
  inboxes_[kListener]->stop();
  send(kListener, {.kind = Parcel::Kind::kEnd, .why = refused(address_.to_string(), "nobody listens there")});
  flows_[kListener].ended = true;
}

}  // namespace argosy::net::detail
