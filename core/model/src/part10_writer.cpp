// SPDX-License-Identifier: Apache-2.0
#include <scanferry/model/part10_writer.hpp>

#include <algorithm>
#include <array>
#include <optional>

#include <scanferry/core/element_writer.hpp>
#include <scanferry/core/implementation.hpp>
#include <scanferry/core/part10.hpp>
#include <scanferry/core/uid.hpp>
#include <scanferry/model/deflate.hpp>
#include <scanferry/model/tag_path.hpp>

#include "pixel_frames.hpp"
#include "word_order.hpp"

namespace scanferry::model {
namespace {

namespace at = core::attribute;
using core::Encoding;
using core::Vr;

constexpr std::size_t kChunkBytes = 64 * 1024;
constexpr std::uint64_t kShortLengthMax = 0xFFFE;
constexpr std::uint64_t kLongLengthMax = 0xFFFFFFFE;
constexpr std::uint64_t kItemHeaderBytes = 8;
constexpr core::Tag kTrailingPadding{0xFFFC, 0xFFFC};
constexpr std::uint16_t kMetaGroup = 0x0002;
constexpr std::string_view kRleLossless = "1.2.840.10008.1.2.5";

/// Writes data sets in one encoding: all of them anew, or what is unchanged as it was read.
class DataSetWriter {
 public:
  enum class Mode : std::uint8_t { canonical, canonical_meta, changed };

  /// `source`: where the elements were read from.
  DataSetWriter(const Document& document, const ByteSource* source, Encoding encoding, Mode mode, ByteSink& sink)
      : document_{document}, source_{source}, encoding_{encoding}, mode_{mode}, sink_{sink}, buffer_(kChunkBytes) {}

  Result<void> write(const DataSet& data_set) { return write(data_set, encoding_); }

  [[nodiscard]] std::uint64_t size_of(const DataSet& data_set) const { return size_of(data_set, encoding_); }

  /// The outermost Pixel Data is to be written from these frames, native or as RLE Lossless; borrowed.
  void transcode(PixelFrames& frames, core::PixelForm to) {
    frames_ = &frames;
    pixels_to_ = to;
  }

  /// Bytes as they are in the source, with what strayed before them.
  Result<void> copy(SourceRange range) {
    range.offset -= range.strays;
    range.size += range.strays;
    while (range.size != 0) {
      const auto want = static_cast<std::size_t>(std::min<std::uint64_t>(range.size, buffer_.size()));
      const auto got = source_->read_at(range.offset, core::ByteBuffer{buffer_}.first(want));
      if (!got) return std::unexpected{got.error()};
      if (*got == 0) return std::unexpected{Error{"the file shrank while it was read", range.offset, {}}};
      if (auto done = sink_.write(core::ByteView{buffer_}.first(*got)); !done) return done;
      range.offset += *got;
      range.size -= *got;
    }
    return {};
  }

 private:
  Result<void> write(const DataSet& data_set, Encoding encoding) {
    if (mode_ == Mode::changed || std::ranges::is_sorted(data_set.elements(), {}, &Element::tag)) {
      return write_in_order(data_set.elements(), encoding);
    }
    std::vector<const Element*> sorted;
    for (const Element& element : data_set.elements()) sorted.push_back(&element);
    std::ranges::stable_sort(sorted, {}, [](const Element* element) { return element->tag; });
    for (const Element* element : sorted) {
      if (auto done = write(*element, encoding); !done) return done;
    }
    return {};
  }

  Result<void> write_in_order(std::span<const Element> elements, Encoding encoding) {
    for (std::size_t i = 0; i < elements.size(); ++i) {
      if (mode_ == Mode::changed && elements[i].tag.element == 0 && elements[i].bytes().size() == 4) {
        if (auto done = write_group_length(elements, i, encoding); !done) return done;
      } else if (auto done = write(elements[i], encoding); !done) {
        return done;
      }
    }
    return {};
  }

  /// A group length that was right stays right, one that was wrong stays as it is when nothing in its group was changed.
  Result<void> write_group_length(std::span<const Element> elements, std::size_t at, Encoding encoding) {
    std::uint64_t size = 0;
    bool is_changed = elements[at].is_changed;
    for (std::size_t i = at + 1; i < elements.size(); ++i) {
      if (elements[i].tag.group != elements[at].tag.group || elements[i].tag.element == 0) break;
      size += size_of(elements[i], encoding);
      is_changed |= elements[i].is_changed;
    }
    if (!is_changed) return write(elements[at], encoding);
    std::array<std::byte, 4> value{};
    core::store_le32(value.data(), static_cast<std::uint32_t>(size));
    Element counted = elements[at];
    counted.value = core::ByteView{value};
    counted.is_changed = true;
    return write(counted, encoding);
  }

