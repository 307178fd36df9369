// SPDX-License-Identifier: Apache-2.0
#include "cli/file_source.hpp"

#include <cstdio>
#include <filesystem>

#include "agent/file_bytes.hpp"
#include "cli/console.hpp"

namespace scanferry::firmware {
namespace {

constexpr std::size_t kPendingBytes = 256 * 1024;

std::unexpected<model::Error> converted(const platform::Error& error) { return std::unexpected{model::Error{error.detail, 0, {}}}; }

}  // namespace

Result<std::unique_ptr<FileSource>> FileSource::open(platform::Store& store, const std::string& path) {
  auto file = store.open(path, platform::OpenMode::read);
  if (!file) return no_luck(file.error());
  const auto size = (*file)->size();
  if (!size) return no_luck(size.error());
  return std::unique_ptr<FileSource>{new FileSource{std::move(*file), *size}};
}

model::Result<std::size_t> FileSource::read_at(std::uint64_t offset, core::ByteBuffer buffer) const {
  return FileBytes{*file_, size_}.read_at(offset, buffer);
}

Result<OpenDocument> open_document(platform::Store& store, const std::string& path, const model::ReadLimits& limits) {
  auto source = FileSource::open(store, path);
  if (!source) return std::unexpected{source.error()};
  auto document = model::Document::read(**source, limits);
  if (!document) return bad_input(describe(path, document.error()));
  return OpenDocument{std::move(*source), std::move(*document)};
}

FileSink::FileSink(platform::Store& store, std::string path, std::string temporary_path, std::unique_ptr<platform::File> file)
    : store_{store}, path_{std::move(path)}, temporary_path_{std::move(temporary_path)}, file_{std::move(file)} {}

Result<std::unique_ptr<FileSink>> FileSink::create(platform::Store& store, const std::string& asked_for) {
  // What a link leads to is replaced, not the link; and a device or pipe is no file that could be.
  std::error_code failed;
  const auto status = std::filesystem::status(asked_for, failed);
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)) return bad_input(asked_for, ": is no regular file");
  const bool is_link = std::filesystem::is_symlink(std::filesystem::symlink_status(asked_for, failed));
  const std::string path = is_link ? std::filesystem::weakly_canonical(asked_for, failed).string() : asked_for;
  const std::string temporary_path = path + ".partial";
  auto file = store.create(temporary_path);
  if (!file && file.error().code == platform::Errc::exists) {
    // What a run before left when it was killed; one that is at work holds the lock.
    auto abandoned = store.open_abandoned(temporary_path);
    if (!abandoned) return no_luck(abandoned.error());
    if (auto done = store.remove(temporary_path); !done) return no_luck(done.error());
    file = store.create(temporary_path);
  }
  if (!file) return no_luck(file.error());
  if (std::filesystem::exists(status)) std::filesystem::permissions(temporary_path, status.permissions(), failed);
  return std::unique_ptr<FileSink>{new FileSink{store, path, temporary_path, std::move(*file)}};
}

FileSink::~FileSink() {
  if (file_) (void)store_.remove(temporary_path_);
}

model::Result<void> FileSink::write(core::ByteView bytes) {
  pending_.insert(pending_.end(), bytes.begin(), bytes.end());
  return pending_.size() < kPendingBytes ? model::Result<void>{} : flush();
}

model::Result<void> FileSink::flush() {
  if (auto done = file_->write_at(position_, pending_); !done) return converted(done.error());
  position_ += pending_.size();
  pending_.clear();
  return {};
}

Result<void> FileSink::commit() {
  if (auto done = flush(); !done) return no_luck(done.error().what);
  if (auto done = file_->sync(); !done) return no_luck(done.error());
  if (auto done = store_.rename(temporary_path_, path_); !done) return no_luck(done.error());
  file_.reset();
  if (auto done = store_.sync_directory(folder_of(path_)); !done) return no_luck(done.error());
  return {};
}

Result<void> refuse_directory(const std::string& path, const model::Document& document) {
  constexpr std::string_view kMediaStorageDirectory = "1.2.840.10008.1.3.10";
  const auto* const sop_class = document.meta().find(core::attribute::kMediaStorageSOPClassUID.tag);
  if (model::trimmed_text(sop_class) != kMediaStorageDirectory) return {};
  return bad_input(path, ": is a DICOMDIR, whose records point at each other by their byte offsets: 'export' writes a new one");
}

model::Result<void> StandardOutput::write(core::ByteView bytes) {
  if (std::fwrite(bytes.data(), 1, bytes.size(), stdout) == bytes.size()) return {};
  return std::unexpected{model::Error{"standard output takes no more", 0, {}}};
}

Result<void> tell_findings(const std::string& path, const model::Document& document) {
  const bool is_out = std::fflush(stdout) == 0 && std::ferror(stdout) == 0;
  for (const auto& finding : document.findings()) print_error(describe(path, finding));
  if (!is_out) return no_luck("standard output takes no more");
  if (document.defect()) return bad_input(describe(path, *document.defect()));
  return {};
}

std::string describe(const std::string& path, const model::Error& error) { return text(path, ": ", error.text()); }

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? std::string{"."} : path.substr(0, slash == 0 ? 1 : slash);
}

}  // namespace scanferry::firmware
