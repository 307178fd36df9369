// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include <scanferry/platform/linux/runtime.hpp>

#include "contract.hpp"

namespace scanferry::platform::contract {

/// The Linux port with a temporary directory of its own, removed afterwards.
class LinuxPort : public Port {
 public:
  LinuxPort();
  LinuxPort(const LinuxPort&) = delete;
  LinuxPort& operator=(const LinuxPort&) = delete;
  ~LinuxPort() override;

  const Platform& platform() override { return runtime_.platform(); }
  std::string directory() override { return directory_; }
  LinuxRuntime& runtime() { return runtime_; }

 protected:
  void spawn(Task<void> story) override { runtime_.spawn(std::move(story)); }
  void run() override { runtime_.run(); }
  void give_up() override { runtime_.stop(); }

 private:
  LinuxRuntime runtime_;
  std::string directory_;
};

inline std::unique_ptr<Port> make_linux_port() { return std::make_unique<LinuxPort>(); }

}  // namespace scanferry::platform::contract
