// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include <scanferry/core/bytes.hpp>
#include <scanferry/core/element_reader.hpp>
#include <scanferry/core/element_writer.hpp>
#include <scanferry/core/finding.hpp>
#include <scanferry/core/fixed_string.hpp>
#include <scanferry/core/result.hpp>
#include <scanferry/core/transfer_syntax.hpp>
#include <scanferry/core/uid.hpp>

namespace scanferry::core {

/// The bytes from the start of a file that `find_start` asks for; of a shorter file all of them.
inline constexpr std::size_t kStartBytes = 144;

/// Where a file's first element is.
struct FileStart {
  std::uint64_t offset{0};
  bool has_meta{false};      ///< it is of group 0002; else the file has a data set only
  Encoding encoding{};       ///< of that element, as it looks
  std::string_view finding;  ///< how the file differs from PS3.10 7.1, static text; empty when it does not
};

/// Finds where a file begins: behind preamble and prefix (PS3.10 7.1), or, where they are missing or damaged, as many old
/// archives have it, where an element is that begins a file. Nothing when this is no DICOM file.
std::optional<FileStart> find_start(ByteView head, std::uint64_t file_bytes);

/// The encoding that `first_bytes` of a data set look like; nothing when they do not tell. Eight bytes are looked at, and
/// `data_set_bytes`, the length of all of it.
std::optional<Encoding> encoding_by_look(ByteView first_bytes, std::uint64_t data_set_bytes);

/// How a data set is to be read.
struct DataSetForm {
  TransferSyntax syntax;
  std::string_view finding;  ///< what was assumed against or without a Transfer Syntax UID, static text; empty when it holds
};

/// What the Transfer Syntax UID says (empty: there is none), unless `first_bytes` of the data set, 8 or more, show that it is not
/// true. `data_set_bytes` is the length of all of it.
DataSetForm form_of_data_set(std::string_view transfer_syntax_uid, ByteView first_bytes, std::uint64_t data_set_bytes);

/// What a C-STORE needs to know of a Part 10 file, PS3.10 7.1. A UID is empty when the file has none.
struct FileMeta {
  Uid sop_class_uid;
  Uid sop_instance_uid;
  Uid transfer_syntax_uid;           ///< as stated
  bool has_meta{false};              ///< there is File Meta Information at all
  std::uint64_t data_set_offset{0};  ///< bytes from the start of the file
  TransferSyntax syntax;             ///< as it looks, where that differs from what is stated
};

/// The longest File Meta Information that is read, Private Information (0002,0102) excepted, which may have any length.
inline constexpr std::uint64_t kFileMetaBytesMax = 64 * 1024;

/// Reads the File Meta Information of a file of any source that can be read at an offset. Nothing of it is held but the UIDs.
///
///     FileMetaReader reader{file_bytes};
///     for (;;) {
///       // read some bytes at reader.offset()
///       const auto is_complete = reader.take(bytes);
///       if (!is_complete || *is_complete) break;
///     }
///
/// What the field gets wrong is taken, with a finding: a missing preamble or prefix, Implicit VR, a group length that is missing or
/// wrong, a second group, no File Meta Information at all, and a Transfer Syntax UID that is missing or not true. Where the elements
/// of group 0002 end counts, not the stated length.
class FileMetaReader {
 public:
  explicit FileMetaReader(std::uint64_t file_bytes) : file_bytes_{file_bytes} {}

  /// Where the next bytes are to be read.
  [[nodiscard]] std::uint64_t offset() const { return offset_; }
  /// Takes bytes from `offset()` on, any number; none says that the file ends there. True when `meta` is complete.
  /// Errors: `not_dicom`; `truncated`; `bad_length`; `bad_value`, with offset and tag.
  Result<bool> take(ByteView bytes);

  [[nodiscard]] const FileMeta& meta() const { return meta_; }
  /// What was odd; the first eight.
  [[nodiscard]] std::span<const Finding> findings() const { return std::span{findings_}.first(finding_count_); }

 private:
  using Event = ElementReader::Event;
  enum class Phase : std::uint8_t { start, elements, data_set, done };

  bool collect(ByteView bytes, std::size_t wanted);
  Result<bool> take_start(ByteView bytes);
  Result<bool> take_elements(ByteView bytes);
  Result<bool> take_data_set(ByteView bytes);
  Result<void> take_event(Event event);
  Result<void> begin_element();
  Result<void> add_to_value();
  Result<void> end_value();
  Result<bool> end_meta();
  Result<bool> settle(ByteView first_bytes);
  Uid* field_of(Tag tag);
  void note(std::string_view what, std::uint64_t offset, Tag tag = {});
  [[nodiscard]] std::unexpected<Error> fail(Errc code, std::string_view what) const;

  std::uint64_t file_bytes_;
  std::uint64_t offset_{0};
  std::uint64_t meta_offset_{0};
  std::uint64_t skipped_{0};
  std::optional<std::uint64_t> stated_end_;
  Phase phase_{Phase::start};
  std::array<std::byte, kStartBytes> held_{};
  std::size_t held_bytes_{0};
  FixedString<66> value_{};  // what is collected of an element: a UID and its padding, or the group length
  bool collecting_{false};
  FileMeta meta_;
  std::array<Finding, 8> findings_{};
  std::size_t finding_count_{0};
  ElementReader elements_{Encoding::explicit_little_endian};
};

/// The same for a file that is in memory whole.
Result<FileMeta> read_file_meta(ByteView file);

/// The UIDs of File Meta Information, without padding; borrowed.
struct FileMetaUids {
  std::string_view sop_class;
  std::string_view sop_instance;
  std::string_view transfer_syntax;
};

/// Writes 128 zeros, the prefix and group 0002 with its length and with us as the implementation. `out` is in Explicit VR Little
/// Endian, as File Meta Information always is.
void write_file_meta(ElementWriter& out, const FileMetaUids& uids);

}  // namespace scanferry::core
