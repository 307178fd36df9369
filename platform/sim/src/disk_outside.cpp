// SPDX-License-Identifier: Apache-2.0
// What others than the simulated machine do to its disk.
#include <scanferry/platform/sim/disk.hpp>

namespace scanferry::platform::sim {

InodePtr SimDisk::outside_directory(std::string_view path) {
  if (auto there = image_.find(path)) return there;
  const auto name = DiskImage::name_of(path);
  const auto parent = outside_directory(path.substr(0, path.rfind(name)));
  auto made = image_.create(parent, name, true);
  image_.sync_name(parent, name);
  return made;
}

InodePtr SimDisk::outside_file(std::string_view path) {
  if (auto there = image_.find(path)) return there;
  const auto name = DiskImage::name_of(path);
  const auto parent = outside_directory(path.substr(0, path.rfind(name)));
  auto made = image_.create(parent, name, false);
  image_.sync_name(parent, name);
  return made;
}

void SimDisk::outside_write(std::string_view path, core::ByteView bytes) {
  const auto inode = outside_file(path);
  inode->content.truncate(0);
  inode->content.write(0, bytes);
  inode->content.sync();
  touch(*inode);
}

void SimDisk::outside_append(std::string_view path, core::ByteView bytes) {
  const auto inode = outside_file(path);
  inode->content.write(inode->content.seen().size(), bytes);
  inode->content.sync();
  touch(*inode);
}

void SimDisk::outside_rename(std::string_view from, std::string_view to) {
  if (!image_.find(from)) return;
  const auto source = image_.parent_of(from);
  const auto to_name = DiskImage::name_of(to);
  const auto target = outside_directory(to.substr(0, to.rfind(to_name)));
  image_.rename(source, DiskImage::name_of(from), target, to_name);
  image_.sync_name(source, DiskImage::name_of(from));
  image_.sync_name(target, to_name);
}

void SimDisk::outside_remove(std::string_view path) {
  if (!image_.find(path)) return;
  const auto parent = image_.parent_of(path);
  image_.unlink(parent, DiskImage::name_of(path));
  image_.sync_name(parent, DiskImage::name_of(path));
}

std::optional<std::vector<std::byte>> SimDisk::outside_read(std::string_view path) const {
  const auto inode = image_.find(path);
  if (!inode || inode->is_directory) return std::nullopt;
  return inode->content.seen();
}

std::optional<std::vector<std::byte>> SimDisk::platter_read(std::string_view path) const {
  const auto inode = image_.find(path, DiskImage::View::platter);
  if (!inode || inode->is_directory) return std::nullopt;
  return inode->content.platter();
}

std::vector<std::string> SimDisk::outside_list(std::string_view path) const {
  std::vector<std::string> names;
  if (const auto inode = image_.find(path)) {
    for (const auto& [name, child] : inode->seen_names) names.push_back(name);
  }
  return names;
}

}  // namespace scanferry::platform::sim
