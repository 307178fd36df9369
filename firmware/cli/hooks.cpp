// SPDX-License-Identifier: Apache-2.0
#include "cli/hooks.hpp"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <utility>

#include "cli/console.hpp"

extern char** environ;

namespace scanferry::firmware {
namespace {

constexpr std::size_t kChildrenMax = 8;
/// In the end commands that still wait are given so long.
constexpr core::Millis kEndPatience{10'000};
/// Nobody tells us that a child has ended.
constexpr core::Millis kLookAgain{50};

/// The process, or 0.
::pid_t start_shell(std::string command, std::vector<std::string> variables) {
  for (char** one = environ; *one != nullptr; ++one) variables.emplace_back(*one);
  std::vector<char*> environment;
  for (auto& one : variables) environment.push_back(one.data());
  environment.push_back(nullptr);
  std::string shell{"/bin/sh"};
  std::string flag{"-c"};
  char* const arguments[] = {shell.data(), flag.data(), command.data(), nullptr};
  // Our standard output is for results, and what we do with signals is our own affair.
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
  return is_started ? child : 0;
}

}  // namespace

void Hooks::note(Arrival arrival) {
  const std::scoped_lock lock{mutex_};
  arrivals_.push_back(std::move(arrival));
}

void Hooks::take_arrivals() {
  std::vector<Arrival> arrivals;
  {
    const std::scoped_lock lock{mutex_};
    arrivals = std::exchange(arrivals_, {});
  }
  for (auto& arrival : arrivals) {
    if (!commands_.object.empty()) {
      jobs_.push_back({commands_.object, {"SCANFERRY_FILE=" + arrival.path, "SCANFERRY_SOP_INSTANCE_UID=" + arrival.sop_instance_uid,
                                          "SCANFERRY_CALLING_AET=" + arrival.caller}});
    }
    if (commands_.study.empty()) continue;
    auto& study = studies_[arrival.study_instance_uid];
    study.last = clock_.now();
    ++study.objects;
    study.latest = std::move(arrival);
  }
}

/// Those that rest; in the end all.
void Hooks::end_studies() {
  const auto now = clock_.now();
  std::erase_if(studies_, [&](const auto& entry) {
    const auto& [uid, study] = entry;
    if (!finishing_ && now < study.last + commands_.study_rests) return false;
    jobs_.push_back({commands_.study, {"SCANFERRY_STUDY_INSTANCE_UID=" + uid, "SCANFERRY_FILE=" + study.latest.path,
                                       "SCANFERRY_OBJECTS=" + std::to_string(study.objects), "SCANFERRY_CALLING_AET=" + study.latest.caller}});
    return true;
  });
}

void Hooks::reap() {
  std::erase_if(children_, [](::pid_t child) { return ::waitpid(child, nullptr, WNOHANG) != 0; });
}

void Hooks::start_some() {
  while (!jobs_.empty() && children_.size() < kChildrenMax) {
    auto job = std::move(jobs_.front());
    jobs_.pop_front();
    if (const auto child = start_shell(job.command, std::move(job.variables)); child != 0) {
      children_.push_back(child);
    } else {
      print_error(text(job.command, ": could not be started"));
    }
  }
}

platform::Task<void> Hooks::run() {
  const auto pause = clock_.make_event();
  auto end = core::kNever;
  for (;;) {
    const bool is_last = finishing_;
    if (is_last && end == core::kNever) end = clock_.now() + kEndPatience;
    take_arrivals();
    end_studies();
    reap();
    start_some();
    if (is_last && (jobs_.empty() || clock_.now() >= end)) break;
    co_await pause->wait_until(clock_.now() + kLookAgain);
  }
  if (!jobs_.empty()) print_error(text(jobs_.size(), " commands were not run: those before them take too long"));
}

}  // namespace scanferry::firmware
