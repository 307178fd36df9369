// SPDX-License-Identifier: Apache-2.0
#include "agent/source_files.hpp"

namespace scanferry::firmware {
namespace {

Result<void> unless_gone(const platform::Result<void>& done) {
  if (done || done.error().code == platform::Errc::not_found) return {};
  return no_luck(done.error());
}

}  // namespace

SourceFiles::SourceFiles(platform::Store& store, const std::string& root, const FoundAcquisition& found)
    : store_{store}, root_{root}, found_{found} {
  if (found.acquisition) names_ = found.acquisition->frame_files;
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
  for (const auto& name : names_) {
    if (auto gone = unless_gone(store_.remove(text(found_.directory, "/", name))); !gone) return gone;
  }
  if (auto synced = sync_source(); !synced) return synced;
  if (auto gone = unless_gone(store_.remove(found_.path())); !gone) return gone;
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
  for (const auto& name : names_) {
    if (auto moved = unless_gone(store_.rename(text(found_.directory, "/", name), text(*target, "/", name))); !moved) return moved;
  }
  if (auto synced = sync_both(*target); !synced) return synced;
  if (auto moved = unless_gone(store_.rename(found_.path(), text(*target, "/", found_.sidecar))); !moved) return moved;
  if (auto synced = sync_both(*target); !synced) return synced;
  leave();
  return {};
}

}  // namespace scanferry::firmware
