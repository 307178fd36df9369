// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace scanferry::tests {

/// Encodes an object and reads it back. Null, or what was not as it should be, with a line's end.
const char* smoke_test();

}  // namespace scanferry::tests
