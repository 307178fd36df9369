// SPDX-License-Identifier: Apache-2.0
// Any bytes as a stream of PDUs. What is decoded can be walked and answered; the answer is decoded again and says what was answered.
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include <scanferry/dimse/association.hpp>
#include <scanferry/dimse/pdu.hpp>

#include "require.hpp"

using namespace scanferry;
using fuzz::require;

namespace {

using Bytes = std::vector<std::byte>;

constexpr std::size_t kIncomingBytes = 4096;

/// Accepts every context in its first transfer syntax, with whatever roles were proposed.
dimse::ContextAnswers accept_all(const dimse::AssociatePdu& asked) {
  dimse::ContextAnswers answers;
  dimse::ItemCursor items{asked.items};
  while (const auto context = dimse::next_context(items, dimse::ItemType::proposed_context)) {
    const auto result = dimse::transfer_syntax_at(*context, 0).empty() ? dimse::ContextResult::transfer_syntaxes_not_supported
                                                                       : dimse::ContextResult::accepted;
    answers.set(context->id, {result, 0, {.scu = true, .scp = true}});
  }
  return answers;
}

void check_walk(const dimse::AssociatePdu& pdu) {
  require(pdu.items.size() <= kIncomingBytes);
  dimse::ItemCursor extended{pdu.user.sub_items};
  while (const auto one = dimse::next_extended(extended)) require(one->sop_class_uid.size() <= core::Uid::capacity());
  dimse::ItemCursor common{pdu.user.sub_items};
  while (const auto one = dimse::next_common_extended(common)) {
    auto related = one->related;
    while (const auto uid = dimse::next_related(related)) require(uid->size() <= core::Uid::capacity());
    require(related.empty());
  }
}

void check_answer(const dimse::AssociatePdu& asked) {
  check_walk(asked);
  const auto answers = accept_all(asked);
  const dimse::AssociateAnswer more{.window = {.invoked = 0, .performed = 0}, .extended = {}, .identity_response = core::ByteView{}};
  std::array<std::byte, 4 * kIncomingBytes> room;
  dimse::ByteWriter out{room};
  if (!dimse::put_associate_ac(out, asked, answers, dimse::kPduUnlimited, more)) return;
  const auto reply = dimse::decode_associate(dimse::PduType::associate_ac, out.written().subspan(dimse::kPduHeaderBytes));
  require(reply.has_value());
  require(reply->user.window == asked.user.window);
  require(reply->user.identity_response.has_value() == (asked.user.identity && asked.user.identity->response_requested));
  const auto read = dimse::read_answers(asked.items, reply->items);
  dimse::ItemCursor items{asked.items};
  while (const auto context = dimse::next_context(items, dimse::ItemType::proposed_context)) {
    const auto given = answers.at(context->id);
    const auto proposed = dimse::find_roles(asked.user.sub_items, context->abstract_syntax);
    const auto roles = dimse::agree(proposed, given.roles);
    // One in which nobody may ask anything counts as refused.
    const bool is_mute = given.result == dimse::ContextResult::accepted && roles == dimse::Roles{false, false};
    require(read.at(context->id).result == (is_mute ? dimse::ContextResult::no_reason : given.result));
    if (read.accepted(context->id)) require(read.at(context->id).roles == roles);
  }
}

/// The stream as an acceptor or a requestor hears it; `step` bytes at a time.
void check_association(dimse::Role role, core::ByteView stream, std::size_t step) {
  std::array<std::byte, kIncomingBytes> incoming;
  std::array<std::byte, 4 * kIncomingBytes> outgoing;
  dimse::Association association{role, incoming, outgoing, 1024};
  const auto drain = [&association] {
    while (!association.output().empty()) association.wrote();
  };
  if (role == dimse::Role::requestor) association.request(stream.first(std::min<std::size_t>(stream.size(), 8)));
  drain();
  while (!stream.empty()) {
    auto piece = stream.first(std::min(step, stream.size()));
    stream = stream.subspan(piece.size());
    while (const auto indication = association.receive(piece)) {
      require(indication->fragment.bytes.size() <= step);
      if (indication->kind == dimse::Indication::Kind::associate_asked) {
        check_answer(indication->associate);
        if (!association.accept(indication->associate, accept_all(indication->associate), 0)) association.reject({1, 1, 1});
      }
      if (indication->kind == dimse::Indication::Kind::associate_accepted) check_walk(indication->associate);
      if (indication->kind == dimse::Indication::Kind::release_asked) association.answer_release();
      drain();
    }
    require(piece.empty());
  }
  association.transport_closed();
  require(association.state() == dimse::State::sta1);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto bytes = std::as_bytes(std::span{data, size});
  const auto choice = std::to_integer<unsigned>(bytes[0]);
  const auto stream = bytes.subspan(1);
  const auto step = 1 + (choice >> 2U) * 17U;
  check_association((choice & 1U) != 0 ? dimse::Role::requestor : dimse::Role::acceptor, stream, step);
  // The values alone too: random bytes seldom begin with a right length. A copy of their own size shows a read behind them.
  const Bytes value{stream.begin(), stream.end()};
  if (const auto asked = dimse::decode_associate(dimse::PduType::associate_rq, value); asked && value.size() <= kIncomingBytes) {
    check_answer(*asked);
  }
  if (const auto reply = dimse::decode_associate(dimse::PduType::associate_ac, value); reply && value.size() <= kIncomingBytes) {
    check_walk(*reply);
  }
  return 0;
}
