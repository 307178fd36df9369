// SPDX-License-Identifier: Apache-2.0
#include "document_reader.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include <scanferry/model/deflate.hpp>
#include <scanferry/model/tag_path.hpp>

#include "word_order.hpp"

namespace scanferry::model {
namespace {

namespace at = core::attribute;
using core::Vr;

constexpr std::size_t kChunkBytes = 64 * 1024;
constexpr std::uint16_t kMetaGroup = 0x0002;
/// Values of File Meta Information are held whatever the caller wants to hold: a deflated data set has another source than they.
constexpr std::uint64_t kMetaValueBytesMax = 1024 * 1024;
/// What `form_of_data_set` looks at.
constexpr std::size_t kFirstBytes = 16;

bool is_pixel_data(core::Tag tag) {
  return tag == at::kPixelData.tag || tag == at::kFloatPixelData.tag || tag == at::kDoubleFloatPixelData.tag;
}

/// PS3.5 A.1: what the dictionary leaves open in Implicit VR is said by Pixel Representation, here or further out.
void settle_signs(DataSet& data_set, bool is_signed) {
  if (const Element* const said = data_set.find(at::kPixelRepresentation.tag); said != nullptr && said->bytes().size() >= 2) {
    is_signed = core::load_le16(said->bytes().data()) == 1;
  }
  for (Element& element : data_set.elements()) {
    for (Item& item : element.items()) settle_signs(item.data_set, is_signed);
    if (!is_signed || !element.is_implicit || element.vr != Vr::us) continue;
    const auto entry = core::find_entry(element.tag);
    if (entry && entry->allows(Vr::ss)) element.vr = Vr::ss;
  }
}

/// What is before `end` in another source, at the same offsets.
class FrontSource final : public ByteSource {
 public:
  FrontSource(const ByteSource& whole, std::uint64_t end) : whole_{whole}, end_{end} {}

  [[nodiscard]] std::uint64_t size() const override { return end_; }
  Result<std::size_t> read_at(std::uint64_t offset, core::ByteBuffer buffer) const override {
    const std::uint64_t left = end_ - std::min(offset, end_);
    return whole_.read_at(offset, buffer.first(static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), left))));
  }

 private:
  const ByteSource& whole_;
  std::uint64_t end_;
};

}  // namespace

DocumentReader::DocumentReader(Document& document, const ByteSource& source, const ReadLimits& limits)
    : document_{document}, source_{source}, limits_{limits}, buffer_{std::make_unique_for_overwrite<std::byte[]>(kChunkBytes)} {}

Result<void> DocumentReader::run() {
  document_.file_ = &source_;
  std::array<std::byte, core::kStartBytes> head{};
  const auto got = source_.read_at(0, head);
  if (!got) return std::unexpected{got.error()};
  const auto start = core::find_start(core::ByteView{head}.first(*got), source_.size());
  if (!start) return std::unexpected{Error{"this is no DICOM file: it has neither \"DICM\" at byte 128 nor a first element", 0, {}}};
  if (!start->finding.empty()) note({start->finding, start->offset, {}});
  document_.meta_offset_ = start->offset;
  document_.meta_end_ = start->offset;
  document_.data_set_offset_ = start->offset;
  if (start->has_meta) {
    auto end = read_meta(*start);
    if (!end) return std::unexpected{end.error()};
    document_.data_set_offset_ = *end;
  }
  return document_.defect_ ? Result<void>{} : read_data_set(document_.data_set_offset_);
}

Result<void> DocumentReader::run_data_set() {
  document_.file_ = &source_;
  return read_data_set(0);
}

/// Gives back where group 0002 ends.
Result<std::uint64_t> DocumentReader::read_meta(const core::FileStart& start) {
  core::ElementReader reader{start.encoding, start.offset, source_.size()};
  document_.encoding_ = start.encoding;
  document_.meta_encoding_ = start.encoding;
  auto end = read_elements(source_, reader, document_.meta_, true);
  const auto elements = document_.meta_.elements();
  if (!elements.empty()) document_.meta_end_ = elements.back().source.offset + elements.back().source.size;
  document_.transfer_syntax_ = trimmed_text(document_.meta_.find(at::kTransferSyntaxUID.tag));
  return end;
}

