// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include <scanferry/core/bytes.hpp>
#include <scanferry/dimse/pdu.hpp>

namespace scanferry::dimse {

/// A piece of a message fragment: as much of one PDV as has arrived.
struct Fragment {
  std::uint8_t context_id{0};
  FragmentKind kind{};
  bool last{false};      ///< with this piece the command or the data set is complete
  core::ByteView bytes;  ///< borrowed from the input
};

/// What a run of input bytes amounts to.
struct Incoming {
  enum class Kind : std::uint8_t { pdu, fragment, fault };
  Kind kind{};
  PduType type{};        ///< of `pdu` and `fragment`
  core::ByteView value;  ///< of `pdu`; valid until the next PDU of its sort
  Fragment fragment;
  PduFault fault;        ///< after it nothing can be understood any more; the input is thrown away
};

/// Cuts a stream of bytes into PDUs. A length is judged before anything is accepted; A-ASSOCIATE PDUs are gathered in the
/// caller's buffer, P-DATA-TF is passed on piece by piece and never gathered, so a PDU of any size costs no memory.
class PduReader {
 public:
  /// `buffer` bounds A-ASSOCIATE PDUs; short PDUs never overwrite it, so the last A-ASSOCIATE stays readable.
  /// `p_data_bytes_max` is what we announced; kPduUnlimited: any.
  PduReader(core::ByteBuffer buffer, std::uint32_t p_data_bytes_max) : buffer_{buffer}, p_data_bytes_max_{p_data_bytes_max} {}

  /// Takes bytes from the front of `input` until something is complete; nothing when `input` is used up before.
  std::optional<Incoming> next(core::ByteView& input);

  /// Bytes taken so far.
  [[nodiscard]] std::uint64_t taken() const { return taken_; }
  /// The stream stands between two PDUs.
  [[nodiscard]] bool between_pdus() const { return step_ == Step::pdu_header && filled_ == 0; }

 private:
  enum class Step : std::uint8_t { pdu_header, pdu_value, pdv_header, pdv_value, broken };

  bool gather(core::ByteView& input, core::ByteBuffer place);
  std::optional<Incoming> read_pdu_header(core::ByteView& input);
  std::optional<Incoming> read_pdu_value(core::ByteView& input);
  std::optional<Incoming> read_pdv_header(core::ByteView& input);
  std::optional<Incoming> read_pdv_value(core::ByteView& input);
  [[nodiscard]] Words fault_of_length(std::uint32_t length) const;
  Incoming fault(AbortReason reason, const Words& what);
  [[nodiscard]] core::ByteBuffer place_of_value();

  core::ByteBuffer buffer_;
  std::uint32_t p_data_bytes_max_;
  std::array<std::byte, kPduHeaderBytes> header_{};  ///< of the PDU, then of each PDV
  std::array<std::byte, kShortPduBytes> short_{};
  Step step_{Step::pdu_header};
  PduType type_{};
  Fragment fragment_;
  bool fragment_is_last_{false};
  std::size_t filled_{0};            ///< bytes of the structure being gathered
  std::uint32_t pdu_remaining_{0};   ///< bytes of the PDU value not yet taken
  std::uint32_t pdv_remaining_{0};   ///< bytes of the fragment not yet taken
  std::uint64_t taken_{0};
};

}  // namespace scanferry::dimse
