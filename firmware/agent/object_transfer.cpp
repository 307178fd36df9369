// SPDX-License-Identifier: Apache-2.0
#include "agent/object_transfer.hpp"

#include <algorithm>
#include <memory>
#include <vector>

#include <scanferry/core/transfer_syntax.hpp>
#include <scanferry/model/part10_writer.hpp>

#include "agent/file_bytes.hpp"
#include "agent/file_meta.hpp"

namespace scanferry::firmware {
namespace {

constexpr std::size_t kPendingBytes = 256 * 1024;

std::unexpected<model::Error> converted(const platform::Error& error) { return std::unexpected{model::Error{error.detail, 0, {}}}; }

/// A file, for the model to write.
class Sink final : public model::ByteSink {
 public:
  explicit Sink(platform::File& file) : file_{file} {}
  model::Result<void> write(core::ByteView bytes) override {
    pending_.insert(pending_.end(), bytes.begin(), bytes.end());
    return pending_.size() < kPendingBytes ? model::Result<void>{} : flush();
  }
  model::Result<void> flush() {
    if (auto written = file_.write_at(bytes_, pending_); !written) {
      failure_ = written.error();
      return converted(written.error());
    }
    bytes_ += pending_.size();
    pending_.clear();
    return {};
  }
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
  /// What the system said, if it was not the object that could not be written.
  [[nodiscard]] const std::optional<platform::Error>& failure() const { return failure_; }

 private:
  platform::File& file_;
  std::vector<std::byte> pending_;
  std::uint64_t bytes_{0};
  std::optional<platform::Error> failure_;
};

/// An object as it is sent, where it is not sent as it is stored, in a file that goes with it.
class Rewritten {
 public:
  explicit Rewritten(platform::Store& store, std::string path) : store_{store}, path_{std::move(path)} {}
  Rewritten(const Rewritten&) = delete;
  Rewritten& operator=(const Rewritten&) = delete;
  ~Rewritten() {
    if (!file_) return;
    file_.reset();
    (void)store_.remove(path_);
  }

  /// In another transfer syntax. Blocks, as everything here. The trouble is `bad_input` when it is the object's.
  Result<void> transcode(platform::File& from, std::string_view transfer_syntax_uid) {
    const auto size = from.size();
    if (!size) return no_luck(size.error());
    const FileBytes source{from, *size};
    const auto document = model::Document::read(source);
    if (!document) return bad_input(document.error().text());
    if (document->defect()) return bad_input(document->defect()->text());
    auto created = store_.create(path_);
    if (!created) return no_luck(created.error());
    file_ = std::move(*created);
    Sink sink{*file_};
    auto done = model::write_part10(*document, transfer_syntax_uid, sink);
    if (done) done = sink.flush();
    if (sink.failure()) return no_luck(*sink.failure());
    if (!done) return bad_input(done.error().text());
    const auto meta = read_file_meta(*file_, sink.bytes(), path_);
    if (!meta) return std::unexpected{meta.error()};
    offset_ = (*meta)->data_set_offset;
    bytes_ = sink.bytes() - offset_;
    return {};
  }

  /// The data set alone, with the null byte that makes its length even.
  Result<void> pad(platform::File& from, std::uint64_t offset, std::uint64_t bytes) {
    auto created = store_.create(path_);
    if (!created) return no_luck(created.error());
    file_ = std::move(*created);
    Sink sink{*file_};
    std::vector<std::byte> piece(kPendingBytes);
    for (std::uint64_t at = 0; at < bytes;) {
      const auto want = static_cast<std::size_t>(std::min<std::uint64_t>(piece.size(), bytes - at));
      const auto got = from.read_at(offset + at, core::ByteBuffer{piece}.first(want));
      if (!got) return no_luck(got.error());
      if (*got == 0) return bad_input("the file became shorter");
      at += *got;
      (void)sink.write(core::ByteView{piece}.first(*got));  // its failure is kept
    }
    piece.assign(1, std::byte{0});
    (void)sink.write(piece);
    (void)sink.flush();
    if (sink.failure()) return no_luck(*sink.failure());
    bytes_ = sink.bytes();
    return {};
  }

  [[nodiscard]] platform::File& file() { return *file_; }
  [[nodiscard]] std::uint64_t offset() const { return offset_; }
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }

 private:
  platform::Store& store_;
  std::string path_;
  std::unique_ptr<platform::File> file_;
  std::uint64_t offset_{0};
  std::uint64_t bytes_{0};
};

/// The transfer syntax in which the peer takes the object; its own when there is no other.
std::string_view accepted_syntax(const Link& link, const dimse::StoreRequest& request) {
  const auto stored = request.transfer_syntax_uid.view();
  if (link.accepts(request.sop_class_uid, stored)) return stored;
  for (const auto other : fall_backs_of(stored)) {
    if (link.accepts(request.sop_class_uid, other)) return other;
  }
  return stored;
}

/// PS3.5 A.5: a deflated data set ends with a null byte where its length would be odd. Some files lack it, and then some peers break off:
/// what a PDV holds is even, PS3.8 E.1.
bool lacks_padding(const dimse::StoreRequest& request) {
  return request.data_set_bytes % 2 != 0 && core::transfer_syntax_of(request.transfer_syntax_uid.view()).is_deflated;
}

StoreReport not_rewritten(const Failure& failure, std::string_view what_for) {
  StoreReport report;
  report.outcome = failure.trouble == Trouble::bad_input ? core::Outcome::hold : core::Outcome::retry_later;
  report.blame = dimse::Blame::object;
  report.words = text(what_for, failure.message);
  return report;
}

}  // namespace

platform::Task<std::expected<std::uint16_t, StoreReport>> post_object(platform::Platform& platform, Link& link, const StoredObject& object,
                                                                      platform::File& file) {
  auto request = object.request;
  const auto syntax = accepted_syntax(link, request);
  const bool is_as_stored = syntax == request.transfer_syntax_uid.view();
  if (!link.is_open() || (is_as_stored && !lacks_padding(request))) co_return co_await link.post(request, file, object.data_set_offset);
  auto rewritten = std::make_unique<Rewritten>(platform.store, object.temporary_path);
  const auto make = [&] {
    return is_as_stored ? rewritten->pad(file, object.data_set_offset, request.data_set_bytes) : rewritten->transcode(file, syntax);
  };
  const auto made = co_await platform.storage.run(make);
  std::expected<std::uint16_t, StoreReport> posted;
  if (made) {
    request.transfer_syntax_uid.assign(syntax);
    request.data_set_bytes = rewritten->bytes();
    posted = co_await link.post(request, rewritten->file(), rewritten->offset());
  } else {
    const auto what_for = is_as_stored ? std::string{"cannot be padded to an even length: "}
                                       : text("the peer takes the object only with transfer syntax ", syntax, ", and it cannot be transcoded: ");
    posted = std::unexpected{not_rewritten(made.error(), what_for)};
  }
  const auto remove = [&] { return rewritten.reset(), true; };
  co_await platform.storage.run(remove);
  co_return posted;
}

}  // namespace scanferry::firmware