Result<void> DocumentReader::read_data_set(std::uint64_t offset) {
  std::array<std::byte, kFirstBytes> first{};
  const auto got = source_.read_at(offset, first);
  if (!got) return std::unexpected{got.error()};
  const auto form = core::form_of_data_set(document_.transfer_syntax_, core::ByteView{first}.first(*got), source_.size() - offset);
  if (!form.finding.empty()) note({form.finding, offset, {}});
  document_.encoding_ = form.syntax.encoding;
  const ByteSource* from = &source_;
  std::optional<Error> defect;
  if (form.syntax.is_deflated) {
    auto inflated = inflate(source_, offset, limits_.inflated_bytes);
    if (!inflated) return std::unexpected{inflated.error()};
    defect = std::move(inflated->defect);
    document_.inflated_ = std::make_unique<std::vector<std::byte>>(std::move(inflated->bytes));
    document_.inflated_source_ = std::make_unique<MemorySource>(*document_.inflated_);
    from = document_.inflated_source_.get();
    offset = 0;
  }
  core::ElementReader reader{document_.encoding_, offset, from->size()};
  const auto end = read_elements(*from, reader, document_.data_set_, false);
  if (!end) return std::unexpected{end.error()};
  const auto elements = document_.data_set_.elements();
  document_.data_set_end_ = elements.empty() ? offset : elements.back().source.offset + elements.back().source.size;
  if (defect) document_.defect_ = std::move(defect);
  settle_signs(document_.data_set_, false);
  return {};
}

Result<std::uint64_t> DocumentReader::read_elements(const ByteSource& source, core::ElementReader& reader, DataSet& into, bool meta_only) {
  from_ = &source;
  position_ = reader.offset();
  cursor_ = reader.offset();
  held_bytes_max_ = meta_only ? kMetaValueBytesMax : limits_.held_value_bytes;
  is_big_endian_ = document_.encoding_ == core::Encoding::explicit_big_endian;
  levels_.assign(1, {&into, nullptr});
  element_ = nullptr;
  for (;;) {
    const auto event = reader.next();
    const auto& header = reader.header();
    const bool is_behind_meta = header.depth == 0 && header.tag.group != kMetaGroup && (!event || *event == Event::element);
    // What follows is in an encoding of its own: how it looks here says nothing.
    if (meta_only && is_behind_meta) return header.offset;
    for (const core::Finding& finding : reader.findings()) note(finding);
    if (!event) {
      const auto& error = event.error();
      document_.defect_ = Error{std::string{error.what}, error.offset, path_to(error.tag)};
      return error.offset;
    }
    if (*event == Event::end) return reader.offset();
    if (*event == Event::need_input) {
      if (auto fed = feed(source, reader); !fed) return std::unexpected{fed.error()};
      continue;
    }
    if (*event == Event::element && limits_.stop_before_pixels && header.depth == 0 && is_pixel_data(header.tag)) return header.offset;
    const bool takes_memory = *event == Event::element || *event == Event::item || *event == Event::fragment;
    if (takes_memory && ++elements_ > limits_.elements) {
      document_.defect_ = Error{"there are more elements than this reader takes: " + std::to_string(limits_.elements), header.offset, path_to(header.tag)};
      return header.offset;
    }
    take(reader, *event);
    cursor_ = reader.offset();
  }
}

Result<void> DocumentReader::feed(const ByteSource& source, core::ElementReader& reader) {
  const core::ByteBuffer buffer{buffer_.get(), kChunkBytes};
  const auto got = source.read_at(position_, buffer);
  if (!got) return std::unexpected{got.error()};
  position_ += *got;
  if (*got == 0) {
    reader.finish();
  } else {
    reader.feed(buffer.first(*got));
  }
  return {};
}

void DocumentReader::take(core::ElementReader& reader, Event event) {
  switch (event) {
    case Event::element: return begin_element(reader);
    case Event::value: return add_to_value(reader);
    case Event::fragment: return add_fragment(reader);
    case Event::item: return begin_item(reader.header());
    case Event::item_end: return end_item(reader.offset());
    case Event::sequence_end: return end_sequence(reader.offset());
    case Event::need_input:
    case Event::end: return;
  }
}

void DocumentReader::begin_element(core::ElementReader& reader) {
  const auto& header = reader.header();
  Element element{.tag = header.tag, .vr = header.vr, .value = core::ByteView{}};
  element.has_undefined_length = header.length == core::kUndefinedLength;
  element.is_implicit = header.encoding == core::Encoding::implicit_little_endian;
  element.source = {header.offset, reader.offset() - header.offset, strays_before(header)};
  Element& placed = levels_.back().data_set->append(std::move(element));
  if (header.content != core::Content::value) {
    if (header.content == core::Content::items) placed.value = std::vector<Item>{};
    if (header.content == core::Content::fragments) placed.value = Fragments{};
    sequences_.push_back(&placed);
  } else {
    placed.source.size += header.length;
    begin_value(reader, placed);
  }
}

