// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <scanferry/platform/tls.hpp>

#include "mbedtls.hpp"

namespace scanferry::platform::tls {

/// Lets `config` negotiate what the profile has, and nothing else.
void apply(TlsProfile profile, mbedtls_ssl_config& config);

/// What to try with a peer that has nothing in common with `profile`.
std::string_view way_out(TlsProfile profile);

}  // namespace scanferry::platform::tls
