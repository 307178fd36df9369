// SPDX-License-Identifier: Apache-2.0
#include <scanferry/platform/sim/disk_image.hpp>

#include <algorithm>
#include <functional>

namespace scanferry::platform::sim {
namespace {

void put(std::vector<std::byte>& content, std::uint64_t offset, core::ByteView bytes) {
  const auto end = static_cast<std::size_t>(offset) + bytes.size();
  if (content.size() < end) content.resize(end);
  std::ranges::copy(bytes, content.begin() + static_cast<std::ptrdiff_t>(offset));
}

// A block that was given to the file but never written: zeros, or what was in it before.
void grow(std::vector<std::byte>& content, std::size_t size, Prng& prng) {
  const auto from = content.size();
  content.resize(size);
  if (prng.coin()) return;
  for (auto i = from; i < size; ++i) content[i] = static_cast<std::byte>(prng.next() & 0xFFU);
}

}  // namespace

void Content::write(std::uint64_t offset, core::ByteView bytes) {
  put(seen_, offset, bytes);
  pending_.push_back({offset, {bytes.begin(), bytes.end()}, false});
}

void Content::truncate(std::uint64_t size) {
  seen_.resize(static_cast<std::size_t>(size));
  pending_.push_back({size, {}, true});
}

void Content::apply(const Change& change) {
  if (change.truncates) {
    platter_.resize(static_cast<std::size_t>(change.offset));
  } else {
    put(platter_, change.offset, change.bytes);
  }
}

void Content::apply_torn(const Change& change, Prng& prng) {
  const auto end = change.offset + change.bytes.size();
  for (auto at = change.offset; at < end;) {
    const auto next = std::min((at / kSectorBytes + 1) * kSectorBytes, end);
    if (prng.coin()) {
      if (platter_.size() < at) grow(platter_, static_cast<std::size_t>(at), prng);
      const auto from = static_cast<std::size_t>(at - change.offset);
      put(platter_, at, core::ByteView{change.bytes}.subspan(from, static_cast<std::size_t>(next - at)));
    }
    at = next;
  }
}

void Content::sync() {
  for (const auto& change : pending_) apply(change);
  pending_.clear();
}

void Content::cut(Prng& prng, CutMode mode) {
  for (const auto& change : pending_) {
    if (mode == CutMode::lose_all) break;
    const auto fate = mode == CutMode::keep_all ? 0 : prng.below(3);
    if (fate == 1) continue;
    if (fate == 2 && !change.truncates) {
      apply_torn(change, prng);
    } else if (fate == 0) {
      if (!change.truncates && platter_.size() < change.offset) grow(platter_, static_cast<std::size_t>(change.offset), prng);
      apply(change);
    }
  }
  // The size of a file may reach the platter without its last blocks.
  if (mode == CutMode::random && platter_.size() < seen_.size() && prng.coin()) {
    grow(platter_, static_cast<std::size_t>(prng.between(platter_.size(), seen_.size())), prng);
  }
  pending_.clear();
  lost_ = false;
  seen_ = platter_;
}

DiskImage::DiskImage() : root_{std::make_shared<Inode>()} {
  root_->id = ++last_inode_;
  root_->is_directory = true;
}

InodePtr DiskImage::find(std::string_view path, View view) const {
  InodePtr at = root_;
  while (at && !path.empty()) {
    if (path.front() == '/') {
      path.remove_prefix(1);
      continue;
    }
    const auto name = path.substr(0, path.find('/'));
    path.remove_prefix(name.size());
    if (name == ".") continue;
    const auto& names = view == View::seen ? at->seen_names : at->platter_names;
    const auto found = names.find(name);
    at = found == names.end() ? nullptr : found->second;
  }
  return at;
}

std::string_view DiskImage::name_of(std::string_view path) {
  while (path.ends_with('/')) path.remove_suffix(1);
  return path.substr(path.rfind('/') + 1);
}

InodePtr DiskImage::parent_of(std::string_view path) const {
  while (path.ends_with('/')) path.remove_suffix(1);
  auto directory = find(path.substr(0, path.size() - name_of(path).size()));
  return directory && directory->is_directory ? directory : nullptr;
}

void DiskImage::link(const InodePtr& directory, std::string_view name, InodePtr inode, std::uint64_t transaction) {
  if (inode) {
    directory->seen_names.insert_or_assign(std::string{name}, inode);
  } else {
    directory->seen_names.erase(std::string{name});
  }
  pending_.push_back({directory, std::string{name}, std::move(inode), transaction});
}

InodePtr DiskImage::create(const InodePtr& directory, std::string_view name, bool is_directory) {
  auto inode = std::make_shared<Inode>();
  inode->id = ++last_inode_;
  inode->is_directory = is_directory;
  link(directory, name, inode, ++last_transaction_);
  return inode;
}

void DiskImage::unlink(const InodePtr& directory, std::string_view name) { link(directory, name, nullptr, ++last_transaction_); }

void DiskImage::rename(const InodePtr& from_directory, std::string_view from, const InodePtr& to_directory, std::string_view to) {
  auto inode = from_directory->seen_names.find(from)->second;
  ++last_transaction_;
  link(from_directory, from, nullptr, last_transaction_);
  link(to_directory, to, std::move(inode), last_transaction_);
}

void DiskImage::apply(const NameChange& change) {
  if (change.inode) {
    change.directory->platter_names.insert_or_assign(change.name, change.inode);
  } else {
    change.directory->platter_names.erase(change.name);
  }
}

void DiskImage::sync_directory(const InodePtr& directory) {
  std::erase_if(pending_, [&directory](const NameChange& change) {
    if (change.directory != directory) return false;
    apply(change);
    return true;
  });
}

void DiskImage::sync_name(const InodePtr& directory, std::string_view name) {
  std::erase_if(pending_, [&](const NameChange& change) { return change.directory == directory && change.name == name; });
  const auto seen = directory->seen_names.find(name);
  apply({directory, std::string{name}, seen == directory->seen_names.end() ? nullptr : seen->second, 0});
}

void DiskImage::cut(Prng& prng, CutMode mode) {
  std::map<std::uint64_t, bool> survives;
  for (const auto& change : pending_) {
    const bool keep = mode == CutMode::keep_all || (mode == CutMode::random && prng.coin());
    if (survives.emplace(change.transaction, keep).first->second) apply(change);
  }
  pending_.clear();
  std::map<const Inode*, InodePtr> reloaded;
  root_ = reload(root_, prng, mode, reloaded);
}

InodePtr DiskImage::reload(const InodePtr& inode, Prng& prng, CutMode mode, std::map<const Inode*, InodePtr>& reloaded) const {
  auto& fresh = reloaded[inode.get()];
  if (fresh) return fresh;
  const bool synced = inode->content.synced();
  auto made = std::make_shared<Inode>();
  fresh = made;
  made->id = inode->id;
  made->is_directory = inode->is_directory;
  made->content = std::move(inode->content);
  made->content.cut(prng, mode);
  made->modified = inode->modified;
  made->version = synced ? inode->version : inode->version + 1;
  for (const auto& [name, child] : inode->platter_names) {
    made->seen_names.emplace(name, reload(child, prng, mode, reloaded));
  }
  made->platter_names = made->seen_names;
  // An old handle must not keep a directory's children alive in a circle.
  inode->seen_names.clear();
  return made;
}

void DiskImage::unlock_all() {
  const std::function<void(const InodePtr&)> visit = [&visit](const InodePtr& inode) {
    inode->locked = false;
    for (const auto& [name, child] : inode->seen_names) visit(child);
  };
  visit(root_);
}

std::uint64_t DiskImage::used_bytes() const {
  std::uint64_t sum = 0;
  const std::function<void(const InodePtr&)> visit = [&](const InodePtr& inode) {
    sum += inode->content.seen().size();
    for (const auto& [name, child] : inode->seen_names) visit(child);
  };
  visit(root_);
  return sum;
}

}  // namespace scanferry::platform::sim
