// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <sqlite3.h>

#include <scanferry/platform/sim/clock.hpp>
#include <scanferry/platform/sim/disk.hpp>
#include <scanferry/platform/sim/vfs.hpp>

using namespace scanferry;
using namespace scanferry::platform::sim;

namespace {

class Database {
 public:
  explicit Database(const SqliteVfs& vfs) {
    ok_ = sqlite3_open_v2("/db/ledger.sqlite", &db_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, vfs.name().c_str()) == SQLITE_OK &&
          run("PRAGMA locking_mode=EXCLUSIVE") && run("PRAGMA journal_mode=WAL") && run("PRAGMA synchronous=FULL") &&
          run("PRAGMA wal_autocheckpoint=8") && run("CREATE TABLE IF NOT EXISTS t(id INTEGER PRIMARY KEY, filler BLOB)");
  }
  ~Database() { sqlite3_close_v2(db_); }
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  [[nodiscard]] bool ok() const { return ok_; }
  bool run(const std::string& sql) { return sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK; }
  std::string ask(const std::string& sql) {
    sqlite3_stmt* statement = nullptr;
    std::string answer = "error";
    if (sqlite3_prepare_v2(db_, sql.c_str(), -1, &statement, nullptr) == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW) {
      answer = reinterpret_cast<const char*>(sqlite3_column_text(statement, 0));
    }
    sqlite3_finalize(statement);
    return answer;
  }

 private:
  sqlite3* db_{nullptr};
  bool ok_{false};
};

struct Rig {
  explicit Rig(std::uint64_t seed)
      : world{seed}, disk{world}, clock{world, 1}, random{world.prng().fork()}, vfs{"sim-test", disk, clock, random} {
    REQUIRE(disk.make_directories("/db"));
  }
  World world;
  SimDisk disk;
  SimClock clock;
  SimRandom random;
  SqliteVfs vfs;
};

constexpr int kRows = 40;

/// Inserts rows until one cannot be inserted; returns how many are promised.
int insert_rows(Database& db) {
  for (int row = 1; row <= kRows; ++row) {
    if (!db.run("INSERT INTO t VALUES(" + std::to_string(row) + ", randomblob(600))")) return row - 1;
  }
  return kRows;
}

}  // namespace

TEST_CASE("a database in WAL mode lives on the simulated disk") {
  Rig rig{1};
  {
    Database db{rig.vfs};
    REQUIRE(db.ok());
    CHECK(db.ask("PRAGMA journal_mode") == "wal");
    CHECK(insert_rows(db) == kRows);
  }
  Database again{rig.vfs};
  CHECK(again.ask("SELECT count(*) FROM t") == std::to_string(kRows));
  CHECK(again.ask("SELECT date('now')") == "2023-11-14");
}

TEST_CASE("a database survives a power cut at every write with all that it promised") {
  const auto mode = GENERATE(CutMode::random, CutMode::lose_all, CutMode::keep_all);
  std::uint64_t cuts = 0;
  for (std::uint64_t change = 1;; ++change) {
    Rig rig{change};
    rig.disk.behaviour().cut_at_change = rig.disk.changes() + change;
    int promised = 0;
    {
      Database db{rig.vfs};
      if (db.ok()) promised = insert_rows(db);
    }
    if (!rig.disk.dead()) break;
    ++cuts;
    rig.disk.restart(mode);
    INFO("cut at change " << change << ", " << promised << " rows promised");
    Database again{rig.vfs};
    REQUIRE(again.ok());
    REQUIRE(again.ask("PRAGMA integrity_check") == "ok");
    REQUIRE(std::stoi(again.ask("SELECT count(*) FROM t")) >= promised);
    REQUIRE(std::stoi(again.ask("SELECT count(*) FROM t")) <= promised + 1);
  }
  CHECK(cuts > 100);
}

TEST_CASE("a database survives an error at every operation") {
  for (std::uint64_t operation = 1;; ++operation) {
    Rig rig{operation};
    rig.disk.behaviour().fail_operation = rig.disk.operations() + operation;
    int promised = 0;
    {
      Database db{rig.vfs};
      if (db.ok()) promised = insert_rows(db);
    }
    if (rig.disk.operations() < rig.disk.behaviour().fail_operation) break;
    INFO("error at operation " << operation);
    Database again{rig.vfs};
    REQUIRE(again.ok());
    REQUIRE(again.ask("PRAGMA integrity_check") == "ok");
    REQUIRE(std::stoi(again.ask("SELECT count(*) FROM t")) >= promised);
  }
}

TEST_CASE("a full disk is told as such") {
  Rig rig{1};
  Database db{rig.vfs};
  REQUIRE(db.ok());
  rig.disk.behaviour().capacity_bytes = 60'000;
  const auto rows = insert_rows(db);
  CHECK(rows < kRows);
  CHECK_FALSE(db.run("INSERT INTO t VALUES(99, randomblob(60000))"));
  rig.disk.behaviour().capacity_bytes = 1U << 30U;
  CHECK(db.run("INSERT INTO t VALUES(99, randomblob(60000))"));
  CHECK(std::stoi(db.ask("SELECT count(*) FROM t")) == rows + 1);
}
