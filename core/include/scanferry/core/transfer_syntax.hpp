// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace scanferry::core {

/// How Data Elements are laid out in bytes.
enum class Encoding : std::uint8_t {
  explicit_little_endian,  ///< PS3.5 A.2, and A.4 and A.5 for the compressed and deflated transfer syntaxes
  implicit_little_endian,  ///< PS3.5 A.1
  explicit_big_endian,     ///< PS3.5 A.3, retired
};

/// The Name of PS3.6 A for the uncompressed transfer syntax with that encoding.
std::string_view name_of(Encoding encoding);

/// Where the pixels of an object are.
enum class PixelForm : std::uint8_t {
  native,        ///< in Pixel Data, as a plain value
  encapsulated,  ///< in Pixel Data, as fragments (PS3.5 A.4)
  referenced,    ///< elsewhere: with a JPIP provider or in a stream beside
  unknown,       ///< this transfer syntax is none of the standard's
};

/// What a transfer syntax says of a data set.
struct TransferSyntax {
  Encoding encoding{Encoding::explicit_little_endian};
  bool is_deflated{false};  ///< the data set as a whole is a deflate stream (RFC 1951), PS3.5 A.5
  PixelForm pixels{PixelForm::unknown};

  friend bool operator==(const TransferSyntax&, const TransferSyntax&) = default;
};

/// What PS3.6 A says of `uid`, which is without padding. What is not in there is taken for Explicit VR Little Endian, as all
/// but the first and the retired ones are (PS3.5 A.4).
TransferSyntax transfer_syntax_of(std::string_view uid);

}  // namespace scanferry::core
