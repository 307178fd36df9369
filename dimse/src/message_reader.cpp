// SPDX-License-Identifier: Apache-2.0
#include <scanferry/dimse/message_reader.hpp>

#include <algorithm>

#include "words.hpp"

namespace scanferry::dimse {

std::expected<std::optional<MessagePart>, Words> MessageReader::take(const Fragment& fragment) {
  const bool inside = inside_message() || data_due_ == DataDue::yes;
  if (inside && fragment.context_id != context_id_) {
    return std::unexpected{words_of("a message changed from presentation context ", context_id_, " to ", fragment.context_id)};
  }
  return fragment.kind == FragmentKind::command ? take_command(fragment) : take_data(fragment);
}

std::expected<std::optional<MessagePart>, Words> MessageReader::take_command(const Fragment& fragment) {
  if (data_due_ == DataDue::yes || data_due_ == DataDue::begun) {
    return std::unexpected{words_of("a command came where a data set was due")};
  }
  if (fragment.bytes.size() > command_.size() - filled_) {
    return std::unexpected{words_of("a command set of more than ", command_.size(), " bytes")};
  }
  std::ranges::copy(fragment.bytes, command_.begin() + static_cast<std::ptrdiff_t>(filled_));
  filled_ += fragment.bytes.size();
  context_id_ = fragment.context_id;
  if (!fragment.last) return std::nullopt;

  const auto command = read_command_set(core::ByteView{command_}.first(filled_));
  filled_ = 0;
  if (!command) return std::unexpected{command.error()};
  // Peers are known to announce a data set in a response that has none: for a response, the next fragment tells.
  const auto due = command->is_response() ? DataDue::perhaps : DataDue::yes;
  data_due_ = command->announces_data_set() ? due : DataDue::no;
  return MessagePart{.context_id = context_id_, .command = *command, .data = {}, .last = data_due_ == DataDue::no};
}

std::expected<std::optional<MessagePart>, Words> MessageReader::take_data(const Fragment& fragment) {
  if (filled_ > 0 || data_due_ == DataDue::no) return std::unexpected{words_of("a data set came where a command was due")};
  data_due_ = fragment.last ? DataDue::no : DataDue::begun;
  return MessagePart{.context_id = fragment.context_id, .command = std::nullopt, .data = fragment.bytes, .last = fragment.last};
}

}  // namespace scanferry::dimse
