// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include <scanferry/platform/store.hpp>

#include "agent/failure.hpp"
#include "cli/carried.hpp"

namespace scanferry::firmware {

struct ContentInstance {
  std::string sop_class_uid;
  std::string sop_instance_uid;
  bool is_image{false};
};

struct ContentSeries {
  std::string uid;
  Keys about;  ///< Protocol Name, Series Description and persons, as the first of its objects has them
  std::vector<ContentInstance> instances;
};

/// What was made of a study, as an information system is told.
struct ContentStudy {
  std::string uid;
  std::vector<std::string> procedure_steps;  ///< SOP Instance UIDs of those that its objects name, PS3.3 C.7.3.1
  std::vector<ContentSeries> series;
};

/// Of files and folders, each study, series and object once, in the order in which they are found. Blocks. Fails when a file cannot be
/// read, or none is an object.
Result<std::vector<ContentStudy>> read_content(platform::Store& store, const std::vector<std::string>& paths);

}  // namespace scanferry::firmware
