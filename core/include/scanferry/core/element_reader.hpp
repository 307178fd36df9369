// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>

#include <scanferry/core/bytes.hpp>
#include <scanferry/core/dictionary.hpp>
#include <scanferry/core/result.hpp>

namespace scanferry::core {

/// How Data Elements are laid out in bytes.
enum class Encoding : std::uint8_t {
  explicit_little_endian,  ///< PS3.5 A.2, and A.4 for the compressed transfer syntaxes
  implicit_little_endian,  ///< PS3.5 A.1
};

/// The encoding of a transfer syntax; nothing for Explicit VR Big Endian and the deflated ones, which are not read.
std::optional<Encoding> encoding_of(std::string_view transfer_syntax_uid);

/// What stands before a value.
struct ElementHeader {
  Tag tag;
  Vr vr{Vr::unknown};       ///< `unknown` for items, delimiters and VRs of later editions; `un` for what no dictionary knows
  std::uint32_t length{0};  ///< bytes, or kUndefinedLength
  std::uint32_t depth{0};   ///< containers around it: 0 in the data set, 1 for items of a top-level sequence, 2 inside these
  std::uint64_t offset{0};  ///< of the first header byte
};

/// A pull parser for a data set. It never waits and never allocates: it is fed chunks of any size and tells what is in
/// them, one event a call. Structure is checked (each length against its container); values are not judged, and
/// odd lengths and unsorted tags pass, because the field is full of them.
///
///     for (;;) {
///       const auto event = reader.next();
///       if (!event) ...                                  // reader.next() will repeat the error
///       if (*event == Event::need_input) reader.feed(...) or reader.finish();
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

  /// Gives the next bytes, borrowed until `need_input` comes again. Only before the first `next` or after `need_input`.
  void feed(ByteView chunk) { chunk_ = chunk; }
  /// There are no more bytes: what is unfinished now is an error.
  void finish() { finished_ = true; }

  /// Errors: `truncated`, `bad_length`, `bad_value`, `too_deep`, with the offset and tag of the header concerned.
  Result<Event> next();

  /// Of the last event; for the implied end of a defined length it is a delimiter of length 0 at that place.
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
  struct Container {
    std::uint64_t end{0};  // exclusive; of undefined lengths: of what is around
    Kind kind{};
    bool is_defined{false};
    bool is_implicit{false};
  };

  [[nodiscard]] const Container* top() const { return depth_ == 0 ? nullptr : &containers_[depth_ - 1]; }
  const std::byte* peek(std::size_t bytes);
  void consume(std::size_t header_bytes);
  Result<Event> starved();
  Result<Event> fail(Errc code, std::string_view what);
  Result<Event> overflow(std::string_view what);
  Result<Event> read_header();
  Result<Event> read_implicit(const std::byte* start);
  Result<Event> read_explicit(const std::byte* start);
  Result<Event> begin_element();
  Result<Event> begin_undefined();
  Result<Event> read_item_tag(Tag tag, std::uint32_t length);
  Result<Event> begin_item(Kind around);
  Result<Event> push(Kind kind, std::uint32_t length, bool is_implicit, Event event);
  Event pop();
  Event close();

  ByteView chunk_{};
  ByteView bytes_{};
  ElementHeader header_{};
  std::uint64_t offset_;
  std::uint64_t end_;      // of the innermost container
  std::uint64_t left_{0};  // of the value that is being read
  std::uint32_t depth_{0};
  bool is_implicit_;
  bool discarding_{false};
  bool finished_{false};
  bool failed_{false};
  bool root_is_implicit_;
  std::uint8_t held_{0};
  std::array<std::byte, 12> hold_{};  // the first bytes of a header that straddles chunks
  std::uint64_t root_end_;
  Error error_{};
  std::array<Container, kDepthMax> containers_{};
};

}  // namespace scanferry::core
