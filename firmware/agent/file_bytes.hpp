// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <scanferry/model/byte_source.hpp>
#include <scanferry/platform/network.hpp>
#include <scanferry/platform/store.hpp>

namespace scanferry::firmware {

/// An open file, borrowed, for the model to read. Blocks.
class FileBytes final : public model::ByteSource {
 public:
  FileBytes(platform::File& file, std::uint64_t bytes) : file_{file}, bytes_{bytes} {}

  [[nodiscard]] std::uint64_t size() const override { return bytes_; }
  model::Result<std::size_t> read_at(std::uint64_t offset, core::ByteBuffer buffer) const override {
    const auto got = file_.read_at(offset, buffer);
    is_broken_ = is_broken_ || !got;
    if (!got) return std::unexpected{model::Error{got.error().detail, 0, {}}};
    return *got;
  }
  /// The disk failed to read it: what is wrong with the content is not known.
  [[nodiscard]] bool is_broken() const { return is_broken_; }

 private:
  platform::File& file_;
  std::uint64_t bytes_;
  mutable bool is_broken_{false};
};

/// Whether two pieces of files are the same. Blocks.
platform::Result<bool> have_same_bytes(const platform::FileRange& one, const platform::FileRange& other);

}  // namespace scanferry::firmware
