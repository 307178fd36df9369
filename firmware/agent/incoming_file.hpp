// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <scanferry/core/uid.hpp>
#include <scanferry/platform/store.hpp>

#include "agent/failure.hpp"

namespace scanferry::firmware {

/// An object that a peer sends, as its C-STORE-RQ announces it. The UIDs are valid ones.
struct IncomingObject {
  core::Uid sop_class_uid;
  core::Uid sop_instance_uid;
  core::Uid transfer_syntax_uid;
  std::string caller;  ///< AE title, not to be trusted
};

/// What is answered for an object, PS3.4 B.2.3.
struct StoreAnswer {
  std::uint16_t status{0};
  std::string comment;  ///< for (0000,0902): no data of the patient
};

/// The Part 10 file of an object that is whole.
struct ReceivedObject {
  const IncomingObject& announced;
  const std::string& path;
  platform::File& file;
  std::uint64_t data_set_offset;
  std::uint64_t bytes;
};

/// Where received objects go. All of it blocks: storage thread only.
class ObjectKeeper {
 public:
  virtual ~ObjectKeeper() = default;
  /// Where the object is written until it is complete; what a crash leaves there is removed another time. A failure, of this and of
  /// `admit`, is answered as out of resources.
  virtual Result<std::string> place_for(const IncomingObject& object) = 0;
  /// Asked before each piece of an object is written: nobody says beforehand how long it becomes. After `ended` with the sum of
  /// what was admitted the object is complete, and `keep` comes next, or gone.
  virtual Result<void> admit(std::uint64_t bytes) = 0;
  virtual void ended(std::uint64_t bytes) = 0;
  /// The files are complete and synced, and no two have the same UID: each gets its name, and that is synced too, or it is removed.
  /// Only then are the peers answered: one answer for each, in their order.
  virtual std::vector<StoreAnswer> keep(std::span<const ReceivedObject> objects) = 0;
};

/// A file under construction, from the pieces of a data set as they come; removed unless it was kept. It appears on the disk with the
/// first 256 KiB, or when it is complete. All but `put` and the questions blocks: storage thread only.
class IncomingFile {
 public:
  /// Borrows store and keeper.
  IncomingFile(platform::Store& store, ObjectKeeper& keeper, IncomingObject object);
  ~IncomingFile() { close(); }
  IncomingFile(const IncomingFile&) = delete;
  IncomingFile& operator=(const IncomingFile&) = delete;

  void put(core::ByteView data);
  /// There is enough in memory to be written.
  [[nodiscard]] bool has_piece() const;
  /// There is a file to be closed.
  [[nodiscard]] bool is_open() const { return file_ != nullptr; }
  [[nodiscard]] const IncomingObject& object() const { return object_; }

  Result<void> flush();
  /// Writes what is left, if it is the object that was announced; else the answer says what it is. A failure is the disk's.
  Result<StoreAnswer> complete();
  Result<void> sync();
  /// Once it is complete and synced: from now on the keeper has it.
  ReceivedObject hand_over();
  void close();

 private:
  Result<void> begin();
  [[nodiscard]] Result<StoreAnswer> judge() const;

  platform::Store& store_;
  ObjectKeeper& keeper_;
  IncomingObject object_;
  std::string path_;
  std::unique_ptr<platform::File> file_;
  std::vector<std::byte> pending_;
  std::uint64_t data_set_offset_{0};
  std::uint64_t admitted_{0};
  std::uint64_t written_{0};
  std::uint64_t synced_{0};
  bool is_kept_{false};
};

}  // namespace scanferry::firmware
