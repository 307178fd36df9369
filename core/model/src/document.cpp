// SPDX-License-Identifier: Apache-2.0
#include <scanferry/model/document.hpp>

#include <algorithm>
#include <array>

#include <scanferry/core/dictionary.hpp>
#include <scanferry/model/tag_path.hpp>

#include "document_reader.hpp"
#include "word_order.hpp"

namespace scanferry::model {
namespace {

constexpr std::size_t kBlockBytes = 64 * 1024;

}  // namespace

Result<Document> Document::read(const ByteSource& source, const ReadLimits& limits) {
  Document document;
  DocumentReader reader{document, source, limits};
  if (auto done = reader.run(); !done) return std::unexpected{done.error()};
  return document;
}

Result<Document> Document::read_data_set(const ByteSource& source, std::string_view transfer_syntax, const ReadLimits& limits) {
  Document document;
  document.set_transfer_syntax(std::string{transfer_syntax});
  DocumentReader reader{document, source, limits};
  if (auto done = reader.run_data_set(); !done) return std::unexpected{done.error()};
  return document;
}

void Document::set_transfer_syntax(std::string uid) { transfer_syntax_ = std::move(uid); }

core::ByteView Document::keep(core::ByteView bytes) {
  if (bytes.empty()) return {};
  const core::ByteBuffer room = reserve(bytes.size());
  std::ranges::copy(bytes, room.begin());
  return room;
}

core::ByteBuffer Document::reserve(std::size_t bytes) {
  if (bytes > room_.size()) {
    const bool is_shared = bytes <= kBlockBytes / 4;
    const std::size_t size = is_shared ? kBlockBytes : bytes;
    const core::ByteBuffer block{blocks_.emplace_back(std::make_unique_for_overwrite<std::byte[]>(size)).get(), size};
    if (!is_shared) return block;
    room_ = block;
  }
  const core::ByteBuffer taken = room_.first(bytes);
  room_ = room_.subspan(bytes);
  return taken;
}

const ByteSource* Document::data_source() const { return inflated_source_ ? inflated_source_.get() : file_; }

Result<std::size_t> Document::read_value(const Element& element, std::uint64_t offset, core::ByteBuffer buffer) const {
  const SourceRange range = std::get<StoredValue>(element.value).range;
  if (offset >= range.size || buffer.empty()) return 0U;
  const bool is_turned = encoding_ == core::Encoding::explicit_big_endian && !element.is_implicit;
  const std::size_t word = is_turned ? core::word_bytes(element.vr) : 1;
  const auto want = static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), range.size - offset));
  const auto into = static_cast<std::size_t>(offset % word);
  if (into == 0 && (want >= word || offset + want == range.size)) {
    // Whole words; what the value ends with may be less than one.
    const std::size_t whole = offset + want == range.size ? want : want - want % word;
    auto got = data_source()->read_at(range.offset + offset, buffer.first(whole));
    if (got) reverse_words(buffer.first(*got), word);
    return got;
  }
  // A part of one word, which is turned as a whole.
  std::array<std::byte, sizeof(std::uint64_t)> one{};
  const std::uint64_t begin = offset - into;
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(word, range.size - begin));
  const auto got = data_source()->read_at(range.offset + begin, core::ByteBuffer{one}.first(size));
  if (!got || *got <= into) return got ? Result<std::size_t>{0U} : got;
  reverse_words(core::ByteBuffer{one}.first(*got), word);
  const std::size_t given = std::min(*got - into, want);
  std::copy_n(one.begin() + static_cast<std::ptrdiff_t>(into), given, buffer.begin());
  return given;
}

}  // namespace scanferry::model
