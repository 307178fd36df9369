// SPDX-License-Identifier: Apache-2.0
#include "agent/gateway.hpp"

#include "agent/file_meta.hpp"

namespace scanferry::firmware {
namespace {

// PS3.4 table B.2-1.
constexpr std::uint16_t kOutOfResources = 0xA700;
/// Of the failures (Cxxx) that no repetition mends. Not 0111, duplicate instance: senders take that for "it is there".
constexpr std::uint16_t kAnotherContent = 0xC001;

std::vector<std::string> names_of(const std::vector<DestinationConfig>& destinations) {
  std::vector<std::string> names;
  for (const auto& destination : destinations) names.push_back(destination.name);
  return names;
}

class Receiving final : public Servant {
 public:
  Receiving(platform::Platform& platform, ObjectKeeper& keeper, const Caller& caller, const std::function<void()>& accepted)
      : receiver_{platform, keeper, std::string{caller.title.view()}}, accepted_{accepted} {}

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
      acceptance_{StorageTerms{.sop_classes = config.listen.sop_classes, .transfer_syntaxes = {}, .calling = config.listen.callers}},
      accepted_{std::move(accepted)} {}

std::unique_ptr<Servant> Gateway::make_servant(const Caller& caller) {
  return std::make_unique<Receiving>(platform_, *this, caller, accepted_);
}

Result<Spool::Received> Gateway::accept(const IncomingObject& object, const std::string& path, platform::File& file) {
  const auto size = file.size();
  if (!size) return no_luck(size.error());
  const auto meta = read_file_meta(file, *size, path);
  if (!meta) return std::unexpected{meta.error()};
  if (!*meta) return no_luck("what was received cannot be read back from ", path);
  Instance instance;
  instance.sop_instance_uid = object.sop_instance_uid.view();
  instance.sop_class_uid = object.sop_class_uid.view();
  instance.transfer_syntax_uid = object.transfer_syntax_uid.view();
  instance.data_set_offset = (*meta)->data_set_offset;
  instance.file_bytes = *size;
  return spool_.accept_received(std::move(instance), path, file, destinations_);
}

StoreAnswer Gateway::keep(const IncomingObject& object, const std::string& path, platform::File& file) {
  const auto received = accept(object, path, file);
  const auto uid = object.sop_instance_uid.view();
  if (!received) {
    platform_.log.write(platform::LogLevel::error, "gateway", text("not taken: ", received.error().message));
    return {kOutOfResources, "it could not be stored; try again later"};
  }
  if (*received == Spool::Received::conflict) {
    platform_.log.write(platform::LogLevel::error, "gateway", text(uid, " of ", object.caller, " is in the spool with another content"));
    return {kAnotherContent, "another object with this SOP Instance UID is here already"};
  }
  const auto* word = *received == Spool::Received::known ? "has already " : "accepted ";
  platform_.log.write(platform::LogLevel::info, "gateway", text(word, uid, ", ", file.size().value_or(0), " bytes, from ", object.caller));
  return {};
}

}  // namespace scanferry::firmware