  [[nodiscard]] bool is_kept(const Element& element) const {
    return mode_ == Mode::changed && !element.is_changed && element.source.size != 0;
  }
  [[nodiscard]] bool is_left_out(const Element& element) const {
    if (mode_ == Mode::changed) return false;
    // Read again, File Meta Information that strayed into the data set would be taken for the file's own.
    const bool is_stray_meta = mode_ == Mode::canonical && element.tag.group <= kMetaGroup;
    // PS3.3 C.7.6.3.1.8: of the fragments that there were; an RLE frame that we write needs none.
    const bool is_old_table = frames_ != nullptr && (element.tag == at::kExtendedOffsetTable.tag || element.tag == at::kExtendedOffsetTableLengths.tag);
    return element.tag.element == 0 || element.tag == kTrailingPadding || is_stray_meta || is_old_table;
  }

  /// How the element's own header is written: one that stood in Implicit VR among others stays so.
  [[nodiscard]] Encoding encoding_of(const Element& element, Encoding around) const {
    return mode_ == Mode::changed && element.is_implicit ? Encoding::implicit_little_endian : around;
  }
  /// PS3.5 6.2.2: what is in a sequence that stays UN is in Implicit VR Little Endian.
  [[nodiscard]] Encoding encoding_inside(const Element& element, Encoding around) const {
    const bool is_unknown = mode_ == Mode::changed && element.vr == Vr::un;
    return is_unknown ? Encoding::implicit_little_endian : encoding_of(element, around);
  }

  /// What the element is written as. PS3.5 6.2.2: a value too long for its VR's length goes as UN; a sequence that was UN is one.
  [[nodiscard]] Vr written_vr(const Element& element, Encoding around) const {
    if (element.is_sequence()) return mode_ == Mode::changed && element.vr == Vr::un ? Vr::un : Vr::sq;
    if (element.vr == Vr::unknown) return Vr::un;
    const bool is_too_long = !core::has_long_length(element.vr) && padded_size(element) > kShortLengthMax;
    return is_too_long && encoding_of(element, around) != Encoding::implicit_little_endian ? Vr::un : element.vr;
  }

  [[nodiscard]] static std::uint64_t padded_size(const Element& element) { return element.value_size() + element.value_size() % 2; }

  [[nodiscard]] std::uint64_t header_bytes(const Element& element, Encoding around) const {
    if (encoding_of(element, around) == Encoding::implicit_little_endian) return 8;
    return core::has_long_length(written_vr(element, around)) ? 12 : 8;
  }

  [[nodiscard]] bool is_open(bool has_undefined_length) const { return mode_ == Mode::changed && has_undefined_length; }

  [[nodiscard]] std::uint64_t size_of(const DataSet& data_set, Encoding encoding) const {
    std::uint64_t size = 0;
    for (const Element& element : data_set.elements()) size += size_of(element, encoding);
    return size;
  }

  [[nodiscard]] std::uint64_t size_of(const Element& element, Encoding around) const {
    if (is_left_out(element)) return 0;
    if (is_kept(element)) return element.source.size + element.source.strays;
    return header_bytes(element, around) + content_size(element, around);
  }

  [[nodiscard]] std::uint64_t content_size(const Element& element, Encoding around) const {
    if (const auto* const fragments = std::get_if<Fragments>(&element.value)) {
      std::uint64_t size = kItemHeaderBytes;
      for (const auto& item : fragments->items) size += kItemHeaderBytes + size_of(item) + size_of(item) % 2;
      return size;
    }
    if (!element.is_sequence()) return padded_size(element);
    std::uint64_t size = is_open(element.has_undefined_length) ? kItemHeaderBytes : 0;
    for (const Item& item : element.items()) size += size_of(item, encoding_inside(element, around));
    return size;
  }

  [[nodiscard]] std::uint64_t size_of(const Item& item, Encoding encoding) const {
    if (is_kept(item)) return item.source.size + item.source.strays;
    return kItemHeaderBytes + size_of(item.data_set, encoding) + (is_open(item.has_undefined_length) ? kItemHeaderBytes : 0);
  }
  [[nodiscard]] bool is_kept(const Item& item) const { return mode_ == Mode::changed && !item.is_changed && item.source.size != 0; }

  [[nodiscard]] static std::uint64_t size_of(const std::variant<core::ByteView, StoredValue>& item) {
    const auto* const bytes = std::get_if<core::ByteView>(&item);
    return bytes != nullptr ? bytes->size() : std::get<StoredValue>(item).range.size;
  }

