// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

#include <scanferry/core/bytes.hpp>
#include <scanferry/core/dictionary.hpp>
#include <scanferry/core/finding.hpp>
#include <scanferry/core/result.hpp>
#include <scanferry/core/transfer_syntax.hpp>

namespace scanferry::core {

/// What follows an element's header.
enum class Content : std::uint8_t {
  value,      ///< bytes
  items,      ///< of a sequence
  fragments,  ///< of encapsulated pixels
};

/// What stands before a value.
struct ElementHeader {
  Tag tag;
  Vr vr{Vr::unknown};       ///< `unknown` for items, delimiters and VRs of later editions; `un` for what no dictionary knows
  std::uint32_t length{0};  ///< bytes, or kUndefinedLength
  std::uint32_t depth{0};   ///< containers around it: 0 in the data set, 1 for items of a top-level sequence, 2 inside these
  std::uint64_t offset{0};  ///< of the first header byte
  Encoding encoding{};      ///< of this header
  Content content{};        ///< of an element
};

/// A pull parser for a data set. It never waits and never allocates: it is fed chunks of any size and tells what is in
/// them, one event a call. Structure is checked, each length against its container; values are not judged, and the order
/// of the tags is not, either.
///
///     for (;;) {
///       const auto event = reader.next();
///       for (const Finding& finding : reader.findings()) ...
///       if (!event) ...                                  // reader.next() will repeat the error
///       if (*event == Event::need_input) reader.feed(...) or reader.finish();
///
/// The field is full of data sets that the standard does not allow. Where one continuation is the sane one the reader takes it
/// and says so by a Finding; anything else is an Error, after all that stands before it. Taken, with a finding:
/// - lengths that are odd;
/// - bytes that are no VR: an Implicit VR element where its 32-bit length is possible, else a 16-bit length follows;
/// - two capital letters that are no VR of this edition: a 32-bit length, as all later VRs have (PS3.5 7.1.2), or a 16-bit one
///   where the reserved bytes are not zero;
/// - reserved bytes that are not zero;
/// - undefined length of OB, OW and the like outside Pixel Data: fragments; in Implicit VR, of others that the dictionary does
///   not call a sequence: a sequence;
/// - a sequence or item that is longer than what it is in: it ends there, too;
/// - a delimiter that is missing: at the end of what is around, before the next item, or before an element that can only be
///   the next one further out. A sequence of defined length ends before such an element, too;
/// - anything but an item in a sequence of defined length: the rest of the sequence is passed over;
/// - a delimiter that ends nothing, or one with a length: passed over;
/// - zeros to the end of the data set.
/// Without a finding: UN of undefined length is a sequence in Implicit VR Little Endian (PS3.5 6.2.2). UN of defined length
/// stays bytes, also where the dictionary knows a sequence: `for_items` looks into it.
///
/// Nothing fed is kept but a header's first bytes. After an error the reader is of no more use.
class ElementReader {
 public:
  enum class Event : std::uint8_t {
    need_input,    ///< all that was fed is used up: call `feed`, `skipped` or `finish`
    element,       ///< `header()`; its value follows as `value` events, as items when it is a sequence, as fragments when encapsulated
    value,         ///< `bytes()` are the next piece of the value; `value_left()` more follow
    item,          ///< a sequence item begins; elements follow
    item_end,
    fragment,      ///< an item of encapsulated Pixel Data (the first is the Basic Offset Table); its bytes follow as `value`
    sequence_end,  ///< a sequence or encapsulated Pixel Data ends
    end,           ///< the data set is complete
  };

  /// Containers within containers: 64 sequences and their items. Structured reports, the deepest objects, stay below half.
  static constexpr std::size_t kDepthMax = 128;
  static constexpr std::uint64_t kUnknownEnd = std::numeric_limits<std::uint64_t>::max();

  /// `offset` is where the first byte fed stands in its file, `end` where the data set ends there, when that is known:
  /// lengths are then checked against it, too.
  explicit ElementReader(Encoding encoding, std::uint64_t offset = 0, std::uint64_t end = kUnknownEnd);

  /// A reader for what is in a sequence, without the header of `sequence`: `item` is its first event, or `sequence_end`.
  static ElementReader for_items(Tag sequence, Encoding encoding, std::uint64_t offset, std::uint64_t end);

  /// Gives the next bytes, borrowed until `need_input` comes again. Only before the first `next` or after `need_input`.
  void feed(ByteView chunk) { chunk_ = chunk; }
  /// There are no more bytes: what is unfinished now is an error.
  void finish() { finished_ = true; }

