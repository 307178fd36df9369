// SPDX-License-Identifier: Apache-2.0
// A script of what a peer says and what a driver does, in any order: the events of a session always make sense, what it writes can be
// read, and it ends.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include <scanferry/dimse/scp_session.hpp>
#include <scanferry/dimse/scu_session.hpp>

#include "require.hpp"
#include "script.hpp"

using namespace scanferry;
using fuzz::require;
using fuzz::Script;

namespace {

using Kind = dimse::Event::Kind;

constexpr std::string_view kClass = "1.2.840.10008.5.1.4.1.1.3.1";
constexpr std::string_view kSyntax = "1.2.840.10008.1.2.1";
constexpr std::array kServed{dimse::CommandField::c_store, dimse::CommandField::c_find, dimse::CommandField::n_event_report};
constexpr std::uint32_t kPeerPduBytes = 64;

struct AcceptAll final : dimse::Acceptance {
  std::optional<dimse::Rejection> refuses(const dimse::AssociatePdu&) const override { return std::nullopt; }
  dimse::ContextAnswer judge(const dimse::PresentationContext& context, dimse::Roles proposed) const override {
    if (dimse::transfer_syntax_at(context, 0).empty()) return {dimse::ContextResult::transfer_syntaxes_not_supported, 0};
    return {dimse::ContextResult::accepted, 0, proposed};
  }
};
const AcceptAll kAcceptAll;

/// Reads what a session writes, as its peer would.
class Listener {
 public:
  void hear(core::ByteView bytes) {
    while (const auto incoming = reader_.next(bytes)) {
      require(incoming->kind != dimse::Incoming::Kind::fault);
      if (incoming->kind != dimse::Incoming::Kind::fragment) continue;
      const auto part = messages_.take(incoming->fragment);
      require(part.has_value());
    }
    require(bytes.empty());
  }

 private:
  std::array<std::byte, 65'536> room_{};
  dimse::PduReader reader_{room_, kPeerPduBytes};
  dimse::MessageReader messages_;
};

class Play {
 public:
  explicit Play(Script script) : script_{script} {
    const auto window = dimse::OperationsWindow{script_.u8(), script_.u8()};
    if ((script_.u8() & 1U) != 0) {
      scu_ = std::make_unique<dimse::ScuSession>(
          dimse::ScuConfig{.calling = "A", .called = "B", .timeouts = {}, .window = window, .serves = kServed}, kContexts, now_);
    } else {
      scp_ = std::make_unique<dimse::ScpSession>(
          dimse::ScpConfig{.title = "A", .window = window, .timeouts = {}, .acceptance = &kAcceptAll, .serves = kServed}, now_);
    }
  }

  void run() {
    // Most scripts are to come to what follows the negotiation.
    if (scu_) write_all();
    say_associate();
    while (!script_.is_over() && !session().finished()) step();
    end();
  }

 private:
  dimse::MessageSession& session() { return scu_ ? static_cast<dimse::MessageSession&>(*scu_) : *scp_; }

  void step() {
    switch (script_.u8() % 12) {
      case 0: return hear(script_.bytes(script_.u8()));
      case 1: return say_associate();
      case 2: return say_command();
      case 3: return say_data();
      case 4: return say_short(dimse::PduType::release_rq);
      case 5: return say_short(dimse::PduType::release_rp);
      case 6: return say_short(dimse::PduType::abort);
      case 7: return ask();
      case 8: return respond();
      case 9: return session().cancel(script_.u8(), now_);
      case 10: return script_.u8() < 32 ? session().release(now_) : write_once();
      default: return pass_time();
    }
  }

  // --- the peer

