// SPDX-License-Identifier: Apache-2.0
#include <scanferry/platform/sim/storage_thread.hpp>

namespace scanferry::platform::sim {
namespace {
/// Until another thread has taken up a job, at most.
constexpr std::uint64_t kHandOverMicrosMax = 60;
}  // namespace

Task<void> SimStorageThread::execute(StorageJob& job) {
  const auto id = world_.new_wait();
  jobs_.push_back({&job, id});
  start_next();
  (void)co_await world_.park(id, owner_, core::kNever);  // ends when the job has run; a job always ends
}

void SimStorageThread::start_next() {
  if (busy_ || jobs_.empty()) return;
  busy_ = true;
  const Micros pause{static_cast<std::int64_t>(world_.prng().below(kHandOverMicrosMax))};
  world_.after(pause, [this, session = session_] { run(session); });
}

void SimStorageThread::run(std::uint64_t session) {
  if (session != session_) return;  // the machine lost its power meanwhile
  const auto [job, done] = jobs_.front();
  jobs_.pop_front();
  (void)disk_.take_cost();
  running_ = true;
  job->run();
  running_ = false;
  if (disk_.dead()) return;  // nobody will hear of it
  const auto cost = disk_.take_cost();
  world_.after(cost, [this, session, id = done] {
    if (session != session_) return;
    busy_ = false;
    world_.wake(id, Wake::done);
    start_next();
  });
}

void SimStorageThread::drop() {
  jobs_.clear();
  ++session_;
  busy_ = false;
}

}  // namespace scanferry::platform::sim
