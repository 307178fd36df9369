// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "wire.hpp"

namespace bench {

/// A Part 10 file as a sender sees it (PS3.10 7.1): what it is, and where its data set begins.
struct Part10Object {
  std::string path;
  std::string sop_class;
  std::string sop_instance;
  std::string transfer_syntax;
  std::uint64_t offset{0};
  std::uint64_t bytes{0};  ///< of the data set
  Bytes loaded;            ///< the data set, after `load`
};

std::optional<Part10Object> read_object(const std::string& path);
bool load(Part10Object& object);

}  // namespace bench
