// SPDX-License-Identifier: Apache-2.0
#include "agent/folder_scan.hpp"

#include <algorithm>
#include <set>

namespace scanferry::firmware {
namespace {

constexpr std::uint64_t kSidecarBytesMax = 4 * 1024 * 1024;
/// What one look deals with; the rest waits for the next. Bounds memory when somebody copies an archive into the folder.
constexpr std::size_t kFoundMax = 1000;

bool is_sidecar(std::string_view name) {
  return name.front() != '.' && (name.ends_with(".json") || name.ends_with(".toml"));
}

bool is_ours(std::string_view name) { return name == kRejectedFolder || name == kAcceptedFolder; }

std::uint64_t mix(std::uint64_t hash, std::uint64_t value) {
  hash ^= value + 0x9E3779B97F4A7C15ULL + (hash << 6U) + (hash >> 2U);
  return hash;
}

}  // namespace

Result<FolderScan::Listing> FolderScan::list(const std::string& directory) {
  auto files = store_.list(directory);
  if (!files) return no_luck(files.error());
  Listing listing;
  for (auto& file : *files) listing.emplace(file.name, std::move(file));
  return listing;
}

Result<std::vector<FoundAcquisition*>> FolderScan::look(core::Instant now) {
  auto top = list(root_);
  if (!top) return std::unexpected{top.error()};
  const auto unclaimed_before = unclaimed_;
  seen_.clear();
  unclaimed_ = 0;
  look_into(root_, *top, now);
  for (const auto& [name, file] : *top) {
    if (!file.is_directory || is_ours(name) || name.front() == '.') continue;
    const auto directory = text(root_, "/", name);
    // A folder that vanished or cannot be read is nobody's loss: its files stay where they are.
    if (auto inner = list(directory)) look_into(directory, *inner, now);
  }
  if (unclaimed_ != unclaimed_before) unclaimed_since_ = now;
  found_ = std::move(seen_);
  std::vector<FoundAcquisition*> result;
  for (auto& [path, found] : found_) result.push_back(&found);
  return result;
}

void FolderScan::look_into(const std::string& directory, const Listing& files, core::Instant now) {
  for (const auto& [name, file] : files) {
    if (file.is_directory || !is_sidecar(name) || seen_.size() >= kFoundMax) continue;
    const auto path = text(directory, "/", name);
    auto known = found_.extract(path);
    FoundAcquisition found = known.empty() ? FoundAcquisition{} : std::move(known.mapped());
    found.directory = directory;
    found.sidecar = name;
    update(found, file, files, now);
    seen_.emplace(path, std::move(found));
  }
  count_unclaimed(directory, files);
}

void FolderScan::update(FoundAcquisition& found, const platform::FileInfo& sidecar, const Listing& files, core::Instant now) {
  // What could not be read may be readable now: permissions do not show in the identity.
  if (found.identity != sidecar.identity || !found.acquisition) {
    found.identity = sidecar.identity;
    found.modified = sidecar.modified;
    found.acquisition = read_sidecar(found.path(), sidecar.size_bytes);
  }
  auto signature = mix(0, sidecar.identity);
  found.frames.clear();
  if (found.acquisition) {
    for (const auto& name : found.acquisition->frame_files) {
      const auto frame = files.find(name);
      found.frames.push_back({name, frame == files.end() ? 0 : frame->second.identity});
      signature = mix(signature, found.frames.back().identity);
    }
  }
  if (signature == found.signature) return;
  found.signature = signature;
  found.unchanged_since = now;
}

Result<Acquisition> FolderScan::read_sidecar(const std::string& path, std::uint64_t size) {
  if (size > kSidecarBytesMax) return bad_input(path, ": is too large for a sidecar (", size, " bytes)");
  auto file = store_.open(path, platform::OpenMode::read);
  if (!file) return unreadable(file.error());
  std::string content(static_cast<std::size_t>(size), '\0');
  auto got = (*file)->read_at(0, std::as_writable_bytes(std::span{content}));
  if (!got) return unreadable(got.error());
  content.resize(*got);
  if (content.empty()) return bad_input(path, ": is empty");
  return parse_sidecar(content, path);
}

void FolderScan::count_unclaimed(const std::string& directory, const Listing& files) {
  std::set<std::string_view> claimed;
  for (const auto& [path, found] : seen_) {
    if (found.directory != directory) continue;
    claimed.insert(found.sidecar);
    if (!found.acquisition) return;  // it may name any of them
    claimed.insert(found.acquisition->frame_files.begin(), found.acquisition->frame_files.end());
  }
  for (const auto& [name, file] : files) {
    if (file.is_directory || name.front() == '.' || claimed.contains(name)) continue;
    ++unclaimed_;
    unclaimed_example_ = text(directory, "/", name);
  }
}

}  // namespace scanferry::firmware
