// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include <scanferry/platform/store.hpp>

namespace scanferry::tests {

/// What a store may be silent about.
enum class Lie : std::uint8_t {
  sync,            ///< File::sync succeeds and does nothing
  sync_directory,  ///< Store::sync_directory succeeds and does nothing
  received,        ///< File::sync of what a peer sends does so
};

/// A store that says that things are durable when they are not: to the simulator the same as a product that accepts before it
/// syncs, and a test of the simulator that needs no hook in the product.
class LyingStore final : public platform::Store {
 public:
  LyingStore(platform::Store& store, Lie lie) : store_{store}, lie_{lie} {}

  platform::Result<std::unique_ptr<platform::File>> create(std::string_view path) override;
  platform::Result<std::unique_ptr<platform::File>> open(std::string_view path, platform::OpenMode mode) override;
  platform::Result<std::unique_ptr<platform::File>> open_abandoned(std::string_view path) override;
  platform::Result<void> rename(std::string_view from, std::string_view to) override { return store_.rename(from, to); }
  platform::Result<void> remove(std::string_view path) override { return store_.remove(path); }
  platform::Result<void> sync_directory(std::string_view path) override;
  platform::Result<void> make_directories(std::string_view path) override { return store_.make_directories(path); }
  platform::Result<void> visit(std::string_view path, const Visit& visit_one) override { return store_.visit(path, visit_one); }
  platform::Result<platform::FileInfo> info(std::string_view path) override { return store_.info(path); }
  platform::Result<platform::SpaceInfo> space(std::string_view path) override { return store_.space(path); }

 private:
  platform::Result<std::unique_ptr<platform::File>> wrap(std::string_view path, platform::Result<std::unique_ptr<platform::File>> file) const;

  platform::Store& store_;
  Lie lie_;
};

}  // namespace scanferry::tests
