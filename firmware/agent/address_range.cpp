// SPDX-License-Identifier: Apache-2.0
#include "agent/address_range.hpp"

#include <charconv>
#include <string>

namespace scanferry::firmware {
namespace {

namespace ip = boost::asio::ip;

template <class Bytes>
bool have_same_front(const Bytes& a, const Bytes& b, unsigned bits) {
  for (std::size_t i = 0; i < a.size() && bits > 0; ++i) {
    const unsigned here = bits < 8 ? bits : 8;
    const unsigned mask = (0xFFU << (8 - here)) & 0xFFU;
    if (((a[i] ^ b[i]) & mask) != 0) return false;
    bits -= here;
  }
  return true;
}

ip::address plain(const ip::address& address) {
  return address.is_v6() && address.to_v6().is_v4_mapped() ? ip::make_address_v4(ip::v4_mapped, address.to_v6()) : address;
}

}  // namespace

Result<AddressRange> AddressRange::parse(std::string_view text) {
  const auto slash = text.find('/');
  boost::system::error_code failed;
  const auto address = ip::make_address(std::string{text.substr(0, slash)}, failed);
  if (failed) return bad_input("\"", text, "\" is no numeric address, with or without /BITS");
  const unsigned most = address.is_v4() ? 32 : 128;
  unsigned bits = most;
  if (slash != std::string_view::npos) {
    const auto number = text.substr(slash + 1);
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), bits);
    if (error != std::errc{} || end != number.data() + number.size() || bits > most) {
      return bad_input("\"", text, "\": behind the slash is a number of bits, at most ", most);
    }
  }
  return AddressRange{address, bits};
}

bool AddressRange::contains(std::string_view host) const {
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  boost::system::error_code failed;
  const auto address = plain(ip::make_address(std::string{host}, failed));
  if (failed || address.is_v4() != address_.is_v4()) return false;
  return address.is_v4() ? have_same_front(address.to_v4().to_bytes(), address_.to_v4().to_bytes(), bits_)
                         : have_same_front(address.to_v6().to_bytes(), address_.to_v6().to_bytes(), bits_);
}

}  // namespace scanferry::firmware
