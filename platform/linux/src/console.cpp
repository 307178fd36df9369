// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <scanferry/platform/linux/console.hpp>

namespace scanferry::platform {

bool is_terminal(StandardStream stream) { return ::isatty(stream == StandardStream::output ? STDOUT_FILENO : STDERR_FILENO) == 1; }

}  // namespace scanferry::platform
