// SPDX-License-Identifier: Apache-2.0
#include "cli/file_dump.hpp"

#include <array>
#include <optional>

#include <scanferry/core/uid.hpp>

namespace scanferry::firmware {
namespace {

constexpr std::size_t kBufferBytes = 64 * 1024;
constexpr std::size_t kLinesBytes = 16 * 1024;
constexpr std::uint64_t kPrefixOffset = 128;
constexpr std::uint64_t kMetaOffset = 132;
constexpr std::uint16_t kMetaGroup = 0x0002;

/// Where a file's first element is, and how it is encoded.
struct Start {
  std::uint64_t offset{0};
  bool has_meta{false};
  core::Encoding encoding{core::Encoding::explicit_little_endian};
};

/// Files without a preamble are common in old archives: their first element gives them away.
std::optional<Start> find_start(core::ByteView head, std::uint64_t file_bytes) {
  if (head.size() >= kMetaOffset && core::text_of(head.subspan(kPrefixOffset, 4)) == "DICM") return Start{kMetaOffset, true, {}};
  if (head.size() < 8) return std::nullopt;
  const core::Tag tag{core::load_le16(&head[0]), core::load_le16(&head[2])};
  const bool is_explicit =
      core::vr_of(std::to_integer<std::uint8_t>(head[4]), std::to_integer<std::uint8_t>(head[5])) != core::Vr::unknown;
  const bool is_known = !core::find_attribute(tag).keyword.empty() && tag.group != 0 && tag.group % 2 == 0;
  if (!is_known || (!is_explicit && core::load_le32(&head[4]) > file_bytes - 8)) return std::nullopt;
  if (is_explicit && tag.group == kMetaGroup) return Start{0, true, {}};
  return Start{0, false, is_explicit ? core::Encoding::explicit_little_endian : core::Encoding::implicit_little_endian};
}

std::string_view name_of(core::Encoding encoding) {
  return encoding == core::Encoding::implicit_little_endian ? "Implicit VR Little Endian" : "Explicit VR Little Endian";
}

}  // namespace

FileDump::FileDump(platform::File& file, std::string path, std::size_t value_max, Show show)
    : file_{file}, path_{std::move(path)}, show_{std::move(show)}, format_{value_max}, buffer_(kBufferBytes) {}

Result<void> FileDump::run() {
  const auto size = file_.size();
  if (!size) return no_luck(size.error());
  size_ = *size;
  const auto got = file_.read_at(0, std::span{buffer_}.first(kMetaOffset));
  if (!got) return no_luck(got.error());
  const auto start = find_start(core::ByteView{buffer_}.first(*got), size_);
  if (!start) return bad_input(path_, ": is not a DICOM file");
  if (!start->has_meta) {
    title(text("Data set without File Meta Information, taken as ", name_of(start->encoding)));
    return show_data_set(start->offset, start->encoding);
  }
  const auto data_set = show_meta(start->offset);
  if (!data_set) return std::unexpected{data_set.error()};
  transfer_syntax_.resize(transfer_syntax_.find_last_not_of(std::string_view{"\0 ", 2}) + 1);
  const auto encoding = core::encoding_of(transfer_syntax_);
  title(text("Data set, transfer syntax ", core::is_valid_uid(transfer_syntax_) ? transfer_syntax_ : "not stated"));
  if (encoding) return show_data_set(*data_set, *encoding);
  put();
  return bad_input(path_, ": big endian and deflated data sets are not shown");
}

/// Gives back where group 0002 ends.
Result<std::uint64_t> FileDump::show_meta(std::uint64_t start) {
  title("File Meta Information");
  position_ = start;
  core::ElementReader reader{core::Encoding::explicit_little_endian, start, size_};
  for (;;) {
    const auto event = next(reader);
    const auto& header = reader.header();
    if (event && *event == Event::end) break;
    // The data set may be in another encoding: what its first element looks like here says nothing.
    if (header.tag.group != kMetaGroup && header.depth == 0) {
      format_.flush(lines_);
      return header.offset;
    }
    if (!event) return std::unexpected{event.error()};
    if (*event == Event::value && header.tag == core::attribute::kTransferSyntaxUID.tag) transfer_syntax_ += core::text_of(reader.bytes());
    take(*event, reader);
  }
  format_.flush(lines_);
  return size_;
}

Result<void> FileDump::show_data_set(std::uint64_t start, core::Encoding encoding) {
  position_ = start;
  core::ElementReader reader{encoding, start, size_};
  for (;;) {
    const auto event = next(reader);
    if (!event) return std::unexpected{event.error()};
    take(*event, reader);
    if (*event != Event::end) continue;
    put();
    return {};
  }
}

/// The next event other than `need_input`.
Result<FileDump::Event> FileDump::next(core::ElementReader& reader) {
  for (;;) {
    const auto event = reader.next();
    if (!event) {
      format_.flush(lines_);
      put();
      return bad_input(path_, ": ", describe(event.error()));
    }
    if (*event != Event::need_input) return *event;
    if (auto fed = feed(reader); !fed) return std::unexpected{fed.error()};
  }
}

Result<void> FileDump::feed(core::ElementReader& reader) {
  const auto got = file_.read_at(position_, buffer_);
  if (!got) return no_luck(got.error());
  position_ += *got;
  if (*got == 0) {
    reader.finish();
  } else {
    reader.feed(core::ByteView{buffer_}.first(*got));
  }
  return {};
}

void FileDump::take(Event event, core::ElementReader& reader) {
  format_.take(event, reader, lines_);
  if (format_.has_enough()) {
    const std::uint64_t left = reader.skip_value();
    reader.skipped(left);
    position_ += left;
  }
  if (lines_.size() > kLinesBytes) put();
}

void FileDump::title(std::string_view words) { lines_.append("# ").append(words).append("\n"); }

void FileDump::put() {
  show_(lines_);
  lines_.clear();
}

}  // namespace scanferry::firmware
