// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include <scanferry/core/bytes.hpp>
#include <scanferry/model/error.hpp>

namespace scanferry::model {

/// A file to read from anywhere in it. Values that are too large to hold stay there, so it outlives what was read from it.
class ByteSource {
 public:
  ByteSource() = default;
  ByteSource(const ByteSource&) = delete;
  ByteSource& operator=(const ByteSource&) = delete;
  virtual ~ByteSource() = default;

  /// Bytes in all.
  [[nodiscard]] virtual std::uint64_t size() const = 0;
  /// Fills `buffer` from `offset` on; fewer bytes come at the end only. Errors: what the system says.
  virtual Result<std::size_t> read_at(std::uint64_t offset, core::ByteBuffer buffer) const = 0;
};

/// Bytes in memory, borrowed.
class MemorySource final : public ByteSource {
 public:
  explicit MemorySource(core::ByteView bytes) : bytes_{bytes} {}

  [[nodiscard]] std::uint64_t size() const override { return bytes_.size(); }
  Result<std::size_t> read_at(std::uint64_t offset, core::ByteBuffer buffer) const override;

 private:
  core::ByteView bytes_;
};

/// Where bytes go, in order.
class ByteSink {
 public:
  ByteSink() = default;
  ByteSink(const ByteSink&) = delete;
  ByteSink& operator=(const ByteSink&) = delete;
  virtual ~ByteSink() = default;

  virtual Result<void> write(core::ByteView bytes) = 0;
};

/// Collects bytes, or text, in memory.
class StringSink final : public ByteSink {
 public:
  Result<void> write(core::ByteView bytes) override;

  std::string text;
};

}  // namespace scanferry::model
