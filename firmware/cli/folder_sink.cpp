// SPDX-License-Identifier: Apache-2.0
#include "cli/folder_sink.hpp"

namespace scanferry::firmware {
namespace {

std::string part_path(const std::string& path) { return path + ".part"; }

}  // namespace

std::string FolderSink::object_path(std::string_view uid) const { return text(folder_, "/", uid, ".dcm"); }

Result<ObjectWriter> FolderSink::begin(const core::ImageDescription& image, Source) {
  if (auto made = store_.make_directories(folder_); !made) return no_luck(made.error());
  return ObjectWriter::create(store_, part_path(object_path(image.sop_instance_uid)), image);
}

Result<Instance> FolderSink::commit(ObjectWriter& writer, const core::ImageDescription& image, Source) {
  if (auto done = writer.finish(); !done) return std::unexpected{done.error()};
  const auto path = object_path(image.sop_instance_uid);
  if (auto done = store_.rename(part_path(path), path); !done) return no_luck(done.error());
  if (auto done = store_.sync_directory(folder_); !done) return no_luck(done.error());
  Instance instance;
  instance.sop_instance_uid = image.sop_instance_uid;
  instance.data_set_offset = writer.data_set_offset();
  instance.file_bytes = writer.file_bytes();
  return instance;
}

void FolderSink::abandon(const core::ImageDescription& image, Source) {
  (void)store_.remove(part_path(object_path(image.sop_instance_uid)));  // it may not have been begun
}

void FolderSink::discard(std::string_view sop_instance_uid) {
  (void)store_.remove(object_path(sop_instance_uid));  // the failure that led here is the one to tell
}

}  // namespace scanferry::firmware
