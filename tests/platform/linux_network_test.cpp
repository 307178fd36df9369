// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <semaphore>
#include <string>
#include <thread>

#include <catch2/catch.hpp>

#include "connection.hpp"
#include "linux_port.hpp"

namespace scanferry::platform::contract {
namespace {

/// A plain listening socket of the system, on a free port of the loopback interface.
class PlainListener {
 public:
  explicit PlainListener(int backlog) {
    ::sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::socklen_t length{sizeof address};
    REQUIRE(::bind(fd_, reinterpret_cast<::sockaddr*>(&address), sizeof address) == 0);
    REQUIRE(::listen(fd_, backlog) == 0);
    REQUIRE(::getsockname(fd_, reinterpret_cast<::sockaddr*>(&address), &length) == 0);
    port_ = ntohs(address.sin_port);
  }
  PlainListener(const PlainListener&) = delete;
  PlainListener& operator=(const PlainListener&) = delete;
  ~PlainListener() { ::close(fd_); }
  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] int accept() const { return ::accept(fd_, nullptr, nullptr); }

 private:
  int fd_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  std::uint16_t port_{0};
};

Task<void> dial_into(Port& port, std::string host, std::uint16_t number, core::Millis time, Result<std::unique_ptr<ByteStream>>& result) {
  result = co_await port.platform().network.dial(std::move(host), number, in(port, time));
}

TEST_CASE("a host that does not answer costs no more than the deadline") {
  LinuxPort port;
  const PlainListener listener{0};
  std::vector<Result<std::unique_ptr<ByteStream>>> dialled;
  Result<std::unique_ptr<ByteStream>> result;
  // The kernel takes one connection or two for an owner that accepts none, and ignores the rest.
  for (int i{0}; i < 5; ++i) {
    port.play(dial_into(port, "127.0.0.1", listener.port(), kAWhile, result));
    if (!result) break;
    dialled.push_back(std::move(result));
  }
  REQUIRE_FALSE(result);
  REQUIRE(result.error().code == Errc::timed_out);
  REQUIRE(result.error().detail == "cannot connect to 127.0.0.1:" + std::to_string(listener.port()) + ": timed out");
}

/// A bare root file system may have no table, and a name server need not know this name.
bool localhost_is_in_the_table_of_hosts() {
  std::ifstream table{"/etc/hosts"};
  for (std::string word; table >> word;) {
    if (word == "localhost") return true;
  }
  return false;
}

TEST_CASE("names resolve by the system's table of hosts") {
  if (!localhost_is_in_the_table_of_hosts()) {
    WARN("/etc/hosts does not name localhost: nothing to look up");
    return;
  }
  LinuxPort port;
  const PlainListener listener{5};
  Result<std::unique_ptr<ByteStream>> result;
  port.play(dial_into(port, "localhost", listener.port(), kAmple, result));
  REQUIRE(result);
  REQUIRE((*result)->peer() == "127.0.0.1:" + std::to_string(listener.port()));
}

TEST_CASE("a lookup that is not over yet does not hold up the end of the runtime") {
  auto port = std::make_unique<LinuxPort>();
  Result<std::unique_ptr<ByteStream>> result;
  port->play(dial_into(*port, "localhost", 1, core::Millis{0}, result));
  REQUIRE_FALSE(result);
  port.reset();
}

TEST_CASE("a numeric address is asked for where one listens") {
  LinuxPort port;
  const auto listener = port.platform().network.listen("pacs.example", 104);
  REQUIRE_FALSE(listener);
  REQUIRE(listener.error().detail == "cannot listen on pacs.example:104: the address must be numeric");
}

TEST_CASE("sockets are not inherited by other programs, send at once and notice dead peers") {
  LinuxPort port;
  const auto connection = connect(port);
  int sockets{0};
  for (int fd{3}; fd < 100; ++fd) {
    const int flags = ::fcntl(fd, F_GETFD);
    if (flags == -1) continue;
    CAPTURE(fd);
    int type{0};
    int alive{0};
    int at_once{0};
    ::socklen_t length{sizeof type};
    if (::getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length) != 0 || type != SOCK_STREAM) continue;
    ++sockets;
    REQUIRE((flags & FD_CLOEXEC) != 0);
    REQUIRE(::getsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &alive, &length) == 0);
    REQUIRE(alive != 0);
    REQUIRE(::getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &at_once, &length) == 0);
    REQUIRE(at_once != 0);
  }
  REQUIRE(sockets >= 2);
}

/// A file that the kernel alone can read.
class Unread final : public File {
 public:
  explicit Unread(std::unique_ptr<File> file) : file_{std::move(file)} {}
  Result<std::size_t> read_at(std::uint64_t, core::ByteBuffer) override {
    FAIL("the file was read into memory");
    return 0;
  }
  Result<void> write_at(std::uint64_t offset, core::ByteView bytes) override { return file_->write_at(offset, bytes); }
  Result<void> truncate(std::uint64_t size) override { return file_->truncate(size); }
  Result<std::uint64_t> size() override { return file_->size(); }
  Result<void> sync() override { return file_->sync(); }
  [[nodiscard]] int native_handle() const override { return file_->native_handle(); }

 private:
  std::unique_ptr<File> file_;
};

TEST_CASE("a range of a file goes from the kernel to the kernel") {
  LinuxPort port;
  const auto bytes = pattern(300'000);
  auto file = port.platform().store.create(port.directory() + "/object");
  REQUIRE(file);
  REQUIRE((*file)->write_at(0, bytes));
  Unread unread{std::move(*file)};
  const auto connection = connect(port);
  auto expected = pattern(12, 1);
  const auto head = expected;
  expected.insert(expected.end(), bytes.begin() + 1, bytes.end());
  port.play(send(port, *connection.near, head, FileRange{&unread, 1, bytes.size() - 1}), receive(port, *connection.far, expected, 32'768));
}

}  // namespace
}  // namespace scanferry::platform::contract
