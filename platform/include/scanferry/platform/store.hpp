// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <scanferry/core/bytes.hpp>
#include <scanferry/core/time.hpp>
#include <scanferry/platform/error.hpp>

namespace scanferry::platform {

/// An open file. All calls block: use them on the storage thread only (see StorageThread).
class File {
 public:
  virtual ~File() = default;  ///< closes; what was not synced may be lost at a power cut
  /// Reads up to `into.size()` bytes at `offset`; fewer at the end of the file, 0 behind it.
  virtual Result<std::size_t> read_at(std::uint64_t offset, core::ByteBuffer into) = 0;
  /// All of `bytes` or an error; on an error any part of them may have been written.
  virtual Result<void> write_at(std::uint64_t offset, core::ByteView bytes) = 0;
  virtual Result<void> truncate(std::uint64_t size) = 0;
  virtual Result<std::uint64_t> size() = 0;
  /// When it returns, content and size survive a power cut (the name does only after Store::sync_directory).
  virtual Result<void> sync() = 0;
  /// The system's own handle, for a port's fast paths (sendfile); -1 where there is none. Borrowed.
  [[nodiscard]] virtual int native_handle() const { return -1; }
};

struct FileInfo {
  std::string name;              ///< without its directory
  std::uint64_t size_bytes{0};
  bool is_directory{false};
  core::WallTime modified{};
  /// Tells this content of this file from any other that had the name before: made of inode, size and time of change of
  /// the content; stable across renames, restarts and power cuts.
  std::uint64_t identity{0};
};

struct SpaceInfo {
  std::uint64_t free_bytes{0};  ///< usable by us
  std::uint64_t total_bytes{0};
};

enum class OpenMode : std::uint8_t { read, read_write };

/// The disk. All calls block: storage thread only. Paths are absolute. Each error names path and operation.
class Store {
 public:
  virtual ~Store() = default;
  /// A new empty file; `exists` when there is one. It is locked against `open_abandoned` until it is closed.
  virtual Result<std::unique_ptr<File>> create(std::string_view path) = 0;
  virtual Result<std::unique_ptr<File>> open(std::string_view path, OpenMode mode) = 0;
  /// Opens for reading and writing a file that nobody has open through `create`, in any process, and locks it likewise;
  /// `in_use` when somebody has.
  virtual Result<std::unique_ptr<File>> open_abandoned(std::string_view path) = 0;
  /// Atomic; replaces `to`. Survives a power cut after both directories are synced.
  virtual Result<void> rename(std::string_view from, std::string_view to) = 0;
  virtual Result<void> remove(std::string_view path) = 0;  ///< a file or an empty directory
  virtual Result<void> sync_directory(std::string_view path) = 0;
  /// Makes the directory and its parents; fine when it is there already. The new entries are synced.
  virtual Result<void> make_directories(std::string_view path) = 0;
  /// What is in a directory, one by one, in no order; "." and ".." left out, and perhaps what comes or goes meanwhile. `visit_one` may
  /// use the store, but for changing this directory.
  using Visit = std::function<void(FileInfo info)>;
  virtual Result<void> visit(std::string_view path, const Visit& visit_one) = 0;
  /// The same, sorted by name: for directories that are not large.
  Result<std::vector<FileInfo>> list(std::string_view path);
  virtual Result<FileInfo> info(std::string_view path) = 0;
  virtual Result<SpaceInfo> space(std::string_view path) = 0;
};

}  // namespace scanferry::platform
