// SPDX-License-Identifier: Apache-2.0
#include <scanferry/core/part10.hpp>

#include <algorithm>

#include <scanferry/core/dictionary.hpp>
#include <scanferry/core/implementation.hpp>

namespace scanferry::core {
namespace {

namespace at = attribute;

constexpr std::size_t kPreambleBytes = 128;
constexpr std::string_view kPrefix = "DICM";
constexpr std::size_t kMetaOffset = 132;
constexpr std::size_t kShortHeader = 8;
constexpr std::size_t kLongHeader = 12;
constexpr std::uint16_t kMetaGroup = 0x0002;
// Data sets begin with one of the groups up to that of the patient; so do directories and what has File Meta Information.
constexpr std::uint16_t kFirstGroupMax = 0x0010;

bool is_padding(char c) { return c == '\0' || c == ' '; }

/// Explicit VR shows in two letters; in which byte order, in the group number, which is small at the start of a data set.
std::optional<Encoding> explicit_by_look(ByteView first) {
  if (vr_of(std::to_integer<std::uint8_t>(first[4]), std::to_integer<std::uint8_t>(first[5])) == Vr::unknown) return std::nullopt;
  const std::uint16_t little = load_le16(first.data());
  const std::uint16_t big = load_be16(first.data());
  const std::uint16_t group = std::min(little, big);
  const bool begins_file = group % 2 == 0 && group != 0 && group <= kFirstGroupMax;
  const bool is_known = group % 2 == 0 && group != 0 && vr_in_dictionary({little, load_le16(&first[2])}) != Vr::unknown;
  if (!begins_file && !is_known) return std::nullopt;
  return big < little ? Encoding::explicit_big_endian : Encoding::explicit_little_endian;
}

bool is_implicit_by_look(ByteView first, std::uint64_t bytes) {
  const Tag tag{load_le16(first.data()), load_le16(&first[2])};
  const bool is_known = tag.group % 2 == 0 && tag.group != 0 && vr_in_dictionary(tag) != Vr::unknown;
  return is_known && load_le32(&first[4]) <= bytes - kShortHeader;
}

/// True when the first element, read in `encoding`, has a VR and ends within the data set.
bool fits(ByteView first, Encoding encoding, std::uint64_t bytes) {
  if (encoding == Encoding::implicit_little_endian) return is_implicit_by_look(first, bytes);
  const bool is_big = encoding == Encoding::explicit_big_endian;
  const Vr vr = vr_of(std::to_integer<std::uint8_t>(first[4]), std::to_integer<std::uint8_t>(first[5]));
  if (vr == Vr::unknown) return false;
  if (!has_long_length(vr)) return (is_big ? load_be16(&first[6]) : load_le16(&first[6])) <= bytes - kShortHeader;
  if (first.size() < kLongHeader || bytes < kLongHeader) return false;
  const std::uint32_t length = is_big ? load_be32(&first[8]) : load_le32(&first[8]);
  return length == kUndefinedLength || length <= bytes - kLongHeader;
}

/// What was written without saying how is in the default transfer syntax (PS3.5 10.1) unless there is a VR.
Encoding default_encoding(ByteView first) {
  const bool has_vr = first.size() >= kShortHeader &&
                      vr_of(std::to_integer<std::uint8_t>(first[4]), std::to_integer<std::uint8_t>(first[5])) != Vr::unknown;
  return has_vr ? Encoding::explicit_little_endian : Encoding::implicit_little_endian;
}

bool has_prefix(ByteView head, std::size_t offset) {
  return head.size() >= offset + kPrefix.size() && text_of(head.subspan(offset, kPrefix.size())) == kPrefix;
}

/// The encoding of an element of group 0002 at `offset`.
std::optional<Encoding> meta_at(ByteView head, std::size_t offset, std::uint64_t file_bytes) {
  if (head.size() < offset + kShortHeader || load_le16(&head[offset]) != kMetaGroup) return std::nullopt;
  return encoding_by_look(head.subspan(offset), file_bytes - offset);
}

}  // namespace

std::optional<Encoding> encoding_by_look(ByteView first_bytes, std::uint64_t data_set_bytes) {
  if (first_bytes.size() < kShortHeader || data_set_bytes < kShortHeader) return std::nullopt;
  if (const auto encoding = explicit_by_look(first_bytes)) return encoding;
  if (is_implicit_by_look(first_bytes, data_set_bytes)) return Encoding::implicit_little_endian;
  return std::nullopt;
}

std::optional<FileStart> find_start(ByteView head, std::uint64_t file_bytes) {
  const auto at_zero = encoding_by_look(head, file_bytes);
  if (has_prefix(head, kPreambleBytes)) {
    if (const auto encoding = meta_at(head, kMetaOffset, file_bytes)) return FileStart{kMetaOffset, true, *encoding, {}};
    // Without one behind it, the prefix may stand in a value of a data set that begins the file.
    if (!at_zero) {
      const auto encoding = encoding_by_look(head.subspan(kMetaOffset), file_bytes - kMetaOffset);
      return FileStart{kMetaOffset, !encoding, encoding.value_or(Encoding::explicit_little_endian),
                       encoding ? "there is no File Meta Information: the encoding is taken from the first element" : ""};
    }
  }
  if (const auto encoding = meta_at(head, 0, file_bytes)) return FileStart{0, true, *encoding, "the preamble and \"DICM\" are missing"};
  if (at_zero) return FileStart{0, false, *at_zero, "there is no File Meta Information: the encoding is taken from the first element"};
  if (has_prefix(head, 0) && meta_at(head, kPrefix.size(), file_bytes)) {
    return FileStart{kPrefix.size(), true, *meta_at(head, kPrefix.size(), file_bytes), "the preamble is missing"};
  }
  for (const std::size_t offset : {kPreambleBytes, kMetaOffset}) {
    if (const auto encoding = meta_at(head, offset, file_bytes)) return FileStart{offset, true, *encoding, "\"DICM\" is missing"};
  }
  return std::nullopt;
}

DataSetForm form_of_data_set(std::string_view transfer_syntax_uid, ByteView first_bytes, std::uint64_t data_set_bytes) {
  DataSetForm form{transfer_syntax_of(transfer_syntax_uid), {}};
  const auto looks = encoding_by_look(first_bytes, data_set_bytes);
  if (transfer_syntax_uid.empty()) {
    form.finding = "no Transfer Syntax UID is stated: the encoding is taken from the first element";
    form.syntax.encoding = looks ? *looks : default_encoding(first_bytes);
    return form;
  }
  if (!looks) return form;
  // A first element of an odd kind may look like one in the other byte order that cannot be.
  const bool can_be_as_stated = !form.syntax.is_deflated && fits(first_bytes, form.syntax.encoding, data_set_bytes);
  if (can_be_as_stated && !fits(first_bytes, *looks, data_set_bytes)) return form;
  if (form.syntax.is_deflated) {
    // Bytes of a deflate stream may by chance look like anything, but hardly like a tag, a VR and a length.
    if (*looks == Encoding::implicit_little_endian) return form;
    form.syntax.is_deflated = false;
    form.finding = "the Transfer Syntax UID says deflated, but the data set is not";
  } else if (*looks != form.syntax.encoding) {
    form.finding = "the data set is not encoded as its Transfer Syntax UID says: taken as it looks";
  }
  form.syntax.encoding = *looks;
  return form;
}

std::unexpected<Error> FileMetaReader::fail(Errc code, std::string_view what) const {
  const auto& header = elements_.header();
  return std::unexpected{Error{code, what, header.offset, header.tag}};
}

void FileMetaReader::note(std::string_view what, std::uint64_t offset, Tag tag) {
  if (finding_count_ < findings_.size()) findings_[finding_count_++] = {what, offset, tag};
}

Result<bool> FileMetaReader::take(ByteView bytes) {
  switch (phase_) {
    case Phase::start: return take_start(bytes);
    case Phase::elements: return take_elements(bytes);
    case Phase::data_set: return take_data_set(bytes);
    case Phase::done: break;
  }
  return true;
}

/// True when `wanted` bytes are held, or all that the file has.
bool FileMetaReader::collect(ByteView bytes, std::size_t wanted) {
  const std::size_t more = std::min(bytes.size(), wanted - held_bytes_);
  std::copy_n(bytes.begin(), more, held_.begin() + static_cast<std::ptrdiff_t>(held_bytes_));
  held_bytes_ += more;
  offset_ += more;
  return held_bytes_ == wanted || bytes.empty();
}

Result<bool> FileMetaReader::take_start(ByteView bytes) {
  if (!collect(bytes, kStartBytes)) return false;
  const ByteView head = ByteView{held_}.first(held_bytes_);
  const auto start = find_start(head, file_bytes_);
  if (!start) return std::unexpected{Error{Errc::not_dicom, "no DICM after the first 128 bytes: this is no DICOM file", 0, {}}};
  if (!start->finding.empty()) note(start->finding, start->offset);
  meta_.has_meta = start->has_meta;
  meta_offset_ = start->offset;
  offset_ = start->offset;
  held_bytes_ = 0;
  if (!start->has_meta) {
    meta_.data_set_offset = start->offset;
    meta_.syntax.encoding = start->encoding;
    phase_ = Phase::done;
    return true;
  }
  elements_ = ElementReader{Encoding::explicit_little_endian, offset_, file_bytes_};
  phase_ = Phase::elements;
  return false;
}

Result<bool> FileMetaReader::take_elements(ByteView bytes) {
  bytes.empty() ? elements_.finish() : elements_.feed(bytes);
  offset_ += bytes.size();
  for (;;) {
    const auto event = elements_.next();
    const auto& header = elements_.header();
    for (const Finding& finding : elements_.findings()) {
      if (finding.tag.group == kMetaGroup) note(finding.what, finding.offset, finding.tag);
    }
    const bool is_behind = header.depth == 0 && header.tag.group != kMetaGroup && (!event || *event != Event::need_input);
    if (is_behind) return end_meta();
    if (!event) return std::unexpected{event.error()};
    if (*event == Event::need_input) return false;
    if (auto taken = take_event(*event); !taken) return std::unexpected{taken.error()};
    if (elements_.offset() - meta_offset_ - skipped_ > kFileMetaBytesMax) {
      return fail(Errc::bad_length, "File Meta Information is longer than the 64 KB that are read of it");
    }
  }
}

Result<void> FileMetaReader::take_event(Event event) {
  if (event == Event::element) return begin_element();
  if (event == Event::value && collecting_) return add_to_value();
  return {};
}

/// Where the value of `tag` is kept; null for elements that a C-STORE does not need.
Uid* FileMetaReader::field_of(Tag tag) {
  if (tag == at::kMediaStorageSOPClassUID.tag) return &meta_.sop_class_uid;
  if (tag == at::kMediaStorageSOPInstanceUID.tag) return &meta_.sop_instance_uid;
  if (tag == at::kTransferSyntaxUID.tag) return &meta_.transfer_syntax_uid;
  return nullptr;
}

Result<void> FileMetaReader::begin_element() {
  const auto& header = elements_.header();
  collecting_ = field_of(header.tag) != nullptr || header.tag == at::kFileMetaInformationGroupLength.tag;
  value_.clear();
  if (header.tag == at::kPrivateInformation.tag) {
    const std::uint64_t ahead = elements_.skip_value();
    elements_.skipped(ahead);
    offset_ += ahead;
    skipped_ += header.length;
  }
  return {};
}

Result<void> FileMetaReader::add_to_value() {
  std::string_view piece = text_of(elements_.bytes());
  const std::size_t size = std::min(piece.size(), value_.capacity() - value_.size());
  static_cast<void>(value_.append({piece.data(), size}));  // there is room
  // What there is no room for may only be padding.
  piece.remove_prefix(size);
  if (!std::ranges::all_of(piece, is_padding)) return fail(Errc::bad_length, "a UID has at most 64 characters");
  return elements_.value_left() == 0 ? end_value() : Result<void>{};
}

Result<void> FileMetaReader::end_value() {
  const auto& header = elements_.header();
  Uid* const field = field_of(header.tag);
  std::string_view text = value_;
  if (field == nullptr) {
    if (text.size() == 4) stated_end_ = elements_.offset() + load_le32(bytes_of(text).data());
    return {};
  }
  while (!text.empty() && is_padding(text.back())) text.remove_suffix(1);
  if (text.size() > Uid::capacity()) return fail(Errc::bad_length, "a UID has at most 64 characters");
  // The components are not judged: many archives hold UIDs with leading zeros.
  const bool is_uid = std::ranges::all_of(text, [](char c) { return c == '.' || (c >= '0' && c <= '9'); });
  if (!is_uid) return fail(Errc::bad_value, "a UID has digits and dots only");
  if (!field->empty()) note("an element of File Meta Information comes twice: the last one counts", header.offset, header.tag);
  field->assign(text);
  return {};
}

Result<bool> FileMetaReader::end_meta() {
  const auto& header = elements_.header();
  const std::uint64_t end = header.offset;
  const bool is_empty = end == meta_offset_;
  if (is_empty && file_bytes_ < end + kShortHeader) {
    return fail(Errc::truncated, "the file ends where its File Meta Information should begin");
  }
  if (is_empty) return fail(Errc::bad_value, "neither File Meta Information nor the first element of a data set");
  if (end >= file_bytes_ && stated_end_ && *stated_end_ > end) {
    return fail(Errc::truncated, "the file ends inside its File Meta Information");
  }
  if (!stated_end_) {
    note("File Meta Information has no group length", meta_offset_);
  } else if (*stated_end_ != end) {
    note("the group length of File Meta Information is wrong", meta_offset_, at::kFileMetaInformationGroupLength.tag);
  }
  meta_.data_set_offset = end;
  offset_ = end;
  phase_ = Phase::data_set;
  return false;
}

Result<bool> FileMetaReader::take_data_set(ByteView bytes) {
  if (!collect(bytes, kShortHeader)) return false;
  return settle(ByteView{held_}.first(held_bytes_));
}

Result<bool> FileMetaReader::settle(ByteView first_bytes) {
  const auto form = form_of_data_set(meta_.transfer_syntax_uid, first_bytes, file_bytes_ - meta_.data_set_offset);
  const bool is_cut = !first_bytes.empty() && first_bytes.size() < kShortHeader && !form.syntax.is_deflated;
  if (is_cut) return fail(Errc::truncated, "the file ends inside the first element of its data set");
  if (!form.finding.empty()) note(form.finding, meta_.data_set_offset);
  meta_.syntax = form.syntax;
  phase_ = Phase::done;
  return true;
}

Result<FileMeta> read_file_meta(ByteView file) {
  FileMetaReader reader{file.size()};
  for (;;) {
    const auto at = static_cast<std::size_t>(std::min<std::uint64_t>(reader.offset(), file.size()));
    const auto is_complete = reader.take(file.subspan(at));
    if (!is_complete) return std::unexpected{is_complete.error()};
    if (*is_complete) return reader.meta();
  }
}

// PS3.10 7.1: the application's 128 bytes, "DICM", then group 0002 in Explicit VR Little Endian with its length in front.
void write_file_meta(ElementWriter& out, const FileMetaUids& uids) {
  out.raw(std::array<std::byte, kPreambleBytes>{});
  out.raw(bytes_of(kPrefix));
  const auto group = out.begin_group(at::kFileMetaInformationGroupLength);
  out.bytes(at::kFileMetaInformationVersion, bytes_of(std::string_view{"\0\1", 2}));
  out.text(at::kMediaStorageSOPClassUID, uids.sop_class);
  out.text(at::kMediaStorageSOPInstanceUID, uids.sop_instance);
  out.text(at::kTransferSyntaxUID, uids.transfer_syntax);
  out.text(at::kImplementationClassUID, kImplementationClassUid);
  out.text(at::kImplementationVersionName, kImplementationVersionName);
  out.end(group);
}

}  // namespace scanferry::core
