// SPDX-License-Identifier: Apache-2.0
#include "wire.hpp"

#include <algorithm>
#include <array>

namespace scanferry::tests {
namespace {

/// No peer of the simulator sends longer ones.
constexpr std::uint32_t kPduBytesMax = 1U << 20U;
constexpr std::size_t kPduHeaderBytes = 6;

std::uint16_t tag_element(std::uint32_t tag) { return static_cast<std::uint16_t>(tag & 0xFFFFU); }

}  // namespace

Wire& Wire::u8(std::uint8_t value) {
  data_.push_back(static_cast<std::byte>(value));
  return *this;
}
Wire& Wire::be16(std::uint16_t value) { return u8(static_cast<std::uint8_t>(value >> 8U)).u8(static_cast<std::uint8_t>(value & 0xFFU)); }
Wire& Wire::be32(std::uint32_t value) {
  return be16(static_cast<std::uint16_t>(value >> 16U)).be16(static_cast<std::uint16_t>(value & 0xFFFFU));
}
Wire& Wire::le16(std::uint16_t value) { return u8(static_cast<std::uint8_t>(value & 0xFFU)).u8(static_cast<std::uint8_t>(value >> 8U)); }
Wire& Wire::le32(std::uint32_t value) {
  return le16(static_cast<std::uint16_t>(value & 0xFFFFU)).le16(static_cast<std::uint16_t>(value >> 16U));
}
Wire& Wire::bytes(core::ByteView bytes) {
  data_.insert(data_.end(), bytes.begin(), bytes.end());
  return *this;
}
Wire& Wire::text(std::string_view text) { return bytes(core::bytes_of(text)); }
Wire& Wire::padded(std::string_view text, std::size_t width) {
  std::string full{text};
  full.resize(width, ' ');
  return this->text(full);
}
Wire& Wire::item(std::uint8_t type, core::ByteView value) {
  return u8(type).u8(0).be16(static_cast<std::uint16_t>(value.size())).bytes(value);
}
Wire& Wire::item(std::uint8_t type, std::string_view value) { return item(type, core::bytes_of(value)); }

core::ByteView Unwire::take(std::size_t n) {
  if (n > rest_.size()) {
    good_ = false;
    n = rest_.size();
  }
  const auto taken = rest_.first(n);
  rest_ = rest_.subspan(n);
  return taken;
}
std::uint8_t Unwire::u8() {
  const auto b = take(1);
  return b.empty() ? std::uint8_t{0} : std::to_integer<std::uint8_t>(b[0]);
}
std::uint16_t Unwire::be16() {
  const auto high = u8();
  return static_cast<std::uint16_t>(high << 8U | u8());
}
std::uint32_t Unwire::be32() {
  const std::uint32_t high = be16();
  return high << 16U | be16();
}
std::uint16_t Unwire::le16() {
  const auto low = u8();
  return static_cast<std::uint16_t>(low | u8() << 8U);
}
std::uint32_t Unwire::le32() {
  const std::uint32_t low = le16();
  return low | std::uint32_t{le16()} << 16U;
}
std::string Unwire::text(std::size_t n) {
  std::string text{core::text_of(take(n))};
  while (!text.empty() && (text.back() == '\0' || text.back() == ' ')) text.pop_back();
  return text;
}

Bytes make_pdu(std::uint8_t type, core::ByteView value) {
  return Wire{}.u8(type).u8(0).be32(static_cast<std::uint32_t>(value.size())).bytes(value).data();
}

// PS3.8 9.3.5.1: item length, context id, message control header, fragment.
Bytes make_data_pdus(std::uint8_t context, bool is_command, core::ByteView value, std::size_t fragment_bytes) {
  Wire out;
  do {
    const auto n = std::min(fragment_bytes, value.size());
    const bool last = n == value.size();
    const auto control = static_cast<std::uint8_t>((is_command ? 1U : 0U) | (last ? 2U : 0U));
    const auto pdv = Wire{}.be32(static_cast<std::uint32_t>(n + 2)).u8(context).u8(control).bytes(value.first(n)).data();
    out.bytes(make_pdu(kData, pdv));
    value = value.subspan(n);
  } while (!value.empty());
  return out.data();
}

std::optional<std::vector<Pdv>> split_pdvs(const Pdu& pdu) {
  std::vector<Pdv> pdvs;
  Unwire in{pdu.value};
  while (!in.empty()) {
    const auto length = in.be32();
    if (length < 2) return std::nullopt;
    const auto context = in.u8();
    const auto control = in.u8();
    pdvs.push_back({context, (control & 1U) != 0, (control & 2U) != 0, in.take(length - 2)});
    if (!in.good() || (control & 0xFCU) != 0) return std::nullopt;
  }
  if (pdvs.empty()) return std::nullopt;
  return pdvs;
}

Bytes encode_command(const Command& command) {
  Wire elements;
  const auto uid = [&elements](std::uint16_t element, std::string_view value) {
    if (value.empty()) return;
    const std::string_view pad{"\0", value.size() % 2};
    elements.le16(0).le16(element).le32(static_cast<std::uint32_t>(value.size() + pad.size())).text(value).text(pad);
  };
  const auto number = [&elements](std::uint16_t element, std::uint16_t value) {
    elements.le16(0).le16(element).le32(2).le16(value);
  };
  const bool is_response = (command.field & 0x8000U) != 0;
  uid(0x0002, command.sop_class_uid);
  number(0x0100, command.field);
  number(is_response ? 0x0120 : 0x0110, command.message_id);
  number(0x0800, command.data_set_type);
  if (is_response) number(0x0900, command.status);
  if (!command.comment.empty()) {
    const std::string padded = command.comment + (command.comment.size() % 2 != 0 ? " " : "");
    elements.le16(0).le16(0x0902).le32(static_cast<std::uint32_t>(padded.size())).text(padded);
  }
  uid(0x1000, command.sop_instance_uid);
  return Wire{}.le16(0).le16(0).le32(4).le32(static_cast<std::uint32_t>(elements.data().size())).bytes(elements.data()).data();
}

std::optional<Command> decode_command(core::ByteView bytes) {
  Unwire in{bytes};
  Command command;
  std::uint32_t last_tag = 0;
  while (!in.empty()) {
    const std::uint32_t group = in.le16();
    const std::uint32_t tag = group << 16U | in.le16();
    const auto length = in.le32();
    if (length % 2 != 0 || group != 0 || (tag <= last_tag && tag != 0)) return std::nullopt;
    last_tag = tag;
    Unwire value{in.take(length)};
    if (!in.good()) return std::nullopt;
    switch (tag_element(tag)) {
      case 0x0000:
        if (length != 4 || value.le32() != bytes.size() - 12) return std::nullopt;
        break;
      case 0x0002: command.sop_class_uid = value.text(length); break;
      case 0x0100: command.field = value.le16(); break;
      case 0x0110:
      case 0x0120: command.message_id = value.le16(); break;
      case 0x0800: command.data_set_type = value.le16(); break;
      case 0x0900: command.status = value.le16(); break;
      case 0x0902: command.comment = value.text(length); break;
      case 0x1000: command.sop_instance_uid = value.text(length); break;
      default: break;
    }
  }
  return command;
}

platform::Task<bool> PduReader::fill(std::size_t bytes) {
  std::array<std::byte, 4096> chunk{};
  while (buffered_.size() < bytes) {
    const auto got = co_await stream_.read_some(chunk, clock_.now() + patience_);
    if (!got) co_return false;
    buffered_.insert(buffered_.end(), chunk.begin(), chunk.begin() + static_cast<std::ptrdiff_t>(*got));
  }
  co_return true;
}

platform::Task<std::optional<Pdu>> PduReader::next() {
  std::optional<Pdu> pdu;
  bool there = co_await fill(kPduHeaderBytes);
  if (!there) co_return pdu;
  Unwire header{core::ByteView{buffered_}.first(kPduHeaderBytes)};
  const auto type = header.u8();
  (void)header.u8();
  const auto length = header.be32();
  if (length > kPduBytesMax) co_return pdu;
  there = co_await fill(kPduHeaderBytes + length);
  if (!there) co_return pdu;
  const auto begin = buffered_.begin() + kPduHeaderBytes;
  pdu.emplace();
  pdu->type = type;
  pdu->value.assign(begin, begin + static_cast<std::ptrdiff_t>(length));
  buffered_.erase(buffered_.begin(), begin + static_cast<std::ptrdiff_t>(length));
  co_return pdu;
}

platform::Task<bool> send(platform::ByteStream& stream, platform::Clock& clock, Bytes bytes, core::Millis patience) {
  const platform::FileRange nothing;
  const auto sent = co_await stream.write(bytes, nothing, clock.now() + patience);
  co_return sent.has_value();
}

}  // namespace scanferry::tests
