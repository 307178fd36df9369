// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <scanferry/core/retry_policy.hpp>
#include <scanferry/platform/platform.hpp>

#include "agent/config.hpp"
#include "agent/delivery_queue.hpp"
#include "agent/link.hpp"
#include "agent/object_transfer.hpp"
#include "agent/paced_network.hpp"
#include "agent/refusals.hpp"
#include "agent/spool.hpp"

namespace scanferry::firmware {

/// Brings the objects that wait for one destination there, in order of acceptance: over one association or several, on each one at a
/// time or as many as the peer agreed to. Failures of the link cost no write to the disk; what the peer said of an object is
/// remembered in the ledger.
class Pusher {
 public:
  Pusher(platform::Platform& platform, Spool& spool, const AgentConfig& config, DestinationConfig destination);

  /// Until `stop`; once for each of `DestinationConfig::associations`, numbered from 0.
  platform::Task<void> run(std::size_t lane);
  /// Ends after the objects in flight.
  void stop();
  /// Ends at once; the objects in flight are sent again another time.
  void abort();
  /// There may be something to do.
  void wake();
  /// The destination answered a C-ECHO: whatever was wrong with the link is over.
  void link_proved_good();

  [[nodiscard]] const DestinationConfig& destination() const { return destination_; }
  /// An object is in flight, or was a moment ago: the link needs no C-ECHO to prove itself.
  [[nodiscard]] bool is_busy() const { return associations_ > 0; }

 private:
  /// One association at a time.
  struct Lane {
    Lane(platform::Platform& platform, const DestinationConfig& destination)
        : route{platform, destination.security}, wake{platform.clock.make_event()} {}
    Route route;
    std::unique_ptr<platform::Event> wake;
    Link* link{nullptr};                       ///< the open one, or the one that is being opened
    std::map<std::uint16_t, Delivery> posted;  ///< under way on it, by the id of `Link::post`
    bool has_no_room{false};                   ///< the peer said so on it
    bool is_lingering{false};                  ///< it is open, and there is nothing to send
  };

  [[nodiscard]] core::Instant next_begin() const;
  platform::Task<bool> look_for_work();
  platform::Task<void> hold_refused();
  platform::Task<void> push(Lane& lane);
  platform::Task<void> push_over(Lane& lane, const ContextPlan& plan);
  [[nodiscard]] bool may_take(const Lane& lane, const ContextPlan& plan) const;
  platform::Task<void> linger(Lane& lane);
  platform::Task<void> post_one(Lane& lane);
  platform::Task<void> end_one(Lane& lane);
  platform::Task<void> conclude(Lane& lane, const Delivery& delivery, const StoreReport& report);
  /// The object's file if it is (still) to be sent: null when it was held meanwhile.
  Result<std::unique_ptr<platform::File>> open_if_pending(const Delivery& delivery);
  [[nodiscard]] bool may_go_on(const Lane& lane) const;
  [[nodiscard]] const std::string* refusal_of(const Delivery& delivery) const;
  [[nodiscard]] StoredObject stored_object(const Instance& instance) const;
  platform::Task<void> record(const Delivery& delivery, const StoreReport& report);
  platform::Task<void> rest(Lane& lane, core::Instant until);
  void note_link(Lane& lane, const StoreReport& report);
  void log_report(const Delivery& delivery, const StoreReport& report);
  void link_failed(const std::string& words);
  void was_one_too_many(const std::string& words);
  void log(platform::LogLevel level, const std::string& line) { platform_.log.write(level, area_, line); }

  platform::Platform& platform_;
  Spool& spool_;
  const AgentConfig& config_;
  DestinationConfig destination_;
  PacedNetwork paced_network_;
  platform::Platform paced_;  ///< `platform_` with it
  std::string area_;
  DeliveryQueue queue_;
  Refusals refusals_;
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::size_t associations_{0};      ///< open, or being opened
  std::size_t associations_max_;     ///< fewer than lanes for a while when the peer takes no more
  core::Instant narrow_until_{};     ///< then all lanes may try again
  core::CircuitBreaker link_breaker_;   ///< cannot be reached, rejects us, breaks off
  core::CircuitBreaker room_breaker_;   ///< can be reached and says that it cannot take objects now
  std::string last_trouble_;            ///< of the link: the same again is no news
  bool stopping_{false};
  bool aborted_{false};
};

}  // namespace scanferry::firmware
