// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include <scanferry/core/time.hpp>

namespace scanferry::firmware {

/// What is known of one written object.
struct Instance {
  std::int64_t id{0};  ///< in the ledger: order of acceptance
  std::string sop_instance_uid;
  std::string sop_class_uid;
  std::string transfer_syntax_uid;
  std::uint64_t data_set_offset{0};
  std::uint64_t file_bytes{0};
  core::WallTime accepted_at{};

  [[nodiscard]] std::uint64_t data_set_bytes() const { return file_bytes - data_set_offset; }
};

}  // namespace scanferry::firmware
