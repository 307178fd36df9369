// SPDX-License-Identifier: Apache-2.0
#include <scanferry/dimse/scu_session.hpp>

#include <algorithm>

#include "words.hpp"

namespace scanferry::dimse {
namespace {

AssociateRequest request_of(const ScuConfig& config) {
  return {.called = config.called,
          .calling = config.calling,
          .max_pdu_bytes = config.max_pdu_receive,
          .window = config.window,
          .roles = config.roles,
          .extended = config.extended,
          .common_extended = config.common_extended,
          .identity = config.identity};
}

}  // namespace

std::optional<Words> fault_of(const ScuConfig& config, std::span<const ProposedContext> contexts) {
  return fault_of(request_of(config), contexts, kAssociateRqBytesMax);
}

ScuSession::ScuSession(const ScuConfig& config, std::span<const ProposedContext> contexts, core::Instant now)
    : MessageSession{Role::requestor, config.timeouts, incoming, outgoing, config.max_pdu_receive, config.serves, now},
      window_{config.window},
      max_pdu_send_{config.max_pdu_send},
      wants_identity_response_{config.identity && config.identity->response_requested} {
  if (!config.extended.empty()) extended_class_.assign(config.extended.front().sop_class_uid);
  ByteWriter out{request_pdu};
  const auto pdu = put_associate_rq(out, request_of(config), contexts);
  proposal_ = pdu.head.subspan(size::kAssociateFixed);
  engine().request(pdu);
}

void ScuSession::on_associate(const AssociatePdu& reply, core::Instant now) {
  // PS3.7 D.3.3.7: whoever asks for it and gets none knows that nobody looked at the identity.
  if (wants_identity_response_ && !reply.user.identity_response) {
    return engine().violate(words_of("accepted the association, but not the user identity"), now);
  }
  if (const auto answer = find_extended(reply.user.sub_items, extended_class_.view()); answer && !extended_class_.empty()) {
    extended_answer_bytes_ = std::min(answer->size(), extended_answer_.size());
    std::ranges::copy(answer->first(extended_answer_bytes_), extended_answer_.begin());
  }
  const auto window = agree(window_, reply.user.window);
  agreed(proposal_, window.invoked, window.performed);
  engine().establish(read_answers(proposal_, reply.items), reply.user.max_pdu_bytes, max_pdu_send_, now);
}

std::expected<std::uint16_t, RequestError> ScuSession::echo(core::Instant now) { return invoke(echo_request(), now); }

std::expected<std::uint16_t, RequestError> ScuSession::store(const StoreRequest& request, core::Instant now) {
  return invoke(store_request(request.sop_class_uid, request.sop_instance_uid), request.transfer_syntax_uid, request.data_set_bytes, now);
}

}  // namespace scanferry::dimse
