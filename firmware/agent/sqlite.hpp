// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <sqlite3.h>

#include "agent/failure.hpp"

namespace scanferry::firmware {

/// A prepared statement in use: bind in order, then step. Resets itself when it goes, so that it can be prepared once.
class Statement {
 public:
  explicit Statement(sqlite3_stmt* statement) : statement_{statement} {}
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  ~Statement();

  Statement& bind(std::int64_t value);
  Statement& bind(std::string_view value);

  /// True: a row is there to read; false: done.
  Result<bool> step();
  /// For statements without rows.
  Result<void> run();

  [[nodiscard]] std::int64_t integer(int column) const { return sqlite3_column_int64(statement_, column); }
  [[nodiscard]] std::string string(int column) const;

 private:
  sqlite3_stmt* statement_;
  int bound_{0};
};

/// One SQLite database, opened for durability: WAL, synchronous=FULL. Blocks; storage thread only.
class Database {
 public:
  /// `vfs` empty: the system's; another process may then have the database open too. `corrupt` tells why it failed.
  static Result<std::unique_ptr<Database>> open(const std::string& path, const std::string& vfs, bool& corrupt);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  Result<void> execute(const char* sql);
  /// Brings everything into the database proper. A log whose sync failed in a process before this one is readable but not on
  /// the disk: what is built upon it would be lost with it. A full disk or another process may put it off.
  Result<void> settle();
  /// The one number that `sql`, a literal, asks for.
  Result<std::int64_t> integer(const char* sql);
  /// Prepares `sql` on its first use and keeps it; `sql` must be a literal: its address is the key.
  Result<sqlite3_stmt*> prepare(const char* sql);
  /// Runs `work()` in one transaction that is rolled back when it fails.
  template <class Work>
  Result<void> transaction(Work& work) {
    if (auto begun = execute("BEGIN IMMEDIATE"); !begun) return begun;
    auto done = work();
    if (done) done = execute("COMMIT");
    if (!done) (void)execute("ROLLBACK");  // the first failure is the one to tell
    return done;
  }
  [[nodiscard]] bool is_corrupt() const { return corrupt_; }
  [[nodiscard]] std::int64_t changes() const { return sqlite3_changes64(db_); }

  std::unexpected<Failure> failure(std::string_view doing);

 private:
  Database() = default;
  Result<void> configure(const std::string& vfs);
  struct Prepared;
  sqlite3* db_{nullptr};
  std::string path_;
  std::unique_ptr<Prepared> prepared_;
  bool corrupt_{false};
};

}  // namespace scanferry::firmware
