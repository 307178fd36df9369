// SPDX-License-Identifier: Apache-2.0
#include <scanferry/dimse/command_set.hpp>

#include <algorithm>
#include <array>

#include "words.hpp"

namespace scanferry::dimse {
namespace {

using Number = std::optional<std::uint16_t> CommandSet::*;
using Text = core::FixedString<64> CommandSet::*;
using Title = AeTitle CommandSet::*;
using Tags = TagList CommandSet::*;

/// One element: where it is kept, and how text is padded to even length (PS3.5 6.2: UI by NUL, other text by space).
struct Element {
  std::uint16_t tag;  ///< element number in group 0000
  Number number{nullptr};
  Text text{nullptr};
  Title title{nullptr};
  Tags tags{nullptr};
  std::uint8_t padding{0};
};

/// By ascending tag, the order in which they are written.
constexpr std::array kElements{
    Element{.tag = 0x0002, .text = &CommandSet::affected_sop_class_uid},
    Element{.tag = 0x0003, .text = &CommandSet::requested_sop_class_uid},
    Element{.tag = 0x0100, .number = &CommandSet::command_field},
    Element{.tag = 0x0110, .number = &CommandSet::message_id},
    Element{.tag = 0x0120, .number = &CommandSet::responded_message_id},
    Element{.tag = 0x0600, .title = &CommandSet::move_destination},
    Element{.tag = 0x0700, .number = &CommandSet::priority},
    Element{.tag = 0x0800, .number = &CommandSet::data_set_type},
    Element{.tag = 0x0900, .number = &CommandSet::status},
    Element{.tag = 0x0901, .tags = &CommandSet::offending},
    Element{.tag = 0x0902, .text = &CommandSet::error_comment, .padding = ' '},
    Element{.tag = 0x0903, .number = &CommandSet::error_id},
    Element{.tag = 0x1000, .text = &CommandSet::affected_sop_instance_uid},
    Element{.tag = 0x1001, .text = &CommandSet::requested_sop_instance_uid},
    Element{.tag = 0x1002, .number = &CommandSet::event_type},
    Element{.tag = 0x1005, .tags = &CommandSet::attributes},
    Element{.tag = 0x1008, .number = &CommandSet::action_type},
    Element{.tag = 0x1020, .number = &CommandSet::remaining},
    Element{.tag = 0x1021, .number = &CommandSet::completed},
    Element{.tag = 0x1022, .number = &CommandSet::failed},
    Element{.tag = 0x1023, .number = &CommandSet::warned},
    Element{.tag = 0x1030, .title = &CommandSet::move_originator},
    Element{.tag = 0x1031, .number = &CommandSet::move_message_id},
};

constexpr std::size_t kElementHeaderBytes = 8;
constexpr std::size_t kCommentBytesMax = 64;

// | group 0..1 | element 2..3 | length 4..7 | value 8.. |   little endian, PS3.5 7.1.3
void put_element_header(ByteWriter& out, std::uint16_t tag, std::uint32_t length) {
  out.le16(0x0000);
  out.le16(tag);
  out.le32(length);
}

void put_number(ByteWriter& out, std::uint16_t tag, std::uint16_t value) {
  put_element_header(out, tag, 2);
  out.le16(value);
}

void put_text(ByteWriter& out, std::uint16_t tag, std::string_view text, std::uint8_t padding) {
  if (text.empty()) return;
  const auto odd = text.size() % 2;
  put_element_header(out, tag, static_cast<std::uint32_t>(text.size() + odd));
  out.text(text);
  out.fill(odd, padding);
}

void put_tags(ByteWriter& out, std::uint16_t tag, std::span<const core::Tag> tags) {
  if (tags.empty()) return;
  put_element_header(out, tag, static_cast<std::uint32_t>(4 * tags.size()));
  for (const auto& one : tags) {
    out.le16(one.group);
    out.le16(one.element);
  }
}

void put_element(ByteWriter& out, const CommandSet& command, const Element& element) {
  if (element.text != nullptr) return put_text(out, element.tag, command.*element.text, element.padding);
  if (element.title != nullptr) return put_text(out, element.tag, command.*element.title, ' ');
  if (element.tags != nullptr) return put_tags(out, element.tag, (command.*element.tags).tags());
  if (const auto value = command.*element.number) put_number(out, element.tag, *value);
}

/// Gives what is wrong, or nothing.
template <std::size_t Capacity>
std::string_view read_text(core::FixedString<Capacity>& text, core::ByteView value) {
  text = printable<Capacity>(core::text_of(value));
  if (value.size() <= Capacity) return {};
  return Capacity == AeTitle::capacity() ? "a text of more than 16 characters" : "a text of more than 64 characters";
}

std::string_view read_tags(TagList& tags, core::ByteView value) {
  if (value.size() % 4 != 0) return "a list of tags that are not 4 bytes long";
  for (; !value.empty(); value = value.subspan(4)) tags.add({core::load_le16(value.data()), core::load_le16(value.data() + 2)});
  return {};
}

std::string_view read_value(CommandSet& command, const Element& element, core::ByteView value) {
  // What is for a person alone is cut: a word too many must not make a broken protocol of a success.
  if (element.text == &CommandSet::error_comment) return read_text(command.error_comment, value.first(std::min(value.size(), kCommentBytesMax)));
  if (element.text != nullptr) return read_text(command.*element.text, value);
  if (element.title != nullptr) return read_text(command.*element.title, value);
  if (element.tags != nullptr) return read_tags(command.*element.tags, value);
  if (value.size() != 2) return "a number that is not 2 bytes long";
  command.*element.number = core::load_le16(value.data());
  return {};
}

std::string_view read_element(CommandSet& command, std::uint16_t tag, core::ByteView value) {
  for (const auto& element : kElements) {
    if (element.tag == tag) return read_value(command, element, value);
  }
  return {};  // of another service or a later edition
}

}  // namespace

void put_command_set(ByteWriter& out, const CommandSet& command) {
  put_element_header(out, 0x0000, 4);
  const auto length_at = out.size();
  out.le32(0);
  const auto start = out.size();
  for (const auto& element : kElements) put_element(out, command, element);
  out.patch_le32(length_at, static_cast<std::uint32_t>(out.size() - start));
}

std::expected<CommandSet, Words> read_command_set(core::ByteView bytes) {
  CommandSet command;
  while (!bytes.empty()) {
    if (bytes.size() < kElementHeaderBytes) return std::unexpected{words_of("command set ends inside an element")};
    const auto group = core::load_le16(bytes.data());
    const auto tag = core::load_le16(bytes.data() + 2);
    const std::size_t length = core::load_le32(bytes.data() + 4);
    bytes = bytes.subspan(kElementHeaderBytes);
    if (length > bytes.size() && group != 0) return std::unexpected{words_of("element of group ", Hex{group}, " overruns the command set")};
    if (length > bytes.size()) return std::unexpected{words_of("command element (0000,", Hex{tag}, ") overruns the command set")};
    // PS3.7 6.3.1 has group 0000 alone. DCMTK and Orthanc put behind it what they tell of a failed C-GET beside its counts.
    const auto fault = group == 0 ? read_element(command, tag, bytes.first(length)) : std::string_view{};
    if (!fault.empty()) return std::unexpected{words_of("command element (0000,", Hex{tag}, "): ", fault)};
    bytes = bytes.subspan(length);
  }
  if (!command.command_field) return std::unexpected{words_of("command set without a Command Field")};
  if (!command.data_set_type) return std::unexpected{words_of("command set without a Command Data Set Type")};
  return command;
}

}  // namespace scanferry::dimse
