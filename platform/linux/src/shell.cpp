// SPDX-License-Identifier: Apache-2.0
#include <scanferry/platform/linux/shell.hpp>

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

extern char** environ;

namespace scanferry::platform {

std::optional<int> start_shell(const std::string& command, std::vector<std::string> variables) {
  for (char** one = environ; *one != nullptr; ++one) variables.emplace_back(*one);
  std::vector<char*> environment;
  for (auto& one : variables) environment.push_back(one.data());
  environment.push_back(nullptr);
  std::string shell{"/bin/sh"};
  std::string flag{"-c"};
  std::string line{command};
  char* const arguments[] = {shell.data(), flag.data(), line.data(), nullptr};
  // What we do with signals is our own affair.
  ::posix_spawn_file_actions_t files{};
  ::posix_spawnattr_t attributes{};
  ::posix_spawn_file_actions_init(&files);
  ::posix_spawn_file_actions_adddup2(&files, STDERR_FILENO, STDOUT_FILENO);
  ::posix_spawnattr_init(&attributes);
  ::sigset_t usual{};
  ::sigemptyset(&usual);
  ::sigaddset(&usual, SIGPIPE);
  ::posix_spawnattr_setsigdefault(&attributes, &usual);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
  ::pid_t child{};
  const bool is_started = ::posix_spawn(&child, shell.c_str(), &files, &attributes, arguments, environment.data()) == 0;
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&files);
  return is_started ? std::optional<int>{child} : std::nullopt;
}

bool has_ended(int process) { return ::waitpid(process, nullptr, WNOHANG) != 0; }

}  // namespace scanferry::platform
