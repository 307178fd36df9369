// SPDX-License-Identifier: Apache-2.0
#include <scanferry/dimse/pdu_reader.hpp>

#include <algorithm>

#include "words.hpp"

namespace scanferry::dimse {
namespace {

static_assert(kPduHeaderBytes == kPdvHeaderBytes, "one array serves both headers");

bool is_known(PduType type) { return type >= PduType::associate_rq && type <= PduType::abort; }
bool is_associate(PduType type) { return type == PduType::associate_rq || type == PduType::associate_ac; }

/// RFC 8446 5.1: | content type 0 | version 3.x 1..2 | length |; what a TLS peer says, be it a hello or an alert.
bool looks_like_tls(core::ByteView head) {
  const auto content = std::to_integer<unsigned>(head[0]);
  return content >= 0x14 && content <= 0x17 && head[1] == std::byte{3} && std::to_integer<unsigned>(head[2]) <= 4;
}

bool looks_like_http(std::string_view head) {
  constexpr std::array<std::string_view, 7> kBeginnings{"HTTP/", "GET ", "POST ", "HEAD ", "PUT ", "OPTION", "CONNEC"};
  return std::ranges::any_of(kBeginnings, [head](auto beginning) { return head.starts_with(beginning); });
}

/// Names what is spoken when the first bytes are no PDU.
Words name_stranger(core::ByteView head) {
  const auto text = core::text_of(head);
  if (looks_like_tls(head)) return words_of("the peer speaks TLS on this port");
  if (looks_like_http(text)) return words_of("the peer speaks HTTP on this port, not DICOM");
  if (text.starts_with("SSH-")) return words_of("the peer speaks SSH on this port, not DICOM");
  return words_of("unknown PDU type ", std::to_integer<unsigned>(head[0]), "; is this a DICOM port?");
}

}  // namespace

/// Fills `place` up from the input; true when it is full.
bool PduReader::gather(core::ByteView& input, core::ByteBuffer place) {
  const auto count = std::min(place.size() - filled_, input.size());
  std::ranges::copy(input.first(count), place.begin() + static_cast<std::ptrdiff_t>(filled_));
  input = input.subspan(count);
  filled_ += count;
  taken_ += count;
  if (filled_ < place.size()) return false;
  filled_ = 0;
  return true;
}

std::optional<Incoming> PduReader::next(core::ByteView& input) {
  while (!input.empty() || (step_ == Step::pdv_value && pdv_remaining_ == 0)) {
    std::optional<Incoming> found;
    switch (step_) {
      case Step::pdu_header: found = read_pdu_header(input); break;
      case Step::pdu_value: found = read_pdu_value(input); break;
      case Step::pdv_header: found = read_pdv_header(input); break;
      case Step::pdv_value: found = read_pdv_value(input); break;
      case Step::broken: input = {}; break;
    }
    if (found) return found;
  }
  return std::nullopt;
}

/// What is wrong with a PDU of this length, judged before a byte of its value is taken; empty: nothing.
Words PduReader::fault_of_length(std::uint32_t length) const {
  const auto name = name_of(type_);
  if (is_associate(type_)) {
    if (length <= buffer_.size()) return {};
    return words_of(name, " of ", length, " bytes; we take at most ", buffer_.size());
  }
  if (type_ != PduType::p_data_tf) return length == kShortPduBytes ? Words{} : words_of(name, " of ", length, " bytes, not 4");
  if (length < kPdvHeaderBytes) return words_of(name, " of ", length, " bytes holds no PDV");
  if (p_data_bytes_max_ == kPduUnlimited || length <= p_data_bytes_max_) return {};
  return words_of(name, " of ", length, " bytes; we announced at most ", p_data_bytes_max_);
}

std::optional<Incoming> PduReader::read_pdu_header(core::ByteView& input) {
  if (!gather(input, header_)) return std::nullopt;
  type_ = static_cast<PduType>(header_[0]);
  if (!is_known(type_)) return fault(AbortReason::unrecognized_pdu, name_stranger(header_));
  pdu_remaining_ = core::load_be32(header_.data() + 2);
  if (const auto what = fault_of_length(pdu_remaining_); !what.empty()) return fault(AbortReason::invalid_parameter, what);
  step_ = type_ == PduType::p_data_tf ? Step::pdv_header : Step::pdu_value;
  // An A-ASSOCIATE of no bytes is complete already, and wrong.
  return pdu_remaining_ > 0 ? std::nullopt : read_pdu_value(input);
}

core::ByteBuffer PduReader::place_of_value() {
  return is_associate(type_) ? buffer_.first(pdu_remaining_) : core::ByteBuffer{short_};
}

std::optional<Incoming> PduReader::read_pdu_value(core::ByteView& input) {
  const auto place = place_of_value();
  if (!gather(input, place)) return std::nullopt;
  step_ = Step::pdu_header;
  return Incoming{.kind = Incoming::Kind::pdu, .type = type_, .value = place, .fragment = {}, .fault = {}};
}

// | PDV length 0..3 | context id 4 | message control header 5 |   PS3.8 9.3.5.1, E.2: bit 0 command, bit 1 last
std::optional<Incoming> PduReader::read_pdv_header(core::ByteView& input) {
  if (!gather(input, header_)) return std::nullopt;
  const auto length = core::load_be32(header_.data());
  if (length < 2 || length > pdu_remaining_ - 4) {
    return fault(AbortReason::invalid_parameter,
                 words_of("PDV of ", length, " bytes in the last ", pdu_remaining_ - 4, " of its P-DATA-TF"));
  }
  const auto control = std::to_integer<unsigned>(header_[5]);
  fragment_.context_id = std::to_integer<std::uint8_t>(header_[4]);
  fragment_.kind = static_cast<FragmentKind>(control & 1U);
  fragment_is_last_ = (control & 2U) != 0;
  pdv_remaining_ = length - 2;
  pdu_remaining_ -= length + 4;
  step_ = Step::pdv_value;
  if (pdu_remaining_ > 0 && pdu_remaining_ < kPdvHeaderBytes) {
    return fault(AbortReason::invalid_parameter, words_of(pdu_remaining_, " bytes behind the last PDV of a P-DATA-TF"));
  }
  return std::nullopt;
}

std::optional<Incoming> PduReader::read_pdv_value(core::ByteView& input) {
  const auto count = std::min<std::size_t>(pdv_remaining_, input.size());
  fragment_.bytes = input.first(count);
  input = input.subspan(count);
  taken_ += count;
  pdv_remaining_ -= static_cast<std::uint32_t>(count);
  const bool ends = pdv_remaining_ == 0;
  if (ends) step_ = pdu_remaining_ > 0 ? Step::pdv_header : Step::pdu_header;
  fragment_.last = ends && fragment_is_last_;
  return Incoming{.kind = Incoming::Kind::fragment, .type = PduType::p_data_tf, .value = {}, .fragment = fragment_, .fault = {}};
}

Incoming PduReader::fault(AbortReason reason, const Words& what) {
  step_ = Step::broken;
  return {.kind = Incoming::Kind::fault, .type = type_, .value = {}, .fragment = {}, .fault = {reason, what}};
}

}  // namespace scanferry::dimse