  Result<void> write(const Element& element, Encoding around) {
    if (is_left_out(element)) return {};
    if (frames_ != nullptr && &element == &frames_->element()) {
      return pixels_to_ == core::PixelForm::native ? write_native_frames(around) : write_rle_frames(around);
    }
    if (is_kept(element)) return copy(element.source);
    if (element.is_encapsulated()) return write_fragments(element, around);
    const bool is_undefined = element.is_sequence() && is_open(element.has_undefined_length);
    const std::uint64_t length = content_size(element, around);
    if (length > kLongLengthMax && !is_undefined) return fail(element, "a value of 4 GiB or more has no length in DICOM");
    const auto stated = is_undefined ? core::kUndefinedLength : static_cast<std::uint32_t>(length);
    if (auto done = write_header(element, stated, around); !done) return done;
    if (!element.is_sequence()) return write_value(element, around);
    const Encoding inside = encoding_inside(element, around);
    for (const Item& item : element.items()) {
      if (auto done = write(item, inside); !done) return done;
    }
    return is_undefined ? write_tag(core::kSequenceDelimiterTag, 0, inside) : Result<void>{};
  }

  Result<void> write(const Item& item, Encoding encoding) {
    if (is_kept(item)) return copy(item.source);
    const bool is_undefined = is_open(item.has_undefined_length);
    const std::uint64_t length = size_of(item.data_set, encoding);
    if (length > kLongLengthMax) return std::unexpected{Error{"an item of 4 GiB or more has no length in DICOM", item.source.offset, {}}};
    const auto stated = is_undefined ? core::kUndefinedLength : static_cast<std::uint32_t>(length);
    if (auto done = write_tag(core::kItemTag, stated, encoding); !done) return done;
    if (auto done = write(item.data_set, encoding); !done) return done;
    return is_undefined ? write_tag(core::kItemDelimiterTag, 0, encoding) : Result<void>{};
  }

  Result<void> write_fragments(const Element& element, Encoding encoding) {
    if (encoding != Encoding::explicit_little_endian) return fail(element, "encapsulated pixels exist in Explicit VR Little Endian only");
    if (auto done = write_header(element, core::kUndefinedLength, encoding); !done) return done;
    for (const auto& item : std::get<Fragments>(element.value).items) {
      const std::uint64_t size = size_of(item);
      if (auto done = write_tag(core::kItemTag, static_cast<std::uint32_t>(size + size % 2), encoding); !done) return done;
      const auto* const bytes = std::get_if<core::ByteView>(&item);
      if (auto done = bytes != nullptr ? sink_.write(*bytes) : copy(std::get<StoredValue>(item).range); !done) return done;
      if (auto done = pad(size, Vr::ob); !done) return done;
    }
    return write_tag(core::kSequenceDelimiterTag, 0, encoding);
  }

  /// PS3.5 A.2: OW where a sample has more than 8 bits.
  Result<void> write_native_frames(Encoding encoding) {
    const Element pixels{.tag = frames_->element().tag, .vr = frames_->layout().bytes_per_sample > 1 ? Vr::ow : Vr::ob, .value = core::ByteView{}};
    const std::uint64_t size = frames_->bytes();
    if (size > kLongLengthMax) return fail(frames_->element(), "a value of 4 GiB or more has no length in DICOM");
    if (auto done = write_header(pixels, static_cast<std::uint32_t>(size + size % 2), encoding); !done) return done;
    for (std::uint64_t n = 0; n < frames_->count(); ++n) {
      const auto frame = frames_->frame(n);
      if (!frame) return std::unexpected{frame.error()};
      if (auto done = write_words(pixels.vr, *frame, encoding); !done) return done;
    }
    return pad(size, pixels.vr);
  }

  /// PS3.5 A.4.2: one fragment a frame; the Basic Offset Table is left empty, since the lengths come last.
  Result<void> write_rle_frames(Encoding encoding) {
    const Element pixels{.tag = frames_->element().tag, .vr = Vr::ob, .value = core::ByteView{}};
    std::vector<std::byte> fragment(static_cast<std::size_t>(core::rle_bytes_max(frames_->layout())));
    if (fragment.empty()) return fail(frames_->element(), "RLE Lossless has no place for pixels of so many samples and bytes");
    if (auto done = write_header(pixels, core::kUndefinedLength, encoding); !done) return done;
    if (auto done = write_tag(core::kItemTag, 0, encoding); !done) return done;
    for (std::uint64_t n = 0; n < frames_->count(); ++n) {
      const auto frame = frames_->frame(n);
      if (!frame) return std::unexpected{frame.error()};
      const auto size = core::encode_rle(*frame, frames_->layout(), fragment);
      if (!size) return fail(frames_->element(), size.error().what);
      if (auto done = write_tag(core::kItemTag, static_cast<std::uint32_t>(*size), encoding); !done) return done;
      if (auto done = sink_.write(core::ByteView{fragment}.first(*size)); !done) return done;
    }
    return write_tag(core::kSequenceDelimiterTag, 0, encoding);
  }

