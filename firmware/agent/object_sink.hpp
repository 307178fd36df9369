// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include <scanferry/core/image_description.hpp>
#include <scanferry/core/uid.hpp>

#include "agent/failure.hpp"
#include "agent/instance.hpp"
#include "agent/object_writer.hpp"

namespace scanferry::firmware {

/// Where objects are written: the spool, or a folder for `encode`. Blocks: storage thread only.
class ObjectSink {
 public:
  /// Whether what is written could be read from its source once more after a crash.
  enum class Source : std::uint8_t { repeatable, live };

  virtual ~ObjectSink() = default;
  /// A UID that is always the same for `name` in this sink.
  [[nodiscard]] virtual core::Uid derive_uid(std::string_view name) const = 0;
  /// Begins the object; its UID is in `image`. A left-over of the same name is replaced.
  virtual Result<ObjectWriter> begin(const core::ImageDescription& image, Source source) = 0;
  /// Finishes the object and gives it its final name, synced.
  virtual Result<Instance> commit(ObjectWriter& writer, const core::ImageDescription& image, Source source) = 0;
  /// Removes what `begin` made.
  virtual void abandon(const core::ImageDescription& image, Source source) = 0;
  /// Removes what `commit` made.
  virtual void discard(std::string_view sop_instance_uid) = 0;
};

}  // namespace scanferry::firmware
