// SPDX-License-Identifier: Apache-2.0
#include <scanferry/model/deflate.hpp>

#include <algorithm>
#include <array>

#include <zlib.h>

namespace scanferry::model {
namespace {

constexpr std::size_t kChunkBytes = 64 * 1024;
constexpr int kRawDeflate = -15;  // the largest window, no header
constexpr int kMemoryLevel = 8;

Bytef* as_zlib(std::byte* p) { return reinterpret_cast<Bytef*>(p); }

/// zlib's state, ended whatever happens.
struct InflateStream {
  z_stream z{};
  InflateStream() { inflateInit2(&z, kRawDeflate); }
  ~InflateStream() { inflateEnd(&z); }
  InflateStream(const InflateStream&) = delete;
  InflateStream& operator=(const InflateStream&) = delete;
};

}  // namespace

Result<Inflated> inflate(const ByteSource& source, std::uint64_t offset, std::uint64_t bytes_max) {
  Inflated out;
  InflateStream stream;
  std::vector<std::byte> in(kChunkBytes);
  std::vector<std::byte> piece(kChunkBytes);
  for (;;) {
    auto got = source.read_at(offset, in);
    if (!got) return std::unexpected{got.error()};
    if (*got == 0) {
      out.defect = Error{"the deflated data set is cut off", offset, {}};
      return out;
    }
    stream.z.next_in = as_zlib(in.data());
    stream.z.avail_in = static_cast<uInt>(*got);
    do {
      stream.z.next_out = as_zlib(piece.data());
      stream.z.avail_out = static_cast<uInt>(piece.size());
      const int status = ::inflate(&stream.z, Z_NO_FLUSH);
      const std::size_t made = piece.size() - stream.z.avail_out;
      if (made > bytes_max - out.bytes.size()) {
        out.defect = Error{"the deflated data set is larger than this reader inflates: " + std::to_string(bytes_max) + " bytes", offset, {}};
        return out;
      }
      out.bytes.insert(out.bytes.end(), piece.begin(), piece.begin() + static_cast<std::ptrdiff_t>(made));
      if (status == Z_STREAM_END) return out;
      if (status != Z_OK && status != Z_BUF_ERROR) {
        out.defect = Error{"the data set is not deflated as its transfer syntax says, or is damaged", offset + *got - stream.z.avail_in, {}};
        return out;
      }
    } while (stream.z.avail_out == 0);
    offset += *got;
  }
}

struct DeflateSink::Stream {
  z_stream z{};
  Stream() { deflateInit2(&z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kRawDeflate, kMemoryLevel, Z_DEFAULT_STRATEGY); }
  ~Stream() { deflateEnd(&z); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
};

DeflateSink::DeflateSink(ByteSink& out) : out_{out}, stream_{std::make_unique<Stream>()}, buffer_(kChunkBytes) {}
DeflateSink::~DeflateSink() = default;

Result<void> DeflateSink::write(core::ByteView bytes) {
  while (!bytes.empty()) {
    const auto piece = bytes.first(std::min(bytes.size(), kChunkBytes));
    if (auto done = run(piece, false); !done) return done;
    bytes = bytes.subspan(piece.size());
  }
  return {};
}

Result<void> DeflateSink::finish() {
  if (auto done = run({}, true); !done) return done;
  const std::array<std::byte, 1> padding{};
  return written_ % 2 == 0 ? Result<void>{} : out_.write(padding);
}

Result<void> DeflateSink::run(core::ByteView bytes, bool is_last) {
  auto& z = stream_->z;
  z.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(bytes.data()));  // zlib does not write there
  z.avail_in = static_cast<uInt>(bytes.size());
  do {
    z.next_out = as_zlib(buffer_.data());
    z.avail_out = static_cast<uInt>(buffer_.size());
    ::deflate(&z, is_last ? Z_FINISH : Z_NO_FLUSH);
    const auto made = core::ByteView{buffer_}.first(buffer_.size() - z.avail_out);
    written_ += made.size();
    if (auto done = out_.write(made); !done) return done;
  } while (z.avail_out == 0);
  return {};
}

}  // namespace scanferry::model
