// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/awaitable.hpp>

namespace scanferry::platform {

/// A coroutine of the agent. It runs on the one thread of its Runtime; only the Agent spawns.
template <class T>
using Task = boost::asio::awaitable<T>;

}  // namespace scanferry::platform
