// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <scanferry/core/bytes.hpp>
#include <scanferry/core/time.hpp>
#include <scanferry/platform/sim/prng.hpp>

namespace scanferry::platform::sim {

/// What a power cut does to changes that were not synced.
enum class CutMode : std::uint8_t {
  random,    ///< each survives, vanishes or is torn, on its own
  lose_all,  ///< none survives
  keep_all,  ///< all survive
};

/// The unit in which a disk writes whole.
inline constexpr std::size_t kSectorBytes = 512;

/// The content of one file: as programs see it, and as the platter has it.
class Content {
 public:
  [[nodiscard]] const std::vector<std::byte>& seen() const { return seen_; }
  [[nodiscard]] const std::vector<std::byte>& platter() const { return platter_; }
  void write(std::uint64_t offset, core::ByteView bytes);
  void truncate(std::uint64_t size);
  void sync();
  /// What a failed sync does on Linux: the changes stay visible and count as clean, so no later sync writes them.
  void drop_unsynced() { lost_ = !pending_.empty() || lost_; pending_.clear(); }
  /// Decides what the platter has after a power cut; programs see just that from now on.
  void cut(Prng& prng, CutMode mode);
  [[nodiscard]] bool synced() const { return pending_.empty() && !lost_; }

 private:
  struct Change {
    std::uint64_t offset;  ///< of a write; the new size of a truncation
    std::vector<std::byte> bytes;
    bool truncates;
  };
  void apply(const Change& change);
  void apply_torn(const Change& change, Prng& prng);

  std::vector<std::byte> seen_;
  std::vector<std::byte> platter_;
  std::vector<Change> pending_;
  bool lost_{false};
};

/// A file or a directory. A file may have several names for a while, or none.
struct Inode {
  std::uint64_t id{0};
  bool is_directory{false};
  Content content;
  std::map<std::string, std::shared_ptr<Inode>, std::less<>> seen_names;
  std::map<std::string, std::shared_ptr<Inode>, std::less<>> platter_names;
  core::WallTime modified{};
  std::uint64_t version{0};  ///< counts changes of the content
  bool locked{false};
};

using InodePtr = std::shared_ptr<Inode>;

/// A tree of directories with a cached and a durable state. Names are durable once their directory is synced, contents once
/// their file is; nothing else makes anything durable.
class DiskImage {
 public:
  DiskImage();

  enum class View : std::uint8_t { seen, platter };
  [[nodiscard]] InodePtr find(std::string_view path, View view = View::seen) const;
  /// The directory that holds (or would hold) `path`; null when it is missing.
  [[nodiscard]] InodePtr parent_of(std::string_view path) const;
  static std::string_view name_of(std::string_view path);

  InodePtr create(const InodePtr& directory, std::string_view name, bool is_directory);
  void unlink(const InodePtr& directory, std::string_view name);
  /// One transaction of the file system as long as neither directory is synced; afterwards each half on its own.
  void rename(const InodePtr& from_directory, std::string_view from, const InodePtr& to_directory, std::string_view to);
  void sync_directory(const InodePtr& directory);
  /// Makes one name of a directory (or its absence) durable and leaves the others as they are.
  void sync_name(const InodePtr& directory, std::string_view name);

  /// The power fails. All handles to inodes of before are to be dropped: the tree has new ones.
  void cut(Prng& prng, CutMode mode);
  /// The process dies and the machine lives: nothing is lost, locks go.
  void unlock_all();

  [[nodiscard]] std::uint64_t used_bytes() const;
  [[nodiscard]] const InodePtr& root() const { return root_; }

 private:
  struct NameChange {
    InodePtr directory;
    std::string name;
    InodePtr inode;  ///< null: the name goes
    std::uint64_t transaction;
  };
  void link(const InodePtr& directory, std::string_view name, InodePtr inode, std::uint64_t transaction);
  static void apply(const NameChange& change);
  InodePtr reload(const InodePtr& inode, Prng& prng, CutMode mode, std::map<const Inode*, InodePtr>& reloaded) const;

  InodePtr root_;
  std::vector<NameChange> pending_;
  std::uint64_t last_inode_{0};
  std::uint64_t last_transaction_{0};
};

}  // namespace scanferry::platform::sim
