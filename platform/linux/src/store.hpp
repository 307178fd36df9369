// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <scanferry/platform/store.hpp>

#include "file_descriptor.hpp"

namespace scanferry::platform {

class LinuxFile final : public File {
 public:
  LinuxFile(FileDescriptor fd, std::string path) : fd_{std::move(fd)}, path_{std::move(path)} {}
  Result<std::size_t> read_at(std::uint64_t offset, core::ByteBuffer into) override;
  Result<void> write_at(std::uint64_t offset, core::ByteView bytes) override;
  Result<void> truncate(std::uint64_t size) override;
  Result<std::uint64_t> size() override;
  Result<void> sync() override;
  [[nodiscard]] int native_handle() const override { return fd_.get(); }

 private:
  FileDescriptor fd_;
  std::string path_;
};

/// The disk through POSIX. The lock of `create` and `open_abandoned` is flock(2), which the kernel drops with the process.
class LinuxStore final : public Store {
 public:
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
};

}  // namespace scanferry::platform