  Result<void> write_value(const Element& element, Encoding around) {
    const Vr vr = written_vr(element, around);
    if (std::holds_alternative<StoredValue>(element.value)) {
      for (std::uint64_t offset = 0; offset < element.value_size();) {
        const auto got = document_.read_value(element, offset, buffer_);
        if (!got) return std::unexpected{got.error()};
        if (*got == 0) return fail(element, "the file shrank while it was read");
        if (auto done = write_words(vr, core::ByteView{buffer_}.first(*got), around); !done) return done;
        offset += *got;
      }
    } else if (auto done = write_words(vr, element.bytes(), around); !done) {
      return done;
    }
    return pad(element.value_size(), element.vr);
  }

  /// Bytes that are little endian in memory.
  Result<void> write_words(Vr vr, core::ByteView bytes, Encoding encoding) {
    const std::size_t word = encoding == Encoding::explicit_big_endian ? core::word_bytes(vr) : 1;
    if (word == 1) return sink_.write(bytes);
    std::vector<std::byte> turned(bytes.begin(), bytes.end());
    reverse_words(turned, word);
    return sink_.write(turned);
  }

  Result<void> pad(std::uint64_t size, Vr vr) {
    const std::array<std::byte, 1> padding{core::padding_of(vr)};
    return size % 2 == 0 ? Result<void>{} : sink_.write(padding);
  }

  /// Of an item or a delimiter: without a VR in every encoding (PS3.5 7.5).
  Result<void> write_tag(core::Tag tag, std::uint32_t length, Encoding encoding) {
    const bool is_big = encoding == Encoding::explicit_big_endian;
    const auto store16 = is_big ? core::store_be16 : core::store_le16;
    std::array<std::byte, kItemHeaderBytes> header{};
    store16(&header[0], tag.group);
    store16(&header[2], tag.element);
    (is_big ? core::store_be32 : core::store_le32)(&header[4], length);
    return sink_.write(header);
  }

  Result<void> write_header(const Element& element, std::uint32_t length, Encoding around) {
    std::array<std::byte, 12> room{};
    core::ElementWriter header{room, encoding_of(element, around)};
    header.header({element.tag, written_vr(element, around)}, length);
    return sink_.write(core::ByteView{room}.first(header.size()));
  }

  static std::unexpected<Error> fail(const Element& element, std::string_view what) {
    return std::unexpected{Error{std::string{what}, element.source.offset, TagPath{{{element.tag, {}, {}}}}.text()}};
  }

