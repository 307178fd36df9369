// SPDX-License-Identifier: Apache-2.0
#include <scanferry/dimse/message_writer.hpp>

#include <algorithm>
#include <array>

namespace scanferry::dimse {

void MessageWriter::set_pdu_bytes_max(std::uint32_t peer, std::uint32_t ours) {
  const auto limit = std::max(peer == kPduUnlimited ? ours : std::min(peer, ours), kPduBytesMin);
  fragment_bytes_max_ = (limit - static_cast<std::uint32_t>(kPdvHeaderBytes)) & ~1U;
}

void MessageWriter::begin(ByteWriter& out, std::uint8_t context_id, const CommandSet& command,
                          std::optional<std::uint64_t> data_set_bytes) {
  put_command(out, context_id, command);
  context_id_ = context_id;
  window_ = {};
  busy_ = true;
  last_piece_ = !data_set_bytes.has_value();
  data_set_bytes_ = data_set_bytes.value_or(0);
  if (!last_piece_) put_next_header(out);
}

void MessageWriter::put_command(ByteWriter& out, std::uint8_t context_id, const CommandSet& command) const {
  std::array<std::byte, kCommandSetBytesMax> room{};
  ByteWriter encoded{room};
  put_command_set(encoded, command);
  auto rest = encoded.written();
  while (!rest.empty()) {
    const auto count = std::min<std::size_t>(rest.size(), fragment_bytes_max_);
    put_data_header(out, context_id, FragmentKind::command, count == rest.size(), static_cast<std::uint32_t>(count));
    out.bytes(rest.first(count));
    rest = rest.subspan(count);
  }
}

void MessageWriter::advance(ByteWriter& out) {
  if (!busy_) return;
  window_.offset += window_.length;
  window_.length = 0;
  busy_ = !last_piece_;
  if (busy_) put_next_header(out);
}

void MessageWriter::put_next_header(ByteWriter& out) {
  const auto left = data_set_bytes_ - window_.offset;
  window_.length = static_cast<std::uint32_t>(std::min<std::uint64_t>(left, fragment_bytes_max_));
  last_piece_ = window_.length == left;
  put_data_header(out, context_id_, FragmentKind::data_set, last_piece_, window_.length);
}

void MessageWriter::cancel() {
  busy_ = false;
  window_ = {};
}

}  // namespace scanferry::dimse
