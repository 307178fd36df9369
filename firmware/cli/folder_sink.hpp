// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <scanferry/platform/platform.hpp>

#include "agent/object_sink.hpp"

namespace scanferry::firmware {

/// Writes objects as <SOP Instance UID>.dcm into a folder.
class FolderSink final : public ObjectSink {
 public:
  FolderSink(platform::Platform& platform, std::string folder)
      : store_{platform.store}, folder_{std::move(folder)}, salt_high_{platform.random.next()}, salt_low_{platform.random.next()} {}

  [[nodiscard]] core::Uid derive_uid(std::string_view name) const override { return core::uid_from_name(salt_high_, salt_low_, name); }
  Result<ObjectWriter> begin(const core::ImageDescription& image, Source source) override;
  Result<Instance> commit(ObjectWriter& writer, const core::ImageDescription& image, Source source) override;
  void abandon(const core::ImageDescription& image, Source source) override;
  void discard(std::string_view sop_instance_uid) override;

  [[nodiscard]] std::string object_path(std::string_view uid) const;

 private:
  platform::Store& store_;
  std::string folder_;
  std::uint64_t salt_high_;
  std::uint64_t salt_low_;
};

}  // namespace scanferry::firmware