  const Document& document_;
  const ByteSource* source_;
  Encoding encoding_;
  Mode mode_;
  ByteSink& sink_;
  std::vector<std::byte> buffer_;
  PixelFrames* frames_{nullptr};
  core::PixelForm pixels_to_{};
};

using Mode = DataSetWriter::Mode;

Element plain(core::Attribute attribute, std::string_view text) {
  return {.tag = attribute.tag, .vr = attribute.vr, .value = core::bytes_of(text)};
}

/// PS3.10 7.1: what we vouch for is written anew, the rest stays; what is no UID in the data set is none here.
DataSet new_meta(const Document& document, std::string_view transfer_syntax) {
  constexpr std::string_view kVersion{"\0\1", 2};
  DataSet meta = document.meta();
  meta.erase({0x0002, 0x0000});
  meta.put(plain(at::kFileMetaInformationVersion, kVersion));
  for (const auto& [of_file, of_data] : {std::pair{at::kMediaStorageSOPClassUID, at::kSOPClassUID},
                                         std::pair{at::kMediaStorageSOPInstanceUID, at::kSOPInstanceUID}}) {
    if (const auto uid = trimmed_text(document.data_set().find(of_data.tag)); core::is_valid_uid(uid)) meta.put(plain(of_file, uid));
  }
  meta.put(plain(at::kTransferSyntaxUID, transfer_syntax));
  meta.put(plain(at::kImplementationClassUID, core::kImplementationClassUid));
  meta.put(plain(at::kImplementationVersionName, core::kImplementationVersionName));
  return meta;
}

Result<void> write_meta(const Document& document, std::string_view transfer_syntax, ByteSink& sink) {
  const DataSet meta = new_meta(document, transfer_syntax);
  DataSetWriter writer{document, document.file_source(), Encoding::explicit_little_endian, Mode::canonical_meta, sink};
  constexpr std::string_view kPrefix = "DICM";
  std::array<std::byte, 128 + kPrefix.size() + 12> start{};
  std::ranges::copy(core::bytes_of(kPrefix), start.begin() + 128);
  core::ElementWriter group_length{std::span{start}.last(12)};
  group_length.ul(at::kFileMetaInformationGroupLength, static_cast<std::uint32_t>(writer.size_of(meta)));
  if (auto done = sink.write(start); !done) return done;
  return writer.write(meta);
}

/// In an icon, say.
bool has_compressed_pixels_inside(const DataSet& data_set) {
  return std::ranges::any_of(data_set.elements(), [](const Element& element) {
    return std::ranges::any_of(element.items(), [](const Item& item) {
      return std::ranges::any_of(item.data_set.elements(), &Element::is_encapsulated) || has_compressed_pixels_inside(item.data_set);
    });
  });
}

/// The frames, where the pixels have to get another form to be written in `transfer_syntax`; nothing where they stay as they are.
Result<std::optional<PixelFrames>> frames_to_transcode(const Document& document, std::string_view transfer_syntax) {
  const Element* const pixels = document.data_set().find(at::kPixelData.tag);
  const bool is_rle = transfer_syntax == kRleLossless;
  const bool is_native = core::transfer_syntax_of(transfer_syntax).pixels == core::PixelForm::native;
  if (transfer_syntax == document.transfer_syntax()) return std::nullopt;
  if (has_compressed_pixels_inside(document.data_set())) {
    return std::unexpected{Error{"the pixels of an icon are compressed: another transfer syntax would have to decode them", 0, {}}};
  }
  if (pixels == nullptr || (is_native && !pixels->is_encapsulated())) return std::nullopt;
  if (!is_rle && !is_native) return std::unexpected{Error{"no encoder for the pixels of this transfer syntax is here", 0, {}}};
  auto frames = PixelFrames::of(document);
  if (!frames) return std::unexpected{frames.error()};
  return std::optional{std::move(*frames)};
}

Result<void> write_changed_data_set(const Document& document, ByteSink& sink) {
  DataSetWriter writer{document, document.data_source(), document.encoding(), Mode::changed, sink};
  if (auto done = writer.write(document.data_set()); !done) return done;
  const std::uint64_t end = document.data_set_end();
  return writer.copy({end, document.data_source()->size() - end});
}

}  // namespace

Result<void> write_data_set(const Document& document, const DataSet& data_set, Encoding encoding, ByteSink& sink) {
  return DataSetWriter{document, document.data_source(), encoding, Mode::canonical, sink}.write(data_set);
}

Result<void> write_part10(const Document& document, std::string_view transfer_syntax, ByteSink& sink) {
  const auto syntax = core::transfer_syntax_of(transfer_syntax);
  auto frames = frames_to_transcode(document, transfer_syntax);
  if (!frames) return std::unexpected{frames.error()};
  if (auto done = write_meta(document, transfer_syntax, sink); !done) return done;
  std::optional<DeflateSink> deflated;
  if (syntax.is_deflated) deflated.emplace(sink);
  DataSetWriter writer{document, document.data_source(), syntax.encoding, Mode::canonical, deflated ? static_cast<ByteSink&>(*deflated) : sink};
  if (*frames) writer.transcode(**frames, syntax.pixels);
  if (auto done = writer.write(document.data_set()); !done) return done;
  return deflated ? deflated->finish() : Result<void>{};
}

Result<void> write_changed(const Document& document, ByteSink& sink) {
  if (document.defect()) return std::unexpected{*document.defect()};
  DataSetWriter meta{document, document.file_source(), document.meta_encoding(), Mode::changed, sink};
  if (auto done = meta.copy({0, document.meta_offset()}); !done) return done;
  if (auto done = meta.write(document.meta()); !done) return done;
  if (auto done = meta.copy({document.meta_end(), document.data_set_offset() - document.meta_end()}); !done) return done;
  if (!document.is_deflated()) return write_changed_data_set(document, sink);
  DeflateSink deflated{sink};
  if (auto done = write_changed_data_set(document, deflated); !done) return done;
  return deflated.finish();
}

}  // namespace scanferry::model
