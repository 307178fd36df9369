// SPDX-License-Identifier: Apache-2.0
// The first byte chooses the declared sets, the second the VR, the rest is the value (or, for an odd second byte, UTF-8 to encode).
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <scanferry/core/utf8.hpp>
#include <scanferry/model/character_set.hpp>

#include "require.hpp"

namespace {

using namespace scanferry;
using fuzz::require;

constexpr std::string_view kSets[] = {
    "", "ISO_IR 100", "ISO_IR 101", "ISO_IR 109", "ISO_IR 110", "ISO_IR 144", "ISO_IR 127", "ISO_IR 126", "ISO_IR 138",
    "ISO_IR 148", "ISO_IR 203", "ISO_IR 166", "ISO_IR 13", "ISO_IR 192", "GB18030", "GBK", "\\ISO 2022 IR 87",
    "ISO 2022 IR 13\\ISO 2022 IR 87\\ISO 2022 IR 159", "\\ISO 2022 IR 149", "\\ISO 2022 IR 58", "ISO 2022 IR 149",
    "ISO 2022 IR 58", "ISO 2022 IR 100\\ISO 2022 IR 144\\ISO 2022 IR 126", "ISO 2022 IR 148\\ISO 2022 IR 87\\ISO 2022 IR 149",
    "ISO 2022 IR 6\\ISO 2022 IR 58\\ISO 2022 IR 159\\ISO 2022 IR 13\\ISO 2022 IR 203",
};
constexpr core::Vr kVrs[] = {core::Vr::pn, core::Vr::lo, core::Vr::lt, core::Vr::uc, core::Vr::cs};

void check_decoding(const model::CharacterSet& set, std::string_view raw, core::Vr vr) {
  const model::Decoded decoded = set.decode(raw, vr);
  require(core::utf8_length(decoded.text).has_value());
  require(decoded.text.size() <= raw.size() * model::CharacterSet::kDecodedPerByte);
  require(decoded.text.find('\x1B') == std::string::npos);
  const auto encoded = set.encode(decoded.text, vr);
  require(encoded.has_value() || decoded.flaw.has_value());
  if (encoded) require(set.decode(*encoded, vr).text == decoded.text);
  const bool has_extensions = set.value().find("2022") != std::string::npos;
  const bool has_escape = raw.find('\x1B') != std::string_view::npos;
  if (!has_extensions && !has_escape) require(encoded && *encoded == raw);
  require(core::utf8_length(model::diagnose(set, raw, vr)).has_value());
}

void check_encoding(const model::CharacterSet& set, std::string_view text, core::Vr vr) {
  const auto encoded = set.encode(text, vr);
  if (!encoded) return require(core::utf8_length(encoded.error().message).has_value());
  require(encoded->size() <= text.size() * model::CharacterSet::kEncodedPerByte);
  require(set.decode(*encoded, vr).text == text);
}

void check_term(std::string_view term) {
  std::string complaint;
  const auto set = model::CharacterSet::of(term, &complaint);
  require(core::is_ascii(complaint));
  std::string complaint_again;
  require(!set.is_understood() || model::CharacterSet::of(set.value(), &complaint_again) == set);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view input{reinterpret_cast<const char*>(data) + 2, size - 2};
  if (data[0] == 0xFF) {
    check_term(input);
    return 0;
  }
  const auto set = model::CharacterSet::of(kSets[data[0] % std::size(kSets)]);
  const core::Vr vr = kVrs[(data[1] / 2U) % std::size(kVrs)];
  data[1] % 2 == 0 ? check_decoding(set, input, vr) : check_encoding(set, input, vr);
  return 0;
}
