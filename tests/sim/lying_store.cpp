// SPDX-License-Identifier: Apache-2.0
#include "lying_store.hpp"

namespace scanferry::tests {
namespace {

class LyingFile final : public platform::File {
 public:
  explicit LyingFile(std::unique_ptr<platform::File> file) : file_{std::move(file)} {}
  platform::Result<std::size_t> read_at(std::uint64_t offset, core::ByteBuffer into) override { return file_->read_at(offset, into); }
  platform::Result<void> write_at(std::uint64_t offset, core::ByteView bytes) override { return file_->write_at(offset, bytes); }
  platform::Result<void> truncate(std::uint64_t size) override { return file_->truncate(size); }
  platform::Result<std::uint64_t> size() override { return file_->size(); }
  platform::Result<void> sync() override { return {}; }

 private:
  std::unique_ptr<platform::File> file_;
};

}  // namespace

platform::Result<std::unique_ptr<platform::File>> LyingStore::wrap(std::string_view path, platform::Result<std::unique_ptr<platform::File>> file) const {
  const bool lies = lie_ == Lie::sync || (lie_ == Lie::received && path.find("-received-") != std::string_view::npos);
  if (!file || !lies) return file;
  return std::make_unique<LyingFile>(std::move(*file));
}

platform::Result<std::unique_ptr<platform::File>> LyingStore::create(std::string_view path) { return wrap(path, store_.create(path)); }

platform::Result<std::unique_ptr<platform::File>> LyingStore::open(std::string_view path, platform::OpenMode mode) {
  return wrap(path, store_.open(path, mode));
}

platform::Result<std::unique_ptr<platform::File>> LyingStore::open_abandoned(std::string_view path) {
  return wrap(path, store_.open_abandoned(path));
}

platform::Result<void> LyingStore::sync_directory(std::string_view path) {
  if (lie_ == Lie::sync_directory) return {};
  return store_.sync_directory(path);
}

}  // namespace scanferry::tests
