// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include <boost/asio/ip/address.hpp>

#include "agent/failure.hpp"

namespace scanferry::firmware {

/// Neighbours on the network: "192.0.2.7", "192.0.2.0/24", "2001:db8::/32".
class AddressRange {
 public:
  /// An error says what is no address or no number of bits.
  static Result<AddressRange> parse(std::string_view text);
  /// `host`: numeric, an IPv6 one with or without brackets. An IPv4 one that came over IPv6 is what it is.
  [[nodiscard]] bool contains(std::string_view host) const;

 private:
  AddressRange(boost::asio::ip::address address, unsigned bits) : address_{std::move(address)}, bits_{bits} {}

  boost::asio::ip::address address_;
  unsigned bits_;
};

}  // namespace scanferry::firmware
