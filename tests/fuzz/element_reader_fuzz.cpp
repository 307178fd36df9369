// SPDX-License-Identifier: Apache-2.0
// The last byte chooses encoding, chunks and whether the end is known; the rest is a data set, or a file with one. It must be read the
// same whole and in pieces, at offsets that only grow, with no value beyond the input.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>

#include <scanferry/core/element_reader.hpp>
#include <scanferry/core/part10.hpp>

#include "require.hpp"

namespace {

using namespace scanferry::core;
using scanferry::fuzz::require;
using Event = ElementReader::Event;

constexpr std::size_t kChunks[] = {1, 2, 3, 7, 8, 11, 12, 13, 64, 4096};

bool is_same(const ElementHeader& a, const ElementHeader& b) {
  return a.tag == b.tag && a.vr == b.vr && a.length == b.length && a.depth == b.depth && a.offset == b.offset &&
         a.encoding == b.encoding && a.content == b.content;
}

/// Feeds a reader from an input, each piece in memory of its own.
class Source {
 public:
  Source(ByteView input, Encoding encoding, std::size_t chunk, bool is_end_known)
      : input_{input}, chunk_{chunk}, reader_{encoding, 0, is_end_known ? input.size() : ElementReader::kUnknownEnd} {}

  /// The next event but `need_input` and `value`, whose bytes are summed up.
  Result<Event> next() {
    for (;;) {
      const std::uint64_t before = reader_.offset();
      const auto event = reader_.next();
      require(reader_.offset() >= before && reader_.offset() <= input_.size());
      take_findings();
      if (!event) return event;
      if (*event == Event::value) {
        take_value();
      } else if (*event == Event::need_input) {
        feed();
      } else {
        return event;
      }
    }
  }

  [[nodiscard]] const ElementHeader& header() const { return reader_.header(); }
  [[nodiscard]] std::uint64_t sum() const { return sum_; }
  [[nodiscard]] std::uint64_t value_bytes() const { return value_bytes_; }

 private:
  void mix(std::uint64_t value) { sum_ = (sum_ ^ value) * 0x100000001B3U; }

  void take_findings() {
    for (const Finding& finding : reader_.findings()) {
      require(finding.offset <= input_.size());
      mix(finding.offset + finding.what.size());
    }
  }
  void take_value() {
    const ByteView bytes = reader_.bytes();
    require(!bytes.empty());
    require(std::memcmp(bytes.data(), &input_[static_cast<std::size_t>(reader_.offset()) - bytes.size()], bytes.size()) == 0);
    value_bytes_ += bytes.size();
    for (const std::byte b : bytes) mix(std::to_integer<std::uint64_t>(b));
  }
  void feed() {
    const std::size_t size = std::min(chunk_, input_.size() - fed_);
    if (size == 0) return reader_.finish();
    memory_ = std::make_unique<std::byte[]>(size);
    std::memcpy(memory_.get(), &input_[fed_], size);
    fed_ += size;
    reader_.feed({memory_.get(), size});
  }

  ByteView input_;
  std::size_t chunk_;
  ElementReader reader_;
  std::unique_ptr<std::byte[]> memory_;
  std::size_t fed_{0};
  std::uint64_t sum_{0};
  std::uint64_t value_bytes_{0};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const unsigned choice = data[size - 1];
  const ByteView file{reinterpret_cast<const std::byte*>(data), size - 1};
  const auto meta = read_file_meta(file);
  const auto encoding = choice % 4 < 3 ? static_cast<Encoding>(choice % 4) : meta ? meta->syntax.encoding : Encoding{};
  const bool is_end_known = choice / 4 % 2 == 0;
  const std::size_t chunk = kChunks[choice / 8 % std::size(kChunks)];
  const ByteView input = meta ? file.subspan(static_cast<std::size_t>(meta->data_set_offset)) : file;
  Source whole{input, encoding, input.size() + 1, is_end_known};
  Source pieces{input, encoding, chunk, is_end_known};
  // Nothing is told twice: each event but the ends of containers has a header of 8 bytes or more.
  for (std::size_t events = 0;; ++events) {
    require(events <= input.size() / 4 + 2 * ElementReader::kDepthMax);
    const auto a = whole.next();
    const auto b = pieces.next();
    require(a.has_value() == b.has_value());
    require(is_same(whole.header(), pieces.header()));
    require(whole.header().depth <= ElementReader::kDepthMax);
    require(whole.value_bytes() <= input.size());
    if (!a) {
      require(a.error().code == b.error().code && a.error().offset == b.error().offset && a.error().tag == b.error().tag);
      require(a.error().offset <= input.size());
      break;
    }
    require(*a == *b);
    if (*a == Event::end) break;
  }
  require(whole.sum() == pieces.sum());
  return 0;
}
