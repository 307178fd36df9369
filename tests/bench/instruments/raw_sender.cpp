// SPDX-License-Identifier: Apache-2.0
// How fast a sender can be: it puts PDU headers before what lies in the file and knows nothing of the data set. The yardstick of
// senders, and with --preload the load for receivers.
#include <fcntl.h>
#include <sys/sendfile.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <map>
#include <thread>
#include <utility>

#include "part10_object.hpp"
#include "wire.hpp"

namespace bench {
namespace {

constexpr const char* kUsage =
    "Usage: raw_sender --port PORT --folder FOLDER [--associations N] [--window N] [--max-pdu BYTES] [--called AET] [--preload]\n"
    "Stores every file of FOLDER at 127.0.0.1:PORT. One line of JSON; ends with 0 if all were stored.\n";

struct Options {
  int port{0};
  std::string called;
  std::uint16_t window{1};
  std::uint32_t max_pdu{0};
};

/// One association. All functions: false when it broke.
class Sender {
 public:
  Sender(const Options& options, const std::vector<Part10Object>& objects) : options_{options}, objects_{objects} {}

  bool open() {
    auto socket = Socket::connect("127.0.0.1", options_.port);
    if (!socket) return false;
    socket_.emplace(std::move(*socket));
    Bytes answer;
    return socket_->write(pdu_of(kAssociateRq, proposal())) && socket_->read_pdu(answer) == kAssociateAc && take(answer);
  }

  bool store(const Part10Object& object) {
    while (under_way_ >= window_) {
      if (!take_response()) return false;
    }
    const auto context = contexts_.at({object.sop_class, object.transfer_syntax});
    const Command request{.field = kStoreRq, .message_id = ++message_id_, .status = 0, .has_data_set = true, .sop_class = object.sop_class,
                          .sop_instance = object.sop_instance};
    if (!socket_->write(command_pdu(context, request), true)) return false;
    ++under_way_;
    return object.loaded.empty() ? send_from_file(object, context) : send_from_memory(object, context);
  }

  bool close() {
    while (under_way_ > 0) {
      if (!take_response()) return false;
    }
    Bytes answer;
    return socket_->write(pdu_of(kReleaseRq, Bytes(4))) && socket_->read_pdu(answer) == kReleaseRp;
  }

  [[nodiscard]] bool is_refused() const { return is_refused_; }

 private:
  /// PS3.8 9.3.2; each SOP class and transfer syntax in a context of its own.
  Bytes proposal() {
    Bytes request;
    put_big16(request, 1);
    put_big16(request, 0);
    for (auto title : {options_.called, std::string{"RAW_SENDER"}}) {
      title.resize(16, ' ');
      put_text(request, title);
    }
    request.resize(kAssociateFixedBytes);
    put_item(request, 0x10, "1.2.840.10008.3.1.1.1");
    for (const auto& object : objects_) {
      const auto id = static_cast<std::uint8_t>(2 * contexts_.size() + 1);
      if (!contexts_.try_emplace({object.sop_class, object.transfer_syntax}, id).second) continue;
      Bytes context{id, 0, 0, 0};
      put_item(context, 0x30, object.sop_class);
      put_item(context, 0x40, object.transfer_syntax);
      put_item(request, 0x20, context);
    }
    Bytes user;
    Bytes value;
    put_big32(value, 16384);
    put_item(user, 0x51, value);
    put_item(user, 0x52, "2.25.171803398874989484820458683436563811772");
    if (options_.window != 1) {
      value.clear();
      put_big16(value, options_.window);
      put_big16(value, 1);
      put_item(user, 0x53, value);  // PS3.7 D.3.3.3
    }
    put_item(request, 0x50, user);
    return request;
  }

  bool take(const Bytes& answer) {
    std::uint32_t peer_max = 0;
    if (answer.size() < kAssociateFixedBytes) return false;
    for (const auto& item : items_of(std::span{answer}.subspan(kAssociateFixedBytes))) {
      if (item.type == 0x21 && item.content[2] != 0) return false;
      if (item.type != 0x50) continue;
      for (const auto& sub : items_of(item.content)) {
        if (sub.type == 0x51) peer_max = big32(sub.content.data());
        if (sub.type == 0x53) window_ = std::min<std::uint16_t>(options_.window, big16(sub.content.data()));
      }
    }
    const auto max = peer_max == 0 ? options_.max_pdu : std::min(peer_max, options_.max_pdu);
    fragment_ = max - kPdvHeaderBytes;
    return max > kPdvHeaderBytes;
  }

