// SPDX-License-Identifier: Apache-2.0
// What the instruments share: PDUs (PS3.8 9.3) and command sets (PS3.7 6.3) as plain bytes, and blocking sockets.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

using Bytes = std::vector<std::uint8_t>;

enum PduType : std::uint8_t {
  kAssociateRq = 1,
  kAssociateAc = 2,
  kAssociateRj = 3,
  kDataTf = 4,
  kReleaseRq = 5,
  kReleaseRp = 6,
  kAbort = 7,
};

/// PS3.8 9.3.1: type, a reserved byte, the length of what follows.
inline constexpr std::size_t kPduHeaderBytes = 6;
/// PS3.8 9.3.5.1: length of the PDV, its context, the message control header.
inline constexpr std::size_t kPdvHeaderBytes = 6;
/// A-ASSOCIATE-RQ and -AC, up to the first variable item, without the PDU header.
inline constexpr std::size_t kAssociateFixedBytes = 68;

// The bits of the message control header, PS3.8 E.2.
inline constexpr std::uint8_t kIsCommand = 1;
inline constexpr std::uint8_t kIsLast = 2;

std::uint16_t big16(const std::uint8_t* at);
std::uint32_t big32(const std::uint8_t* at);
std::uint16_t little16(const std::uint8_t* at);
std::uint32_t little32(const std::uint8_t* at);
void put_big16(Bytes& to, std::size_t value);
void put_big32(Bytes& to, std::size_t value);
void put_text(Bytes& to, std::string_view text);
/// An item of an association PDU: type, a reserved byte, length, content.
void put_item(Bytes& to, std::uint8_t type, const Bytes& content);
void put_item(Bytes& to, std::uint8_t type, std::string_view content);
/// A PDU of `type` around `content`.
Bytes pdu_of(PduType type, const Bytes& content);
/// The P-DATA-TF header before a fragment of `bytes` of a data set.
Bytes data_header(std::uint8_t context, std::size_t bytes, bool is_last);
/// An item within a PDU, or within another item.
struct Item {
  std::uint8_t type;
  std::span<const std::uint8_t> content;
};
/// Those that stand one after another in `bytes`, up to one that does not fit.
std::vector<Item> items_of(std::span<const std::uint8_t> bytes);

/// What the instruments read of a command set.
struct Command {
  std::uint16_t field{0};
  std::uint16_t message_id{0};  ///< or the one being responded to
  std::uint16_t status{0};
  bool has_data_set{false};
  std::string sop_class;
  std::string sop_instance;
};

inline constexpr std::uint16_t kStoreRq = 0x0001;
inline constexpr std::uint16_t kStoreRsp = 0x8001;
inline constexpr std::uint16_t kEchoRq = 0x0030;
inline constexpr std::uint16_t kEchoRsp = 0x8030;

Command parse_command(const Bytes& command_set);
/// A whole P-DATA-TF PDU with one command set.
Bytes command_pdu(std::uint8_t context, const Command& command);

/// A connected socket without Nagle's algorithm. All calls block; false or nothing when the connection is gone.
class Socket {
 public:
  explicit Socket(int fd);
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  Socket(Socket&& other) noexcept : fd_{other.fd_} { other.fd_ = -1; }
  ~Socket();
  static std::optional<Socket> connect(const std::string& host, int port);

  [[nodiscard]] int fd() const { return fd_; }
  /// The kernel forgets this wish, so it is repeated.
  void acknowledge_at_once() const;
  bool write(const Bytes& bytes, bool more_follows = false) const;
  bool write(const std::uint8_t* bytes, std::size_t count, bool more_follows) const;
  bool read(std::uint8_t* to, std::size_t count) const;
  /// One PDU into `content`; its type.
  std::optional<std::uint8_t> read_pdu(Bytes& content) const;

 private:
  int fd_;
};

/// Listens on the loopback interface; port 0 takes a free one. Says "listening PORT" on standard output.
int listen_on(int port);

double now_seconds();

/// The value of "--name VALUE", or `otherwise`; ends the program when the value is missing.
std::string option(int argc, char** argv, std::string_view name, std::string_view otherwise);
long number_option(int argc, char** argv, std::string_view name, long otherwise);
bool has_flag(int argc, char** argv, std::string_view name);

}  // namespace bench
