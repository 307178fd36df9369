// SPDX-License-Identifier: Apache-2.0
// A PACS that costs next to nothing: it takes every context, reads what comes, throws it away and answers with success.
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <thread>

#include "wire.hpp"

namespace bench {
namespace {

constexpr const char* kUsage =
    "Usage: null_scp [--port PORT] [--max-pdu BYTES] [--window N] [--expect N]\n"
    "Listens on 127.0.0.1 until it is killed and says \"listening PORT\"; \"received N\" once it has as many objects as expected.\n";

constexpr std::size_t kReadBytes = 256 * 1024;

struct Options {
  std::uint32_t max_pdu{0};
  std::uint16_t window{1};
  std::size_t expected{0};
};

std::atomic<std::size_t> received{0};

void count(const Options& options) {
  if (++received != options.expected) return;
  std::printf("received %zu\n", options.expected);
  std::fflush(stdout);
}

/// With the first of its transfer syntaxes.
Bytes accepted_context(std::span<const std::uint8_t> proposed) {
  Bytes context{proposed[0], 0, 0, 0};
  for (const auto& sub : items_of(proposed.subspan(4))) {
    if (sub.type != 0x40) continue;
    put_item(context, 0x40, Bytes(sub.content.begin(), sub.content.end()));
    break;
  }
  return context;
}

/// PS3.8 9.3.3: every context.
Bytes acceptance(const Bytes& request, const Options& options) {
  Bytes answer(request.begin(), request.begin() + kAssociateFixedBytes);
  std::uint16_t window = 1;
  put_item(answer, 0x10, "1.2.840.10008.3.1.1.1");
  for (const auto& item : items_of(std::span{request}.subspan(kAssociateFixedBytes))) {
    if (item.type == 0x20) put_item(answer, 0x21, accepted_context(item.content));
    if (item.type != 0x50) continue;
    for (const auto& sub : items_of(item.content)) {
      if (sub.type == 0x53) window = std::min(options.window, big16(sub.content.data()));
    }
  }
  Bytes user;
  Bytes value;
  put_big32(value, options.max_pdu);
  put_item(user, 0x51, value);
  put_item(user, 0x52, "2.25.171803398874989484820458683436563811772");
  if (window > 1) {
    value.clear();
    put_big16(value, window);
    put_big16(value, 1);
    put_item(user, 0x53, value);
  }
  put_item(answer, 0x50, user);
  return pdu_of(kAssociateAc, answer);
}

/// One association, from its request on.
class Receiver {
 public:
  Receiver(Socket socket, const Options& options) : socket_{std::move(socket)}, options_{options}, buffer_(kReadBytes) {}

  void run() {
    Bytes request;
    if (socket_.read_pdu(request) != kAssociateRq || request.size() < kAssociateFixedBytes) return;
    if (!socket_.write(acceptance(request, options_))) return;
    while (take_pdu()) {
    }
  }

 private:
  bool take_pdu() {
    std::array<std::uint8_t, kPduHeaderBytes> header{};
    if (!get(header.data(), header.size())) return false;
    if (header[0] == kReleaseRq) (void)socket_.write(pdu_of(kReleaseRp, Bytes(4)));
    if (header[0] != kDataTf) return false;
    for (std::size_t left = big32(&header[2]); left > 0;) {
      std::array<std::uint8_t, kPdvHeaderBytes> pdv{};
      if (left < pdv.size() || !get(pdv.data(), pdv.size())) return false;
      const std::size_t bytes = big32(pdv.data()) - 2;
      if (bytes > left - pdv.size() || !take_fragment(pdv[4], pdv[5], bytes)) return false;
      left -= pdv.size() + bytes;
    }
    return true;
  }

  bool take_fragment(std::uint8_t context, std::uint8_t control, std::size_t bytes) {
    if ((control & kIsCommand) == 0) return skip(bytes) && ((control & kIsLast) == 0 || answer(context));
    const auto had = command_.size();
    command_.resize(had + bytes);
    if (!get(command_.data() + had, bytes)) return false;
    if ((control & kIsLast) == 0) return true;
    request_ = parse_command(command_);
    command_.clear();
    return request_.has_data_set || answer(context);
  }

  bool answer(std::uint8_t context) {
    auto response = request_;
    response.field = static_cast<std::uint16_t>(request_.field | 0x8000U);
    response.has_data_set = false;
    if (!socket_.write(command_pdu(context, response))) return false;
    if (request_.field == kStoreRq) count(options_);
    return true;
  }

  bool get(std::uint8_t* to, std::size_t bytes) {
    while (bytes > 0) {
      if (begin_ == end_ && !fill()) return false;
      const auto some = std::min(bytes, end_ - begin_);
      std::copy_n(buffer_.data() + begin_, some, to);
      begin_ += some;
      to += some;
      bytes -= some;
    }
    return true;
  }

  bool skip(std::size_t bytes) {
    while (bytes > 0) {
      if (begin_ == end_ && !fill()) return false;
      const auto some = std::min(bytes, end_ - begin_);
      begin_ += some;
      bytes -= some;
    }
    return true;
  }

  bool fill() {
    socket_.acknowledge_at_once();
    const auto got = ::recv(socket_.fd(), buffer_.data(), buffer_.size(), 0);
    if (got <= 0) return false;
    begin_ = 0;
    end_ = static_cast<std::size_t>(got);
    return true;
  }

  Socket socket_;
  const Options& options_;
  Bytes buffer_;
  std::size_t begin_{0};
  std::size_t end_{0};
  Bytes command_;
  Command request_;
};

int run(int argc, char** argv) {
  if (has_flag(argc, argv, "--help")) {
    std::fputs(kUsage, stdout);
    return 0;
  }
  const Options options{.max_pdu = static_cast<std::uint32_t>(number_option(argc, argv, "--max-pdu", 131072)),
                        .window = static_cast<std::uint16_t>(number_option(argc, argv, "--window", 1)),
                        .expected = static_cast<std::size_t>(number_option(argc, argv, "--expect", 0))};
  const int listener = listen_on(static_cast<int>(number_option(argc, argv, "--port", 0)));
  for (;;) {
    const int fd = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) continue;
    std::thread{[fd, &options] { Receiver{Socket{fd}, options}.run(); }}.detach();
  }
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) { return bench::run(argc, argv); }
