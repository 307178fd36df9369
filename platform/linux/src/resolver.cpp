// SPDX-License-Identifier: Apache-2.0
#include "resolver.hpp"

#include <mutex>
#include <system_error>
#include <utility>

#include <boost/asio/post.hpp>

#include "system_error.hpp"
#include "thread.hpp"

namespace scanferry::platform {
namespace {

/// Names that are looked up at a time, each on its thread. So many come together only when a name server has been dead for a
/// while, and then one more would not be answered either.
constexpr std::size_t kLookupsMax = 16;

}  // namespace

/// The way back from the lookup threads, which may outlive the resolver.
struct Resolver::Door {
  std::mutex mutex;
  boost::asio::io_context* io;  ///< null: the resolver is gone
  std::size_t lookups{0};
};

struct Resolver::Question {
  std::string host;
  std::uint16_t port;
  Result<std::vector<SocketAddress>> answer;
};

Resolver::Resolver(boost::asio::io_context& io) : io_{io}, door_{std::make_shared<Door>()} { door_->io = &io; }

Resolver::~Resolver() {
  const std::lock_guard lock{door_->mutex};
  door_->io = nullptr;
}

Task<Result<std::vector<SocketAddress>>> Resolver::resolve(std::string host, std::uint16_t port, core::Instant deadline) {
  auto numeric = look_up(host, port, Lookup::numeric_only);
  if (numeric) co_return std::move(numeric);
  const auto question = std::make_shared<Question>();
  question->host = host;
  question->port = port;
  const auto answered = std::make_shared<AsioEvent>(io_);
  if (auto started = start(question, answered); !started) co_return std::unexpected{started.error()};
  if (!co_await answered->wait_until(deadline)) {
    co_return failure(Errc::timed_out, "resolve", host, "no name server answered in time");
  }
  co_return std::move(question->answer);
}

Result<void> Resolver::start(const std::shared_ptr<Question>& question, const std::shared_ptr<AsioEvent>& answered) {
  const std::lock_guard lock{door_->mutex};
  if (door_->lookups == kLookupsMax) {
    return failure(Errc::io, "resolve", question->host, "too many names wait for an answer from the name server");
  }
  // The event belongs to the agent's thread: the lookup's thread carries a weak reference there and never looks into it.
  auto work = [door = door_, question, waiter = std::weak_ptr{answered}]() mutable {
    question->answer = look_up(question->host, question->port, Lookup::names);
    const std::lock_guard inside{door->mutex};
    --door->lookups;
    if (door->io == nullptr) return;
    boost::asio::post(*door->io, [waiter = std::move(waiter)] {
      if (const auto event = waiter.lock()) event->notify();
    });
  };
  try {
    start_thread(std::move(work)).detach();
  } catch (const std::system_error& error) {
    return failure("start a thread to resolve", question->host, error.code().value());
  }
  ++door_->lookups;
  return {};
}

}  // namespace scanferry::platform
