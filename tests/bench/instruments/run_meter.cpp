// SPDX-License-Identifier: Apache-2.0
// Runs a command and says what it took. A small program of its own: a child's peak memory counts what its parent had when it began.
#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>

extern char** environ;

namespace {

double seconds_of(const ::timeval& time) { return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6; }

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fputs("Usage: run_meter COMMAND...\nOne line of JSON behind what the command says.\n", stderr);
    return 2;
  }
  const auto began = std::chrono::steady_clock::now();
  ::pid_t child{};
  if (::posix_spawnp(&child, argv[1], nullptr, nullptr, argv + 1, environ) != 0) {
    std::perror(argv[1]);
    return 2;
  }
  int status{};
  ::rusage used{};
  if (::wait4(child, &status, 0, &used) != child) return 2;
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  std::printf("{\"seconds\": %.6f, \"user\": %.6f, \"system\": %.6f, \"peak_kib\": %ld}\n", took.count(), seconds_of(used.ru_utime),
              seconds_of(used.ru_stime), used.ru_maxrss);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
