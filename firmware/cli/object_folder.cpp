// SPDX-License-Identifier: Apache-2.0
#include "cli/object_folder.hpp"

#include <scanferry/model/document.hpp>

#include "agent/file_bytes.hpp"
#include "agent/received_limits.hpp"
#include "cli/console.hpp"

namespace scanferry::firmware {
namespace {

constexpr core::Tag kStudyInstanceUid{0x0020, 0x000D};
constexpr std::uint16_t kOutOfResources = 0xA700;  // PS3.4 table B.2-1
constexpr std::string_view kPartSuffix = ".part";

}  // namespace

std::string json_line_of(const IncomingObject& object, const KeptObject& kept) {
  return text("{\"file\":", json_string(kept.path), ",\"sop_instance_uid\":", json_string(object.sop_instance_uid),
              ",\"sop_class_uid\":", json_string(object.sop_class_uid), ",\"transfer_syntax_uid\":", json_string(object.transfer_syntax_uid),
              ",\"calling_aet\":", json_string(object.caller), ",\"known\":", kept.is_known ? "true" : "false", "}");
}

Result<void> ObjectFolder::open() {
  if (auto made = store_.make_directories(path_); !made) return no_luck(made.error());
  const auto files = store_.list(path_);
  if (!files) return {};
  for (const auto& file : *files) {
    const auto path = text(path_, "/", file.name);
    const auto uid = std::string_view{file.name}.substr(0, file.name.rfind('-'));
    if (file.name.ends_with(kPartSuffix) && core::is_valid_uid(uid) && store_.open_abandoned(path)) (void)store_.remove(path);
  }
  return {};
}

Result<std::string> ObjectFolder::place_for(const IncomingObject& object) {
  // The same object may come over two associations at once.
  return text(path_, "/", object.sop_instance_uid.view(), "-", ++begun_, kPartSuffix);
}

std::vector<StoreAnswer> ObjectFolder::keep(std::span<const ReceivedObject> objects) {
  std::vector<StoreAnswer> answers;
  for (const auto& object : objects) answers.push_back(keep_one(object));
  return answers;
}

StoreAnswer ObjectFolder::keep_one(const ReceivedObject& object) {
  const auto kept = give_name(object);
  if (!kept) {
    (void)store_.remove(object.path);
    print_error(text(object.announced.sop_instance_uid.view(), ": ", kept.error().message));
    return {kOutOfResources, "it could not be stored; try again later"};
  }
  ++count_;
  tell_(object.announced, *kept);
  return {};
}

Result<KeptObject> ObjectFolder::give_name(const ReceivedObject& object) {
  const FileBytes source{object.file, object.bytes};
  const auto document = model::Document::read(source, kReceivedLimits);
  if (!document) return bad_input(document.error().text());
  const std::string study{model::trimmed_text(document->data_set().find(kStudyInstanceUid))};
  auto path = text(path_, "/", pattern_.apply(*document, object.announced.caller));
  const auto folder = path.substr(0, path.rfind('/'));
  if (auto made = store_.make_directories(folder); !made) return no_luck(made.error());
  // Another object under a UID that is there already stays beside it: which of them is right is for a person to say.
  const auto stem = path;
  for (int n = 2; store_.info(path); ++n) {
    if (is_same(path, object.file, object.bytes)) {
      (void)store_.remove(object.path);
      return KeptObject{path, true, study};
    }
    path = text(stem, ".", n);
  }
  if (auto renamed = store_.rename(object.path, path); !renamed) return no_luck(renamed.error());
  if (auto synced = store_.sync_directory(folder); !synced) return no_luck(synced.error());
  if (auto synced = store_.sync_directory(path_); !synced) return no_luck(synced.error());
  return KeptObject{path, false, study};
}

bool ObjectFolder::is_same(const std::string& path, platform::File& file, std::uint64_t bytes) const {
  const auto other = store_.open(path, platform::OpenMode::read);
  return other && (*other)->size() == bytes && have_same_bytes({&file, 0, bytes}, {other->get(), 0, bytes}).value_or(false);
}

}  // namespace scanferry::firmware
