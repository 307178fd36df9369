// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include <scanferry/platform/store.hpp>

#include "agent/object_receiver.hpp"
#include "cli/file_pattern.hpp"

namespace scanferry::firmware {

/// A file that an object was kept in.
struct KeptObject {
  std::string path;
  bool is_known{false};  ///< was there already, with the same content
  std::string study_instance_uid;
};

/// The two as one line of JSON, for scripts.
std::string json_line_of(const IncomingObject& object, const KeptObject& kept);

/// A folder of Part 10 files, named by a pattern. Blocks: storage thread only.
class ObjectFolder final : public ObjectKeeper {
 public:
  /// Called on the storage thread for each object that is safe.
  using Tell = std::function<void(const IncomingObject&, const KeptObject&)>;

  /// `store` outlives it. `path` is absolute.
  ObjectFolder(platform::Store& store, FilePattern pattern, std::string path, Tell tell)
      : store_{store}, pattern_{std::move(pattern)}, path_{std::move(path)}, tell_{std::move(tell)} {}

  /// Makes the folder, and removes what an earlier run left in it when it was killed. An error says why it cannot be made.
  Result<void> open();
  Result<std::string> place_for(const IncomingObject& object) override;
  Result<void> admit(std::uint64_t) override { return {}; }  // the disk is the limit
  void ended(std::uint64_t) override {}
  std::vector<StoreAnswer> keep(std::span<const ReceivedObject> objects) override;

  /// Objects that are safe.
  [[nodiscard]] std::uint64_t count() const { return count_; }

 private:
  StoreAnswer keep_one(const ReceivedObject& object);
  Result<KeptObject> give_name(const ReceivedObject& object);
  [[nodiscard]] bool is_same(const std::string& path, platform::File& file, std::uint64_t bytes) const;

  platform::Store& store_;
  FilePattern pattern_;
  std::string path_;
  Tell tell_;
  std::uint64_t begun_{0};
  std::uint64_t count_{0};
};

}  // namespace scanferry::firmware
