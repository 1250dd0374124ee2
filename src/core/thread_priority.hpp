// How much of a processor a thread gets when there is too little of it.
//
//   core::let_others_first();   // on the thread itself, which is no trading thread
#pragma once

namespace argosy::core {

// The calling thread, and those that it makes, get about a third of what others get while both want to run. There is no
// way back.
void let_others_first();

}  // namespace argosy::core
