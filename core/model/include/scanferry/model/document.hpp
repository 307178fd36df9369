// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <scanferry/core/element_reader.hpp>
#include <scanferry/model/byte_source.hpp>
#include <scanferry/model/data_set.hpp>

namespace scanferry::model {

/// How much a Document takes from a file.
struct ReadLimits {
  std::uint64_t held_value_bytes{64 * 1024};          ///< longer values stay in the source
  std::uint64_t elements{10'000'000};                 ///< with items and fragments; more are refused. Each takes some 200 bytes
  std::uint64_t inflated_bytes{256 * 1024 * 1024};    ///< of a deflated data set, which is held in memory whole
  bool stop_before_pixels{false};                     ///< read up to Pixel Data and its kin, no further
};

/// A DICOM file, read: File Meta Information, data set, and what was odd about it. Whatever was readable before a defect is
/// here, too. Owns the values in memory; the larger ones stay in the ByteSource, which must outlive it. Memory: the held
/// values (twice, where UN begins like a sequence and is none), and at most 24 times the bytes of the elements' headers.
class Document {
 public:
  /// Reads all of `source`. Errors: what `source` says when it cannot be read, and that it is no DICOM file at all; a
  /// defect within is no error but `defect`.
  static Result<Document> read(const ByteSource& source, const ReadLimits& limits = {});
  /// Reads a data set that comes without File Meta Information, as in a message. Errors: what `source` says.
  static Result<Document> read_data_set(const ByteSource& source, std::string_view transfer_syntax, const ReadLimits& limits = {});
  /// An empty one, to be filled.
  Document() = default;

  [[nodiscard]] const DataSet& meta() const { return meta_; }
  [[nodiscard]] DataSet& meta() { return meta_; }
  [[nodiscard]] const DataSet& data_set() const { return data_set_; }
  [[nodiscard]] DataSet& data_set() { return data_set_; }

  /// Of the data set: as stated, or as it looked where nothing was stated.
  [[nodiscard]] core::Encoding encoding() const { return encoding_; }
  [[nodiscard]] bool is_deflated() const { return inflated_ != nullptr; }
  /// UID without padding; empty when the file states none.
  [[nodiscard]] std::string_view transfer_syntax() const { return transfer_syntax_; }
  void set_transfer_syntax(std::string uid);
  /// Bytes of the file before the data set; preamble and meta.
  [[nodiscard]] std::uint64_t data_set_offset() const { return data_set_offset_; }
  /// Of File Meta Information; anything but Explicit VR Little Endian is wrong, and met.
  [[nodiscard]] core::Encoding meta_encoding() const { return meta_encoding_; }
  /// Where File Meta Information begins.
  [[nodiscard]] std::uint64_t meta_offset() const { return meta_offset_; }
  /// Where the last element of it that was read ends; normally that is `data_set_offset`.
  [[nodiscard]] std::uint64_t meta_end() const { return meta_end_; }
  /// Where the last element that was read ends, in `data_source`.
  [[nodiscard]] std::uint64_t data_set_end() const { return data_set_end_; }

  /// Where reading had to stop; what follows in the file is not in `data_set`.
  [[nodiscard]] const std::optional<Error>& defect() const { return defect_; }
  /// What was wrong but could be read all the same; at most kFindingsMax.
  [[nodiscard]] const std::vector<Error>& findings() const { return findings_; }
  static constexpr std::size_t kFindingsMax = 1000;

  /// Copies bytes that live as long as the Document.
  core::ByteView keep(core::ByteView bytes);
  /// Room for bytes that live as long as the Document.
  core::ByteBuffer reserve(std::size_t bytes);

  /// The bytes of a value that stayed in the source, from `offset` within it on, in little endian: as many as `buffer` takes, or fewer;
  /// 0 at its end.
  Result<std::size_t> read_value(const Element& element, std::uint64_t offset, core::ByteBuffer buffer) const;
  /// Where the data set was read from: the file, or its inflated bytes. Null for one that was made.
  [[nodiscard]] const ByteSource* data_source() const;
  [[nodiscard]] const ByteSource* file_source() const { return file_; }

 private:
  friend class DocumentReader;

  const ByteSource* file_{nullptr};
  std::unique_ptr<std::vector<std::byte>> inflated_;
  std::unique_ptr<MemorySource> inflated_source_;
  std::vector<std::unique_ptr<std::byte[]>> blocks_;
  core::ByteBuffer room_;  ///< what is left of the last shared block
  DataSet meta_;
  DataSet data_set_;
  core::Encoding encoding_{core::Encoding::explicit_little_endian};
  core::Encoding meta_encoding_{core::Encoding::explicit_little_endian};
  std::string transfer_syntax_;
  std::uint64_t meta_offset_{0};
  std::uint64_t meta_end_{0};
  std::uint64_t data_set_offset_{0};
  std::uint64_t data_set_end_{0};
  std::optional<Error> defect_;
  std::vector<Error> findings_;
};

}  // namespace scanferry::model
