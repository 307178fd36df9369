// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include <scanferry/model/byte_source.hpp>

namespace scanferry::model {

/// The bytes that came out, and what stopped them, if something did.
struct Inflated {
  std::vector<std::byte> bytes;
  std::optional<Error> defect;
};

/// Inflates a deflated data set, PS3.5 A.5 (RFC 1951, without a zlib header), from `offset` in `source` to its end. At most
/// `bytes_max` bytes come out; more is a defect, as are a cut and a broken stream. Errors: `source` cannot be read.
Result<Inflated> inflate(const ByteSource& source, std::uint64_t offset, std::uint64_t bytes_max);

/// Deflates what is written to it and passes it on, padded to an even length (PS3.5 A.5). Call `finish` at the end.
class DeflateSink final : public ByteSink {
 public:
  /// `out` is borrowed.
  explicit DeflateSink(ByteSink& out);
  ~DeflateSink() override;

  Result<void> write(core::ByteView bytes) override;
  Result<void> finish();

 private:
  struct Stream;
  Result<void> run(core::ByteView bytes, bool is_last);

  ByteSink& out_;
  std::unique_ptr<Stream> stream_;
  std::vector<std::byte> buffer_;
  std::uint64_t written_{0};
};

}  // namespace scanferry::model
