// SQLite's way to simulated disks: a VFS that is the default one of the program from the first disk on, and hands every
// path that lies on no simulated disk to the one of the system.
#pragma once

namespace argosy::simulation::detail {

// Twice is once.
void register_vfs();

}  // namespace argosy::simulation::detail
