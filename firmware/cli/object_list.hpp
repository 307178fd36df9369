// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <scanferry/platform/store.hpp>

namespace scanferry::firmware {

/// A Part 10 file that can be sent.
struct SendObject {
  std::string path;
  std::string sop_class_uid;
  std::string sop_instance_uid;
  std::string transfer_syntax_uid;
  std::uint64_t data_set_offset{0};
  std::uint64_t data_set_bytes{0};
};

struct ObjectProblem {
  std::string path;
  std::string words;       ///< one line for a person; it names the path
  bool is_failure{false};  ///< something that was asked for cannot be sent
};

struct ObjectList {
  std::vector<SendObject> objects;
  std::vector<ObjectProblem> problems;
  std::uint64_t failed{0};  ///< how many of the problems are failures
};

/// Looks at files and, to the bottom, into folders. A file that was named must be DICOM; in folders other files are passed
/// over, and so is a DICOMDIR. Blocks.
ObjectList collect_objects(platform::Store& store, const std::vector<std::string>& paths);

}  // namespace scanferry::firmware
