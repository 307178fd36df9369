// SPDX-License-Identifier: Apache-2.0
#include "bulk_value.hpp"

#include <algorithm>

#include <scanferry/model/element_text.hpp>

#include "base64.hpp"

namespace scanferry::model {
namespace {

constexpr std::uint64_t kItemHeaderBytes = 8;
constexpr std::size_t kPieceBytes = 3 * 8 * 1024;  // whole groups of base64, and whole numbers

/// Encapsulated pixels: the items, the delimiter excluded (PS3.5 A.4).
SourceRange fragments_range(const Fragments& fragments) {
  const auto& items = fragments.items;
  if (items.empty() || !std::holds_alternative<StoredValue>(items.front())) return {};
  const auto& first = std::get<StoredValue>(items.front()).range;
  const auto& last = std::get<StoredValue>(items.back()).range;
  const std::uint64_t begin = first.offset - kItemHeaderBytes;
  return {begin, last.offset + last.size - begin};
}

SourceRange range_of(const Element& element) {
  if (const auto* const fragments = std::get_if<Fragments>(&element.value)) return fragments_range(*fragments);
  const std::uint64_t size = element.value_size();
  return {element.source.size == 0 ? 0 : element.source.offset + element.source.size - size, size};
}

}  // namespace

bool is_bulk(const Element& element, core::Vr meaning) {
  if (core::is_text(meaning)) return element.is_encapsulated();
  if (!std::holds_alternative<core::ByteView>(element.value)) return true;
  const bool is_list = number_bytes(meaning) != 0 && element.bytes().size() % number_bytes(meaning) == 0;
  return !is_list;
}

Result<HeldElement> hold(const Document& document, const Element& element) {
  HeldElement held{{}, element};
  if (!std::holds_alternative<StoredValue>(element.value)) return held;
  held.bytes.resize(static_cast<std::size_t>(element.value_size()));
  for (std::size_t done = 0; done < held.bytes.size();) {
    const auto got = document.read_value(element, done, core::ByteBuffer{held.bytes}.subspan(done));
    if (!got) return std::unexpected{got.error()};
    if (*got == 0) return std::unexpected{Error{"the file shrank while it was read", element.source.offset, {}}};
    done += *got;
  }
  held.element.value = core::ByteView{held.bytes};
  return held;
}

BulkValue bulk_value_of(const Document& document, const Element& element, core::Vr meaning, const BulkOptions& options) {
  const SourceRange range = range_of(element);
  if (range.size == 0 || options.how == BulkOptions::How::omit) return {};
  const bool is_turned = document.encoding() == core::Encoding::explicit_big_endian && core::word_bytes(meaning) > 1 && !element.is_implicit;
  const bool is_in_file = element.source.size != 0 && !element.is_changed && !document.is_deflated() && !is_turned;
  const bool is_wanted = options.how == BulkOptions::How::reference && range.size > options.in_line_bytes_max;
  return {is_in_file && is_wanted ? BulkValue::Form::reference : BulkValue::Form::in_line, range};
}

std::string bulk_uri(const BulkOptions& options, SourceRange range) {
  return options.uri + "?offset=" + std::to_string(range.offset) + "&length=" + std::to_string(range.size);
}

Result<void> write_base64(const Document& document, const Element& element, SourceRange range, ByteSink& sink) {
  std::string digits;
  if (const auto bytes = element.bytes(); !bytes.empty()) {
    append_base64(digits, bytes);
    return sink.write(core::bytes_of(digits));
  }
  const bool is_stored = std::holds_alternative<StoredValue>(element.value);
  std::vector<std::byte> piece(kPieceBytes);
  for (std::uint64_t done = 0; done < range.size;) {
    const auto want = core::ByteBuffer{piece}.first(static_cast<std::size_t>(std::min<std::uint64_t>(kPieceBytes, range.size - done)));
    const auto got =
        is_stored ? document.read_value(element, done, want) : document.data_source()->read_at(range.offset + done, want);
    if (!got) return std::unexpected{got.error()};
    if (*got != want.size()) return std::unexpected{Error{"the file shrank while it was read", range.offset + done, {}}};
    digits.clear();
    append_base64(digits, want);
    if (auto written = sink.write(core::bytes_of(digits)); !written) return written;
    done += *got;
  }
  return {};
}

}  // namespace scanferry::model