  bool take_response() {
    Bytes answer;
    if (socket_->read_pdu(answer) != kDataTf || answer.size() < kPdvHeaderBytes) return false;
    answer.erase(answer.begin(), answer.begin() + kPdvHeaderBytes);
    is_refused_ = is_refused_ || parse_command(answer).status != 0;
    --under_way_;
    return true;
  }

  bool send_from_memory(const Part10Object& object, std::uint8_t context) {
    for (std::uint64_t at = 0; at < object.bytes;) {
      const auto bytes = std::min<std::uint64_t>(fragment_, object.bytes - at);
      const bool is_last = at + bytes == object.bytes;
      if (!socket_->write(data_header(context, bytes, is_last), true)) return false;
      if (!socket_->write(object.loaded.data() + at, bytes, !is_last)) return false;
      at += bytes;
    }
    return true;
  }

  bool send_from_file(const Part10Object& object, std::uint8_t context) {
    const int file = ::open(object.path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) return false;
    auto offset = static_cast<::off_t>(object.offset);
    bool is_going = true;
    for (auto left = object.bytes; left > 0 && is_going;) {
      const auto bytes = std::min<std::uint64_t>(fragment_, left);
      left -= bytes;
      is_going = socket_->write(data_header(context, bytes, left == 0), true) && send_range(file, offset, bytes);
    }
    ::close(file);
    return is_going;
  }

  [[nodiscard]] bool send_range(int file, ::off_t& offset, std::uint64_t bytes) const {
    while (bytes > 0) {
      const auto sent = ::sendfile(socket_->fd(), file, &offset, bytes);
      if (sent < 0 && errno == EINTR) continue;
      if (sent <= 0) return false;
      bytes -= static_cast<std::uint64_t>(sent);
    }
    return true;
  }

  const Options& options_;
  const std::vector<Part10Object>& objects_;
  std::optional<Socket> socket_;
  std::map<std::pair<std::string, std::string>, std::uint8_t> contexts_;
  std::uint64_t fragment_{0};
  std::uint16_t window_{1};
  std::uint16_t under_way_{0};
  std::uint16_t message_id_{0};
  bool is_refused_{false};
};

std::vector<Part10Object> collect(const std::string& folder, bool is_preloaded) {
  std::vector<Part10Object> objects;
  for (const auto& entry : std::filesystem::directory_iterator{folder}) {
    auto object = read_object(entry.path().string());
    if (!object || (is_preloaded && !load(*object))) continue;
    objects.push_back(std::move(*object));
  }
  std::ranges::sort(objects, {}, &Part10Object::path);
  return objects;
}

int run(int argc, char** argv) {
  const Options options{.port = static_cast<int>(number_option(argc, argv, "--port", 0)), .called = option(argc, argv, "--called", "ANY-SCP"),
                        .window = static_cast<std::uint16_t>(number_option(argc, argv, "--window", 1)),
                        .max_pdu = static_cast<std::uint32_t>(number_option(argc, argv, "--max-pdu", 131072))};
  const auto folder = option(argc, argv, "--folder", "");
  if (options.port == 0 || folder.empty()) {
    std::fputs(kUsage, stderr);
    return 2;
  }
  const auto objects = collect(folder, has_flag(argc, argv, "--preload"));
  const auto began = now_seconds();
  std::atomic<std::size_t> next{0};
  std::atomic<bool> is_whole{!objects.empty()};
  const auto work = [&] {
    Sender sender{options, objects};
    bool is_going = sender.open();
    for (std::size_t at; is_going && (at = next++) < objects.size();) is_going = sender.store(objects[at]);
    if (!is_going || !sender.close() || sender.is_refused()) is_whole = false;
  };
  std::vector<std::jthread> others;
  for (long n = number_option(argc, argv, "--associations", 1); n > 1; --n) others.emplace_back(work);
  work();
  others.clear();
  const auto took = now_seconds() - began;
  std::uint64_t bytes = 0;
  for (const auto& object : objects) bytes += object.bytes;
  std::printf("{\"objects\": %zu, \"bytes\": %llu, \"seconds\": %.6f}\n", objects.size(), static_cast<unsigned long long>(bytes), took);
  return is_whole ? 0 : 1;
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) { return bench::run(argc, argv); }
