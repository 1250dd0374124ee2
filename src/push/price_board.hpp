// The newest prices, as the market tells them and clients are told: whoever has a price replaces the one before.
//
//   board.set(instrument_id, quote);                 // on the market's thread: a lock and a store
//   for (const Price& each : board.take_changed())   // on the thread that tells clients, now and then
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <vector>

#include "market/quote.hpp"

namespace argosy::push {

class PriceBoard {
 public:
  struct Price {
    std::int64_t instrument_id = 0;
    market::Quote quote;
  };

  // From any thread.
  void set(std::int64_t instrument_id, const market::Quote& quote) {
    const std::scoped_lock lock(mutex_);
    Entry& entry = entries_[instrument_id];
    entry.quote = quote;
    if (entry.changed) return;
    entry.changed = true;
    changed_.push_back(instrument_id);
  }
  // What was set since the last call, each once.
  [[nodiscard]] std::vector<Price> take_changed() {
    const std::scoped_lock lock(mutex_);
    std::vector<Price> out;
    out.reserve(changed_.size());
    for (const std::int64_t id : changed_) {
      Entry& entry = entries_[id];
      entry.changed = false;
      out.push_back({id, entry.quote});
    }
    changed_.clear();
    return out;
  }
  [[nodiscard]] std::vector<Price> all() const {
    const std::scoped_lock lock(mutex_);
    std::vector<Price> out;
    out.reserve(entries_.size());
    for (const auto& [id, entry] : entries_) out.push_back({id, entry.quote});
    return out;
  }

 private:
  struct Entry {
    market::Quote quote;
    bool changed = false;
  };
  mutable std::mutex mutex_;
  std::map<std::int64_t, Entry> entries_;
  std::vector<std::int64_t> changed_;
};

}  // namespace argosy::push
