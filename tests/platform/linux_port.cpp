// SPDX-License-Identifier: Apache-2.0
#include "linux_port.hpp"

#include <cstdlib>
#include <filesystem>

namespace scanferry::platform::contract {

LinuxPort::LinuxPort() {
  auto name = std::filesystem::temp_directory_path().string() + "/scanferry-XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) std::abort();
  directory_ = name;
}

LinuxPort::~LinuxPort() {
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

}  // namespace scanferry::platform::contract
