// SPDX-License-Identifier: Apache-2.0
#include "agent/agent.hpp"

#include <algorithm>
#include <exception>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>

namespace scanferry::firmware {
namespace {

/// Of what devices send to us: nothing is held until a PDU is whole, so that longer ones cost nothing.
constexpr std::uint32_t kPduBytesMax = 128 * 1024;

}  // namespace

Agent::Agent(platform::Platform platform, AgentConfig config)
    : platform_{std::move(platform)}, config_{std::move(config)}, changed_{platform_.clock.make_event()} {}

Agent::~Agent() = default;

void Agent::spawn(platform::Task<void> task) {
  ++running_;
  boost::asio::co_spawn(executor_, std::move(task), [this](std::exception_ptr escaped) {
    if (escaped) std::terminate();  // no exception crosses a function of ours
    --running_;
    changed_->notify();
  });
}

platform::Task<Result<void>> Agent::run() {
  executor_ = co_await boost::asio::this_coro::executor;
  if (auto begun = co_await begin(); !begun) co_return begun;
  if (!stopping_) start_all();
  co_await wait_for_end();
  log(platform::LogLevel::info, "stopped");
  co_return Result<void>{};
}

platform::Task<Result<void>> Agent::begin() {
  const auto open = [this] { return Spool::open(platform_, config_.spool, Spool::Role::owner); };
  auto spool = co_await platform_.storage.run(open);
  if (!spool) co_return std::unexpected{spool.error()};
  spool_ = std::move(*spool);
  if (const auto& why = spool_->ledger().set_aside_because(); !why.empty()) {
    log(platform::LogLevel::error, text("the ledger was damaged and is made again from the objects: ", why));
  }
  std::vector<std::string> names;
  for (const auto& destination : config_.destinations) names.push_back(destination.name);
  const auto recover = [this, &names] { return spool_->recover(names); };
  const auto recovered = co_await platform_.storage.run(recover);
  if (!recovered) co_return std::unexpected{recovered.error()};
  tell_recovered(*recovered);
  const auto count = [this] { return spool_->ledger().counts(); };
  const auto counts = co_await platform_.storage.run(count);
  if (!counts) co_return std::unexpected{counts.error()};
  warn_of_strangers(*counts);
  if (config_.listen.enabled) co_await prepare_listening();
  co_return Result<void>{};
}

/// What is wrong with the certificates can be mended while the rest goes on.
platform::Task<void> Agent::prepare_listening() {
  listening_ = std::make_unique<Route>(platform_, config_.listen.security, Side::listening);
  const auto prepared = co_await listening_->prepare();
  if (!prepared) log(platform::LogLevel::error, text(prepared.error().message, "; until that is mended nobody can connect to us"));
}

void Agent::tell_recovered(const Spool::Recovered& recovered) {
  if (recovered.removed != 0) log(platform::LogLevel::info, text("removed ", recovered.removed, " unfinished files; their sources are taken again"));
  if (recovered.closed != 0) log(platform::LogLevel::warning, text("closed ", recovered.closed, " interrupted acquisitions with the frames that were safe"));
  if (recovered.adopted != 0) log(platform::LogLevel::warning, text("found ", recovered.adopted, " objects that the ledger did not know; they are queued"));
  if (recovered.missing != 0) log(platform::LogLevel::error, text(recovered.missing, " objects are missing from the spool or cut short; see 'scanferry queue list --state held'"));
  for (const auto& problem : recovered.problems) log(platform::LogLevel::error, text("cannot be mended now: ", problem, "; the rest goes on"));
}

void Agent::warn_of_strangers(const std::vector<DestinationCount>& counts) {
  for (const auto& count : counts) {
    const auto is_it = [&count](const DestinationConfig& d) { return d.name == count.destination; };
    if (count.state != core::DeliveryState::pending || std::ranges::any_of(config_.destinations, is_it)) continue;
    log(platform::LogLevel::warning, text(count.deliveries, " objects wait for destination '", count.destination,
                                          "', which the config does not have (any more)"));
  }
}

void Agent::start_all() {
  const auto wake = [this] { wake_pushers(); };
  for (const auto& destination : config_.destinations) {
    auto& pusher = *pushers_.emplace_back(std::make_unique<Pusher>(platform_, *spool_, config_, destination));
    for (std::size_t lane = 0; lane < destination.associations; ++lane) spawn(pusher.run(lane));
    if (config_.echo_interval > core::Millis{0}) {
      spawn(healths_.emplace_back(std::make_unique<Health>(platform_, config_, pusher))->run());
    }
  }
  for (const auto& watch : config_.watches) {
    spawn(folders_.emplace_back(std::make_unique<WatchedFolder>(platform_, *spool_, config_, watch, wake))->run());
  }
  if (config_.listen.enabled) start_listener();
  housekeeping_ = std::make_unique<Housekeeping>(platform_, *spool_, config_);
  spawn(housekeeping_->run());
  log(platform::LogLevel::info, text("running as ", config_.aet.view(), ", ", config_.destinations.size(), " destinations, ",
                                     config_.watches.size(), " watched folders"));
}

void Agent::wake_pushers() {
  for (const auto& pusher : pushers_) pusher->wake();
}

void Agent::start_listener() {
  ListenerOptions options;
  options.address = config_.listen.address;
  options.port = config_.listen.port;
  options.scp.title = config_.aet;
  AssociationListener::MakeServant make_servant;
  if (config_.listen.takes_objects) {
    static constexpr std::array kServed{dimse::CommandField::c_store};
    gateway_ = std::make_unique<Gateway>(platform_, *spool_, config_, [this] { wake_pushers(); });
    options.scp.acceptance = &gateway_->acceptance();
    options.scp.serves = kServed;
    options.scp.max_pdu_receive = kPduBytesMax;
    make_servant = [this](const Caller& caller) { return gateway_->make_servant(caller); };
  }
  const auto run = [this](platform::Task<void> task) { spawn(std::move(task)); };
  listener_ = std::make_unique<AssociationListener>(listening_->platform(), std::move(options), run, std::move(make_servant));
  spawn(listener_->run());
}

platform::Task<void> Agent::wait_for_end() {
  while (!stopping_ && running_ > 0) co_await changed_->wait_until(core::kNever);
  const auto patience = platform_.clock.now() + config_.stop_within;
  while (running_ > 0) {
    const bool notified = co_await changed_->wait_until(aborting_ ? core::kNever : patience);
    if (!notified) {
      log(platform::LogLevel::warning, "what is in flight does not end in time; what was being sent is sent again at the next start");
      abort();
    }
  }
}

void Agent::stop() {
  if (stopping_) {
    abort();
    return;
  }
  stopping_ = true;
  log(platform::LogLevel::info, "stopping");
  for (const auto& pusher : pushers_) pusher->stop();
  for (const auto& health : healths_) health->stop();
  for (const auto& folder : folders_) folder->stop();
  if (listener_) listener_->leave();
  if (housekeeping_) housekeeping_->stop();
  changed_->notify();
}

void Agent::abort() {
  aborting_ = true;
  for (const auto& pusher : pushers_) pusher->abort();
  if (listener_) listener_->stop();
  changed_->notify();
}

}  // namespace scanferry::firmware
