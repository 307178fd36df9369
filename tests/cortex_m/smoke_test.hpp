// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace scanferry::tests {

/// Encodes an object, reads it back, and lets a session greet a PACS. Null, or what was not as it should be, with a line's end.
const char* smoke_test();

}  // namespace scanferry::tests
