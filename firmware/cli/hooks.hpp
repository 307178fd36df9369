// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include <scanferry/platform/clock.hpp>
#include <scanferry/platform/task.hpp>

namespace scanferry::firmware {

/// A person's commands, empty where there is none.
struct HookCommands {
  std::string object;          ///< for each object
  std::string study;           ///< for each study, when nothing of it came for a while
  core::Millis study_rests{};  ///< the while

  [[nodiscard]] bool is_any() const { return !object.empty() || !study.empty(); }
};

/// What is run in a shell when objects arrive. What came over the network goes into its environment, never into the command. A few run
/// at a time, the others wait; what they print goes to our standard error.
class Hooks {
 public:
  struct Arrival {
    std::string path;
    std::string sop_instance_uid;
    std::string study_instance_uid;
    std::string caller;  ///< AE title
  };

  Hooks(platform::Clock& clock, HookCommands commands) : clock_{clock}, commands_{std::move(commands)} {}

  /// Something arrived. From any thread.
  void note(Arrival arrival);
  /// Runs what there is to run, until `finish`, and all that is then still due.
  platform::Task<void> run();
  void finish() { finishing_ = true; }

 private:
  struct Job {
    std::string command;
    std::vector<std::string> variables;
  };
  struct Study {
    core::Instant last;
    std::uint64_t objects{0};
    Arrival latest;
  };
  void take_arrivals();
  void end_studies();
  void reap();
  void start_some();

  platform::Clock& clock_;
  HookCommands commands_;
  std::mutex mutex_;  ///< of `arrivals_`
  std::vector<Arrival> arrivals_;
  std::map<std::string, Study> studies_;
  std::deque<Job> jobs_;
  std::vector<int> children_;
  bool finishing_{false};
};

}  // namespace scanferry::firmware
