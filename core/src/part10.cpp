// SPDX-License-Identifier: Apache-2.0
#include <scanferry/core/part10.hpp>

#include <algorithm>
#include <cstddef>
#include <string_view>

#include <scanferry/core/dictionary.hpp>

namespace scanferry::core {
namespace {

constexpr std::size_t kPrefixOffset = 128;
constexpr std::size_t kMetaOffset = 132;
constexpr std::uint16_t kMetaGroup = 0x0002;

std::unexpected<Error> failed(Errc code, std::string_view what, std::size_t offset, Tag tag = {}) {
  return std::unexpected{Error{code, what, offset, tag}};
}

/// One element of group 0002, Explicit VR Little Endian whatever the data set has.
struct MetaElement {
  Tag tag;
  Vr vr{};
  ByteView value;
  std::size_t end{0};
};

/// `offset` is within `head`.
Result<MetaElement> read_element(ByteView head, std::size_t offset) {
  const ByteView rest = head.subspan(offset);
  if (rest.size() < 8) return failed(Errc::truncated, "the file ends inside its File Meta Information", offset);
  const Tag tag{load_le16(&rest[0]), load_le16(&rest[2])};
  const auto first = std::to_integer<std::uint8_t>(rest[4]);
  const auto second = std::to_integer<std::uint8_t>(rest[5]);
  if (!is_vr_code(first, second)) {
    return failed(Errc::bad_value, "File Meta Information must be in Explicit VR: two capital letters were expected", offset, tag);
  }
  const Vr vr = vr_of(first, second);
  const std::size_t header_bytes = has_long_length(vr) ? 12 : 8;
  if (rest.size() < header_bytes) return failed(Errc::truncated, "the file ends inside its File Meta Information", offset, tag);
  const std::uint32_t length = has_long_length(vr) ? load_le32(&rest[8]) : load_le16(&rest[6]);
  if (length > rest.size() - header_bytes) {
    const bool is_whole_file = head.size() < kFileMetaBytesMax;
    return failed(is_whole_file ? Errc::truncated : Errc::bad_length,
                  is_whole_file ? "the file ends inside its File Meta Information"
                                : "File Meta Information is longer than the 4096 bytes that are read of it",
                  offset, tag);
  }
  return MetaElement{tag, vr, rest.subspan(header_bytes, length), offset + header_bytes + length};
}

Result<Uid> uid_of(const MetaElement& element, std::size_t offset) {
  std::string_view text = text_of(element.value);
  while (!text.empty() && (text.back() == '\0' || text.back() == ' ')) text.remove_suffix(1);
  if (text.size() > Uid::capacity()) return failed(Errc::bad_length, "a UID has at most 64 characters", offset, element.tag);
  // The components are not judged: many archives hold UIDs with leading zeros.
  const bool is_uid = std::ranges::all_of(text, [](char c) { return c == '.' || (c >= '0' && c <= '9'); });
  if (!is_uid) return failed(Errc::bad_value, "a UID has digits and dots only", offset, element.tag);
  return Uid{text};
}

/// Where the value of `tag` is kept; null for elements that a C-STORE does not need.
Uid* field_of(FileMeta& meta, Tag tag) {
  if (tag == attribute::kMediaStorageSOPClassUID.tag) return &meta.sop_class_uid;
  if (tag == attribute::kMediaStorageSOPInstanceUID.tag) return &meta.sop_instance_uid;
  if (tag == attribute::kTransferSyntaxUID.tag) return &meta.transfer_syntax_uid;
  return nullptr;
}

bool continues(ByteView head, std::size_t offset) {
  return head.size() - offset >= 2 && load_le16(&head[offset]) == kMetaGroup;
}

}  // namespace

Result<FileMeta> read_file_meta(ByteView head) {
  if (head.size() < kMetaOffset || text_of(head.subspan(kPrefixOffset, 4)) != "DICM") {
    return failed(Errc::not_dicom, "no DICM after the first 128 bytes: this is no DICOM file", 0);
  }
  FileMeta meta;
  std::size_t offset = kMetaOffset;
  std::size_t stated_end = 0;  // from the group length, where there is one
  while (continues(head, offset)) {
    const auto element = read_element(head, offset);
    if (!element) return std::unexpected{element.error()};
    if (element->tag == attribute::kFileMetaInformationGroupLength.tag && element->value.size() == 4) {
      stated_end = element->end + load_le32(element->value.data());
    }
    if (Uid* const field = field_of(meta, element->tag); field != nullptr) {
      auto uid = uid_of(*element, offset);
      if (!uid) return std::unexpected{uid.error()};
      *field = *uid;
    }
    offset = element->end;
  }
  // Where the elements end counts, not the stated length: files with a wrong one are common. But a file that stops
  // before its own stated end, or within the next tag, was cut.
  const bool is_cut = offset == head.size() ? offset < std::max(stated_end, kMetaOffset + 1) : head.size() - offset < 2;
  if (is_cut) return failed(Errc::truncated, "the file ends inside its File Meta Information", offset);
  meta.data_set_offset = offset;
  return meta;
}

}  // namespace scanferry::core
