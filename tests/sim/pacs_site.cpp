// SPDX-License-Identifier: Apache-2.0
#include "pacs_site.hpp"

#include "data_set_peek.hpp"
#include "lambda_program.hpp"

namespace scanferry::tests {

PacsSite::PacsSite(platform::sim::World& world, platform::sim::Fabric& fabric, const std::string& host, const PacsBehaviour& behaviour,
                   const Camera& camera, const Modality* modality)
    : world_{world},
      camera_{camera},
      modality_{modality},
      pacs_{behaviour, world.prng().next(), [&world, host](const std::string& what) { world.fail(host + ": " + what); }},
      node_{world, fabric, host} {
  pacs_.set_on_stored([this](const std::string& uid, const ScriptedPacs::Stored& object) { note(uid, object); });
  pacs_.set_still_held([](const platform::ByteStream& stream) {
    using platform::sim::Connection;
    return static_cast<const platform::sim::SimStream&>(stream).connection()->open(Connection::Side::dialler);
  });
}

void PacsSite::boot() {
  if (node_.is_on()) return;
  node_.boot(LambdaProgram::maker([this](platform::sim::SimNode& node) {
    return pacs_.serve(node.network(), node.clock(), [&node](platform::Task<void> task) { node.spawn(std::move(task)); });
  }));
}

void PacsSite::restart(bool loses_power, core::Millis span) {
  if (!node_.is_on()) return;
  if (loses_power) {
    node_.power_off();
  } else {
    node_.kill();
  }
  world_.after(span, [this] { boot(); });
}

void PacsSite::note(const std::string& uid, const ScriptedPacs::Stored& object) {
  if (const auto* sent = modality_ == nullptr ? nullptr : modality_->find(uid)) {
    if (sent->data_set != object.data_set) world_.fail(host() + ": the object " + uid + " is not what the modality sent");
    return;
  }
  const auto frames = frames_of(object.data_set);
  if (!frames || frames->empty()) {
    world_.fail(host() + ": the object " + uid + " holds no frames that can be read");
    return;
  }
  for (const auto& frame : *frames) {
    const auto id = camera_.recognize(frame);
    if (!id) {
      world_.fail(host() + ": the object " + uid + " holds a frame that the camera did not make");
      return;
    }
    const auto [entry, fresh] = arrived_.emplace(*id, uid);
    if (!fresh) {
      world_.fail(host() + ": frame " + std::to_string(id->second) + " of acquisition " + std::to_string(id->first) +
                  " arrived in two objects, " + entry->second + " and " + uid);
    }
  }
}

bool PacsSite::has(const CameraAcquisition& acquisition) const {
  for (std::uint32_t i = 0; i < acquisition.frames.size(); ++i) {
    if (!arrived_.contains({acquisition.id, i})) return false;
  }
  return true;
}

}  // namespace scanferry::tests
