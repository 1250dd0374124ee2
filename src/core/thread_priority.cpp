#include "core/thread_priority.hpp"

#include <sys/resource.h>
#include <unistd.h>

namespace argosy::core {

namespace {

constexpr int kNice = 5;  // a weight of 335 against 1,024, as Linux has it

}  // namespace

void let_others_first() {
  // Of Linux, by the number of a thread: the thread's own.
  const auto self = static_cast<id_t>(::gettid());
  ::setpriority(PRIO_PROCESS, self, ::getpriority(PRIO_PROCESS, self) + kNice);
}

}  // namespace argosy::core
