// SPDX-License-Identifier: Apache-2.0
#include "thread.hpp"

#include <csignal>
#include <utility>

namespace scanferry::platform {
namespace {

class SignalsBlocked {
 public:
  SignalsBlocked() {
    ::sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;
  ~SignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  ::sigset_t before_{};
};

}  // namespace

std::thread start_thread(std::move_only_function<void()> work) {
  const SignalsBlocked blocked;  // a new thread inherits the mask
  return std::thread{std::move(work)};
}

}  // namespace scanferry::platform
