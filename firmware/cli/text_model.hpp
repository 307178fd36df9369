// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include <CLI/CLI.hpp>

#include <scanferry/model/json_writer.hpp>

#include "cli/file_source.hpp"

namespace scanferry::firmware {

/// What the commands that write a DICOM file as text have in common: `json` and `xml`.
struct TextModelOptions {
  std::string file;
  std::string output;  ///< empty: standard output
  std::string bulk{"reference"};
  std::uint64_t in_line_bytes_max{model::BulkOptions{}.in_line_bytes_max};
  bool with_meta{false};
  bool is_compact{false};

  /// Adds --meta, --bulk, --inline-max and --compact.
  void add_to(CLI::App& command);
  /// What they ask for of values of bytes, with references to the file.
  [[nodiscard]] model::BulkOptions bulk_options() const;
};

/// Writes a document in the form of the command.
using WriteModel = std::function<model::Result<void>(const model::Document&, model::ByteSink&)>;

/// Reads the file and writes it where it is to go. A defect in the file is a failure: with standard output behind what was readable,
/// with an output file instead of it.
Result<void> write_text_model(platform::Store& store, const TextModelOptions& options, const WriteModel& write);

}  // namespace scanferry::firmware
