// SPDX-License-Identifier: Apache-2.0
#include <charconv>

#include "agent/config.hpp"

namespace scanferry::firmware {
namespace {

Result<std::uint16_t> parse_port(std::string_view digits, std::string_view whole) {
  unsigned port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc{} || end != digits.data() + digits.size() || port == 0 || port > 65535) {
    return bad_input("'", whole, "': the port must be a number from 1 to 65535");
  }
  return static_cast<std::uint16_t>(port);
}

}  // namespace

Result<Address> parse_address(std::string_view whole) {
  const auto at = whole.find('@');
  const auto colon = whole.rfind(':');
  if (at == std::string_view::npos || colon == std::string_view::npos || colon < at) {
    return bad_input("'", whole, "' is no address: write AET@host:port, for example PACS@192.0.2.7:104");
  }
  const auto aet = whole.substr(0, at);
  auto host = whole.substr(at + 1, colon - at - 1);
  if (!dimse::is_valid_ae_title(aet)) {
    return bad_input("'", aet, "' is no AE title: 1 to 16 characters, no backslash");
  }
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  if (host.empty()) return bad_input("'", whole, "': the host is missing");
  auto port = parse_port(whole.substr(colon + 1), whole);
  if (!port) return std::unexpected{port.error()};
  return Address{dimse::AeTitle{aet}, std::string{host}, *port};
}

std::string to_string(const Address& address) {
  const bool v6 = address.host.find(':') != std::string::npos;
  return text(address.aet.view(), "@", v6 ? "[" : "", address.host, v6 ? "]" : "", ":", address.port);
}

}  // namespace scanferry::firmware
