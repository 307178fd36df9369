// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include <scanferry/platform/pipe.hpp>

namespace scanferry::platform {

/// Standard input of the process.
Result<std::unique_ptr<PipeReader>> open_stdin();
/// Any descriptor that can be read in order; it is borrowed. Errors call it `name`.
Result<std::unique_ptr<PipeReader>> open_pipe(int descriptor, std::string name);

}  // namespace scanferry::platform
