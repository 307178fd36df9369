// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <scanferry/platform/clock.hpp>
#include <scanferry/platform/network.hpp>

namespace scanferry::tests {

/// Somebody who pings the device: one association, one C-ECHO, release. Empty when all went well, else what did not.
platform::Task<std::string> probe_by_echo(platform::Network& network, platform::Clock& clock, std::string host, std::uint16_t port,
                                          std::string called_aet, core::Millis patience);

}  // namespace scanferry::tests
