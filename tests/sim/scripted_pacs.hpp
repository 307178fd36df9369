// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <scanferry/platform/clock.hpp>
#include <scanferry/platform/network.hpp>
#include <scanferry/platform/sim/prng.hpp>

#include "wire.hpp"

namespace scanferry::tests {

/// Some objects, chosen by their UID, get `status` for the first `times` times that they are offered.
struct ObjectRule {
  std::uint32_t one_in{1};  ///< of so many objects
  std::uint16_t status{0};
  std::uint32_t times{kForEver};

  static constexpr std::uint32_t kForEver = std::numeric_limits<std::uint32_t>::max();
};

/// What a PACS does to its clients. The defaults are those of a good one; may be changed while it runs.
struct PacsBehaviour {
  std::uint16_t port{104};
  std::uint32_t max_pdu_bytes{16384};      ///< announced; 0: no limit
  std::uint16_t window{1};                 ///< operations that may be under way at once (PS3.7 D.3.3.3), for who asks for it
  std::uint32_t associations_max{0};       ///< at once, others are rejected for now; 0: no limit
  core::Millis patience{90'000};           ///< it closes associations that are idle for longer
  core::Millis think_time_max{0};          ///< before a response
  std::size_t command_fragment_bytes{512}; ///< of its own command sets

  // Of a million associations:
  std::uint32_t rejects_for_ever{0};
  std::uint32_t rejects_for_now{0};
  std::uint32_t says_nothing{0};
  std::uint32_t aborts_at_once{0};
  std::uint32_t refuses_contexts{0};       ///< accepts the association and none of its contexts

  // Of a million objects:
  std::uint32_t aborts_in_object{0};
  std::uint32_t closes_in_object{0};
  std::uint32_t closes_before_answer{0};   ///< having stored it or not
  std::uint32_t never_answers{0};          ///< having stored it or not
  std::uint32_t garbles_answer{0};         ///< having stored it or not

  bool full{false};                        ///< A700H for everything
  std::vector<ObjectRule> rules;
};

/// A storage and verification SCP whose every answer is scripted. What it stored it keeps, whatever happens to the machine
/// that it runs on; it complains about every breach of the protocol.
class ScriptedPacs {
 public:
  using Complain = std::function<void(const std::string&)>;
  using Spawn = std::function<void(platform::Task<void>)>;

  ScriptedPacs(PacsBehaviour behaviour, std::uint64_t seed, Complain complain)
      : behaviour_{std::move(behaviour)}, prng_{seed}, complain_{std::move(complain)} {}

  /// Accepts associations on `network` as long as the listener works, and serves each in a coroutine of its own.
  platform::Task<void> serve(platform::Network& network, platform::Clock& clock, Spawn spawn);

  PacsBehaviour& behaviour() { return behaviour_; }
  /// From now on it does everything right.
  void heal();

  struct Stored {
    std::string sop_class_uid;
    std::string transfer_syntax_uid;
    Bytes data_set;
  };
  /// By SOP Instance UID.
  [[nodiscard]] const std::map<std::string, Stored>& archive() const { return archive_; }

  struct Dealings {
    std::uint32_t receptions{0};  ///< data sets that came whole
    std::uint32_t refusals{0};    ///< answers that were neither success nor warning
  };
  [[nodiscard]] Dealings dealings(const std::string& sop_instance_uid) const;
  [[nodiscard]] bool ever_refused_contexts() const { return contexts_refused_; }
  [[nodiscard]] std::uint64_t associations() const { return associations_; }
  [[nodiscard]] std::uint64_t echoes() const { return echoes_; }

  /// Asked when an object comes that another association is still receiving: whether the sender still holds that stream.
  using StillHeld = std::function<bool(const platform::ByteStream&)>;
  void set_still_held(StillHeld still_held) { still_held_ = std::move(still_held); }

  /// Told of each object when it is stored for the first time.
  using OnStored = std::function<void(const std::string& sop_instance_uid, const Stored& object)>;
  void set_on_stored(OnStored on_stored) { on_stored_ = std::move(on_stored); }

 private:
  friend class PacsAssociation;
  enum class AssociationFate : std::uint8_t { accept, reject_for_ever, reject_for_now, silence, abort, refuse_contexts };
  enum class ObjectFate : std::uint8_t { answer, abort, close, close_before_answer, silence, garble };

  AssociationFate draw_association();
  ObjectFate draw_object();
  std::uint16_t status_for(const std::string& uid);
  void begin_object(const std::string& uid, const platform::ByteStream& from);
  void end_object(const std::string& uid, const platform::ByteStream& from);
  void store(const std::string& uid, Stored object);

  PacsBehaviour behaviour_;
  platform::sim::Prng prng_;
  Complain complain_;
  StillHeld still_held_;
  OnStored on_stored_;
  std::map<std::string, Stored> archive_;
  std::map<std::string, Dealings> dealings_;
  std::map<std::string, std::uint32_t> offers_;
  std::multimap<std::string, const platform::ByteStream*> in_flight_;
  bool contexts_refused_{false};
  std::uint32_t open_{0};
  std::uint64_t associations_{0};
  std::uint64_t echoes_{0};
};

}  // namespace scanferry::tests
