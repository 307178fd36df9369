// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include <scanferry/model/byte_source.hpp>
#include <scanferry/model/document.hpp>
#include <scanferry/platform/store.hpp>

#include "agent/failure.hpp"

namespace scanferry::firmware {

/// A file of the Store, for the model to read.
class FileSource final : public model::ByteSource {
 public:
  static Result<std::unique_ptr<FileSource>> open(platform::Store& store, const std::string& path);

  [[nodiscard]] std::uint64_t size() const override { return size_; }
  model::Result<std::size_t> read_at(std::uint64_t offset, core::ByteBuffer buffer) const override;

 private:
  FileSource(std::unique_ptr<platform::File> file, std::uint64_t size) : file_{std::move(file)}, size_{size} {}

  std::unique_ptr<platform::File> file_;
  std::uint64_t size_;
};

/// A file and what is in it.
struct OpenDocument {
  std::unique_ptr<FileSource> source;
  model::Document document;
};

/// Opens and reads; failures name the file. A defect within is in the document.
Result<OpenDocument> open_document(platform::Store& store, const std::string& path, const model::ReadLimits& limits = {});

/// Writes a file that is there whole or not at all, also after a power cut; one of that name is replaced and keeps its permissions.
class FileSink final : public model::ByteSink {
 public:
  static Result<std::unique_ptr<FileSink>> create(platform::Store& store, const std::string& path);
  /// Removes what was written unless `commit` has succeeded.
  ~FileSink() override;

  model::Result<void> write(core::ByteView bytes) override;
  Result<void> commit();

 private:
  FileSink(platform::Store& store, std::string path, std::string temporary_path, std::unique_ptr<platform::File> file);
  model::Result<void> flush();

  platform::Store& store_;
  std::string path_;
  std::string temporary_path_;
  std::unique_ptr<platform::File> file_;
  std::vector<std::byte> pending_;
  std::uint64_t position_{0};
};

class StandardOutput final : public model::ByteSink {
 public:
  model::Result<void> write(core::ByteView bytes) override;
};

/// Prints what was odd in a document to standard error, behind all that went to standard output. Fails with its defect.
Result<void> tell_findings(const std::string& path, const model::Document& document);

/// Fails for a DICOMDIR: its records point at each other by their byte offsets (PS3.3 F.3.2.2), which a change would make wrong.
Result<void> refuse_directory(const std::string& path, const model::Document& document);

/// "FILE: WHAT, at byte OFFSET, in PATH".
std::string describe(const std::string& path, const model::Error& error);

/// `path` without its last part; "." where it has one only.
std::string folder_of(const std::string& path);

}  // namespace scanferry::firmware
