// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <scanferry/core/delivery.hpp>
#include <scanferry/core/time.hpp>
#include <scanferry/platform/store.hpp>

#include "agent/failure.hpp"
#include "agent/instance.hpp"
#include "agent/sqlite.hpp"

namespace scanferry::firmware {

/// One instance on its way to one destination.
struct Delivery {
  Instance instance;
  std::string destination;
  core::DeliveryState state{};
  std::uint32_t attempts{0};     ///< that the peer answered, about this object
  std::uint32_t breaks{0};       ///< of the link while this object was on its way
  core::WallTime not_before{};   ///< of the next attempt
  std::uint16_t status{0};       ///< the last DIMSE status about it
  std::string comment;           ///< what the last attempt said, for a person
  core::WallTime updated_at{};
};

/// How one attempt changes a delivery.
struct DeliveryUpdate {
  core::DeliveryState state{};
  std::uint32_t attempts{0};
  std::uint32_t breaks{0};
  core::WallTime not_before{};
  std::uint16_t status{0};
  std::string comment;
};

/// What an acquisition was made from, so that it is cleared away once and never taken again.
struct AcceptedSource {
  std::string key;    ///< empty: it cannot be seen again
  std::string files;  ///< which files they were; opaque here
};

/// What peers have sent, by what it is to the ledger.
struct ReceivedInstances {
  std::vector<Instance> fresh;
  std::vector<std::string> known;     ///< by UID: sent once more
  std::vector<std::string> restored;  ///< the same, and the spool had lost it
};

/// Which deliveries a command is about; empty fields mean any.
struct DeliveryFilter {
  std::string sop_instance_uid;
  std::string destination;
  std::optional<core::DeliveryState> state;
};

struct DestinationCount {
  std::string destination;
  core::DeliveryState state{};
  std::uint64_t deliveries{0};
};

/// The durable memory of what was accepted and where it stands: SQLite beside the objects. All calls block (storage thread
/// only) and are durable when they return. Several processes may have it open.
class Ledger {
 public:
  enum class Repair : std::uint8_t { no, set_aside };
  /// Opens or makes the database at `path`. With `set_aside` it is checked, and one that is corrupt is renamed to
  /// `path`.corrupt-N and begun anew: the spool holds everything that is needed to fill it again. Only the agent, which owns
  /// the spool, may do that.
  static Result<std::unique_ptr<Ledger>> open(platform::Store& store, const std::string& path, const std::string& vfs, Repair repair);

  [[nodiscard]] Result<bool> contains(std::string_view sop_instance_uid);
  [[nodiscard]] Result<std::optional<Instance>> find(std::string_view sop_instance_uid);
  /// Adds the instances with a pending delivery to each destination and remembers `source`, all or nothing. Known UIDs are
  /// left as they are.
  Result<void> accept(std::span<const Instance> instances, std::span<const std::string> destinations, const AcceptedSource& source);
  /// The files of a source that `accept` had, until `forget_source`, when it cannot come back.
  [[nodiscard]] Result<std::optional<std::string>> files_of_source(std::string_view key);
  Result<void> forget_source(std::string_view key);

  /// The next pending deliveries of `destination`, in order of acceptance.
  /// `not_before` values further away than `longest_wait` come from a clock that was wrong and count as due.
  Result<std::vector<Delivery>> due(std::string_view destination, std::size_t limit, core::WallTime now, core::Millis longest_wait);
  /// Whether any destination has not stored the instance yet.
  [[nodiscard]] Result<bool> is_wanted(std::int64_t instance_id);
  [[nodiscard]] Result<bool> is_pending(std::int64_t instance_id, std::string_view destination);
  /// What the peer stored is stored, whatever was asked for meanwhile; other outcomes do not undo a hold.
  Result<void> update(std::int64_t instance_id, std::string_view destination, const DeliveryUpdate& update, core::WallTime now);

  /// Calls `visit` for each delivery that matches, in order of acceptance; memory does not grow with their number.
  Result<void> each(const DeliveryFilter& filter, const std::function<void(const Delivery&)>& visit);
  Result<std::vector<DestinationCount>> counts();
  /// Changes all that match from any of the pending and held states to `state`, due at once. Returns how many.
  Result<std::uint64_t> set_state(const DeliveryFilter& filter, core::DeliveryState state, std::string_view comment, core::WallTime now);

  /// Adds those that are new, and makes deliveries pending again that were dropped, and of the restored ones those that were held: all
  /// or nothing.
  Result<void> accept_received(const ReceivedInstances& received, std::span<const std::string> destinations, core::WallTime now);

  /// Instances that every destination has stored, or that were dropped there, the last one before `before`. Times behind `now` were written by a clock that
  /// was wrong and count as old.
  Result<std::vector<Instance>> deletable(core::WallTime before, core::WallTime now, std::size_t limit);
  Result<void> forget(std::int64_t instance_id);
  /// Sum of file_bytes of all instances.
  Result<std::uint64_t> spool_bytes();
  /// Instances behind `after`, at most `limit`, by id.
  Result<std::vector<Instance>> instances(std::int64_t after, std::size_t limit);

  /// What was wrong with the one that `open` set aside; empty: nothing was.
  [[nodiscard]] const std::string& set_aside_because() const { return set_aside_because_; }

 private:
  static Result<std::unique_ptr<Ledger>> open_existing(const std::string& path, const std::string& vfs, Repair repair, bool& corrupt);
  Result<void> check(bool& corrupt);
  explicit Ledger(std::unique_ptr<Database> database) : database_{std::move(database)} {}
  Result<void> migrate();
  Result<void> insert(const AcceptedSource& source);
  Result<void> take_up(std::string_view sop_instance_uid, core::DeliveryState from, core::WallTime now);
  Result<void> insert(const Instance& instance, std::span<const std::string> destinations);

  std::unique_ptr<Database> database_;
  std::string set_aside_because_;
};

}  // namespace scanferry::firmware
