// SPDX-License-Identifier: Apache-2.0
#include "cli/object_list.hpp"

#include <optional>

#include "agent/failure.hpp"
#include "agent/file_meta.hpp"

namespace scanferry::firmware {
namespace {

constexpr std::string_view kMediaStorageDirectory = "1.2.840.10008.1.3.10";
/// A tree that is deeper is a loop of links.
constexpr int kFolderDepthMax = 32;

/// Nothing when the file is no DICOM file at all.
Result<std::optional<SendObject>> read_object(platform::Store& store, const std::string& path) {
  auto file = store.open(path, platform::OpenMode::read);
  if (!file) return no_luck(file.error());
  auto size = (*file)->size();
  if (!size) return no_luck(size.error());
  const auto read = read_file_meta(**file, *size, path);
  if (!read) return std::unexpected{read.error()};
  const auto& meta = *read;
  if (!meta) return std::nullopt;
  if (!meta->has_meta) return bad_input(path, ": has no File Meta Information: in which transfer syntax it is to be sent is not stated");
  if (meta->sop_class_uid.empty() || meta->sop_instance_uid.empty() || meta->transfer_syntax_uid.empty()) {
    return bad_input(path, ": the file meta information lacks a UID");
  }
  if (*size < meta->data_set_offset) return bad_input(path, ": ends in the file meta information");
  SendObject object;
  object.path = path;
  object.sop_class_uid = meta->sop_class_uid.view();
  object.sop_instance_uid = meta->sop_instance_uid.view();
  object.transfer_syntax_uid = meta->transfer_syntax_uid.view();
  object.data_set_offset = meta->data_set_offset;
  object.data_set_bytes = *size - meta->data_set_offset;
  return object;
}

class Collector {
 public:
  explicit Collector(platform::Store& store) : store_{store} {}

  void named(const std::string& path) {
    const auto info = store_.info(path);
    if (!info) return problem(path, info.error().detail, true);
    if (info->is_directory) return folder(path, 0);
    auto object = read_object(store_, path);
    if (!object) return problem(path, object.error().message, true);
    if (!*object) return problem(path, text(path, ": is no DICOM file"), true);
    list_.objects.push_back(std::move(**object));
  }

  ObjectList take() { return std::move(list_); }

 private:
  void folder(const std::string& path, int depth) {
    if (depth == kFolderDepthMax) return problem(path, text(path, ": too deep"), true);
    auto files = store_.list(path);
    if (!files) return problem(path, files.error().detail, true);
    for (const auto& file : *files) {
      const auto inner = text(path, path.ends_with('/') ? "" : "/", file.name);
      if (file.is_directory) {
        folder(inner, depth + 1);
      } else {
        found(inner);
      }
    }
  }
  void found(const std::string& path) {
    auto object = read_object(store_, path);
    // Somebody's notes among the images are nobody's loss; a DICOM file that cannot be sent is.
    if (!object) return problem(path, object.error().message, true);
    if (!*object) return problem(path, text(path, ": is no DICOM file; passed over"), false);
    if ((*object)->sop_class_uid != kMediaStorageDirectory) list_.objects.push_back(std::move(**object));
  }
  void problem(const std::string& path, std::string words, bool failed) {
    list_.problems.push_back({path, std::move(words), failed});
    list_.failed += failed ? 1 : 0;
  }

  platform::Store& store_;
  ObjectList list_;
};

}  // namespace

ObjectList collect_objects(platform::Store& store, const std::vector<std::string>& paths) {
  Collector collector{store};
  for (const auto& path : paths) collector.named(path);
  return collector.take();
}

}  // namespace scanferry::firmware