  void say_associate() {
    std::array<std::byte, 4096> room;
    dimse::ByteWriter out{room};
    const dimse::AssociateRequest request{.called = "A", .calling = "B", .max_pdu_bytes = kPeerPduBytes, .window = dimse::OperationsWindow{3, 3}};
    const auto rq = dimse::put_associate_rq(out, request, kContexts);
    if (scp_) return hear(rq.head);
    const auto asked = dimse::decode_associate(dimse::PduType::associate_rq, rq.head.subspan(dimse::kPduHeaderBytes));
    require(asked.has_value());
    dimse::ContextAnswers answers;
    answers.set(1, {dimse::ContextResult::accepted, 0});
    answers.set(3, {dimse::ContextResult::accepted, 0});
    std::array<std::byte, 4096> reply_room;
    dimse::ByteWriter reply{reply_room};
    require(dimse::put_associate_ac(reply, *asked, answers, kPeerPduBytes, {.window = {3, 3}}));
    hear(reply.written());
  }

  void say_command() {
    static constexpr std::array<std::uint16_t, 8> kFields{0x0001, 0x0020, 0x0030, 0x0100, 0x0FFF, 0x0021, 0x0777, 0x0140};
    const auto choice = script_.u8();
    dimse::CommandSet command;
    command.affected_sop_class_uid = (choice & 0x40U) != 0 ? "" : kClass;
    command.affected_sop_instance_uid = "1.2.3";
    command.event_type = 1;
    command.command_field = static_cast<std::uint16_t>(kFields[choice & 7U] | ((choice & 8U) != 0 ? dimse::kResponseBit : 0));
    command.data_set_type = (choice & 0x10U) != 0 ? dimse::kDataSetFollows : dimse::kNoDataSet;
    if ((choice & 0x20U) == 0) command.message_id = script_.u8() % 8;
    command.responded_message_id = script_.u8() % 8;
    static constexpr std::array<std::uint16_t, 4> kStatuses{0x0000, 0xFF00, 0xA700, 0xFE00};
    if ((choice & 0x80U) == 0) command.status = kStatuses[script_.u8() % 4];
    std::array<std::byte, dimse::kCommandSetBytesMax> room;
    dimse::ByteWriter out{room};
    dimse::put_command_set(out, command);
    say_fragment(dimse::FragmentKind::command, true, out.written());
  }

  void say_data() {
    const auto choice = script_.u8();
    say_fragment(dimse::FragmentKind::data_set, (choice & 1U) != 0, script_.bytes(choice >> 2U));
  }

  void say_fragment(dimse::FragmentKind kind, bool is_last, core::ByteView bytes) {
    std::array<std::byte, 1024> room;
    dimse::ByteWriter out{room};
    dimse::put_data_header(out, context_, kind, is_last, static_cast<std::uint32_t>(bytes.size()));
    out.bytes(bytes.first(std::min(bytes.size(), out.left())));
    hear(out.written());
  }

  void say_short(dimse::PduType type) {
    std::array<std::byte, 10> pdu{std::byte{static_cast<std::uint8_t>(type)}};
    pdu[5] = std::byte{4};
    hear(pdu);
  }

  void hear(core::ByteView bytes) {
    const auto step = 1U + script_.u8();
    if (script_.u8() % 8 == 0) context_ = static_cast<std::uint8_t>(context_ ^ 2U);
    while (!bytes.empty() && !session().finished()) {
      auto piece = bytes.first(std::min<std::size_t>(step, bytes.size()));
      bytes = bytes.subspan(piece.size());
      while (!piece.empty() && !session().finished()) {
        const auto before = piece.size();
        session().feed(piece, now_);
        // What it did not take it will take once its events are taken.
        require(piece.size() < before || has_events());
        take_events();
      }
    }
  }

  // --- the driver

  bool has_events() {
    held_ = session().poll();
    return held_.has_value();
  }

  void take_events() {
    for (auto event = held_ ? held_ : session().poll(); event; event = session().poll()) on_event(*event);
    held_.reset();
  }

