// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <scanferry/platform/sim/disk_image.hpp>
#include <scanferry/platform/sim/world.hpp>
#include <scanferry/platform/store.hpp>

namespace scanferry::platform::sim {

/// How the disk of one machine behaves; may be changed at any time.
struct DiskBehaviour {
  std::uint64_t capacity_bytes{1ULL << 30U};
  bool read_only{false};
  std::uint32_t io_errors_per_million{0};     ///< of operations
  std::uint64_t fail_operation{0};            ///< the one with this number (see operations()) gets an I/O error; 0: none
  std::uint64_t cut_at_change{0};             ///< the power fails at the change with this number (see changes()); 0: never
  CutMode cut_mode{CutMode::random};          ///< what that does
  bool failed_sync_drops_data{false};         ///< as on Linux, where a later sync then succeeds without the data
  Micros operation_time{20};
  Micros sync_time{800};
  std::uint64_t bytes_per_second{200'000'000};
};

/// The disk of one machine: the seam's Store over a DiskImage. It outlives the machine's programs and remembers, through a
/// power cut, what was synced.
class SimDisk final : public Store {
 public:
  explicit SimDisk(World& world) : world_{world}, prng_{world.prng().fork()} {}

  Result<std::unique_ptr<File>> create(std::string_view path) override;
  Result<std::unique_ptr<File>> open(std::string_view path, OpenMode mode) override;
  Result<std::unique_ptr<File>> open_abandoned(std::string_view path) override;
  Result<void> rename(std::string_view from, std::string_view to) override;
  Result<void> remove(std::string_view path) override;
  Result<void> sync_directory(std::string_view path) override;
  Result<void> make_directories(std::string_view path) override;
  Result<void> visit(std::string_view path, const Visit& visit_one) override;
  Result<FileInfo> info(std::string_view path) override;
  Result<SpaceInfo> space(std::string_view path) override;

  DiskBehaviour& behaviour() { return behaviour_; }
  /// All operations so far, and those among them that change something. Both count from 1.
  [[nodiscard]] std::uint64_t operations() const { return operations_; }
  [[nodiscard]] std::uint64_t changes() const { return changes_; }
  [[nodiscard]] std::uint64_t used_bytes() const { return image_.used_bytes(); }
  /// The virtual time that the operations since the last call took.
  Micros take_cost();

  /// The power fails now: every call fails and nothing more becomes durable, until restart().
  void power_fails() { dead_ = true; }
  [[nodiscard]] bool dead() const { return dead_ || dying_; }
  /// Decides what survived and works again; files opened before stay dead.
  void restart(CutMode mode);
  /// The process that used the disk died and the machine lives: files opened before stay dead, nothing is lost.
  void release_all();
  /// What the destructors of a process that was killed want of the disk does not happen.
  void ignore_process(bool ignored) { is_process_ignored_ = ignored; }

  /// What others do to the disk - the camera, a person -: at once, never failing, and durable. Missing directories are made.
  void outside_write(std::string_view path, core::ByteView bytes);
  void outside_append(std::string_view path, core::ByteView bytes);
  void outside_rename(std::string_view from, std::string_view to);
  void outside_remove(std::string_view path);
  /// The content as programs see it; nothing when there is no such file.
  [[nodiscard]] std::optional<std::vector<std::byte>> outside_read(std::string_view path) const;
  /// Names in a directory as programs see them, sorted; empty when it is missing.
  [[nodiscard]] std::vector<std::string> outside_list(std::string_view path) const;
  /// What would be there if the power failed now and nothing unsynced survived.
  [[nodiscard]] std::optional<std::vector<std::byte>> platter_read(std::string_view path) const;

 private:
  friend class SimFile;
  enum class Kind : std::uint8_t { reads, changes, syncs };
  /// Accounts for one operation and says whether the disk fails it.
  std::optional<Error> begin(Kind kind, std::string_view operation, std::string_view path, std::uint64_t bytes);
  /// Ends an operation that changed something: the power may have failed during it.
  [[nodiscard]] Result<void> end_change(std::string_view operation, std::string_view path);
  Result<std::unique_ptr<File>> make_file(InodePtr inode, std::string_view path, OpenMode mode, bool locks);
  Result<InodePtr> find(std::string_view operation, std::string_view path) const;
  InodePtr outside_directory(std::string_view path);
  InodePtr outside_file(std::string_view path);
  void touch(Inode& inode);

  World& world_;
  Prng prng_;
  DiskImage image_;
  DiskBehaviour behaviour_;
  std::uint64_t operations_{0};
  std::uint64_t changes_{0};
  std::uint64_t session_{0};  ///< files of an earlier one are dead
  Micros cost_{0};
  bool is_process_ignored_{false};
  bool dead_{false};
  bool dying_{false};  ///< the power fails during the operation that is under way
};

}  // namespace scanferry::platform::sim
