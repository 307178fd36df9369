// SPDX-License-Identifier: Apache-2.0
#include "agent/ledger.hpp"

namespace scanferry::firmware {
namespace {

// Deliveries that wait for the same destination stand together, in order of acceptance: finding the next one costs the
// same with ten and with a million queued. `totals` is kept by triggers so that admission never counts rows.
constexpr const char* kSchema = R"sql(
CREATE TABLE IF NOT EXISTS totals(only INTEGER PRIMARY KEY CHECK(only = 1), file_bytes INTEGER NOT NULL);
INSERT OR IGNORE INTO totals VALUES(1, 0);
CREATE TABLE IF NOT EXISTS instances(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  sop_instance_uid TEXT NOT NULL UNIQUE,
  sop_class_uid TEXT NOT NULL,
  transfer_syntax_uid TEXT NOT NULL,
  data_set_offset INTEGER NOT NULL,
  file_bytes INTEGER NOT NULL,
  accepted_ms INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS deliveries(
  instance_id INTEGER NOT NULL REFERENCES instances(id) ON DELETE CASCADE,
  destination TEXT NOT NULL,
  state INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  breaks INTEGER NOT NULL DEFAULT 0,
  not_before_ms INTEGER NOT NULL DEFAULT 0,
  status INTEGER NOT NULL DEFAULT 0,
  comment TEXT NOT NULL DEFAULT '',
  updated_ms INTEGER NOT NULL,
  PRIMARY KEY(instance_id, destination)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sources(key TEXT PRIMARY KEY, files TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS deliveries_by_state ON deliveries(destination, state, instance_id);
CREATE TRIGGER IF NOT EXISTS count_in AFTER INSERT ON instances BEGIN
  UPDATE totals SET file_bytes = file_bytes + NEW.file_bytes; END;
CREATE TRIGGER IF NOT EXISTS count_out AFTER DELETE ON instances BEGIN
  UPDATE totals SET file_bytes = file_bytes - OLD.file_bytes; END;
PRAGMA user_version = 1;
)sql";

constexpr std::int64_t kSchemaVersion = 1;

/// Damaged ledgers that are kept for a look; the last one is overwritten.
constexpr int kSetAsideMax = 99;

constexpr std::int64_t ms_of(core::WallTime time) { return time.time_since_epoch().count(); }
constexpr core::WallTime time_of(std::int64_t ms) { return core::WallTime{core::Millis{ms}}; }

// Columns of the selects below, in this order.
#define SCANFERRY_INSTANCE_COLUMNS \
  "i.id, i.sop_instance_uid, i.sop_class_uid, i.transfer_syntax_uid, i.data_set_offset, i.file_bytes, i.accepted_ms"
#define SCANFERRY_DELIVERY_COLUMNS \
  SCANFERRY_INSTANCE_COLUMNS ", d.destination, d.state, d.attempts, d.not_before_ms, d.status, d.comment, d.updated_ms, d.breaks"

Instance read_instance(const Statement& row) {
  Instance i;
  i.id = row.integer(0);
  i.sop_instance_uid = row.string(1);
  i.sop_class_uid = row.string(2);
  i.transfer_syntax_uid = row.string(3);
  i.data_set_offset = static_cast<std::uint64_t>(row.integer(4));
  i.file_bytes = static_cast<std::uint64_t>(row.integer(5));
  i.accepted_at = time_of(row.integer(6));
  return i;
}

Delivery read_delivery(const Statement& row) {
  Delivery d;
  d.instance = read_instance(row);
  d.destination = row.string(7);
  d.state = static_cast<core::DeliveryState>(row.integer(8));
  d.attempts = static_cast<std::uint32_t>(row.integer(9));
  d.not_before = time_of(row.integer(10));
  d.status = static_cast<std::uint16_t>(row.integer(11));
  d.comment = row.string(12);
  d.updated_at = time_of(row.integer(13));
  d.breaks = static_cast<std::uint32_t>(row.integer(14));
  return d;
}

template <class Row, class Read>
Result<std::vector<Row>> collect(Statement& statement, Read read) {
  std::vector<Row> rows;
  for (;;) {
    auto more = statement.step();
    if (!more) return std::unexpected{more.error()};
    if (!*more) return rows;
    rows.push_back(read(statement));
  }
}

std::int64_t code_of(const std::optional<core::DeliveryState>& state) { return state ? static_cast<std::int64_t>(*state) : -1; }

}  // namespace

Result<std::unique_ptr<Ledger>> Ledger::open(platform::Store& store, const std::string& path, const std::string& vfs, Repair repair) {
  bool corrupt = false;
  auto ledger = open_existing(path, vfs, repair, corrupt);
  if (ledger || !corrupt || repair == Repair::no) return ledger;
  auto aside = text(path, ".corrupt-1");
  for (int n = 2; store.info(aside) && n <= kSetAsideMax; ++n) aside = text(path, ".corrupt-", n);
  if (auto moved = store.rename(path, aside); !moved) return no_luck(moved.error());
  // They belong to the database that was moved: a fresh one must not meet them.
  for (const char* companion : {"-wal", "-shm"}) (void)store.remove(path + companion);
  auto fresh = open_existing(path, vfs, repair, corrupt);
  if (fresh) (*fresh)->set_aside_because_ = text(ledger.error().message, "; it is kept as ", aside);
  return fresh;
}

Result<std::unique_ptr<Ledger>> Ledger::open_existing(const std::string& path, const std::string& vfs, Repair repair, bool& corrupt) {
  auto database = Database::open(path, vfs, corrupt);
  if (!database) return std::unexpected{database.error()};
  std::unique_ptr<Ledger> ledger{new Ledger{std::move(*database)}};
  auto ready = ledger->migrate();
  corrupt = ledger->database_->is_corrupt();
  if (ready && repair == Repair::set_aside) ready = ledger->database_->settle();
  if (ready && repair == Repair::set_aside) {
    ready = ledger->check(corrupt);
    corrupt = corrupt || ledger->database_->is_corrupt();
  }
  if (!ready) return std::unexpected{ready.error()};
  return ledger;
}

Result<void> Ledger::check(bool& corrupt) {
  auto statement = database_->prepare("PRAGMA quick_check(1)");
  if (!statement) return std::unexpected{statement.error()};
  Statement row{*statement};
  if (auto there = row.step(); !there) return std::unexpected{there.error()};
  // A disk that could not be read now says nothing of the ledger; this does.
  const auto verdict = row.string(0);
  const bool unread = verdict.find("unable to get the page") != std::string::npos && verdict.find("error code=11") == std::string::npos;
  corrupt = verdict != "ok" && !unread;
  if (unread) return no_luck("the ledger cannot be read: ", verdict);
  if (corrupt) return no_luck("the ledger is damaged: ", verdict);
  return {};
}

Result<void> Ledger::migrate() {
  auto version = database_->integer("PRAGMA user_version");
  if (!version) return std::unexpected{version.error()};
  if (*version == kSchemaVersion) return {};
  if (*version != 0) {
    return no_luck("the ledger was written by another version of scanferry (schema ", *version,
                   "); use that version, or set ledger.sqlite aside: it is rebuilt from the objects");
  }
  const auto make = [this]() -> Result<void> { return database_->execute(kSchema); };
  return database_->transaction(make);
}

Result<bool> Ledger::contains(std::string_view sop_instance_uid) {
  auto get = database_->prepare("SELECT 1 FROM instances WHERE sop_instance_uid = ?");
  if (!get) return std::unexpected{get.error()};
  return Statement{*get}.bind(sop_instance_uid).step();
}

Result<std::optional<Instance>> Ledger::find(std::string_view sop_instance_uid) {
  auto get = database_->prepare("SELECT " SCANFERRY_INSTANCE_COLUMNS " FROM instances i WHERE i.sop_instance_uid = ?");
  if (!get) return std::unexpected{get.error()};
  Statement row{*get};
  auto there = row.bind(sop_instance_uid).step();
  if (!there) return std::unexpected{there.error()};
  if (!*there) return std::nullopt;
  return read_instance(row);
}

Result<void> Ledger::insert(const Instance& instance, std::span<const std::string> destinations) {
  auto put = database_->prepare(
      "INSERT OR IGNORE INTO instances(sop_instance_uid, sop_class_uid, transfer_syntax_uid, data_set_offset, file_bytes, accepted_ms)"
      " VALUES(?, ?, ?, ?, ?, ?)");
  if (!put) return std::unexpected{put.error()};
  const auto accepted_ms = ms_of(instance.accepted_at);
  if (auto done = Statement{*put}
                      .bind(instance.sop_instance_uid)
                      .bind(instance.sop_class_uid)
                      .bind(instance.transfer_syntax_uid)
                      .bind(static_cast<std::int64_t>(instance.data_set_offset))
                      .bind(static_cast<std::int64_t>(instance.file_bytes))
                      .bind(accepted_ms)
                      .run();
      !done) {
    return done;
  }
  for (const auto& destination : destinations) {
    auto deliver = database_->prepare(
        "INSERT OR IGNORE INTO deliveries(instance_id, destination, state, updated_ms)"
        " SELECT id, ?, 0, ? FROM instances WHERE sop_instance_uid = ?");
    if (!deliver) return std::unexpected{deliver.error()};
    if (auto done = Statement{*deliver}.bind(destination).bind(accepted_ms).bind(instance.sop_instance_uid).run(); !done) return done;
  }
  return {};
}

Result<void> Ledger::accept(std::span<const Instance> instances, std::span<const std::string> destinations, const AcceptedSource& source) {
  const auto insert_all = [&]() -> Result<void> {
    for (const auto& instance : instances) {
      if (auto done = insert(instance, destinations); !done) return done;
    }
    return source.key.empty() ? Result<void>{} : insert(source);
  };
  return database_->transaction(insert_all);
}

Result<void> Ledger::insert(const AcceptedSource& source) {
  auto put = database_->prepare("INSERT OR IGNORE INTO sources VALUES(?, ?)");
  if (!put) return std::unexpected{put.error()};
  return Statement{*put}.bind(source.key).bind(source.files).run();
}

Result<std::optional<std::string>> Ledger::files_of_source(std::string_view key) {
  auto get = database_->prepare("SELECT files FROM sources WHERE key = ?");
  if (!get) return std::unexpected{get.error()};
  Statement row{*get};
  auto there = row.bind(key).step();
  if (!there) return std::unexpected{there.error()};
  if (!*there) return std::nullopt;
  return row.string(0);
}

Result<void> Ledger::forget_source(std::string_view key) {
  auto put = database_->prepare("DELETE FROM sources WHERE key = ?");
  if (!put) return std::unexpected{put.error()};
  return Statement{*put}.bind(key).run();
}

Result<std::vector<Delivery>> Ledger::due(std::string_view destination, std::size_t limit, core::WallTime now, core::Millis longest_wait) {
  auto get = database_->prepare("SELECT " SCANFERRY_DELIVERY_COLUMNS
                                " FROM deliveries d JOIN instances i ON i.id = d.instance_id"
                                " WHERE d.destination = ? AND d.state = 0"
                                " AND (d.not_before_ms <= ? OR d.not_before_ms > ?)"
                                " ORDER BY d.instance_id LIMIT ?");
  if (!get) return std::unexpected{get.error()};
  Statement rows{*get};
  rows.bind(destination).bind(ms_of(now)).bind(ms_of(now + longest_wait)).bind(static_cast<std::int64_t>(limit));
  return collect<Delivery>(rows, read_delivery);
}

Result<bool> Ledger::is_wanted(std::int64_t instance_id) {
  auto get = database_->prepare("SELECT 1 FROM deliveries WHERE instance_id = ? AND state IN (0, 3)");
  if (!get) return std::unexpected{get.error()};
  return Statement{*get}.bind(instance_id).step();
}

Result<bool> Ledger::is_pending(std::int64_t instance_id, std::string_view destination) {
  auto get = database_->prepare("SELECT 1 FROM deliveries WHERE instance_id = ? AND destination = ? AND state = 0");
  if (!get) return std::unexpected{get.error()};
  return Statement{*get}.bind(instance_id).bind(destination).step();
}

Result<void> Ledger::update(std::int64_t instance_id, std::string_view destination, const DeliveryUpdate& update, core::WallTime now) {
  auto put = database_->prepare(
      "UPDATE deliveries SET state = ?1, attempts = ?2, breaks = ?3, not_before_ms = ?4, status = ?5, comment = ?6, updated_ms = ?7"
      " WHERE instance_id = ?8 AND destination = ?9 AND (state = 0 OR ?1 IN (1, 2))");
  if (!put) return std::unexpected{put.error()};
  return Statement{*put}
      .bind(static_cast<std::int64_t>(update.state))
      .bind(static_cast<std::int64_t>(update.attempts))
      .bind(static_cast<std::int64_t>(update.breaks))
      .bind(ms_of(update.not_before))
      .bind(static_cast<std::int64_t>(update.status))
      .bind(update.comment)
      .bind(ms_of(now))
      .bind(instance_id)
      .bind(destination)
      .run();
}

Result<void> Ledger::each(const DeliveryFilter& filter, const std::function<void(const Delivery&)>& visit) {
  auto get = database_->prepare("SELECT " SCANFERRY_DELIVERY_COLUMNS
                                " FROM instances i JOIN deliveries d ON d.instance_id = i.id"
                                " WHERE (?1 = '' OR i.sop_instance_uid = ?1)"
                                " AND (?2 = '' OR d.destination = ?2) AND (?3 < 0 OR d.state = ?3)"
                                " ORDER BY i.id, d.destination");
  if (!get) return std::unexpected{get.error()};
  Statement rows{*get};
  rows.bind(filter.sop_instance_uid).bind(filter.destination).bind(code_of(filter.state));
  for (;;) {
    auto more = rows.step();
    if (!more) return std::unexpected{more.error()};
    if (!*more) return {};
    visit(read_delivery(rows));
  }
}

Result<std::vector<DestinationCount>> Ledger::counts() {
  auto get = database_->prepare("SELECT destination, state, count(*) FROM deliveries GROUP BY destination, state");
  if (!get) return std::unexpected{get.error()};
  Statement rows{*get};
  return collect<DestinationCount>(rows, [](const Statement& row) {
    return DestinationCount{row.string(0), static_cast<core::DeliveryState>(row.integer(1)), static_cast<std::uint64_t>(row.integer(2))};
  });
}

Result<std::uint64_t> Ledger::set_state(const DeliveryFilter& filter, core::DeliveryState state, std::string_view comment,
                                        core::WallTime now) {
  auto put = database_->prepare(
      "UPDATE deliveries SET state = ?1, attempts = 0, breaks = 0, not_before_ms = 0, comment = ?2, updated_ms = ?3"
      " WHERE state IN (0, 3) AND (?4 = '' OR instance_id = (SELECT id FROM instances WHERE sop_instance_uid = ?4))"
      " AND (?5 = '' OR destination = ?5) AND (?6 < 0 OR state = ?6)");
  if (!put) return std::unexpected{put.error()};
  static_assert(static_cast<int>(core::DeliveryState::pending) == 0 && static_cast<int>(core::DeliveryState::held) == 3);
  if (auto done = Statement{*put}
                      .bind(static_cast<std::int64_t>(state))
                      .bind(comment)
                      .bind(ms_of(now))
                      .bind(filter.sop_instance_uid)
                      .bind(filter.destination)
                      .bind(code_of(filter.state))
                      .run();
      !done) {
    return std::unexpected{done.error()};
  }
  return static_cast<std::uint64_t>(database_->changes());
}

Result<void> Ledger::accept_received(const ReceivedInstances& received, std::span<const std::string> destinations, core::WallTime now) {
  const auto take_all = [&]() -> Result<void> {
    for (const auto& instance : received.fresh) {
      if (auto done = insert(instance, destinations); !done) return done;
    }
    for (const auto* uids : {&received.known, &received.restored}) {
      for (const auto& uid : *uids) {
        if (auto done = take_up(uid, core::DeliveryState::dropped, now); !done) return done;
      }
    }
    for (const auto& uid : received.restored) {
      if (auto done = take_up(uid, core::DeliveryState::held, now); !done) return done;
    }
    return {};
  };
  return database_->transaction(take_all);
}

Result<void> Ledger::take_up(std::string_view sop_instance_uid, core::DeliveryState from, core::WallTime now) {
  auto put = database_->prepare(
      "UPDATE deliveries SET state = 0, attempts = 0, breaks = 0, not_before_ms = 0, comment = 'sent again', updated_ms = ?"
      " WHERE state = ? AND instance_id = (SELECT id FROM instances WHERE sop_instance_uid = ?)");
  if (!put) return std::unexpected{put.error()};
  return Statement{*put}.bind(ms_of(now)).bind(static_cast<std::int64_t>(from)).bind(sop_instance_uid).run();
}

Result<std::vector<Instance>> Ledger::deletable(core::WallTime before, core::WallTime now, std::size_t limit) {
  auto get = database_->prepare("SELECT " SCANFERRY_INSTANCE_COLUMNS
                                " FROM instances i WHERE i.accepted_ms NOT BETWEEN ?1 AND ?2 AND EXISTS (SELECT 1 FROM deliveries d WHERE d.instance_id = i.id)"
                                " AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.instance_id = i.id"
                                "  AND (d.state NOT IN (1, 2, 4) OR d.updated_ms BETWEEN ?1 AND ?2))"
                                " ORDER BY i.id LIMIT ?3");
  if (!get) return std::unexpected{get.error()};
  Statement rows{*get};
  rows.bind(ms_of(before)).bind(ms_of(now)).bind(static_cast<std::int64_t>(limit));
  return collect<Instance>(rows, read_instance);
}

Result<void> Ledger::forget(std::int64_t instance_id) {
  auto put = database_->prepare("DELETE FROM instances WHERE id = ?");
  if (!put) return std::unexpected{put.error()};
  return Statement{*put}.bind(instance_id).run();
}

Result<std::uint64_t> Ledger::spool_bytes() {
  auto bytes = database_->integer("SELECT file_bytes FROM totals");
  if (!bytes) return std::unexpected{bytes.error()};
  return static_cast<std::uint64_t>(*bytes);
}

Result<std::vector<Instance>> Ledger::instances(std::int64_t after, std::size_t limit) {
  auto get = database_->prepare("SELECT " SCANFERRY_INSTANCE_COLUMNS " FROM instances i WHERE i.id > ? ORDER BY i.id LIMIT ?");
  if (!get) return std::unexpected{get.error()};
  Statement rows{*get};
  rows.bind(after).bind(static_cast<std::int64_t>(limit));
  return collect<Instance>(rows, read_instance);
}

}  // namespace scanferry::firmware
