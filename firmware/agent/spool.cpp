// SPDX-License-Identifier: Apache-2.0
#include "agent/spool.hpp"

#include <array>

#include "agent/file_meta.hpp"

namespace scanferry::firmware {
namespace {

constexpr std::string_view kObjectSuffix = ".dcm";
constexpr std::string_view kPartSuffix = ".part";
constexpr std::string_view kLiveSuffix = ".live";
/// How many ledger rows a pass over all of them holds in memory.
constexpr std::size_t kRowsAtOnce = 256;

constexpr std::uint64_t kMegabyte = 1'000'000;

}  // namespace

Result<std::unique_ptr<Spool>> Spool::open(const platform::Platform& platform, const SpoolConfig& config, Role role) {
  std::unique_ptr<Spool> spool{new Spool{platform, config}};
  for (const auto& directory : {spool->objects(), spool->incoming()}) {
    if (auto made = platform.store.make_directories(directory); !made) {
      return no_luck("the spool cannot be used: ", made.error().detail, "; see [spool] path in the config");
    }
  }
  if (role == Role::owner) {
    if (auto locked = spool->lock(); !locked) return std::unexpected{locked.error()};
    if (auto known = spool->read_salt(platform.random); !known) return std::unexpected{known.error()};
  }
  const auto repair = role == Role::owner ? Ledger::Repair::set_aside : Ledger::Repair::no;
  auto ledger = Ledger::open(platform.store, config.path + "/ledger.sqlite", platform.sqlite_vfs, repair);
  if (!ledger) return std::unexpected{ledger.error()};
  spool->ledger_ = std::move(*ledger);
  return spool;
}

Result<void> Spool::lock() {
  const auto path = config_.path + "/agent.lock";
  auto file = store_.open_abandoned(path);
  if (!file && file.error().code == platform::Errc::not_found) file = store_.create(path);
  if (!file && file.error().code == platform::Errc::in_use) {
    return no_luck("another agent works on the spool ", config_.path, "; stop it, or give this one a [spool] path of its own");
  }
  if (!file) return no_luck(file.error());
  lock_ = std::move(*file);
  return {};
}

Result<void> Spool::read_salt(platform::Random& random) {
  const auto path = config_.path + "/identity";
  std::array<std::byte, 16> bytes{};
  auto file = store_.open(path, platform::OpenMode::read);
  if (!file && file.error().code == platform::Errc::not_found) return make_salt(path, random);
  if (!file) return no_luck(file.error());
  const auto got = (*file)->read_at(0, bytes);
  if (!got) return no_luck(got.error());
  if (*got != bytes.size()) return make_salt(path, random);
  const auto word = [&bytes](std::size_t at) {
    return core::load_le32(&bytes[at]) | static_cast<std::uint64_t>(core::load_le32(&bytes[at + 4])) << 32U;
  };
  salt_high_ = word(0);
  salt_low_ = word(8);
  return {};
}

Result<void> Spool::make_salt(const std::string& path, platform::Random& random) {
  salt_high_ = random.next();
  salt_low_ = random.next();
  std::array<std::byte, 16> bytes{};
  const auto put = [&bytes](std::size_t at, std::uint64_t value) {
    core::store_le32(&bytes[at], static_cast<std::uint32_t>(value & 0xFFFFFFFFU));
    core::store_le32(&bytes[at + 4], static_cast<std::uint32_t>(value >> 32U));
  };
  put(0, salt_high_);
  put(8, salt_low_);
  const auto fresh = path + ".new";
  (void)store_.remove(fresh);  // of a start that was interrupted
  auto file = store_.create(fresh);
  if (!file) return no_luck(file.error());
  if (auto done = (*file)->write_at(0, bytes); !done) return no_luck(done.error());
  if (auto done = (*file)->sync(); !done) return no_luck(done.error());
  if (auto done = store_.rename(fresh, path); !done) return no_luck(done.error());
  if (auto done = store_.sync_directory(config_.path); !done) return no_luck(done.error());
  return {};
}

std::string Spool::object_path(std::string_view uid) const { return text(objects(), "/", uid, kObjectSuffix); }

std::string Spool::incoming_path(std::string_view uid, Source source) const {
  return text(incoming(), "/", uid, source == Source::live ? kLiveSuffix : kPartSuffix);
}

Result<void> Spool::admit(std::uint64_t bytes, std::uint64_t unfinished_bytes) {
  auto held = ledger_->spool_bytes();
  if (!held) return std::unexpected{held.error()};
  const auto taken = *held + received_bytes_ + unfinished_bytes;
  if (taken + bytes > config_.max_bytes) {
    return no_luck("the spool is full: ", taken / kMegabyte, " MB of ", config_.max_bytes / kMegabyte, " MB are taken and ",
                   bytes / kMegabyte, " MB more are wanted; see which destination is behind with 'scanferry queue list', or raise"
                   " [spool] max_mb");
  }
  auto space = store_.space(config_.path);
  if (!space) return no_luck(space.error());
  if (space->free_bytes < bytes + config_.min_free_bytes) {
    return no_luck("the disk of the spool ", config_.path, " is full: ", space->free_bytes / kMegabyte, " MB are free, ",
                   bytes / kMegabyte, " MB are wanted and ", config_.min_free_bytes / kMegabyte,
                   " MB are to stay free; make room or lower [spool] min_free_mb");
  }
  return {};
}

Result<ObjectWriter> Spool::begin(const core::ImageDescription& image, Source source) {
  const auto path = incoming_path(image.sop_instance_uid, source);
  if (auto left_over = store_.open_abandoned(path)) {
    (void)store_.remove(path);  // if it cannot be removed, create says so
  } else if (left_over.error().code == platform::Errc::in_use) {
    return no_luck(path, " is being written by somebody else; is the same folder watched twice?");
  }
  return ObjectWriter::create(store_, path, image);
}

Result<Instance> Spool::commit(ObjectWriter& writer, const core::ImageDescription& image, Source source) {
  if (auto done = writer.finish(); !done) return std::unexpected{done.error()};
  const auto known = ledger_->contains(image.sop_instance_uid);
  if (!known) return std::unexpected{known.error()};
  if (*known) {
    // Adopted after a crash between commit and acceptance, and perhaps sent: one UID must not stand for two contents.
    abandon(image, source);
  } else if (auto done = publish(writer, image, source); !done) {
    return std::unexpected{done.error()};
  }
  Instance instance;
  instance.sop_instance_uid = image.sop_instance_uid;
  instance.sop_class_uid = core::sop_class_uid(image.iod);
  instance.transfer_syntax_uid = core::transfer_syntax_uid(image.coding);
  instance.data_set_offset = writer.data_set_offset();
  instance.file_bytes = writer.file_bytes();
  instance.accepted_at = clock_.wall_now();
  return instance;
}

Result<void> Spool::publish(ObjectWriter& writer, const core::ImageDescription& image, Source source) {
  const auto to = object_path(image.sop_instance_uid);
  if (auto done = store_.rename(incoming_path(image.sop_instance_uid, source), to); !done) return no_luck(done.error());
  if (auto done = sync_objects(); !done) return done;
  return writer.settle();
}

Result<void> Spool::sync_objects() {
  if (auto synced = store_.sync_directory(objects()); !synced) return no_luck(synced.error());
  return {};
}

void Spool::abandon(const core::ImageDescription& image, Source source) {
  (void)store_.remove(incoming_path(image.sop_instance_uid, source));  // what stays is removed at the next start
}

void Spool::discard(std::string_view sop_instance_uid) {
  const auto known = ledger_->contains(sop_instance_uid);
  if (known && !*known) (void)store_.remove(object_path(sop_instance_uid));  // what stays is adopted: whole, if unasked for
}

std::string Spool::temporary_path(std::string_view sop_instance_uid, std::string_view destination) const {
  // Names of destinations are a person's: any characters.
  return text(incoming(), "/", sop_instance_uid, "-", std::hash<std::string_view>{}(destination), kPartSuffix);
}

Result<std::unique_ptr<platform::File>> Spool::open_object(std::string_view sop_instance_uid) {
  auto file = store_.open(object_path(sop_instance_uid), platform::OpenMode::read);
  if (!file) return no_luck(file.error());
  return std::move(*file);
}

Result<void> Spool::remove(const Instance& instance) {
  auto removed = store_.remove(object_path(instance.sop_instance_uid));
  if (!removed && removed.error().code != platform::Errc::not_found) return no_luck(removed.error());
  // An object that came back after a power cut, without its entry, would be taken for a new one and sent again.
  if (auto synced = sync_objects(); !synced) return synced;
  return ledger_->forget(instance.id);
}

Result<Spool::Recovered> Spool::recover(std::span<const std::string> destinations) {
  unadopted_ = true;
  auto recovered = recover_incoming(destinations);
  if (!recovered) return recovered;
  if (auto done = check_objects(*recovered); !done) return std::unexpected{done.error()};
  return recovered;
}

Result<Spool::Recovered> Spool::recover_incoming(std::span<const std::string> destinations) {
  Recovered recovered;
  auto files = store_.list(incoming());
  if (!files) return no_luck(files.error());
  for (const auto& file : *files) {
    // One file that cannot be mended is no reason to stop everything else.
    if (auto done = recover_file(file.name, recovered); !done) recovered.problems.push_back(done.error().message);
  }
  if (unadopted_) {
    if (auto done = adopt_unknown(destinations, recovered); !done) return std::unexpected{done.error()};
  }
  return recovered;
}

Result<void> Spool::recover_file(const std::string& name, Recovered& recovered) {
  const auto path = text(incoming(), "/", name);
  auto file = store_.open_abandoned(path);
  if (!file && (file.error().code == platform::Errc::in_use || file.error().code == platform::Errc::not_found)) return {};
  if (!file) return no_luck(file.error());
  if (name.ends_with(kLiveSuffix)) {
    auto frames = recover_object(**file);
    if (!frames) return std::unexpected{frames.error()};
    if (*frames > 0) {
      const auto object = text(std::string_view{name}.substr(0, name.size() - kLiveSuffix.size()), kObjectSuffix);
      if (auto moved = store_.rename(path, text(objects(), "/", object)); !moved) return no_luck(moved.error());
      if (auto synced = sync_objects(); !synced) return synced;
      ++recovered.closed;
      unadopted_ = true;
      return {};
    }
  }
  if (auto removed = store_.remove(path); !removed) return no_luck(removed.error());
  ++recovered.removed;
  return {};
}

Result<void> Spool::adopt(const std::string& name, std::span<const std::string> destinations) {
  auto instance = read_instance(name);
  if (!instance) return std::unexpected{instance.error()};
  return ledger_->accept({&*instance, 1}, destinations, {});
}

Result<Instance> Spool::read_instance(const std::string& name) {
  const auto path = text(objects(), "/", name);
  auto file = store_.open(path, platform::OpenMode::read_write);
  if (!file) return no_luck(file.error());
  if (auto cleared = clear_live_note(**file); !cleared) return std::unexpected{cleared.error()};
  auto size = (*file)->size();
  if (!size) return no_luck(size.error());
  const auto read = read_file_meta(**file, *size, path);
  if (!read) return std::unexpected{read.error()};
  if (!*read || !(*read)->has_meta) return bad_input(path, ": is no DICOM file");
  const core::FileMeta& meta = **read;
  Instance instance;
  instance.sop_instance_uid = meta.sop_instance_uid.view();
  instance.sop_class_uid = meta.sop_class_uid.view();
  instance.transfer_syntax_uid = meta.transfer_syntax_uid.view();
  instance.data_set_offset = meta.data_set_offset;
  instance.file_bytes = *size;
  instance.accepted_at = clock_.wall_now();
  return instance;
}

Result<void> Spool::adopt_unknown(std::span<const std::string> destinations, Recovered& recovered) {
  unadopted_ = true;
  // The sync that should have made a name durable may have failed.
  if (auto synced = sync_objects(); !synced) return synced;
  bool is_all_done = true;
  // One by one: when the ledger was lost there may be very many.
  const auto look = [&](const platform::FileInfo& file) {
    if (!file.name.ends_with(kObjectSuffix)) return;
    const auto known = ledger_->contains(std::string_view{file.name}.substr(0, file.name.size() - kObjectSuffix.size()));
    if (known && *known) return;
    const auto done = known ? adopt(file.name, destinations) : Result<void>{std::unexpected{known.error()}};
    if (done) {
      ++recovered.adopted;
      return;
    }
    recovered.problems.push_back(done.error().message);
    // What is no object of ours never becomes one; anything else may pass the next time.
    is_all_done = is_all_done && done.error().trouble != Trouble::environment;
  };
  if (auto visited = store_.visit(objects(), look); !visited) return no_luck(visited.error());
  unadopted_ = !is_all_done;
  return {};
}

Result<void> Spool::write_off(const Instance& instance, std::string_view why, Recovered& recovered) {
  const DeliveryFilter waiting{instance.sop_instance_uid, "", core::DeliveryState::pending};
  auto held = ledger_->set_state(waiting, core::DeliveryState::held, why, clock_.wall_now());
  if (!held) return std::unexpected{held.error()};
  recovered.missing += *held > 0 ? 1 : 0;
  return {};
}

Result<void> Spool::check_object(const Instance& instance, Recovered& recovered) {
  const auto there = store_.info(object_path(instance.sop_instance_uid));
  if (there && there->size_bytes == instance.file_bytes) return {};
  if (there) return write_off(instance, "the object in the spool does not have the size that it was accepted with", recovered);
  if (there.error().code != platform::Errc::not_found) return no_luck(there.error());
  // When nobody waits for it, its removal was interrupted.
  auto wanted = ledger_->is_wanted(instance.id);
  if (!wanted) return std::unexpected{wanted.error()};
  if (!*wanted) return ledger_->forget(instance.id);
  return write_off(instance, "the object is missing from the spool", recovered);
}

Result<void> Spool::check_objects(Recovered& recovered) {
  std::int64_t after = 0;
  for (;;) {
    auto instances = ledger_->instances(after, kRowsAtOnce);
    if (!instances) return std::unexpected{instances.error()};
    if (instances->empty()) return {};
    after = instances->back().id;
    for (const auto& instance : *instances) {
      if (auto done = check_object(instance, recovered); !done) recovered.problems.push_back(done.error().message);
    }
  }
}

}  // namespace scanferry::firmware
