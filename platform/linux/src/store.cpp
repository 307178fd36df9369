// SPDX-License-Identifier: Apache-2.0
#include "store.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <cstdio>

#include "system_error.hpp"

namespace scanferry::platform {
namespace {

/// Images of patients: nothing for others.
constexpr ::mode_t kFileMode = 0640;
constexpr ::mode_t kDirectoryMode = 0750;

/// The finalizer of SplitMix64: each bit of the result depends on each bit of the input.
constexpr std::uint64_t scramble(std::uint64_t value) {
  value = (value ^ (value >> 30U)) * 0xBF58476D1CE4E5B9ULL;
  value = (value ^ (value >> 27U)) * 0x94D049BB133111EBULL;
  return value ^ (value >> 31U);
}

constexpr std::uint64_t mix(std::uint64_t seed, std::uint64_t value) {
  return scramble(seed + 0x9E3779B97F4A7C15ULL + value);
}

// The device number is left out: it may change from boot to boot.
std::uint64_t identity_of(const struct ::stat& status) {
  auto identity = mix(0, status.st_ino);
  identity = mix(identity, static_cast<std::uint64_t>(status.st_size));
  identity = mix(identity, static_cast<std::uint64_t>(status.st_mtim.tv_sec));
  return mix(identity, static_cast<std::uint64_t>(status.st_mtim.tv_nsec));
}

FileInfo info_of(std::string name, const struct ::stat& status) {
  FileInfo info;
  info.name = std::move(name);
  info.size_bytes = static_cast<std::uint64_t>(status.st_size);
  info.is_directory = S_ISDIR(status.st_mode);
  info.modified = core::WallTime{std::chrono::floor<core::Millis>(std::chrono::seconds{status.st_mtim.tv_sec} +
                                                                  std::chrono::nanoseconds{status.st_mtim.tv_nsec})};
  info.identity = identity_of(status);
  return info;
}

Result<FileDescriptor> open_file(std::string_view verb, const std::string& path, int flags) {
  const auto attempt = [&] { return ::open(path.c_str(), flags | O_CLOEXEC, kFileMode); };
  FileDescriptor fd{uninterrupted(attempt)};
  if (!fd.is_open()) return failure(verb, path);
  return fd;
}

/// `how`: LOCK_EX, with LOCK_NB or without.
Result<void> lock(const FileDescriptor& fd, const std::string& path, int how) {
  const auto attempt = [&fd, how] { return ::flock(fd.get(), how); };
  if (uninterrupted(attempt) != 0) return failure("lock", path);
  return {};
}

/// A name may lead elsewhere, or nowhere, by the time that its file is locked.
bool is_named(const FileDescriptor& fd, const std::string& path) {
  struct ::stat opened {};
  struct ::stat named {};
  if (::fstat(fd.get(), &opened) != 0 || ::stat(path.c_str(), &named) != 0) return false;
  return opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

class Directory {
 public:
  explicit Directory(const std::string& path) : stream_{::opendir(path.c_str())} {}
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  ~Directory() {
    if (stream_ != nullptr) ::closedir(stream_);
  }
  [[nodiscard]] bool is_open() const { return stream_ != nullptr; }
  [[nodiscard]] int fd() const { return ::dirfd(stream_); }
  /// Null at the end, and with errno set after an error.
  [[nodiscard]] const ::dirent* next() {
    errno = 0;
    return ::readdir(stream_);
  }

 private:
  ::DIR* stream_;
};

bool is_directory(const std::string& path) {
  struct ::stat status {};
  return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

/// "/a/b" -> "/a", "/a" -> "/".
std::string_view parent_of(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == 0 || slash == std::string_view::npos ? "/" : path.substr(0, slash);
}

}  // namespace

Result<std::unique_ptr<File>> LinuxStore::create(std::string_view path) {
  std::string name{path};
  for (;;) {
    auto fd = open_file("create", name, O_RDWR | O_CREAT | O_EXCL);
    if (!fd) return std::unexpected{std::move(fd.error())};
    // Whoever looks for abandoned files may be faster, takes it for one and removes it: then once more.
    if (auto locked = lock(*fd, name, LOCK_EX); !locked) return std::unexpected{std::move(locked.error())};
    if (is_named(*fd, name)) return std::make_unique<LinuxFile>(std::move(*fd), std::move(name));
  }
}

Result<std::unique_ptr<File>> LinuxStore::open(std::string_view path, OpenMode mode) {
  std::string name{path};
  // O_NONBLOCK: a pipe with the name of an image in a watched folder must not hold the storage thread.
  auto fd = open_file("open", name, (mode == OpenMode::read ? O_RDONLY : O_RDWR) | O_NONBLOCK);
  if (!fd) return std::unexpected{std::move(fd.error())};
  return std::make_unique<LinuxFile>(std::move(*fd), std::move(name));
}

Result<std::unique_ptr<File>> LinuxStore::open_abandoned(std::string_view path) {
  std::string name{path};
  auto fd = open_file("open", name, O_RDWR | O_NONBLOCK);
  if (!fd) return std::unexpected{std::move(fd.error())};
  if (auto locked = lock(*fd, name, LOCK_EX | LOCK_NB); !locked) return std::unexpected{std::move(locked.error())};
  // Its writer may have finished and renamed it meanwhile.
  if (!is_named(*fd, name)) return std::unexpected{Error{Errc::not_found, "open " + name + ": it is gone"}};
  return std::make_unique<LinuxFile>(std::move(*fd), std::move(name));
}

Result<void> LinuxStore::rename(std::string_view from, std::string_view to) {
  const std::string old_name{from};
  const std::string new_name{to};
  if (::rename(old_name.c_str(), new_name.c_str()) != 0) return failure("rename", old_name + " to " + new_name);
  return {};
}

Result<void> LinuxStore::remove(std::string_view path) {
  const std::string name{path};
  if (::remove(name.c_str()) != 0) return failure("remove", name);
  return {};
}

Result<void> LinuxStore::sync_directory(std::string_view path) {
  const std::string name{path};
  auto fd = open_file("sync directory", name, O_RDONLY | O_DIRECTORY);
  if (!fd) return std::unexpected{std::move(fd.error())};
  const auto flush = [&fd] { return ::fsync(fd->get()); };
  if (uninterrupted(flush) != 0) return failure("sync directory", name);
  return {};
}

Result<void> LinuxStore::make_directories(std::string_view path) {
  for (std::size_t end{0}; end != std::string_view::npos;) {
    end = path.find('/', end + 1);
    const std::string part{path.substr(0, end)};
    if (is_directory(part)) continue;
    if (::mkdir(part.c_str(), kDirectoryMode) != 0) {
      const int error = errno;
      if (error == EEXIST && is_directory(part)) continue;  // somebody else was faster
      return failure("make directory", part, error);
    }
    if (auto synced = sync_directory(parent_of(part)); !synced) return synced;
  }
  return {};
}

Result<void> LinuxStore::visit(std::string_view path, const Visit& visit_one) {
  const std::string name{path};
  Directory directory{name};
  if (!directory.is_open()) return failure("list", name);
  while (const auto* entry = directory.next()) {
    const std::string_view child{entry->d_name};
    if (child == "." || child == "..") continue;
    struct ::stat status {};
    if (::fstatat(directory.fd(), entry->d_name, &status, 0) != 0) continue;  // gone since, or a link that leads nowhere
    visit_one(info_of(std::string{child}, status));
  }
  if (errno != 0) return failure("list", name);
  return {};
}

Result<FileInfo> LinuxStore::info(std::string_view path) {
  const std::string name{path};
  struct ::stat status {};
  if (::stat(name.c_str(), &status) != 0) return failure("examine", name);
  return info_of(name.substr(name.rfind('/') + 1), status);
}

Result<SpaceInfo> LinuxStore::space(std::string_view path) {
  const std::string name{path};
  struct ::statvfs status {};
  if (::statvfs(name.c_str(), &status) != 0) return failure("ask for the free space of", name);
  return SpaceInfo{std::uint64_t{status.f_bavail} * status.f_frsize, std::uint64_t{status.f_blocks} * status.f_frsize};
}

}  // namespace scanferry::platform