std::uint32_t DocumentReader::strays_before(const core::ElementHeader& header) const {
  return static_cast<std::uint32_t>(header.offset - std::min(cursor_, header.offset));
}

void DocumentReader::begin_value(core::ElementReader& reader, Element& element) {
  const std::uint32_t length = reader.header().length;
  if (element.vr == Vr::un && is_sequence_inside(element, reader.offset(), length)) {
    pass_over(reader);
    return;
  }
  if (length > held_bytes_max_) {
    element.value = StoredValue{{reader.offset(), length}};
    pass_over(reader);
    return;
  }
  if (length == 0) return;
  element_ = &element;
  room_ = document_.reserve(length);
  filled_ = 0;
}

void DocumentReader::add_to_value(core::ElementReader& reader) {
  std::ranges::copy(reader.bytes(), room_.begin() + static_cast<std::ptrdiff_t>(filled_));
  filled_ += reader.bytes().size();
  if (reader.value_left() != 0) return;
  // What is in a sequence that was written as UN is little endian, whatever is around it (PS3.5 6.2.2).
  if (is_big_endian_ && !element_->is_implicit) reverse_words(room_, core::word_bytes(element_->vr));
  element_->value = core::ByteView{room_};
}

void DocumentReader::pass_over(core::ElementReader& reader) {
  const std::uint64_t left = reader.skip_value();
  reader.skipped(left);
  position_ += left;
}

void DocumentReader::add_fragment(core::ElementReader& reader) {
  std::get<Fragments>(sequences_.back()->value).items.push_back(StoredValue{{reader.offset(), reader.header().length}});
  pass_over(reader);
}

void DocumentReader::begin_item(const core::ElementHeader& header) {
  auto& items = std::get<std::vector<Item>>(sequences_.back()->value);
  Item& item = items.emplace_back();
  item.source = {header.offset, 0, strays_before(header)};
  item.has_undefined_length = header.length == core::kUndefinedLength;
  levels_.push_back({&item.data_set, sequences_.back()});
}

void DocumentReader::end_item(std::uint64_t offset) {
  levels_.pop_back();
  Item& item = std::get<std::vector<Item>>(sequences_.back()->value).back();
  item.source.size = offset - item.source.offset;
}

void DocumentReader::end_sequence(std::uint64_t offset) {
  sequences_.back()->source.size = offset - sequences_.back()->source.offset;
  sequences_.pop_back();
}

/// PS3.5 6.2.2: a sequence written as UN with a defined length is in Implicit VR Little Endian. It is taken for one when the
/// dictionary says so and all of it reads as one, without a word to say about it.
bool DocumentReader::is_sequence_inside(Element& element, std::uint64_t offset, std::uint32_t length) {
  if (length == 0 || core::vr_in_dictionary(element.tag) != Vr::sq) return false;
  const FrontSource value{*from_, offset + length};
  Element sequence{.tag = element.tag, .vr = Vr::sq, .value = std::vector<Item>{}};
  DocumentReader inner{document_, value, limits_};
  inner.elements_ = elements_;
  inner.sequences_.push_back(&sequence);
  const std::size_t findings = document_.findings_.size();
  auto items = core::ElementReader::for_items(element.tag, core::Encoding::implicit_little_endian, offset, value.size());
  DataSet nothing;
  const bool is_read = inner.read_elements(value, items, nothing, false).has_value();
  elements_ = inner.elements_;
  if (!is_read || document_.defect_ || inner.noted_ != 0) {
    document_.defect_.reset();
    document_.findings_.resize(findings);
    return false;
  }
  element.value = std::move(sequence.value);
  return true;
}

void DocumentReader::note(const core::Finding& finding) {
  ++noted_;
  if (document_.findings_.size() == Document::kFindingsMax) return;
  document_.findings_.push_back(Error{std::string{finding.what}, finding.offset, finding.tag == core::Tag{} ? std::string{} : path_to(finding.tag)});
}

std::string DocumentReader::path_to(core::Tag tag) const {
  TagPath path;
  for (std::size_t i = 1; i < levels_.size(); ++i) {
    const auto items = levels_[i].sequence->items().size();
    path.steps.push_back({levels_[i].sequence->tag, {}, static_cast<std::uint32_t>(items - 1)});
  }
  path.steps.push_back({tag, {}, {}});
  return path.text();
}

}  // namespace scanferry::model
