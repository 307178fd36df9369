// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include <scanferry/model/document.hpp>

#include "agent/failure.hpp"

namespace scanferry::firmware {

/// A path below a folder, made from what is in an object: "{patient_id}/{study_instance_uid}/{modality}.{sop_instance_uid}.dcm".
/// Values come from the network: of each only letters, digits, '.', '-', '_' and what is beyond ASCII stay, 64 characters at most;
/// "." and ".." become "_", and so does what is not there.
class FilePattern {
 public:
  /// Errors name the placeholder that is none. `sop_instance_uid` must be among them, or objects would replace each other.
  static Result<FilePattern> parse(std::string pattern);
  [[nodiscard]] std::string apply(const model::Document& object, std::string_view caller) const;

 private:
  explicit FilePattern(std::string pattern) : pattern_{std::move(pattern)} {}

  std::string pattern_;
};

}  // namespace scanferry::firmware
