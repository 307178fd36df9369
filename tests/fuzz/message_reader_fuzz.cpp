// SPDX-License-Identifier: Apache-2.0
// Fragments in any order and of any content. A second reading of PS3.8 E.1, written as plainly as can be, must come to the same.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include <scanferry/dimse/message_reader.hpp>

#include "require.hpp"
#include "script.hpp"

using namespace scanferry;
using fuzz::require;

namespace {

/// What may come next.
class Model {
 public:
  enum class Verdict : std::uint8_t { wrong, nothing_yet, command, data };

  Verdict take(const dimse::Fragment& fragment) {
    const bool is_command = fragment.kind == dimse::FragmentKind::command;
    if ((is_inside_ || must_have_data_) && fragment.context_id != context_id_) return Verdict::wrong;
    if (is_command ? must_have_data_ || (is_inside_ && command_.empty()) : !command_.empty() || !may_have_data_) return Verdict::wrong;
    return is_command ? take_command(fragment) : take_data(fragment);
  }

 private:
  Verdict take_command(const dimse::Fragment& fragment) {
    command_.insert(command_.end(), fragment.bytes.begin(), fragment.bytes.end());
    if (command_.size() > dimse::kCommandBytesMax) return Verdict::wrong;
    context_id_ = fragment.context_id;
    is_inside_ = !command_.empty();
    if (!fragment.last) return Verdict::nothing_yet;
    const auto command = dimse::read_command_set(command_);
    if (!command) return Verdict::wrong;
    command_.clear();
    is_inside_ = false;
    may_have_data_ = command->announces_data_set();
    must_have_data_ = may_have_data_ && !command->is_response();
    return Verdict::command;
  }
  Verdict take_data(const dimse::Fragment& fragment) {
    may_have_data_ = is_inside_ = must_have_data_ = !fragment.last;
    return Verdict::data;
  }

  std::vector<std::byte> command_;
  std::uint8_t context_id_{0};
  bool is_inside_{false};
  bool may_have_data_{false};
  bool must_have_data_{false};
};

dimse::Fragment next_fragment(fuzz::Script& script, const std::vector<std::byte>& made) {
  const auto choice = script.u8();
  dimse::Fragment fragment;
  fragment.context_id = (choice & 0x20U) != 0 ? 3 : 1;
  fragment.kind = (choice & 1U) != 0 ? dimse::FragmentKind::command : dimse::FragmentKind::data_set;
  fragment.last = (choice & 2U) != 0;
  // A command that is one, whole or cut; or whatever comes.
  fragment.bytes = (choice & 4U) != 0 ? core::ByteView{made} : script.bytes((choice & 8U) != 0 ? script.u16() : script.u8());
  if ((choice & 0x14U) == 0x14U) fragment.bytes = fragment.bytes.first(script.u8() % (fragment.bytes.size() + 1));
  return fragment;
}

std::vector<std::byte> make_command(fuzz::Script& script) {
  const auto choice = script.u8();
  dimse::CommandSet command;
  command.affected_sop_class_uid = "1.2.3";
  command.command_field = static_cast<std::uint16_t>((choice & 1U) != 0 ? 0x8020 : 0x0001);
  command.data_set_type = (choice & 2U) != 0 ? dimse::kDataSetFollows : dimse::kNoDataSet;
  std::vector<std::byte> room(dimse::kCommandSetBytesMax);
  dimse::ByteWriter out{room};
  dimse::put_command_set(out, command);
  room.resize(out.size());
  return room;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using Verdict = Model::Verdict;
  fuzz::Script script{std::as_bytes(std::span{data, size})};
  const auto reader = std::make_unique<dimse::MessageReader>();
  Model model;
  auto made = make_command(script);
  while (!script.is_over()) {
    const auto fragment = next_fragment(script, made);
    const auto copy = std::vector<std::byte>{fragment.bytes.begin(), fragment.bytes.end()};
    if (fragment.last) made = make_command(script);
    auto given = fragment;
    given.bytes = copy;
    const auto verdict = model.take(given);
    const auto part = reader->take(given);
    require(part.has_value() == (verdict != Verdict::wrong));
    if (!part) break;  // nothing may follow
    require(part->has_value() == (verdict != Verdict::nothing_yet));
    if (!*part) continue;
    require((*part)->command.has_value() == (verdict == Verdict::command));
    require((*part)->context_id == fragment.context_id);
    if (verdict == Verdict::data) require((*part)->data.data() == copy.data() && (*part)->data.size() == copy.size() && (*part)->last == given.last);
    if (verdict == Verdict::command) require((*part)->last == !(*part)->command->announces_data_set());
  }
  return 0;
}
