// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <scanferry/core/image_description.hpp>
#include <scanferry/core/uid.hpp>
#include <scanferry/platform/platform.hpp>

#include "agent/config.hpp"
#include "agent/ledger.hpp"
#include "agent/object_sink.hpp"

namespace scanferry::firmware {

/// Where accepted objects live until every destination has them: a directory of Part 10 files that describes itself, and
/// the ledger beside it.
///
///   objects/<SOP Instance UID>.dcm   complete and synced
///   incoming/<uid>.part              under construction, made again from its source after a crash
///   incoming/<uid>.live              under construction from a source that cannot be read again, see ObjectWriter::checkpoint
///   ledger.sqlite
///   identity                         16 random bytes of this device, mixed into derived UIDs
///   agent.lock                       locked by the one agent that works on the spool
///
/// Memory does not depend on how many objects there are: what SQLite may keep of the ledger is 512 KiB.
/// All calls block: storage thread only.
class Spool final : public ObjectSink {
 public:
  /// Opens or makes the spool; does not look for what a crash left behind: see `recover`.
  /// The agent owns a spool, alone; guests only add to it.
  enum class Role : std::uint8_t { owner, guest };
  static Result<std::unique_ptr<Spool>> open(const platform::Platform& platform, const SpoolConfig& config, Role role);

  struct Recovered {
    std::uint64_t removed{0};   ///< unfinished files of sources that can be read again
    std::uint64_t closed{0};    ///< live objects closed with the frames that were safe
    std::uint64_t adopted{0};   ///< objects that the ledger did not know
    std::uint64_t missing{0};   ///< objects that are gone, or cut short, although a destination waits for them; now held
    std::vector<std::string> problems;  ///< what could not be mended; the rest was
  };
  /// Makes directory and ledger agree after a crash, a power cut or the loss of the ledger. Files that another process is
  /// writing are left alone.
  Result<Recovered> recover(std::span<const std::string> destinations);

  /// The part of `recover` that can become necessary at any time: files in incoming/ whose writer died, in this process or in
  /// another, and what the last call could not finish.
  Result<Recovered> recover_incoming(std::span<const std::string> destinations);

  /// Refuses what would exceed the quota or the disk: `bytes` to be written, beside `unfinished_bytes` on the disk already
  /// that the ledger does not know yet.
  Result<void> admit(std::uint64_t bytes, std::uint64_t unfinished_bytes = 0);
  /// The same for an object that a peer sends and whose length nobody knows: before each piece of it is written. What was admitted counts
  /// for everybody until `received_ended`, when the ledger knows the object or it is gone.
  Result<void> admit_received(std::uint64_t bytes);
  void received_ended(std::uint64_t bytes) { received_bytes_ -= bytes; }

  // ObjectSink. A committed object is not accepted yet: the ledger decides that. One that the ledger knows stays as it is.
  [[nodiscard]] core::Uid derive_uid(std::string_view name) const override { return core::uid_from_name(salt_high_, salt_low_, name); }
  Result<ObjectWriter> begin(const core::ImageDescription& image, Source source) override;
  Result<Instance> commit(ObjectWriter& writer, const core::ImageDescription& image, Source source) override;
  void abandon(const core::ImageDescription& image, Source source) override;
  /// As long as the ledger does not know it.
  void discard(std::string_view sop_instance_uid) override;

  /// Where an object that a peer sends is written until it is whole, a new name each time: one UID may come over two associations at
  /// once. `recover` removes what a crash leaves: its sender was not told that it was accepted.
  [[nodiscard]] std::string place_for(std::string_view sop_instance_uid);
  /// `known`: the ledger knows the UID with this data set; deliveries of it that were dropped are pending again. `restored`: likewise, and
  /// the file in the spool was lost; no delivery of it stays held. `conflict`: it knows the UID with another data set.
  enum class Received : std::uint8_t { accepted, known, restored, conflict };
  struct Reception {
    Instance instance;
    std::string path;
    platform::File* file{nullptr};  ///< synced; borrowed
  };
  /// Moves the files to their places and accepts them, with one sync of the directory and one transaction, or removes them. No two have
  /// the same UID. After an error of the disk or the ledger an object may be in its place: then it is accepted when it comes again, or
  /// adopted by `recover_incoming`.
  std::vector<Result<Received>> accept_received(std::span<Reception> objects, std::span<const std::string> destinations);

  /// For what is made of an object on its way to a destination; what a crash leaves of it is removed by `recover`.
  [[nodiscard]] std::string temporary_path(std::string_view sop_instance_uid, std::string_view destination) const;
  Result<std::unique_ptr<platform::File>> open_object(std::string_view sop_instance_uid);
  /// Removes the object and then its ledger entry, in an order that no power cut can turn into a resend.
  Result<void> remove(const Instance& instance);

  [[nodiscard]] Ledger& ledger() { return *ledger_; }

 private:
  Spool(const platform::Platform& platform, SpoolConfig config)
      : store_{platform.store}, clock_{platform.clock}, config_{std::move(config)} {}

  [[nodiscard]] std::string object_path(std::string_view uid) const;
  [[nodiscard]] Result<Received> compare(const Instance& known, const Reception& received) const;
  Result<Received> place(const Reception& received);
  Result<void> settle(std::span<Reception> objects, std::span<const Result<Received>> placed, std::span<const std::string> destinations);
  [[nodiscard]] std::string incoming_path(std::string_view uid, Source source) const;
  [[nodiscard]] std::string objects() const { return config_.path + "/objects"; }
  [[nodiscard]] std::string incoming() const { return config_.path + "/incoming"; }
  Result<void> sync_objects();
  Result<void> publish(ObjectWriter& writer, const core::ImageDescription& image, Source source);
  Result<void> lock();
  Result<void> read_salt(platform::Random& random);
  Result<void> make_salt(const std::string& path, platform::Random& random);
  Result<void> recover_file(const std::string& name, Recovered& recovered);
  Result<void> adopt(const std::string& name, std::span<const std::string> destinations);
  Result<void> adopt_unknown(std::span<const std::string> destinations, Recovered& recovered);
  Result<Instance> read_instance(const std::string& name);
  Result<void> write_off(const Instance& instance, std::string_view why, Recovered& recovered);
  Result<void> check_object(const Instance& instance, Recovered& recovered);
  Result<void> check_objects(Recovered& recovered);

  platform::Store& store_;
  platform::Clock& clock_;
  SpoolConfig config_;
  std::unique_ptr<Ledger> ledger_;
  std::uint64_t received_bytes_{0};       ///< of objects that peers are sending
  std::uint64_t received_files_{0};       ///< begun; makes their names
  std::unique_ptr<platform::File> lock_;  ///< held by the owner as long as it lives
  bool unadopted_{false};                ///< objects/ may hold what the ledger does not know
  std::uint64_t salt_high_{0};
  std::uint64_t salt_low_{0};
};

}  // namespace scanferry::firmware
