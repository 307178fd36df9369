// SPDX-License-Identifier: Apache-2.0
#include "agent/object_receiver.hpp"

#include <scanferry/dimse/operation.hpp>

namespace scanferry::firmware {
namespace {

// PS3.7 C.5 and PS3.4 table B.2-1.
constexpr std::uint16_t kInvalidInstance = 0x0117;
constexpr std::uint16_t kCannotUnderstand = 0xC000;

}  // namespace

platform::Task<std::optional<dimse::Event>> ObjectReceiver::serve(dimse::Event request, Pump& pump, dimse::MessageSession& session) {
  const auto respond = [&](const StoreAnswer& answer) {
    auto response = dimse::response_to(request.command, answer.status);
    response.error_comment = std::string_view{answer.comment};
    (void)session.respond(response, std::nullopt, platform_.clock.now());
  };
  IncomingObject object;
  object.sop_class_uid = request.command.affected_sop_class_uid;
  object.sop_instance_uid = request.command.affected_sop_instance_uid;
  object.transfer_syntax_uid = session.transfer_syntax_of(request.context_id);
  object.caller = caller_;
  const bool is_valid = core::is_valid_uid(object.sop_instance_uid) && core::is_valid_uid(object.sop_class_uid);
  if (!is_valid || request.is_last) {
    respond(is_valid ? StoreAnswer{kCannotUnderstand, "there is no data set"} : StoreAnswer{kInvalidInstance, "not a valid UID"});
    co_return std::nullopt;
  }
  IncomingFile file{platform_.store, group_.keeper(), std::move(object)};
  const auto drop = [&file] { return file.close(), true; };
  std::optional<StoreAnswer> answer;
  std::optional<dimse::Event> end;
  for (bool is_last = false; !answer && !end && !is_last;) {
    const auto event = co_await pump.next_piece();
    if (event.kind == dimse::Event::Kind::data) {
      is_last = event.is_last;
      answer = co_await write(file, event.data);
    } else {
      end = event;
    }
  }
  if (!answer && !end) answer = co_await group_.accept(file);
  if (file.is_open()) co_await platform_.storage.run(drop);
  if (!end) respond(*answer);
  co_return end;
}

/// An answer when it is of no use to go on: the rest is read over.
platform::Task<std::optional<StoreAnswer>> ObjectReceiver::write(IncomingFile& file, core::ByteView data) {
  file.put(data);
  if (!file.has_piece()) co_return std::nullopt;
  const auto flush = [&file] { return file.flush(); };
  const auto flushed = co_await platform_.storage.run(flush);
  if (flushed) co_return std::nullopt;
  co_return group_.no_room(flushed.error());
}

}  // namespace scanferry::firmware
