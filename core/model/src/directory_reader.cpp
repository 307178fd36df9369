// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <optional>

#include <scanferry/model/file_set.hpp>
#include <scanferry/model/tag_path.hpp>

#include "directory_records.hpp"

namespace scanferry::model {
namespace {

namespace at = core::attribute;

constexpr unsigned kLowestLevel = 3;

/// A UL, or the first two bytes of it in a US; 0 where there is none.
std::uint32_t number_in(const DataSet& data_set, core::Attribute attribute) {
  const Element* const element = data_set.find(attribute.tag);
  const auto bytes = element == nullptr ? core::ByteView{} : element->bytes();
  if (bytes.size() >= 4) return core::load_le32(bytes.data());
  return bytes.size() >= 2 ? core::load_le16(bytes.data()) : 0;
}

std::string_view text_in(const DataSet& data_set, core::Attribute attribute) { return trimmed_text(data_set.find(attribute.tag)); }

/// PS3.3 F.3.2.2: 0 marks a record that stands for nothing any more.
bool is_in_use(const DataSet& keys) { return keys.find(at::kRecordInUseFlag.tag) == nullptr || number_in(keys, at::kRecordInUseFlag) != 0; }

std::string_view without_blanks(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ') || text.ends_with('\0')) text.remove_suffix(1);
  return text;
}

FileId split(std::string_view text) {
  FileId parts;
  while (!text.empty()) {
    const auto end = std::min(text.find('\\'), text.size());
    parts.emplace_back(without_blanks(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

/// Nothing that could be a way out of the File-set's folder.
bool is_safe(const FileId& file_id) {
  return std::ranges::none_of(file_id, [](const std::string& part) {
    return part.empty() || part == "." || part == ".." || part.find_first_of(std::string_view{"/\0", 2}) != std::string::npos;
  });
}

class DirectoryReader {
 public:
  explicit DirectoryReader(const Document& document) : document_{document} {}

  Result<Directory> run() {
    const Element* const records = document_.data_set().find(at::kDirectoryRecordSequence.tag);
    const bool is_directory = text_in(document_.meta(), at::kMediaStorageSOPClassUID) == kMediaStorageDirectoryUid;
    if (records == nullptr && !is_directory) {
      return std::unexpected{Error{"this is no DICOMDIR: it has no Directory Record Sequence", 0, {}}};
    }
    directory_.file_set_id = text_in(document_.data_set(), at::kFileSetID);
    if (number_in(document_.data_set(), at::kFileSetConsistencyFlag) == 0xFFFF) {
      note("the directory says of itself that it may be wrong (File-set Consistency Flag)", 0);
    }
    if (records != nullptr) read_records(*records);
    return std::move(directory_);
  }

 private:
  /// One of the file's records, and where it is in the tree.
  struct Node {
    const Item* item{nullptr};
    std::size_t depth{0};
    bool is_reached{false};
    std::vector<std::size_t> lower;
  };

  void read_records(const Element& records) {
    nodes_.reserve(records.items().size());
    for (const Item& item : records.items()) nodes_.push_back({&item, 0, false, {}});
    by_offset_.resize(nodes_.size());
    for (std::size_t i = 0; i < nodes_.size(); ++i) by_offset_[i] = i;
    std::ranges::stable_sort(by_offset_, {}, [this](std::size_t node) { return offset_of(node); });
    follow(number_in(document_.data_set(), at::kOffsetOfTheFirstDirectoryRecordOfTheRootDirectoryEntity), 0, 0, roots_);
    place_unreached();
    directory_.records = records_of(roots_);
  }

  [[nodiscard]] std::uint64_t offset_of(std::size_t node) const { return nodes_[node].item->source.offset; }
  [[nodiscard]] const DataSet& keys_of(std::size_t node) const { return nodes_[node].item->data_set; }

  [[nodiscard]] std::optional<std::size_t> node_at(std::uint64_t offset) const {
    const auto found = std::ranges::lower_bound(by_offset_, offset, {}, [this](std::size_t node) { return offset_of(node); });
    if (found == by_offset_.end() || offset_of(*found) != offset) return std::nullopt;
    return *found;
  }

  /// A chain of records and what is below them. `from`: the offset of what led here. It ends because no record comes twice, and is
  /// at most kDepthMax calls deep.
  void follow(std::uint64_t offset, std::uint64_t from, std::size_t depth, std::vector<std::size_t>& into) {
    if (offset != 0 && depth > Directory::kDepthMax) {
      return note("a record lies deeper than records can; what is below it is not followed", from);
    }
    while (offset != 0) {
      const auto node = node_at(offset);
      if (!node) return note("an offset leads to no record: " + std::to_string(offset), from);
      if (nodes_[*node].is_reached) return note("a record is reached twice: the one at byte " + std::to_string(offset), from);
      reach(*node, depth, into);
      from = offset;
      offset = number_in(keys_of(*node), at::kOffsetOfTheNextDirectoryRecord);
    }
  }

  void reach(std::size_t node, std::size_t depth, std::vector<std::size_t>& into) {
    nodes_[node].is_reached = true;
    nodes_[node].depth = depth;
    if (is_in_use(keys_of(node))) into.push_back(node);
    // Of one that is not in use the lower ones are reached, too, and are dropped with it.
    follow(number_in(keys_of(node), at::kOffsetOfReferencedLowerLevelDirectoryEntity), offset_of(node), depth + 1, nodes_[node].lower);
  }

  /// Records that no offset of the tree leads to go where their type and the order of the file suggest: those first that begin
  /// a chain, with all of it, then what is left.
  void place_unreached() {
    const std::vector<bool> has_referrer = find_referrers();
    std::size_t count = 0;
    std::uint64_t first = 0;
    for (const bool is_for_heads : {true, false}) {
      std::array<std::optional<std::size_t>, kLowestLevel> above;  // the last record of each level that has lower ones
      for (std::size_t node = 0; node < nodes_.size(); ++node) {
        const auto type = text_in(keys_of(node), at::kDirectoryRecordType);
        if (type == "MRDR" || !is_in_use(keys_of(node))) continue;
        const unsigned level = level_of(type);
        if (!nodes_[node].is_reached) {
          if (is_for_heads && has_referrer[node]) continue;
          if (count++ == 0) first = offset_of(node);
          place(node, nearest(above, level));
        }
        if (level == kLowestLevel) continue;
        above[level] = node;
        std::fill(above.begin() + level + 1, above.end(), std::nullopt);
      }
    }
    if (count != 0) note("no offset leads to records in use, they are shown where they stand in the file: " + std::to_string(count), first);
  }

  /// Which of the records another unreached one leads to.
  [[nodiscard]] std::vector<bool> find_referrers() const {
    std::vector<bool> has_referrer(nodes_.size());
    for (std::size_t node = 0; node < nodes_.size(); ++node) {
      if (nodes_[node].is_reached) continue;
      for (const core::Attribute link : {at::kOffsetOfTheNextDirectoryRecord, at::kOffsetOfReferencedLowerLevelDirectoryEntity}) {
        const std::uint64_t offset = number_in(keys_of(node), link);
        const auto target = offset == 0 ? std::nullopt : node_at(offset);
        if (target && *target != node) has_referrer[*target] = true;
      }
    }
    return has_referrer;
  }

  static std::optional<std::size_t> nearest(const std::array<std::optional<std::size_t>, kLowestLevel>& above, unsigned level) {
    while (level > 0) {
      if (above[--level]) return above[level];
    }
    return std::nullopt;
  }

  void place(std::size_t node, std::optional<std::size_t> parent) {
    const bool fits = parent && nodes_[*parent].depth < Directory::kDepthMax;
    const std::size_t depth = fits ? nodes_[*parent].depth + 1 : 0;
    auto& into = fits ? nodes_[*parent].lower : roots_;
    reach(node, depth, into);
    follow(number_in(keys_of(node), at::kOffsetOfTheNextDirectoryRecord), offset_of(node), depth, into);
  }

  std::vector<DirectoryRecord> records_of(const std::vector<std::size_t>& nodes) {
    std::vector<DirectoryRecord> records;
    records.reserve(nodes.size());
    for (const std::size_t node : nodes) {
      records.push_back(record_of(node));
      records.back().lower = records_of(nodes_[node].lower);
    }
    return records;
  }

  DirectoryRecord record_of(std::size_t node) {
    const DataSet& keys = keys_of(node);
    DirectoryRecord record;
    record.type = text_in(keys, at::kDirectoryRecordType);
    record.keys = &keys;
    record.sop_class_uid = text_in(keys, at::kReferencedSOPClassUIDInFile);
    record.sop_instance_uid = text_in(keys, at::kReferencedSOPInstanceUIDInFile);
    record.transfer_syntax_uid = text_in(keys, at::kReferencedTransferSyntaxUIDInFile);
    record.offset = offset_of(node);
    record.file_id = split(text_in(keys, at::kReferencedFileID));
    if (record.type.empty()) note("a record has no type", record.offset);
    // Retired, PS3.3-2004: the file's name may be in a record that several refer to.
    const auto shared = record.file_id.empty() ? node_at(number_in(keys, at::kMRDRDirectoryRecordOffset)) : std::nullopt;
    if (shared && number_in(keys, at::kMRDRDirectoryRecordOffset) != 0) {
      record.file_id = split(text_in(keys_of(*shared), at::kReferencedFileID));
    }
    if (!is_safe(record.file_id)) {
      note("a Referenced File ID is no name of a file in the File-set: " + path_of(record.file_id), record.offset);
      record.file_id.clear();
    }
    return record;
  }

  void note(std::string what, std::uint64_t offset) {
    if (directory_.findings.size() < Directory::kFindingsMax) directory_.findings.push_back(Error{std::move(what), offset, {}});
  }

  const Document& document_;
  Directory directory_;
  std::vector<Node> nodes_;  // in the order of the file
  std::vector<std::size_t> by_offset_;
  std::vector<std::size_t> roots_;
};

}  // namespace

bool is_legal_file_id(const FileId& file_id) {
  constexpr std::size_t kComponentsMax = 8;
  constexpr std::size_t kCharactersMax = 8;
  const auto is_legal_character = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; };
  const auto is_legal_part = [&](const std::string& part) {
    return !part.empty() && part.size() <= kCharactersMax && std::ranges::all_of(part, is_legal_character);
  };
  return !file_id.empty() && file_id.size() <= kComponentsMax && std::ranges::all_of(file_id, is_legal_part);
}

std::string path_of(const FileId& file_id) {
  std::string path;
  for (const std::string& part : file_id) path.append(path.empty() ? "" : "/").append(part);
  return path;
}

Result<Directory> read_directory(const Document& document) { return DirectoryReader{document}.run(); }

}  // namespace scanferry::model
