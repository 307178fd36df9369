// SPDX-License-Identifier: Apache-2.0
#include "agent/link.hpp"

#include <cstdio>

#include <scanferry/dimse/uids.hpp>

namespace scanferry::firmware {
namespace {

constexpr std::string_view stage_name(dimse::Stage stage) {
  switch (stage) {
    case dimse::Stage::associating: return "waiting for the answer to the association request";
    case dimse::Stage::idle: return "the association was idle";
    case dimse::Stage::transferring: return "the object was being sent";
    case dimse::Stage::awaiting_response: return "waiting for the response";
    case dimse::Stage::receiving: return "the peer was sending";
    case dimse::Stage::releasing: return "releasing";
    case dimse::Stage::closing: return "closing";
  }
  return "";
}

// PS3.8 9.3.4.
constexpr std::uint8_t kRejectedTransient = 2;

/// The data set of an answer lists keys, attributes or instances: this is far more than any needs.
constexpr std::size_t kAnswerBytesMax = std::size_t{4} << 20U;

std::string hex(std::uint16_t status) {
  char out[8];
  std::snprintf(out, sizeof out, "%04XH", status);
  return out;
}

}  // namespace

std::string explain(const Answer& answer, std::string_view meaning) {
  const auto& comment = answer.command.error_comment;
  return text("answered with status ", hex(answer.status), ": ", meaning, comment.empty() ? "" : text(" (the peer says: ", comment.view(), ")"));
}

Link::Link(platform::Platform& platform, const dimse::AeTitle& calling, const DestinationConfig& destination)
    : platform_{platform}, destination_{destination} {
  scu_.calling = calling;
  scu_.called = destination.address.aet;
  scu_.timeouts = destination.timeouts;
}

platform::Task<Result<void>> Link::open(std::span<const dimse::ProposedContext> contexts) {
  const auto deadline = platform_.clock.now() + destination_.connect_timeout;
  auto stream = co_await platform_.network.dial(destination_.address.host, destination_.address.port, deadline);
  if (!stream) co_return no_luck(stream.error());
  if (aborted_) co_return no_luck("broken off");
  stream_ = std::move(*stream);
  // The session borrows it until its proposal is written: for as long as this coroutine runs.
  const auto load = [this] { return read_identity(platform_.store, destination_.user); };
  const auto identity = co_await platform_.storage.run(load);
  if (!identity) co_return std::unexpected{identity.error()};
  if (destination_.window > 1) scu_.window = dimse::OperationsWindow{.invoked = destination_.window, .performed = 1};
  scu_.identity = *identity ? std::optional{(*identity)->view()} : std::nullopt;
  scu_.serves = serving_.operations;
  scu_.roles = serving_.roles;
  if (const auto fault = dimse::fault_of(scu_, contexts)) co_return no_luck(to_string(destination_.address), ": ", fault->view());
  session_ = std::make_unique<dimse::ScuSession>(scu_, contexts, platform_.clock.now());
  scu_.identity.reset();
  pump_ = std::make_unique<Pump>(*session_, *stream_, platform_.clock);
  const auto event = co_await pump_->next();
  open_ = event.kind == dimse::Event::Kind::established;
  if (open_) co_return Result<void>{};
  has_no_place_ = event.kind == dimse::Event::Kind::rejected && event.result == kRejectedTransient;
  auto words = explain(event);
  co_await break_off();
  co_return no_luck(words);
}

bool Link::accepts(std::string_view sop_class_uid, std::string_view transfer_syntax_uid) const {
  return open_ && session_->accepts(sop_class_uid, transfer_syntax_uid).has_value();
}

std::string Link::explain(const dimse::Event& event) const {
  const auto who = text(to_string(destination_.address), ": ");
  switch (event.kind) {
    case dimse::Event::Kind::rejected:
      return text(who, "the association was rejected: ", dimse::explain_reject(event.result, event.source, event.reason));
    case dimse::Event::Kind::aborted:
      return text(who, "the peer aborted while ", stage_name(event.stage), ": ", dimse::explain_abort(event.source, event.reason));
    case dimse::Event::Kind::timed_out:
      return text(who, "no progress within the time allowed while ", stage_name(event.stage));
    case dimse::Event::Kind::violated:
      return text(who, "the peer broke the protocol at byte ", event.offset, ": ", event.comment.view());
    default: break;
  }
  const auto& error = pump_->transport_error();
  if (error && error->code == platform::Errc::cancelled) return text(who, "stopped while ", stage_name(event.stage));
  const auto hint = event.stage == dimse::Stage::associating ? "; is that a DICOM port, and with TLS as we speak to it?" : "";
  if (error) return text(who, error->detail, " while ", stage_name(event.stage), hint);
  return text(who, "the peer closed the connection without a word while ", stage_name(event.stage), hint);
}

platform::Task<Result<void>> Link::echo() {
  const auto asked = session_->echo(platform_.clock.now());
  if (!asked && asked.error() != dimse::RequestError::not_ready) {
    co_await close();
    co_return no_luck(to_string(destination_.address), ": refuses the Verification service; it is up and knows us, all the same");
  }
  const auto event = co_await next_answer();
  if (event.kind != dimse::Event::Kind::response) {
    const auto report = co_await lost(event);
    co_return no_luck(report.words);
  }
  if (event.status != 0) co_return no_luck(to_string(destination_.address), ": answered C-ECHO with status ", hex(event.status));
  co_return Result<void>{};
}

StoreReport Link::refused(const dimse::StoreRequest& request, dimse::RequestError error) const {
  StoreReport report;
  report.outcome = core::Outcome::hold;
  report.blame = dimse::Blame::object;
  report.is_refusal = true;
  const auto who = text(to_string(destination_.address), ": does not accept SOP class ", request.sop_class_uid.view());
  report.words = error == dimse::RequestError::class_refused
                     ? text(who, " at all; allow it in the PACS")
                     : text(who, " with transfer syntax ", request.transfer_syntax_uid.view(), "; allow it in the PACS");
  return report;
}

/// The association ended with `event` instead of an answer.
platform::Task<StoreReport> Link::lost(dimse::Event event) {
  StoreReport report;
  // Once the peer may have the whole object, only the peer knows whether it kept it.
  report.outcome = session_->data_began() ? core::Outcome::unknown : core::Outcome::link_failed;
  report.words = explain(event);
  // Our own disk is to blame, and the peer cannot have the object: others may go, this one has so many tries.
  if (const auto& error = pump_->transport_error(); error && error->code == platform::Errc::unreadable) {
    report.outcome = core::Outcome::retry_later;
    report.blame = dimse::Blame::object;
    report.words = error->detail;
  }
  co_await break_off();
  co_return report;
}

StoreReport Link::answered(const dimse::Event& event) const {
  const auto meaning = dimse::explain_store_status(event.status);
  StoreReport report;
  report.outcome = meaning.outcome;
  report.blame = meaning.blame;
  report.status = event.status;
  if (event.status == 0) return report;
  report.words = text(hex(event.status), ": ", meaning.text);
  report.peer_says = event.comment.view();
  return report;
}

platform::Task<std::expected<std::uint16_t, StoreReport>> Link::post(const dimse::StoreRequest& request, platform::File& file,
                                                                     std::uint64_t data_set_offset) {
  const auto asked = session_->store(request, platform_.clock.now());
  if (!asked && asked.error() != dimse::RequestError::not_ready) co_return std::unexpected{refused(request, asked.error())};
  if (!asked) {  // the peer has ended the association: what it said last is still to be heard
    const auto event = co_await next_answer();
    auto report = co_await lost(event);
    report.outcome = core::Outcome::link_failed;  // of this object the peer has nothing
    co_return std::unexpected{report};
  }
  posted_.push_back(*asked);
  pump_->set_object(&file, data_set_offset);
  co_await pump_->flush();
  pump_->set_object(nullptr, 0);
  co_return *asked;
}

platform::Task<StoreEnd> Link::next_end() {
  StoreEnd end;
  if (!loss_) {
    const auto event = co_await next_answer();
    if (event.kind == dimse::Event::Kind::response) {
      std::erase(posted_, event.message_id);
      // A peer may refuse early and break off: the answer counts, the link does not.
      if (!session_->is_established()) co_await break_off();
      end.id = event.message_id;
      end.report = answered(event);
      co_return end;
    }
    loss_ = co_await lost(event);
  }
  end.id = posted_.front();
  end.report = *loss_;
  posted_.erase(posted_.begin());
  // Of all but the last one the peer has every byte.
  if (!posted_.empty()) end.report.outcome = core::Outcome::unknown;
  co_return end;
}

/// Serves what the peer asks in between.
platform::Task<dimse::Event> Link::next_answer() {
  for (;;) {
    const auto event = co_await pump_->next();
    if (event.kind == dimse::Event::Kind::echo_served || event.kind == dimse::Event::Kind::cancelled) continue;
    if (event.kind != dimse::Event::Kind::request) co_return event;
    const auto end = co_await serving_.servant->serve(event, *pump_, *session_);
    if (end) co_return *end;
  }
}

platform::Task<Result<Answer>> Link::ask(dimse::CommandSet request, EncodeDataSet encode, TakeAnswer take) {
  const auto sop_class = request.sop_class_uid();
  const bool is_explicit = accepts(sop_class, dimse::uid::kExplicitVrLittleEndian);
  const auto syntax = is_explicit ? dimse::uid::kExplicitVrLittleEndian : dimse::uid::kImplicitVrLittleEndian;
  if (!accepts(sop_class, syntax)) {
    co_return no_luck(to_string(destination_.address), ": does not take requests of this kind (", sop_class.view(), "); is it enabled there?");
  }
  const auto data_set = encode ? encode(syntax) : Result<std::string>{};
  if (!data_set) co_return std::unexpected{data_set.error()};
  const auto now = platform_.clock.now();
  const auto asked = encode ? session_->invoke(request, syntax, data_set->size(), now) : session_->invoke(request, now);
  pump_->set_object(core::bytes_of(*data_set));
  auto answer = co_await take_answers(asked.value_or(0), std::move(take));
  pump_->set_object({});
  co_return answer;
}

platform::Task<Result<Answer>> Link::take_answers(std::uint16_t message_id, TakeAnswer take) {
  for (bool is_wanted = true;;) {
    const auto event = co_await next_answer();
    if (event.kind != dimse::Event::Kind::response) {
      const auto report = co_await lost(event);
      co_return no_luck(report.words);
    }
    Answer answer;
    answer.command = event.command;
    answer.status = event.status;
    answer.transfer_syntax_uid = session_->transfer_syntax_of(event.context_id);
    if (!event.is_last) {
      auto data_set = co_await take_data_set();
      if (!data_set) co_return std::unexpected{data_set.error()};
      answer.data_set = std::move(*data_set);
    }
    if (!dimse::is_pending(event.status)) co_return answer;
    if (!is_wanted || !take || take(answer)) continue;
    is_wanted = false;
    session_->cancel(message_id, platform_.clock.now());
  }
}

platform::Task<Result<std::string>> Link::take_data_set() {
  std::string data_set;
  for (;;) {
    const auto event = co_await pump_->next_piece();
    if (event.kind != dimse::Event::Kind::data) {
      const auto report = co_await lost(event);
      co_return no_luck(report.words);
    }
    if (data_set.size() + event.data.size() > kAnswerBytesMax) {
      co_await break_off();
      co_return no_luck(to_string(destination_.address), ": sent an answer of more than ", kAnswerBytesMax, " bytes");
    }
    data_set.append(core::text_of(event.data));
    if (event.is_last) co_return std::move(data_set);
  }
}

platform::Task<Result<bool>> Link::attend(core::Instant until) {
  for (;;) {
    const auto event = co_await pump_->next_until(until);
    if (!event) co_return false;
    if (event->kind == dimse::Event::Kind::echo_served) continue;
    if (event->kind != dimse::Event::Kind::request) {
      const auto report = co_await lost(*event);
      co_return no_luck(report.words);
    }
    const auto end = co_await serving_.servant->serve(*event, *pump_, *session_);
    if (!end) co_return true;
    const auto report = co_await lost(*end);
    co_return no_luck(report.words);
  }
}

platform::Task<void> Link::close() {
  if (!open_) co_return;
  open_ = false;
  co_await pump_->flush();  // the response to what the peer asked last
  session_->release(platform_.clock.now());
  co_await pump_->finish();
  stream_->close();
}

platform::Task<void> Link::break_off() {
  open_ = false;
  if (session_ && !session_->finished()) session_->abort(platform_.clock.now());
  if (pump_) co_await pump_->finish();
  if (stream_) stream_->close();
}

void Link::abort() {
  aborted_ = true;
  if (stream_) stream_->close();
}

}  // namespace scanferry::firmware
