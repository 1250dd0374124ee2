// What a thread of a pool says before it waits for another thread, so that the pool may let another one work meanwhile.
//
//   {
//     const core::Waits waits;          // on any thread; of no pool: nothing happens
//     changed.wait(lock, ...);          // no lock is held where the scope begins and ends
//   }
#pragma once

namespace argosy::core {

// Who is told so. Called on the thread that waits.
class WaitsListener {
 public:
  virtual void wait_begins() = 0;
  // Returns when the thread may work again.
  virtual void wait_ended() = 0;

 protected:
  ~WaitsListener() = default;
};

class Waits {
 public:
  Waits() : listener_(of_this_thread()) {
    if (listener_ != nullptr) listener_->wait_begins();
  }
  ~Waits() {
    if (listener_ != nullptr) listener_->wait_ended();
  }
  Waits(const Waits&) = delete;
  Waits& operator=(const Waits&) = delete;

  // Of the calling thread; nullptr: nobody is told.
  static void set_listener(WaitsListener* listener) { of_this_thread() = listener; }

 private:
  static WaitsListener*& of_this_thread() {
    static thread_local WaitsListener* listener = nullptr;
    return listener;
  }

  WaitsListener* listener_;
};

}  // namespace argosy::core
