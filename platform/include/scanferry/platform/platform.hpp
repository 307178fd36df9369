// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <scanferry/platform/clock.hpp>
#include <scanferry/platform/log.hpp>
#include <scanferry/platform/network.hpp>
#include <scanferry/platform/random.hpp>
#include <scanferry/platform/storage_thread.hpp>
#include <scanferry/platform/store.hpp>

namespace scanferry::platform {

/// Everything that the agent may ask of the world, borrowed. A port (linux, sim) makes one and outlives its users.
struct Platform {
  Clock& clock;
  Random& random;
  Store& store;
  StorageThread& storage;
  Network& network;
  Log& log;
  /// Name of the SQLite VFS under the ledger; empty: the system's own. A VFS with a name serves one process only.
  std::string sqlite_vfs;
};

}  // namespace scanferry::platform
