// SPDX-License-Identifier: Apache-2.0
#include "agent/source_files.hpp"

#include <algorithm>
#include <charconv>

namespace scanferry::firmware {
namespace {

Result<void> unless_gone(const platform::Result<void>& done) {
  if (done || done.error().code == platform::Errc::not_found) return {};
  return no_luck(done.error());
}

}  // namespace

SourceFiles::SourceFiles(platform::Store& store, const std::string& root, const FoundAcquisition& found)
    : store_{store}, root_{root}, found_{found}, frames_{found.frames} {}

SourceFiles::SourceFiles(platform::Store& store, const std::string& root, const FoundAcquisition& found, std::string_view remembered)
    : store_{store}, root_{root}, found_{found} {
  // Lines of "<identity> <name>"; a name may hold anything but a line end.
  while (!remembered.empty()) {
    const auto line = remembered.substr(0, remembered.find('\n'));
    remembered.remove_prefix(std::min(line.size() + 1, remembered.size()));
    SourceFile file;
    const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), file.identity);
    if (error != std::errc{}) continue;
    file.name = line.substr(std::min(line.size(), static_cast<std::size_t>(end - line.data()) + 1));
    frames_.push_back(std::move(file));
  }
}

std::string SourceFiles::remember() const {
  std::string lines;
  for (const auto& frame : frames_) lines += text(frame.identity, " ", frame.name, "\n");
  return lines;
}

Result<bool> SourceFiles::is_ours(const SourceFile& file) const {
  const auto now = store_.info(path_of(file));
  if (now) return now->identity == file.identity;
  if (now.error().code == platform::Errc::not_found) return false;
  return no_luck(now.error());
}

Result<void> SourceFiles::check_unchanged() const {
  auto files = frames_;
  files.push_back(sidecar());
  for (const auto& file : files) {
    const auto ours = is_ours(file);
    if (!ours) return std::unexpected{ours.error()};
    if (!*ours) return bad_input(path_of(file), ": changed while it was read");
  }
  return {};
}

Result<void> SourceFiles::remove_if_ours(const SourceFile& file) {
  const auto ours = is_ours(file);
  if (!ours) return std::unexpected{ours.error()};
  return *ours ? unless_gone(store_.remove(path_of(file))) : Result<void>{};
}

Result<void> SourceFiles::move_if_ours(const SourceFile& file, const std::string& target) {
  const auto ours = is_ours(file);
  if (!ours) return std::unexpected{ours.error()};
  return *ours ? unless_gone(store_.rename(path_of(file), text(target, "/", file.name))) : Result<void>{};
}

Result<void> SourceFiles::sync_source() {
  if (auto synced = store_.sync_directory(found_.directory); !synced) return no_luck(synced.error());
  return {};
}

Result<void> SourceFiles::sync_both(const std::string& target) {
  // First where the files are now, then where they were: in between they may be in both places, never in none.
  if (auto synced = store_.sync_directory(target); !synced) return no_luck(synced.error());
  return sync_source();
}

void SourceFiles::leave() {
  if (found_.directory != root_) (void)store_.remove(found_.directory);  // fails, and may, unless it is empty now
}

Result<void> SourceFiles::remove() {
  for (const auto& frame : frames_) {
    if (auto gone = remove_if_ours(frame); !gone) return gone;
  }
  if (auto synced = sync_source(); !synced) return synced;
  if (auto gone = remove_if_ours(sidecar()); !gone) return gone;
  if (auto synced = sync_source(); !synced) return synced;
  leave();
  return {};
}

Result<std::string> SourceFiles::make_target(std::string_view folder) {
  // The same for the same acquisition, so that a move that was interrupted goes on where it was.
  auto target = text(root_, "/", folder, "/", found_.sidecar.substr(0, found_.sidecar.rfind('.')), "-", found_.identity);
  if (auto made = store_.make_directories(target); !made) return no_luck(made.error());
  return target;
}

Result<void> SourceFiles::write_reason(const std::string& target, std::string_view reason) {
  const auto path = target + "/reason.txt";
  (void)store_.remove(path);  // of a move that was interrupted
  auto file = store_.create(path);
  if (!file) return no_luck(file.error());
  const auto line = text(reason, "\n");
  if (auto written = (*file)->write_at(0, core::bytes_of(line)); !written) return no_luck(written.error());
  return {};
}

Result<void> SourceFiles::move_to(std::string_view folder, std::string_view reason) {
  auto target = make_target(folder);
  if (!target) return std::unexpected{target.error()};
  if (!reason.empty()) {
    if (auto written = write_reason(*target, reason); !written) return written;
  }
  for (const auto& frame : frames_) {
    if (auto moved = move_if_ours(frame, *target); !moved) return moved;
  }
  if (auto synced = sync_both(*target); !synced) return synced;
  if (auto moved = move_if_ours(sidecar(), *target); !moved) return moved;
  if (auto synced = sync_both(*target); !synced) return synced;
  leave();
  return {};
}

}  // namespace scanferry::firmware