  /// Errors: `truncated`, `bad_length`, `bad_value`, `too_deep`, with the offset and tag of the header concerned. That is `header`
  /// then; of a value that is longer than what is left, the bytes that are there begin at `offset`.
  Result<Event> next();

  /// What was odd on the way to the last event, `need_input` included, with the header each was at; emptied by `next`.
  [[nodiscard]] std::span<const Finding> findings() const { return std::span{findings_}.first(finding_count_); }
  /// Of the last event, or of the error; for an end that no delimiter marks it is a delimiter of length 0 at that place.
  [[nodiscard]] const ElementHeader& header() const { return header_; }
  /// The piece of a `value` event, borrowed from the chunk.
  [[nodiscard]] ByteView bytes() const { return bytes_; }
  [[nodiscard]] std::uint64_t value_left() const { return left_; }
  /// Where the next byte to be read stands.
  [[nodiscard]] std::uint64_t offset() const { return offset_; }

  /// Drops what is left of the value. Returns how many of its bytes were not fed yet: the caller feeds them like any
  /// others, or seeks over all or some of them and says so by `skipped`.
  std::uint64_t skip_value();
  /// `bytes`, at most what `skip_value` returned, were passed over.
  void skipped(std::uint64_t bytes);

 private:
  enum class Kind : std::uint8_t { sequence, item, fragments };
  enum class Length : std::uint8_t { undefined, defined, cut };  // cut: the data set ends before
  struct Container {
    std::uint64_t end{0};  // exclusive; of undefined lengths: of what is around
    Tag tag{};             // of its header
    Kind kind{};
    Encoding encoding{};  // of what is in it
    Length length{};
    bool has_items{false};

    [[nodiscard]] bool is_open() const { return length == Length::undefined; }
  };

  // Findings of one call: one header has four at most, and each stray delimiter before it one or two.
  static constexpr std::size_t kFindingsMax = 12;
  // Delimiters in a row that end nothing. More are no slip of a writer.
  static constexpr std::uint8_t kStraysMax = 4;

  [[nodiscard]] const Container* top() const { return depth_ == 0 ? nullptr : &containers_[depth_ - 1]; }
  [[nodiscard]] Encoding encoding_around() const;
  [[nodiscard]] bool is_big() const { return encoding_ == Encoding::explicit_big_endian; }
  [[nodiscard]] std::uint16_t load16(const std::byte* p) const { return is_big() ? load_be16(p) : load_le16(p); }
  [[nodiscard]] std::uint32_t load32(const std::byte* p) const { return is_big() ? load_be32(p) : load_le32(p); }
  const std::byte* peek(std::size_t bytes);
  void consume(std::size_t header_bytes);
  void note(std::string_view what);
  Result<Event> advance();
  Result<Event> starved();
  Result<Event> end_input();
  Result<Event> fail(Errc code, std::string_view what);
  Result<Event> overflow(std::string_view what);
  Result<Event> read_header();
  Result<Event> read_remainder();
  Result<Event> read_padding();
  Result<Event> read_implicit(const std::byte* start);
  Result<Event> read_explicit(const std::byte* start);
  Result<Event> read_long_form(const std::byte* start);
  Result<Event> read_without_vr(const std::byte* start);
  Result<Event> read_instead_of_item(const std::byte* start);
  Result<Event> begin_element(Encoding inside);
  Result<Event> begin_undefined(Encoding inside);
  Result<Event> read_item_tag(Tag tag, std::uint32_t length);
  Result<Event> begin_item(Kind around);
  Result<Event> pass_stray();
  void pass_delimiter();
  Result<Event> push(Kind kind, Encoding inside, Event event);
  Event pop();
  Event pop_unmarked(std::string_view what);
  Result<Event> close();

  ByteView chunk_{};
  ByteView bytes_{};
  ElementHeader header_{};
  std::uint64_t offset_;
  std::uint64_t end_;      // of the innermost container
  std::uint64_t left_{0};  // of the value that is being read
  std::uint32_t depth_{0};
  Encoding encoding_;  // of the innermost container
  bool discarding_{false};
  bool padding_{false};  // zeros are expected to the end
  bool finished_{false};
  bool failed_{false};
  Encoding root_encoding_;
  std::uint8_t strays_{0};
  std::uint8_t finding_count_{0};
  std::uint8_t held_{0};
  std::array<std::byte, 12> hold_{};  // the first bytes of a header that straddles chunks
  std::uint64_t root_end_;
  Error error_{};
  std::array<Finding, kFindingsMax> findings_{};
  std::array<Container, kDepthMax> containers_{};
};

}  // namespace scanferry::core
