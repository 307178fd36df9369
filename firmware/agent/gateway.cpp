// SPDX-License-Identifier: Apache-2.0
#include "agent/gateway.hpp"

namespace scanferry::firmware {
namespace {

/// PS3.4 table B.2-1: of the failures (Cxxx) that no repetition mends. Not 0111, duplicate instance: senders take that for "it is there".
constexpr std::uint16_t kAnotherContent = 0xC001;

std::vector<std::string> names_of(const std::vector<DestinationConfig>& destinations) {
  std::vector<std::string> names;
  for (const auto& destination : destinations) names.push_back(destination.name);
  return names;
}

Instance instance_of(const ReceivedObject& object) {
  Instance instance;
  instance.sop_instance_uid = object.announced.sop_instance_uid.view();
  instance.sop_class_uid = object.announced.sop_class_uid.view();
  instance.transfer_syntax_uid = object.announced.transfer_syntax_uid.view();
  instance.data_set_offset = object.data_set_offset;
  instance.file_bytes = object.bytes;
  return instance;
}

class Receiving final : public Servant {
 public:
  Receiving(platform::Platform& platform, AcceptanceGroup& group, const Caller& caller, const std::function<void()>& accepted)
      : receiver_{platform, group, std::string{caller.title.view()}}, accepted_{accepted} {}

  platform::Task<std::optional<dimse::Event>> serve(dimse::Event request, Pump& pump, dimse::MessageSession& session) override {
    auto end = co_await receiver_.serve(request, pump, session);
    accepted_();
    co_return end;
  }

 private:
  ObjectReceiver receiver_;
  const std::function<void()>& accepted_;
};

}  // namespace

Gateway::Gateway(platform::Platform& platform, Spool& spool, const AgentConfig& config, std::function<void()> accepted)
    : platform_{platform}, spool_{spool}, destinations_{names_of(config.destinations)},
      acceptance_{StorageTerms{.sop_classes = config.listen.sop_classes, .transfer_syntaxes = {}, .calling = config.listen.callers, .is_echo_for_all = true}},
      group_{platform, *this}, accepted_{std::move(accepted)} {}

std::unique_ptr<Servant> Gateway::make_servant(const Caller& caller) {
  return std::make_unique<Receiving>(platform_, group_, caller, accepted_);
}

std::vector<StoreAnswer> Gateway::keep(std::span<const ReceivedObject> objects) {
  std::vector<Spool::Reception> receptions;
  for (const auto& object : objects) receptions.push_back({instance_of(object), object.path, &object.file});
  const auto received = spool_.accept_received(receptions, destinations_);
  std::vector<StoreAnswer> answers;
  for (std::size_t i = 0; i < objects.size(); ++i) answers.push_back(answer(objects[i], received[i]));
  return answers;
}

StoreAnswer Gateway::answer(const ReceivedObject& object, const Result<Spool::Received>& received) {
  const auto uid = object.announced.sop_instance_uid.view();
  if (!received) return group_.no_room(received.error());
  if (*received == Spool::Received::conflict) {
    platform_.log.write(platform::LogLevel::error, "gateway", text(uid, " of ", object.announced.caller, " is in the spool with another content"));
    return {kAnotherContent, "another object with this SOP Instance UID is here already"};
  }
  const auto* word = *received == Spool::Received::known ? "has already " : "accepted ";
  platform_.log.write(platform::LogLevel::info, "gateway", text(word, uid, ", ", object.bytes, " bytes, from ", object.announced.caller));
  return {};
}

}  // namespace scanferry::firmware
