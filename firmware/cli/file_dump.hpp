// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <scanferry/core/element_reader.hpp>
#include <scanferry/platform/store.hpp>

#include "agent/failure.hpp"
#include "cli/dump_format.hpp"

namespace scanferry::firmware {

/// Prints one file: its File Meta Information, then its data set in the encoding stated there. A tool for looking at what
/// went wrong: it reads on where `core::read_file_meta` would refuse, takes files without a preamble, and shows everything
/// before an error.
class FileDump {
 public:
  using Show = std::function<void(std::string_view lines)>;

  /// `file` is borrowed for the life of this; `path` is for messages. `show` gets whole lines.
  FileDump(platform::File& file, std::string path, std::size_t value_max, Show show);

  /// Blocks. Errors: the file cannot be read, is not DICOM, is broken (with place and tag), or in an encoding that is not shown.
  Result<void> run();

 private:
  using Event = core::ElementReader::Event;

  Result<std::uint64_t> show_meta(std::uint64_t start);
  Result<void> show_data_set(std::uint64_t start, core::Encoding encoding);
  Result<Event> next(core::ElementReader& reader);
  Result<void> feed(core::ElementReader& reader);
  void take(Event event, core::ElementReader& reader);
  void title(std::string_view words);
  void put();

  platform::File& file_;
  std::string path_;
  Show show_;
  DumpFormat format_;
  std::vector<std::byte> buffer_;
  std::string lines_;
  std::string transfer_syntax_;
  std::uint64_t size_{0};
  std::uint64_t position_{0};  // of the next byte to feed
};

}  // namespace scanferry::firmware
