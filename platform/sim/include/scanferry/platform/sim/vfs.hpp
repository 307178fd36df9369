// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include <scanferry/platform/clock.hpp>
#include <scanferry/platform/random.hpp>
#include <scanferry/platform/store.hpp>

namespace scanferry::platform::sim {

/// A SQLite VFS over the seam's Store, so that a database lives on the simulated disk. It does what SQLite's own VFS for
/// Unix does: xSync syncs the file and, once for a new journal or log, its directory; xDelete syncs the directory when asked.
/// No shared memory: WAL needs locking_mode=EXCLUSIVE. Borrows all it is given; close all databases before it goes.
///
/// It is the default VFS while it lives, and SQLite's own generator is seeded from it, so that a run can be repeated.
class SqliteVfs {
 public:
  SqliteVfs(std::string name, Store& store, Clock& clock, Random& random);
  ~SqliteVfs();
  SqliteVfs(const SqliteVfs&) = delete;
  SqliteVfs& operator=(const SqliteVfs&) = delete;

  [[nodiscard]] const std::string& name() const;

  struct Parts;

 private:
  std::unique_ptr<Parts> parts_;
};

}  // namespace scanferry::platform::sim
