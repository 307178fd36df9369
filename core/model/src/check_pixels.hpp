// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "check_log.hpp"

namespace scanferry::model {

/// Checks that the Image Pixel attributes agree with each other (PS3.3 C.7.6.3), and Pixel Data with them and with the transfer
/// syntax (PS3.5 8, A.4).
void check_pixels(const Document& document, const Place& object, CheckLog& log);

}  // namespace scanferry::model
