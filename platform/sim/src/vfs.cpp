// SPDX-License-Identifier: Apache-2.0
#include <scanferry/platform/sim/vfs.hpp>

#include <algorithm>
#include <cstring>
#include <optional>

#include <sqlite3.h>

namespace scanferry::platform::sim {

struct SqliteVfs::Parts {
  std::string name;
  Store& store;
  Clock& clock;
  Random& random;
  sqlite3_vfs vfs{};
};

namespace {

constexpr int kPathMax = 512;
/// What the VFS for Unix says, so that SQLite takes the same paths through its code.
constexpr int kSectorSize = 4096;
/// From the epoch of Julian days, noon of November 24, 4714 BC, to that of Unix time.
constexpr sqlite3_int64 kUnixEpochJulianMillis = 210'866'760'000'000LL;

using Parts = SqliteVfs::Parts;

/// SQLite gives the memory; the first member is what it knows.
struct OpenFile {
  sqlite3_file base;
  File* file;                  ///< owned
  Store* store;
  std::string* unsynced_directory;  ///< owned; the directory of a journal whose name may not be durable yet
  std::string* delete_on_close;     ///< owned; its path
};

OpenFile& of(sqlite3_file* file) { return *reinterpret_cast<OpenFile*>(file); }
Parts& of(sqlite3_vfs* vfs) { return *static_cast<Parts*>(vfs->pAppData); }

int code_of(const Error& error, int otherwise) { return error.code == Errc::no_space ? SQLITE_FULL : otherwise; }

std::string directory_of(std::string_view path) { return std::string{path.substr(0, path.rfind('/'))}; }

int close_file(sqlite3_file* base) {
  auto& open = of(base);
  delete open.file;
  if (open.delete_on_close != nullptr) (void)open.store->remove(*open.delete_on_close);  // what stays is harmless
  delete open.delete_on_close;
  delete open.unsynced_directory;
  return SQLITE_OK;
}

int read(sqlite3_file* base, void* into, int length, sqlite3_int64 offset) {
  const core::ByteBuffer buffer{static_cast<std::byte*>(into), static_cast<std::size_t>(length)};
  const auto got = of(base).file->read_at(static_cast<std::uint64_t>(offset), buffer);
  if (!got) return SQLITE_IOERR_READ;
  if (*got == buffer.size()) return SQLITE_OK;
  std::ranges::fill(buffer.subspan(*got), std::byte{0});
  return SQLITE_IOERR_SHORT_READ;
}

int write(sqlite3_file* base, const void* from, int length, sqlite3_int64 offset) {
  const core::ByteView bytes{static_cast<const std::byte*>(from), static_cast<std::size_t>(length)};
  const auto done = of(base).file->write_at(static_cast<std::uint64_t>(offset), bytes);
  return done ? SQLITE_OK : code_of(done.error(), SQLITE_IOERR_WRITE);
}

int truncate(sqlite3_file* base, sqlite3_int64 size) {
  return of(base).file->truncate(static_cast<std::uint64_t>(size)) ? SQLITE_OK : SQLITE_IOERR_TRUNCATE;
}

int sync(sqlite3_file* base, int) {
  auto& open = of(base);
  if (!open.file->sync()) return SQLITE_IOERR_FSYNC;
  if (open.unsynced_directory == nullptr) return SQLITE_OK;
  if (!open.store->sync_directory(*open.unsynced_directory)) return SQLITE_IOERR_DIR_FSYNC;
  delete std::exchange(open.unsynced_directory, nullptr);
  return SQLITE_OK;
}

int file_size(sqlite3_file* base, sqlite3_int64* size) {
  const auto bytes = of(base).file->size();
  if (!bytes) return SQLITE_IOERR_FSTAT;
  *size = static_cast<sqlite3_int64>(*bytes);
  return SQLITE_OK;
}

// One process, one connection: every lock is ours.
int lock(sqlite3_file*, int) { return SQLITE_OK; }
int check_reserved_lock(sqlite3_file*, int* reserved) {
  *reserved = 0;
  return SQLITE_OK;
}
int file_control(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }
int sector_size(sqlite3_file*) { return kSectorSize; }
int device_characteristics(sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }

const sqlite3_io_methods kMethods{
    .iVersion = 1,
    .xClose = close_file,
    .xRead = read,
    .xWrite = write,
    .xTruncate = truncate,
    .xSync = sync,
    .xFileSize = file_size,
    .xLock = lock,
    .xUnlock = lock,
    .xCheckReservedLock = check_reserved_lock,
    .xFileControl = file_control,
    .xSectorSize = sector_size,
    .xDeviceCharacteristics = device_characteristics,
    .xShmMap = nullptr,
    .xShmLock = nullptr,
    .xShmBarrier = nullptr,
    .xShmUnmap = nullptr,
    .xFetch = nullptr,
    .xUnfetch = nullptr,
};

Result<std::unique_ptr<File>> open_or_create(Store& store, const std::string& path, int flags) {
  const auto mode = (flags & SQLITE_OPEN_READONLY) != 0 ? OpenMode::read : OpenMode::read_write;
  auto file = store.open(path, mode);
  if (file || file.error().code != Errc::not_found || (flags & SQLITE_OPEN_CREATE) == 0) return file;
  return store.create(path);
}

int open(sqlite3_vfs* vfs, const char* name, sqlite3_file* base, int flags, int* out_flags) {
  auto& parts = of(vfs);
  new (base) OpenFile{};
  auto path = name != nullptr ? std::string{name} : "/sqlite-temporary-" + std::to_string(parts.random.next());
  auto file = open_or_create(parts.store, path, flags);
  if (!file) return code_of(file.error(), SQLITE_CANTOPEN);
  auto& open = of(base);
  open.base.pMethods = &kMethods;
  open.file = file->release();
  open.store = &parts.store;
  constexpr int kJournals = SQLITE_OPEN_SUPER_JOURNAL | SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_WAL;
  // Also when it was there already: whoever made it may not have lived to sync its name.
  if ((flags & SQLITE_OPEN_CREATE) != 0 && (flags & kJournals) != 0) open.unsynced_directory = new std::string{directory_of(path)};
  if ((flags & SQLITE_OPEN_DELETEONCLOSE) != 0) open.delete_on_close = new std::string{std::move(path)};
  if (out_flags != nullptr) *out_flags = flags;
  return SQLITE_OK;
}

int remove(sqlite3_vfs* vfs, const char* path, int sync_directory) {
  auto& store = of(vfs).store;
  const auto removed = store.remove(path);
  if (!removed) return removed.error().code == Errc::not_found ? SQLITE_IOERR_DELETE_NOENT : SQLITE_IOERR_DELETE;
  if (sync_directory == 0) return SQLITE_OK;
  return store.sync_directory(directory_of(path)) ? SQLITE_OK : SQLITE_IOERR_DIR_FSYNC;
}

int access(sqlite3_vfs* vfs, const char* path, int what, int* answer) {
  const auto info = of(vfs).store.info(path);
  if (!info && info.error().code != Errc::not_found) return SQLITE_IOERR_ACCESS;
  // As on Unix: an empty file counts as absent when only existence is asked for.
  *answer = info && (what != SQLITE_ACCESS_EXISTS || info->size_bytes > 0) ? 1 : 0;
  return SQLITE_OK;
}

int full_pathname(sqlite3_vfs*, const char* path, int room, char* full) {
  sqlite3_snprintf(room, full, "%s", path);
  return SQLITE_OK;
}

int randomness(sqlite3_vfs* vfs, int length, char* into) {
  for (int at = 0; at < length; at += static_cast<int>(sizeof(std::uint64_t))) {
    const auto bits = of(vfs).random.next();
    std::memcpy(into + at, &bits, std::min<std::size_t>(sizeof bits, static_cast<std::size_t>(length - at)));
  }
  return length;
}

// Nothing can change while SQLite holds the only thread that the database has.
int sleep(sqlite3_vfs*, int micros) { return micros; }

int current_time(sqlite3_vfs* vfs, sqlite3_int64* julian_millis) {
  *julian_millis = kUnixEpochJulianMillis + of(vfs).clock.wall_now().time_since_epoch().count();
  return SQLITE_OK;
}

int current_time_double(sqlite3_vfs* vfs, double* julian_days) {
  constexpr double kMillisPerDay = 86'400'000.0;
  sqlite3_int64 millis = 0;
  current_time(vfs, &millis);
  *julian_days = static_cast<double>(millis) / kMillisPerDay;
  return SQLITE_OK;
}

int last_error(sqlite3_vfs*, int, char*) { return 0; }

}  // namespace

SqliteVfs::SqliteVfs(std::string name, Store& store, Clock& clock, Random& random)
    : parts_{new Parts{std::move(name), store, clock, random}} {
  auto& vfs = parts_->vfs;
  vfs.iVersion = 2;
  vfs.szOsFile = sizeof(OpenFile);
  vfs.mxPathname = kPathMax;
  vfs.zName = parts_->name.c_str();
  vfs.pAppData = parts_.get();
  vfs.xOpen = open;
  vfs.xDelete = remove;
  vfs.xAccess = access;
  vfs.xFullPathname = full_pathname;
  vfs.xRandomness = randomness;
  vfs.xSleep = sleep;
  vfs.xCurrentTime = current_time_double;
  vfs.xGetLastError = last_error;
  vfs.xCurrentTimeInt64 = current_time;
  sqlite3_vfs_register(&vfs, 1);
  sqlite3_randomness(0, nullptr);
}

SqliteVfs::~SqliteVfs() { sqlite3_vfs_unregister(&parts_->vfs); }

const std::string& SqliteVfs::name() const { return parts_->name; }

}  // namespace scanferry::platform::sim
