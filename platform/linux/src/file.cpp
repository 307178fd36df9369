// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store.hpp"
#include "system_error.hpp"

namespace scanferry::platform {

static_assert(sizeof(off_t) == 8, "objects may be larger than 2 GiB: build with _FILE_OFFSET_BITS=64");

Result<std::size_t> LinuxFile::read_at(std::uint64_t offset, core::ByteBuffer into) {
  std::size_t done{0};
  while (done < into.size()) {
    const auto rest = into.subspan(done);
    const auto get = [&] { return ::pread(fd_.get(), rest.data(), rest.size(), static_cast<off_t>(offset + done)); };
    const auto got = uninterrupted(get);
    if (got < 0) return failure("read", path_);
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  return done;
}

Result<void> LinuxFile::write_at(std::uint64_t offset, core::ByteView bytes) {
  std::size_t done{0};
  while (done < bytes.size()) {
    const auto rest = bytes.subspan(done);
    const auto put = [&] { return ::pwrite(fd_.get(), rest.data(), rest.size(), static_cast<off_t>(offset + done)); };
    const auto written = uninterrupted(put);
    if (written < 0) return failure("write", path_);
    if (written == 0) return failure(Errc::io, "write", path_, "the system took nothing");
    done += static_cast<std::size_t>(written);
  }
  return {};
}

Result<void> LinuxFile::truncate(std::uint64_t size) {
  const auto cut = [&] { return ::ftruncate(fd_.get(), static_cast<off_t>(size)); };
  if (uninterrupted(cut) != 0) return failure("truncate", path_);
  return {};
}

Result<std::uint64_t> LinuxFile::size() {
  struct ::stat status {};
  if (::fstat(fd_.get(), &status) != 0) return failure("examine", path_);
  return static_cast<std::uint64_t>(status.st_size);
}

Result<void> LinuxFile::sync() {
  // Not fdatasync: it may leave out what reading the data back does not need, and our size must be right at all events.
  const auto flush = [this] { return ::fsync(fd_.get()); };
  if (uninterrupted(flush) != 0) return failure("sync", path_);
  return {};
}

}  // namespace scanferry::platform
