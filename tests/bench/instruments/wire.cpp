// SPDX-License-Identifier: Apache-2.0
#include "wire.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>

namespace bench {
namespace {

// PS3.7 E.1: elements of group 0000, by their element number.
constexpr std::uint16_t kGroupLength = 0x0000;
constexpr std::uint16_t kAffectedSopClass = 0x0002;
constexpr std::uint16_t kCommandField = 0x0100;
constexpr std::uint16_t kMessageId = 0x0110;
constexpr std::uint16_t kMessageIdRespondedTo = 0x0120;
constexpr std::uint16_t kPriority = 0x0700;
constexpr std::uint16_t kDataSetType = 0x0800;
constexpr std::uint16_t kStatus = 0x0900;
constexpr std::uint16_t kAffectedSopInstance = 0x1000;
constexpr std::uint16_t kNoDataSet = 0x0101;

/// Of a PDU without data: an association of many contexts is smaller.
constexpr std::size_t kPduBytesMax = std::size_t{16} << 20U;

// Command sets are Implicit VR Little Endian: tag, length of 32 bits, value.
void put_little16(Bytes& to, std::size_t value) {
  to.push_back(static_cast<std::uint8_t>(value));
  to.push_back(static_cast<std::uint8_t>(value >> 8U));
}

void put_element_head(Bytes& to, std::uint16_t element, std::size_t bytes) {
  put_little16(to, 0);
  put_little16(to, element);
  put_little16(to, bytes);
  put_little16(to, bytes >> 16U);
}

void put_number(Bytes& to, std::uint16_t element, std::uint16_t value) {
  put_element_head(to, element, 2);
  put_little16(to, value);
}

void put_uid(Bytes& to, std::uint16_t element, std::string_view uid) {
  if (uid.empty()) return;
  put_element_head(to, element, uid.size() + uid.size() % 2);
  put_text(to, uid);
  if (uid.size() % 2 != 0) to.push_back(0);
}

void set_option(int fd, int level, int name) {
  const int on = 1;
  (void)::setsockopt(fd, level, name, &on, sizeof on);  // a wish
}

[[noreturn]] void fail(const char* what) {
  std::perror(what);
  std::exit(1);
}

}  // namespace

std::uint16_t big16(const std::uint8_t* at) { return static_cast<std::uint16_t>(at[0] << 8U | at[1]); }
std::uint32_t big32(const std::uint8_t* at) { return static_cast<std::uint32_t>(big16(at)) << 16U | big16(at + 2); }
std::uint16_t little16(const std::uint8_t* at) { return static_cast<std::uint16_t>(at[1] << 8U | at[0]); }
std::uint32_t little32(const std::uint8_t* at) { return static_cast<std::uint32_t>(little16(at + 2)) << 16U | little16(at); }

void put_big16(Bytes& to, std::size_t value) {
  to.push_back(static_cast<std::uint8_t>(value >> 8U));
  to.push_back(static_cast<std::uint8_t>(value));
}

void put_big32(Bytes& to, std::size_t value) {
  put_big16(to, value >> 16U);
  put_big16(to, value);
}

void put_text(Bytes& to, std::string_view text) { to.insert(to.end(), text.begin(), text.end()); }

void put_item(Bytes& to, std::uint8_t type, const Bytes& content) {
  to.push_back(type);
  to.push_back(0);
  put_big16(to, content.size());
  to.insert(to.end(), content.begin(), content.end());
}

void put_item(Bytes& to, std::uint8_t type, std::string_view content) { put_item(to, type, Bytes(content.begin(), content.end())); }

Bytes pdu_of(PduType type, const Bytes& content) {
  Bytes pdu{type, 0};
  put_big32(pdu, content.size());
  pdu.insert(pdu.end(), content.begin(), content.end());
  return pdu;
}

Bytes data_header(std::uint8_t context, std::size_t bytes, bool is_last) {
  Bytes header{kDataTf, 0};
  put_big32(header, bytes + kPdvHeaderBytes);
  put_big32(header, bytes + 2);
  header.push_back(context);
  header.push_back(is_last ? kIsLast : 0);
  return header;
}

std::vector<Item> items_of(std::span<const std::uint8_t> bytes) {
  std::vector<Item> items;
  while (bytes.size() >= 4) {
    const std::size_t length = big16(&bytes[2]);
    if (4 + length > bytes.size()) break;
    items.push_back({bytes[0], bytes.subspan(4, length)});
    bytes = bytes.subspan(4 + length);
  }
  return items;
}

Command parse_command(const Bytes& set) {
  Command command;
  for (std::size_t at = 0; at + 8 <= set.size();) {
    const auto element = little16(&set[at + 2]);
    const std::size_t bytes = little32(&set[at + 4]);
    at += 8;
    if (at + bytes > set.size()) break;
    std::string text(set.begin() + static_cast<std::ptrdiff_t>(at), set.begin() + static_cast<std::ptrdiff_t>(at + bytes));
    while (!text.empty() && (text.back() == 0 || text.back() == ' ')) text.pop_back();
    const std::uint16_t number = bytes >= 2 ? little16(&set[at]) : std::uint16_t{0};
    at += bytes;
    switch (element) {
      case kAffectedSopClass: command.sop_class = text; break;
      case kAffectedSopInstance: command.sop_instance = text; break;
      case kCommandField: command.field = number; break;
      case kMessageId:
      case kMessageIdRespondedTo: command.message_id = number; break;
      case kDataSetType: command.has_data_set = number != kNoDataSet; break;
      case kStatus: command.status = number; break;
      default: break;
    }
  }
  return command;
}

Bytes command_pdu(std::uint8_t context, const Command& command) {
  const bool is_response = (command.field & 0x8000U) != 0;
  Bytes set;
  put_uid(set, kAffectedSopClass, command.sop_class);
  put_number(set, kCommandField, command.field);
  put_number(set, is_response ? kMessageIdRespondedTo : kMessageId, command.message_id);
  if (command.field == kStoreRq) put_number(set, kPriority, 0);
  put_number(set, kDataSetType, command.has_data_set ? 1 : kNoDataSet);
  if (is_response) put_number(set, kStatus, command.status);
  put_uid(set, kAffectedSopInstance, command.sop_instance);
  Bytes content;
  put_big32(content, set.size() + 12 + 2);
  content.push_back(context);
  content.push_back(kIsCommand | kIsLast);
  put_element_head(content, kGroupLength, 4);
  put_little16(content, set.size());
  put_little16(content, set.size() >> 16U);
  content.insert(content.end(), set.begin(), set.end());
  return pdu_of(kDataTf, content);
}

Socket::Socket(int fd) : fd_{fd} { set_option(fd_, IPPROTO_TCP, TCP_NODELAY); }

Socket::~Socket() {
  if (fd_ >= 0) ::close(fd_);
}

std::optional<Socket> Socket::connect(const std::string& host, int port) {
  Socket socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  ::sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  if (::inet_pton(AF_INET, host.c_str(), &address.sin_addr) != 1) return std::nullopt;
  if (::connect(socket.fd(), reinterpret_cast<const ::sockaddr*>(&address), sizeof address) != 0) return std::nullopt;
  return socket;
}

void Socket::acknowledge_at_once() const { set_option(fd_, IPPROTO_TCP, TCP_QUICKACK); }

bool Socket::write(const Bytes& bytes, bool more_follows) const { return write(bytes.data(), bytes.size(), more_follows); }

bool Socket::write(const std::uint8_t* bytes, std::size_t count, bool more_follows) const {
  while (count > 0) {
    const auto sent = ::send(fd_, bytes, count, MSG_NOSIGNAL | (more_follows ? MSG_MORE : 0));
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    bytes += sent;
    count -= static_cast<std::size_t>(sent);
  }
  return true;
}

bool Socket::read(std::uint8_t* to, std::size_t count) const {
  while (count > 0) {
    const auto got = ::recv(fd_, to, count, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    to += got;
    count -= static_cast<std::size_t>(got);
  }
  return true;
}

std::optional<std::uint8_t> Socket::read_pdu(Bytes& content) const {
  std::uint8_t header[kPduHeaderBytes];
  acknowledge_at_once();
  if (!read(header, sizeof header)) return std::nullopt;
  const auto bytes = big32(header + 2);
  if (bytes > kPduBytesMax) return std::nullopt;
  content.resize(bytes);
  acknowledge_at_once();
  if (!read(content.data(), bytes)) return std::nullopt;
  return header[0];
}

int listen_on(int port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  set_option(fd, SOL_SOCKET, SO_REUSEADDR);
  ::sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* generic = reinterpret_cast<::sockaddr*>(&address);
  ::socklen_t bytes{sizeof address};
  if (::bind(fd, generic, bytes) != 0 || ::listen(fd, SOMAXCONN) != 0) fail("listen");
  if (::getsockname(fd, generic, &bytes) != 0) fail("listen");
  std::printf("listening %d\n", ntohs(address.sin_port));
  std::fflush(stdout);
  return fd;
}

double now_seconds() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

std::string option(int argc, char** argv, std::string_view name, std::string_view otherwise) {
  const std::span words{argv, static_cast<std::size_t>(argc)};
  for (std::size_t n = 1; n < words.size(); ++n) {
    if (words[n] != name) continue;
    if (n + 1 < words.size()) return words[n + 1];
    std::fprintf(stderr, "%s needs a value\n", words[n]);
    std::exit(2);
  }
  return std::string{otherwise};
}

long number_option(int argc, char** argv, std::string_view name, long otherwise) {
  return std::atol(option(argc, argv, name, std::to_string(otherwise)).c_str());
}

bool has_flag(int argc, char** argv, std::string_view name) {
  for (int n = 1; n < argc; ++n) {
    if (argv[n] == name) return true;
  }
  return false;
}

}  // namespace bench
