// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "check_log.hpp"

namespace scanferry::model {

/// Checks File Meta Information, PS3.10 7.1, and that it says of the data set what the data set says of itself.
void check_meta(const Document& document, CheckLog& log);

}  // namespace scanferry::model
