// SPDX-License-Identifier: Apache-2.0
#include <scanferry/platform/sim/disk.hpp>

#include <algorithm>

namespace scanferry::platform::sim {
namespace {

Error error(Errc code, std::string_view operation, std::string_view path) {
  return {code, std::string{operation}.append(" ").append(path).append(": ").append(platform::name_of(code))};
}

std::unexpected<Error> failed(Errc code, std::string_view operation, std::string_view path) {
  return std::unexpected{error(code, operation, path)};
}

}  // namespace

/// An open file; holds the inode, not the name.
class SimFile final : public File {
 public:
  SimFile(SimDisk& disk, InodePtr inode, std::string path, OpenMode mode, bool locks)
      : disk_{disk}, inode_{std::move(inode)}, path_{std::move(path)}, mode_{mode}, locks_{locks}, session_{disk.session_} {
    if (locks_) inode_->locked = true;
  }
  ~SimFile() override {
    if (locks_) inode_->locked = false;
  }
  SimFile(const SimFile&) = delete;
  SimFile& operator=(const SimFile&) = delete;

  Result<std::size_t> read_at(std::uint64_t offset, core::ByteBuffer into) override {
    if (auto refused = begin(SimDisk::Kind::reads, "read", into.size())) return std::unexpected{*refused};
    const auto& content = inode_->content.seen();
    if (offset >= content.size()) return 0;
    const auto n = std::min<std::size_t>(into.size(), content.size() - static_cast<std::size_t>(offset));
    std::copy_n(content.begin() + static_cast<std::ptrdiff_t>(offset), n, into.begin());
    return n;
  }

  Result<void> write_at(std::uint64_t offset, core::ByteView bytes) override {
    if (auto refused = begin(SimDisk::Kind::changes, "write", bytes.size())) return std::unexpected{*refused};
    const auto size = inode_->content.seen().size();
    const auto growth = std::max<std::uint64_t>(offset + bytes.size(), size) - size;
    const auto used = growth == 0 ? 0 : disk_.image_.used_bytes();
    if (used + growth > disk_.behaviour_.capacity_bytes) {
      const auto fits = static_cast<std::size_t>(disk_.prng_.below(bytes.size()));
      if (used + fits <= disk_.behaviour_.capacity_bytes) inode_->content.write(offset, bytes.first(fits));
      disk_.touch(*inode_);
      return failed(Errc::no_space, "write", path_);
    }
    inode_->content.write(offset, bytes);
    disk_.touch(*inode_);
    return disk_.end_change("write", path_);
  }

  Result<void> truncate(std::uint64_t size) override {
    if (auto refused = begin(SimDisk::Kind::changes, "truncate", 0)) return std::unexpected{*refused};
    inode_->content.truncate(size);
    disk_.touch(*inode_);
    return disk_.end_change("truncate", path_);
  }

  Result<std::uint64_t> size() override {
    if (auto refused = begin(SimDisk::Kind::reads, "size", 0)) return std::unexpected{*refused};
    return inode_->content.seen().size();
  }

  Result<void> sync() override {
    if (auto refused = begin(SimDisk::Kind::syncs, "sync", 0)) {
      if (disk_.behaviour_.failed_sync_drops_data && !disk_.dead()) inode_->content.drop_unsynced();
      return std::unexpected{*refused};
    }
    inode_->content.sync();
    return {};
  }

 private:
  std::optional<Error> begin(SimDisk::Kind kind, std::string_view operation, std::uint64_t bytes) {
    if (session_ != disk_.session_) return error(Errc::io, operation, path_);
    if (kind != SimDisk::Kind::reads && mode_ == OpenMode::read) return error(Errc::denied, operation, path_);
    return disk_.begin(kind, operation, path_, bytes);
  }