  void on_event(const dimse::Event& event) {
    require(!is_ended_);
    switch (event.kind) {
      case Kind::established: require(!is_established_); is_established_ = true; break;
      case Kind::request:
      case Kind::response:
        require(is_established_);
        // One that was held until its request was written may come in between.
        if (event.kind == Kind::response && event.is_last) return;
        // What a response announces may never come; what a request announces must.
        require(!is_data_due_ || !is_of_request_);
        is_of_request_ = event.kind == Kind::request;
        if (is_of_request_) asked_.push_back(event.command);
        is_data_due_ = !event.is_last;
        break;
      case Kind::data: require(is_data_due_); is_data_due_ = !event.is_last; break;
      case Kind::cancelled:
      case Kind::echo_served: require(is_established_); return;
      default: is_ended_ = true; break;
    }
    if (event.kind == Kind::response || event.kind == Kind::request) return;
    // A data set that did not come whole was skipped, or will never come.
    if (event.kind != Kind::data) is_data_due_ = false;
  }

  void ask() {
    const bool was_ready = session().ready();
    const auto choice = script_.u8();
    std::expected<std::uint16_t, dimse::RequestError> asked;
    if (choice % 3 == 0) asked = session().invoke(dimse::echo_request(), now_);
    if (choice % 3 == 1) asked = session().invoke(dimse::find_request(kClass), kSyntax, choice & ~1U, now_);
    if (choice % 3 == 2) asked = session().invoke(dimse::store_request(kClass, "1.2.3"), kSyntax, 2U * choice, now_);
    require(was_ready || !asked);
    require(session().outstanding() <= session().outstanding_max());
  }

  void respond() {
    if (asked_.empty()) return;
    const auto choice = script_.u8();
    const auto at = choice % asked_.size();
    const bool pends = (choice & 0x80U) != 0;
    const auto response = dimse::response_to(asked_[at], pends ? 0xFF00 : 0);
    const bool is_taken = session().respond(response, pends ? std::optional<std::uint64_t>{2U * (choice & 0x3FU)} : std::nullopt, now_);
    if (is_taken && !pends) asked_.erase(asked_.begin() + static_cast<std::ptrdiff_t>(at));
    // The rest of its data set is nobody's.
    is_data_due_ = is_data_due_ && !(is_taken && !pends);
  }

  void write_once() {
    const auto window = session().payload();
    if (session().output().empty() && window.length == 0) return;
    listener_.hear(session().output());
    require(window.length <= kPeerPduBytes);
    const std::array<std::byte, kPeerPduBytes> zeros{};
    listener_.hear(core::ByteView{zeros}.first(window.length));
    session().wrote(now_);
    take_events();
  }

  void write_all() {
    for (int writes = 0; writes < 100'000 && !(session().output().empty() && session().payload().length == 0); ++writes) write_once();
    require(session().output().empty() && session().payload().length == 0);
  }

  void pass_time() {
    now_ += core::Millis{script_.u8() * 100};
    if (now_ >= session().deadline()) session().on_time(now_);
    take_events();
  }

  /// By time alone.
  void end() {
    for (int turns = 0; turns < 20 && !session().finished(); ++turns) {
      write_all();
      if (session().deadline() == core::kNever) session().peer_closed(now_);
      take_events();
      if (session().finished()) break;
      now_ = std::max(now_, session().deadline());
      session().on_time(now_);
      take_events();
    }
    require(session().finished());
    require(session().output().empty() && session().payload().length == 0);
  }

  static const std::array<dimse::ProposedContext, 2> kContexts;

  Script script_;
  core::Instant now_{};
  std::unique_ptr<dimse::ScuSession> scu_;
  std::unique_ptr<dimse::ScpSession> scp_;
  Listener listener_;
  std::optional<dimse::Event> held_;
  std::vector<dimse::CommandSet> asked_;
  std::uint8_t context_{3};
  bool is_established_{false};
  bool is_data_due_{false};
  bool is_of_request_{false};
  bool is_ended_{false};
};

const std::array<dimse::ProposedContext, 2> Play::kContexts{
    dimse::ProposedContext{"1.2.840.10008.1.1", "1.2.840.10008.1.2"}, dimse::ProposedContext{kClass, kSyntax}};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto play = std::make_unique<Play>(Script{std::as_bytes(std::span{data, size})});
  play->run();
  return 0;
}
