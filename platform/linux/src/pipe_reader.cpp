// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <limits>
#include <string>

#include <scanferry/platform/linux/pipe.hpp>

#include "file_descriptor.hpp"
#include "system_error.hpp"

namespace scanferry::platform {
namespace {

/// Fewer turns between us and the writer than with the kernel's 64 KiB, at the same pixels a second.
constexpr int kPipeBytes = 1 << 20;

class LinuxPipeReader final : public PipeReader {
 public:
  LinuxPipeReader(int pipe, std::string name, FileDescriptor wake) : pipe_{pipe}, name_{std::move(name)}, wake_{std::move(wake)} {}

  Result<std::size_t> read(core::ByteBuffer into, core::Millis patience) override {
    std::array<::pollfd, 2> waits{::pollfd{wake_.get(), POLLIN, 0}, ::pollfd{pipe_, POLLIN, 0}};
    const auto limit = static_cast<int>(std::min<std::int64_t>(patience.count(), std::numeric_limits<int>::max()));
    const auto wait = [&waits, limit] { return ::poll(waits.data(), waits.size(), limit); };
    const auto ready = uninterrupted(wait);
    if (ready < 0) return failure("wait for", name_);
    if (ready == 0) return failure(Errc::timed_out, "read", name_, "nothing came");
    if (waits[0].revents != 0) return failure(Errc::cancelled, "read", name_, "we closed it");
    const auto get = [&] { return ::read(pipe_, into.data(), into.size()); };
    const auto got = uninterrupted(get);
    if (got < 0) return failure("read", name_);
    return static_cast<std::size_t>(got);
  }

  void close() override {
    // The counter stays above zero: each later read finds it too.
    (void)::eventfd_write(wake_.get(), 1);
  }

 private:
  int pipe_;
  std::string name_;
  FileDescriptor wake_;
};

}  // namespace

Result<std::unique_ptr<PipeReader>> open_pipe(int descriptor, std::string name) {
  FileDescriptor wake{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
  if (!wake.is_open()) return failure("wait for", name);
  (void)::fcntl(descriptor, F_SETPIPE_SZ, kPipeBytes);  // only a pipe has that, and only within the user's limit
  return std::make_unique<LinuxPipeReader>(descriptor, std::move(name), std::move(wake));
}

Result<std::unique_ptr<PipeReader>> open_stdin() { return open_pipe(STDIN_FILENO, "standard input"); }

}  // namespace scanferry::platform
