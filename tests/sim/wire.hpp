// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <scanferry/platform/clock.hpp>
#include <scanferry/platform/network.hpp>

// The DICOM upper layer and DIMSE command sets, written from the byte layouts in PS3.8 9.3 and PS3.7 6.3.1 for the scripted
// peers alone. It shares nothing with the product, so that a mistake in one shows against the other.
namespace scanferry::tests {

using Bytes = std::vector<std::byte>;

/// Appends numbers and text to bytes; network order for PDUs, little endian for command sets.
class Wire {
 public:
  Wire& u8(std::uint8_t value);
  Wire& be16(std::uint16_t value);
  Wire& be32(std::uint32_t value);
  Wire& le16(std::uint16_t value);
  Wire& le32(std::uint32_t value);
  Wire& text(std::string_view text);
  Wire& padded(std::string_view text, std::size_t width);  ///< with spaces
  Wire& bytes(core::ByteView bytes);
  /// An item of an A-ASSOCIATE PDU: type, reserved byte, length (16 bits), value.
  Wire& item(std::uint8_t type, core::ByteView value);
  Wire& item(std::uint8_t type, std::string_view value);

  [[nodiscard]] const Bytes& data() const { return data_; }

 private:
  Bytes data_;
};

/// Reads numbers from bytes; reading behind the end gives zeros and is remembered.
class Unwire {
 public:
  explicit Unwire(core::ByteView bytes) : rest_{bytes} {}
  std::uint8_t u8();
  std::uint16_t be16();
  std::uint32_t be32();
  std::uint16_t le16();
  std::uint32_t le32();
  core::ByteView take(std::size_t n);
  std::string text(std::size_t n);  ///< without padding at its end
  [[nodiscard]] bool empty() const { return rest_.empty(); }
  [[nodiscard]] bool good() const { return good_; }

 private:
  core::ByteView rest_;
  bool good_{true};
};

struct Pdu {
  std::uint8_t type{0};
  Bytes value;
};

enum PduType : std::uint8_t {
  kAssociateRq = 1,
  kAssociateAc = 2,
  kAssociateRj = 3,
  kData = 4,
  kReleaseRq = 5,
  kReleaseRp = 6,
  kAbort = 7,
};

/// One presentation data value of a P-DATA-TF PDU.
struct Pdv {
  std::uint8_t context{0};
  bool is_command{false};
  bool is_last{false};
  core::ByteView value;
};

/// The PDVs of a P-DATA-TF; nothing when it is malformed. They point into `pdu`.
std::optional<std::vector<Pdv>> split_pdvs(const Pdu& pdu);

Bytes make_pdu(std::uint8_t type, core::ByteView value);
/// `value` in as many PDUs of one PDV each as `fragment_bytes` asks for.
Bytes make_data_pdus(std::uint8_t context, bool is_command, core::ByteView value, std::size_t fragment_bytes);

/// A DIMSE command set, PS3.7 Annex E: implicit VR little endian, elements of group 0000.
struct Command {
  std::uint16_t field{0};              ///< (0000,0100)
  std::uint16_t message_id{0};         ///< (0000,0110) of requests, (0000,0120) of responses
  std::uint16_t data_set_type{0x0101}; ///< (0000,0800); 0101H: none
  std::uint16_t status{0};             ///< (0000,0900) of responses
  std::string sop_class_uid;           ///< (0000,0002)
  std::string sop_instance_uid;        ///< (0000,1000)
  std::string comment;                 ///< (0000,0902)
};

enum CommandField : std::uint16_t { kStoreRq = 0x0001, kStoreRsp = 0x8001, kEchoRq = 0x0030, kEchoRsp = 0x8030 };

Bytes encode_command(const Command& command);
/// Nothing when it is malformed, or its group length is wrong.
std::optional<Command> decode_command(core::ByteView bytes);

/// Reads PDUs from a stream.
class PduReader {
 public:
  PduReader(platform::ByteStream& stream, platform::Clock& clock, core::Millis patience)
      : stream_{stream}, clock_{clock}, patience_{patience} {}
  /// Nothing at the end of the stream, after an error or after `patience` without a byte.
  platform::Task<std::optional<Pdu>> next();

 private:
  platform::Task<bool> fill(std::size_t bytes);

  platform::ByteStream& stream_;
  platform::Clock& clock_;
  core::Millis patience_;
  Bytes buffered_;
};

/// Sends bytes; false when the stream broke.
platform::Task<bool> send(platform::ByteStream& stream, platform::Clock& clock, Bytes bytes, core::Millis patience);

}  // namespace scanferry::tests
