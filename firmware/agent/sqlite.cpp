// SPDX-License-Identifier: Apache-2.0
#include "agent/sqlite.hpp"

#include <map>

namespace scanferry::firmware {

namespace {
/// Another process may hold the write lock for as long as a slow card takes to sync.
constexpr int kBusyTimeoutMillis = 10'000;
}  // namespace

struct Database::Prepared {
  std::map<const char*, sqlite3_stmt*> statements;
};

Statement::~Statement() {
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

Statement& Statement::bind(std::int64_t value) {
  sqlite3_bind_int64(statement_, ++bound_, value);
  return *this;
}

Statement& Statement::bind(std::string_view value) {
  sqlite3_bind_text(statement_, ++bound_, value.data(), static_cast<int>(value.size()), SQLITE_TRANSIENT);
  return *this;
}

Result<bool> Statement::step() {
  switch (sqlite3_step(statement_)) {
    case SQLITE_ROW: return true;
    case SQLITE_DONE: return false;
    default: break;
  }
  return no_luck("ledger: ", sqlite3_errmsg(sqlite3_db_handle(statement_)));
}

Result<void> Statement::run() {
  auto row = step();
  if (!row) return std::unexpected{row.error()};
  return {};
}

std::string Statement::string(int column) const {
  const auto* chars = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  return chars == nullptr ? std::string{} : std::string{chars, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

Result<std::unique_ptr<Database>> Database::open(const std::string& path, const std::string& vfs, bool& corrupt) {
  std::unique_ptr<Database> database{new Database};
  database->path_ = path;
  database->prepared_ = std::make_unique<Prepared>();
  auto ready = database->configure(vfs);
  corrupt = database->corrupt_;
  if (!ready) return std::unexpected{ready.error()};
  return database;
}

Result<void> Database::configure(const std::string& vfs) {
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  if (sqlite3_open_v2(path_.c_str(), &db_, flags, vfs.empty() ? nullptr : vfs.c_str()) != SQLITE_OK) return failure("open");
  sqlite3_busy_timeout(db_, kBusyTimeoutMillis);
  // A VFS of our own has no shared memory: one process, one connection.
  if (!vfs.empty()) {
    if (auto alone = execute("PRAGMA locking_mode=EXCLUSIVE"); !alone) return alone;
  }
  for (const char* pragma : {"PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "PRAGMA foreign_keys=ON",
                             "PRAGMA cache_size=-512"}) {
    if (auto set = execute(pragma); !set) return set;
  }
  return {};
}

Database::~Database() {
  if (prepared_) {
    for (const auto& [sql, statement] : prepared_->statements) sqlite3_finalize(statement);
  }
  sqlite3_close_v2(db_);
}

Result<void> Database::execute(const char* sql) {
  if (sqlite3_exec(db_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) return failure(sql);
  return {};
}

Result<void> Database::settle() {
  const int code = sqlite3_wal_checkpoint_v2(db_, nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
  if (code == SQLITE_OK || code == SQLITE_FULL || code == SQLITE_BUSY || code == SQLITE_LOCKED) return {};
  return failure("checkpoint");
}

Result<std::int64_t> Database::integer(const char* sql) {
  auto statement = prepare(sql);
  if (!statement) return std::unexpected{statement.error()};
  Statement row{*statement};
  if (auto there = row.step(); !there) return std::unexpected{there.error()};
  return row.integer(0);
}

Result<sqlite3_stmt*> Database::prepare(const char* sql) {
  auto& slot = prepared_->statements[sql];
  if (slot == nullptr && sqlite3_prepare_v3(db_, sql, -1, SQLITE_PREPARE_PERSISTENT, &slot, nullptr) != SQLITE_OK) {
    return failure("prepare");
  }
  return slot;
}

std::unexpected<Failure> Database::failure(std::string_view doing) {
  const int code = sqlite3_extended_errcode(db_);
  if ((code & 0xFF) == SQLITE_CORRUPT || (code & 0xFF) == SQLITE_NOTADB) corrupt_ = true;
  return no_luck("ledger ", path_, ": ", db_ == nullptr ? "out of memory" : sqlite3_errmsg(db_), " (", doing, ")",
                 (code & 0xFF) == SQLITE_READONLY || (code & 0xFF) == SQLITE_CANTOPEN
                     ? "; make sure that the spool directory exists and can be written"
                     : "",
                 (code & 0xFF) == SQLITE_FULL ? "; make room on the disk" : "");
}

}  // namespace scanferry::firmware
