// SPDX-License-Identifier: Apache-2.0
#include "value_bytes.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <concepts>
#include <limits>

#include <scanferry/core/value.hpp>
#include <scanferry/core/value_number.hpp>
#include <scanferry/model/element_text.hpp>

namespace scanferry::model {
namespace {

using core::Vr;

template <core::Number Number>
void append(std::string& bytes, Number number) {
  std::array<std::byte, sizeof(Number)> raw{};
  core::store_number(raw.data(), number, core::ByteOrder::little);
  bytes.append(core::text_of(raw));
}

template <std::integral Number>
bool append_as(std::string& bytes, std::string_view text) {
  Number number{};
  const auto end = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || end.ec != std::errc{} || end.ptr != text.data() + text.size()) return false;
  append(bytes, number);
  return true;
}

/// Numbers as in DS, and those that DS has not, as PS3.18 F.2.3 and `number_values` write them.
template <std::floating_point Number>
bool append_as(std::string& bytes, std::string_view text) {
  using Limits = std::numeric_limits<Number>;
  if (text == "NaN" || text == "nan") {
    append(bytes, Limits::quiet_NaN());
  } else if (text == "inf" || text == "-inf") {
    append(bytes, text == "inf" ? Limits::infinity() : -Limits::infinity());
  } else if (const auto number = core::parse_double(text); number) {
    append(bytes, static_cast<Number>(*number));
  } else {
    return false;
  }
  return true;
}

std::expected<std::string, std::string> hexadecimal(std::string_view text) {
  std::string bytes;
  while (!text.empty()) {
    if (text.front() == ' ' || text.front() == '\\') {  // as dump shows them
      text.remove_prefix(1);
      continue;
    }
    std::uint8_t byte = 0;
    const auto pair = text.substr(0, 2);
    const auto end = std::from_chars(pair.data(), pair.data() + pair.size(), byte, 16);
    if (pair.size() != 2 || end.ptr != pair.data() + 2) return std::unexpected{"bytes are written as pairs of hexadecimal digits"};
    bytes += static_cast<char>(byte);
    text.remove_prefix(2);
  }
  return bytes;
}

std::expected<std::string, std::string> numbers(Vr vr, std::string_view text) {
  std::string bytes;
  while (!text.empty()) {
    const auto one = text.substr(0, text.find('\\'));
    if (!append_number(bytes, vr, one)) {
      return std::unexpected{"\"" + std::string{one} + "\" is no value of VR " + std::string{core::code_of(vr)}};
    }
    text.remove_prefix(std::min(one.size() + 1, text.size()));
  }
  return bytes;
}

std::expected<std::string, std::string> characters_of(Vr vr, std::string_view text, const CharacterSet& characters, bool is_query) {
  std::array<core::ValueFinding, 8> room{};
  const core::ValueContext context{.text = core::TextForm::utf8, .is_query = is_query};
  for (const auto& finding : core::check_value(vr, core::bytes_of(text), context, room)) {
    if (finding.code != core::ValueFault::odd_length && core::severity_of(finding.code) == core::Severity::error) {
      return std::unexpected{std::string{finding.allowed}};
    }
  }
  auto encoded = characters.encode(text, vr);
  if (!encoded) return std::unexpected{std::move(encoded.error().message)};
  return std::move(*encoded);
}

}  // namespace

std::optional<core::Tag> tag_of_digits(std::string_view digits) {
  std::string plain;
  for (const char c : digits) {
    if (c != '(' && c != ')' && c != ',') plain += c;
  }
  std::uint32_t number = 0;
  const auto end = std::from_chars(plain.data(), plain.data() + plain.size(), number, 16);
  if (plain.size() != 8 || end.ptr != plain.data() + plain.size()) return std::nullopt;
  return core::Tag{static_cast<std::uint16_t>(number >> 16U), static_cast<std::uint16_t>(number & 0xFFFFU)};
}

bool append_number(std::string& bytes, Vr vr, std::string_view text) {
  switch (vr) {
    case Vr::us: return append_as<std::uint16_t>(bytes, text);
    case Vr::ss: return append_as<std::int16_t>(bytes, text);
    case Vr::ul: return append_as<std::uint32_t>(bytes, text);
    case Vr::sl: return append_as<std::int32_t>(bytes, text);
    case Vr::uv: return append_as<std::uint64_t>(bytes, text);
    case Vr::sv: return append_as<std::int64_t>(bytes, text);
    case Vr::fl: return append_as<float>(bytes, text);
    case Vr::fd: return append_as<double>(bytes, text);
    default: break;
  }
  const auto tag = tag_of_digits(text);
  if (vr != Vr::at || !tag) return false;
  append(bytes, *tag);
  return true;
}

std::expected<std::string, std::string> value_bytes(Vr vr, std::string_view text, const CharacterSet& characters, bool is_query) {
  auto bytes = core::is_text(vr) ? characters_of(vr, text, characters, is_query) : number_bytes(vr) != 0 ? numbers(vr, text) : hexadecimal(text);
  if (bytes && bytes->size() % 2 != 0) *bytes += static_cast<char>(core::padding_of(vr));
  return bytes;
}

}  // namespace scanferry::model
