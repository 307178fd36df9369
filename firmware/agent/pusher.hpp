// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <scanferry/core/retry_policy.hpp>
#include <scanferry/platform/platform.hpp>

#include "agent/config.hpp"
#include "agent/link.hpp"
#include "agent/object_transfer.hpp"
#include "agent/spool.hpp"

namespace scanferry::firmware {

/// Brings the objects that wait for one destination there in order of acceptance: one at a time, or as many as the peer agreed to. Failures of the link cost no
/// write to the disk; what the peer said of an object is remembered in the ledger.
class Pusher {
 public:
  Pusher(platform::Platform& platform, Spool& spool, const AgentConfig& config, DestinationConfig destination);

  /// Until `stop`.
  platform::Task<void> run();
  /// Ends after the object in flight.
  void stop();
  /// Ends at once; the object in flight is sent again another time.
  void abort();
  /// There may be something to do.
  void wake();
  /// The destination answered a C-ECHO: whatever was wrong with the link is over.
  void link_proved_good();

  [[nodiscard]] const DestinationConfig& destination() const { return destination_; }
  /// An object is in flight, or was a moment ago: the link needs no C-ECHO to prove itself.
  [[nodiscard]] bool is_busy() const { return link_ != nullptr; }

 private:
  using Batch = std::vector<Delivery>;
  platform::Task<Result<Batch>> due();
  platform::Task<void> push(Batch batch);
  platform::Task<void> push_over(Link& link, Batch batch, const ContextPlan& plan);
  platform::Task<void> post_batch(Link& link, const Batch& batch, const ContextPlan& plan);
  platform::Task<void> post_one(Link& link, const Delivery& delivery);
  platform::Task<void> end_one(Link& link);
  platform::Task<void> conclude(const Delivery& delivery, const StoreReport& report);
  /// The object's file if it is (still) to be sent: null when it was held meanwhile.
  Result<std::unique_ptr<platform::File>> open_if_pending(const Delivery& delivery);
  [[nodiscard]] bool may_go_on(const Link& link) const;
  [[nodiscard]] StoredObject stored_object(const Instance& instance) const;
  platform::Task<void> record(const Delivery& delivery, const StoreReport& report);
  platform::Task<void> rest(core::Instant until);
  void note_link(const StoreReport& report);
  void log_report(const Delivery& delivery, const StoreReport& report);
  void link_failed(const std::string& words);
  [[nodiscard]] core::Instant next_try() const;
  void log(platform::LogLevel level, const std::string& line) { platform_.log.write(level, area_, line); }

  platform::Platform& platform_;
  Spool& spool_;
  const AgentConfig& config_;
  DestinationConfig destination_;
  Route route_;
  std::string area_;
  std::unique_ptr<platform::Event> wake_;
  core::CircuitBreaker link_breaker_;   ///< cannot be reached, rejects us, breaks off
  core::CircuitBreaker room_breaker_;   ///< can be reached and says that it cannot take objects now
  std::string last_trouble_;            ///< of the link: the same again is no news
  Link* link_{nullptr};                 ///< the open one, for abort
  std::map<std::uint16_t, Delivery> posted_;  ///< under way on it, by the id of `Link::post`
  bool has_no_room_{false};             ///< the peer said so on the open link
  bool stopping_{false};
  bool aborted_{false};
};

}  // namespace scanferry::firmware