  SimDisk& disk_;
  InodePtr inode_;
  std::string path_;
  OpenMode mode_;
  bool locks_;
  std::uint64_t session_;
};

std::optional<Error> SimDisk::begin(Kind kind, std::string_view operation, std::string_view path, std::uint64_t bytes) {
  ++operations_;
  world_.note(operation, bytes);
  world_.explain(path);
  if (dying_) dead_ = true;
  if (dead_ || is_process_ignored_) return error(Errc::io, operation, path);
  cost_ += behaviour_.operation_time + Micros{static_cast<std::int64_t>(bytes * 1'000'000 / behaviour_.bytes_per_second)};
  if (kind == Kind::syncs) cost_ += behaviour_.sync_time;
  if (kind != Kind::reads && ++changes_ == behaviour_.cut_at_change) {
    // What is under way may reach the platter; a sync that does not return has promised nothing.
    (kind == Kind::syncs ? dead_ : dying_) = true;
    if (dead_) return error(Errc::io, operation, path);
  }
  if (operations_ == behaviour_.fail_operation || prng_.chance(behaviour_.io_errors_per_million)) {
    world_.explain("fails");
    return error(Errc::io, operation, path);
  }
  if (kind != Kind::reads && behaviour_.read_only) return error(Errc::denied, operation, path);
  return std::nullopt;
}

Result<void> SimDisk::end_change(std::string_view operation, std::string_view path) {
  if (!dying_) return {};
  dead_ = true;
  return failed(Errc::io, operation, path);
}

Result<InodePtr> SimDisk::find(std::string_view operation, std::string_view path) const {
  auto inode = image_.find(path);
  if (!inode) return failed(Errc::not_found, operation, path);
  return inode;
}

Result<std::unique_ptr<File>> SimDisk::make_file(InodePtr inode, std::string_view path, OpenMode mode, bool locks) {
  return std::make_unique<SimFile>(*this, std::move(inode), std::string{path}, mode, locks);
}

Result<std::unique_ptr<File>> SimDisk::create(std::string_view path) {
  if (auto refused = begin(Kind::changes, "create", path, 0)) return std::unexpected{*refused};
  const auto directory = image_.parent_of(path);
  if (!directory) return failed(Errc::not_found, "create", path);
  if (image_.find(path)) return failed(Errc::exists, "create", path);
  auto inode = image_.create(directory, DiskImage::name_of(path), false);
  touch(*inode);
  if (auto ended = end_change("create", path); !ended) return std::unexpected{ended.error()};
  return make_file(std::move(inode), path, OpenMode::read_write, true);
}

Result<std::unique_ptr<File>> SimDisk::open(std::string_view path, OpenMode mode) {
  if (auto refused = begin(Kind::reads, "open", path, 0)) return std::unexpected{*refused};
  auto inode = find("open", path);
  if (!inode) return std::unexpected{inode.error()};
  if ((*inode)->is_directory || (mode == OpenMode::read_write && behaviour_.read_only)) return failed(Errc::denied, "open", path);
  return make_file(std::move(*inode), path, mode, false);
}

Result<std::unique_ptr<File>> SimDisk::open_abandoned(std::string_view path) {
  if (auto refused = begin(Kind::reads, "open", path, 0)) return std::unexpected{*refused};
  auto inode = find("open", path);
  if (!inode) return std::unexpected{inode.error()};
  if ((*inode)->is_directory || behaviour_.read_only) return failed(Errc::denied, "open", path);
  if ((*inode)->locked) return failed(Errc::in_use, "open", path);
  return make_file(std::move(*inode), path, OpenMode::read_write, true);
}

Result<void> SimDisk::rename(std::string_view from, std::string_view to) {
  if (auto refused = begin(Kind::changes, "rename", from, 0)) return std::unexpected{*refused};
  const auto target = image_.parent_of(to);
  if (!target || !image_.find(from)) return failed(Errc::not_found, "rename", from);
  if (const auto replaced = image_.find(to); replaced && replaced->is_directory) return failed(Errc::exists, "rename", to);
  image_.rename(image_.parent_of(from), DiskImage::name_of(from), target, DiskImage::name_of(to));
  return end_change("rename", from);
}

Result<void> SimDisk::remove(std::string_view path) {
  if (auto refused = begin(Kind::changes, "remove", path, 0)) return std::unexpected{*refused};
  const auto inode = find("remove", path);
  if (!inode) return std::unexpected{inode.error()};
  if (!(*inode)->seen_names.empty()) return failed(Errc::exists, "remove", path);
  image_.unlink(image_.parent_of(path), DiskImage::name_of(path));
  return end_change("remove", path);
}

Result<void> SimDisk::sync_directory(std::string_view path) {
  if (auto refused = begin(Kind::syncs, "sync directory", path, 0)) return std::unexpected{*refused};
  const auto inode = find("sync directory", path);
  if (!inode) return std::unexpected{inode.error()};
  image_.sync_directory(*inode);
  return {};
}

Result<void> SimDisk::make_directories(std::string_view path) {
  if (const auto there = image_.find(path)) {
    if (dead()) return failed(Errc::io, "make directory", path);
    if (there->is_directory) return {};
    return failed(Errc::exists, "make directory", path);
  }
  if (auto refused = begin(Kind::changes, "make directory", path, 0)) return std::unexpected{*refused};
  for (auto above = path; !image_.parent_of(path);) {
    above = above.substr(0, above.rfind('/'));
    const auto there = image_.find(above);
    if (!there) continue;
    if (!there->is_directory) return failed(Errc::exists, "make directory", path);
    break;
  }
  outside_directory(path);
  return end_change("make directory", path);
}

Result<void> SimDisk::visit(std::string_view path, const Visit& visit_one) {
  if (auto refused = begin(Kind::reads, "list", path, 0)) return std::unexpected{*refused};
  const auto inode = find("list", path);
  if (!inode) return std::unexpected{inode.error()};
  for (const auto& [name, child] : (*inode)->seen_names) {
    const auto size = child->content.seen().size();
    visit_one({name, size, child->is_directory, child->modified, mix64(mix64(child->id ^ size << 20U) ^ child->version)});
  }
  return {};
}

Result<FileInfo> SimDisk::info(std::string_view path) {
  if (auto refused = begin(Kind::reads, "info", path, 0)) return std::unexpected{*refused};
  const auto inode = find("info", path);
  if (!inode) return std::unexpected{inode.error()};
  const auto size = (*inode)->content.seen().size();
  return FileInfo{std::string{DiskImage::name_of(path)}, size, (*inode)->is_directory, (*inode)->modified,
                  mix64(mix64((*inode)->id ^ size << 20U) ^ (*inode)->version)};
}

Result<SpaceInfo> SimDisk::space(std::string_view path) {
  if (auto refused = begin(Kind::reads, "space", path, 0)) return std::unexpected{*refused};
  const auto inode = find("space", path);
  if (!inode) return std::unexpected{inode.error()};
  const auto used = image_.used_bytes();
  const auto capacity = behaviour_.capacity_bytes;
  return SpaceInfo{capacity > used ? capacity - used : 0, capacity};
}

Micros SimDisk::take_cost() { return std::exchange(cost_, Micros{0}); }

void SimDisk::restart(CutMode mode) {
  image_.cut(prng_, mode);
  ++session_;
  behaviour_.cut_at_change = 0;
  dead_ = dying_ = false;
  cost_ = Micros{0};
}

void SimDisk::release_all() {
  image_.unlock_all();
  ++session_;
}

void SimDisk::touch(Inode& inode) {
  inode.modified = world_.wall_now();
  ++inode.version;
}

}  // namespace scanferry::platform::sim
