// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include <scanferry/platform/clock.hpp>
#include <scanferry/platform/network.hpp>

namespace scanferry::firmware {

/// Spreads bytes over time: so many a second, whoever sends them. It saves nothing up: after a silence there is no burst.
class Pace {
 public:
  /// 0: no limit.
  explicit Pace(std::uint64_t bytes_per_second) : bytes_per_second_{bytes_per_second} {}

  [[nodiscard]] bool is_limited() const { return bytes_per_second_ != 0; }
  /// When these bytes may be sent. The next ones have to wait until they would be through.
  core::Instant book(std::uint64_t bytes, core::Instant now);

 private:
  std::uint64_t bytes_per_second_;
  core::Instant free_at_{};
  std::uint64_t remainder_{0};  ///< thousandths of bytes, of less than a millisecond
};

/// A Network over another one whose streams share one pace for what they send.
class PacedNetwork final : public platform::Network {
 public:
  /// Borrows both; 0 bytes a second is no limit, and costs nothing.
  PacedNetwork(platform::Network& network, platform::Clock& clock, std::uint64_t bytes_per_second)
      : network_{network}, clock_{clock}, pace_{bytes_per_second} {}

  /// The stream must not outlive the network.
  platform::Task<platform::Result<std::unique_ptr<platform::ByteStream>>> dial(std::string host, std::uint16_t port,
                                                                               core::Instant deadline) override;
  platform::Result<std::unique_ptr<platform::Listener>> listen(std::string address, std::uint16_t port) override;

 private:
  platform::Network& network_;
  platform::Clock& clock_;
  Pace pace_;
};

}  // namespace scanferry::firmware
