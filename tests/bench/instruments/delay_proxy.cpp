// SPDX-License-Identifier: Apache-2.0
// A longer line: passes on what comes, each way so many milliseconds later. It ends the TCP connections, so that a real line's slow
// start is not in it.
#include <sys/socket.h>

#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <deque>
#include <mutex>
#include <thread>

#include "wire.hpp"

namespace bench {
namespace {

constexpr const char* kUsage =
    "Usage: delay_proxy --to PORT [--port PORT] [--one-way-ms MS]\n"
    "Listens on 127.0.0.1 until it is killed and says \"listening PORT\".\n";

using Clock = std::chrono::steady_clock;

constexpr std::size_t kReadBytes = 256 * 1024;
/// What is under way on the line at most: 40 ms of 1.6 GB/s.
constexpr std::size_t kLineBytesMax = std::size_t{64} << 20U;

/// One way of one connection: one thread reads, another writes when the time has come.
class Way {
 public:
  Way(Socket& from, Socket& to, std::chrono::milliseconds delay) : from_{from}, to_{to}, delay_{delay} {}

  void read() {
    for (;;) {
      Bytes piece(kReadBytes);
      from_.acknowledge_at_once();
      const auto got = ::recv(from_.fd(), piece.data(), piece.size(), 0);
      piece.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
      std::unique_lock lock{mutex_};
      changed_.wait(lock, [this] { return bytes_ < kLineBytesMax || is_broken_; });
      bytes_ += piece.size();
      line_.push_back({Clock::now() + delay_, std::move(piece)});
      changed_.notify_all();
      if (got <= 0 || is_broken_) return;
    }
  }

  void write() {
    for (;;) {
      std::unique_lock lock{mutex_};
      changed_.wait(lock, [this] { return !line_.empty(); });
      const auto piece = std::move(line_.front());
      line_.pop_front();
      bytes_ -= piece.bytes.size();
      changed_.notify_all();
      lock.unlock();
      std::this_thread::sleep_until(piece.due);
      if (!piece.bytes.empty() && to_.write(piece.bytes)) continue;
      // The end of this way, or a peer that is gone: then nothing comes the other way, either.
      ::shutdown(to_.fd(), SHUT_WR);
      if (!piece.bytes.empty()) ::shutdown(from_.fd(), SHUT_RD);
      lock.lock();
      is_broken_ = true;
      changed_.notify_all();
      return;
    }
  }

 private:
  struct Piece {
    Clock::time_point due;
    Bytes bytes;  ///< none: the end
  };

  Socket& from_;
  Socket& to_;
  std::chrono::milliseconds delay_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Piece> line_;
  std::size_t bytes_{0};
  bool is_broken_{false};
};

void pass_on(int fd, int port, std::chrono::milliseconds delay) {
  Socket here{fd};
  auto there = Socket::connect("127.0.0.1", port);
  if (!there) return;
  Way out{here, *there, delay};
  Way back{*there, here, delay};
  const std::jthread out_reader{[&out] { out.read(); }};
  const std::jthread out_writer{[&out] { out.write(); }};
  const std::jthread back_reader{[&back] { back.read(); }};
  back.write();
}

int run(int argc, char** argv) {
  const auto to = static_cast<int>(number_option(argc, argv, "--to", 0));
  if (to == 0) {
    std::fputs(kUsage, stderr);
    return 2;
  }
  const std::chrono::milliseconds delay{number_option(argc, argv, "--one-way-ms", 20)};
  const int listener = listen_on(static_cast<int>(number_option(argc, argv, "--port", 0)));
  for (;;) {
    const int fd = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd >= 0) std::thread{pass_on, fd, to, delay}.detach();
  }
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) { return bench::run(argc, argv); }
