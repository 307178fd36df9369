// SPDX-License-Identifier: Apache-2.0
#include "pacs_association.hpp"

namespace scanferry::tests {
namespace {

constexpr std::string_view kApplicationContext = "1.2.840.10008.3.1.1.1";
constexpr std::string_view kVerification = "1.2.840.10008.1.1";
constexpr std::string_view kStorageClassPrefix = "1.2.840.10008.5.1.4.1.1.";
constexpr std::string_view kImplementation = "1.2.826.0.1.3680043.9.9999.1";

enum ItemType : std::uint8_t {
  kApplicationContextItem = 0x10,
  kContextRq = 0x20,
  kContextAc = 0x21,
  kAbstractSyntax = 0x30,
  kTransferSyntax = 0x40,
  kUserInformation = 0x50,
  kMaximumLength = 0x51,
  kImplementationClass = 0x52,
  kOperationsWindow = 0x53,
};

enum ContextResult : std::uint8_t { kAccepted = 0, kNoAbstractSyntax = 3, kNoTransferSyntax = 4 };

// The called and calling AE titles, which an A-ASSOCIATE-AC repeats: PS3.8 9.3.3.
constexpr std::size_t kTitlesAt = 4;
constexpr std::size_t kTitlesBytes = 16 + 16 + 32;
constexpr std::size_t kFixedBytes = kTitlesAt + kTitlesBytes;

struct Item {
  std::uint8_t type;
  Unwire value;
};

Item next_item(Unwire& in) {
  const auto type = in.u8();
  (void)in.u8();
  const auto length = in.be16();
  return {type, Unwire{in.take(length)}};
}

std::string rest_of(Unwire value) {
  std::string text;
  while (!value.empty()) text += static_cast<char>(value.u8());
  return text;
}

bool asks_for_window(Unwire items) {
  while (!items.empty()) {
    auto [type, value] = next_item(items);
    while (type == kUserInformation && !value.empty()) {
      if (next_item(value).type == kOperationsWindow) return true;
    }
  }
  return false;
}

}  // namespace

PacsAssociation::PacsAssociation(ScriptedPacs& pacs, platform::ByteStream& stream, platform::Clock& clock)
    : pacs_{pacs}, stream_{stream}, clock_{clock}, reader_{stream, clock, pacs.behaviour_.patience} {}

PacsAssociation::~PacsAssociation() {
  if (object_) pacs_.end_object(object_->request.sop_instance_uid, stream_);
  if (is_open_) --pacs_.open_;
}

platform::Task<void> PacsAssociation::run() {
  const bool established = co_await establish();
  while (established) {
    const auto pdu = co_await reader_.next();
    if (!pdu || pdu->type == kAbort) co_return;
    if (pdu->type == kReleaseRq) {
      (void)co_await send(stream_, clock_, make_pdu(kReleaseRp, Bytes(4)), pacs_.behaviour_.patience);
      co_await wait_for_the_end();
      co_return;
    }
    const bool more = co_await take_data(*pdu);
    if (!more) co_return;
  }
}

platform::Task<bool> PacsAssociation::establish() {
  const auto request = co_await reader_.next();
  if (!request) co_return false;
  if (request->type != kAssociateRq || request->value.size() < kFixedBytes) {
    co_return co_await violation("the first PDU is no A-ASSOCIATE-RQ");
  }
  co_return co_await answer_request(*request);
}

platform::Task<bool> PacsAssociation::answer_request(const Pdu& request) {
  using Fate = ScriptedPacs::AssociationFate;
  const auto fate = pacs_.draw_association();
  Bytes answer;
  switch (fate) {
    case Fate::silence: co_await wait_for_the_end(); co_return false;
    case Fate::abort: co_return co_await abort();
    // PS3.8 9.3.4: reserved, result, source, reason.
    case Fate::reject_for_ever: answer = make_pdu(kAssociateRj, Wire{}.u8(0).u8(1).u8(1).u8(7).data()); break;
    case Fate::reject_for_now: answer = make_pdu(kAssociateRj, Wire{}.u8(0).u8(2).u8(3).u8(1).data()); break;
    case Fate::refuse_contexts:
    case Fate::accept: answer = accept(request, fate == Fate::refuse_contexts); break;
  }
  const bool accepted = answer.front() == std::byte{kAssociateAc};
  if (accepted && contexts_.empty() && fate == Fate::accept) co_return co_await violation("no context that a storage SCP knows");
  is_open_ = accepted;
  if (is_open_) ++pacs_.open_;
  const bool sent = co_await send(stream_, clock_, std::move(answer), pacs_.behaviour_.patience);
  if (!accepted) co_await wait_for_the_end();
  co_return sent && accepted;
}

Bytes PacsAssociation::accept(const Pdu& request, bool refuse_all) {
  const core::ByteView value{request.value};
  if (refuse_all) pacs_.contexts_refused_ = true;
  Wire answer;
  answer.be16(1).be16(0).bytes(value.subspan(kTitlesAt, kTitlesBytes));
  answer.item(kApplicationContextItem, kApplicationContext);
  answer.bytes(answer_contexts(Unwire{value.subspan(kFixedBytes)}, refuse_all));
  Wire user;
  user.item(kMaximumLength, Wire{}.be32(pacs_.behaviour_.max_pdu_bytes).data());
  user.item(kImplementationClass, kImplementation);
  const auto window = pacs_.behaviour_.window;
  if (window > 1 && asks_for_window(Unwire{value.subspan(kFixedBytes)})) {
    user.item(kOperationsWindow, Wire{}.be16(window).be16(1).data());
  }
  answer.item(kUserInformation, user.data());
  return make_pdu(kAssociateAc, answer.data());
}

Bytes PacsAssociation::answer_contexts(Unwire items, bool refuse_all) {
  Wire answers;
  while (!items.empty()) {
    auto [type, value] = next_item(items);
    if (type != kContextRq) continue;
    const auto id = value.u8();
    (void)value.take(3);
    auto [abstract_type, abstract_value] = next_item(value);
    auto [transfer_type, transfer_value] = next_item(value);
    const Context context{rest_of(abstract_value), rest_of(transfer_value)};
    const bool known = context.abstract_syntax == kVerification || context.abstract_syntax.starts_with(kStorageClassPrefix);
    const auto result = known && !refuse_all ? kAccepted : kNoAbstractSyntax;
    if (id % 2 == 0 || abstract_type != kAbstractSyntax || transfer_type != kTransferSyntax) {
      pacs_.complain_("a presentation context is malformed");
    }
    if (result == kAccepted) contexts_.emplace(id, context);
    // PS3.8 9.3.3.2: id, reserved, result, reserved, one transfer syntax.
    Wire answer;
    answer.u8(id).u8(0).u8(result).u8(0).item(kTransferSyntax, context.transfer_syntax);
    answers.item(kContextAc, answer.data());
  }
  return answers.data();
}

platform::Task<bool> PacsAssociation::take_data(const Pdu& pdu) {
  const auto limit = pacs_.behaviour_.max_pdu_bytes;
  if (pdu.type != kData) co_return co_await violation("a PDU of type " + std::to_string(pdu.type) + " came on an open association");
  if (limit != 0 && pdu.value.size() > limit) co_return co_await violation("a PDU is longer than the announced maximum");
  const auto pdvs = split_pdvs(pdu);
  if (!pdvs) co_return co_await violation("a P-DATA-TF is malformed");
  for (const auto& pdv : *pdvs) {
    if (!contexts_.contains(pdv.context)) co_return co_await violation("a PDV names a context that was not accepted");
    if (pdv.value.size() % 2 != 0) co_return co_await violation("a fragment has an odd length");
    const bool more = pdv.is_command ? co_await take_command_fragment(pdv) : co_await take_data_fragment(pdv);
    if (!more) co_return false;
  }
  co_return true;
}

platform::Task<bool> PacsAssociation::take_command_fragment(const Pdv& pdv) {
  if (object_) co_return co_await violation("a command came inside a data set");
  command_.insert(command_.end(), pdv.value.begin(), pdv.value.end());
  if (!pdv.is_last) co_return true;
  const auto request = decode_command(command_);
  command_.clear();
  if (!request) co_return co_await violation("a command set is malformed");
  if (request->field == kEchoRq) co_return co_await answer_echo(*request, pdv.context);
  std::string wrong;
  if (!begin_object(*request, pdv.context, wrong)) co_return co_await violation(wrong);
  co_return true;
}

bool PacsAssociation::begin_object(const Command& request, std::uint8_t context, std::string& wrong) {
  if (request.field != kStoreRq) wrong = "a command that is neither C-STORE-RQ nor C-ECHO-RQ";
  if (request.data_set_type == 0x0101) wrong = "a C-STORE-RQ without a data set";
  if (request.sop_class_uid != contexts_[context].abstract_syntax) wrong = "the SOP class is not that of the context";
  if (request.sop_instance_uid.empty()) wrong = "a C-STORE-RQ without a SOP Instance UID";
  if (!wrong.empty()) return false;
  object_.emplace();
  object_->request = request;
  object_->context = context;
  object_->fate = pacs_.draw_object();
  object_->break_at = pacs_.prng_.size_between(0, 19'999);
  pacs_.begin_object(request.sop_instance_uid, stream_);
  return true;
}

platform::Task<bool> PacsAssociation::take_data_fragment(const Pdv& pdv) {
  using Fate = ScriptedPacs::ObjectFate;
  if (!object_ || object_->context != pdv.context) co_return co_await violation("a data set came without its command");
  auto& data = object_->data_set;
  data.insert(data.end(), pdv.value.begin(), pdv.value.end());
  const bool breaks = data.size() >= object_->break_at;
  if (breaks && object_->fate == Fate::abort) co_return co_await abort();
  if (breaks && object_->fate == Fate::close) co_return false;
  if (!pdv.is_last) co_return true;
  co_return co_await finish_object();
}

platform::Task<bool> PacsAssociation::finish_object() {
  using Fate = ScriptedPacs::ObjectFate;
  auto& object = *object_;
  const std::string uid = object.request.sop_instance_uid;
  if (pacs_.behaviour_.think_time_max > core::Millis{0}) {
    co_await pause(core::Millis{static_cast<std::int64_t>(pacs_.prng_.below(static_cast<std::uint64_t>(pacs_.behaviour_.think_time_max.count())))});
  }
  auto& dealings = pacs_.dealings_[uid];
  ++dealings.receptions;
  Command response;
  response.field = kStoreRsp;
  response.message_id = object.request.message_id;
  response.sop_class_uid = object.request.sop_class_uid;
  response.sop_instance_uid = uid;
  response.status = pacs_.status_for(uid);
  const bool refused = response.status != 0 && response.status >> 12U != 0xBU;
  const bool tells = object.fate == Fate::answer || object.fate == Fate::abort || object.fate == Fate::close;
  if (refused) {
    ++dealings.refusals;
    response.comment = "scripted";
  } else if (tells || pacs_.prng_.coin()) {
    pacs_.store(uid, {object.request.sop_class_uid, contexts_[object.context].transfer_syntax, std::move(object.data_set)});
  }
  if (object.fate == Fate::close_before_answer) co_return false;
  if (object.fate == Fate::silence) {
    co_await wait_for_the_end();
    co_return false;
  }
  if (object.fate == Fate::garble) {
    (void)co_await send(stream_, clock_, Bytes(64, static_cast<std::byte>(pacs_.prng_.next() & 0xFFU)), pacs_.behaviour_.patience);
    co_return false;
  }
  const auto context = object.context;
  pacs_.end_object(uid, stream_);
  object_.reset();
  co_return co_await respond(response, context);
}

platform::Task<bool> PacsAssociation::answer_echo(const Command& request, std::uint8_t context) {
  if (request.data_set_type != 0x0101 || contexts_[context].abstract_syntax != kVerification) {
    co_return co_await violation("a C-ECHO-RQ is malformed");
  }
  ++pacs_.echoes_;
  Command response;
  response.field = kEchoRsp;
  response.message_id = request.message_id;
  response.sop_class_uid = request.sop_class_uid;
  co_return co_await respond(response, context);
}

platform::Task<bool> PacsAssociation::respond(const Command& response, std::uint8_t context) {
  auto bytes = make_data_pdus(context, true, encode_command(response), pacs_.behaviour_.command_fragment_bytes);
  co_return co_await send(stream_, clock_, std::move(bytes), pacs_.behaviour_.patience);
}

platform::Task<bool> PacsAssociation::violation(std::string what) {
  pacs_.complain_("the device broke the protocol: " + what);
  co_return co_await abort();
}

// PS3.8 9.3.8: two reserved bytes, source, reason.
platform::Task<bool> PacsAssociation::abort() {
  auto bytes = make_pdu(kAbort, Wire{}.u8(0).u8(0).u8(0).u8(0).data());
  (void)co_await send(stream_, clock_, std::move(bytes), pacs_.behaviour_.patience);
  co_await wait_for_the_end();
  co_return false;
}

platform::Task<void> PacsAssociation::pause(core::Millis span) {
  const auto event = clock_.make_event();
  (void)co_await event->wait_until(clock_.now() + span);
}

// Closing first would turn what the other side still sends into a reset that may overtake our last words.
platform::Task<void> PacsAssociation::wait_for_the_end() {
  const auto deadline = clock_.now() + pacs_.behaviour_.patience;
  std::array<std::byte, 4096> ignored{};
  while (clock_.now() < deadline) {
    const auto got = co_await stream_.read_some(ignored, deadline);
    if (!got) co_return;
  }
}

}  // namespace scanferry::tests
