// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <thread>

namespace scanferry::platform {

/// A thread that no signal reaches: they are for the agent's thread, and no system call of this one is ever interrupted.
/// Throws std::system_error when the system has no more threads.
std::thread start_thread(std::move_only_function<void()> work);

}  // namespace scanferry::platform
