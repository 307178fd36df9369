// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <type_traits>
#include <utility>

#include <scanferry/platform/store.hpp>
#include <scanferry/platform/task.hpp>

namespace scanferry::platform {

/// A piece of blocking work. It lives in the frame of the coroutine that awaits it.
class StorageJob {
 public:
  virtual void run() = 0;

 protected:
  ~StorageJob() = default;
};

/// The one thread on which disk and ledger work blocks, so that the agent's thread never does. Jobs run one at a time, in
/// the order in which they were given. An owner must not destroy a coroutine while its job is under way: stop the thread first.
class StorageThread {
 public:
  virtual ~StorageThread() = default;

  /// Runs `work()` on the storage thread and gives its result back on the agent's thread. `work` is taken by reference and
  /// must be a named variable: g++ 12 destroys capturing temporaries of a co_await expression twice.
  template <class Work>
  Task<std::invoke_result_t<Work&>> run(Work& work) {
    using Value = std::invoke_result_t<Work&>;
    struct Job final : StorageJob {
      explicit Job(Work& w) : work_{w} {}
      void run() override { value_.emplace(work_()); }
      Work& work_;
      std::optional<Value> value_;
    };
    Job job{work};
    co_await execute(job);
    co_return std::move(*job.value_);
  }

 protected:
  /// Resumes the caller on the agent's thread after `job.run()` returned on the storage thread.
  virtual Task<void> execute(StorageJob& job) = 0;
};

}  // namespace scanferry::platform
